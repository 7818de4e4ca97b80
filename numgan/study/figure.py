"""What the chapters share: their options, one style for their figures, one form for their tables.

Every chapter is a script, and a notebook: `numgan book --notebooks FOLDER` writes them all.

    python demos/05_optimal_discriminator.py                figures go to the folder figures/
    python demos/05_optimal_discriminator.py --show         ... or into a window
    python demos/05_optimal_discriminator.py --quick        shorter; its figures say "quick"
    python demos/05_optimal_discriminator.py --slides       figures in 16:9, a panel on each
    python demos/05_optimal_discriminator.py --exercises    its questions; nothing is computed
    python demos/05_optimal_discriminator.py --answers      ... with the answers
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NOTEBOOK = "ipykernel" in sys.modules
OPTIONS = "NUMGAN_CHAPTER"  # the environment's name of a notebook's options, such as --quick
# a notebook has no command line: its options are those that it was started with
GIVEN = os.environ.get(OPTIONS, "").split() if NOTEBOOK else sys.argv[1:]
QUICK = "--quick" in GIVEN
if not (NOTEBOOK or "--show" in sys.argv):
    # draws on no display; before matplotlib reads the name of some other backend
    os.environ["MPLBACKEND"] = "Agg"

import matplotlib
import numpy as np

from numgan.study.exercises import listing
from numgan.study.slides import DOTS as SLIDE_DOTS
from numgan.study.slides import WIDTH, slides
from numgan.trace.text import left

# The lines of Figure 1 of the GAN paper (data dotted, generator solid, discriminator dashed): they
# differ in grey too.
DATA = {"color": "black", "linestyle": (0, (1, 1.2)), "linewidth": 2.4}
MODEL = {"color": "#1b8a3a", "linestyle": "-", "linewidth": 1.8}
JUDGE = {"color": "#1f4fd8", "linestyle": "--", "linewidth": 1.8}
OTHER = {"color": "#d9660a", "linestyle": "-.", "linewidth": 1.8}
LEVEL = {"color": "0.55", "linestyle": (0, (6, 3)), "linewidth": 1.0}  # a value that is only a mark
LINES = [
    MODEL,
    JUDGE,
    OTHER,
    DATA,
    {"color": "#8c2d9e", "linestyle": (0, (8, 2, 1, 2, 1, 2)), "linewidth": 1.8},
    {"color": "0.6", "linestyle": "-", "linewidth": 3.0},
    {"color": "#b0221c", "linestyle": (0, (3, 1)), "linewidth": 1.4},
]

STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10,
    "legend.fontsize": 8.5,
    "figure.titlesize": 12,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.framealpha": 0.85,
    "legend.handlelength": 2.8,
    "savefig.dpi": 120,
    "figure.constrained_layout.use": True,
}

# a dozen roundings; the tolerance of the quadrature, and a margin; what rounding leaves of a long
# computation
ALLOWED = {"sum": 1e-14, "quadrature": 1e-10, "rounding": 1e-10}


def options() -> argparse.Namespace:
    """--show, --out, --quick and --slides. With --exercises or --answers the chapter ends here."""
    parser = argparse.ArgumentParser(
        description="A chapter of numgan: prints its numbers and draws its figures.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--show", action="store_true", help="open the figures in windows; do not save them"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("figures"),
        help="folder for the figures (default: figures)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few training steps and samples, to try it out"
    )
    parser.add_argument(
        "--slides",
        action="store_true",
        help="figures for a screen: 16:9, large type, one panel each",
    )
    parser.add_argument(
        "--exercises", action="store_true", help="show the exercises, and compute nothing"
    )
    parser.add_argument("--answers", action="store_true", help="the same with their answers")
    chosen = parser.parse_args(GIVEN)
    if chosen.exercises or chosen.answers:
        print(listing(Path(sys.argv[0]), chosen.answers))
        raise SystemExit
    matplotlib.rcParams.update(STYLE)
    return chosen


def panels(
    rows: int,
    columns: int,
    title: str,
    width: float = 11.0,
    height: float = 4.0,
    slides: Sequence[Sequence[int]] | None = None,
    **how,
):
    """A figure with a title, and its axes. With --quick it says so in its corner. `slides` are the
    panels that --slides puts on one slide, by their number, for panels that are read together."""
    import matplotlib.pyplot as plt

    drawing, axes = plt.subplots(rows, columns, figsize=(width, height), **how)
    drawing.slides = slides
    drawing.suptitle(title)
    if QUICK:
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "0.6"}
        place = 1 - 0.07 / width, 1 - 0.07 / height
        drawing.text(*place, "quick", ha="right", va="top", fontsize=9, color="0.35", bbox=box)
    return drawing, axes


def film(screen, picture, frames, hold: int = 10):
    """An animation of picture(frame) on a figure, the last frame held. The axes are laid out once,
    for the first frame: that is most of what a frame would cost."""
    from matplotlib.animation import FuncAnimation

    frames = list(frames)
    picture(frames[0])
    screen.draw_without_rendering()
    screen.set_layout_engine("none")
    held = [*frames, *[frames[-1]] * (1 if QUICK else hold)]
    return FuncAnimation(screen, picture, frames=held, interval=80)


def save(drawing, name: str, chosen: argparse.Namespace, animation=None) -> None:
    """Write figures/NAME.png, and figures/NAME.gif if there is an animation; or show them."""
    if chosen.show or NOTEBOOK:
        import matplotlib.pyplot as plt

        plt.show()
        return
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.slides and animation is None:
        for number, _ in enumerate(slides(drawing, drawing.slides), 1):
            path = chosen.out / f"{name}_slide_{number}.png"
            drawing.savefig(path, dpi=SLIDE_DOTS / WIDTH)
            print(f"\nfigure: {path}")
        return
    if animation is not None:
        animation.save(chosen.out / f"{name}.gif", writer="pillow", fps=12, dpi=80)
    drawing.savefig(chosen.out / f"{name}.png")  # the last frame, where the figure is the film's
    print(f"\nfigure: {chosen.out / f'{name}.png'}")
    if animation is not None:
        print(f"animation: {chosen.out / f'{name}.gif'}")


def heading(text: str) -> None:
    """A line above the rows of a table."""
    print(f"\n{text}\n{'':8}{'':52}{'computed':>20}{'exact':>20}   difference ≤ allowed")


def equal(label: str, what: str, computed: float, exact: float, by: str | float = "sum") -> None:
    """A row of a table: what equation `label` says, computed and exact. `by` is what may part them:
    the rounding of a "sum", a "quadrature", much "rounding", or, of a mean over samples, its
    standard error, four times."""
    difference = 0.0 if computed == exact else abs(float(computed) - float(exact))  # also inf = inf
    allowed, how = (ALLOWED[by], by) if isinstance(by, str) else (4 * by, "4 standard errors")
    mark = "" if difference <= allowed else "   WRONG"
    print(
        f"{label:8}{left(what, 52)}{computed:>20.13g}{exact:>20.13g}   {difference:.1e} ≤ "
        f"{allowed:.0e}  {how}{mark}"
    )


def below(label: str, what: str, small: float, large: float) -> None:
    """A row that claims an inequality."""
    mark = "" if small <= large else "   WRONG"
    print(f"{label:8}{left(what, 52)}{small:>20.13g} ≤ {large:.13g}{mark}")


def answer(number: int, text: str, holds: bool) -> None:
    """The answer to a prediction of the chapter's exercises, from what the chapter computed."""
    print(f"\nAnswer {number}. {text}{'' if holds else '   WRONG'}")


def line(low: float, high: float, points: int = 601) -> np.ndarray:
    """Points of the x axis."""
    return np.linspace(low, high, points)

"""One look for the pictures of the page. They have no paper of their own, and their ink is the
page's: light or dark.

Colours differ in lightness too: what is real is blue, what is generated orange.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from html import escape
from typing import Any

from numgan.agg import load_matplotlib
from numgan.html import address
from numgan.study.plots import figure

REAL, FAKE, THIRD = "#3a7fc1", "#e0782a", "#2a9a6c"
INK = "#010203"  # stands for the page's own colour of text until the picture is in the page
LOOK = {
    "svg.fonttype": "none",
    "svg.hashsalt": "numgan",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "font.size": 9,
    "axes.titlesize": 10,
    "legend.fontsize": 8,
    "lines.linewidth": 1.3,
    "grid.alpha": 0.15,
    "axes.unicode_minus": True,
    **dict.fromkeys(
        (
            "text.color",
            "axes.edgecolor",
            "axes.labelcolor",
            "axes.titlecolor",
            "xtick.color",
            "ytick.color",
            "grid.color",
        ),
        INK,
    ),
}
# the optimum, a mark
LEVEL: dict[str, Any] = {"color": INK, "linestyle": "--", "linewidth": 0.9, "alpha": 0.6}
# matplotlib's description of a file, which a picture in a page is not
UNSEEN = ("Date", "Creator", "Format", "Type")


@contextmanager
def look():
    """A context in which matplotlib draws in this look, not in the user's own."""
    load_matplotlib()
    from matplotlib import style

    with style.context(["default", LOOK]):
        yield


def axes(width: float = 4.4, height: float = 2.9):
    """Axes with a faint grid, in a figure of their own."""
    plane = figure(width, height).subplots()
    plane.grid(alpha=LOOK["grid.alpha"])
    return plane


def svg(drawing, says: str, name: str) -> str:
    """The figure as an element of the page; `says` is read out where it cannot be seen, `name`
    tells its ids apart.
    """
    content = io.StringIO()
    # dpi: of rasters in it
    drawing.savefig(content, format="svg", dpi=180, metadata=dict.fromkeys(UNSEEN))
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", content.getvalue())
    text = text[text.index("<svg") :].replace(
        "<svg", f'<svg role="img" aria-label="{escape(says)}"', 1
    )
    # ids that nothing refers to
    text = re.sub(r' id="\w+_\d+"', "", text.replace(INK, "currentColor"))
    return re.sub(r'(\bid="|"#|url\(#)', rf"\g<1>{name}-", text)


def png(drawing, dpi: int = 110) -> str:
    """The figure as the address of a PNG that the address itself contains."""
    content = io.BytesIO()
    drawing.savefig(content, format="png", dpi=dpi)
    return address(content.getvalue())

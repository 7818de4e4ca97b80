"""The common style of the page's pictures. Their background is transparent, and their lines have
the page's colour of text: light or dark.

Colours differ in lightness too: real data are blue, generated samples orange.
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
INK = "#010203"  # a placeholder for the page's colour of text
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
# no metadata, which are for files
UNSEEN = ("Date", "Creator", "Format", "Type")


@contextmanager
def look():
    """A context in which matplotlib draws in this style, not in the user's own."""
    load_matplotlib()
    from matplotlib import style

    with style.context(["default", LOOK]):
        yield


def axes(width: float = 4.4, height: float = 2.9):
    """Axes with a faint grid, in a new figure."""
    plane = figure(width, height).subplots()
    plane.grid(alpha=LOOK["grid.alpha"])
    return plane


def svg(drawing, says: str, name: str) -> str:
    """The figure as an SVG element of the page. Screen readers read `says`; `name` makes its ids
    unique.
    """
    content = io.StringIO()
    # dpi is for rasters inside
    drawing.savefig(content, format="svg", dpi=180, metadata=dict.fromkeys(UNSEEN))
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", content.getvalue())
    text = text[text.index("<svg") :].replace(
        "<svg", f'<svg role="img" aria-label="{escape(says)}"', 1
    )
    # unused ids
    text = re.sub(r' id="\w+_\d+"', "", text.replace(INK, "currentColor"))
    return re.sub(r'(\bid="|"#|url\(#)', rf"\g<1>{name}-", text)


def png(drawing, dpi: int = 110) -> str:
    """The figure as a data URL of a PNG."""
    content = io.BytesIO()
    drawing.savefig(content, format="png", dpi=dpi)
    return address(content.getvalue())

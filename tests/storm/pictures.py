"""Drawing takes nine tenths of a short run: here pictures are a line of bytes that depends on what
they show.
"""

from __future__ import annotations

import hashlib
import io
import pickle

KEPT: dict = {}


def draw_nothing() -> None:
    """Replace matplotlib's drawing, and the functions that ask for it, wherever they are found."""
    from matplotlib.figure import Figure

    from numgan.study import plots

    if KEPT:
        return
    KEPT[Figure, "savefig"] = Figure.savefig
    Figure.savefig = blank
    for name in dir(plots):
        if name.endswith(("_png", "_gif")):
            KEPT[plots, name] = getattr(plots, name)
            setattr(plots, name, digest(name))


def draw() -> None:
    """Put the real ones back."""
    for (owner, name), original in KEPT.items():
        setattr(owner, name, original)
    KEPT.clear()


def digest(name: str):
    """A stand-in for a function that draws: the name and a digest of what was to be drawn."""
    return lambda *shown, **options: (
        f"{name} {hashlib.sha256(pickle.dumps((shown, options))).hexdigest()}".encode()
    )


def blank(self, file, format="png", **options) -> None:
    """An empty picture in place of matplotlib's."""
    from PIL import Image

    if isinstance(file, io.TextIOBase):
        file.write(
            "<?xml version='1.0'?>\n<svg width='1pt' height='1pt' viewBox='0 0 1 1'></svg>\n"
        )
    else:
        Image.new("RGB", (1, 1)).save(file, "png")

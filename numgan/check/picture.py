"""An array as a picture: a cell for each entry, blue below zero, red above, the wrong ones framed.

SVG that a page contains, around an image of one pixel for each entry. Pillow is imported here
alone.
"""

from __future__ import annotations

from html import escape
from io import BytesIO

import numpy as np

from numgan.backend import Array
from numgan.check.finding import Arrays
from numgan.html import address

LONG = 64  # entries of an axis that are drawn
WIDE = 240.0  # of a picture, in CSS pixels
CELL = 28.0  # of an entry, at most
OUTLINES = 1500  # above this many edges the frame is one rectangle
BELOW, ZERO, ABOVE, LOST = (33, 102, 172), (247, 247, 247), (178, 24, 43), (60, 60, 60)


def window(shape: tuple[int, ...], worst: tuple[int, ...]) -> tuple[int | slice, ...]:
    """The index of what is drawn: at most two axes, the longest, and of them LONG entries around
    the worst.

    >>> window((2, 3, 100), (1, 2, 90))
    (1, slice(0, 3, None), slice(36, 100, None))
    """
    drawn = sorted(sorted(range(len(shape)), key=lambda k: -shape[k])[:2])

    def near(k: int) -> slice:
        low = max(0, min(worst[k] - LONG // 2, shape[k] - LONG))
        return slice(low, min(shape[k], low + LONG))

    return tuple(near(k) if k in drawn else worst[k] for k in range(len(shape)))


def extent(index: tuple[int | slice, ...], shape: tuple[int, ...]) -> str:
    """What is drawn of an array, in words; nothing if it is all of it.

    >>> extent(window((2, 3, 100), (1, 2, 90)), (2, 3, 100))
    '[1, :, 36:100] of (2, 3, 100)'
    """
    parts = []
    for each, size in zip(index, shape, strict=True):
        if isinstance(each, int):
            parts.append(str(each))
        else:
            whole = each.start == 0 and each.stop == size
            parts.append(":" if whole else f"{each.start}:{each.stop}")
    return "" if all(p == ":" for p in parts) else f"[{', '.join(parts)}] of {shape}"


def pictures(arrays: Arrays) -> list[tuple[str, str, float]]:
    """(name, SVG, the largest |entry| drawn) of analytic, numeric and their difference.

    The first two have one scale of colours, so that a factor between them is seen.
    """
    index = window(arrays.wrong.shape, arrays.worst)
    with np.errstate(all="ignore"):
        difference = arrays.analytic - arrays.numeric
    views = [np.atleast_2d(np.real(x)[index]) for x in (*arrays[:2], difference)]
    wrong, both = np.atleast_2d(arrays.wrong[index]), max(map(largest, views[:2]))
    named = zip(("analytic", "numeric", "difference"), views, strict=True)
    scales = (both, both, largest(views[2]))
    return [(name, svg(x, wrong, s, name), s) for (name, x), s in zip(named, scales, strict=True)]


def largest(x: Array) -> float:
    """The largest finite |entry|."""
    return float(np.abs(x[np.isfinite(x)]).max(initial=0))


def svg(x: Array, wrong: Array, scale: float, name: str) -> str:
    """The picture of a matrix, with a frame around the wrong entries."""
    rows, columns = x.shape
    width, height = (min(CELL, WIDE / count) for count in (columns, rows))
    size = f"{columns * width:.5g}", f"{rows * height:.5g}"
    says = f"{name}: {rows} × {columns} entries, {int(wrong.sum())} of them wrong"
    path = frame(wrong, width, height)
    return (
        f'<svg role="img" aria-label="{escape(says)}" viewBox="-2 -2 {float(size[0]) + 4:.5g} '
        f'{float(size[1]) + 4:.5g}" width="{float(size[0]) + 4:.5g}">'
        f'<image width="{size[0]}" height="{size[1]}" preserveAspectRatio="none" '
        f'style="image-rendering: pixelated" href="{address(png(x, scale))}"/>'
        f'<rect width="{size[0]}" height="{size[1]}" fill="none" stroke="#888"/>'
        f'<path d="{path}" fill="none" stroke="#fff" stroke-width="4"/>'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="2"/></svg>'
    )


def png(x: Array, scale: float) -> bytes:
    """A pixel for each entry: from blue at −scale through white to red at scale; grey if it is not
    finite.
    """
    from PIL import Image

    known = np.isfinite(x)
    part = np.clip(np.where(known, x, 0) / (scale or 1.0), -1, 1)[..., None]
    ends = np.where(part < 0, np.array(BELOW), np.array(ABOVE))
    colors = ZERO + np.abs(part) * (ends - np.array(ZERO))
    colors = np.where(known[..., None], colors, np.array(LOST))
    file = BytesIO()
    Image.fromarray(np.round(colors).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def frame(wrong: Array, width: float, height: float) -> str:
    """The SVG path between wrong entries and right ones, cells of width × height.

    >>> frame(np.array([[True, False]]), 10, 5)
    'M0 0H10M0 5H10M0 0V5M10 0V5'
    """
    padded = np.pad(wrong, 1).astype(int)
    across, down = np.diff(padded, axis=0)[:, 1:-1], np.diff(padded, axis=1)[1:-1]
    if np.count_nonzero(across) + np.count_nonzero(down) > OUTLINES:
        rows, columns = (np.flatnonzero(wrong.any(axis)) for axis in (1, 0))
        box = np.zeros_like(wrong)
        box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        return frame(box, width, height)
    edges = []
    for y, line in enumerate(across):
        edges += [f"M{a * width:.5g} {y * height:.5g}H{b * width:.5g}" for a, b in runs(line)]
    for x, line in enumerate(down.T):
        edges += [f"M{x * width:.5g} {a * height:.5g}V{b * height:.5g}" for a, b in runs(line)]
    return "".join(edges)


def runs(line: Array) -> list[tuple[int, int]]:
    """(start, end) of each run of entries that are not 0.

    >>> runs(np.array([0, 1, 1, 0, 1]))
    [(1, 3), (4, 5)]
    """
    steps = np.flatnonzero(np.diff(np.pad(line != 0, 1).astype(int)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]

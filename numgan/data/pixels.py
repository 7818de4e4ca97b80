"""The order of the axes of an array of images, and its levels of black and white."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.data.content import Content, quantity, require_finite
from numgan.data.pieces import pieces
from numgan.errors import InputError

CHANNELS = (1, 3, 4)  # grey, colour, colour with opacity
FEW = 16  # at most so many levels: white is the largest value that occurs
WHITES = {255: "8 bits", 1023: "10 bits", 4095: "12 bits", 16383: "14 bits", 65535: "16 bits"}


def image_content(
    x: Array, path: object, axes: str | None, ends: tuple[float, float] | None
) -> Content:
    """The images (R, H, W) or (R, H, W, C) of an array of three or four axes. The order of the axes
    and the range are the user's, or are guessed from shape and values. Raises InputError if the
    range cannot be guessed.

    >>> content = image_content(np.zeros((5, 3, 8, 8), dtype=np.uint8), "x.npy", None, None)
    >>> content.x.shape, content.white
    ((5, 8, 8, 3), 255)
    >>> print(content.account[1][1])
    NCHW of shape (5, 3, 8, 8), since the second has 3 channels (--axes says otherwise)
    """
    require_finite(x, path)
    order, why = (axes.upper(), "as --axes says") if axes else _guess_axes(x.shape)
    if len(order) != x.ndim:
        raise InputError(
            f"--axes {order} is for an array of {len(order)} axes: {path} has shape {x.shape}"
        )
    stored = x
    x = x.transpose([order.index(letter) for letter in ("NHW", "NHWC")[x.ndim - 3]])
    R, H, W, C = (*x.shape, 1)[:4]
    if axes is None and x.ndim == 3 and W in (3, 4) and min(R, H) > 2 * W:
        why += "; if it is one picture in colour, many are needed, NHWC"
    black, white, what = _find_range(x, path) if ends is None else (*ends, "as --range says")
    if ends is not None:
        _require_inside(x, path, ends)
    content = Content(x, black=black, white=white)
    shape = f"{H}×{W} pixels" + (f", {quantity(C, 'channel')}" if C != 1 else ", grey")
    content.note("images", f"{quantity(R, 'image')} of {shape}, {stored.dtype}")
    content.note(
        "axes",
        f"{order} of shape {stored.shape}, {why}" + ("" if axes else " (--axes says otherwise)"),
    )
    says = "" if ends else " (--range LOW,HIGH says otherwise)"
    content.note("range", f"{black:g} is black and {white:g} is white, {what}{says}")
    return content


def _guess_axes(shape: tuple[int, ...]) -> tuple[str, str]:
    """The order of the axes, and the reason: there are 1, 3 or 4 channels, and pictures are often
    square.
    """
    if len(shape) == 3:
        a, b, c = shape
        if a == b != c and c > a:
            return "HWN", "since the first two are equal"
        return "NHW", "the usual order"
    a, b, c, d = shape
    first, last = b in CHANNELS, d in CHANNELS
    if last and not (first and c == d and b != c):
        return "NHWC", f"the usual order, with {quantity(d, 'channel')} at the end"
    if first and (min(c, d) > b or c == d):
        return "NCHW", f"since the second has {quantity(b, 'channel')}"
    if a == b and c in CHANNELS:
        return "HWCN", "since the first two are equal"
    if b != c and c == d:
        return "NCHW", "since the last two are equal"
    return "NHWC", "the usual order"


def _find_range(x: Array, path: object) -> tuple[float, float, str]:
    """Black, white, and the reason, from the values that occur."""
    low, high, whole = _extent(x)
    if whole and low >= 0 and high > 1:
        if high <= FEW:
            return 0, high, "the largest value that occurs"
        for white, bits in WHITES.items():
            if high <= white:
                return 0, white, f"since the values are whole and from {low:g} to {high:g}, {bits}"
    elif whole and low == high == 0 and x.dtype.kind in "iu":
        return 0, 255, "since every value is 0"
    elif low >= 0 and high <= 1:
        return 0, 1, f"since the values are from {low:g} to {high:g}"
    elif low >= 0 and FEW < high <= 255:
        return 0, 255, f"since the values are from {low:g} to {high:g}"
    elif -1 <= low <= -0.1 and high <= 1:
        return -1, 1, f"since the values are from {low:g} to {high:g}"
    raise InputError(
        f"{path} has pixels from {low:g} to {high:g}: expected 0 to 1, −1 to 1 or 0 to 255 for "
        f"{x.dtype} images; "
        "say what is black and white with --range=BLACK,WHITE"
    )


def _require_inside(x: Array, path: object, ends: tuple[float, float]) -> None:
    """Raise InputError for pixels outside the range, which a generator that ends in tanh cannot
    reach.
    """
    low, high, _ = _extent(x)
    if low < ends[0] or high > ends[1]:
        raise InputError(
            f"{path} has pixels from {low:g} to {high:g}, outside --range {ends[0]:g},{ends[1]:g}: "
            "name a wider range, or clip them with numpy.clip"
        )


def _extent(x: Array) -> tuple[float, float, bool]:
    """The least and the largest value, and whether all are whole numbers."""
    low, high, whole = np.inf, -np.inf, True
    for piece in pieces(x):
        block = x[piece]
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        whole = whole and (block.dtype.kind in "biu" or bool((block == np.rint(block)).all()))
    return low, high, whole

"""Which axis of an array of images is which, and which of its numbers are black and white."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.data.content import Content, finite, number_of
from numgan.data.pieces import pieces
from numgan.errors import InputError

CHANNELS = (1, 3, 4)  # of grey, colour, and colour with opacity
FEW = 16  # so many levels are no 8 bits: white is the largest of them that occurs
WHITES = {255: "8 bits", 1023: "10 bits", 4095: "12 bits", 16383: "14 bits", 65535: "16 bits"}


def images(x: Array, path: object, axes: str | None, ends: tuple[float, float] | None) -> Content:
    """The images (R, H, W) or (R, H, W, C) of an array of three or four axes, their order and range
    as they were named or as the array shows them. Raises InputError where neither says."""
    finite(x, path)
    order, why = (axes.upper(), "as --axes says") if axes else guessed_axes(x.shape)
    if len(order) != x.ndim:
        raise InputError(
            f"--axes {order} is for an array of {len(order)} axes: {path} has shape {x.shape}"
        )
    stored = x
    x = x.transpose([order.index(letter) for letter in ("NHW", "NHWC")[x.ndim - 3]])
    R, H, W, C = (*x.shape, 1)[:4]
    if axes is None and x.ndim == 3 and W in (3, 4) and min(R, H) > 2 * W:
        why += "; if it is one picture in colour, many are needed, NHWC"
    black, white, what = ends_of(x, path) if ends is None else (*ends, "as --range says")
    if ends is not None:
        inside(x, path, ends)
    content = Content(x, black=black, white=white)
    shape = f"{H}×{W} pixels" + (f", {number_of(C, 'channel')}" if C != 1 else ", grey")
    content.say("images", f"{number_of(R, 'image')} of {shape}, {stored.dtype}")
    content.say(
        "axes",
        f"{order} of shape {stored.shape}, {why}" + ("" if axes else " (--axes says otherwise)"),
    )
    says = "" if ends else " (--range LOW,HIGH says otherwise)"
    content.say("range", f"{black:g} is black and {white:g} is white, {what}{says}")
    return content


def guessed_axes(shape: tuple[int, ...]) -> tuple[str, str]:
    """The order of the axes, and what in the shape shows it: channels are 1, 3 or 4, and pictures
    like to be square.
    """
    if len(shape) == 3:
        a, b, c = shape
        if a == b != c and c > a:
            return "HWN", "since the first two are equal"
        return "NHW", "the usual order"
    a, b, c, d = shape
    first, last = b in CHANNELS, d in CHANNELS
    if last and not (first and c == d and b != c):
        return "NHWC", f"the usual order, with {number_of(d, 'channel')} at the end"
    if first and (min(c, d) > b or c == d):
        return "NCHW", f"since the second has {number_of(b, 'channel')}"
    if a == b and c in CHANNELS:
        return "HWCN", "since the first two are equal"
    if b != c and c == d:
        return "NCHW", "since the last two are equal"
    return "NHWC", "the usual order"


def ends_of(x: Array, path: object) -> tuple[float, float, str]:
    """Black, white, and how they are known: by the values that occur."""
    low, high, whole = extent(x)
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


def inside(x: Array, path: object, ends: tuple[float, float]) -> None:
    """Raise InputError for pixels that are blacker than black or whiter than white, which no tanh
    reaches.
    """
    low, high, _ = extent(x)
    if low < ends[0] or high > ends[1]:
        raise InputError(
            f"{path} has pixels from {low:g} to {high:g}, outside --range {ends[0]:g},{ends[1]:g}: "
            "name a wider range, or clip them with numpy.clip"
        )


def extent(x: Array) -> tuple[float, float, bool]:
    """The least and the largest value, and whether all are whole numbers."""
    low, high, whole = np.inf, -np.inf, True
    for piece in pieces(x):
        block = x[piece]
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        whole = whole and (block.dtype.kind in "biu" or bool((block == np.rint(block)).all()))
    return low, high, whole

"""Arrays as text: small ones whole, to four digits of the largest entry."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from numgan.backend import Array

TALL = 16  # rows of an array that is shown whole, at most
WIDE = 72  # characters of a row, at most


def number(value: float, digits: int = 4) -> str:
    """0.1234, −1.2e−05: with this many significant digits, and a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def rows(array: Array) -> list[list[str]] | None:
    """The entries in rows; a vector is broken at the end of the line. None for an array that is too
    large.

    For an array of images, the rows of its last axis, one after the other.
    """
    array = np.asarray(array)
    if not 0 < array.size <= TALL * WIDE:
        return None
    largest = float(np.max(np.abs(array)))
    if 1e-3 <= largest < 1e5 or largest == 0.0:
        decimals = 1 if largest == 0 else max(3 - floor(log10(largest)), 0)
        texts = [f"{value:.{decimals}f}" for value in array.ravel()]
    else:
        texts = [f"{value:.3e}" for value in array.ravel()]
    texts = [text.replace("-", "−") for text in texts]
    fit = WIDE // (max(map(len, texts)) + 2)
    each = array.shape[-1] if array.ndim > 1 else fit
    lines = [texts[start : start + each] for start in range(0, len(texts), each)]
    return None if each > fit or len(lines) > TALL else lines


def entry(array: Array, at: tuple[int, ...]) -> str:
    """One entry with eight digits."""
    return number(float(np.asarray(array)[at]), 8)


def difference(value: float) -> str:
    """1.4e-17, or 0."""
    return f"{value:.1e}" if value else "0"


def summary(array: Array) -> str:
    """The description of an array that is too large to be shown, in English."""
    least, mean, most = (number(float(f(array))) for f in (np.min, np.mean, np.max))
    return f"least {least}, mean {mean}, largest {most}, ‖·‖ {number(float(np.linalg.norm(array)))}"


def shape(array: Array) -> str:
    """(3, 1), and the empty text for a scalar."""
    return str(np.shape(array)) if np.ndim(array) else ""

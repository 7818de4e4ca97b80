"""Reading large arrays a piece at a time: a mapped file is never copied whole."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from numgan.backend import Array

PIECE = 1 << 22  # bytes that a piece takes in float64


def pieces(x: Array) -> Iterator[slice]:
    """Slices of rows that together cover x. After each slice, the pages of a mapped file are
    released.

    >>> x = np.zeros((3, PIECE // 8 // 2))
    >>> list(pieces(x))
    [slice(0, 2, None), slice(2, 4, None)]
    """
    step = max(1, PIECE // (8 * max(1, prod(x.shape[1:]))))
    for start in range(0, len(x), step):
        yield slice(start, start + step)
        release_pages(x)


def release_pages(x: Array) -> None:
    """Release the memory pages of a mapped file; do nothing if x lies in memory.

    >>> x = np.ones(3)
    >>> release_pages(x)
    >>> x
    array([1., 1., 1.])
    """
    base = x
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


class Digest:
    """SHA-256 over arrays, equal to `numgan.checkpoint.checksum` if the names come in their order.

    >>> one, same, other = (Digest().update("x", np.array(x)) for x in ([1, 2], [1, 2], [2, 1]))
    >>> one == same, one == other
    (True, False)
    """

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def update(self, name: str, x: Array, dtype: np.dtype | str | None = None) -> str:
        """Add an array, converted to the dtype, and return the digest so far."""
        kind = np.dtype(x.dtype if dtype is None else dtype)
        self.hash.update(f"{name} {kind.str} {x.shape} ".encode())
        for piece in pieces(x):
            self.hash.update(np.ascontiguousarray(x[piece], dtype=kind).tobytes())
        return self.hash.hexdigest()


def column_sums(
    x: Array, of: Callable[[Array, Any], Array] = lambda piece, columns: piece
) -> Array:
    """Σ_n of(x_n) for each column, (dim,) float64, equal to the last bit to NumPy's sum of of(x)
    over axis 0.

    NumPy adds the rows of a C-ordered array one after the other, so a piece's rows are added to the
    running total. A column that is contiguous in memory is summed in pairs, so it is taken whole.

    >>> column_sums(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [4.0, 6.0]
    >>> column_sums(np.array([[1.0, 2.0], [3.0, 4.0]]), lambda piece, columns: piece**2).tolist()
    [10.0, 20.0]
    """
    R, dim = x.shape
    if x.flags.f_contiguous:
        total = np.empty(dim)
        for j in range(dim):
            total[j] = of(x[:, j : j + 1].astype(np.float64), slice(j, j + 1)).sum(0)[0]
            release_pages(x)
        return total
    total = np.zeros((1, dim))
    for piece in pieces(x):
        block = of(x[piece].astype(np.float64), slice(None))
        total = np.concatenate([total, block]).sum(0, keepdims=True)
    return total[0]


def largest_magnitudes(x: Array) -> Array:
    """max_n |x_n| of each column, (dim,) float64.

    >>> largest_magnitudes(np.array([[1, -5], [-2, 4]])).tolist()
    [2.0, 5.0]
    """
    most = np.zeros(x.shape[1])
    for piece in pieces(x):
        most = np.maximum(most, np.abs(x[piece].astype(np.float64)).max(0))
    return most

"""Large arrays, a piece at a time: a file is mapped,
and is looked at without a copy of the whole."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from math import prod

import numpy as np

from numgan.backend import Array

PIECE = 1 << 22  # bytes that a piece takes in float64


def pieces(x: Array) -> Iterator[slice]:
    """Slices of rows that together are all of x. Pages of a mapped file go back to the system after
    each.
    """
    step = max(1, PIECE // (8 * max(1, prod(x.shape[1:]))))
    for start in range(0, len(x), step):
        yield slice(start, start + step)
        release(x)


def release(x: Array) -> None:
    """Let the system have the pages of a mapped file back; nothing where x lies in memory."""
    base = x
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


class Digest:
    """SHA-256 over arrays, to the bit that of `numgan.checkpoint.checksum` where the names come in
    their order.
    """

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def update(self, name: str, x: Array, dtype: np.dtype | str | None = None) -> str:
        """Take an array in, as if it were of the dtype, and give the digest so far."""
        kind = np.dtype(x.dtype if dtype is None else dtype)
        self.hash.update(f"{name} {kind.str} {x.shape} ".encode())
        for piece in pieces(x):
            self.hash.update(np.ascontiguousarray(x[piece], dtype=kind).tobytes())
        return self.hash.hexdigest()


def column_sums(x: Array, of=lambda piece, columns: piece) -> Array:
    """Σ_n of(x_n) for each column, (dim,) float64: to the last bit NumPy's own sum of of(x) over
    axis 0.

    NumPy adds the rows of a C-ordered array one after the other, so pieces of rows may be added to
    what is there. It sums a column that lies in one piece of memory in pairs, so that such a column
    is taken whole.
    """
    R, dim = x.shape
    if x.flags.f_contiguous:
        total = np.empty(dim)
        for j in range(dim):
            total[j] = of(x[:, j : j + 1].astype(np.float64), slice(j, j + 1)).sum(0)[0]
            release(x)
        return total
    total = np.zeros((1, dim))
    for piece in pieces(x):
        block = of(x[piece].astype(np.float64), slice(None))
        total = np.concatenate([total, block]).sum(0, keepdims=True)
    return total[0]


def largest(x: Array) -> Array:
    """max_n |x_n| of each column, (dim,) float64."""
    most = np.zeros(x.shape[1])
    for piece in pieces(x):
        most = np.maximum(most, np.abs(x[piece].astype(np.float64)).max(0))
    return most

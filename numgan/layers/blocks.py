"""Maps of images, a block of images at a time.

A convolution copies before it multiplies (patches, side by side) and after (taps, added up). What
is copied of 16 images is still in the processor's cache when the next line reads it; that of a
whole minibatch has left it. A GPU takes all images at once.

Blocks are independent, and NumPy lets other threads run while it copies and multiplies, so with
`threads(n)` n of them share the blocks: on two cores a product of two threads leaves one core idle
while the other copies. Blocks do not depend on n, and sums over them are taken in order, so the
numbers are the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from numgan.backend import Array, namespace

IMAGES = 16
pool: ThreadPoolExecutor | None = None


@contextmanager
def threads(n: int) -> Iterator[None]:
    """The context in which n threads share the blocks. BLAS should have one thread there.

    >>> with threads(2):
    ...     print(summed(lambda x, y: x @ y, np.ones(40), np.ones(40)))
    40.0
    """
    global pool
    before, pool = pool, ThreadPoolExecutor(n)
    try:
        yield
    finally:
        pool.shutdown()
        pool = before


def each(f: Callable[[slice], Any], blocks: list[slice]) -> Iterable[Any]:
    """f of every block, in order."""
    return map(f, blocks) if pool is None else pool.map(f, blocks)


def blocks(x: Array) -> list[slice]:
    """The images of each block.

    >>> blocks(np.zeros(20))
    [slice(0, 16, None), slice(16, 32, None)]
    """
    size = IMAGES if isinstance(x, np.ndarray) else max(len(x), 1)
    return [slice(start, start + size) for start in range(0, len(x), size)]


def joined(f: Callable[[Array], Array], x: Array) -> Array:
    """f(x) of an f that maps each image by itself.

    >>> joined(lambda x: 2 * x, np.arange(20))[-1]
    np.int64(38)
    """
    if len(blocks(x)) < 2:
        return f(x)
    first, *others = blocks(x)
    part = f(x[first])
    y = namespace(x).empty((len(x), *part.shape[1:]), part.dtype)
    y[first] = part

    def put(block: slice) -> None:
        y[block] = f(x[block])

    for _ in each(put, others):
        pass
    return y


def summed(f: Callable[[Array, Array], Array], x: Array, y: Array) -> Array:
    """f(x, y) of an f that is a sum over images.

    >>> summed(lambda x, y: x @ y, np.ones(20), np.ones(20))
    np.float64(20.0)
    """
    if len(blocks(x)) < 2:
        return f(x, y)
    return sum(each(lambda block: f(x[block], y[block]), blocks(x)))

"""Maps of images, a block of images at a time.

A convolution copies before it multiplies (patches, side by side) and after (taps, added up). What
is copied of 16 images is still in the processor's cache when the next line reads it; that of a
whole minibatch has left it. A GPU takes all images at once.

Inside `shared(n)` the blocks are done by n threads. NumPy lets another thread run while it copies
or multiplies, so n cores copy; the threads of BLAS can share the products alone. Each block is
computed as before, and sums are taken in the order of the blocks: the numbers are the same, to the
bit, for every n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any

import numpy as np

from numgan.backend import Array, namespace

IMAGES = 16
POOL: ContextVar[Executor | None] = ContextVar("pool", default=None)


@contextmanager
def shared(threads: int) -> Iterator[None]:
    """The context in which blocks are done by so many threads.

    >>> with shared(2):
    ...     joined(lambda x: 2 * x, np.arange(40))[-1]
    np.int64(78)
    """
    with ThreadPoolExecutor(threads) as pool:
        before = POOL.set(pool)
        try:
            yield
        finally:
            POOL.reset(before)


def each(f: Callable[[Any], Any], items: list) -> list:
    """f of every item, in order; by the threads of `shared`, in the caller's context (np.errstate).

    >>> each(abs, [-1, 2])
    [1, 2]
    """
    pool = POOL.get()
    if pool is None:
        return [f(item) for item in items]
    tasks = [pool.submit(copy_context().run, f, item) for item in items]
    return [task.result() for task in tasks]


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
    return namespace(x).concatenate(each(lambda block: f(x[block]), blocks(x)))


def summed(f: Callable[[Array, Array], Array], x: Array, y: Array) -> Array:
    """f(x, y) of an f that is a sum over images.

    >>> summed(lambda x, y: x @ y, np.ones(20), np.ones(20))
    np.float64(20.0)
    """
    if len(blocks(x)) < 2:
        return f(x, y)
    return sum(each(lambda block: f(x[block], y[block]), blocks(x)))

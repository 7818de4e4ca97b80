"""Maps of images, a block of images at a time.

A convolution copies before it multiplies (patches, side by side) and after (taps, added up). What
is copied of 16 images is still in the processor's cache when the next line reads it; that of a
whole minibatch has left it. A GPU takes all images at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array, namespace

IMAGES = 16


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
    for block in others:
        y[block] = f(x[block])
    return y


def summed(f: Callable[[Array, Array], Array], x: Array, y: Array) -> Array:
    """f(x, y) of an f that is a sum over images.

    >>> summed(lambda x, y: x @ y, np.ones(20), np.ones(20))
    np.float64(20.0)
    """
    if len(blocks(x)) < 2:
        return f(x, y)
    return sum(f(x[block], y[block]) for block in blocks(x))

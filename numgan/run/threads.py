"""How many threads the matrix products of a run may use.

NumPy's BLAS has a thread for every core. The products of small networks are done before a second
thread is awake, and beside another process all threads wait for the one that lost its core: ten
times as long, and more. So a run of small products takes one thread. In a run of images the cores
share blocks of images (numgan/layers/blocks.py), whose threads do not wait for each other inside a
product. Other large products are worth all threads, and there BLAS keeps its own choice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from math import prod
from typing import NamedTuple

import numpy as np

from numgan.errors import InputError
from numgan.layers.blocks import IMAGES, threads
from numgan.layers.convolution import Filter
from numgan.layers.layer import positive
from numgan.network import Network
from numgan.training import Training

SMALL = 2**25  # multiplications: half a millisecond of one core or less
CHOSEN = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def largest_product(network: Network, m: int) -> int:
    """Multiplications in the largest matrix product of a pass of m samples: each weight meets each
    sample, and in a convolution each pixel of the smaller image.

    >>> from numgan.architectures import mlp
    >>> largest_product(mlp([2, 128, 1]), m=256) == 256 * 2 * 128
    True
    """
    sizes = [m * weights(network, n) * pixels(network, n) for n in range(len(network.layers))]
    return max(sizes, default=0)


def weights(network: Network, n: int) -> int:
    """Entries of the largest parameter of layer n."""
    return max(map(prod, network.layers[n].parameters().values()), default=0)


def pixels(network: Network, n: int) -> int:
    """Of the smaller of the two images around layer n; 1 between rows."""
    return min(prod(shape[:-1]) for shape in network.shapes[n : n + 2])


def check_threads(threads: int | None) -> None:
    """Raise InputError for the user's own number that is none, or that cannot be set."""
    if threads is not None:
        positive(**{"--threads": threads})
        if not find_spec("threadpoolctl"):
            raise InputError("--threads needs threadpoolctl: pip install threadpoolctl")


class Threads(NamedTuple):
    """Of BLAS, and of the blocks of images; None leaves either its own choice."""

    blas: int | None = None
    blocks: int | None = None

    def __str__(self) -> str:
        if self == Threads():
            return "Matrix products take as many threads as BLAS chooses: --threads N takes N."
        what, n = ("Blocks of images", self.blocks) if self.blocks else ("Products", self.blas)
        return f"{what} take {n} thread{'s' if n != 1 else ''}: --threads N takes N."

    @contextmanager
    def limited(self) -> Iterator[None]:
        """The context in which they are taken."""
        with ExitStack() as stack:
            if self.blas:
                from threadpoolctl import threadpool_limits

                stack.enter_context(threadpool_limits(self.blas, user_api="blas"))
            if self.blocks:
                stack.enter_context(threads(self.blocks))
            yield


def chosen(training: Training, named: int | None, cores: int | None = None) -> Threads:
    """The user's own number. Else one thread for small products; for images the cores share their
    blocks, if there are enough of them; for other large products BLAS decides.
    """
    game, m = training.game, training.m
    images = any(isinstance(layer, Filter) for net in (game.G, game.D) for layer in net.layers)
    if not isinstance(training.theta_d, np.ndarray):
        return Threads()  # on a GPU
    if named is not None:
        return Threads(1, named) if images else Threads(named)
    if any(name in os.environ for name in CHOSEN) or not find_spec("threadpoolctl"):
        return Threads()
    if max(largest_product(network, m) for network in (game.G, game.D)) < SMALL:
        return Threads(1)
    cores = cores or os.cpu_count() or 1
    return Threads(1, cores) if images and m >= cores * IMAGES else Threads()

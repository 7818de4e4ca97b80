"""How many threads the matrix products of a run may use.

NumPy's BLAS has a thread for every core. The products of small networks are done before a second
thread is awake, and beside another process all threads wait for the one that lost its core: ten
times as long, and more. So a run of small products takes one thread. Large products are worth all
threads, and there BLAS keeps its own choice.
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
    """Of BLAS; None leaves it its own choice."""

    blas: int | None = None

    def __str__(self) -> str:
        if self.blas is None:
            return "Matrix products take as many threads as BLAS chooses: --threads N takes N."
        return (
            f"Products take {self.blas} thread{'s' if self.blas != 1 else ''}: --threads N takes N."
        )

    @contextmanager
    def limited(self) -> Iterator[None]:
        """The context in which they are taken."""
        with ExitStack() as stack:
            if self.blas:
                from threadpoolctl import threadpool_limits

                stack.enter_context(threadpool_limits(self.blas, user_api="blas"))
            yield


def chosen(training: Training, named: int | None) -> Threads:
    """The user's own number. Else one thread for small products; for large ones BLAS decides."""
    game, m = training.game, training.m
    if not isinstance(training.theta_d, np.ndarray):
        return Threads()  # on a GPU
    if named is not None:
        return Threads(named)
    if any(name in os.environ for name in CHOSEN) or not find_spec("threadpoolctl"):
        return Threads()
    largest = max(largest_product(network, m) for network in (game.G, game.D))
    return Threads(1 if largest < SMALL else None)

"""How many threads a run may use.

NumPy's BLAS has a thread for every core. The products of small networks are done before a second
thread is awake, and beside another process all threads wait for the one that lost its core: ten
times as long, and more. So a run of small products takes one thread. Large products of rows are
worth all threads, and there BLAS keeps its own choice. Convolutions copy as well as multiply: there
threads share the images (layers/blocks.py), and each multiplies with one thread of BLAS.
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
from numgan.game import Game
from numgan.layers.blocks import shared
from numgan.layers.layer import positive
from numgan.network import Network
from numgan.training import Training

SMALL = 2**25  # multiplications: half a millisecond of one core or less
FEW = 4  # threads at most that share images: a minibatch has few blocks
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


def of_images(game: Game) -> bool:
    """Whether a layer of G or D maps images."""
    return any(len(shape) == 3 for network in (game.G, game.D) for shape in network.shapes)


def cores() -> int:
    """The cores that this process may use."""
    ours = getattr(os, "sched_getaffinity", None)
    return len(ours(0)) if ours else os.cpu_count() or 1


def check_threads(threads: int | None) -> None:
    """Raise InputError for the user's own number that is none, or that cannot be set."""
    if threads is not None:
        positive(**{"--threads": threads})
        if not find_spec("threadpoolctl"):
            raise InputError("--threads needs threadpoolctl: pip install threadpoolctl")


class Threads(NamedTuple):
    """Of BLAS, where None leaves it its own choice; and those that share images."""

    blas: int | None = None
    images: int = 1

    def __str__(self) -> str:
        if self.blas is None:
            return "Matrix products take as many threads as BLAS chooses: --threads N takes N."
        if self.images > 1:
            return f"Images are shared by {self.images} threads: --threads N takes N."
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
            if self.images > 1:
                stack.enter_context(shared(self.images))
            yield


def chosen(training: Training, named: int | None) -> Threads:
    """The user's own number. Else one thread for small products; for large ones BLAS decides, or
    the cores share the images.
    """
    game, m = training.game, training.m
    if not isinstance(training.theta_d, np.ndarray):
        return Threads()  # on a GPU
    if named is not None:
        return Threads(1, named) if of_images(game) else Threads(named)
    if any(name in os.environ for name in CHOSEN) or not find_spec("threadpoolctl"):
        return Threads()
    if max(largest_product(network, m) for network in (game.G, game.D)) < SMALL:
        return Threads(1)
    return Threads(1, min(cores(), FEW)) if of_images(game) else Threads()

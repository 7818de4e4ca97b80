"""The hand-fused program of the benchmarks computes the library's numbers."""

from dataclasses import replace

import numpy as np
import pytest

from numgan.architectures import mlp
from numgan.game import Game
from numgan.layers import Tanh
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import PENALTIES
from numgan.training import Training
from tests.benchmarks.limit import Limit
from tests.benchmarks.workloads import WORKLOADS


class Fixed:
    def __init__(self, x):
        self.x = x

    def batch(self, m, rng):
        return self.x


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_limit_moves_theta_as_the_library_does(name):
    """In float64 the order of a sum changes the 16th digit. Adam divides by gradients of 1e-6 and
    more, so of steps of 2e-4 it leaves 1e-13 or less."""
    w = replace(WORKLOADS[name].resized(8, 12), k=min(WORKLOADS[name].k, 2))
    rng, x = np.random.default_rng(1), w.batch().astype("float64")
    G, D = mlp(w.G, last=[Tanh()] if w.tanh else []), mlp(w.D)
    theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
    start = theta_d.copy(), theta_g.copy()
    penalty = replace(PENALTIES[w.penalty], weight=w.weight) if w.penalty else None
    game = Game(G, D, OBJECTIVES[w.objective], penalty)
    limit = Limit(w, theta_d.copy(), theta_g.copy(), x, np.random.default_rng(2))
    adams = Adam(2e-4, 0.5), Adam(2e-4, 0.5)
    rng = np.random.default_rng(2)
    training = Training(game, Fixed(x), rng, theta_d, theta_g, *adams, m=w.m, k=w.k)
    for _ in range(3):
        training.iteration()
        limit.iteration()
    for ours, theirs, first in zip(
        (theta_d, theta_g), (limit.D.theta, limit.G.theta), start, strict=True
    ):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)
        assert np.abs(ours - first).max() > 2e-4  # it moved, by more than one step

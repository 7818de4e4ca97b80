"""Small games for the tests of this folder, at a random point and on a random minibatch."""

import numpy as np

from numgan.architectures import mlp_pair
from numgan.dynamics import GameField
from numgan.game import Game
from numgan.layers import ACTIVATIONS, BatchNorm, Dense, Dropout, SpectralNorm
from numgan.network import Network
from numgan.objectives import OBJECTIVES


def small(activation, normal=False):
    """Rows of 2 from latents of 2; `normal` adds batch norm and dropout to both players."""
    extra = [BatchNorm(4), Dropout(0.3)] if normal else []
    phi = ACTIVATIONS[activation]()
    G = Network([Dense(2, 4), *extra, phi, Dense(4, 2)], (2,))
    D = Network([Dense(2, 4), phi, *extra, Dense(4, 4), phi, Dense(4, 1)], (2,))
    return G, D


def spectral():
    return (
        Network([Dense(2, 3), ACTIVATIONS["tanh"](), Dense(3, 2)], (2,)),
        Network(
            [SpectralNorm(Dense(2, 4)), ACTIVATIONS["gelu"](), SpectralNorm(Dense(4, 1))], (2,)
        ),
    )


def conditional():
    return mlp_pair(2, (4,), 2, classes=2, activation="tanh")


def at_random(networks, objective="minimax", penalty=None, seed=0, m=5):
    """The field of the game and a point w, with no entry at its first value except those that
    layers remember.
    """
    (G, D), rng = networks, np.random.default_rng(seed)
    field = GameField(
        Game(G, D, OBJECTIVES[objective], penalty),
        rng.standard_normal((m, *D.input_shape)),
        rng.standard_normal((m, *G.input_shape)),
        seed=7,
    )
    w = np.concatenate([D.initial(rng, "float64"), G.initial(rng, "float64")])
    return field, w + 0.3 * rng.standard_normal(w.size) * field.free


def close(ours, exact, tol):
    """Relative to the largest entry: a matrix of second derivatives has no scale entry by entry."""
    scale = np.abs(exact).max()
    assert np.abs(ours - exact).max() <= tol * (scale if scale else 1.0)

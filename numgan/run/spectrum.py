"""E38 on a real run: leading eigenvalues of the game's Jacobian at the players' parameters, on a
fixed minibatch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import generator, to_host
from numgan.data import Dataset
from numgan.dynamics import GameField, Jacobian, leading
from numgan.training import Training

# R-passes, and eigenvalues to record
PRODUCTS, VALUES = 40, 20


def spectrum(training: Training, data: Dataset, rng: Any, device: str = "cpu") -> np.ndarray:
    """The VALUES eigenvalues of largest modulus that were found, complex (VALUES,), in float64; nan
    in the place of missing ones.

    The same rng gives the same minibatch and the same starting vector, so records can be compared.
    The host computes them, also for a training on a GPU; the data lie on the host.
    """
    x = data.sample(training.m, rng).astype("float64")
    z = to_host(training.latents(training.m, generator(device, rng))).astype("float64")
    field = GameField(training.game, x, z)
    w = np.concatenate([to_host(training.theta_d), to_host(training.theta_g)]).astype("float64")
    start = rng.standard_normal(field.size) * field.free
    found = leading(Jacobian(field, w), start, min(PRODUCTS, int(field.free.sum()))).values
    outermost = found[np.argsort(-abs(found), kind="stable")][:VALUES]
    return np.pad(outermost, (0, VALUES - len(outermost)), constant_values=np.nan)

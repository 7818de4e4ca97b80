"""The complex step (E48) as the other means: of the value as a function of a flat vector, by
forward passes alone.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import numpy as np

from numgan.backend import Array
from numgan.check.means.differences import complex_step, line, units
from numgan.trace.recorder import Pass
from numgan.trace.stage import Check

# A larger array is checked along one random direction, which involves every entry.
EACH = 48  # entries


def through(forward: Pass, theta: Array, x: Array, first: int = 0) -> Array:
    """y of a pass's layers from `first` on, for another θ and x, with the random numbers of that
    pass.
    """
    for call, P in list(zip(forward.calls, forward.network.views(theta), strict=True))[first:]:
        x, _ = call.layer.forward(P, x, *deepcopy(call.rng))
    return x


def by_complex_step(
    name: str,
    gradient: Array,
    f: Callable[[Array], Array],
    x: Array,
    chosen: Array | slice = slice(None),
) -> Check:
    """E48  ∂f/∂x_i = Im f(x + ih e_i)/h for the chosen i.

    The entries of `gradient` are the analytic derivatives.
    """
    indices = np.arange(x.size)[chosen]
    if indices.size <= EACH:
        other = [complex_step(line(f, x, u)) for u in units(x, indices)]
        return Check(name, "E48", gradient, np.reshape(other, gradient.shape))
    u = np.zeros(x.shape)
    u.flat[indices] = np.random.default_rng(0).standard_normal(indices.size)
    u /= np.linalg.norm(u)
    return Check(
        f"⟨{name}, u⟩",
        "E48",
        np.sum(gradient.ravel() * u.flat[indices]),
        complex_step(line(f, x, u)),
    )

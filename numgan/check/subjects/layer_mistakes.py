"""What the mistakes that only some layers allow would give: another draw, another group, an
attention that is held constant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.attention import attention_gradients
from numgan.check.means.differences import jacobian
from numgan.check.subjects.trial import Trial

DRAWS = 60  # as many other draws are tried
ANOTHER_DRAW = (
    "it is the gradient for another draw than forward's (another mask, another map): random "
    "numbers are drawn anew in backward"
)
ANOTHER_GROUP = "the groups are mixed up: each group of channels meets the kernel of another group"
Mistakes = dict[str, Array | Callable[[], Array]]


def mistakes_of_x(trial: Trial, y: Array, a: Array) -> tuple[Mistakes, dict[str, Array]]:
    """(mistakes, terms) of dx, of which the layer says a."""
    mistakes: Mistakes = {}
    if getattr(trial.layer, "random", False) and a.shape == trial.x.shape:
        mistakes[ANOTHER_DRAW] = lambda: nearest_draw(trial, a)
    mistakes |= {ANOTHER_GROUP: lambda: other_groups(trial)} if groups(trial) > 1 else {}
    known, terms = attention_gradients(trial.x, trial.P, y, trial.dy)
    return mistakes | known.get("x", {}), terms.get("x", {})


def mistakes_of_P(trial: Trial, number: int) -> Mistakes:
    """Mistakes of the gradient of parameter `number`."""
    y = trial.forward(trial.P, trial.x)[0]
    known, _ = attention_gradients(trial.x, trial.P, y, trial.dy)
    return {**known.get(str(number), {})}


def dx_of(trial: Trial) -> Array:
    """dx from the forward pass alone."""
    J = jacobian(next(trial.variables())[2], trial.x, trial.derive).value
    return np.tensordot(J, trial.dy, trial.dy.ndim)


def nearest_draw(trial: Trial, a: Array) -> Array:
    """For each sample the dx, among those of other draws, that is nearest to a."""
    draws = np.stack([dx_of(replace(trial, seed=trial.seed + k)) for k in range(1, DRAWS)])
    distance = np.abs(draws - a).reshape(*draws.shape[:2], -1).max(axis=2)
    return draws[distance.argmin(axis=0), np.arange(len(a))]


def groups(trial: Trial) -> int:
    """Into how many groups a kernel (K, K, C/G, O) cuts the channels of x; 1 where there is
    none.
    """
    W: Any = trial.P[0] if trial.P else np.zeros(0)
    C = trial.x.shape[-1]
    return C // W.shape[2] if W.ndim == 4 and W.shape[2] < C else 1


def other_groups(trial: Trial) -> Array:
    """dx with the kernel of each group at the next one."""
    W, *rest = trial.P
    return dx_of(replace(trial, P=(np.roll(W, W.shape[3] // groups(trial), axis=3), *rest)))

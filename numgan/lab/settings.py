"""What can be chosen in the lab: live settings, choices of a new game, and the lab's presets."""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.run.config import Config
from numgan.run.measure import LEAST

# of a game that runs; η of each player has a name of its own
SETTINGS = (
    "k",
    "k_g",
    "lr_d",
    "lr_g",
    "optimizer",
    "beta1",
    "batch",
    "objective",
    "penalty",
    "weight",
    "rule",
    "strength",
)
# of a game that begins
CHOICES = ("seed", "latent", "hidden", "activation", "activation_d", "pack")
# small enough for a thousand iterations a second on one core, and every mode of the ring is found
PLANE: dict[str, Any] = {
    "hidden": (64, 64),
    "activation": "relu",
    "activation_d": "leaky_relu",
    "batch": 128,
    "lr": 2e-3,
}
PRESETS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("ring", "grid", "swissroll", "moons", "drawn"), PLANE),
    "gaussian": {"batch": 128},
    "digits": {"hidden": (64, 128)},
}


def config_fields(chosen: dict[str, Any]) -> dict[str, Any]:
    """Settings and choices as the fields of a configuration: η of G is `lr`, a list of numbers a
    tuple. Raises InputError for a name that is neither.

        >>> config_fields({"lr_g": 0.01, "hidden": [8]})
        {'lr': 0.01, 'hidden': (8,)}
    """
    fields = {}
    for name, value in chosen.items():
        if name not in SETTINGS and name not in CHOICES:
            raise InputError(f"there is no setting {name!r}: {', '.join((*SETTINGS, *CHOICES))}")
        fields["lr" if name == "lr_g" else name] = (
            tuple(value) if isinstance(value, list) else value
        )
    return fields


def changed(config: Config, settings: dict[str, Any]) -> dict[str, Any]:
    """The fields of a configuration that live settings change. Raises InputError for a name that is
    none.

        >>> changed(Config("ring"), {"lr_g": 0.01})  # of G alone: D keeps its own
        {'lr': 0.01, 'lr_d': 0.001}

    Another rule has its own numbers; it moves both players at once, so k is 1; and one that is for
    plain steps alone brings them along.

        >>> changed(Config("ring", k=5), {"rule": "optimistic"})
        {'strength': None, 'horizon': None, 'k': 1, 'rule': 'optimistic'}
    """
    for name in settings:
        if name not in SETTINGS:
            raise InputError(f"there is no live setting {name!r}: {', '.join(SETTINGS)}")
    fields = config_fields({name: value for name, value in settings.items() if name != "k_g"})
    if "lr_g" in settings and "lr_d" not in settings and config.lr_d is None:
        fields["lr_d"] = config.lr
    if fields.get("penalty", config.penalty) != config.penalty:
        fields = {"weight": None, "every": 1, **fields}
    if fields.get("rule", config.rule) != config.rule:
        row = GAME_RULES.get(fields["rule"])
        fields = {"strength": None, "horizon": None} | ({"k": 1} if row else {}) | fields
        if row and row.plain:
            fields = {"optimizer": "sgd", **fields}
    return fields


def points_array(points: Any) -> np.ndarray:
    """Points drawn by hand as rows (n, 2) of float64. Raises InputError for fewer than LEAST, for
    what is not finite, and where they spread along one axis only."""
    try:
        x = np.array(points, dtype="float64")
    except (TypeError, ValueError):
        x = np.empty(0)
    if x.ndim != 2 or x.shape[1] != 2 or len(x) < LEAST or not np.isfinite(x).all():
        raise InputError(f"drawn data are at least {LEAST} points (x, y), all finite")
    if not (np.ptp(x, axis=0) > 0).all():
        raise InputError("drawn data must spread along both axes: draw more points")
    return x

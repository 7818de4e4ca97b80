"""The default choices for each data set. They were found by trial; the README has the results."""

from __future__ import annotations

from typing import Any

# An inactive ReLU in D blocks the gradient to G; a leaky one does not, and no mode is lost.
PLANE = {
    "hidden": (128, 128, 128),
    "activation": "relu",
    "activation_d": "leaky_relu",
    "batch": 256,
}

# R1 keeps D from memorising three thousand pictures; at every fourth step it costs little time.
# θ̄ averages few steps: batch norm's statistics are the newest, and would not fit older weights.
PICTURES = {
    "arch": "dcgan",
    "hidden": (64, 32),
    "latent": 64,
    "steps": 4_000,
    "batch": 64,
    "lr": 2e-4,
    "penalty": "r1",
    "weight": 1.0,
    "every": 4,
    "ema": 0.99,
}

PRESETS: dict[str, dict[str, Any]] = {
    "ring": {"steps": 25_000, **PLANE},
    "grid": {"steps": 50_000, **PLANE, "lr": 2e-3, "penalty": "r1", "weight": 0.03, "every": 4},
    "swissroll": {"steps": 20_000, **PLANE},
    "moons": {"steps": 20_000, **PLANE},
    "pinwheel": {"steps": 20_000, **PLANE},
    "gaussian": {
        "objective": "minimax",
        "steps": 20_000,
        "latent": 1,
        "hidden": (32, 32),
        "batch": 256,
    },
    # Digits are ten islands. A deep G crosses from one to the next in little of z. A weak R1 lets D
    # see what lies between them; R2, at the samples, is stronger: with it recall rose. With
    # --augment recall rose too, and precision fell.
    "digits": {
        "steps": 12_000,
        "latent": 16,
        "hidden": (256, 256, 256, 512),
        "batch": 64,
        "lr": 4e-4,
        "penalty": "r1,r2",
        "weight": (0.01, 0.2),
        "every": 4,
    },
    "file": {"columns": "auto"},  # and what the rows decide, plan.py
    "fashion": PICTURES,
    "fashion-small": PICTURES,
}


def preset(dataset: str, named: dict[str, Any]) -> dict[str, Any]:
    """The choices for a data set, without those for another penalty than the named one."""
    usual = PRESETS.get(dataset, {})
    if named.get("penalty", usual.get("penalty")) == usual.get("penalty"):
        return usual
    return {
        name: value for name, value in usual.items() if name not in ("penalty", "weight", "every")
    }

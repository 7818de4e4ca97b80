"""What each data set is trained with unless the user says otherwise. Found by trial; the README has the results."""

from __future__ import annotations

from typing import Any

# A ReLU in D blocks the gradient on its way to G where it is off; a leaky one does not, and no mode is lost.
PLANE = {"hidden": (128, 128, 128), "activation": "relu", "activation_d": "leaky_relu", "batch": 256}

PRESETS: dict[str, dict[str, Any]] = {
    "ring": {"steps": 25_000, **PLANE},
    "grid": {"steps": 40_000, **PLANE},
    "swissroll": {"steps": 20_000, **PLANE},
    "moons": {"steps": 20_000, **PLANE},
    "gaussian": {"objective": "minimax", "steps": 20_000, "latent": 1, "hidden": (32, 32), "batch": 256},
    "digits": {"steps": 20_000, "latent": 16, "hidden": (256, 512), "batch": 64, "lr": 2e-4, "lr_d": 5e-5},
}

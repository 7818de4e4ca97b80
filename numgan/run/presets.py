"""What each data set is trained with unless the user says otherwise. Found by trial; the README has the results."""

from __future__ import annotations

from typing import Any

RELU_3 = {"hidden": (128, 128, 128), "activation": "relu", "batch": 256}

PRESETS: dict[str, dict[str, Any]] = {
    "ring": {"steps": 30_000, **RELU_3},
    "grid": {"steps": 40_000, **RELU_3},
    "swissroll": {"steps": 20_000, **RELU_3},
    "moons": {"steps": 20_000, **RELU_3},
    "gaussian": {"objective": "minimax", "steps": 20_000, "latent": 1, "hidden": (32, 32), "batch": 256},
    "digits": {"steps": 20_000, "latent": 16, "hidden": (256, 512), "batch": 64, "lr": 2e-4, "lr_d": 5e-5},
}

"""What a run is: every choice that its numbers depend on, in one flat record that a JSON file holds."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from numgan.data import DATASETS
from numgan.errors import InputError
from numgan.layers import ACTIVATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, SCHEDULES

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Config:
    """The choices of a run. Raises InputError, naming the option, for a value that cannot be."""

    dataset: str
    data: str | None = None              # a path of the user's own data
    objective: str = "nonsaturating"
    steps: int = 20_000                  # iterations of Algorithm 1
    k: int = 1                           # D steps an iteration
    batch: int = 128                     # m
    lr: float = 1e-3                     # η of both players at the start
    lr_d: float | None = None            # η of D where it differs (two time scales)
    schedule: str = "linear"             # how η falls to 0 at the last step
    optimizer: str = "adam"
    beta1: float = 0.5                   # β₁ of Adam, β of momentum
    latent: int = 2                      # dimensions of z
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "leaky_relu"
    activation_d: str | None = None      # of D where it differs
    ema: float = 0.999                   # decay of the average θ̄_g
    seed: int = 0
    dtype: str = "float32"

    def __post_init__(self):
        for name in ("steps", "k", "batch", "latent"):
            whole(name, getattr(self, name), 1)
        whole("seed", self.seed, 0)
        for name, choices in (
            ("objective", OBJECTIVES), ("schedule", SCHEDULES), ("optimizer", OPTIMIZERS),
            ("activation", ACTIVATIONS), ("activation_d", (None, *ACTIVATIONS)), ("dtype", DTYPES),
        ):  # fmt: skip
            one_of(name, getattr(self, name), choices)
        for name, low, high in (("lr", 0, None), ("lr_d", 0, None), ("beta1", -1, 1), ("ema", 0, 1)):
            between(name, getattr(self, name), low, high)
        if not self.hidden:
            raise InputError("--hidden must name at least one layer width, for example 128,128")
        for width in self.hidden:
            whole("hidden", width, 1)
        if self.dataset not in DATASETS:
            raise InputError(f"unknown data set {self.dataset!r}; there are {', '.join(DATASETS)}")
        if DATASETS[self.dataset].needs_path != (self.data is not None):
            needs = "needs --data PATH" if self.data is None else "is no data of yours: leave --data out"
            raise InputError(f"the data set {self.dataset!r} {needs}")

    def json(self) -> str:
        """The record as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def read(path: Path) -> Config:
        """The record in a run's config.json. Raises InputError for a file that is missing or is no configuration."""
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            return Config(**{**fields, "hidden": tuple(fields["hidden"])})
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{path} is no configuration of a run: {error}") from None


def option(name: str) -> str:
    """The command line's name of a field."""
    return "--" + name.replace("_", "-")


def whole(name: str, value, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{option(name)} must be a whole number of at least {least}, got {value!r}")


def one_of(name: str, value, choices) -> None:
    if value not in choices:
        raise InputError(f"{option(name)} must be one of {', '.join(filter(None, choices))}, got {value!r}")


def between(name: str, value, low, high) -> None:
    """low ≤ value < high; None stands for a choice that was not made, or for no bound."""
    if value is None and name == "lr_d":
        return
    finite = isinstance(value, (int, float)) and isfinite(value)
    if not finite or value < low or (high is not None and value >= high):
        bound = f"at least {low}" + ("" if high is None else f" and below {high}")
        raise InputError(f"{option(name)} must be a finite number of {bound}, got {value!r}")

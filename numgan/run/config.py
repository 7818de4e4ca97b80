"""What a run is: every choice that its numbers depend on, in one flat record that a JSON file holds."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path

from numgan.backend import DEVICES, NOISE
from numgan.data import DATASETS
from numgan.errors import InputError
from numgan.layers import ACTIVATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, SCHEDULES
from numgan.penalties import PENALTIES

DTYPES = ("float32", "float64")
ARCHITECTURES = {
    "mlp": "dense layers",
    "dcgan": "convolutions, for images; --hidden are the channels of G's images",
}


@dataclass(frozen=True)
class Config:
    """The choices of a run. Raises InputError, naming the option, for a value that cannot be."""

    dataset: str
    data: str | None = None              # a path of the user's own data
    objective: str = "nonsaturating"
    smoothing: float = 0.0               # ε of one-sided label smoothing
    penalty: str | None = None           # on the slope of D
    weight: float | None = None          # λ or γ of the penalty, where it differs from the table's
    every: int = 1                       # the penalty at every n-th step of D, n times as strong
    clip: float | None = None            # keeps D's weights in [−clip, clip]
    pack: int = 1                        # how many samples D judges together
    steps: int = 20_000                  # iterations of Algorithm 1
    k: int = 1                           # D steps an iteration
    batch: int = 128                     # m
    lr: float = 1e-3                     # η of both players at the start
    lr_d: float | None = None            # η of D where it differs (two time scales)
    schedule: str = "linear"             # how η falls to 0 at the last step
    optimizer: str = "adam"
    beta1: float = 0.5                   # β₁ of Adam, β of momentum
    arch: str = "mlp"
    conditional: bool = False            # G is told a class, and D judges samples with their class
    latent: int = 2                      # dimensions of z
    hidden: tuple[int, ...] = (128, 128) # widths of G; D has them reversed
    activation: str = "leaky_relu"
    activation_d: str | None = None      # of D where it differs
    ema: float = 0.999                   # decay of the average θ̄_g
    spectrum: int = 0                    # record the game's eigenvalues every so many steps
    seed: int = 0
    dtype: str = "float32"
    device: str = "cpu"                  # where it was begun; it may go on elsewhere
    noise: str = "host"                  # where random numbers are drawn

    def __post_init__(self):
        for name in ("steps", "k", "batch", "latent", "every", "pack"):
            whole(name, getattr(self, name), 1)
        whole("seed", self.seed, 0, below=inf)
        whole("spectrum", self.spectrum, 0)
        for name, choices in (
            ("objective", OBJECTIVES), ("penalty", (None, *PENALTIES)), ("arch", ARCHITECTURES),
            ("schedule", SCHEDULES), ("optimizer", OPTIMIZERS),
            ("activation", ACTIVATIONS), ("activation_d", (None, *ACTIVATIONS)), ("dtype", DTYPES),
            ("device", DEVICES), ("noise", NOISE),
        ):  # fmt: skip
            one_of(name, getattr(self, name), choices)
        for name, low, high in (
            ("lr", 0, None), ("lr_d", 0, None), ("ema", 0, 1), ("smoothing", 0, 1),
            ("weight", 0, None), ("clip", 0, None),
        ):  # fmt: skip
            between(name, getattr(self, name), low, high)
        between("beta1", self.beta1, -1, 1, strict=True)  # at −1 the sums of momentum and Adam do not converge
        if self.penalty is None and (self.weight is not None or self.every > 1):
            raise InputError("--weight and --every are of a penalty: name one with --penalty")
        if self.noise == "device" and self.device == "cpu":
            raise InputError("--noise device is for --device cuda: on the CPU all numbers are the host's")
        if not self.hidden:
            raise InputError("--hidden must name at least one layer width, for example 128,128")
        for width in self.hidden:
            whole("hidden", width, 1)
        if self.dataset not in DATASETS:
            raise InputError(f"unknown data set {self.dataset!r}; there are {', '.join(DATASETS)}")
        if DATASETS[self.dataset].needs_path != bool(self.data):
            needs = "needs --data PATH" if not self.data else "is no data of yours: leave --data out"
            raise InputError(f"the data set {self.dataset!r} {needs}")

    def json(self) -> str:
        """The record as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    def matches(self, fields: dict) -> bool:
        """True where a record that a checkpoint holds is this one; a field that is older than it has its default."""
        usual = {field.name: field.default for field in dataclasses.fields(self)}
        return {**usual, **fields} == json.loads(self.json())

    @staticmethod
    def read(path: Path) -> Config:
        """The record in a run's config.json. Raises InputError for a file that is missing or is no configuration."""
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            return Config(**{**fields, "hidden": tuple(fields["hidden"])})
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise InputError(f"{path} is no configuration of a run: {error}") from None


def option(name: str) -> str:
    """The command line's name of a field."""
    return "--" + name.replace("_", "-")


def whole(name: str, value, least: int, below: float = 2**63) -> None:
    """Raise InputError unless the field is a whole number of at least `least`, and one that 64 bits can hold."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{option(name)} must be a whole number of at least {least}, got {value!r}")
    if value >= below:
        raise InputError(f"{option(name)} must be a whole number below 2⁶³, got {value!r}")


def one_of(name: str, value, choices) -> None:
    """Raise InputError unless the field has one of the choices."""
    if value not in choices:
        raise InputError(f"{option(name)} must be one of {', '.join(filter(None, choices))}, got {value!r}")


def between(name: str, value, low, high, strict: bool = False) -> None:
    """low ≤ value < high, low < value where that is strict; None stands for a choice not made, or for no bound."""
    if value is None and name in ("lr_d", "weight", "clip"):
        return
    finite = isinstance(value, (int, float)) and isfinite(value)
    if not finite or value < low or (strict and value == low) or (high is not None and value >= high):
        bound = ("above" if strict else "of at least") + f" {low}" + ("" if high is None else f" and below {high}")
        raise InputError(f"{option(name)} must be a finite number {bound}, got {value!r}")

"""The configuration of a run: all choices that its numbers depend on, in one flat record that is
stored as JSON.

Each option is defined in one place, its field: default, bounds and help. The parser and the checks
are made from the fields.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from numgan.backend import DEVICES, NOISE
from numgan.costs import COSTS
from numgan.data import DATASETS, Choices, require_dataset_name
from numgan.data.kinds import KINDS
from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.files import read_regular
from numgan.layers import ACTIVATIONS, AUGMENTATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, SCHEDULES
from numgan.penalties import PENALTIES
from numgan.run.options import (
    OneOf,
    Real,
    Reals,
    Several,
    Switch,
    Text,
    Whole,
    Widths,
    check_fields,
    option,
)

LONGEST = 1 << 20  # bytes of a config.json at most; a usual one has about a thousand
DTYPES = ("float32", "float64")
COUNTED = {"float32": 2**24, "float64": 2**53}  # the whole numbers that it has without a gap
ARCHITECTURES = {
    "mlp": "dense layers",
    "dcgan": "convolutions, for images; --hidden are the channels of G's images",
    "residual": "residual blocks without normalisation, for images; --hidden as for dcgan",
}

RULES = ("alternating", *GAME_RULES)
ACTIVATION = OneOf(ACTIVATIONS, {"lrelu": "leaky_relu", "swish": "silu"})
DEVICE = OneOf(DEVICES, {"gpu": "cuda"})


def check_weights(option: str, names: str | None, flag: str, weights: Any) -> None:
    """Raise InputError if there are weights, but not one for each name."""
    if names is None or weights is None:
        return
    count, needed = len(weights) if isinstance(weights, tuple) else 1, names.count(",") + 1
    if count != needed:
        raise InputError(
            f"{option} {names} takes {needed} weight{'s' * (needed > 1)}, got {count}: write "
            f"{flag} {','.join(['0.1'] * needed)}"
        )


def lines(table: dict[str, Any], says: Callable[[Any], str]) -> str:
    """The rows of a table as one help text, each with its aliases."""
    named = {name: " or ".join([name, *getattr(row, "aliases", ())]) for name, row in table.items()}
    return "; ".join(f"{named[name]}: {says(row)}" for name, row in table.items())


@dataclass(frozen=True)
class Config:
    """The choices of a run. Raises InputError, with the option's name, for a value that it cannot
    have.
    """

    dataset: str = option(
        dataclasses.MISSING,
        OneOf(
            DATASETS,
            {
                "gauss": "gaussian",
                "normal": "gaussian",
                "8gaussians": "ring",
                "25gaussians": "grid",
                "spiral": "swissroll",
                "two-moons": "moons",
                "fashion-mnist": "fashion",
                "mnist": "idx",
            },
        ),
        lambda: lines(DATASETS, lambda entry: entry.says) + "; a path is taken for --data",
        "DATASET",
    )
    data: str | None = option(
        None,
        Text(),
        "your own .npy, .npz, .csv, folder of pictures (one for each class), or MNIST's files",
        "PATH",
    )
    labels: str | None = option(
        None,
        Text(),
        "the classes of your rows: a column, an array of the .npz, or a file; none for no classes",
        "NAME",
    )
    array: str | None = option(None, Text(), "which array of an .npz has the data", "NAME")
    axes: str | None = option(
        None, Text(), "the order of the axes of images: NHWC, NCHW, HWN, …", "NHWC"
    )
    range: str | None = option(
        None,
        Text(),
        "the values of black and white, as in 0,255; where the first is negative, --range=-1,1",
        "B,W",
    )
    header: str | None = option(
        None, Text(), "whether the first line of a table has the columns' names", "yes|no"
    )
    separator: str | None = option(
        None,
        Text(),
        "what stands between the cells of a table: comma, semicolon, tab, space, pipe",
        "NAME",
    )
    decimal: str | None = option(
        None, Text(), "the mark before a fraction in a table: point, comma", "NAME"
    )
    index: str | None = option(
        None,
        Text(),
        "whether a table's first column numbers the rows, and is passed over",
        "yes|no",
    )
    mean: float | None = option(
        None, Real(-1e30, 1e30), "the mean of gaussian, in place of 1; it is then standardised", "μ"
    )
    std: float | None = option(
        None, Real(0, 1e30, strict=True), "its standard deviation, in place of 2", "σ"
    )
    columns: str | None = option(
        None,
        Text(),
        "what the columns of your rows are: auto finds it; NAME=KIND,… names some, of the kinds "
        f"{', '.join(KINDS)}; plain takes all for numbers",
        "NAME=KIND,…",
    )
    held: float | None = option(
        None,
        Real(0, 0.9),
        "the share of your rows that is never trained on, to measure samples by (default a fifth "
        "of few rows, a tenth of many)",
        "SHARE",
    )
    smooth: float = option(
        0.0,
        Real(0),
        "draw your rows with noise of H times their own covariance's root, so that D learns none "
        "by heart (default from the distance of neighbours)",
        "H",
    )
    objective: str = option(
        "nonsaturating",
        OneOf(OBJECTIVES, hints={"wgan-gp": "write --objective wasserstein --penalty wgan-gp"}),
        lambda: "what G minimises: " + lines(OBJECTIVES, lambda row: row.help),
    )
    smoothing: float = option(
        0.0, Real(0, 1), "the label of data is 1 − ε (one-sided smoothing)", "ε"
    )
    penalty: str | None = option(
        None,
        Several(OneOf(PENALTIES, {"gp": "wgan-gp"}, "none")),
        lambda: (
            "what D pays for its slope (E46), one or a sum as in r1,r2 (E55): "
            + lines(PENALTIES, lambda row: f"{row.says}, weight {row.weight:g}")
            + "; none"
        ),
    )
    weight: float | tuple[float, ...] | None = option(
        None,
        Reals(Real(0)),
        "weight λ (γ) of the penalty where it differs from the above; of several one for each",
        "λ,…",
        ("lambda", "gamma"),
    )
    every: int = option(1, Whole(1), "the penalty at every N-th step of D, N times as strong")
    cost: str | None = option(
        None,
        Several(OneOf(COSTS, {"weight-decay": "decay"}, "none")),
        lambda: (
            "what G pays beside its value (E55), one or a sum: "
            + lines(COSTS, lambda row: f"{row.says}, weight {row.weight:g}")
            + "; none"
        ),
    )
    cost_weight: float | tuple[float, ...] | None = option(
        None,
        Reals(Real(0)),
        "weight λ of the cost where it differs; of several one for each",
        "λ,…",
    )
    clip: float | None = option(
        None, Real(0), "keep the weights of D in [−C, C] (wasserstein)", "C"
    )
    augment: str | None = option(
        None,
        Several(OneOf(AUGMENTATIONS, {"cut": "cutout"}, "none")),
        lambda: (
            "random maps of all images that D judges, data and samples alike (L20), one or "
            f"several: {', '.join(AUGMENTATIONS)}; none"
        ),
    )
    instance_noise: float = option(
        0.0,
        Real(0),
        "noise on all that D judges, data and samples alike (L19): its standard deviation at the "
        "start, in units of the rows that D sees; it falls to 0 over the run",
        "σ",
    )
    pack: int = option(1, Whole(1), "D judges M samples together (PacGAN)", "M")
    rule: str = option(
        "alternating",
        OneOf(RULES, {"extraadam": "extragradient", "cgd": "competitive", "sga": "symplectic"}),
        lambda: (
            "how both players step: alternating, as Algorithm 1 does; or at once on one minibatch, "
            + "; ".join(f"{row.name}: {row.help}" for row in GAME_RULES.values())
        ),
    )
    strength: float | None = option(
        None, Real(0), "γ or α of the rule where it differs from the above", "γ"
    )
    horizon: int | None = option(None, Whole(1), "K of the rule where it differs", "K")
    steps: int = option(20_000, Whole(1), "iterations of Algorithm 1", also=("iterations",))
    k: int = option(1, Whole(1), "discriminator steps an iteration (E31)", "K", ("n-critic",))
    batch: int = option(128, Whole(1), "minibatch size m", "M", ("batch-size",))
    lr: float = option(
        1e-3, Real(0), "learning rate η of both players at the start", "η", ("learning-rate", "eta")
    )
    lr_d: float | None = option(
        None, Real(0), "learning rate of the discriminator where it differs (two time scales)", "η"
    )
    schedule: str = option(
        "linear", OneOf(SCHEDULES), lambda: f"how η falls to 0: {', '.join(SCHEDULES)}"
    )
    optimizer: str = option(
        "adam", OneOf(OPTIMIZERS, {"heavy-ball": "momentum"}), lambda: ", ".join(OPTIMIZERS)
    )
    beta1: float = option(  # at −1 the sums of momentum and Adam do not converge
        0.5, Real(-1, 1, strict=True), "β₁ of Adam, β of momentum", "β"
    )
    arch: str = option(
        "mlp", OneOf(ARCHITECTURES, {"dense": "mlp"}), lambda: lines(ARCHITECTURES, str)
    )
    conditional: bool = option(
        False,
        Switch(),
        "tell G a class and D the class of what it judges, where the data have labels",
    )
    latent: int = option(2, Whole(1), "dimensions of the latent z", also=("latent-dim", "z-dim"))
    hidden: tuple[int, ...] = option(
        (128, 128), Widths(), "hidden widths of G; D has them reversed"
    )
    activation: str = option(
        "leaky_relu", ACTIVATION, lambda: "of an mlp: " + ", ".join(ACTIVATIONS)
    )
    activation_d: str | None = option(
        None, ACTIVATION, "activation of the discriminator where it differs"
    )
    ema: float = option(
        0.999, Real(0, 1), "decay of the generator's moving average θ̄, 0 for none", "β"
    )
    spectrum: int = option(
        0,
        Whole(0),
        "record every N steps what the run says of its own convergence: leading eigenvalues of the "
        "game and of each player alone, ‖v‖ (E38), the duality gap (E62); draw spectrum.png with "
        "them and with the path-angle (E61)",
    )
    seed: int = option(0, Whole(0, below=inf), "same seed, same machine: the same bits", "S")
    dtype: str = option("float32", OneOf(DTYPES), ", ".join(DTYPES))
    device: str = option(
        "cpu", DEVICE, lambda: f"{', '.join(DEVICES)}; a run may be resumed on another"
    )
    noise: str = option(
        "host", OneOf(NOISE), lambda: "where random numbers are drawn: " + lines(NOISE, str)
    )

    def __post_init__(self) -> None:
        require_dataset_name(self.dataset)
        check_fields(self)
        self.choices()  # it refuses wrong choices
        if self.penalty is None and (self.weight is not None or self.every > 1):
            raise InputError("--weight and --every are of a penalty: name one with --penalty")
        if self.cost is None and self.cost_weight is not None:
            raise InputError("--cost-weight is of a cost of G: name one with --cost")
        check_weights("--penalty", self.penalty, "--weight", self.weight)
        check_weights("--cost", self.cost, "--cost-weight", self.cost_weight)
        self.check_rule()
        self.check_instance_noise()
        if self.noise == "device" and self.device == "cpu":
            raise InputError(
                "--noise device is for --device cuda: on the CPU all numbers are the host's"
            )
        if DATASETS[self.dataset].needs_path != bool(self.data):
            needs = (
                "needs --data PATH" if not self.data else "is no data of yours: leave --data out"
            )
            raise InputError(f"the data set {self.dataset!r} {needs}")
        if self.dataset != "gaussian" and (self.mean, self.std) != (None, None):
            raise InputError(
                f"--mean and --std are of gaussian: the data set {self.dataset!r} has its own"
            )
        if not self.data:
            self.choices().refuse_others(f"the data set {self.dataset!r}, which is read in one way")

    def check_rule(self) -> None:
        """Raise InputError for a choice that does not fit the rule."""
        row = GAME_RULES.get(self.rule)
        for name in ("strength", "horizon"):
            if getattr(self, name) is not None and (row is None or getattr(row, name) is None):
                having = [rule.name for rule in GAME_RULES.values() if getattr(rule, name)]
                raise InputError(
                    f"--rule {self.rule} has no --{name}; these have one: {', '.join(having)}"
                )
        if row is not None and self.k > 1:
            raise InputError(
                f"--rule {self.rule} moves both players at once, so --k must be 1, got {self.k}"
            )
        if row is not None and row.plain and self.optimizer != "sgd":
            raise InputError(
                f"--rule {self.rule} solves for a plain step, not for one of {self.optimizer}: add "
                f"--optimizer sgd"
            )

    def check_instance_noise(self) -> None:
        """Raise InputError where the noise would not fall to 0: its layer counts the steps of D in
        θ_d, and a number of this precision counts no further than `most`."""
        most = COUNTED[self.dtype]
        if self.instance_noise and self.steps * self.k > most:
            raise InputError(
                f"--instance-noise counts D's {self.steps * self.k:,} steps in {self.dtype}, which "
                f"goes to {most:,}: take fewer"
                + (", or --dtype float64" if self.dtype == "float32" else "")
            )

    def choices(self) -> Choices:
        """The user's choices about their own data."""
        return Choices(
            **{field.name: getattr(self, field.name) for field in dataclasses.fields(Choices)}
        )

    def json(self) -> str:
        """The record as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    def matches(self, fields: Any) -> bool:
        """True if the fields from a checkpoint equal this record. A field that is newer than the
        checkpoint has its default.
        """
        usual = {field.name: field.default for field in dataclasses.fields(self)}
        return isinstance(fields, dict) and {**usual, **fields} == json.loads(self.json())

    @staticmethod
    def read(path: Path) -> Config:
        """The record in a run's config.json. Raises InputError if the file is missing or is no
        configuration.
        """
        try:
            content = read_regular(path, LONGEST)
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        try:
            fields = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path} is no configuration of a run: {error}") from None
        return Config.of(fields, path)

    @staticmethod
    def of(fields: Any, path: Path) -> Config:
        """The record with these fields. Raises InputError, with the name of the file, if they are
        no configuration.
        """
        try:
            tuples = {name: tuple(v) for name, v in fields.items() if isinstance(v, list)}
            return Config(**{**fields, **tuples, "hidden": tuple(fields["hidden"])})
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise InputError(f"{path} is no configuration of a run: {error}") from None

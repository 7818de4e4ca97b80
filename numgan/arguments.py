"""What constructors ask of their arguments: each is refused in one line that says what was
expected."""

from __future__ import annotations

from math import inf, isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any

from numgan.errors import InputError

if TYPE_CHECKING:
    from numgan.training import Training

DRAWS = ("standard_normal", "random", "integers")  # all that training asks of a generator


def is_number(value: Any, low: float = -inf, below: float = inf) -> bool:
    """True for a finite real number, low ≤ value < below."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    return number and isfinite(value) and bool(low <= value < below)


def not_negative(**values: Any) -> None:
    """Raise InputError unless every value is a finite number of at least 0."""
    for name, value in values.items():
        if not is_number(value, 0):
            raise InputError(f"{name} must be a number of at least 0, got {value!r}")


def above_zero(**values: Any) -> None:
    """Raise InputError unless every value is a finite number above 0."""
    for name, value in values.items():
        if not is_number(value, 0) or value == 0:
            raise InputError(f"{name} must be a number above 0, such as 1e-5, got {value!r}")


def random_generator(rng: Any) -> None:
    """Raise InputError unless rng draws as NumPy's generators do; RandomState, of old, does not."""
    if not all(callable(getattr(rng, name, None)) for name in DRAWS):
        raise InputError(
            f"rng must be a generator such as numpy.random.default_rng(0), got {kind_of(rng)}"
        )


def vector(name: str, x: Any, size: int) -> None:
    """Raise InputError unless x is an array (size,) of real or complex numbers."""
    if not hasattr(x, "dtype") or x.shape != (size,) or x.dtype.kind not in "fc":
        raise InputError(f"{name} must be an array of floats, of shape ({size},), got {kind_of(x)}")


def kind_of(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{value.dtype} of shape {value.shape}"
    return "None" if value is None else f"a {type(value).__name__}"


def check_training(training: Training) -> None:
    """Raise InputError for the first argument of a training that does not fit the others."""
    t = training
    if not hasattr(t.game, "discriminator_step") or isinstance(t.game, type):
        raise InputError(f"game must be a Game(G, D, objective), got {kind_of(t.game)}")
    if not callable(getattr(t.data, "batch", None)) or isinstance(t.data, type):
        source = "a source such as Fresh(density) or Shuffled(rows)"
        raise InputError(f"data must be {source}, got {kind_of(t.data)}")
    random_generator(t.rng)
    vector("theta_d", t.theta_d, t.game.D.size)
    vector("theta_g", t.theta_g, t.game.G.size)
    if t.theta_bar is not None:
        vector("theta_bar", t.theta_bar, t.game.G.size)
        if t.theta_bar is t.theta_g:
            raise InputError("theta_bar is theta_g itself: an average needs an array of its own")
    if t.classes is not None and len(getattr(t.classes, "shape", ())) != 2:
        raise InputError(f"classes must be one-hot rows (R, K), got {kind_of(t.classes)}")
    if t.clip is not None:
        not_negative(clip=t.clip)
    if not is_number(t.average, 0, 1):
        raise InputError(f"average must be a number of at least 0 and below 1, got {t.average!r}")
    for player, theta in (("d", t.theta_d), ("g", t.theta_g)):
        optimizer = getattr(t, f"optimizer_{player}")
        if not hasattr(optimizer, "fits") or isinstance(optimizer, type):
            such = "an optimizer such as Adam(1e-3)"
            raise InputError(f"optimizer_{player} must be {such}, got {kind_of(optimizer)}")
        optimizer.fits(theta)
    if t.optimizer_d is t.optimizer_g:
        raise InputError("an optimizer belongs to one θ: give each player one of its own")

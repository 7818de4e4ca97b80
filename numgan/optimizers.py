"""How a vector moves along its gradient. Nothing here knows of a layer.

Each rule turns the gradient g of step t into a direction u, and θ moves in place: θ ← θ + η u to ascend, θ ← θ − η u
to descend. That sign is the only one in training. η may be a number or a schedule of the step count (below).
The arrays in `state` and the count t are all that an optimizer remembers; a checkpoint stores just these.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi
from typing import Any

import numpy as np

from numgan.arguments import is_number, kind_of, not_negative
from numgan.errors import InputError

Array = Any
SLICE = 65_536  # elements; a slice of θ, g and the state together stay in a processor's cache; a GPU takes all at once


class Optimizer:
    """The plain gradient: u = g.      SGD, or full-batch gradient descent and ascent."""

    remembers: tuple[str, ...] = ()  # names of the state arrays, each of the shape of θ and zero at the start
    theta: Array = None  # the θ of the training that it belongs to; what it remembers is no other's

    def __init__(self, eta: float | Callable[[int], float]):
        self.eta = eta if callable(eta) else constant(eta)
        self.t = 0
        self.state: dict[str, Array] = {}

    def ascend(self, theta: Array, g: Array) -> None:
        """θ ← θ + η u, in place (E31)."""
        self.move(theta, g, +self.rate())

    def descend(self, theta: Array, g: Array) -> None:
        """θ ← θ − η u, in place (E32)."""
        self.move(theta, g, -self.rate())

    def move(self, theta: Array, g: Array, signed_eta: float) -> None:
        """One step, slice by slice: every rule here is element-wise."""
        if getattr(theta, "shape", None) != getattr(g, "shape", ()):
            raise InputError(f"θ and g must be arrays of one shape, got {kind_of(theta)} and {kind_of(g)}")
        if not self.state:
            self.state = {name: 0 * theta for name in self.remembers}  # noqa: C420  (each an array of its own)
        self.t += 1
        size = SLICE if isinstance(theta, np.ndarray) else max(theta.size, 1)
        for start in range(0, theta.size, size):
            s = slice(start, start + size)
            theta[s] += signed_eta * self.direction(g[s], **{name: array[s] for name, array in self.state.items()})

    def direction(self, g: Array, *_: Any, **state: Any) -> Array:
        """u from g; updates the state arrays in place."""
        return g

    def rate(self) -> float:
        """η of the next step. Raises InputError where the schedule gives no finite number of at least 0."""
        if not is_number(eta := self.eta(self.t), 0):
            raise InputError(f"the learning rate of step {self.t} is {eta!r}: expected a finite number of at least 0")
        return eta

    def fits(self, theta: Array) -> None:
        """Raise InputError where it belongs to another θ, or remembers one of another shape."""
        if self.theta is not None and self.theta is not theta:
            raise InputError(f"an optimizer belongs to one θ: this {type(self).__name__} has another, make a new one")
        for name, array in self.state.items():
            if array.shape != theta.shape:
                raise InputError(f"{name} of this {type(self).__name__} is {kind_of(array)}: expected {theta.shape}")


class Momentum(Optimizer):
    """Heavy ball (Polyak 1964):  v ← βv + g,  u = v.      Nesterov's form looks ahead:  u = g + βv."""

    remembers = ("v",)

    def __init__(self, eta, beta: float = 0.9, nesterov: bool = False):
        super().__init__(eta)
        self.beta, self.nesterov = fraction(beta=beta), nesterov

    def direction(self, g, v):
        v *= self.beta
        v += g                                              # v ← βv + g
        return g + self.beta * v if self.nesterov else v


class RMSProp(Optimizer):
    """v ← ρv + (1−ρ)g²,  u = g/(√v + ε)      (Tieleman and Hinton 2012)."""

    remembers = ("v",)

    def __init__(self, eta, rho: float = 0.99, epsilon: float = 1e-8):
        super().__init__(eta)
        self.rho, self.epsilon = fraction(rho=rho), positive(epsilon)

    def direction(self, g, v):
        v *= self.rho
        v += (1 - self.rho) * g * g                         # v ← ρv + (1−ρ)g²
        return g / (v**0.5 + self.epsilon)


class Adam(Optimizer):
    """E36 (Kingma and Ba 2014, arXiv:1412.6980, Algorithm 1):

        m ← β₁m + (1−β₁)g        m̂ = m/(1−β₁ᵗ)
        v ← β₂v + (1−β₂)g²       v̂ = v/(1−β₂ᵗ)        u = m̂/(√v̂ + ε)
    """

    remembers = ("m", "v")

    def __init__(self, eta, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8):
        super().__init__(eta)
        self.beta1, self.beta2, self.epsilon = fraction(beta1=beta1), fraction(beta2=beta2), positive(epsilon)

    def direction(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g                           # m ← β₁m + (1−β₁)g
        v *= self.beta2
        v += (1 - self.beta2) * g * g                       # v ← β₂v + (1−β₂)g²
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        return m_hat / (v_hat**0.5 + self.epsilon)          # E36  u = m̂/(√v̂ + ε)


# ── schedules: η as a function of the number of steps already taken ──────────────────────────────────────────────


def constant(eta: float) -> Callable[[int], float]:
    """η at every step."""
    if not is_number(eta, 0):
        raise InputError(f"a learning rate must be a finite number of at least 0, got {eta!r}")
    return lambda t: eta


def linear(eta: float, steps: int, start: int = 0) -> Callable[[int], float]:
    """η until `start`, then a straight line down to 0 at `steps`."""
    constant(eta)
    not_negative(steps=steps, start=start)
    return lambda t: eta * min(max((steps - t) / max(steps - start, 1), 0.0), 1.0)


def cosine(eta: float, steps: int) -> Callable[[int], float]:
    """Half a cosine from η at 0 down to 0 at `steps`:  η (1 + cos(πt/T))/2      (arXiv:1608.03983)."""
    constant(eta)
    if not is_number(steps, 1):
        raise InputError(f"steps must be a number of at least 1, got {steps!r}")
    return lambda t: eta * (1 + cos(pi * min(t / steps, 1.0))) / 2


def fraction(**values: float) -> float:
    """The one value given, if it lies in (−1, 1), as a decay rate must for its sum to converge."""
    ((name, value),) = values.items()
    if not is_number(value) or not -1 < value < 1:
        raise InputError(f"{name} must lie between -1 and 1, got {value!r}")
    return value


def positive(epsilon: float) -> float:
    """ε, if it keeps the denominator from 0."""
    if not is_number(epsilon) or not epsilon > 0:
        raise InputError(f"epsilon must be above 0, got {epsilon!r}")
    return epsilon


SCHEDULES = {"constant": lambda eta, steps: constant(eta), "linear": linear, "cosine": cosine}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": Optimizer,
    "momentum": Momentum,
    "nesterov": lambda eta, **options: Momentum(eta, nesterov=True, **options),
    "rmsprop": RMSProp,
    "adam": Adam,
}

"""Update rules: how a vector moves along its gradient. This module knows no layers.

Each rule turns the gradient g of step t into a direction u, and θ moves in place: θ ← θ + η u to
ascend, θ ← θ − η u to descend. This is the only sign in training. η is a number or a schedule, a
function of the number of steps (below). An optimizer remembers only the arrays in `state` and the
count t; a checkpoint stores exactly these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, pi
from typing import Any

import numpy as np

from numgan.arguments import is_number, kind_of, not_negative
from numgan.backend import fused
from numgan.errors import InputError

Array = Any
SLICE = 65_536  # elements


class Optimizer:
    """The plain gradient: u = g.      SGD, or full-batch gradient descent and ascent.

    >>> theta = np.array([1.0, 2.0])
    >>> Optimizer(eta=0.5).descend(theta, np.array([1.0, -2.0]))
    >>> theta
    array([0.5, 3. ])
    """

    remembers: tuple[str, ...] = ()  # names of the state arrays, of the shape of θ, zero at first
    theta: Array = None  # the θ that it belongs to: its state is for no other

    def __init__(self, eta: float | Callable[[int], float]):
        self.eta = eta
        self.t = 0
        self.state: dict[str, Array] = {}

    @property
    def eta(self) -> Callable[[int], float]:
        """The schedule, a function of the number of steps. Set it to a number or to another; a
        checkpoint keeps the configuration's.

        >>> optimizer = Optimizer(eta=0.5)
        >>> optimizer.eta = 1e-3
        >>> optimizer.eta(7), optimizer.rate()
        (0.001, 0.001)
        """
        return self._eta

    @eta.setter
    def eta(self, eta: float | Callable[[int], float]) -> None:
        self._eta = eta if callable(eta) else constant(eta)

    def ascend(self, theta: Array, g: Array) -> None:
        """θ ← θ + η u, in place (E31)."""
        self.move(theta, g, +self.rate())

    def descend(self, theta: Array, g: Array) -> None:
        """θ ← θ − η u, in place (E32)."""
        self.move(theta, g, -self.rate())

    def move(self, theta: Array, g: Array, signed_eta: float) -> None:
        """One step, slice by slice: all rules here are element-wise."""
        if getattr(theta, "shape", None) != getattr(g, "shape", ()):
            raise InputError(
                f"θ and g must be arrays of one shape, got {kind_of(theta)} and {kind_of(g)}"
            )
        if not self.state:
            self.state = {name: 0 * theta for name in self.remembers}  # noqa: C420  separate arrays
        self.t += 1
        for s in slices(theta):
            state = {name: array[s] for name, array in self.state.items()}
            theta[s] += signed_eta * self.direction(g[s], **state)

    def direction(self, g: Array, *_: Any, **state: Any) -> Array:
        """u from g; updates the state arrays in place."""
        return g

    def follow(self, other: Optimizer) -> None:
        """Go on from what another of the same kind remembers."""
        self.t, self.state = other.t, other.state

    def rate(self) -> float:
        """η of the next step. Raises InputError where the schedule gives no finite number of at
        least 0.
        """
        if not is_number(eta := self.eta(self.t), 0):
            raise InputError(
                f"the learning rate of step {self.t} is {eta!r}: expected a finite "
                f"number of at least 0"
            )
        return eta

    def fits(self, theta: Array) -> None:
        """Raise InputError where it belongs to another θ, or remembers one of another shape."""
        if self.theta is not None and self.theta is not theta:
            raise InputError(
                f"an optimizer belongs to one θ: this {type(self).__name__} has "
                f"another, make a new one"
            )
        for name, array in self.state.items():
            if array.shape != theta.shape:
                raise InputError(
                    f"{name} of this {type(self).__name__} is {kind_of(array)}: "
                    f"expected {theta.shape}"
                )


class Momentum(Optimizer):
    """Heavy ball (Polyak 1964):  v ← βv + g,  u = v.      Nesterov's form looks ahead:  u = g + βv.

    >>> theta, ball = np.array([0.0]), Momentum(eta=1.0, beta=0.5)
    >>> for _ in range(2):
    ...     ball.ascend(theta, np.array([1.0]))
    >>> theta  # 1 + (½·1 + 1)
    array([2.5])
    """

    remembers = ("v",)

    def __init__(
        self, eta: float | Callable[[int], float], beta: float = 0.9, nesterov: bool = False
    ):
        super().__init__(eta)
        self.beta, self.nesterov = fraction(beta=beta), nesterov

    def direction(self, g: Array, v: Array) -> Array:
        v *= self.beta
        v += g  # v ← βv + g
        return g + self.beta * v if self.nesterov else v


class RMSProp(Optimizer):
    """v ← ρv + (1−ρ)g²,  u = g/(√v + ε)      (Tieleman and Hinton 2012).

    >>> theta = np.array([0.0])
    >>> RMSProp(eta=1.0, rho=0.75, epsilon=1.0).ascend(theta, np.array([2.0]))
    >>> theta  # v = ¼·4 = 1, u = 2/(1 + 1)
    array([1.])
    """

    remembers = ("v",)

    def __init__(
        self, eta: float | Callable[[int], float], rho: float = 0.99, epsilon: float = 1e-8
    ):
        super().__init__(eta)
        self.rho, self.epsilon = fraction(rho=rho), positive(epsilon)

    def direction(self, g: Array, v: Array) -> Array:
        v *= self.rho
        v += (1 - self.rho) * g * g  # v ← ρv + (1−ρ)g²
        return g / (v**0.5 + self.epsilon)


@fused
def adam(
    g: Array, m: Array, v: Array, beta1: float, beta2: float, scale: float, epsilon: float
) -> Array:
    """The sums moved by g, in place, and u: scale = √s₂/s₁, epsilon = √s₂ ε (E36, below).

    >>> g, m, v = np.array([3.0]), np.array([2.0]), np.array([4.0])
    >>> adam(g, m, v, 0.5, 0.75, 1.0, 0.0)  # β₁, β₂, scale, ε: (½·2 + 3)/√(¾·4 + 9)
    array([1.15470054])
    >>> m, v
    (array([4.]), array([12.]))
    """
    m *= beta1
    m += g  # m ← β₁m + g
    v *= beta2
    v += g * g  # v ← β₂v + g²
    return scale * m / (v**0.5 + epsilon)  # u = m̂/(√v̂ + ε)


class Adam(Optimizer):
    """E36 (Kingma and Ba 2014, arXiv:1412.6980, Algorithm 1):

        m ← β₁m + g        m̂ = m/s₁        s₁ = 1 + β₁ + … + β₁ᵗ⁻¹ = (1−β₁ᵗ)/(1−β₁)
        v ← β₂v + g²       v̂ = v/s₂        s₂ likewise                u = m̂/(√v̂ + ε)

    So m̂ is the mean of the past gradients, each with the weight β₁ to its age, and v̂ that of their
    squares. The paper keeps (1−β₁)m and divides by (1−β₁)s₁ = 1−β₁ᵗ: the same m̂, by one product
    more. The divisions by s are two numbers a step, and no passes over m and v of their own:
    u = (m/s₁)/(√v/√s₂ + ε) = (√s₂/s₁) m/(√v + √s₂ ε).
    A constant gradient has |u| = |g|/(|g| + ε): near 1 for |g| ≫ ε, and ½ at |g| = ε.

        >>> theta = np.array([0.0, 0.0])
        >>> Adam(eta=0.5).ascend(theta, np.array([3.0, -1000.0]))
        >>> theta.round(6)  # the first step is η in the direction of each sign
        array([ 0.5, -0.5])
    """

    remembers = ("m", "v")

    def __init__(
        self,
        eta: float | Callable[[int], float],
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ):
        super().__init__(eta)
        self.beta1, self.beta2 = fraction(beta1=beta1), fraction(beta2=beta2)
        self.epsilon = positive(epsilon)

    def direction(self, g: Array, m: Array, v: Array) -> Array:
        s1, root_s2 = sum_of_weights(self.beta1, self.t), sum_of_weights(self.beta2, self.t) ** 0.5
        scale, epsilon = root_s2 / s1, root_s2 * self.epsilon
        return adam(g, m, v, self.beta1, self.beta2, scale, epsilon)  # E36  u = m̂/(√v̂ + ε)

    def follow(self, other: Optimizer) -> None:
        """With another β the sums have other weights: m̂ and v̂ stay.

        >>> theta, before, after = np.zeros(1), Adam(1.0, beta1=0.5), Adam(1.0, beta1=0.75)
        >>> for _ in range(2):
        ...     before.ascend(theta, np.ones(1))
        >>> after.follow(before)
        >>> before.state["m"], after.state["m"]  # 1 + ½ and 1 + ¾, so that m̂ = 1
        (array([1.5]), array([1.75]))
        """
        assert isinstance(other, Adam)
        super().follow(other)
        for name, beta, before in (("m", self.beta1, other.beta1), ("v", self.beta2, other.beta2)):
            if self.state and beta != before:
                ratio = sum_of_weights(beta, self.t) / sum_of_weights(before, self.t)
                self.state = {**self.state, name: ratio * self.state[name]}


def sum_of_weights(beta: float, t: int) -> float:
    """1 + β + … + βᵗ⁻¹

    >>> sum_of_weights(0.5, 3)
    1.75
    """
    return (1 - beta**t) / (1 - beta)


def move_average(theta_bar: Array, theta: Array, beta: float) -> None:
    """θ̄ ← βθ̄ + (1−β)θ, in place: an exponential moving average.

    >>> theta_bar = np.array([4.0])
    >>> move_average(theta_bar, np.array([0.0]), beta=0.75)
    >>> theta_bar
    array([3.])
    """
    if beta == 0:
        theta_bar[...] = theta
        return
    for s in slices(theta):
        theta_bar[s] += (1 - beta) * (theta[s] - theta_bar[s])


def slices(theta: Array) -> Iterator[slice]:
    """All of θ, in parts that fit the processor's cache; on a GPU in one.

    >>> list(slices(np.zeros(3)))
    [slice(0, 65536, None)]
    """
    size = SLICE if isinstance(theta, np.ndarray) else max(theta.size, 1)
    for start in range(0, theta.size, size):
        yield slice(start, start + size)


# ── schedules: η as a function of the number of completed steps ──────────────────────────────────


def constant(eta: float) -> Callable[[int], float]:
    """η at every step. Raises InputError unless η is finite and not negative.

    >>> eta = constant(0.25)
    >>> eta(0), eta(99)
    (0.25, 0.25)
    """
    if not is_number(eta, 0):
        raise InputError(f"a learning rate must be a finite number of at least 0, got {eta!r}")
    return lambda t: eta


def linear(eta: float, steps: int, start: int = 0) -> Callable[[int], float]:
    """η until `start`, then linearly down to 0 at `steps`.

    >>> [linear(1.0, steps=4)(t) for t in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    constant(eta)
    not_negative(steps=steps, start=start)
    return lambda t: eta * min(max((steps - t) / max(steps - start, 1), 0.0), 1.0)


def cosine(eta: float, steps: int) -> Callable[[int], float]:
    """Half a cosine from η at 0 down to 0 at `steps`:  η (1 + cos(πt/T))/2      (arXiv:1608.03983).

    >>> [round(cosine(1.0, steps=4)(t), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    constant(eta)
    if not is_number(steps, 1):
        raise InputError(f"steps must be a number of at least 1, got {steps!r}")
    return lambda t: eta * (1 + cos(pi * min(t / steps, 1.0))) / 2


def fraction(**values: float) -> float:
    """The single value, if it is in (−1, 1): only then does the sum with this decay rate converge.

    >>> fraction(beta=0.9)
    0.9
    """
    ((name, value),) = values.items()
    if not is_number(value) or not -1 < value < 1:
        raise InputError(f"{name} must lie between -1 and 1, got {value!r}")
    return value


def positive(epsilon: float) -> float:
    """ε, if it is positive and so keeps the denominator from 0.

    >>> positive(1e-8)
    1e-08
    """
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

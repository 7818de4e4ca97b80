"""L2, the element-wise layers y = φ(x): one derivation for all of them, then each φ with its φ' and
φ''.

    y_n  = φ(x_n)
    dx_n = φ'(x_n) dy_n                          a y reaches V only through its own entry
    Ry   = φ'(x) Rx
    Rdx  = R{φ'(x) dy} = φ''(x) Rx dy + φ'(x) Rdy

The term with φ'' is 0 for ReLU and leaky ReLU, and for ELU at x > 0; for every other φ it must not
be forgotten. Each `phi` hands on what its derivatives are cheapest in; `dphi` and `ddphi` read that
cache and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi, sqrt

from numgan.backend import fused, namespace
from numgan.errors import InputError
from numgan.layers.functions import erf, expm1, sigmoids, softplus, step
from numgan.layers.layer import ANY_SHAPE, Layer


class Elementwise(Layer):
    """y = φ(x), any shape."""

    def phi(self, x):
        """φ(x) and the cache that dphi and ddphi read."""
        raise NotImplementedError

    def dphi(self, cache):
        """φ'(x)"""
        raise NotImplementedError

    def ddphi(self, cache):
        """φ''(x)"""
        raise NotImplementedError

    def forward(self, P, x):
        return self.phi(x)  # L2      y = φ(x)

    def backward(self, P, cache, dy):
        return self.dphi(cache) * dy  # dL2     dx = φ' dy

    def rforward(self, P, cache, RP, Rx):
        return self.dphi(cache) * Rx, Rx  # R{L2}   Ry = φ' Rx

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        Rx = Rcache
        return (
            self.ddphi(cache) * Rx * dy + self.dphi(cache) * Rdy
        )  # R{dL2}  Rdx = φ'' Rx dy + φ' Rdy

    @classmethod
    def examples(cls):
        return [(cls(), shape) for shape in ANY_SHAPE]


@fused
def relu(x):
    """φ(x) and its slope."""
    slope = step(x)
    return slope * x, slope


@fused
def leaky_relu(x, alpha, jump):
    """φ(x) and its slope, α or α + jump."""
    slope = step(x)
    slope *= jump
    slope += alpha
    return slope * x, slope


@dataclass(frozen=True)
class ReLU(Elementwise):
    """φ = max(x, 0)      φ' = [x > 0]      φ'' = 0.      Kink at 0: φ'(0) = 0."""

    bends = False

    def phi(self, x):
        return relu(x)

    def dphi(self, slope):
        return slope

    def ddphi(self, slope):
        return 0.0


@dataclass(frozen=True)
class LeakyReLU(Elementwise):
    """φ = x, or αx for x ≤ 0      φ' = 1, or α      φ'' = 0.      Kink at 0: φ'(0) = α."""

    alpha: float = 0.2
    bends = False

    def __post_init__(self):
        finite(alpha=self.alpha)

    def phi(self, x):
        return leaky_relu(x, self.alpha, 1 - self.alpha)

    def dphi(self, slope):
        return slope

    def ddphi(self, slope):
        return 0.0


@dataclass(frozen=True)
class ELU(Elementwise):
    """φ = x, or α(eˣ − 1) for x ≤ 0      φ' = 1, or αeˣ      φ'' = 0, or αeˣ.
    At 0: φ' = α, φ'' = α.
    """

    alpha: float = 1.0

    def __post_init__(self):
        finite(alpha=self.alpha)

    def phi(self, x):
        right = step(x)
        left = 1 - right
        below = expm1(left * x)  # eˣ − 1 on the left, 0 on the right
        return right * x + self.alpha * below, (right, self.alpha * left * (below + 1))

    def dphi(self, cache):
        right, exponential = cache
        return right + exponential

    def ddphi(self, cache):
        right, exponential = cache
        return exponential


@dataclass(frozen=True)
class Tanh(Elementwise):
    """φ = tanh x      φ' = 1 − y²      φ'' = −2y(1 − y²)."""

    def phi(self, x):
        y = namespace(x).tanh(x)
        return y, y

    def dphi(self, y):
        return 1 - y * y

    def ddphi(self, y):
        return -2 * y * (1 - y * y)


@dataclass(frozen=True)
class Sigmoid(Elementwise):
    """φ = σ(x)      φ' = σ(x)σ(−x)      φ'' = σ(x)σ(−x)(σ(−x) − σ(x))."""

    def phi(self, x):
        s, t = sigmoids(x)
        return s, (s, t)

    def dphi(self, cache):
        s, t = cache
        return s * t

    def ddphi(self, cache):
        s, t = cache
        return s * t * (t - s)


@dataclass(frozen=True)
class Softplus(Elementwise):
    """φ = log(1 + eˣ)      φ' = σ(x)      φ'' = σ(x)σ(−x)."""

    def phi(self, x):
        return softplus(x), x

    def dphi(self, x):
        return sigmoids(x)[0]

    def ddphi(self, x):
        s, t = sigmoids(x)
        return s * t


@dataclass(frozen=True)
class SiLU(Elementwise):
    """φ = x σ(x)      φ' = σ(x)(1 + x σ(−x))      φ'' = σ(x)σ(−x)(2 + x(σ(−x) − σ(x)))."""

    def phi(self, x):
        s, t = sigmoids(x)
        return x * s, (x, s, t)

    def dphi(self, cache):
        x, s, t = cache
        return s * (1 + x * t)

    def ddphi(self, cache):
        x, s, t = cache
        return s * t * (2 + x * (t - s))


@dataclass(frozen=True)
class GELU(Elementwise):
    """φ = x Φ(x)      φ' = Φ(x) + x n(x)      φ'' = (2 − x²) n(x).
        Exact form, arXiv:1606.08415.

    Φ(x) = (1 + erf(x/√2))/2 is the normal distribution function and n(x) = exp(−x²/2)/√(2π) its
    density, n' = −x n. erf is the series in functions.py, absolute error ≤ 1e−15.
    """

    def phi(self, x):
        Phi = (1 + erf(x / sqrt(2))) / 2
        return x * Phi, (x, Phi)

    def dphi(self, cache):
        x, Phi = cache
        return Phi + x * self.density(x)

    def ddphi(self, cache):
        x, Phi = cache
        return (2 - x * x) * self.density(x)

    def density(self, x):
        """n(x), the standard normal density."""
        return namespace(x).exp(-x * x / 2) / sqrt(2 * pi)


def finite(**values: float) -> None:
    """Raise InputError unless every value is a finite number."""
    for name, value in values.items():
        if not isinstance(value, (int, float)) or not isfinite(value):
            raise InputError(f"{name} must be a finite number, got {value!r}")


ACTIVATIONS = {
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "softplus": Softplus,
    "silu": SiLU,
    "gelu": GELU,
}

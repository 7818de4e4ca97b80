"""The special functions that activations and objectives share, stable in float32 and float64.

All of them run on complex numbers too, as the complex step (E48) asks: a branch is taken on the
real part, and what stands on each side of it is analytic.
"""

from __future__ import annotations

from math import exp, pi

from numgan.backend import Array, is_complex, namespace


def step(x: Array) -> Array:
    """1 where Re x > 0, else 0, in the precision of x. At the kink itself: 0."""
    if is_complex(x):
        x = x.real
    return (x > 0).astype(x.dtype)


def sigmoids(x: Array) -> tuple[Array, Array]:
    """The pair σ(x), σ(−x) = 1 − σ(x), each to full relative precision and without overflow.

    With e = exp(−|x|):  σ(|x|) = 1/(1 + e)  and  σ(−|x|) = e/(1 + e).
    """
    xp = namespace(x)
    positive = x.real > 0
    e = xp.exp(xp.where(positive, -x, x))
    large = 1 / (1 + e)
    small = e * large
    return xp.where(positive, large, small), xp.where(positive, small, large)


def sigmoid(x: Array) -> Array:
    """σ(x) = 1/(1 + exp(−x))."""
    return sigmoids(x)[0]


def softplus(x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(−|x|)); finite for every finite x."""
    xp = namespace(x)
    positive = x.real > 0
    e = xp.exp(xp.where(positive, -x, x))
    return xp.where(positive, x, 0) + (xp.log(1 + e) if is_complex(x) else xp.log1p(e))


def expm1(x: Array) -> Array:
    """exp(x) − 1, without cancellation near 0 for real x."""
    xp = namespace(x)
    return xp.exp(x) - 1 if is_complex(x) else xp.expm1(x)


H = pi / 12
SERIES = [exp(-((n * H) ** 2)) / n for n in range(1, 25)]


def erf(x: Array) -> Array:
    """The error function, by the sine series that Poisson's summation of the Gaussian gives.

    Repeating 2/√π·exp(−t²) with period π/h = 12 and integrating its Fourier series,

        erf(x) = (2/π) [h x + Σ_{n≥1} exp(−n²h²) sin(2nhx)/n],       h = π/12.

    For |x| ≤ 6 the repeated images and the terms after n = 24 are each below 1e−16; beyond, erf is
    ±1 to 3e−17. So the absolute error is a few units of rounding: ≤ 1e−15 in float64, ≤ 5e−7 in
    float32. Summed by Clenshaw's recurrence: with θ = 2hx, b_n = c_n + 2cosθ·b_{n+1} − b_{n+2}, the
    sum is sinθ·b_1.
    """
    xp = namespace(x)
    sign = xp.where(x.real > 0, 1, -1).astype(x.real.dtype)
    inside = xp.abs(x.real) < 6
    theta = 2 * H * xp.where(inside, x, 0)
    c2 = 2 * xp.cos(theta)
    b, after = SERIES[-1] + 0 * theta, 0 * theta
    for c in reversed(SERIES[:-1]):
        b, after = c + c2 * b - after, b
    return xp.where(inside, (theta / 2 + xp.sin(theta) * b) * (2 / pi), sign)

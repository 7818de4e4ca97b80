"""E_{x~P}[f(x)], the one operation of the whole derivation: a sum, an integral, or a mean over
samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.logarithms import times
from numgan.theory.quadrature import Estimate, integrate


def require_comparable(P: Density, Q: Density) -> None:
    """InputError unless P and Q are densities with respect to one measure: both continuous on
    ℝ^dim, or both discrete on one support (a point that only one of them reaches has probability 0
    in the other).

    >>> from numgan.theory import Gaussian
    >>> require_comparable(Gaussian(0.0), Gaussian(1.0))
    """
    if P.dim != Q.dim:
        raise InputError(f"densities of {P.dim} and {Q.dim} dimensions: expected one dimension")
    if isinstance(P, Discrete) != isinstance(Q, Discrete):
        raise InputError("a discrete and a continuous distribution: expected densities of one kind")
    if (
        isinstance(P, Discrete)
        and isinstance(Q, Discrete)
        and not np.array_equal(P.support, Q.support)
    ):
        raise InputError(
            f"supports of {len(P.p)} and {len(Q.p)} points differ: expected one support for both"
        )


def merged_knots(*densities: Density, bends: Array = ()) -> list[Array]:
    """For each axis the knots of all the densities, where an integrand made of them may have a
    corner; and on a line those of the bends that lie between.

    >>> merged_knots(Discrete([0.5, 0.5], [0, 1]), Discrete([0.5, 0.5], [1, 2]))
    [array([0., 1., 2.])]
    """
    knots = [
        np.unique(np.concatenate(axis))
        for axis in zip(*(P.knots() for P in densities), strict=True)
    ]
    if len(knots) == 1:
        inside = [b for b in bends if knots[0][0] < b < knots[0][-1]]
        knots = [np.unique(np.concatenate([knots[0], inside]))]
    return knots


def crossings(u: Callable, *densities: Density, per_panel: int = 64) -> Array:
    """The points of the line at which u changes sign: found on a grid, per_panel points between
    neighbouring knots, and closed in by halving. None (an empty array) for discrete densities and
    in the plane. u: rows (N, 1) -> (N,).

    >>> from numgan.theory import Uniform
    >>> print(crossings(lambda x: x[:, 0] - 0.25, Uniform(0.0, 1.0)).round(12))
    [0.25]
    """
    if densities[0].dim != 1 or all(isinstance(P, Discrete) for P in densities):
        return np.zeros(0)
    k = merged_knots(*densities)[0]
    x = np.unique(k[:-1, None] + np.diff(k)[:, None] * (np.arange(per_panel) + 0.5) / per_panel)
    sign = np.sign(u(x[:, None]))
    at = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    low, high, left = x[at], x[at + 1], sign[at]
    for _ in range(60):
        middle = (low + high) / 2
        same = np.sign(u(middle[:, None])) == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return (low + high) / 2


def expect(
    P: Density, f: Callable, *others: Density, tol: float = 1e-12, bends: Array = ()
) -> float:
    """E_{x~P}[f(x)] = Σ_k p_k f(x_k) for a discrete P, ∫ p(x) f(x) dx by quadrature otherwise;
    0·∞ = 0.

    f: rows (N, dim) -> (N,); others: the other densities inside f, whose knots the quadrature
    should respect; bends: in one dimension, the x at which f jumps or has a kink, if they are
    known.

    >>> from numgan.theory import Gaussian
    >>> print(round(expect(Gaussian(1.0, 2.0), lambda x: x[:, 0] ** 2), 9))
    5.0
    """
    if isinstance(P, Discrete):
        return float(np.sum(times(P.p, f(P.support))))
    return integrate(
        lambda x: times(P.density(x), f(x)), merged_knots(P, *others, bends=bends), tol
    ).value


def integral(
    f: Callable, P: Density, *others: Density, tol: float = 1e-12, bends: Array = ()
) -> float:
    """∫ f(x) dx where the densities live, or Σ_k f(x_k) over a discrete support; f: rows (N, dim)
    -> (N,).

    >>> from numgan.theory import Uniform
    >>> print(round(integral(lambda x: x[:, 0] ** 2, Uniform(0.0, 3.0)), 9))
    9.0
    """
    if isinstance(P, Discrete):
        return float(np.sum(f(P.support)))
    return integrate(f, merged_knots(P, *others, bends=bends), tol).value


def monte_carlo(P: Density, f: Callable, n: int, rng: Any) -> Estimate:
    """E_{x~P}[f(x)] ≈ (1/n) Σ_i f(x^i) with x^i ~ P, and its standard error s/√n; any dimension.
    n ≥ 2.

    >>> from numgan.theory import Gaussian
    >>> found = monte_carlo(Gaussian(1.0), lambda x: x[:, 0], 10_000, np.random.default_rng(0))
    >>> print(abs(found.value - 1) < 3 * found.error, round(found.error, 3))
    True 0.01
    """
    if n < 2:
        raise InputError(f"{n} samples: expected at least 2, for a standard error")
    y = np.asarray(f(P.sample(n, rng)), dtype=float)
    if np.isinf(y).any():
        return Estimate(float(y.sum()), float("inf"), n)
    return Estimate(float(y.mean()), float(y.std(ddof=1) / np.sqrt(n)), n)


def total_mass(P: Density, tol: float = 1e-10) -> float:
    """∫ p(x) dx, which is 1; InputError with the figure if it is not, to tol.

    >>> from numgan.theory import Gaussian
    >>> print(round(total_mass(Gaussian(0.0)), 9))
    1.0
    """
    mass = integral(P.density, P, tol=tol / 10)
    if not abs(mass - 1) <= tol:
        raise InputError(f"density integrates to {mass:.12g}: expected 1")
    return mass

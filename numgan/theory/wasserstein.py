"""E43 in one dimension: the exact Wasserstein distance, and the critic that attains it
(arXiv:1701.07875).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.expectation import crossings, expect, merged_knots
from numgan.theory.quadrature import integrate


def wasserstein(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """W₁(P,Q) = inf E|X − Y| over all couplings = ∫ |F_P(x) − F_Q(x)| dx on the line.

    The best coupling is monotone: |F_P(x) − F_Q(x)| is the mass that must cross x, whatever the
    plan, and moving the quantiles of P to those of Q moves no more. Any two distributions on the
    line: also of disjoint supports, and a discrete one against a density, where every f-divergence
    is stuck at its maximum.

    >>> from numgan.theory import Gaussian
    >>> print(round(wasserstein(Gaussian(0.0), Gaussian(3.0)), 9))
    3.0
    """
    x = _nodes(P, Q)
    if isinstance(P, Discrete) and isinstance(Q, Discrete):
        return float(
            np.sum(np.abs(P.cdf(x) - Q.cdf(x))[:-1] * np.diff(x))
        )  # E43: F is constant between the points
    return integrate(lambda x: np.abs(P.cdf(x) - Q.cdf(x)), [x], tol).value  # E43


def best_lipschitz_critic(P: Density, Q: Density) -> Callable:
    """T with |T'| ≤ 1 and E_P[T] − E_Q[T] = W₁, the largest of all such T: rows (N, 1) -> (N,).

    By parts E_P[T] − E_Q[T] = −∫ T'·(F_P − F_Q), at most ∫|F_P − F_Q|, attained by
    T' = −sign(F_P − F_Q). Clipping the weights of a network bounds its Lipschitz constant by some
    c: it then climbs towards c·W₁.

    >>> from numgan.theory import Gaussian
    >>> T = best_lipschitz_critic(Gaussian(3.0), Gaussian(0.0))
    >>> print((T([1.0]) - T([0.0])).round(9))
    [1.]
    """
    x = _nodes(P, Q)
    middle = (x[:-1] + x[1:]) / 2
    slope = -np.sign(P.cdf(middle) - Q.cdf(middle))
    T = np.concatenate([[0.0], np.cumsum(slope * np.diff(x))])
    return lambda y: np.interp(np.asarray(y).reshape(-1), x, T)  # E43


def lipschitz_value(T: Callable, P: Density, Q: Density, tol: float = 1e-12) -> float:
    """E_{x~P}[T(x)] − E_{x~Q}[T(x)], the value of a Wasserstein critic T: rows (N, 1) -> (N,).

    >>> from numgan.theory import Gaussian
    >>> print(round(lipschitz_value(lambda x: x[:, 0], Gaussian(3.0), Gaussian(0.0)), 9))
    3.0
    """
    x = _nodes(P, Q)
    return expect(P, T, tol=tol, bends=x) - expect(Q, T, tol=tol, bends=x)  # E43


def _nodes(P: Density, Q: Density) -> Array:
    """The points of the line between which F_P − F_Q is smooth and of one sign."""
    return merged_knots(P, Q, bends=crossings(lambda x: P.cdf(x) - Q.cdf(x), P, Q))[0]

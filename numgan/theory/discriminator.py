"""Section 4: the inner maximum. A discriminator is given by its logit a(x), D = σ(a); a: rows (N,
dim) -> (N,).

log D = log σ(a) = −softplus(−a) and log(1 − D) = log σ(−a) = −softplus(a): no logarithm of a
saturated D. Goodfellow et al. 2014 (arXiv:1406.2661), Proposition 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.expectation import expect, integral, require_comparable
from numgan.theory.information import log_ratio
from numgan.theory.logarithms import log, log_sigmoid, sigmoid, softplus, times


def V(a: Callable, P: Density, Q: Density, tol: float = 1e-12) -> float:
    """V(D,G) = E_{x~P}[log D(x)] + E_{x~Q}[log(1 − D(x))], Q the law of G(z). V ≤ 0; V = −log 4 for
    D = ½.

    >>> from numgan.theory import Gaussian
    >>> print(round(V(lambda x: 0 * x[:, 0], Gaussian(0.0), Gaussian(1.0)), 6))
    -1.386294
    """
    real = expect(P, lambda x: log_sigmoid(a(x)), Q, tol=tol)
    fake = expect(Q, lambda x: log_sigmoid(-a(x)), P, tol=tol)
    return real + fake  # E13


def V_through(a: Callable, P: Density, prior: Density, G: Callable, tol: float = 1e-12) -> float:
    """V(D,G) = E_{x~P}[log D(x)] + E_{z~p_z}[log(1 − D(G(z)))], with no density of P_G.

    >>> from numgan.theory import Gaussian
    >>> P, prior = Gaussian(1.0), Gaussian(0.0)
    >>> print(round(V_through(lambda x: x[:, 0], P, prior, lambda z: z + 1), 6))
    -1.813713
    >>> print(round(V(lambda x: x[:, 0], P, Gaussian(1.0)), 6))
    -1.813713
    """
    real = expect(P, lambda x: log_sigmoid(a(x)), tol=tol)
    fake = expect(prior, lambda z: log_sigmoid(-a(G(z))), tol=tol)
    return real + fake  # E13


def V_integral(a: Callable, P: Density, Q: Density, tol: float = 1e-12) -> float:
    """V = ∫ [p(x) log D(x) + q(x) log(1 − D(x))] dx: one integral, so D can be chosen point by
    point.

    >>> from numgan.theory import Gaussian
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(V_integral(optimal_logit(P, Q), P, Q), 6))
    -1.163451
    >>> print(round(V(optimal_logit(P, Q), P, Q), 6))
    -1.163451
    """
    require_comparable(P, Q)

    def f(x: Array) -> Array:
        y = a(x)
        return times(P.density(x), log_sigmoid(y)) + times(Q.density(x), log_sigmoid(-y))

    return integral(f, P, Q, tol=tol)  # E14


def pointwise(y: Array, p: Array, q: Array) -> Array:
    """f(y) = p log y + q log(1 − y) for 0 ≤ y ≤ 1, p = p(x) ≥ 0, q = q(x) ≥ 0, 0·(−∞) = 0; −∞ at an
    end that is wrong for sure.

    >>> print(pointwise(np.array([0.5, 0.75]), 3.0, 1.0).round(4))
    [-2.7726 -2.2493]
    """
    return times(p, log(y)) + times(q, log(1 - np.asarray(y)))  # E15


def pointwise_slope(y: Array, p: Array, q: Array) -> Array:
    """f'(y) = p/y − q/(1 − y) for 0 < y < 1. Zero where p(1 − y) = q y, that is y* = p/(p + q).

    >>> pointwise_slope(0.75, p=3.0, q=1.0)
    0.0
    """
    return p / y - q / (1 - y)  # E16


def pointwise_best(p: Array, q: Array) -> Array:
    """y* = p/(p + q), p + q > 0.

    >>> pointwise_best(p=3.0, q=1.0)
    0.75
    """
    return p / (p + q)  # E16


def pointwise_curvature(y: Array, p: Array, q: Array) -> Array:
    """f''(y) = −p/y² − q/(1 − y)² < 0, so the zero of f' is the one maximum;
    f''(y*) = −(p + q)³/(pq).

    >>> print(round(pointwise_curvature(0.75, p=3.0, q=1.0), 6), round(-(3 + 1) ** 3 / 3, 6))
    -21.333333 -21.333333
    """
    return -p / y**2 - q / (1 - y) ** 2  # E17


def optimal_logit(P: Density, Q: Density) -> Callable:
    """a*(x) = log p(x) − log q(x) = log [D*/(1 − D*)], the log density ratio: x (N, dim) -> (N,).

    Finite wherever a log-density is, also where D* rounds to 0 or 1; ±∞ where only one of them is
    0; 0 by convention where both are: D* is not determined there, and the set has probability 0
    under both.

    >>> from numgan.theory import Gaussian
    >>> a = optimal_logit(Gaussian(1.0), Gaussian(0.0))  # log p/q = x − ½
    >>> print(a([0.0, 0.5, 40.0]))
    [-0.5  0.  39.5]
    """
    return log_ratio(P, Q)  # E18


def optimal_discriminator(P: Density, Q: Density) -> Callable:
    """D*(x) = p(x)/(p(x) + q(x)) = σ(a*(x)): x (N, dim) -> (N,). For pictures; compute with the
    logit.

    >>> from numgan.theory import Gaussian
    >>> print(optimal_discriminator(Gaussian(1.0), Gaussian(0.0))([0.5]))
    [0.5]
    """
    a = optimal_logit(P, Q)
    return lambda x: sigmoid(a(x))  # E18


def value_gap(a: Callable, P: Density, Q: Density, tol: float = 1e-12) -> float:
    """V(D*,G) − V(D,G) = ∫ (p + q)·KL(Bernoulli(D*)‖Bernoulli(D)) dx ≥ 0, and 0 only for D = D*
    where p + q > 0.

    For p = (p+q)D* and q = (p+q)(1−D*), so the difference of the integrands of E14 is (p+q)·[D*
    log(D*/D) + (1−D*) log((1−D*)/(1−D))]: the maximum of E18 again, by E3 and without calculus.

    >>> from numgan.theory import Gaussian
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> half = lambda x: 0 * x[:, 0]
    >>> print(round(value_gap(half, P, Q), 6))
    0.222843
    >>> print(round(V(optimal_logit(P, Q), P, Q) - V(half, P, Q), 6))
    0.222843
    """
    best = optimal_logit(P, Q)

    def f(x: Array) -> Array:
        y, z = a(x), best(x)
        p, q = P.density(x), Q.density(x)
        real = times(p, softplus(-y)) - times(p, softplus(-z))  # p·log(D*/D)
        fake = times(q, softplus(y)) - times(q, softplus(z))  # q·log((1−D*)/(1−D))
        return real + fake

    return integral(f, P, Q, tol=tol)  # E18

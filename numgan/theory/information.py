"""Section 1: entropy, cross-entropy and the Kullback-Leibler divergence, in nats.

Closed forms where they exist, sums for discrete distributions, quadrature for the rest;
closed=False asks for the quadrature although a closed form exists, which is how the two are checked
against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.theory.densities import LOG_2PI, Gaussian, Uniform
from numgan.theory.density import Density
from numgan.theory.expectation import expect, require_comparable
from numgan.theory.logarithms import times


def log_ratio(P: Density, Q: Density) -> Callable:
    """The function x ↦ log p(x) − log q(x), (N, dim) -> (N,): +∞ where only q is 0, −∞ where only p
    is.

    Where both are 0 the set has probability 0 under both; the value there is 0 by convention.

    >>> log_ratio(Gaussian(1.0), Gaussian(0.0))([0.0, 1.0])
    array([-0.5,  0.5])
    """
    require_comparable(P, Q)

    def u(x: Array) -> Array:
        log_p, log_q = P.log_density(x), Q.log_density(x)
        somewhere = (log_p > -np.inf) | (log_q > -np.inf)
        return np.subtract(log_p, log_q, out=np.zeros(len(log_p)), where=somewhere)

    return u


def entropy(P: Density, closed: bool = True, tol: float = 1e-12) -> float:
    """H(P) = E_{x~P}[−log p(x)], the mean surprise (Shannon 1948). For a density it can be
    negative.

    Gaussian: ½ log det Σ + (dim/2)(log 2π + 1), because E[(x−μ)ᵀΣ⁻¹(x−μ)] = dim. Uniform: log
    volume.

    >>> print(round(entropy(Uniform(0.0, 2.0)), 6))  # log 2
    0.693147
    """
    if closed and isinstance(P, Gaussian):
        return float(np.sum(np.log(np.diag(P.scale))) + P.dim * (LOG_2PI + 1) / 2)
    if closed and isinstance(P, Uniform):
        return float(np.sum(np.log(P.high - P.low)))
    return expect(P, lambda x: -P.log_density(x), tol=tol)  # E1


def kl(P: Density, Q: Density, closed: bool = True, tol: float = 1e-12) -> float:
    """KL(P‖Q) = E_{x~P}[log p(x)/q(x)]: the nats lost by coding P with the code of Q. inf where
    p > 0 = q.

    Two Gaussians: ½[tr(Σ_q⁻¹Σ_p) + (μ_p−μ_q)ᵀΣ_q⁻¹(μ_p−μ_q) − dim + log det Σ_q − log det Σ_p].
    Two boxes: log of the ratio of their volumes if that of P lies in that of Q, otherwise inf.
    InputError if P and Q do not live on one space (Kullback and Leibler 1951).

    >>> kl(Gaussian(0.0), Gaussian(1.0)), kl(Uniform(0.0, 2.0), Uniform(0.0, 1.0))
    (0.5, inf)
    """
    require_comparable(P, Q)
    if closed and isinstance(P, Gaussian) and isinstance(Q, Gaussian):
        logdet = 2 * np.sum(np.log(np.diag(Q.scale)) - np.log(np.diag(P.scale)))
        return float(_spread(P, Q) - P.dim + logdet) / 2
    if closed and isinstance(P, Uniform) and isinstance(Q, Uniform):
        inside = np.all((Q.low <= P.low) & (P.high <= Q.high))
        return entropy(Q) - entropy(P) if inside else float("inf")
    return expect(P, log_ratio(P, Q), Q, tol=tol)  # E2


def cross_entropy(P: Density, Q: Density, closed: bool = True, tol: float = 1e-12) -> float:
    """H(P,Q) = E_{x~P}[−log q(x)] = H(P) + KL(P‖Q).

    Two Gaussians: ½[tr(Σ_q⁻¹Σ_p) + (μ_p−μ_q)ᵀΣ_q⁻¹(μ_p−μ_q) + log det Σ_q + dim·log 2π].

    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(cross_entropy(P, Q) - entropy(P) - kl(P, Q), 9) + 0)
    0.0
    """
    require_comparable(P, Q)
    if closed and isinstance(P, Gaussian) and isinstance(Q, Gaussian):
        return float((_spread(P, Q) + P.dim * LOG_2PI) / 2 + np.sum(np.log(np.diag(Q.scale))))
    return expect(P, lambda x: -Q.log_density(x), Q, tol=tol)  # E6


def gibbs_gap(P: Density, Q: Density) -> Callable:
    """x ↦ p·log(p/q) − p + q ≥ 0, which proves Gibbs' inequality (E3) and E4 point by point.

    For t > 0, t log t ≥ t − 1 with equality at t = 1 only (t log t is convex and t − 1 its tangent
    at 1). With t = p/q, times q, the gap is ≥ 0, and 0 only where p = q. Since ∫(q − p) = 0 its
    integral is KL(P‖Q).

    >>> print(gibbs_gap(Gaussian(0.0), Gaussian(1.0))([0.5, 3.0]).round(6))
    [0.       0.038479]
    """
    u = log_ratio(P, Q)
    return lambda x: times(P.density(x), u(x)) - P.density(x) + Q.density(x)  # E3, E4


def both_directions(P: Density, Q: Density, **how: Any) -> tuple[float, float]:
    """(KL(P‖Q), KL(Q‖P)): two different numbers in general, so KL is no metric.

    >>> print(np.round(both_directions(Gaussian(0.0, 1.0), Gaussian(0.0, 2.0)), 4))
    [0.3181 0.8069]
    """
    return kl(P, Q, **how), kl(Q, P, **how)  # E5


def _spread(P: Gaussian, Q: Gaussian) -> float:
    """E_{x~P}[(x−μ_q)ᵀΣ_q⁻¹(x−μ_q)] = tr(Σ_q⁻¹Σ_p) + ‖L_q⁻¹(μ_p−μ_q)‖² for Gaussians;
    tr(Σ_q⁻¹Σ_p) = ‖L_q⁻¹L_p‖².
    """
    return float(np.sum(np.linalg.solve(Q.scale, np.column_stack([P.scale, P.mean - Q.mean])) ** 2))

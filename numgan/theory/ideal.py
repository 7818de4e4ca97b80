"""Section 6 with an exact inner maximum: descend on C(G) with D* recomputed at each step; and why
that converges.

E37. For a fixed D, V(D, q) = Σ p log D + Σ q log(1−D) is linear in q, so C(q) = max_D V(D, q) is
convex in q, as a maximum of linear functions is; its minimum is at q = p alone (E25): descent with
D at its best cannot stop elsewhere. On a finite space more is true. By E27,
∇C(q) = log(1 − D*) = log q/(p+q), and the second derivatives p/(q(p+q)) are at most 1/q, those of Σ
q log q. Hence mirror descent (exponentiated gradient) q ← q·exp(−η∇C)/sum with any η ≤ 1 lowers C
at each step, and C(q_t) + log 4 ≤ KL(p‖q_0)/(η t). For η = 1 the step is q·(p+q)/q = p + q, over
its sum 2: the midpoint M exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.danskin import gradient_of_C
from numgan.theory.densities import Gaussian
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.discriminator import optimal_logit
from numgan.theory.generator import C
from numgan.theory.logarithms import log, log_sigmoid, log_sum_exp


class Path(NamedTuple):
    """The generators visited, one row each (steps + 1, k): parameters or probabilities; and C at
    each (steps + 1,).

    >>> Path._fields
    ('points', 'C')
    """

    points: Array
    C: Array


def ideal_update(theta: Array, gradient: Array, eta: float) -> Array:
    """θ_g ← θ_g − η ∂V(G, D*)/∂θ_g: one step down, with the D* of the present G.

    >>> ideal_update(np.array([1.0]), np.array([0.5]), eta=0.2)
    array([0.9])
    """
    return theta - eta * gradient  # E26


def ideal_loop(
    P: Density, family: Callable, dlog_q: Callable, theta: Array, eta: float, steps: int
) -> Path:
    """G₀ → D₀* → G₁ → D₁* → …: at each step the exact maximum over D, then one step of G.

    family: θ (k,) ↦ the density q_θ; dlog_q: (θ, x) ↦ ∇_θ log q_θ(x), (N,) or (N, k).

    >>> path = ideal_loop(Gaussian(0.0), *shifted(), theta=1.0, eta=1.0, steps=3)
    >>> print(path.points.ravel().round(4), path.C.round(4))
    [1.     0.602  0.3261 0.1673] [-1.1635 -1.2996 -1.3601 -1.3793]
    """
    theta = np.atleast_1d(np.array(theta, dtype=np.float64))
    points, values = [theta], []
    for _ in range(steps):
        q, dlog = family(theta), partial(dlog_q, theta)
        value, gradient = gradient_of_C(P, q, dlog, len(theta))  # E28    D* = argmax V
        theta = ideal_update(theta, gradient, eta)  # E28    then one step of G
        points.append(theta)
        values.append(value)
    return Path(np.array(points), np.array([*values, C(P, family(theta))]))


def softmax(theta: Array) -> Discrete:
    """Every positive distribution on K points: q_k = e^{θ_k}/Σ_j e^{θ_j}, for the ideal loop on a
    finite space.

    >>> softmax(np.zeros(4)).p
    array([0.25, 0.25, 0.25, 0.25])
    """
    q = np.exp(theta - log_sum_exp(theta))
    return Discrete(q / q.sum())


def dlog_softmax(theta: Array, x: Array) -> Array:
    """∂ log q_k/∂θ_j = δ_kj − q_j at the rows x = k of the support: (N, 1) -> (N, K).

    >>> dlog_softmax(np.zeros(2), np.array([[0.0], [1.0]]))
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    return np.eye(len(theta))[x[:, 0].astype(int)] - softmax(theta).p


def shifted(std: float = 1.0) -> tuple[Callable, Callable]:
    """The one-parameter generator G_θ(z) = θ + std·z, z ~ N(0, 1): its family N(θ, std²) and ∂ log
    q_θ = (x−θ)/std².

    >>> family, dlog_q = shifted(std=2.0)
    >>> print(family(1.0).mean, dlog_q(np.array([1.0]), np.array([[5.0]])))
    [1.] [1.]
    """
    return lambda theta: Gaussian(theta, std), lambda theta, x: (x[:, 0] - theta[0]) / std**2


def simplex_gradient(P: Discrete, Q: Discrete) -> Array:
    """∂C/∂q_k = log(1 − D*_k) = log q_k/(p_k + q_k): the coefficients of the linear V(D*, ·), by
    E27. (K,)

    >>> half = Discrete([0.5, 0.5])
    >>> print(simplex_gradient(half, half).round(6))  # log ½
    [-0.693147 -0.693147]
    """
    return log_sigmoid(-optimal_logit(P, Q)(P.support))  # E37


def simplex_step(P: Discrete, Q: Discrete, eta: float = 1.0) -> Discrete:
    """q ← q·exp(−η∇C(q))/sum, which stays a distribution; 0 < η ≤ 1. For η = 1 the result is
    (p + q)/2.

    InputError if q is 0 where p is not: no step of this kind can give mass to a point that has
    none.

    >>> print(simplex_step(Discrete([1.0, 0.0]), Discrete([0.5, 0.5])).p.round(9))
    [0.75 0.25]
    """
    if np.any((Q.p == 0) & (P.p > 0)) or not 0 < eta <= 1:
        raise InputError(
            f"mirror step with η = {eta:g}: expected 0 < η ≤ 1 and q > 0 wherever p > 0"
        )
    log_q = log(Q.p) - eta * simplex_gradient(P, Q)
    q = np.exp(log_q - log_sum_exp(log_q))
    return Discrete(q / q.sum(), P.support)  # E37


def simplex_loop(P: Discrete, Q: Discrete, steps: int, eta: float = 1.0) -> Path:
    """The ideal loop on the probabilities themselves: D a table, P_G a point of the simplex. C
    falls to −log 4.

    >>> print(simplex_loop(Discrete([1.0, 0.0]), Discrete([0.5, 0.5]), 2).points.round(9))
    [[0.5   0.5  ]
     [0.75  0.25 ]
     [0.875 0.125]]
    """
    points, values = [Q.p], [C(P, Q)]
    for _ in range(steps):
        Q = simplex_step(P, Q, eta)  # E28, E37
        points.append(Q.p)
        values.append(C(P, Q))
    return Path(np.array(points), np.array(values))

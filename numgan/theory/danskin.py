"""E27: the derivative of a maximum is the derivative of whatever is maximal, held fixed.

C(θ) = max_φ V(φ, θ), the maximum attained, and φ* a maximiser at θ. For every direction u and small
h > 0, C(θ + hu) ≥ V(φ*, θ + hu), with equality at h = 0: V(φ*, ·) touches C from below, and where
both have a derivative it is the same. If several φ are maximal each touches, and the right
derivative of C along u is the maximum of theirs (Danskin 1967: φ in a compact set, V and ∇_θ V
continuous).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.density import Density
from numgan.theory.discriminator import optimal_logit
from numgan.theory.expectation import expect
from numgan.theory.generator import C
from numgan.theory.logarithms import log_sigmoid, sigmoid


class MaximumSlope(NamedTuple):
    """max_i f_i at a point, the i that attain it, and its slope to the left and to the right (equal
    off a tie).

    >>> corner = MaximumSlope(0.0, np.array([0, 1]), left=-1.0, right=1.0)
    >>> corner.left < corner.right
    True
    """

    value: float
    active: Array
    left: float
    right: float


def maximum_slope(
    f: Sequence[Callable], slope: Sequence[Callable], theta: float, tie: float = 1e-12
) -> MaximumSlope:
    """For max{f_1, …, f_n} of a real θ: the right derivative is the maximum of the active
    functions' derivatives, the left derivative (along −1, where each changes sign) their minimum.

    f, slope: functions of θ and their derivatives; values within `tie` of the largest count as
    active.

    >>> f, slope = [lambda t: t, lambda t: -t], [lambda t: 1.0, lambda t: -1.0]
    >>> at_the_corner = maximum_slope(f, slope, 0.0)
    >>> print(at_the_corner.active, at_the_corner.left, at_the_corner.right)
    [0 1] -1.0 1.0
    """
    if len(f) != len(slope) or len(f) == 0:
        raise InputError(f"{len(f)} functions and {len(slope)} slopes: expected one slope for each")
    values = np.array([g(theta) for g in f], dtype=float)
    active = np.flatnonzero(values >= values.max() - tie)
    slopes = [slope[int(i)](theta) for i in active]
    return MaximumSlope(float(values.max()), active, float(min(slopes)), float(max(slopes)))  # E27


def gradient_of_C(
    P: Density, Q: Density, dlog_q: Callable, k: int = 1, tol: float = 1e-12
) -> tuple[float, Array]:
    """C(θ) and ∇C(θ) = ∇_θ V(D*, θ) with D* held fixed, for Q = q_θ of a family with k parameters:
    scalar and (k,).

    With D fixed V depends on θ through E_{x~q_θ}[log(1 − D(x))] alone, whose gradient is
    ∫ log(1−D) ∇q_θ = E_{x~q_θ}[log(1 − D(x))·∇_θ log q_θ(x)].
        dlog_q = ∇_θ log q_θ: rows (N, dim) -> (N, k).

    >>> from numgan.theory import Gaussian, shifted
    >>> family, dlog_q = shifted()
    >>> theta = np.array([1.0])
    >>> value, gradient = gradient_of_C(Gaussian(0.0), family(theta), lambda x: dlog_q(theta, x))
    >>> print(round(value, 6), gradient.round(6))
    -1.163451 [0.397973]
    """
    a = optimal_logit(P, Q)

    def part(j: int) -> Callable:
        def f(x: Array) -> Array:
            log_1mD = log_sigmoid(-a(x))
            # −∞ only where q = 0
            return np.where(np.isinf(log_1mD), 0.0, log_1mD) * dlog_q(x).reshape(len(x), k)[:, j]

        return f

    return C(P, Q, tol), np.array([expect(Q, part(j), P, tol=tol) for j in range(k)])  # E27


def gradient_by_path(
    P: Density, Q: Density, dx: Callable, saturating: bool = True, tol: float = 1e-12
) -> float:
    """∂C/∂θ by moving the samples: with x = G_θ(z), E_z[∂/∂θ
    log(1 − D*(G_θ(z)))] = E_{x~Q}[−σ(a*(x)) ∇a*(x)·∂x/∂θ].

    D* is held fixed, ∇a* = ∇log p − ∇log q. dx: rows (N, dim) -> (N, dim), ∂G/∂θ written as a
    function of x = G(z). Equal to gradient_of_C: there θ moves the density, here the samples.
    saturating=False: the same for −log D*, E_Q[−(1 − σ(a*)) ∇a*·∂x/∂θ], the gradient of
    KL(Q‖P) − 2·JSD(P‖Q) = 2·KL(M‖P), M = (P + Q)/2.

    >>> from numgan.theory import Gaussian
    >>> print(round(gradient_by_path(Gaussian(0.0), Gaussian(1.0), np.ones_like), 6))
    0.397973
    """
    a, sign = optimal_logit(P, Q), 1 if saturating else -1

    def f(x: Array) -> Array:
        return -sigmoid(sign * a(x)) * np.sum((P.score(x) - Q.score(x)) * dx(x), axis=1)

    return expect(Q, f, P, tol=tol)  # E26, E27, E34

"""E43: the least-squares and the hinge game. Other V, other D*, other divergences, by the argument of E14 to E25."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.expectation import crossings, expect, integral
from numgan.theory.information import log_ratio
from numgan.theory.logarithms import sigmoid


def least_squares_value(D: Callable, P: Density, Q: Density, low: float = -1.0, high: float = 1.0) -> float:
    """V = −½E_P[(D − high)²] − ½E_Q[(D − low)²]: D is pulled to `high` on data, to `low` on samples (arXiv:1611.04076).

    D: rows (N, dim) -> (N,), any real number.
    """
    return -0.5 * expect(P, lambda x: (D(x) - high) ** 2, Q) - 0.5 * expect(Q, lambda x: (D(x) - low) ** 2, P)  # E43


def least_squares_optimum(P: Density, Q: Density, low: float = -1.0, high: float = 1.0) -> Callable:
    """D*(x) = (high·p + low·q)/(p + q) = low + (high − low)·σ(log p/q): zero of −p(D − high) − q(D − low)."""
    u = log_ratio(P, Q)
    return lambda x: low + (high - low) * sigmoid(u(x))  # E43


def least_squares_cost(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """C(G) = ½E_P[(D* − c)²] + ½E_Q[(D* − c)²] for the labels c ± 1: then D* − c = (p − q)/(p + q) = tanh(u/2), and
    2C = ∫ (p − q)²/(p + q), the Pearson χ² of (P + Q) against 2Q in the paper's words; 0 iff P = Q, at most 2."""
    u = log_ratio(P, Q)

    def f(x: Array) -> Array:
        return 0.5 * (P.density(x) + Q.density(x)) * np.tanh(u(x) / 2) ** 2

    return integral(f, P, Q, tol=tol)  # E43


def hinge_value(D: Callable, P: Density, Q: Density, bends: Array = ()) -> float:
    """V = E_P[min(0, D − 1)] + E_Q[min(0, −D − 1)], D: rows (N, dim) -> (N,) any real number (arXiv:1705.02894)."""
    bends = np.concatenate([np.asarray(bends, float), crossings(log_ratio(P, Q), P, Q)])
    real = expect(P, lambda x: np.minimum(0, D(x) - 1), Q, bends=bends)
    fake = expect(Q, lambda x: np.minimum(0, -D(x) - 1), P, bends=bends)
    return real + fake  # E43


def hinge_optimum(P: Density, Q: Density) -> Callable:
    """D*(x) = sign(p − q). For −1 ≤ D ≤ 1 the integrand is −(p + q) + D·(p − q), and beyond ±1 it only falls; hence
    max_D V = −2 + ∫|p − q| = −2 + 2·TV(P,Q), TV the total variation ½∫|p − q|."""
    u = log_ratio(P, Q)
    return lambda x: np.sign(u(x))  # E43

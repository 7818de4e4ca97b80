"""E43: the least-squares and the hinge game. Other V and other D*, by the argument of E14 to E18.

What is left for G is a divergence where G's term is D's (hinge), so that E27 applies; for least
squares see E53.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.expectation import crossings, expect, integral
from numgan.theory.information import log_ratio
from numgan.theory.logarithms import sigmoid


def least_squares_value(
    D: Callable, P: Density, Q: Density, low: float = -1.0, high: float = 1.0
) -> float:
    """V = −½E_P[(D − high)²] − ½E_Q[(D − low)²]: D is pulled to `high` on data, to `low` on samples
    (arXiv:1611.04076).

    D: rows (N, dim) -> (N,), any real number.

    >>> from numgan.theory import Gaussian
    >>> print(round(least_squares_value(lambda x: 0 * x[:, 0], Gaussian(0.0), Gaussian(1.0)), 9))
    -1.0
    """
    return -0.5 * expect(P, lambda x: (D(x) - high) ** 2, Q) - 0.5 * expect(
        Q, lambda x: (D(x) - low) ** 2, P
    )  # E43


def least_squares_optimum(P: Density, Q: Density, low: float = -1.0, high: float = 1.0) -> Callable:
    """D*(x) = (high·p + low·q)/(p + q) = low + (high − low)·σ(log p/q): zero of
    −p(D − high) − q(D − low).

    >>> from numgan.theory import Gaussian
    >>> least_squares_optimum(Gaussian(0.0), Gaussian(1.0))([0.5])
    array([0.])
    """
    u = log_ratio(P, Q)
    return lambda x: low + (high - low) * sigmoid(u(x))  # E43


def least_squares_cost(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """½E_P[(D* − c)²] + ½E_Q[(D* − c)²] for the targets c ± 1, with
    D* − c = (p − q)/(p + q) = tanh(u/2):

        ½∫(p − q)²/(p + q) = ∫(q − m)²/m = χ²(Q‖M),      0 iff P = Q, at most 1.

    With E41's order of arguments it is Pearson's χ² of Q against M = (P + Q)/2, and half that of 2Q
    against P + Q. G does not descend on it: G's term is not D's, so E27 does not apply. Where its
    pull leads instead is E53.

    >>> from numgan.theory import Uniform
    >>> least_squares_cost(Uniform(0.0, 1.0), Uniform(0.0, 1.0))
    0.0
    """
    u = log_ratio(P, Q)

    def f(x: Array) -> Array:
        return 0.5 * (P.density(x) + Q.density(x)) * np.tanh(u(x) / 2) ** 2

    return integral(f, P, Q, tol=tol)  # E43


def hinge_value(D: Callable, P: Density, Q: Density, bends: Array = ()) -> float:
    """V = E_P[min(0, D − 1)] + E_Q[min(0, −D − 1)], D: rows (N, dim) -> (N,) any real number
    (arXiv:1705.02894).

    >>> from numgan.theory import Uniform
    >>> P, Q = Uniform(0.0, 1.0), Uniform(0.5, 1.5)
    >>> print(round(hinge_value(hinge_optimum(P, Q), P, Q), 9))  # −2 + 2·TV, TV = ½
    -1.0
    """
    bends = np.concatenate([np.asarray(bends, float), crossings(log_ratio(P, Q), P, Q)])
    real = expect(P, lambda x: np.minimum(0, D(x) - 1), Q, bends=bends)
    fake = expect(Q, lambda x: np.minimum(0, -D(x) - 1), P, bends=bends)
    return real + fake  # E43


def hinge_optimum(P: Density, Q: Density) -> Callable:
    """D*(x) = sign(p − q). For −1 ≤ D ≤ 1 the integrand is −(p + q) + D·(p − q), and beyond ±1 it
    only falls; hence max_D V = −2 + ∫|p − q| = −2 + 2·TV(P,Q), TV the total variation ½∫|p − q|.

    >>> from numgan.theory import Gaussian
    >>> hinge_optimum(Gaussian(1.0), Gaussian(0.0))([0.0, 1.0])
    array([-1.,  1.])
    """
    u = log_ratio(P, Q)
    return lambda x: np.sign(u(x))  # E43

"""E51: the minimax game over functions has a saddle point, (D, p_G) = (½, p_data), of value −log 4.

V(D, p_data) ≤ −log 4 for every D, since −log 4 is C at p_data (E25), and V(½, p_G) = −log 4 for
every p_G (E20). So no player gains by moving alone: a Nash equilibrium. At D = ½ every p_G is a
best reply. That p_data is the only p_G of a saddle point follows from E25.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.discriminator import V
from numgan.theory.expectation import expect
from numgan.theory.generator import confused_value
from numgan.theory.logarithms import log_sigmoid


class Saddle(NamedTuple):
    """Both players leave the saddle point alone: of_D ≤ value = of_G.

    >>> Saddle._fields
    ('of_D', 'value', 'of_G')
    """

    of_D: float  # V(D, p_data): D moves, p_G stays at the data
    value: float  # V(½, p_data) = −log 4
    of_G: float  # V(½, p_G): p_G moves, D stays at ½


def saddle(a: Callable, P: Density, Q: Density, tol: float = 1e-12) -> Saddle:
    """V(D, p_data) ≤ −log 4 = V(½, p_G), for the logit a of any D and any Q = P_G.

    >>> from numgan.theory import Gaussian
    >>> found = saddle(lambda x: x[:, 0], Gaussian(0.0), Gaussian(1.0))
    >>> found.of_D <= found.value, np.isclose(found.value, found.of_G)
    (True, np.True_)
    """

    def undecided(x: Array) -> Array:
        return np.zeros(len(x))

    return Saddle(V(a, P, P, tol), confused_value(), V(undecided, P, Q, tol))  # E51


def least_value(a: Callable, P: Discrete) -> float:
    """min over p_G of V(D, p_G), on the finite space of P: E_P[log D] + min_x log(1 − D(x)).

    V(D, ·) is linear in p_G (E14), so G does best with all its mass where D is highest. The maximum
    of this over D is −log 4, at D = ½: max min = min max.

    >>> print(round(least_value(lambda x: 0 * x[:, 0], Discrete([0.5, 0.5])), 6))  # −log 4
    -1.386294
    """
    return expect(P, lambda x: log_sigmoid(a(x))) + float(np.min(log_sigmoid(-a(P.support))))  # E51

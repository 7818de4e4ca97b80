"""Section 8, the table of f-divergences D_f(P‖Q) = ∫ q f(p/q) (E41) with all that their bound (E42)
needs.

Nowozin, Cseke and Tomioka 2016 (arXiv:1606.00709), Tables 1, 2 and 6. Two rows differ from print:
JS carries the ½ that makes it E24 (there f is twice as large), and GAN is the value C(G) itself, so
its f(1) is −log 4 and not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.theory.logarithms import LOG2, log, log_sigmoid, times


@dataclass(frozen=True)
class FDivergence:
    """One row of the table. t = p/q > 0; u = log t; s is a value of T; v an unbounded output of a
    network.

    f(t)            the generator: convex
    weigh(p, q, u)
        q f(p/q) written so that p or q may be 0 and nothing overflows: the integrand of E41
    conjugate(s)    f*(s) = sup_t [s t − f(t)], for s below `top` (and above `bottom`)
    best(u)         T* = f'(e^u), the s at which the bound is tight
    activation(v)   g_f(v): increasing, from ℝ into the domain of f*

    >>> print(KL.f(np.array([1.0])), KL.conjugate(1.0))
    [0.] 1.0
    """

    name: str
    f: Callable
    weigh: Callable
    conjugate: Callable
    best: Callable
    activation: Callable
    bottom: float = -np.inf
    top: float = np.inf

    def dual(self, s: Array) -> Array:
        """f*(s), with +∞ outside its domain: elementwise."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.where((self.bottom <= s) & (s <= self.top), self.conjugate(s), np.inf)


KL = FDivergence(
    "KL",
    f=lambda t: times(t, log(t)),
    weigh=lambda p, q, u: times(p, u),
    conjugate=lambda s: np.exp(s - 1),
    best=lambda u: 1 + u,
    activation=lambda v: v,
)
REVERSE_KL = FDivergence(
    "reverse KL",
    f=lambda t: -log(t),
    weigh=lambda p, q, u: -times(q, u),
    conjugate=lambda s: -1 - log(-s),
    best=lambda u: -np.exp(-u),
    activation=lambda v: -np.exp(-v),
    top=0.0,
)
PEARSON = FDivergence(
    "Pearson χ²",
    f=lambda t: (t - 1) ** 2,
    weigh=lambda p, q, u: times(np.abs(p - q), np.abs(np.expm1(u))),
    conjugate=lambda s: s**2 / 4 + s,
    best=lambda u: 2 * np.expm1(u),
    activation=lambda v: v,
)
HELLINGER = FDivergence(
    "squared Hellinger",
    f=lambda t: (np.sqrt(t) - 1) ** 2,
    weigh=lambda p, q, u: (np.sqrt(p) - np.sqrt(q)) ** 2,
    conjugate=lambda s: s / (1 - s),
    best=lambda u: -np.expm1(-np.minimum(u, 60) / 2),  # beyond, 1 − s would round to 0 and f* to ∞
    activation=lambda v: -np.expm1(-v),
    top=1.0,
)
JS = FDivergence(
    "Jensen-Shannon",
    f=lambda t: 0.5 * times(t, log(2 * t / (1 + t))) + 0.5 * log(2 / (1 + t)),
    weigh=lambda p, q, u: (
        0.5 * times(p, LOG2 + log_sigmoid(u)) + 0.5 * times(q, LOG2 + log_sigmoid(-u))
    ),
    conjugate=lambda s: -0.5 * log(np.maximum(2 - np.exp(2 * s), 0)),
    # beyond, 2 − e^{2s} would round to 0
    best=lambda u: 0.5 * (LOG2 + log_sigmoid(np.minimum(u, 30))),
    activation=lambda v: 0.5 * (LOG2 + log_sigmoid(v)),
    top=0.5 * LOG2,
)
TOTAL_VARIATION = FDivergence(
    "total variation",
    f=lambda t: 0.5 * np.abs(t - 1),
    weigh=lambda p, q, u: 0.5 * np.abs(p - q),
    conjugate=lambda s: s,
    best=lambda u: 0.5 * np.sign(u),
    activation=lambda v: 0.5 * np.tanh(v),
    bottom=-0.5,
    top=0.5,
)
GAN = FDivergence(
    "GAN",
    f=lambda t: times(t, log(t / (1 + t))) - log(1 + t),
    weigh=lambda p, q, u: times(p, log_sigmoid(u)) + times(q, log_sigmoid(-u)),
    conjugate=lambda s: -log(-np.expm1(s)),
    best=log_sigmoid,
    activation=log_sigmoid,
    top=0.0,
)
TABLE = {
    row.name: row for row in (KL, REVERSE_KL, PEARSON, HELLINGER, JS, TOTAL_VARIATION, GAN)
}  # E41, E42

"""Section 5: the outer minimum. C(G) = max_D V(D,G), and its identity with the Jensen-Shannon
divergence.

P is the data's distribution, Q the generator's, M = (P + Q)/2. Goodfellow et al. 2014, Theorem 1;
Lin 1991 (JSD); Endres and Schindelin 2003 (√JSD is a metric).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numgan.theory.densities import Mixture
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.discriminator import optimal_logit
from numgan.theory.expectation import expect, require_comparable
from numgan.theory.information import entropy, kl
from numgan.theory.logarithms import LOG2, LOG4, log_sigmoid


def confused_value() -> float:
    """V where P_G = P_data: there a* = log p − log p = 0, so D* = σ(0) = ½ everywhere (E19), and
    V = E[log ½] + E[log ½] = −log 4.

    >>> confused_value() == -LOG4
    True
    """
    return float(log_sigmoid(0.0) + log_sigmoid(-0.0))  # E19, E20


def C(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """C(G) = max_D V(D,G) = E_{x~P}[log p/(p+q)] + E_{x~Q}[log q/(p+q)], with log p/(p+q) = log
    σ(a*).

    >>> from numgan.theory import Gaussian
    >>> print(round(C(Gaussian(0.0), Gaussian(0.0)), 6))  # −log 4
    -1.386294
    """
    a = optimal_logit(P, Q)
    real = expect(P, lambda x: log_sigmoid(a(x)), Q, tol=tol)
    fake = expect(Q, lambda x: log_sigmoid(-a(x)), P, tol=tol)
    return real + fake  # E21


class LogTwoStep(NamedTuple):
    """C = minus_log4 + data_term + model_term, and the two pieces of −log 4, each −log 2 times an
    integral of 1.

    >>> LogTwoStep._fields[:2]
    ('C', 'minus_log4')
    """

    C: float
    minus_log4: float
    data_term: float
    model_term: float
    mass_data: float
    mass_model: float


def log_two_step(P: Density, Q: Density, tol: float = 1e-12) -> LogTwoStep:
    """C(G) = −log 4 + ∫ p log[p/((p+q)/2)] + ∫ q log[q/((p+q)/2)].

    log p/(p+q) = log p/((p+q)/2) − log 2, and likewise for q; the −log 2 are weighted by p and q,
    whose integrals are 1, so that together they are −log 2·∫p − log 2·∫q = −log 4.

    >>> from numgan.theory import Gaussian
    >>> step = log_two_step(Gaussian(0.0), Gaussian(1.0))
    >>> print(round(step.C - step.minus_log4 - step.data_term - step.model_term, 9) + 0)
    0.0
    """
    a = optimal_logit(P, Q)
    mass_data, mass_model = (
        expect(P, lambda x: np.ones(len(x)), tol=tol),
        expect(Q, lambda x: np.ones(len(x)), tol=tol),
    )
    data_term = expect(P, lambda x: LOG2 + log_sigmoid(a(x)), Q, tol=tol)
    model_term = expect(Q, lambda x: LOG2 + log_sigmoid(-a(x)), P, tol=tol)
    minus_log4 = -LOG2 * mass_data - LOG2 * mass_model
    return LogTwoStep(C(P, Q, tol), minus_log4, data_term, model_term, mass_data, mass_model)  # E22


def midpoint(P: Density, Q: Density) -> Density:
    """M = (P + Q)/2: m(x) = (p(x) + q(x))/2.

    >>> from numgan.theory import Gaussian
    >>> print(midpoint(Gaussian(0.0), Gaussian(1.0)).mean)
    [0.5]
    """
    require_comparable(P, Q)
    if isinstance(P, Discrete) and isinstance(Q, Discrete):
        return Discrete((P.p + Q.p) / 2, P.support)
    return Mixture([0.5, 0.5], [P, Q])


def C_by_kl(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """C(G) = −log 4 + KL(P‖M) + KL(Q‖M). Both are ≥ 0 (E3), hence C(G) ≥ −log 4.

    >>> from numgan.theory import Gaussian
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(C_by_kl(P, Q), 6), round(C(P, Q), 6))
    -1.163451 -1.163451
    """
    M = midpoint(P, Q)
    return -LOG4 + kl(P, M, tol=tol) + kl(Q, M, tol=tol)  # E23


def jsd(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """JSD(P‖Q) = ½KL(P‖M) + ½KL(Q‖M): symmetric, 0 ≤ JSD ≤ log 2; √JSD is a metric.

    It is 0 iff P = Q, and log 2 iff P and Q are mutually singular: some set has P-probability 1 and
    Q-probability 0.

    p/m = 2p/(p+q) = 2σ(a*) and q/m = 2σ(−a*) ≤ 2, so each KL is at most log 2: never infinite.

    >>> from numgan.theory import Uniform
    >>> print(round(jsd(Uniform(0.0, 1.0), Uniform(2.0, 3.0)), 6))  # log 2
    0.693147
    """
    a = optimal_logit(P, Q)
    to_data = expect(P, lambda x: LOG2 + log_sigmoid(a(x)), Q, tol=tol)  # KL(P‖M)
    to_model = expect(Q, lambda x: LOG2 + log_sigmoid(-a(x)), P, tol=tol)  # KL(Q‖M)
    return 0.5 * to_data + 0.5 * to_model  # E24


def jsd_by_entropy(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """JSD = H(M) − ½H(P) − ½H(Q): what is gained by knowing which of the two x came from, at most
    log 2 (one bit).

    >>> from numgan.theory import Gaussian
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(jsd_by_entropy(P, Q), 6), round(jsd(P, Q), 6))
    0.111421 0.111421
    """
    return (
        entropy(midpoint(P, Q), tol=tol) - 0.5 * entropy(P, tol=tol) - 0.5 * entropy(Q, tol=tol)
    )  # E24


def js_distance(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """√JSD(P‖Q), a metric: symmetric, zero only for P = Q, and no detour R makes it shorter.

    >>> from numgan.theory import Uniform
    >>> print(round(js_distance(Uniform(0.0, 1.0), Uniform(0.5, 1.5)), 6))  # √(½ log 2)
    0.588705
    """
    return float(np.sqrt(max(jsd(P, Q, tol), 0.0)))  # E24


def C_by_jsd(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """C(G) = −log 4 + 2·JSD(P‖Q): least, −log 4, at P_G = P_data and nowhere else.

    >>> from numgan.theory import Gaussian
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(C_by_jsd(P, Q), 6), round(C(P, Q), 6))
    -1.163451 -1.163451
    """
    return -LOG4 + 2 * jsd(P, Q, tol)  # E25

"""The table of E39, E40, E54-E60: methods on the Dirac-GAN, published claim, rate in theory and
measured.

for method in METHODS: print(method.name, method.converges, theory(method), measure(method))
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.dirac import (
    dirac_field,
    dirac_jacobian,
    gradient_penalty,
    instance_noise,
    minimax,
    nonsaturating,
    r1,
    wasserstein,
)
from numgan.dynamics.field import VectorField
from numgan.dynamics.jacobian import dense
from numgan.dynamics.laziness import lazy
from numgan.dynamics.opponents import competitive, lola, unrolled
from numgan.dynamics.rules import (
    Rule,
    alternating,
    clipped,
    consensus,
    extragradient,
    lookahead,
    momentum,
    optimistic,
    past_extragradient,
    runge_kutta,
    scaled,
    simultaneous,
    symplectic,
    trajectory,
)
from numgan.dynamics.spectrum import radius
from numgan.objectives import OBJECTIVES

STEP = 0.2
CONVERGED = 1 - 1e-4  # a rate per step below this is called convergence


class Method(NamedTuple):
    """A field, a rule, and the published claim: they converge near the solution, or they do not.

    >>> method = METHODS[0]
    >>> method.name, method.converges
    ('minimax, simultaneous', False)
    """

    name: str
    converges: bool
    source: str
    field: VectorField
    rule: Rule
    J: Array | None  # of the field at the solution; None if it does not exist


MESCHEDER = "arXiv:1801.04406"
GAN, WGAN = dirac_jacobian(0.5), dirac_jacobian(1.0)  # c = ½ and c = 1
RATES = np.array([2.0, 0.5])  # of D and of G
of_minimax = partial(dense, minimax)
paired = dirac_field(OBJECTIVES["paired"])

METHODS = (
    Method("minimax, simultaneous", False, MESCHEDER, minimax, simultaneous, GAN),
    Method("minimax, alternating", False, MESCHEDER, minimax, alternating(1), GAN),
    Method("minimax, alternating, k = 5", False, MESCHEDER, minimax, alternating(1, k=5), GAN),
    Method("minimax, continuous time", False, MESCHEDER, minimax, runge_kutta, GAN),
    Method("non-saturating, simultaneous", False, MESCHEDER, nonsaturating, simultaneous, GAN),
    Method("non-saturating, alternating", False, MESCHEDER, nonsaturating, alternating(1), GAN),
    Method(
        "Wasserstein, clipped, k = 5",
        False,
        MESCHEDER,
        wasserstein,
        clipped(alternating(1, k=5), 1, 1.0),
        WGAN,
    ),
    Method(
        "Wasserstein, gradient penalty, k = 5",
        False,
        MESCHEDER,
        gradient_penalty(wasserstein, 0.25),
        alternating(1, k=5),
        None,
    ),
    Method("DRAGAN", False, MESCHEDER, gradient_penalty(minimax, 1.0), alternating(1), None),
    Method(
        "instance noise, s = 1",
        True,
        MESCHEDER,
        instance_noise(1.0),
        alternating(1),
        dirac_jacobian(0.5, 0.5),
    ),
    Method(
        "R1 or R2, γ = 0.5",
        True,
        MESCHEDER,
        r1(minimax, 0.5),
        alternating(1),
        dirac_jacobian(0.5, 0.5),
    ),
    Method(
        "R1 or R2, γ = 2", True, MESCHEDER, r1(minimax, 2.0), simultaneous, dirac_jacobian(0.5, 2.0)
    ),
    Method("paired, alternating", False, "E54", paired, alternating(1), GAN),
    Method(
        "paired, R1 + R2, γ = 0.25 each",
        True,
        "arXiv:2501.05441",
        r1(r1(paired, 0.25), 0.25),  # E55: the slope is ψ at data and at samples
        alternating(1),
        dirac_jacobian(0.5, 0.5),
    ),
    Method(
        "R1 at every 4th step, γ = 0.5", True, "E56", minimax, lazy(1, np.diag([-0.5, 0.0]), 4), GAN
    ),
    Method(
        "R1 at every 32nd step, γ = 0.5",
        False,
        "E56",
        minimax,
        lazy(1, np.diag([-0.5, 0.0]), 32),
        GAN,
    ),
    Method(
        "consensus, γ = 1",
        True,
        "arXiv:1705.10461",
        consensus(minimax, of_minimax, 1.0),
        simultaneous,
        GAN - GAN.T @ GAN,
    ),
    Method(
        "symplectic adjustment, γ = 1",
        True,
        "arXiv:1802.05642",
        symplectic(minimax, of_minimax, 1.0),
        simultaneous,
        GAN + GAN @ GAN,
    ),
    Method("past extragradient", True, "arXiv:1802.10551", minimax, past_extragradient, GAN),
    Method(
        "competitive",
        True,
        "arXiv:1905.12103",
        competitive(minimax, of_minimax, 1, STEP),
        simultaneous,
        np.linalg.solve(np.eye(2) - STEP * GAN, GAN),
    ),
    Method(
        "LOLA, α = 1",
        True,
        "arXiv:1709.04326",
        lola(minimax, of_minimax, 1, 1.0),
        simultaneous,
        GAN + 2 * GAN @ GAN,  # c = v and J_oᵀ = −J_o: the game is zero-sum
    ),
    Method(
        "lookahead, k = 5, α = ½",
        True,
        "arXiv:2006.14567",
        minimax,
        lookahead(simultaneous, 5, 0.5),
        GAN,
    ),
    Method(
        "unrolled, K = 5 of ½",
        True,
        "arXiv:1611.02163",
        unrolled(minimax, of_minimax, 1, 0.5, 5),
        simultaneous,
        GAN - np.diag([0, 2 * 5 * 0.5 * 0.5**2]),  # each step of D: −hc² to G twice, as λ and as ψ
    ),
    Method("extragradient", True, "Korpelevich 1976", minimax, extragradient, GAN),
    Method("optimistic", True, "arXiv:1711.00141", minimax, optimistic, GAN),
    Method("momentum 0.5, simultaneous", False, "arXiv:1807.04740", minimax, momentum(0.5), GAN),
    Method(
        "momentum −0.5, alternating",
        True,
        "arXiv:1807.04740",
        minimax,
        alternating(1, beta=-0.5),
        GAN,
    ),
    Method(
        "two time scales 4 : 1",
        False,
        "E40",
        scaled(minimax, RATES),
        simultaneous,
        np.diag(RATES) @ GAN,
    ),
)


def predicted_rate(method: Method, h: float = STEP) -> float | None:
    """The factor of the distance to the solution at each step: the largest |z| of the rule at J.

    >>> round(predicted_rate(METHODS[0]), 4)  # √(1 + (0.2·½)²)
    1.005
    """
    return None if method.J is None else radius(method.rule.factors(method.J, h))


def measured_rate(
    method: Method, h: float = STEP, steps: int = 1000, start: float = 1e-100
) -> float:
    """The same factor, from a trajectory that starts so near the solution that only J matters.

    >>> round(measured_rate(METHODS[0]), 4)
    1.005
    """
    return rate(trajectory(method.field, method.rule, start * np.array([1.0, 0.5]), h, steps))


def rate(path: Array) -> float:
    """e^slope of log‖w_n‖ over n, by weighted least squares on the second half of a path.

    path (steps + 1, 2). For a pair of complex factors log‖w_n‖ is a line plus a periodic wave. The
    weights decrease to 0 at both ends, so the phase at which the wave is cut has no effect.

        >>> path = np.outer(0.5 ** np.arange(9), [3.0, 4.0])
        >>> round(rate(path), 9)
        0.5
    """
    r = np.hypot(*path[len(path) // 2 :].T)
    n = np.arange(len(r))
    return float(np.exp(np.polyfit(n, np.log(r), 1, w=np.sin(np.pi * (n + 0.5) / len(r)))[0]))

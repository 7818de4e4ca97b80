"""Section 7: what happens when two players descend at once.

    field = GameField(game, x, z)                        E38   v(w) of a game on a minibatch, w = (θ_d, θ_g)
    J = Jacobian(field, w)                               E45   J @ u by R-passes, J.T @ u, the blocks
    leading(J, start, 40), kind(…), largest_step(…)      E38   eigenvalues, what they say, how far to step
    trajectory(v, optimistic, w, h, steps)                     any update rule on any field
    METHODS                                              E39, E40   nineteen methods on the Dirac-GAN
    mirror_flow(p), table_game(p)                        E37   on a finite space
"""

from numgan.dynamics.dirac import (
    dirac_eigenvalues,
    dirac_field,
    dirac_jacobian,
    gradient_penalty,
    instance_noise,
    invariant,
    minimax,
    nonsaturating,
    r1,
    wasserstein,
)
from numgan.dynamics.field import GameField, VectorField
from numgan.dynamics.jacobian import Jacobian, Operator, columns, dense
from numgan.dynamics.methods import METHODS, Method, measure, rate, theory
from numgan.dynamics.rules import (
    Rule,
    alternating,
    clipped,
    consensus,
    extragradient,
    momentum,
    optimistic,
    optimistic_factor,
    runge_kutta,
    scaled,
    simultaneous,
    symplectic,
    trajectory,
)
from numgan.dynamics.simplex import coins, curve_flow, mirror_flow, softmax, softmax_flow, table_eigenvalues, table_game
from numgan.dynamics.spectrum import Spectrum, arnoldi, kind, largest_step, leading, radius

__all__ = [
    "METHODS", "GameField", "Jacobian", "Method", "Operator", "Rule", "Spectrum", "VectorField", "alternating",
    "arnoldi", "clipped", "coins", "columns", "consensus", "curve_flow", "dense", "dirac_eigenvalues", "dirac_field",
    "dirac_jacobian", "extragradient", "gradient_penalty", "instance_noise", "invariant", "kind", "largest_step",
    "leading", "measure", "minimax", "mirror_flow", "momentum", "nonsaturating", "optimistic", "optimistic_factor",
    "r1", "radius", "rate", "runge_kutta", "scaled", "simultaneous", "softmax", "softmax_flow", "symplectic",
    "table_eigenvalues", "table_game", "theory", "trajectory", "wasserstein",
]  # fmt: skip

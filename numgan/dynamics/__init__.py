"""Section 7: two players that descend at once.

field = GameField(game, x, z)              v(w) of a game on a minibatch, w = (θ_d, θ_g)    E38
J = Jacobian(field, w)                     J @ u by R-passes, J.T @ u, the blocks           E45
leading(J, start, 40)                      eigenvalues; then kind(…) and largest_step(…)    E38
trajectory(v, optimistic, w, h, steps)     any update rule on any field
lazy(1, penalty, n)                        a penalty at every n-th step                 E56
competitive, lola, unrolled                fields of players that reckon with the other E58-E60
RuleTraining(…, rule=GAME_RULES["lola"])   any of them on a real game                   E57-E60
path_angle(v, start, end, alphas)          along the path to the end of a training      E61
duality_gap(game, w, draw, kept)           what each player gains by moving alone       E62
METHODS                                    methods on the Dirac-GAN, with their rates   E39, E40
mirror_flow(p), table_game(p)              on a finite space                                E37
"""

from numgan.dynamics.convergence import Gap, OwnBlock, PathAngle, duality_gap, path_angle
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
from numgan.dynamics.laziness import lazy, lazy_converges
from numgan.dynamics.methods import METHODS, Method, measured_rate, predicted_rate, rate
from numgan.dynamics.opponents import competitive, lola, unrolled
from numgan.dynamics.play import GAME_RULES, GameRule, RuleTraining
from numgan.dynamics.rules import (
    Rule,
    alternating,
    clipped,
    consensus,
    extragradient,
    lookahead,
    momentum,
    optimistic,
    optimistic_factor,
    past_extragradient,
    runge_kutta,
    scaled,
    simultaneous,
    symplectic,
    trajectory,
)
from numgan.dynamics.simplex import (
    coins,
    curve_flow,
    mirror_flow,
    softmax,
    softmax_flow,
    table_eigenvalues,
    table_game,
)
from numgan.dynamics.spectrum import Spectrum, arnoldi, kind, largest_step, leading, radius

__all__ = [
    "METHODS",
    "GameField",
    "Jacobian",
    "Method",
    "Operator",
    "Rule",
    "Spectrum",
    "VectorField",
    "alternating",
    "arnoldi",
    "clipped",
    "coins",
    "columns",
    "consensus",
    "curve_flow",
    "dense",
    "dirac_eigenvalues",
    "dirac_field",
    "dirac_jacobian",
    "extragradient",
    "gradient_penalty",
    "instance_noise",
    "invariant",
    "kind",
    "largest_step",
    "lazy",
    "lazy_converges",
    "leading",
    "measured_rate",
    "minimax",
    "mirror_flow",
    "momentum",
    "nonsaturating",
    "optimistic",
    "optimistic_factor",
    "r1",
    "radius",
    "rate",
    "runge_kutta",
    "scaled",
    "simultaneous",
    "softmax",
    "softmax_flow",
    "symplectic",
    "table_eigenvalues",
    "table_game",
    "predicted_rate",
    "trajectory",
    "wasserstein",
    "Gap",
    "OwnBlock",
    "PathAngle",
    "duality_gap",
    "path_angle",
    "competitive",
    "lola",
    "unrolled",
    "GAME_RULES",
    "GameRule",
    "RuleTraining",
    "lookahead",
    "past_extragradient",
]

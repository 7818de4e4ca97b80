"""Exercises on what the two players want, and its gradient at the logits."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.objectives import objective_findings
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES, Objective, Pairwise
from numgan.relativistic import Paired
from numgan.terms import LOG_D, MINUS_LOG_ONE_LESS_D
from numgan.values import Term


class ObjectiveA(Objective):
    """V = (1/m) Σ log σ(a(x)) + (1/m) Σ log(1 − σ(a(G(z))))"""

    def gradient(self, a_real, a_fake):
        return sigmoid(-a_real), -sigmoid(a_fake)


class ObjectiveB(Objective):
    """V = (1/m) Σ log σ(a(x)) + (1/m) Σ log(1 − σ(a(G(z))))"""

    def gradient(self, a_real, a_fake):
        m = len(a_real)
        da_real, da_fake = super().gradient(a_real, a_fake)
        return da_real / m, da_fake / m


class ObjectiveC(Objective):
    """V = (1/m) Σ log σ(a(x)) + (1/m) Σ log(1 − σ(a(G(z))))"""

    def gradient(self, a_real, a_fake):
        m, D_real, D_fake = len(a_real), sigmoid(a_real), sigmoid(a_fake)
        return (1 - D_real) / m * D_real * (1 - D_real), -D_fake / m * D_fake * (1 - D_fake)


class ObjectiveD(Objective):
    """V = (1/m) Σ log σ(a(x)) + (1/m) Σ log(1 − σ(a(G(z)))), which D ascends"""

    def gradient(self, a_real, a_fake):
        m = len(a_real)
        return (sigmoid(a_real) - 1) / m, sigmoid(a_fake) / m


class ObjectiveE(Objective):
    """V_g = (1/m) Σ log(1 − σ(a(G(z)))), which G descends"""

    def generator_gradient(self, a_fake, a_real=None):
        return -sigmoid(-a_fake) / len(a_fake)


def log_one_less_D(a):
    """log(1 − D), D = σ(a)"""
    D = 1 / (1 + np.exp(-a))
    return np.log(1 - D)


class PairedA(Paired):
    """V = (1/m) Σ f(b_i),   b_i = a(x_i) − a(G(z_i))"""

    def adjoint(self, db):
        return db, db


class PairedB(Paired):
    """V = (1/m) Σ f(b_i),   b_i = a(x_i) − a(G(z_i))"""

    def rgradient(self, a_real, a_fake, Ra_real, Ra_fake):
        b = a_real - a_fake
        return self.f.rgradient(b, Ra_real), -self.f.rgradient(b, -Ra_fake)


class PairedC(Paired):
    """V = (1/m) Σ f(b_i),   b_i = a(x_i) − a(G(z_i))"""

    def gradient(self, a_real, a_fake):
        db_real = self.f.gradient(a_real - a_fake.mean())
        db_fake = self.f.gradient(a_real.mean() - a_fake)
        return db_real, -db_fake


class WithPairs(Pairwise):
    """An objective of that kind of pairs."""

    kind: type[Paired]

    @property
    def V_d(self):
        return self.kind(self.f)


def as_pairs(kind):
    """The paired objective, with that kind of value for D."""
    objective = type(kind.__name__, (WithPairs,), {"kind": kind})(
        "", "", LOG_D, MINUS_LOG_ONE_LESS_D
    )
    return lambda seed: objective_findings(objective, kind.__name__, seed=seed)


def as_objective(kind, name="minimax"):
    """That kind of objective, with the terms of the one so named."""
    return lambda seed: objective_findings(kind(**vars(OBJECTIVES[name])), kind.__name__, seed=seed)


SATURATED = replace(
    cast(Objective, OBJECTIVES["minimax"]),
    fake=Term(log_one_less_D, lambda a: -sigmoid(a), lambda a: -sigmoid(a) * sigmoid(-a)),
)

OBJECTIVE = [
    Exercise(
        "the minimax objective",
        ObjectiveA,
        as_objective(ObjectiveA),
        where="∂V/∂a",
        why="1/5 is missing",
        mistake="1/m is missing",
        solution="σ(−a)/m and −σ(a)/m. V is a mean. Without 1/m the step grows with the batch.",
    ),
    Exercise(
        "the minimax objective",
        ObjectiveB,
        as_objective(ObjectiveB),
        where="∂V/∂a",
        why="a sum is written as a mean",
        mistake="1/m twice",
        solution="The gradient of a mean already has its 1/m.",
    ),
    Exercise(
        "the minimax objective",
        ObjectiveC,
        as_objective(ObjectiveC),
        where="∂V/∂a",
        why="σ' is applied twice",
        mistake="σ' twice",
        solution="(1 − σ(a))/m. d/da log σ(a) = σ'/σ = 1 − σ: the derivative of σ is in it already "
        "(E33).",
    ),
    Exercise(
        "the minimax objective",
        ObjectiveD,
        as_objective(ObjectiveD),
        where="∂V/∂a",
        why="the sign is flipped",
        mistake="signs flipped",
        solution="(1 − σ(a))/m and −σ(a)/m. These are the gradients of the cross-entropy −V. With "
        "an optimizer "
        "that descends, the two signs cancel, and D trains; every number that is printed "
        "or compared "
        "on the way is wrong.",
    ),
    Exercise(
        "the saturating generator",
        ObjectiveE,
        as_objective(ObjectiveE),
        where="∂V_g/∂a",
        why="derivative of another value",
        mistake="−log D taken for log(1 − D)",
        solution="−σ(a)/m. What stands here is the gradient of −log D: the same optimum, another "
        "path there. "
        "It may be the better choice (E34), but it is another one.",
    ),
    Exercise(
        "log(1 − D)",
        log_one_less_D,
        lambda seed: objective_findings(SATURATED, "log_one_less_D", seed=seed),
        where="t'(a)",
        why="saturated",
        mistake="the logarithm of a saturated D",
        solution="−softplus(a). From a = 37 on, D has rounded to 1 and log(1 − D) is −∞, where its "
        "value is "
        "−a.",
    ),
    Exercise(
        "a paired objective",
        PairedA,
        as_pairs(PairedA),
        where="∂V/∂a(G(z))",
        why="the minus is absent at the sample's logit",
        mistake="the adjoint of a difference",
        solution="return db, -db. a(G(z)) enters b with a minus, so it leaves with one (E54). Here "
        "D raises the logits of samples as fast as those of data.",
    ),
    Exercise(
        "the change of a paired objective's gradient",
        PairedB,
        as_pairs(PairedB),
        where="R{∂V/∂a(x)}",
        why="only one logit of the pair moves",
        mistake="Rb without the other side",
        solution="Rb = Ra_real − Ra_fake, for both: f′(b) changes as either logit of the pair "
        "moves. Each block of the Jacobian that couples the players would be 0 at the logits.",
    ),
    Exercise(
        "a paired objective",
        PairedC,
        as_pairs(PairedC),
        where="∂V/∂a(x)",
        why="the mean of the other side",
        mistake="means for pairs",
        solution="f.gradient(a_real − a_fake), pair by pair (E54). This is nearly the relativistic "
        "average, which is another game; and not its gradient either, for the mean depends on "
        "the logits too.",
    ),
]

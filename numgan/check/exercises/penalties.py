"""Exercises on gradient penalties (E46): the slope's norm, its points, the R-pass, and the sign in
D's step.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from numgan.architectures import mlp
from numgan.check.exercises.checks import as_game
from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.games import game_findings
from numgan.check.subjects.penalties import penalty_findings
from numgan.costs import COSTS, Cost, Transport
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES, Penalty, PenaltySum

WGAN_GP = PENALTIES["wgan-gp"]


class PenaltyA(Penalty):
    """(λ/m) Σ (‖g_i‖ − 1)²"""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        tape, (*_, one), g, _ = self.slopes(D, theta, x, samples, rng, classes)
        norm = np.sqrt((g * g).sum(axis=0))
        u = 2 * self.weight / len(g) * (norm - 1) * g / norm
        _, Rtape = D.rforward(theta, tape, None, u)
        return D.rgradient(theta, tape, None, Rtape, one, 0 * one)


class PenaltyB(Penalty):
    """(λ/m) Σ (‖g_i‖ − 1)²"""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        tape, (*_, dy), g, s = self.slopes(D, theta, x, samples, rng, classes)
        u = 2 * self.weight / len(s) * self.price.dh(s) * g
        _, Rtape = D.rforward(theta, tape, None, u)
        dtheta: list = []
        for layer, P, cache, Rcache in reversed(
            list(zip(D.layers, D.views(theta), tape, Rtape, strict=True))
        ):
            dtheta = [*layer.rgradient(P, cache, None, Rcache, dy, 0 * dy), *dtheta]
            dy = layer.backward(P, cache, dy)
        return D.flat(dtheta, np.empty(D.size))


class PenaltyC(Penalty):
    """(λ/m) Σ (‖g_i‖ − 1)²"""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        tape, (*_, one), g, s = self.slopes(D, theta, x, samples, rng, classes)
        u = 2 * self.weight / len(s) * (np.sqrt(s) - 1) * g
        _, Rtape = D.rforward(theta, tape, None, u)
        return D.rgradient(theta, tape, None, Rtape, one, 0 * one)


class PenaltyD(Penalty):
    """(λ/m) Σ (‖g_i‖ − 1)²"""

    def slopes(self, D, theta, x, samples, rng, classes):
        tape, dys, g, _ = super().slopes(D, theta, x, samples, rng, classes)
        return tape, dys, g, (g * g).sum(keepdims=True)


def between_a(x, samples, rng):
    """ε x + (1 − ε) x̃, points between data and samples"""
    epsilon = rng.random()
    return epsilon * x + (1 - epsilon) * samples


def between_b(x, samples, rng):
    """ε x + (1 − ε) x̃, points between data and samples"""
    epsilon = rng.random(x.shape)
    return epsilon * x + (1 - epsilon) * samples


class GameH(Game):
    """∇_{θ_d} (V − R)"""

    penalty: Penalty

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        G, D = self.G, self.D
        a_real, tape_real = D.forward(theta_d, x, rng)
        samples = G(theta_g, z, rng)
        a_fake, tape_fake = D.forward(theta_d, samples, rng)
        da_real, da_fake = self.objective.gradient(a_real, a_fake)
        dloss = D.gradient(theta_d, tape_real, -da_real) + D.gradient(theta_d, tape_fake, -da_fake)
        dloss -= self.penalty.gradient(D, theta_d, x, samples, rng, self.classes)
        return DiscriminatorStep(-dloss, a_real, a_fake, tape_real)


class GameI(Game):
    """∇_{θ_d} (V − R)"""

    penalty: Penalty

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        step = super().discriminator_step(theta_d, theta_g, x, z, rng, penalized)
        dR = self.penalty.gradient(self.D, theta_d, x, self.G(theta_g, z, rng), rng, self.classes)
        return step._replace(dtheta_d=step.dtheta_d - dR)


class PenaltySumA(PenaltySum):
    """R = R1 + R2"""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        for penalty in self.parts:
            dR = penalty.gradient(D, theta, x, samples, rng, classes)
        return dR


class TransportA(Transport):
    """C = (λ/m) Σ ‖G(z_i) − z_i‖²"""

    def dsamples(self, z, samples):
        return self.weight / len(z) * (samples - z)


class GameJ(Game):
    """∇_{θ_g} (V_g + C)"""

    cost: Cost

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        samples, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, samples, rng)
        dx = D.backward(theta_d, tape_d, self.objective.generator_gradient(a_fake))
        dtheta_g = G.gradient(theta_g, tape_g, dx) + self.cost.dtheta(G, theta_g)
        return GeneratorStep(dtheta_g, a_fake, tape_g)


def as_paid(kind=Game, penalty=None, cost=None):
    """That kind of game, with latents as long as its rows."""
    game = kind(
        mlp([3, 5, 3], "tanh"),
        mlp([3, 5, 4, 1], "tanh"),
        OBJECTIVES["nonsaturating"],
        penalty,
        cost=cost,
    )
    return lambda seed: game_findings(game, kind.__name__, seed=seed)


def as_penalty(kind):
    """That kind of penalty, with the fields of WGAN-GP."""
    return lambda seed: penalty_findings(kind(**vars(WGAN_GP)), kind.__name__, seed=seed)


def as_points(points):
    """WGAN-GP at other points."""
    return lambda seed: penalty_findings(
        replace(WGAN_GP, points=points), points.__name__, seed=seed
    )


PENALTY = [
    Exercise(
        "a gradient penalty",
        PenaltyA,
        as_penalty(PenaltyA),
        where="of layer",
        why="the norm is over the batch",
        mistake="the norm over the wrong axis",
        solution="‖g_i‖ is the length of sample i's own slope, over all of its numbers: sum over "
        "every axis but 0. "
        "Here samples that have nothing to do with each other share a norm, and "
        "broadcasting says nothing.",
    ),
    Exercise(
        "a gradient penalty, layer by layer",
        PenaltyB,
        as_penalty(PenaltyB),
        where="of layer",
        why="the term with φ″",
        mistake="φ″ is dropped",
        solution="Rdy = layer.rbackward(…, dy, Rdy), handed on from layer to layer. As the input "
        "moves, φ' moves by "
        "φ″, and with it the gradient on its way back. For ReLU φ″ = 0 and nothing is "
        "missing; for tanh much.",
    ),
    Exercise(
        "a gradient penalty",
        PenaltyC,
        as_penalty(PenaltyC),
        where="of layer",
        why="where (‖g‖ − 1) g/‖g‖ belongs",
        mistake="1/‖g‖ is missing",
        solution="u = 2λ/m (‖g‖ − 1) g/‖g‖. The derivative of ‖g‖ is the unit vector g/‖g‖. As ‖g‖ "
        "comes near 1 the "
        "difference vanishes, so late in training no curve shows it.",
    ),
    Exercise(
        "a gradient penalty",
        PenaltyD,
        as_penalty(PenaltyD),
        where="R",
        why="over the whole batch at once",
        mistake="one norm for the batch",
        solution="(g * g).sum(axis=(1, 2, …)). One norm of all slopes together is about √m times "
        "as long as one of "
        "them, so each is pulled to 1/√m. Value and gradient agree with each other, and "
        "both are wrong.",
    ),
    Exercise(
        "the points of a gradient penalty",
        between_a,
        as_points(between_a),
        where="ε",
        why="one ε is drawn for the whole batch",
        mistake="one ε for all",
        solution="rng.random((m, 1)): each pair has its own ε. With one for all, the mean over "
        "points is a mean over "
        "pairs at one place of the way, and from step to step the penalty jumps to "
        "another.",
    ),
    Exercise(
        "the points of a gradient penalty",
        between_b,
        as_points(between_b),
        where="ε",
        why="not on the way",
        mistake="one ε for every number",
        solution="rng.random((m, 1)). With an ε for every number the point lies anywhere in the "
        "box that data and "
        "sample span, not on the line between them.",
    ),
    Exercise(
        "the discriminator's step with a penalty",
        GameH,
        as_game(GameH, "wasserstein", "wgan-gp"),
        where="D's layer",
        why="one term has the wrong sign: the penalty",
        mistake="signs flipped twice, but for one",
        solution="dloss += …: D descends −V + R. The critic's two signs are flipped on the way in "
        "and on the way out, "
        "and cancel; the penalty's is flipped once, and D is paid for steepness.",
    ),
    Exercise(
        "the discriminator's step with a penalty",
        GameI,
        as_game(GameI, "wasserstein", "r1"),
        where="D's layer",
        why="one term is counted twice: the penalty",
        mistake="the penalty twice",
        solution="The step of the base class has subtracted it already. A penalty of twice the "
        "weight trains well, to "
        "another answer than the λ that is written down.",
    ),
    Exercise(
        "the gradient of two penalties",
        PenaltySumA,
        as_paid(penalty=PenaltySumA((PENALTIES["r1"], PENALTIES["r2"]))),
        where="D's layer",
        why="one term is absent: the penalty r1",
        mistake="only the last penalty counts",
        solution="return sum(…). The loop overwrites dR, so D pays for R2 alone; R1 is in the "
        "value and in no gradient (E55).",
    ),
    Exercise(
        "the transport cost of a generator",
        TransportA,
        as_paid(cost=TransportA("transport", "", 0.5)),
        where="G's layer",
        why="one term is off, the cost",
        mistake="a factor 2 is lost",
        solution="2λ/m (x̃ − z). The square has the slope 2 (x̃ − z); with half of it G pays for "
        "another λ than the one written down.",
    ),
    Exercise(
        "the generator's step with a cost",
        GameJ,
        as_paid(GameJ, cost=COSTS["transport"] + COSTS["decay"]),
        where="G's layer",
        why="one term is absent: the cost transport",
        mistake="∂C/∂x̃ is left out",
        solution="dx = dx + self.cost.dsamples(z, samples), before G's backward pass. The cost "
        "reaches θ_g along two ways: through the samples, and of θ_g itself (E55).",
    ),
]

"""Exercises on objectives, on the two players' gradients, and on Algorithm 1."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from numgan.architectures import mlp
from numgan.check.exercises.exercise import Exercise
from numgan.check.games import check_game
from numgan.check.networks import check_network
from numgan.check.objectives import check_objective
from numgan.check.training import check_training
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.layers.functions import sigmoid
from numgan.network import Network
from numgan.objectives import OBJECTIVES, Objective, Term
from numgan.training import Training


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


class GameA(Game):
    """∇_{θ_g} V_g"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake = D(theta_d, x, rng)
        da_fake = self.objective.generator_gradient(a_fake)
        return GeneratorStep(G.gradient(theta_g, tape_g, np.broadcast_to(da_fake, x.shape)), a_fake, tape_g)


class GameB(Game):
    """∇_{θ_g} V_g"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, x, rng)
        da_fake = self.objective.generator_gradient(a_fake)
        theta_d -= 1e-3 * D.gradient(theta_d, tape_d, da_fake)
        return GeneratorStep(G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g)


class GameC(Game):
    """∇_{θ_d} V"""

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        G, D = self.G, self.D
        a_real, _ = D.forward(theta_d, x, rng)
        a_fake, tape = D.forward(theta_d, G(theta_g, z, rng), rng)
        da_real, da_fake = self.objective.gradient(a_real, a_fake)
        return DiscriminatorStep(D.gradient(theta_d, tape, da_real + da_fake), a_real, a_fake, tape)


class GameD(Game):
    """∇_{θ_d} V"""

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        G, D = self.G, self.D
        a_real, tape = D.forward(theta_d, x, rng)
        a_fake, tape = D.forward(theta_d, G(theta_g, z, rng), rng)
        da_real, da_fake = self.objective.gradient(a_real, a_fake)
        dtheta_real = D.gradient(theta_d, tape, da_real)
        dtheta_fake = D.gradient(theta_d, tape, da_fake)
        return DiscriminatorStep(dtheta_real + dtheta_fake, a_real, a_fake, tape)


class GameE(Game):
    """∇_{θ_g} V_g"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, x, rng)
        labels = np.ones((len(z), 1), dtype=int)
        da_fake = np.empty_like(labels)
        da_fake[:] = self.objective.generator_gradient(a_fake)
        return GeneratorStep(G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g)


class GameF(Game):
    """∇_{θ_g} V_g, for an objective whose V_g is not V's own term"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, x, rng)
        da_fake = self.objective.gradient(a_fake, a_fake)[1]
        return GeneratorStep(G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g)


class GameG(Game):
    """∇_{θ_d} V"""

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        G, D = self.G, self.D
        a_real, tape_real = D.forward(theta_d, x, rng)
        a_fake, tape_fake = D.forward(theta_d, G(theta_g, z, rng), rng)
        da_real, da_fake = self.objective.gradient(a_real, a_fake)
        return DiscriminatorStep(D.gradient(theta_d, tape_real, da_real), a_real, a_fake, tape_real)


class NetworkA(Network):
    """∂V/∂θ through the layers, from the last to the first"""

    def gradient(self, theta, tape, dy):
        dtheta = np.empty(self.size, dy.dtype)
        Ps, dPs = self.views(theta), self.views(dtheta)
        for i in reversed(range(len(self.layers))):
            for view, value in zip(dPs[i], self.layers[i].gradient(Ps[i], tape[i], dy), strict=True):
                view[...] = value
            if self.layers[i].parameters():
                dy = self.layers[i].backward(Ps[i], tape[i], dy)
        return dtheta


class NetworkB(Network):
    """R{∂V/∂θ} through the layers, from the last to the first"""

    def rgradient(self, theta, tape, Rtheta, Rtape, dy, Rdy):
        Rdtheta = np.empty(self.size, Rdy.dtype)
        Ps, RdPs = self.views(theta), self.views(Rdtheta)
        RPs = [None] * len(Ps) if Rtheta is None else self.views(Rtheta)
        for i in reversed(range(len(self.layers))):
            layer, at = self.layers[i], (Ps[i], tape[i], RPs[i], Rtape[i])
            for view, value in zip(RdPs[i], layer.rgradient(*at, dy, Rdy), strict=True):
                view[...] = value
            Rdy = layer.rbackward(*at, 0 * dy, Rdy)
            dy = layer.backward(Ps[i], tape[i], dy)
        return Rdtheta


class TrainingA(Training):
    """k steps of D, then one of G"""

    def iteration(self):
        discriminator = self.discriminator_step()
        return discriminator, self.generator_step()


class TrainingB(Training):
    """k steps of D, then one of G"""

    def iteration(self):
        z = self.latents(self.m)
        for _ in range(self.k):
            x = self.data.batch(self.m, self.rng)
            discriminator = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng)
            self.optimizer_d.ascend(self.theta_d, discriminator.dtheta_d)
            self.game.D.observe(self.theta_d, discriminator.tape)
        return discriminator, self.generator_step()


class TrainingC(Training):
    """θ_g moves along ∇V_g"""

    def generator_step(self):
        step = self.game.generator_step(self.theta_d, self.theta_g, self.latents(self.m), self.rng)
        self.optimizer_g.ascend(self.theta_g, step.dtheta_g)
        self.game.G.observe(self.theta_g, step.tape)
        return step


class TrainingD(Training):
    """θ_d moves along ∇V"""

    def discriminator_step(self):
        step = super().discriminator_step()
        self.generator_step()
        return step


def as_objective(kind, name="minimax"):
    return lambda seed: check_objective(kind(**vars(OBJECTIVES[name])), kind.__name__, seed=seed)


def as_game(kind, objective="minimax"):
    game = kind(mlp([2, 5, 3], "tanh"), mlp([3, 5, 4, 1], "tanh"), OBJECTIVES[objective])
    return lambda seed: check_game(game, kind.__name__, seed=seed)


def as_network(kind):
    network = kind(mlp([3, 5, 4, 1], "tanh").layers, (3,))
    return lambda seed: check_network(network, 5, seed, kind.__name__)


def as_training(kind):
    return lambda seed: check_training(kind, kind.__name__, seed)


SATURATED = replace(
    cast(Objective, OBJECTIVES["minimax"]),
    fake=Term(log_one_less_D, lambda a: -sigmoid(a), lambda a: -sigmoid(a) * sigmoid(-a)),
)

OBJECTIVE = [
    Exercise(
        "the minimax objective", ObjectiveA, as_objective(ObjectiveA),
        where="∂V/∂a", why="1/5 is missing",
        mistake="1/m is missing",
        solution="σ(−a)/m and −σ(a)/m. V is a mean. Without 1/m the step grows with the batch.",
    ),
    Exercise(
        "the minimax objective", ObjectiveB, as_objective(ObjectiveB),
        where="∂V/∂a", why="a sum is written as a mean",
        mistake="1/m twice",
        solution="The gradient of a mean already has its 1/m.",
    ),
    Exercise(
        "the minimax objective", ObjectiveC, as_objective(ObjectiveC),
        where="∂V/∂a", why="σ' is applied twice",
        mistake="σ' twice",
        solution="(1 − σ(a))/m. d/da log σ(a) = σ'/σ = 1 − σ: the derivative of σ is in it already (E33).",
    ),
    Exercise(
        "the minimax objective", ObjectiveD, as_objective(ObjectiveD),
        where="∂V/∂a", why="the sign is flipped",
        mistake="signs flipped",
        solution="(1 − σ(a))/m and −σ(a)/m. These are the gradients of the cross-entropy −V. With an optimizer "
                 "that descends, the two signs cancel, and D trains; every number that is printed or compared "
                 "on the way is wrong.",
    ),
    Exercise(
        "the saturating generator", ObjectiveE, as_objective(ObjectiveE),
        where="∂V_g/∂a", why="derivative of another value",
        mistake="−log D taken for log(1 − D)",
        solution="−σ(a)/m. What stands here is the gradient of −log D: the same optimum, another path there. "
                 "It may be the better choice (E34), but it is another one.",
    ),
    Exercise(
        "log(1 − D)", log_one_less_D, lambda seed: check_objective(SATURATED, "log_one_less_D", seed=seed),
        where="t'(a)", why="saturated",
        mistake="the logarithm of a saturated D",
        solution="−softplus(a). From a = 37 on, D has rounded to 1 and log(1 − D) is −∞, where its value is "
                 "−a.",
    ),
]  # fmt: skip

PLAYERS = [
    Exercise(
        "the generator's step", GameA, as_game(GameA, "nonsaturating"),
        where="G's layer", why="the chain rule skips D",
        mistake="D is left out",
        solution="dx = D.backward(theta_d, tape_d, da_fake). G's output reaches V through D only (E35); da is "
                 "a gradient at the logit, not at x. It has the right shape by broadcasting.",
    ),
    Exercise(
        "the generator's step", GameB, as_game(GameB),
        where="unchanged by the generator's step", why="changes θ_d",
        mistake="G's step moves D",
        solution="Leave the line out. G's step differentiates through D with θ_d fixed (E35); here D is taught "
                 "to be fooled.",
    ),
    Exercise(
        "the discriminator's step", GameC, as_game(GameC),
        where="D's layer", why="added and backpropagated once",
        mistake="output gradients added",
        solution="Two passes back: da_real through the tape of the data, da_fake through that of the samples. "
                 "The chain rule is linear in dy, but the two dy belong to different points.",
    ),
    Exercise(
        "the discriminator's step", GameD, as_game(GameD),
        where="D's layer", why="the data's pass was overwritten",
        mistake="one tape for both",
        solution="tape_real and tape_fake. The second forward overwrites the name, and the data's gradient is "
                 "taken at the samples.",
    ),
    Exercise(
        "the generator's step", GameE, as_game(GameE),
        where="dθ_g", why="G learns nothing",
        mistake="da is rounded to whole numbers",
        solution="da_fake = self.objective.generator_gradient(a_fake). Made like the labels, da_fake holds whole "
                 "numbers, and every gradient below 1 becomes 0: G stands still, and nothing complains.",
    ),
    Exercise(
        "the generator's step", GameF, as_game(GameF, "nonsaturating"),
        where="G's layer", why="D's own value",
        mistake="V's term for V_g's",
        solution="objective.generator_gradient(a_fake). In the non-saturating game G has a value of its own "
                 "(E34); this is the saturating one's.",
    ),
    Exercise(
        "the discriminator's step", GameG, as_game(GameG),
        where="D's layer", why="one term is absent: the samples",
        mistake="the samples' term is missing",
        solution="D.gradient(tape_real, da_real) + D.gradient(tape_fake, da_fake). Without the second term D "
                 "learns to say yes to everything.",
    ),
    Exercise(
        "backpropagation through a network", NetworkA, as_network(NetworkA),
        where="dW of layer 2", why="layer 3 Tanh",
        mistake="activations are skipped",
        solution="dy passes back through every layer. Activations have no parameters, but they have a "
                 "derivative.",
    ),
    Exercise(
        "the R-gradient of a network", NetworkB, as_network(NetworkB),
        where="RdW of layer 0", why="with Rx",
        mistake="the path into earlier layers",
        solution="Rdy = layer.rbackward(…, dy, Rdy). With dy = 0 the φ″ term of each activation never reaches "
                 "the layers before it: the gradient penalty is right for the last layer alone.",
    ),
]  # fmt: skip

TRAINING = [
    Exercise(
        "one iteration of Algorithm 1", TrainingA, as_training(TrainingA),
        where="k", why="DGDG",
        mistake="k is ignored",
        solution="for _ in range(self.k). E31 is done k times for each E32.",
    ),
    Exercise(
        "one iteration of Algorithm 1", TrainingB, as_training(TrainingB),
        where="z", why="uses the z of an earlier step",
        mistake="one z for all k steps",
        solution="Fresh z in each of the k steps: otherwise D is fitted to m samples, not to P_G.",
    ),
    Exercise(
        "the generator's update", TrainingC, as_training(TrainingC),
        where="theta_g", why="against its aim",
        mistake="G ascends",
        solution="self.optimizer_g.descend. D goes up V, G goes down V_g: the sign stands here and nowhere "
                 "else.",
    ),
    Exercise(
        "the discriminator's update", TrainingD, as_training(TrainingD),
        where="k", why="DGDGDGG",
        mistake="G moves with D",
        solution="Leave the last line out. G moves once an iteration (E32), after the k steps of D, so that D "
                 "stays ahead of it.",
    ),
]  # fmt: skip

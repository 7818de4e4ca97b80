"""Exercises on the gradients of the two players, which pass through both networks."""

from __future__ import annotations

import numpy as np

from numgan.architectures import mlp
from numgan.check.exercises.checks import as_game
from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.networks import network_findings
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.network import Network


class GameA(Game):
    """∇_{θ_g} V_g"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake = D(theta_d, x, rng)
        da_fake = self.objective.generator_gradient(a_fake)
        return GeneratorStep(
            G.gradient(theta_g, tape_g, np.broadcast_to(da_fake, x.shape)), a_fake, tape_g
        )


class GameB(Game):
    """∇_{θ_g} V_g"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, x, rng)
        da_fake = self.objective.generator_gradient(a_fake)
        theta_d -= 1e-3 * D.gradient(theta_d, tape_d, da_fake)
        return GeneratorStep(
            G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g
        )


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
        return GeneratorStep(
            G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g
        )


class GameF(Game):
    """∇_{θ_g} V_g, for an objective whose V_g is not V's own term"""

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        G, D = self.G, self.D
        x, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, x, rng)
        da_fake = self.objective.gradient(a_fake, a_fake)[1]
        return GeneratorStep(
            G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)), a_fake, tape_g
        )


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
            for view, value in zip(
                dPs[i], self.layers[i].gradient(Ps[i], tape[i], dy), strict=True
            ):
                view[...] = value
            if self.layers[i].parameters():
                dy = self.layers[i].backward(Ps[i], tape[i], dy)
        return dtheta


class NetworkB(Network):
    """R{∂V/∂θ} through the layers, from the last to the first"""

    def rgradient(self, theta, tape, Rtheta, Rtape, dy, Rdy, dys=None):
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


def as_network(kind):
    """That kind of network, with small layers."""
    network = kind(mlp([3, 5, 4, 1], "tanh").layers, (3,))
    return lambda seed: network_findings(network, kind.__name__, seed=seed)


PLAYERS = [
    Exercise(
        "the generator's step",
        GameA,
        as_game(GameA, "nonsaturating"),
        where="G's layer",
        why="the chain rule skips D",
        mistake="D is left out",
        solution="dx = D.backward(theta_d, tape_d, da_fake). G's output reaches V through D only "
        "(E35); da is "
        "a gradient at the logit, not at x. It has the right shape by broadcasting.",
    ),
    Exercise(
        "the generator's step",
        GameB,
        as_game(GameB),
        where="unchanged by the generator's step",
        why="changes θ_d",
        mistake="G's step moves D",
        solution="Leave the line out. G's step differentiates through D with θ_d fixed (E35); here "
        "D is taught "
        "to be fooled.",
    ),
    Exercise(
        "the discriminator's step",
        GameC,
        as_game(GameC),
        where="D's layer",
        why="added and backpropagated once",
        mistake="output gradients added",
        solution="Two passes back: da_real through the tape of the data, da_fake through that of "
        "the samples. "
        "The chain rule is linear in dy, but the two dy belong to different points.",
    ),
    Exercise(
        "the discriminator's step",
        GameD,
        as_game(GameD),
        where="D's layer",
        why="the data's pass was overwritten",
        mistake="one tape for both",
        solution="tape_real and tape_fake. The second forward overwrites the name, and the data's "
        "gradient is "
        "taken at the samples.",
    ),
    Exercise(
        "the generator's step",
        GameE,
        as_game(GameE),
        where="dθ_g",
        why="G learns nothing",
        mistake="da is rounded to whole numbers",
        solution="da_fake = self.objective.generator_gradient(a_fake). Made like the labels, "
        "da_fake holds whole "
        "numbers, and every gradient below 1 becomes 0: G stands still, and nothing "
        "complains.",
    ),
    Exercise(
        "the generator's step",
        GameF,
        as_game(GameF, "nonsaturating"),
        where="G's layer",
        why="D's own value",
        mistake="V's term for V_g's",
        solution="objective.generator_gradient(a_fake). In the non-saturating game G has a value "
        "of its own "
        "(E34); this is the saturating one's.",
    ),
    Exercise(
        "the discriminator's step",
        GameG,
        as_game(GameG),
        where="D's layer",
        why="one term is absent: the samples",
        mistake="the samples' term is missing",
        solution="D.gradient(tape_real, da_real) + D.gradient(tape_fake, da_fake). Without the "
        "second term D "
        "learns to say yes to everything.",
    ),
    Exercise(
        "backpropagation through a network",
        NetworkA,
        as_network(NetworkA),
        where="dW of layer 2",
        why="layer 3 Tanh",
        mistake="activations are skipped",
        solution="dy passes back through every layer. Activations have no parameters, but they "
        "have a "
        "derivative.",
    ),
    Exercise(
        "the R-gradient of a network",
        NetworkB,
        as_network(NetworkB),
        where="RdW of layer 0",
        why="with Rx",
        mistake="the path into earlier layers",
        solution="Rdy = layer.rbackward(…, dy, Rdy). With dy = 0 the φ″ term of each activation "
        "never reaches "
        "the layers before it: the gradient penalty is right for the last layer alone.",
    ),
]

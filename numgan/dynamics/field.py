"""E38: the vector field along which the two players move, on the joint vector w = (θ_d, θ_g).

    v(w) = (+∇_{θ_d} V_d, −∇_{θ_g} V_g)              D ascends its value, G descends its own

A vector field is any function that maps w to v(w), an array of the same shape, and accepts complex
numbers too. This package only ever evaluates a field.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array, namespace
from numgan.game import Game

VectorField = Callable[[Array], Array]


class ForwardPasses(NamedTuple):
    """One forward pass of the whole game at a point: the start of each of its derivatives there.

    >>> from numgan.architectures import mlp
    >>> from numgan.objectives import OBJECTIVES
    >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
    >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
    >>> look = field.look(np.array([1.0, 0.0, 0.0, 3.0]))  # s, r, u, t
    >>> look.samples, look.a_real
    (array([[3.]]), array([[2.]]))
    """

    theta_d: Array
    theta_g: Array
    samples: Array
    a_real: Array
    a_fake: Array
    tape_g: list
    tape_real: list
    tape_fake: list
    rng: Any  # after the passes: a penalty continues to draw from it


@dataclass(frozen=True, eq=False)
class GameField:
    """The field of a game for one fixed minibatch.

    x (m, *D.input_shape) are data, z (m, *G.input_shape) latents. Both gradients use the same
    passes, so networks that draw random numbers draw the same ones for both players, and at every
    w: from `seed`. So V is one function of w, and if D and G share it the game is exactly zero-sum.

        >>> from numgan.architectures import mlp
        >>> from numgan.objectives import OBJECTIVES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
        >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
        >>> field(np.array([1.0, 0.0, 0.0, 0.0]))  # V = s(x − uz − t): (x − uz − t, 0, sz, s)
        array([2., 0., 1., 1.])
    """

    game: Game
    x: Array
    z: Array
    seed: int = 0

    @property
    def size(self) -> int:
        """The length of w."""
        return self.game.D.size + self.game.G.size

    @property
    def free(self) -> np.ndarray:
        """(size,): True for variables of the game, False for what layers remember, where v = 0."""
        return ~np.concatenate([self.game.D.fixed, self.game.G.fixed])

    def split(self, w: Array) -> tuple[Array, Array]:
        """θ_d and θ_g, views into w."""
        return w[: self.game.D.size], w[self.game.D.size :]

    def look(self, w: Array) -> ForwardPasses:
        """The forward passes, in the order of Algorithm 1: samples, D on data, D on samples."""
        D, G, (theta_d, theta_g) = self.game.D, self.game.G, self.split(w)
        rng = np.random.default_rng(self.seed)
        samples, tape_g = G.forward(theta_g, self.z, rng)
        a_real, tape_real = D.forward(theta_d, self.x, rng)
        a_fake, tape_fake = D.forward(theta_d, samples, rng)
        return ForwardPasses(
            theta_d, theta_g, samples, a_real, a_fake, tape_g, tape_real, tape_fake, rng
        )

    def __call__(self, w: Array) -> Array:
        """v(w), (size,)."""
        return self.gradients(self.look(w))

    def gradients(self, at: ForwardPasses) -> Array:
        """v where the game was looked at."""
        D, G, objective = self.game.D, self.game.G, self.game.objective
        da_real, da_fake = objective.gradient(at.a_real, at.a_fake)
        dtheta_d = D.gradient(at.theta_d, at.tape_real, da_real)
        dtheta_d = dtheta_d + D.gradient(at.theta_d, at.tape_fake, da_fake)
        dtheta_d = dtheta_d - self.dpenalty(at, at.theta_d, at.samples)  # E31, E46

        da_fake = objective.generator_gradient(at.a_fake, at.a_real)
        dx = D.backward(at.theta_d, at.tape_fake, da_fake)
        if (cost := self.game.cost) is not None:
            dx = dx + cost.dsamples(self.z, at.samples)  # E55
        dtheta_g = G.gradient(at.theta_g, at.tape_g, dx)  # E32, E35
        if cost is not None:
            dtheta_g = dtheta_g + cost.dtheta(G, at.theta_g)  # E55
        return namespace(at.theta_d).concatenate([dtheta_d, -dtheta_g])  # E38

    def cross(self, w: Array) -> Array:
        """(∇_{θ_d} f₂, ∇_{θ_g} f₁): each player's loss by the other's parameters, f₁ = −(V_d − R)
        and f₂ = V_g + C. In a zero-sum game it is v.

        Minimax and others leave the data's term out of V_g, for G does not change it (E32); it is
        no part of ∇_{θ_d} f₂ then. The paired objectives that saturate have all of V in V_g.
        """
        D, G, objective, at = self.game.D, self.game.G, self.game.objective, self.look(w)
        da_real, da_fake = objective.V_g.gradient(at.a_real, at.a_fake)
        of_d = D.gradient(at.theta_d, at.tape_real, da_real)
        of_d = of_d + D.gradient(at.theta_d, at.tape_fake, da_fake)

        _, da_fake = objective.gradient(at.a_real, at.a_fake)
        dx = D.backward(at.theta_d, at.tape_fake, da_fake)
        if self.game.penalty is not None:
            dx = dx - self.dpenalty_samples(at, at.theta_d)
        return namespace(w).concatenate([of_d, -G.gradient(at.theta_g, at.tape_g, dx)])  # E59

    def dpenalty(self, at: ForwardPasses, theta_d: Array, samples: Array) -> Array:
        """∂R/∂θ_d of the penalty at any θ_d and samples, with the random draws of `at`; or 0."""
        game = self.game
        if game.penalty is None:
            return 0.0
        rng = deepcopy(at.rng)
        return game.penalty.gradient(game.D, theta_d, self.x, samples, rng, game.classes)

    def dpenalty_samples(self, at: ForwardPasses, theta_d: Array) -> Array:
        """∂R/∂x̃ of the penalty at any θ_d, with the random draws of `at`."""
        game, rng = self.game, deepcopy(at.rng)
        assert game.penalty is not None
        return game.penalty.dsamples(game.D, theta_d, self.x, at.samples, rng, game.classes)

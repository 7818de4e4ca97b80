"""E38: the vector field along which the two players move, on the joint vector w = (θ_d, θ_g).

    v(w) = (+∇_{θ_d} V_d, −∇_{θ_g} V_g)              D ascends its value, G descends its own

A vector field is anything that is called with w and returns v(w), an array of the same shape, and that runs on complex
numbers too: what this package asks of a field is asked by evaluating it.
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


class Look(NamedTuple):
    """One forward pass of the whole game at a point: what each of its derivatives there starts from."""

    theta_d: Array
    theta_g: Array
    samples: Array
    a_real: Array
    a_fake: Array
    tape_g: list
    tape_real: list
    tape_fake: list
    rng: Any  # as the passes left it: a penalty goes on drawing from here


@dataclass(frozen=True, eq=False)
class GameField:
    """The field of a game for one minibatch: data x (m, *D.input_shape) and latents z (m, *G.input_shape), held fixed.

    Both gradients are taken from the same passes, so networks that draw random numbers draw the same for both players,
    and at every w: from `seed`. Then V is one function of w, and where D and G share it the game is zero-sum exactly.
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
        """True where w holds a variable of the game, False where a layer remembers something: there v = 0, (size,)."""
        return ~np.concatenate([self.game.D.fixed, self.game.G.fixed])

    def split(self, w: Array) -> tuple[Array, Array]:
        """θ_d and θ_g, views into w."""
        return w[: self.game.D.size], w[self.game.D.size :]

    def look(self, w: Array) -> Look:
        """The forward passes, in the order of Algorithm 1: D on data, samples, D on samples."""
        D, G, rng, (theta_d, theta_g) = self.game.D, self.game.G, np.random.default_rng(self.seed), self.split(w)
        a_real, tape_real = D.forward(theta_d, self.x, rng)
        samples, tape_g = G.forward(theta_g, self.z, rng)
        a_fake, tape_fake = D.forward(theta_d, samples, rng)
        return Look(theta_d, theta_g, samples, a_real, a_fake, tape_g, tape_real, tape_fake, rng)

    def __call__(self, w: Array) -> Array:
        """v(w), (size,)."""
        D, G, objective, at = self.game.D, self.game.G, self.game.objective, self.look(w)
        da_real, da_fake = objective.gradient(at.a_real, at.a_fake)
        dtheta_d = D.gradient(at.theta_d, at.tape_real, da_real) + D.gradient(at.theta_d, at.tape_fake, da_fake)
        dtheta_d = dtheta_d - self.dpenalty(at, at.theta_d, at.samples)               # E31, E46

        da_fake = objective.generator_gradient(at.a_fake, at.a_real)
        dx = D.backward(at.theta_d, at.tape_fake, da_fake)
        dtheta_g = G.gradient(at.theta_g, at.tape_g, dx)                              # E32, E35
        return namespace(w).concatenate([dtheta_d, -dtheta_g])                        # E38

    def dpenalty(self, at: Look, theta_d: Array, samples: Array) -> Array:
        """∂R/∂θ_d of the game's penalty, at θ_d and samples of your choice but with the draws of this look; else 0."""
        game = self.game
        if game.penalty is None:
            return 0.0
        return game.penalty.gradient(game.D, theta_d, self.x, samples, deepcopy(at.rng), game.classes)

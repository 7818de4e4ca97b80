"""Algorithm 1 of Goodfellow et al. 2014 (arXiv:1406.2661), and nothing else.

    for every iteration:
        k times:   draw x from the data and z from the prior;   θ_d ← θ_d + η ∇_{θ_d} Ṽ       E31
        once:      draw a fresh z;                              θ_g ← θ_g − η ∇_{θ_g} Ṽ_g     E32
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from numgan.backend import Array
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.optimizers import Optimizer


class Source(Protocol):
    """Where minibatches come from: a density with fresh draws, or finite data in shuffled epochs."""

    def batch(self, m: int, rng: Any) -> Array:
        """m samples, (m, *shape)."""
        ...


@dataclass
class Training:
    """Everything that Algorithm 1 needs, and all that it changes: θ_d, θ_g, the average θ̄_g, the optimizers, rng.

    `average` is the decay β of θ̄_g ← βθ̄_g + (1−β)θ_g, an exponential moving average of the generator (0: no memory).
    """

    game: Game
    data: Source
    rng: Any
    theta_d: Array
    theta_g: Array
    optimizer_d: Optimizer
    optimizer_g: Optimizer
    m: int = 128
    k: int = 1
    average: float = 0.0
    theta_bar: Array = field(default=None)
    iterations: int = 0

    def __post_init__(self):
        if self.theta_bar is None:
            self.theta_bar = self.theta_g.copy()

    def latents(self, m: int) -> Array:
        """z ~ p_z, standard normal, (m, *G.input_shape), in the precision of θ_g."""
        return self.rng.standard_normal((m, *self.game.G.input_shape), dtype=self.theta_g.dtype)

    def discriminator_step(self) -> DiscriminatorStep:
        """E31: one ascent step of D on fresh x and z. Changes θ_d and nothing of G."""
        x, z = self.data.batch(self.m, self.rng), self.latents(self.m)
        step = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng)
        self.optimizer_d.ascend(self.theta_d, step.dtheta_d)                          # θ_d ← θ_d + η ∇Ṽ
        self.game.D.observe(self.theta_d, step.tape)
        return step

    def generator_step(self) -> GeneratorStep:
        """E32: one descent step of G on fresh z. Changes θ_g, θ̄_g and nothing of D."""
        step = self.game.generator_step(self.theta_d, self.theta_g, self.latents(self.m), self.rng)
        self.optimizer_g.descend(self.theta_g, step.dtheta_g)                         # θ_g ← θ_g − η ∇Ṽ_g
        self.game.G.observe(self.theta_g, step.tape)
        self.theta_bar += (1 - self.average) * (self.theta_g - self.theta_bar)        # θ̄_g ← βθ̄_g + (1−β)θ_g
        return step

    def iteration(self) -> tuple[DiscriminatorStep, GeneratorStep]:
        """One iteration of Algorithm 1; returns the last step of D and the step of G, for whoever is watching."""
        for _ in range(self.k):
            discriminator = self.discriminator_step()
        generator = self.generator_step()
        self.iterations += 1
        return discriminator, generator

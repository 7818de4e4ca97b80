"""Algorithm 1 of Goodfellow et al. 2014 (arXiv:1406.2661), and nothing else.

for every iteration:
    k times:   draw x from the data and z from the prior;   θ_d ← θ_d + η ∇_{θ_d} Ṽ       E31
    once:      draw a fresh z;                              θ_g ← θ_g − η ∇_{θ_g} Ṽ_g     E32
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from numgan.arguments import check_training
from numgan.backend import Array
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.layers.layer import positive
from numgan.optimizers import Optimizer, move_average


class Source(Protocol):
    """Where minibatches come from: a density with fresh draws,
    or finite data in shuffled epochs."""

    def batch(self, m: int, rng: Any) -> Array:
        """m samples, (m, *shape)."""
        ...


@dataclass
class Training:
    """Everything that Algorithm 1 needs, and all that it changes: θ_d, θ_g, the average θ̄_g, the
    optimizers, rng.

    Latents are standard normal. In a conditional GAN G's rows are [z | c]: c is drawn from
    `classes`, the one-hot rows of the data's own classes (R, K), so that G is asked for each as
    often as the data have it.

    A penalty may be taken at every n-th step of D only, n times as strong (`every`: lazy,
    arXiv:1912.04958); `clip` keeps every weight of D in [−clip, clip], the first way to a Lipschitz
    critic (arXiv:1701.07875).

    `average` is the decay β of θ̄_g ← βθ̄_g + (1−β)θ_g, an exponential moving average of the
    generator (0: no memory).

    What D remembers, such as batch norm's running averages, it learns from the data alone: outside
    training it judges all samples by the statistics of the data. Raises InputError for arguments
    that do not fit each other, and for an optimizer that belongs to another θ.
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
    classes: Array | None = None
    every: int = 1
    clip: float | None = None
    average: float = 0.0
    theta_bar: Array = field(default=None)
    iterations: int = 0

    def __post_init__(self) -> None:
        positive(m=self.m, k=self.k, every=self.every)
        check_training(self)
        self.optimizer_d.theta, self.optimizer_g.theta = self.theta_d, self.theta_g
        if self.theta_bar is None:
            self.theta_bar = self.theta_g.copy()

    def latents(self, m: int, rng: Any = None) -> Array:
        """z ~ p_z, or [z | c], (m, *G.input_shape), in the precision of θ_g; from the training's
        rng or another.
        """
        rng = self.rng if rng is None else rng
        z = rng.standard_normal((m, *self.game.G.input_shape), dtype=self.theta_g.dtype)
        if self.classes is not None:
            R, K = self.classes.shape
            z[:, -K:] = self.classes[rng.integers(R, size=m)]
        return z

    def discriminator_step(self) -> DiscriminatorStep:
        """E31: one ascent step of D on fresh x and z. Changes θ_d and nothing of G."""
        x, z = self.data.batch(self.m, self.rng), self.latents(self.m)
        penalized = 0 if self.optimizer_d.t % self.every else self.every
        step = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng, penalized)
        self.optimizer_d.ascend(self.theta_d, step.dtheta_d)  # E31  θ_d ← θ_d + η ∇Ṽ
        self.game.D.observe(self.theta_d, step.tape)
        if self.clip is not None:
            self.game.D.clip(self.theta_d, self.clip)
        return step

    def generator_step(self) -> GeneratorStep:
        """E32: one descent step of G on fresh z. Changes θ_g, θ̄_g and nothing of D."""
        z = self.latents(self.m)
        x = self.data.batch(self.m, self.rng) if self.game.objective.relative else None
        step = self.game.generator_step(self.theta_d, self.theta_g, z, self.rng, x)
        self.optimizer_g.descend(self.theta_g, step.dtheta_g)  # E32  θ_g ← θ_g − η ∇Ṽ_g
        self.game.G.observe(self.theta_g, step.tape)
        move_average(self.theta_bar, self.theta_g, self.average)  # θ̄_g ← βθ̄_g + (1−β)θ_g
        return step

    def iteration(self) -> tuple[DiscriminatorStep, GeneratorStep]:
        """One iteration of Algorithm 1; returns the last step of D and the step of G, for whoever
        is watching.
        """
        for _ in range(self.k):
            discriminator = self.discriminator_step()
        generator = self.generator_step()
        self.iterations += 1
        return discriminator, generator

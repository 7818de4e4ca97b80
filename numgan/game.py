"""The game: two networks, one objective, and the exact gradient of each player.

Everything is a function of the flat vectors θ_d and θ_g, and changes neither of them. So the same
lines serve training (E31, E32), the numerical checks of section 10, and the vector field of section
7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from numgan.backend import Array
from numgan.costs import Cost
from numgan.errors import InputError
from numgan.network import Network
from numgan.penalties import Priced
from numgan.values import BaseObjective


class DiscriminatorStep(NamedTuple):
    """∇_{θ_d}(Ṽ − R) and the logits it was computed at; Ṽ itself is objective.value(a_real,
    a_fake).
    """

    dtheta_d: Array  # (D.size,)
    a_real: Array  # (N, 1)
    a_fake: Array  # (N, 1)
    tape: list  # of D on the data; on all rows where it remembers nothing of them


class GeneratorStep(NamedTuple):
    """∇_{θ_g} (Ṽ_g + C) and the logits it was computed at; Ṽ_g itself is
    objective.generator_value(a_fake, a_real).
    """

    dtheta_g: Array  # (G.size,)
    a_fake: Array  # (N, 1)
    tape: list  # of G
    a_real: Array | None = None  # where the objective is relativistic


@dataclass(frozen=True, repr=False)
class Game:
    """G maps latents z (N, *G.input_shape) to samples; D maps samples to logits a (N, 1).

    D ascends Ṽ − R, where R is a penalty or a sum of them, r1 + r2. G descends Ṽ_g + C, where C is
    a cost or a sum of them (E55).

    Raises InputError where the two do not fit together.
    """

    G: Network
    D: Network
    objective: BaseObjective
    penalty: Priced | None = None
    classes: int = 0  # how many numbers of a row say its class, in a conditional game
    cost: Cost | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.objective, BaseObjective):
            raise InputError(
                f"expected an objective such as OBJECTIVES['minimax'], got {self.objective!r}"
            )
        if self.penalty is not None and not isinstance(self.penalty, Priced):
            raise InputError(
                f"expected a penalty such as PENALTIES['r1'], or a sum of them with +, got "
                f"{self.penalty!r}"
            )
        if self.cost is not None and not isinstance(self.cost, Cost):
            raise InputError(
                f"expected a cost of G such as COSTS['decay'], or a sum of them with +, got "
                f"{self.cost!r}"
            )
        if self.G.output_shape != self.D.input_shape:
            raise InputError(
                f"the generator makes samples of shape {self.G.output_shape}, "
                f"the discriminator expects {self.D.input_shape}"
            )
        if self.D.output_shape != (1,):
            raise InputError(
                f"the discriminator must end in one logit, shape (1,), got {self.D.output_shape}"
            )
        if self.cost is not None:
            self.cost.fits(self.G)

    def __repr__(self) -> str:
        paid = "" if self.penalty is None else f", {self.penalty.name}"
        return f"<Game {self.objective.name}{paid}: G {self.G.size:,}, D {self.D.size:,} numbers>"

    def _repr_html_(self) -> str:
        from numgan.html import of_game

        return of_game(self)

    def value(self, theta_d: Array, theta_g: Array, x: Array, z: Array, rng: Any = None) -> Array:
        """Ṽ(θ_d, θ_g) on a minibatch of data x and of latents z, a scalar (E29)."""
        samples = self.G(theta_g, z, rng)
        return self.objective.value(self.D(theta_d, x, rng), self.D(theta_d, samples, rng))

    def generator_value(
        self, theta_d: Array, theta_g: Array, z: Array, rng: Any = None, x: Array = None
    ) -> Array:
        """Ṽ_g + C, which G descends, on a minibatch of latents z, a scalar (E32; E34 for the
        non-saturating choice; E55). Only a relativistic objective asks for data x as well."""
        samples = self.G(theta_g, z, rng)
        a_fake = self.D(theta_d, samples, rng)
        V = self.objective.generator_value(a_fake, self.compared(theta_d, x, rng))
        return V if self.cost is None else V + self.cost.value(self.G, theta_g, z, samples)

    def compared(self, theta_d: Array, x: Array, rng: Any = None) -> Array | None:
        """a(x) where the objective is relativistic, else None. Raises InputError where x is missing
        then.
        """
        if not self.objective.relative:
            return None
        if x is None:
            raise InputError(
                "a relativistic objective compares samples with data: pass x to the "
                "generator's step too"
            )
        return self.D(theta_d, x, rng)

    def discriminator_value(
        self, theta_d: Array, theta_g: Array, x: Array, z: Array, rng: Any = None
    ) -> Array:
        """Ṽ − R, which D ascends, a scalar: the value less the penalty, if there is one (E46)."""
        samples, a_real = self.G(theta_g, z, rng), self.D(theta_d, x, rng)
        V = self.objective.value(a_real, self.D(theta_d, samples, rng))
        return (
            V
            if self.penalty is None
            else V - self.penalty.value(self.D, theta_d, x, samples, rng, self.classes)
        )

    def discriminator_step(
        self,
        theta_d: Array,
        theta_g: Array,
        x: Array,
        z: Array,
        rng: Any = None,
        penalized: float = 1.0,
    ) -> DiscriminatorStep:
        """∇_{θ_d}(Ṽ − penalized · R) (E31, E46). The samples G(z) are data here: nothing is
        differentiated through G.

        D is a classifier of 2m labelled rows (E30), which pass through it together; where it
        couples rows, as batch norm does, data and samples pass one after the other. rng is for
        networks that draw random numbers, such as those with dropout.
        """
        G, D = self.G, self.D
        samples = G(theta_g, z, rng)
        (a_real, a_fake), tapes = D.forward_all(theta_d, (x, samples), rng)  # E30

        da = self.objective.gradient(a_real, a_fake)  # E33
        dtheta_d = D.gradient_all(theta_d, tapes, da)  # E31
        if self.penalty is not None and penalized:
            dR = self.penalty.gradient(D, theta_d, x, samples, rng, self.classes)  # E46
            dtheta_d -= dR if penalized == 1 else penalized * dR
        return DiscriminatorStep(dtheta_d, a_real, a_fake, tapes[0])

    def generator_step(
        self, theta_d: Array, theta_g: Array, z: Array, rng: Any = None, x: Array = None
    ) -> GeneratorStep:
        """∇_{θ_g} (Ṽ_g + C) (E32, E55), by the chain rule through D to its input with θ_d fixed
        (E35).
        """
        G, D = self.G, self.D
        samples, tape_g = G.forward(theta_g, z, rng)
        a_fake, tape_d = D.forward(theta_d, samples, rng)
        a_real = self.compared(theta_d, x, rng)

        da_fake = self.objective.generator_gradient(a_fake, a_real)  # E33, E34
        # ∇_x at x = G(z)
        dx = D.backward(theta_d, tape_d, da_fake)
        if self.cost is not None:
            dx = dx + self.cost.dsamples(z, samples)  # E55
        dtheta_g = G.gradient(theta_g, tape_g, dx)  # E35
        if self.cost is not None:
            dtheta_g = dtheta_g + self.cost.dtheta(G, theta_g)  # E55
        return GeneratorStep(dtheta_g, a_fake, tape_g, a_real)

"""What the two players want, as functions of the logits a(x): values, gradients, and the gradients' change.

D(x) = σ(a(x)) is never formed: log σ(a) = −softplus(−a) and log(1 − σ(a)) = −softplus(a) are exact where D has long
rounded to 0 or 1. The 1/m of every mean appears here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numgan.backend import Array
from numgan.layers.functions import sigmoid, softplus


@dataclass(frozen=True)
class Term:
    """A function t of one logit with its first and second derivative."""

    t: Callable[[Array], Array]
    dt: Callable[[Array], Array]
    ddt: Callable[[Array], Array]

    def mean(self, a: Array) -> Array:
        """(1/m) Σ t(a_i), over the m logits of a."""
        return self.t(a).mean()

    def gradient(self, a: Array) -> Array:
        """∂/∂a_i of the mean: t'(a_i)/m, in the shape of a."""
        return self.dt(a) / a.size

    def rgradient(self, a: Array, Ra: Array) -> Array:
        """R{gradient} along Ra: t''(a_i) Ra_i/m."""
        return self.ddt(a) * Ra / a.size


#                             t(a)                       t'(a)                      t''(a)
LOG_D          = Term(lambda a: -softplus(-a), lambda a:  sigmoid(-a), lambda a: -sigmoid(a) * sigmoid(-a))  # log σ(a)
LOG_ONE_LESS_D = Term(lambda a: -softplus(a),  lambda a: -sigmoid(a),  lambda a: -sigmoid(a) * sigmoid(-a))  # log(1−σ)
MINUS_LOG_D    = Term(lambda a:  softplus(-a), lambda a: -sigmoid(-a), lambda a:  sigmoid(a) * sigmoid(-a))  # −log σ


@dataclass(frozen=True)
class Objective:
    """A value for each player: D ascends `value`, G descends `generator_value`.

        Ṽ  = (1/m) Σ real(a(x^i)) + (1/m) Σ fake(a(x̃^i))          x^i data, x̃^i = G(z^i)
        Ṽ_g = (1/m) Σ generator(a(x̃^i))
    """

    name: str
    says: str  # what the generator minimises, for the help of the command line
    real: Term
    fake: Term
    generator: Term

    def value(self, a_real: Array, a_fake: Array) -> Array:
        """Ṽ, a scalar, in nats for the objectives made of logarithms."""
        return self.real.mean(a_real) + self.fake.mean(a_fake)                        # E29; −Ṽ is the cross-entropy E30

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """∂Ṽ/∂a(x^i) and ∂Ṽ/∂a(x̃^i): the numbers that the discriminator's backward pass starts from."""
        return self.real.gradient(a_real), self.fake.gradient(a_fake)                 # E33

    def rgradient(self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array) -> tuple[Array, Array]:
        """R{gradient} where the logits move along (Ra_real, Ra_fake)."""
        return self.real.rgradient(a_real, Ra_real), self.fake.rgradient(a_fake, Ra_fake)

    def generator_value(self, a_fake: Array) -> Array:
        """Ṽ_g, a scalar."""
        return self.generator.mean(a_fake)                                            # E32, E34

    def generator_gradient(self, a_fake: Array) -> Array:
        """∂Ṽ_g/∂a(x̃^i): the numbers that the generator's backward pass, through D, starts from."""
        return self.generator.gradient(a_fake)                                        # E33, E34

    def generator_rgradient(self, a_fake: Array, Ra_fake: Array) -> Array:
        """R{generator_gradient} where the logits move along Ra_fake."""
        return self.generator.rgradient(a_fake, Ra_fake)


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective("minimax", "log(1 − D(G(z))): the derivation's own game, which saturates (E32)",
                  LOG_D, LOG_ONE_LESS_D, LOG_ONE_LESS_D),
        Objective("nonsaturating", "−log D(G(z)): same optimum, strong gradients where D is sure (E34)",
                  LOG_D, LOG_ONE_LESS_D, MINUS_LOG_D),
    )
}  # fmt: skip

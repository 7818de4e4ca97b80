"""What the two players want, as functions of the logits a(x): values, gradients, and the gradients' change.

D(x) = σ(a(x)) is never formed: log σ(a) = −softplus(−a) and log(1 − σ(a)) = −softplus(a) are exact where D has long
rounded to 0 or 1. The 1/m of every mean appears here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.functions import sigmoid, softplus, step


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


def square(c: float, factor: float = -0.5) -> Term:
    """factor·(a − c)²: D's −½ is highest where the logit is c, G's ½ lowest."""
    return Term(lambda a: factor * (a - c) ** 2, lambda a: 2 * factor * (a - c), lambda a: 2 * factor + 0 * a)


def slope(a: Array) -> Array:
    """σ'(a) = σ(a) σ(−a)."""
    return sigmoid(a) * sigmoid(-a)


def exp(a: Array) -> Array:
    """eᵃ."""
    return namespace(a).exp(a)


def tanh(a: Array) -> Array:
    """tanh a."""
    return namespace(a).tanh(a)


LOG_2 = log(2)
#                             t(a)                       t'(a)                      t''(a)
LOG_D          = Term(lambda a: -softplus(-a),       lambda a:  sigmoid(-a),    lambda a: -slope(a))      # log σ(a)
LOG_ONE_LESS_D = Term(lambda a: -softplus(a),        lambda a: -sigmoid(a),     lambda a: -slope(a))      # log(1−σ(a))
MINUS_LOG_D    = Term(lambda a:  softplus(-a),       lambda a: -sigmoid(-a),    lambda a:  slope(a))      # −log σ(a)
MINUS_LOG_ONE_LESS_D = Term(lambda a: softplus(a),   lambda a:  sigmoid(a),     lambda a:  slope(a))      # −log(1−σ(a))
LOGIT          = Term(lambda a:  a,                  lambda a:  1 + 0 * a,      lambda a:  0 * a)
MINUS_LOGIT    = Term(lambda a: -a,                  lambda a: -1 + 0 * a,      lambda a:  0 * a)
HINGE_ABOVE    = Term(lambda a: (a - 1) * step(1 - a), lambda a:  step(1 - a) + 0 * a, lambda a: 0 * a)   # min(0, a−1)
HINGE_BELOW    = Term(lambda a: (-a - 1) * step(1 + a), lambda a: -step(1 + a) + 0 * a, lambda a: 0 * a)  # min(0, −a−1)
# the rows of E42: T = g_f(a) on data, −f*(T) on samples
KL_FAKE        = Term(lambda a: -exp(a - 1),         lambda a: -exp(a - 1),     lambda a: -exp(a - 1))
REVERSE_REAL   = Term(lambda a: -exp(-a),            lambda a:  exp(-a),        lambda a: -exp(-a))
REVERSE_FAKE   = Term(lambda a:  1 - a,              lambda a: -1 + 0 * a,      lambda a:  0 * a)
PEARSON_FAKE   = Term(lambda a: -a**2 / 4 - a,       lambda a: -a / 2 - 1,      lambda a: -0.5 + 0 * a)
HELLINGER_REAL = Term(lambda a:  1 - exp(-a),        lambda a:  exp(-a),        lambda a: -exp(-a))
HELLINGER_FAKE = Term(lambda a:  1 - exp(a),         lambda a: -exp(a),         lambda a: -exp(a))
JS_REAL        = Term(lambda a: (LOG_2 - softplus(-a)) / 2, lambda a: sigmoid(-a) / 2, lambda a: -slope(a) / 2)
JS_FAKE        = Term(lambda a: (LOG_2 - softplus(a)) / 2, lambda a: -sigmoid(a) / 2, lambda a: -slope(a) / 2)
VARIATION_REAL = Term(lambda a:  tanh(a) / 2,        lambda a:  2 * slope(2 * a), lambda a: -4 * slope(2 * a) * tanh(a))
VARIATION_FAKE = Term(lambda a: -tanh(a) / 2,        lambda a: -2 * slope(2 * a), lambda a:  4 * slope(2 * a) * tanh(a))


@dataclass(frozen=True)
class Objective:
    """A value for each player: D ascends `value`, G descends `generator_value`.

        Ṽ  = (1/m) Σ real(a(x^i)) + (1/m) Σ fake(a(x̃^i))          x^i data, x̃^i = G(z^i)
        Ṽ_g = (1/m) Σ generator(a(x̃^i))

    G's value may depend on the data's logits as well, which every method takes last: here it does not (`relative`).
    """

    name: str
    says: str  # what the generator minimises, for the help of the command line
    real: Term
    fake: Term
    generator: Term
    aliases: tuple[str, ...] = ()  # other names of it, for the command line
    relative = False

    @property
    def logistic(self) -> bool:
        """True where σ(a) is a probability: E18, E19 and E20 say what it tends to."""
        return self.real == LOG_D and self.fake == LOG_ONE_LESS_D

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """What Ṽ is the sum of, one number for each logit."""
        return self.real.t(a_real) / a_real.size, self.fake.t(a_fake) / a_fake.size

    def value(self, a_real: Array, a_fake: Array) -> Array:
        """Ṽ, a scalar, in nats for the objectives made of logarithms."""
        return self.real.mean(a_real) + self.fake.mean(a_fake)                        # E29; −Ṽ is the cross-entropy E30

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """∂Ṽ/∂a(x^i) and ∂Ṽ/∂a(x̃^i): the numbers that the discriminator's backward pass starts from."""
        return self.real.gradient(a_real), self.fake.gradient(a_fake)                 # E33

    def rgradient(self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array) -> tuple[Array, Array]:
        """R{gradient} where the logits move along (Ra_real, Ra_fake)."""
        return self.real.rgradient(a_real, Ra_real), self.fake.rgradient(a_fake, Ra_fake)

    def out_of_range(self, a_real: Array, a_fake: Array) -> str:
        """Which term has a value or a derivative that its type cannot hold at these logits, in words; "" for none.

        eᵃ has no other form: from a = 89 on float32 has no number for it, from a = 710 on float64 has none. So the
        rows of E42 that are made of it end a training there.
        """
        for player, a in (("real", a_real), ("fake", a_fake), ("generator", a_fake)):
            term, xp = getattr(self, player), namespace(a)
            lost = xp.isfinite(a) & ~(xp.isfinite(term.t(a)) & xp.isfinite(term.dt(a)))
            if lost.any():
                return (f"the term of {player} of {self.name} is beyond {a.dtype} "
                        f"at a logit of {float(a[lost][0]):.4g}")  # fmt: skip
        return ""

    def generator_summands(self, a_fake: Array, a_real: Array = None) -> Array:
        """What Ṽ_g is the sum of."""
        return self.generator.t(a_fake) / a_fake.size

    def generator_value(self, a_fake: Array, a_real: Array = None) -> Array:
        """Ṽ_g, a scalar."""
        return self.generator.mean(a_fake)                                            # E32, E34

    def generator_gradient(self, a_fake: Array, a_real: Array = None) -> Array:
        """∂Ṽ_g/∂a(x̃^i): the numbers that the generator's backward pass, through D, starts from."""
        return self.generator.gradient(a_fake)                                        # E33, E34

    def generator_rgradient(self, a_fake: Array, Ra_fake: Array, a_real: Array = None, Ra_real: Array = None) -> Array:
        """R{generator_gradient} where the logits move along Ra_fake."""
        return self.generator.rgradient(a_fake, Ra_fake)


@dataclass(frozen=True)
class Relativistic:
    """Relativistic average: is this sample more real than the others' mean?      (arXiv:1807.00734)

        b = a(x) − mean a(x̃)      b̃ = a(x̃) − mean a(x)      Ṽ = ordinary value of (b, b̃), and so for Ṽ_g

    L: (a, ã) ↦ (b, b̃) is linear, so its adjoint carries gradients back,

        da_i = db_i − (1/m) Σ_j db̃_j        dã_i = db̃_i − (1/m) Σ_j db_j

    and R{·} is the ordinary objective's, between the two:  Rda = Lᵀ H L Ra, with H its second derivatives.
    """

    name: str
    says: str
    discriminator: Objective
    generator: Objective  # of which G descends the value
    aliases: tuple[str, ...] = ()
    relative = True
    logistic = False

    def relate(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """L: (a, ã) ↦ (b, b̃)."""
        return a_real - a_fake.mean(), a_fake - a_real.mean()

    def adjoint(self, db_real: Array, db_fake: Array) -> tuple[Array, Array]:
        """Lᵀ: each logit also stands, 1/m of it, in the mean that is taken from every logit of the other side."""
        return db_real - db_fake.sum() / db_real.size, db_fake - db_real.sum() / db_fake.size

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """What Ṽ is the sum of: one number for each b and b̃."""
        return self.discriminator.summands(*self.relate(a_real, a_fake))

    def value(self, a_real: Array, a_fake: Array) -> Array:
        """Ṽ of (b, b̃), a scalar."""
        return self.discriminator.value(*self.relate(a_real, a_fake))

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """∂Ṽ/∂a and ∂Ṽ/∂ã:  Lᵀ(∂Ṽ/∂b, ∂Ṽ/∂b̃)."""
        return self.adjoint(*self.discriminator.gradient(*self.relate(a_real, a_fake)))

    def rgradient(self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array) -> tuple[Array, Array]:
        """R{gradient}:  Lᵀ H L (Ra, Rã), with H the second derivatives in (b, b̃)."""
        b, Rb = self.relate(a_real, a_fake), self.relate(Ra_real, Ra_fake)
        return self.adjoint(*self.discriminator.rgradient(*b, *Rb))

    def out_of_range(self, a_real: Array, a_fake: Array) -> str:
        """Which term cannot be held at (b, b̃), in words; "" for none."""
        b = self.relate(a_real, a_fake)
        return self.discriminator.out_of_range(*b) or self.generator.out_of_range(*b)

    def generator_summands(self, a_fake: Array, a_real: Array = None) -> Array:
        """What Ṽ_g is the sum of: here the data have a part in it."""
        real, fake = self.generator.summands(*self.relate(a_real, a_fake))
        return namespace(real).concatenate([real, fake])

    def generator_value(self, a_fake: Array, a_real: Array = None) -> Array:
        """Ṽ_g of (b, b̃), a scalar."""
        return self.generator.value(*self.relate(a_real, a_fake))

    def generator_gradient(self, a_fake: Array, a_real: Array = None) -> Array:
        """∂Ṽ_g/∂ã: the second half of Lᵀ(∂Ṽ_g/∂b, ∂Ṽ_g/∂b̃)."""
        return self.adjoint(*self.generator.gradient(*self.relate(a_real, a_fake)))[1]

    def generator_rgradient(self, a_fake: Array, Ra_fake: Array, a_real: Array = None, Ra_real: Array = None) -> Array:
        """R{generator_gradient} where both sides' logits move."""
        b, Rb = self.relate(a_real, a_fake), self.relate(Ra_real, Ra_fake)
        return self.adjoint(*self.generator.rgradient(*b, *Rb))[1]


def smoothed(objective: Objective | Relativistic, epsilon: float) -> Objective:
    """One-sided label smoothing: the real label is 1 − ε, so log D becomes (1 − ε) log D + ε log(1 − D).

    D then tends to (1 − ε) p_data/(p_data + p_G)      (Salimans et al. 2016, arXiv:1606.03498). Raises InputError for
    an objective without labels, or ε outside [0, 1).
    """
    if not 0 <= epsilon < 1:
        raise InputError(f"the smoothing of a label must lie in [0, 1), got {epsilon}")
    if isinstance(objective, Relativistic) or not objective.logistic:
        raise InputError(f"only minimax and nonsaturating have labels to smooth, got {objective.name}")
    real = Term(
        lambda a: (epsilon - 1) * softplus(-a) - epsilon * softplus(a),
        lambda a: sigmoid(-a) - epsilon,
        lambda a: -slope(a),
    )
    return replace(objective, real=real)


OBJECTIVES: dict[str, Objective | Relativistic] = {
    objective.name: objective
    for objective in (
        Objective("minimax", "log(1 − D(G(z))): the derivation's own game, which saturates (E32)",
                  LOG_D, LOG_ONE_LESS_D, LOG_ONE_LESS_D, ("saturating",)),
        Objective("nonsaturating", "−log D(G(z)): same optimum, strong gradients where D is sure (E34)",
                  LOG_D, LOG_ONE_LESS_D, MINUS_LOG_D, ("ns", "nsgan", "gan", "vanilla", "bce")),
        Objective("leastsquares", "½(a − 1)², D pulled to 1 and 0 (arXiv:1611.04076, a = 0, b = c = 1)",
                  square(1), square(0), square(1, 0.5), ("ls", "lsgan", "mse")),
        Objective("leastsquares-pearson", "½a², D pulled to 1 and −1: against its best D no divergence (E43, E53)",
                  square(1), square(-1), square(0, 0.5)),
        Objective("hinge", "−a, D with margins: total variation (E43)",
                  HINGE_ABOVE, HINGE_BELOW, MINUS_LOGIT, ("hinge-gan",)),
        Objective("wasserstein", "−a: W₁ where D is 1-Lipschitz, so with --clip or a penalty (E43)",
                  LOGIT, MINUS_LOGIT, MINUS_LOGIT, ("wgan",)),
        Objective("f-kl", "a bound of KL(p_data‖p_G) (E42)", LOGIT, KL_FAKE, KL_FAKE, ("kl",)),
        Objective("f-reverse-kl", "a bound of KL(p_G‖p_data) (E42)",
                  REVERSE_REAL, REVERSE_FAKE, REVERSE_FAKE, ("reverse-kl", "f-rkl")),
        Objective("f-pearson", "a bound of Pearson's χ² (E42)", LOGIT, PEARSON_FAKE, PEARSON_FAKE),
        Objective("f-hellinger", "a bound of the squared Hellinger distance (E42)",
                  HELLINGER_REAL, HELLINGER_FAKE, HELLINGER_FAKE, ("hellinger",)),
        Objective("f-js", "a bound of the Jensen-Shannon divergence (E24, E42)",
                  JS_REAL, JS_FAKE, JS_FAKE, ("js", "jsd", "f-jsd")),
        Objective("f-variation", "a bound of total variation (E42)",
                  VARIATION_REAL, VARIATION_FAKE, VARIATION_FAKE, ("tv", "variation", "f-tv")),
        Relativistic(
            "relativistic", "that samples look less real than the mean of the data (arXiv:1807.00734)",
            Objective("", "", LOG_D, LOG_ONE_LESS_D, LOG_ONE_LESS_D),
            Objective("", "", MINUS_LOG_ONE_LESS_D, MINUS_LOG_D, MINUS_LOG_D),
            ("ragan", "rgan"),
        ),
    )
}  # fmt: skip

"""What the two players want, as functions of the logits a(x): values, gradients, and the gradients'
change.

D(x) = σ(a(x)) is never formed: log σ(a) = −softplus(−a) and log(1 − σ(a)) = −softplus(a) are exact
where D has long rounded to 0 or 1.

A new objective is a row of OBJECTIVES. Where its value is no sum of means, write a Value (three
methods: value, gradient, rgradient) and a BaseObjective that names it as V_d and V_g.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.functions import sigmoid, softplus, step
from numgan.values import Averaged, BaseObjective, Means, OfSamples, Term, Value


def square(c: float, factor: float, formula: str, dformula: str) -> Term:
    """factor·(a − c)²: D's −½ is highest where the logit is c, G's ½ lowest."""
    return Term(
        lambda a: factor * (a - c) ** 2,
        lambda a: 2 * factor * (a - c),
        lambda a: 2 * factor + 0 * a,
        formula,
        dformula,
    )


def slope(a: Array) -> Array:
    """σ'(a) = σ(a) σ(−a)."""
    return sigmoid(a) * sigmoid(-a)


def exp(a: Array) -> Array:
    """eᵃ."""
    return namespace(a).exp(a)


def log(D: Array) -> Array:
    """log D."""
    return namespace(D).log(D)


def tanh(a: Array) -> Array:
    """tanh a."""
    return namespace(a).tanh(a)


# fmt: off
LOG_2 = math.log(2)
#  t(a), t'(a), t''(a); then t and the slope t'/m in formulas
LOG_D = Term(lambda a: -softplus(-a), lambda a: sigmoid(-a), lambda a: -slope(a),
             "log {D}", "(1 − {D})/m", log)
LOG_ONE_LESS_D = Term(lambda a: -softplus(a), lambda a: -sigmoid(a), lambda a: -slope(a),
                      "log(1 − {D})", "−{D}/m", lambda D: log(1 - D))
MINUS_LOG_D = Term(lambda a: softplus(-a), lambda a: -sigmoid(-a), lambda a: slope(a),
                   "−log {D}", "−(1 − {D})/m", lambda D: -log(D))
MINUS_LOG_ONE_LESS_D = Term(lambda a: softplus(a), lambda a: sigmoid(a), lambda a: slope(a),
                            "−log(1 − {D})", "{D}/m", lambda D: -log(1 - D))
LOGIT = Term(lambda a: a, lambda a: 1 + 0 * a, lambda a: 0 * a,
             "{a}", "1/m")
MINUS_LOGIT = Term(lambda a: -a, lambda a: -1 + 0 * a, lambda a: 0 * a,
                   "−{a}", "−1/m")
HINGE_ABOVE = Term(lambda a: (a - 1) * step(1 - a), lambda a: step(1 - a) + 0 * a, lambda a: 0 * a,
                   "min(0, {a} − 1)", "[{a} < 1]/m")
HINGE_BELOW = Term(lambda a: (-a - 1) * step(1 + a), lambda a: -step(1 + a) + 0 * a,
                   lambda a: 0 * a, "min(0, −{a} − 1)", "−[{a} > −1]/m")
# the rows of E42: T = g_f(a) on data, −f*(T) on samples
KL_FAKE = Term(lambda a: -exp(a - 1), lambda a: -exp(a - 1), lambda a: -exp(a - 1),
               "−exp({a} − 1)", "−exp({a} − 1)/m")
REVERSE_REAL = Term(lambda a: -exp(-a), lambda a: exp(-a), lambda a: -exp(-a),
                    "−exp(−{a})", "exp(−{a})/m")
REVERSE_FAKE = Term(lambda a: 1 - a, lambda a: -1 + 0 * a, lambda a: 0 * a,
                    "1 − {a}", "−1/m")
PEARSON_FAKE = Term(lambda a: -a**2 / 4 - a, lambda a: -a / 2 - 1, lambda a: -0.5 + 0 * a,
                    "−¼ {a}² − {a}", "−(½ {a} + 1)/m")
HELLINGER_REAL = Term(lambda a: 1 - exp(-a), lambda a: exp(-a), lambda a: -exp(-a),
                      "1 − exp(−{a})", "exp(−{a})/m")
HELLINGER_FAKE = Term(lambda a: 1 - exp(a), lambda a: -exp(a), lambda a: -exp(a),
                      "1 − exp({a})", "−exp({a})/m")
JS_REAL = Term(lambda a: (LOG_2 - softplus(-a)) / 2, lambda a: sigmoid(-a) / 2,
               lambda a: -slope(a) / 2, "½ log(2 {D})", "½ (1 − {D})/m")
JS_FAKE = Term(lambda a: (LOG_2 - softplus(a)) / 2, lambda a: -sigmoid(a) / 2,
               lambda a: -slope(a) / 2, "½ log(2 − 2 {D})", "−½ {D}/m")
VARIATION_REAL = Term(lambda a: tanh(a) / 2, lambda a: 2 * slope(2 * a),
                      lambda a: -4 * slope(2 * a) * tanh(a), "½ tanh({a})", "½ (1 − tanh({a})²)/m")
VARIATION_FAKE = Term(lambda a: -tanh(a) / 2, lambda a: -2 * slope(2 * a),
                      lambda a: 4 * slope(2 * a) * tanh(a), "−½ tanh({a})", "−½ (1 − tanh({a})²)/m")
# fmt: on


@dataclass(frozen=True)
class Objective(BaseObjective):
    """The ordinary kind, means of functions of one logit.

    Ṽ  = (1/m) Σ real(a(x^i)) + (1/m) Σ fake(a(x̃^i))        Ṽ_g = (1/m) Σ generator(a(x̃^i))
    """

    name: str
    says: str
    real: Term
    fake: Term
    generator: Term
    label: str = ""
    aliases: tuple[str, ...] = ()  # other names of it, for the command line

    @property
    def V_d(self) -> Value:
        return Means(self.real, self.fake)

    @property
    def V_g(self) -> Value:
        return OfSamples(self.generator)

    @property
    def terms(self) -> dict[str, Term]:
        return {"real": self.real, "fake": self.fake, "generator": self.generator}

    @property
    def logistic(self) -> bool:  # type: ignore[override]
        return self.real == LOG_D and self.fake == LOG_ONE_LESS_D


@dataclass(frozen=True)
class Relativistic(BaseObjective):
    """Is this sample more real than the mean of the data? Two ordinary values, `Averaged`."""

    name: str
    says: str
    discriminator: Objective
    generator: Objective  # G descends its V_d
    label: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def V_d(self) -> Value:
        return Averaged(self.discriminator.V_d)

    @property
    def V_g(self) -> Value:
        return Averaged(self.generator.V_d)

    @property
    def terms(self) -> dict[str, Term]:
        D, G = self.discriminator, self.generator
        return {
            "real": D.real,
            "fake": D.fake,
            "generator, real": G.real,
            "generator, fake": G.fake,
        }


def smoothed(objective: BaseObjective, epsilon: float) -> Objective:
    """One-sided label smoothing: the real label is 1 − ε, so log D becomes (1 − ε) log D + ε
    log(1 − D).

    D then tends to (1 − ε) p_data/(p_data + p_G)
        (Salimans et al. 2016, arXiv:1606.03498). Raises InputError for
    an objective without labels, or ε outside [0, 1).
    """
    if not 0 <= epsilon < 1:
        raise InputError(f"the smoothing of a label must lie in [0, 1), got {epsilon}")
    if not isinstance(objective, Objective) or not objective.logistic:
        raise InputError(
            f"only minimax and nonsaturating have labels to smooth, got {objective.name}"
        )
    real = Term(
        lambda a: (epsilon - 1) * softplus(-a) - epsilon * softplus(a),
        lambda a: sigmoid(-a) - epsilon,
        lambda a: -slope(a),
    )
    return replace(objective, real=real)


OBJECTIVES: dict[str, BaseObjective] = {
    objective.name: objective
    for objective in (
        Objective(
            "minimax",
            "log(1 − D(G(z))): the derivation's own game, which saturates",
            LOG_D,
            LOG_ONE_LESS_D,
            LOG_ONE_LESS_D,
            "E32",
            ("saturating",),
        ),
        Objective(
            "nonsaturating",
            "−log D(G(z)): same optimum, strong gradients where D is sure",
            LOG_D,
            LOG_ONE_LESS_D,
            MINUS_LOG_D,
            "E34",
            ("ns", "nsgan", "gan", "vanilla", "bce"),
        ),
        Objective(
            "leastsquares",
            "½(a − 1)², D pulled to 1 and 0 (arXiv:1611.04076, a = 0, b = c = 1)",
            square(1, -0.5, "−½ ({a} − 1)²", "(1 − {a})/m"),
            square(0, -0.5, "−½ {a}²", "−{a}/m"),
            square(1, 0.5, "½ ({a} − 1)²", "({a} − 1)/m"),
            "E43",
            ("ls", "lsgan", "mse"),
        ),
        Objective(
            "leastsquares-pearson",
            "½a², D pulled to 1 and −1: against its best D no divergence (E53)",
            square(1, -0.5, "−½ ({a} − 1)²", "(1 − {a})/m"),
            square(-1, -0.5, "−½ ({a} + 1)²", "−({a} + 1)/m"),
            square(0, 0.5, "½ {a}²", "{a}/m"),
            "E43",
        ),
        Objective(
            "hinge",
            "−a, D with margins: total variation",
            HINGE_ABOVE,
            HINGE_BELOW,
            MINUS_LOGIT,
            "E43",
            ("hinge-gan",),
        ),
        Objective(
            "wasserstein",
            "−a: W₁ where D is 1-Lipschitz, so with --clip or a penalty",
            LOGIT,
            MINUS_LOGIT,
            MINUS_LOGIT,
            "E43",
            ("wgan",),
        ),
        Objective("f-kl", "a bound of KL(p_data‖p_G)", LOGIT, KL_FAKE, KL_FAKE, "E42", ("kl",)),
        Objective(
            "f-reverse-kl",
            "a bound of KL(p_G‖p_data)",
            REVERSE_REAL,
            REVERSE_FAKE,
            REVERSE_FAKE,
            "E42",
            ("reverse-kl", "f-rkl"),
        ),
        Objective("f-pearson", "a bound of Pearson's χ²", LOGIT, PEARSON_FAKE, PEARSON_FAKE, "E42"),
        Objective(
            "f-hellinger",
            "a bound of the squared Hellinger distance",
            HELLINGER_REAL,
            HELLINGER_FAKE,
            HELLINGER_FAKE,
            "E42",
            ("hellinger",),
        ),
        Objective(
            "f-js",
            "a bound of the Jensen-Shannon divergence (E24)",
            JS_REAL,
            JS_FAKE,
            JS_FAKE,
            "E42",
            ("js", "jsd", "f-jsd"),
        ),
        Objective(
            "f-variation",
            "a bound of total variation",
            VARIATION_REAL,
            VARIATION_FAKE,
            VARIATION_FAKE,
            "E42",
            ("tv", "variation", "f-tv"),
        ),
        Relativistic(
            "relativistic",
            "that samples look less real than the mean of the data (arXiv:1807.00734)",
            Objective("", "", LOG_D, LOG_ONE_LESS_D, LOG_ONE_LESS_D),
            Objective("", "", MINUS_LOG_ONE_LESS_D, MINUS_LOG_D, MINUS_LOG_D),
            aliases=("ragan", "rgan"),
        ),
    )
}

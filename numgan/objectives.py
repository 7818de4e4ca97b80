"""What the two players want, as functions of the logits a(x): values, gradients, and the gradients'
change.

D(x) = σ(a(x)) is never formed (numgan/terms.py).

A new objective is a row of OBJECTIVES. Where its value is no sum of means, write a Value (three
methods: value, gradient, rgradient) and a BaseObjective that names it as V_d and V_g.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from numgan.errors import InputError
from numgan.layers.functions import sigmoid, softplus
from numgan.relativistic import Averaged, Paired
from numgan.terms import (
    HELLINGER_FAKE,
    HELLINGER_REAL,
    HINGE_ABOVE,
    HINGE_BELOW,
    JS_FAKE,
    JS_REAL,
    KL_FAKE,
    LOG_D,
    LOG_ONE_LESS_D,
    LOGIT,
    MINUS_HINGE_BELOW,
    MINUS_LOG_D,
    MINUS_LOG_ONE_LESS_D,
    MINUS_LOGIT,
    PEARSON_FAKE,
    REVERSE_FAKE,
    REVERSE_REAL,
    VARIATION_FAKE,
    VARIATION_REAL,
    slope,
    square,
)
from numgan.values import BaseObjective, Means, OfSamples, Term, Value


@dataclass(frozen=True)
class Objective(BaseObjective):
    """The ordinary kind, means of functions of one logit.

    Ṽ  = (1/m) Σ real(a(x^i)) + (1/m) Σ fake(a(x̃^i))        Ṽ_g = (1/m) Σ generator(a(x̃^i))

    >>> import numpy as np
    >>> game = OBJECTIVES['nonsaturating']
    >>> game.generator_gradient(np.array([0.0, -100.0]))  # E34: it does not saturate
    array([-0.25, -0.5 ])
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
    """Is this sample more real than the mean of the data? Two ordinary values, `Averaged`.

    >>> import numpy as np
    >>> game = OBJECTIVES['relativistic']
    >>> print(game.relative, game.value(np.ones(2), np.ones(2)).round(6))  # −log 4
    True -1.386294
    """

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


@dataclass(frozen=True)
class Pairwise(BaseObjective):
    """Is datum i more real than sample i? Two values of b_i = a(x^i) − a(x̃^i), `Paired` (E54).

    D ascends the mean of f(b), f concave. Saturating, G descends it; else G descends that of
    −f(−b): D's value with data and samples exchanged.

    >>> import numpy as np
    >>> game = OBJECTIVES['paired']
    >>> print(np.round(game.value(np.zeros(2), np.zeros(2)), 6))  # log σ(0)
    -0.693147
    """

    name: str
    says: str
    f: Term
    generator: Term
    label: str = "E54"
    aliases: tuple[str, ...] = ()

    @property
    def V_d(self) -> Value:
        return Paired(self.f)

    @property
    def V_g(self) -> Value:
        return Paired(self.generator)

    @property
    def terms(self) -> dict[str, Term]:
        return {"discriminator": self.f, "generator": self.generator}


def smoothed(objective: BaseObjective, epsilon: float) -> Objective:
    """One-sided label smoothing: the real label is 1 − ε, so log D becomes (1 − ε) log D + ε
    log(1 − D).

    D then tends to (1 − ε) p_data/(p_data + p_G)
        (Salimans et al. 2016, arXiv:1606.03498). Raises InputError for
    an objective without labels, or ε outside [0, 1).

    >>> smoothed(OBJECTIVES['minimax'], 0.1).name
    'minimax'
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
        Pairwise(
            "paired",
            "−log σ(a(G(z)) − a(x)), a datum to each sample (RpGAN, arXiv:2501.05441)",
            LOG_D,
            MINUS_LOG_ONE_LESS_D,
            aliases=("rpgan", "relativistic-paired"),
        ),
        Pairwise("paired-saturating", "log σ(a(x) − a(G(z))), the paired D's own", LOG_D, LOG_D),
        Pairwise(
            "paired-hinge",
            "max(0, 1 + a(x) − a(G(z))), where D has min(0, a(x) − a(G(z)) − 1)",
            HINGE_ABOVE,
            MINUS_HINGE_BELOW,
        ),
        Pairwise(
            "paired-hinge-saturating", "min(0, a(x) − a(G(z)) − 1), D's", HINGE_ABOVE, HINGE_ABOVE
        ),
        Pairwise(
            "paired-leastsquares",
            "½(a(x) − a(G(z)) + 1)², where D pulls the difference to 1",
            square(1, -0.5, "−½ ({a} − 1)²", "(1 − {a})/m"),
            square(-1, 0.5, "½ ({a} + 1)²", "({a} + 1)/m"),
        ),
        Pairwise(
            "paired-leastsquares-saturating",
            "−½(a(x) − a(G(z)) − 1)², D's",
            square(1, -0.5, "−½ ({a} − 1)²", "(1 − {a})/m"),
            square(1, -0.5, "−½ ({a} − 1)²", "(1 − {a})/m"),
        ),
    )
}

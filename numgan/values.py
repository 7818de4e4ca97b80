"""What a player wants, as a function of the logits: the kinds of value, and what an objective is.

    Term            a function of one logit, log σ(a) for example
    Value           a function of all logits, V(a, ã): a sum of means of terms, or a kind of its own
    BaseObjective   two values, one for each player; numgan/objectives.py has the table of them

numgan/relativistic.py has the values of differences of logits. The 1/m of every mean appears in
Term and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numgan.backend import Array, namespace


@dataclass(frozen=True)
class Term:
    """A function t of one logit with its first and second derivative, and its formulas.

    In a formula {a} is the name of the logit and {D} that of σ(a); dformula is the slope of the
    mean.

    >>> import numpy as np
    >>> square = Term(lambda a: a**2, lambda a: 2 * a, lambda a: 2 + 0 * a)
    >>> square.mean(np.array([1.0, 3.0])), square.gradient(np.array([1.0, 3.0]))  # 2a/m
    (np.float64(5.0), array([1., 3.]))
    """

    t: Callable[[Array], Array]
    dt: Callable[[Array], Array]
    ddt: Callable[[Array], Array]
    formula: str = "t({a})"
    dformula: str = "t′({a})/m"
    of_D: Callable[[Array], Array] | None = None  # t from D itself, which only the tracer forms

    def mean(self, a: Array) -> Array:
        """(1/m) Σ t(a_i), over the m logits of a."""
        return self.t(a).mean()

    def gradient(self, a: Array) -> Array:
        """∂/∂a_i of the mean: t'(a_i)/m, in the shape of a."""
        return self.dt(a) / a.size

    def rgradient(self, a: Array, Ra: Array) -> Array:
        """R{gradient} along Ra: t''(a_i) Ra_i/m."""
        return self.ddt(a) * Ra / a.size


# ── a player's value ─────────────────────────────────────────────────────────────────────────────


class Value:
    """V(a, ã), a scalar, of the logits a of data and ã of samples, with its gradient at the logits.

    A new kind writes the first three methods, and for the tracer `formula` and `dformulas`.

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> V = OBJECTIVES['minimax'].V_d
    >>> print(V.value(np.zeros(2), np.zeros(2)).round(6))  # −log 4
    -1.386294
    """

    relative = True  # V depends on the data's logits too
    paired = False  # datum i and sample i meet, so there must be as many of both
    terms: tuple[Term, ...] = ()  # where V is a sum of means, one of each term
    relation = ""  # b (and b̃) as formulas, where the terms are taken of these, not of a and ã
    formula = "V"
    dformulas = "da(x) = ∂V/∂a(x)", "da(G(z)) = ∂V/∂a(G(z))"

    def value(self, a_real: Array, a_fake: Array) -> Array:
        """V."""
        raise NotImplementedError

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """∂V/∂a and ∂V/∂ã."""
        raise NotImplementedError

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        """R{gradient} where the logits move along (Ra, Rã)."""
        raise NotImplementedError

    def relate(self, a_real: Array, a_fake: Array) -> tuple[Array, ...]:
        """What the terms are taken of: the logits themselves, b and b̃, or b alone."""
        return a_real, a_fake

    def slopes(self, *b: Array) -> tuple[Array, ...]:
        """∂V/∂b, of what the terms are taken of."""
        return self.gradient(*b)

    def out_of_range(self, a_real: Array, a_fake: Array) -> str:
        """The first term whose value or slope the type cannot hold at these logits; "" for none.

        eᵃ has no other form: float32 has no number for it from a = 89 on, float64 from a = 710 on.
        """
        sides = self.relate(a_real, a_fake)[-len(self.terms) :] if self.terms else ()
        for term, a in zip(self.terms, sides, strict=True):
            xp = namespace(a)
            lost = xp.isfinite(a) & ~(xp.isfinite(term.t(a)) & xp.isfinite(term.dt(a)))
            if lost.any():
                formula = term.formula.format(a="a", D="D")
                return f"{formula} is beyond {a.dtype} at a = {float(a[lost][0]):.4g}"
        return ""

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """What V is the sum of, one number for each logit;
        equal shares where there is no better."""
        share = self.value(a_real, a_fake) / 2
        return 0 * a_real + share / a_real.size, 0 * a_fake + share / a_fake.size


@dataclass(frozen=True)
class Means(Value):
    """V = (1/m) Σ real(a_i) + (1/m) Σ fake(ã_i).

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> V = OBJECTIVES['wasserstein'].V_d  # E a(x) − E a(G(z))
    >>> V.value(np.array([2.0, 4.0]), np.array([1.0]))
    np.float64(2.0)
    """

    real: Term
    fake: Term

    @property
    def terms(self) -> tuple[Term, ...]:  # type: ignore[override]
        return self.real, self.fake

    def value(self, a_real: Array, a_fake: Array) -> Array:
        return self.real.mean(a_real) + self.fake.mean(a_fake)  # E29, E42, E43; −Ṽ is E30

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return self.real.gradient(a_real), self.fake.gradient(a_fake)  # E33

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        return self.real.rgradient(a_real, Ra_real), self.fake.rgradient(a_fake, Ra_fake)

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return self.real.t(a_real) / a_real.size, self.fake.t(a_fake) / a_fake.size


@dataclass(frozen=True)
class OfSamples(Value):
    """V = (1/m) Σ fake(ã_i): the data have no part in it, and their logits may be None.

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> V = OBJECTIVES['wasserstein'].V_g  # −E a(G(z))
    >>> V.value(None, np.array([1.0, 3.0]))
    np.float64(-2.0)
    """

    fake: Term
    relative = False

    @property
    def terms(self) -> tuple[Term, ...]:  # type: ignore[override]
        return (self.fake,)

    def value(self, a_real: Array, a_fake: Array) -> Array:
        return self.fake.mean(a_fake)  # E32, E34, E42, E43

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return none_of(a_real), self.fake.gradient(a_fake)  # E33, E34

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        return none_of(a_real), self.fake.rgradient(a_fake, Ra_fake)

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return none_of(a_real), self.fake.t(a_fake) / a_fake.size


def none_of(a: Array | None) -> Array | None:
    """The gradient at logits that a value does not depend on: 0, or None where they are None.

    >>> none_of(None) is None
    True
    """
    return None if a is None else 0 * a


# ── both players ─────────────────────────────────────────────────────────────────────────────────


class BaseObjective:
    """Two values of the logits a(x^i) of data and a(x̃^i) of samples x̃^i = G(z^i).

    D ascends Ṽ = V_d, G descends Ṽ_g = V_g. A kind of objective names these two; the rest is here.

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> game = OBJECTIVES['minimax']
    >>> game.gradient(np.zeros(2), np.zeros(2))  # E33: ½/m and −½/m
    (array([0.25, 0.25]), array([-0.25, -0.25]))
    """

    name: str
    says: str  # what the generator minimises, for the help of the command line
    label: str = ""  # of its equation in the derivation
    logistic: bool = False  # σ(a) is a probability: E18, E19 and E20 say what it tends to

    @property
    def V_d(self) -> Value:
        """What D ascends."""
        raise NotImplementedError

    @property
    def V_g(self) -> Value:
        """What G descends."""
        raise NotImplementedError

    @property
    def terms(self) -> dict[str, Term]:
        """The functions of one logit that it is made of, by the names that `numgan check` gives
        them.
        """
        return {}

    @property
    def relative(self) -> bool:
        """G's value depends on the data's logits too, which every method of G's takes last."""
        return self.V_g.relative

    @property
    def paired(self) -> bool:
        """Datum i is compared with sample i, so there must be as many of both."""
        return self.V_d.paired or self.V_g.paired

    @property
    def help(self) -> str:
        """The row's line in the help of the command line."""
        return f"{self.says} ({self.label})" if self.label else self.says

    def value(self, a_real: Array, a_fake: Array) -> Array:
        """Ṽ, a scalar, in nats for the objectives made of logarithms."""
        return self.V_d.value(a_real, a_fake)

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """∂Ṽ/∂a(x^i) and ∂Ṽ/∂a(x̃^i): where the discriminator's backward pass starts."""
        return self.V_d.gradient(a_real, a_fake)

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        """R{gradient} where the logits move along (Ra_real, Ra_fake)."""
        return self.V_d.rgradient(a_real, a_fake, Ra_real, Ra_fake)

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """What Ṽ is the sum of, one number for each logit."""
        return self.V_d.summands(a_real, a_fake)

    def out_of_range(self, a_real: Array, a_fake: Array) -> str:
        """What of either value the type cannot hold at these logits; "" for nothing."""
        return self.V_d.out_of_range(a_real, a_fake) or self.V_g.out_of_range(a_real, a_fake)

    def generator_value(self, a_fake: Array, a_real: Array = None) -> Array:
        """Ṽ_g, a scalar."""
        return self.V_g.value(a_real, a_fake)

    def generator_gradient(self, a_fake: Array, a_real: Array = None) -> Array:
        """∂Ṽ_g/∂a(x̃^i): where the generator's backward pass, through D, starts."""
        return self.V_g.gradient(a_real, a_fake)[1]

    def generator_rgradient(
        self, a_fake: Array, Ra_fake: Array, a_real: Array = None, Ra_real: Array = None
    ) -> Array:
        """R{generator_gradient} where the logits move along (Ra_real, Ra_fake)."""
        return self.V_g.rgradient(a_real, a_fake, Ra_real, Ra_fake)[1]

    def generator_summands(self, a_fake: Array, a_real: Array = None) -> Array:
        """What Ṽ_g is the sum of; the data have a part in it where it is relative."""
        real, fake = self.V_g.summands(a_real, a_fake)
        return namespace(fake).concatenate([real, fake]) if self.relative else fake

"""The two stages between the networks: a player's value, made of logits, and its gradient at the logits.

    D ascends   Ṽ  = mean real(a(x)) + mean fake(a(G(z)))           G descends   Ṽ_g = mean generator(a(G(z)))

A relativistic objective puts b = a(x) − mean a(G(z)) and b̃ = a(G(z)) − mean a(x) in place of the logits, for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan import objectives as o
from numgan.backend import Array
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES, Objective, Relativistic, Term
from numgan.trace.means import by_complex_step
from numgan.trace.source import find
from numgan.trace.stage import Check, Named, Stage

SQUARES: Any = [OBJECTIVES[name] for name in ("leastsquares", "leastsquares-pearson")]
# a term and the slope of its mean at the logit {a}; of a logarithm of {D} = σ({a}), also the term from D itself
FORMULAS: dict[Term, tuple] = {
    o.LOG_D:          ("log {D}",             "(1 − {D})/m",            lambda D: np.log(D)),
    o.LOG_ONE_LESS_D: ("log(1 − {D})",        "−{D}/m",                 lambda D: np.log(1 - D)),
    o.MINUS_LOG_D:    ("−log {D}",            "−(1 − {D})/m",           lambda D: -np.log(D)),
    o.MINUS_LOG_ONE_LESS_D: ("−log(1 − {D})", "{D}/m",                  lambda D: -np.log(1 - D)),
    o.LOGIT:          ("{a}",                 "1/m"),
    o.MINUS_LOGIT:    ("−{a}",                "−1/m"),
    o.HINGE_ABOVE:    ("min(0, {a} − 1)",     "[{a} < 1]/m"),
    o.HINGE_BELOW:    ("min(0, −{a} − 1)",    "−[{a} > −1]/m"),
    o.KL_FAKE:        ("−exp({a} − 1)",       "−exp({a} − 1)/m"),
    o.REVERSE_REAL:   ("−exp(−{a})",          "exp(−{a})/m"),
    o.REVERSE_FAKE:   ("1 − {a}",             "−1/m"),
    o.PEARSON_FAKE:   ("−¼ {a}² − {a}",       "−(½ {a} + 1)/m"),
    o.HELLINGER_REAL: ("1 − exp(−{a})",       "exp(−{a})/m"),
    o.HELLINGER_FAKE: ("1 − exp({a})",        "−exp({a})/m"),
    o.JS_REAL:        ("½ log(2 {D})",        "½ (1 − {D})/m"),
    o.JS_FAKE:        ("½ log(2 − 2 {D})",    "−½ {D}/m"),
    o.VARIATION_REAL: ("½ tanh({a})",         "½ (1 − tanh({a})²)/m"),
    o.VARIATION_FAKE: ("−½ tanh({a})",        "−½ (1 − tanh({a})²)/m"),
    SQUARES[0].real:  ("−½ ({a} − 1)²",       "(1 − {a})/m"),
    SQUARES[0].fake:  ("−½ {a}²",             "−{a}/m"),
    SQUARES[0].generator: ("½ ({a} − 1)²",    "({a} − 1)/m"),
    SQUARES[1].real:  ("−½ ({a} − 1)²",       "(1 − {a})/m"),
    SQUARES[1].fake:  ("−½ ({a} + 1)²",       "−({a} + 1)/m"),
    SQUARES[1].generator: ("½ {a}²",          "{a}/m"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Word:
    """One term with what it is taken of: a logit, or b."""

    term: Term
    a: Named
    D: str  # the name of σ(a)

    def said(self, n: int) -> str:
        """The term (n = 0) or its slope (1), as a formula; by its name alone where it is none of the table's."""
        return FORMULAS.get(self.term, ("t({a})", "t′({a})/m"))[n].format(a=self.a.name, D=self.D)

    @property
    def belief(self) -> Named:
        return Named(self.D, f"{self.a.key}-sigma", sigmoid(self.a.value), f"σ({self.a.name})")

    @property
    def speaks_of_D(self) -> bool:
        return "{D}" in FORMULAS.get(self.term, ("",))[0]


@dataclass(frozen=True, eq=False)
class Value:
    """Ṽ or Ṽ_g at the logits, and its gradient: two stages."""

    name: str
    objective: Objective | Relativistic
    real: Named | None  # a(x), where the value depends on it
    fake: Named  # a(G(z))

    @property
    def logits(self) -> tuple[Named, ...]:
        return (self.fake,) if self.real is None else (self.real, self.fake)

    @property
    def does(self) -> str:
        """The methods of the objective: value and gradient, or generator_value and generator_gradient."""
        return "" if self.name == "Ṽ" else "generator_"

    @property
    def inner(self) -> Objective:
        """Of a relativistic objective the ordinary one that is taken at b and b̃."""
        assert isinstance(self.objective, Relativistic)
        return self.objective.generator if self.does else self.objective.discriminator

    @property
    def related(self) -> tuple[Named, ...]:
        """b and b̃, of a relativistic objective."""
        if not isinstance(self.objective, Relativistic):
            return ()
        b = self.objective.relate(*(a.value for a in self.logits))
        return tuple(Named(name, f"{a.key}-b", value, f"{name}, from the logits")
                     for name, a, value in zip(("b", "b̃"), self.logits, b, strict=True))  # fmt: skip

    @property
    def words(self) -> list[Word]:
        if self.related:
            terms = [self.inner.real, self.inner.fake]
        else:
            assert isinstance(self.objective, Objective)
            terms = [self.objective.generator] if self.does else [self.objective.real, self.objective.fake]
        names = [f"σ({b.name})" for b in self.related] or [a.name.replace("a(", "D(", 1) for a in self.logits]
        return [Word(*of) for of in zip(terms, self.related or self.logits, names, strict=True)]

    @property
    def beliefs(self) -> tuple[Named, ...]:
        """D = σ(a), where the objective speaks of it."""
        return tuple(word.belief for word in self.words if word.speaks_of_D)

    def stage(self, V: Array, says: Sequence[str]) -> Stage:
        """The value."""
        label = "" if self.related else "E32" if self.does else "E29"
        if self.words[0].term == o.MINUS_LOG_D and not self.related:
            label = "E34"
        formula = f"{self.name} = " + " + ".join(f"mean[{word.said(0)}]" for word in self.words)
        relate = "b = a(x) − mean a(G(z)),   b̃ = a(G(z)) − mean a(x)"
        return Stage(
            f"the value {self.name}",
            (*([find(Relativistic.relate, "", relate)] if self.related else []),
             find(getattr(type(self.objective), f"{self.does}value"), label, formula)),
            (*self.logits, *self.related, *self.beliefs,
             Named(self.name, f"{self.fake.key}-V", V, "what D ascends" if self.name == "Ṽ" else "what G descends")),
            self.by_D(V),
            says=(*says, "" if all(word.term in FORMULAS for word in self.words) else
                  "t is a term of its own, such as log D with a smoothed label."),
        )  # fmt: skip

    def by_D(self, V: Array) -> tuple[Check, ...]:
        """The value by way of D itself, which training never forms; not where D is so sure that log(1 − D) loses
        digits: beyond |a| = 6 rounding D costs ε e⁶ and more."""
        of_D = [FORMULAS.get(word.term, ())[2:] for word in self.words]
        if not all(of_D) or max(np.max(np.abs(word.a.value)) for word in self.words) > 6:
            return ()
        means = [f(1 / (1 + np.exp(-word.a.value))).mean() for (f,), word in zip(of_D, self.words, strict=True)]
        return (Check(self.name, "by D", V, sum(means)),)

    def gradient(self, slopes: Sequence[Named], V: Sequence[Callable[[Array], Array]]) -> Stage:
        """∂V/∂a of the last logits or of both, with V as a function of each."""
        slope = ",   ".join(f"d{word.a.name} = {word.said(1)}" for word in self.words)
        lines, arrays = [find(getattr(Objective, f"{self.does}gradient"), "E33", slope)], [*self.logits, *self.beliefs]
        if self.related:
            db = self.inner.gradient(*(b.value for b in self.related))
            arrays += [Named(f"d{b.name}", f"{b.key}-slope", value, f"∂V/∂{b.name}")
                       for b, value in zip(self.related, db, strict=True)]  # fmt: skip
            adjoint = ["da(x) = db − (Σ db̃)/m", "da(G(z)) = db̃ − (Σ db)/m"][-len(slopes) :]
            lines = [find(Objective.gradient, "E33", slope), find(Relativistic.adjoint, "", ",   ".join(adjoint))]
        at = self.logits[-len(slopes) :]
        return Stage(
            "the gradient at the logits: here backpropagation starts",
            tuple(lines),
            (*arrays, *slopes),
            tuple(by_complex_step(da.name, da.value, f, a.value) for da, a, f in zip(slopes, at, V, strict=True)),
        )

"""The two stages between the networks: a player's value, made of logits, and its gradient at the
logits.

    D ascends   Ṽ  = mean real(a(x)) + mean fake(a(G(z)))           G descends
        Ṽ_g = mean generator(a(G(z)))

A relativistic objective puts b = a(x) − mean a(G(z)) and b̃ = a(G(z)) − mean a(x) in place of the
logits, a paired one b = a(x) − a(G(z)), for both players. The formulas are those of the objective's
terms and values (numgan/objectives.py, numgan/terms.py, numgan/values.py, numgan/relativistic.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.layers.functions import sigmoid
from numgan.trace.means import by_complex_step
from numgan.trace.source import find
from numgan.trace.stage import Check, Named, Stage
from numgan.values import BaseObjective, Term
from numgan.values import Value as Values

OF_ITS_OWN = Term.formula  # of a term that has no formula


@dataclass(frozen=True, eq=False)
class Word:
    """One term with its argument: a logit, or b."""

    term: Term
    a: Named
    D: str  # the name of σ(a)

    @property
    def formula(self) -> str:
        """log D(x)"""
        return self.term.formula.format(a=self.a.name, D=self.D)

    @property
    def dformula(self) -> str:
        """da(x) = (1 − D(x))/m"""
        return f"d{self.a.name} = " + self.term.dformula.format(a=self.a.name, D=self.D)

    @property
    def belief(self) -> Named:
        return Named(self.D, f"{self.a.key}-sigma", sigmoid(self.a.value), f"σ({self.a.name})")

    @property
    def speaks_of_D(self) -> bool:
        return "{D}" in self.term.formula


@dataclass(frozen=True, eq=False)
class Value:
    """Ṽ or Ṽ_g at the logits, and its gradient: two stages."""

    name: str
    objective: BaseObjective
    real: Named | None  # a(x), if the value depends on it
    fake: Named  # a(G(z))

    @property
    def logits(self) -> tuple[Named, ...]:
        return (self.fake,) if self.real is None else (self.real, self.fake)

    @property
    def does(self) -> str:
        """The methods of the objective: value and gradient, or generator_value and
        generator_gradient.
        """
        return "" if self.name == "Ṽ" else "generator_"

    @property
    def V(self) -> Values:
        """The value."""
        return self.objective.V_g if self.does else self.objective.V_d

    @property
    def related(self) -> tuple[Named, ...]:
        """b, and b̃ where there is one, of a relativistic objective."""
        if not self.V.relation:
            return ()
        b = self.V.relate(*(a.value for a in self.logits))
        return tuple(
            Named(name, f"{a.key}-b", value, f"{name}, from the logits")
            for name, a, value in zip(("b", "b̃"), self.logits, b, strict=False)
        )

    @property
    def words(self) -> list[Word]:
        """The terms, each with its argument; none for a value that is no sum of means."""
        names = [f"σ({b.name})" for b in self.related] or [
            a.name.replace("a(", "D(", 1) for a in self.logits
        ]
        of = zip(self.V.terms, self.related or self.logits, names, strict=True)
        return [Word(*each) for each in of] if self.V.terms else []

    @property
    def beliefs(self) -> tuple[Named, ...]:
        """D = σ(a), if the formulas of the objective contain D."""
        return tuple(word.belief for word in self.words if word.speaks_of_D)

    @property
    def label(self) -> str:
        """The equation of the value: E29 for Ṽ of the logistic objectives, else the table's."""
        return "E29" if self.objective.logistic and not self.does else self.objective.label

    def stage(self, V: Array, says: Sequence[str]) -> Stage:
        """The stage of the value."""
        label = self.label
        means = " + ".join(f"mean[{word.formula}]" for word in self.words)
        relate = [find(type(self.V).relate, "", self.V.relation)] if self.V.relation else []
        own = any(word.term.formula == OF_ITS_OWN for word in self.words)
        return Stage(
            f"the value {self.name}",
            (*relate, find(type(self.V).value, label, f"{self.name} = {means or self.V.formula}")),
            (
                *self.logits,
                *self.related,
                *self.beliefs,
                Named(
                    self.name,
                    f"{self.fake.key}-V",
                    V,
                    "what D ascends" if self.name == "Ṽ" else "what G descends",
                ),
            ),
            self.by_D(V),
            says=(
                *says,
                "t is a term of its own, such as log D with a smoothed label." if own else "",
            ),
        )

    def by_D(self, V: Array) -> tuple[Check, ...]:
        """The value computed from D itself, as training never does; omitted beyond |a| = 6, where D
        is so near 0 or 1 that log(1 − D) loses digits: the rounding of D costs ε e⁶ and more.
        """
        of_D = [word.term.of_D for word in self.words]
        if (
            not of_D
            or not all(of_D)
            or max(np.max(np.abs(word.a.value)) for word in self.words) > 6
        ):
            return ()
        means = [
            f(1 / (1 + np.exp(-word.a.value))).mean()
            for f, word in zip(of_D, self.words, strict=True)
            if f
        ]
        return (Check(self.name, "by D", V, sum(means)),)

    def gradient(self, slopes: Sequence[Named], V: Sequence[Callable[[Array], Array]]) -> Stage:
        """∂V/∂a of the last logits or of both, with V as a function of each."""
        last = self.V.dformulas[-len(slopes) :]
        arrays, slope = (
            [*self.logits, *self.beliefs],
            ",   ".join(word.dformula for word in self.words),
        )
        if self.V.relation:
            db = self.V.slopes(*(b.value for b in self.related))
            arrays += [
                Named(f"d{b.name}", f"{b.key}-slope", value, f"∂{self.name}/∂{b.name}")
                for b, value in zip(self.related, db, strict=True)
            ]
            lines = [
                find(type(self.V).slopes, "E33|E54", slope),
                find(type(self.V).gradient, "", ",   ".join(last)),
            ]
        else:
            lines = [find(type(self.V).gradient, "E33", slope or ",   ".join(last))]
        at = self.logits[-len(slopes) :]
        return Stage(
            "the gradient at the logits: here backpropagation starts",
            tuple(lines),
            (*arrays, *slopes),
            tuple(
                by_complex_step(da.name, da.value, f, a.value)
                for da, a, f in zip(slopes, at, V, strict=True)
            ),
        )

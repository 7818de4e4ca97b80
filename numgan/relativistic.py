"""Values of differences of logits: is this datum more real than that sample?

    Averaged   each logit less the mean of the other side's           b = a(x) − mean a(x̃)
    Paired     datum i less sample i                                  b = a(x) − a(x̃)        E54

Both are an ordinary function of b = L(a, ã) with a linear L. So the gradient at b goes back to the
logits by the adjoint of L, and a constant added to all logits changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from numgan.arguments import kind_of
from numgan.backend import Array
from numgan.errors import InputError
from numgan.values import Term, Value


@dataclass(frozen=True)
class Averaged(Value):
    """Relativistic average: a value of each logit less the other side's mean (arXiv:1807.00734).

        b = a(x) − mean a(x̃)        b̃ = a(x̃) − mean a(x)
            V(a, ã) = ordinary value of (b, b̃)

    L: (a, ã) ↦ (b, b̃) is linear, so its adjoint carries gradients back,

        da_i = db_i − (1/m) Σ_j db̃_j        dã_i = db̃_i − (1/m) Σ_j db_j

    and R{·} is the ordinary value's, between the two: Rda = Lᵀ H L Ra, H its second derivatives.

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> V = OBJECTIVES['relativistic'].V_d
    >>> print(V.value(np.ones(2), np.ones(2)).round(6))  # −log 4
    -1.386294
    """

    of: Value
    relation = "b = a(x) − mean a(G(z)),   b̃ = a(G(z)) − mean a(x)"
    dformulas = "da(x) = db − (Σ db̃)/m", "da(G(z)) = db̃ − (Σ db)/m"

    @property
    def terms(self) -> tuple[Term, ...]:  # type: ignore[override]
        return self.of.terms

    def relate(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """L: (a, ã) ↦ (b, b̃)."""
        return a_real - a_fake.mean(), a_fake - a_real.mean()

    def adjoint(self, db_real: Array, db_fake: Array) -> tuple[Array, Array]:
        """Lᵀ: each logit also stands, 1/m of it, in the mean taken from the other side's logits."""
        return db_real - db_fake.sum() / db_real.size, db_fake - db_real.sum() / db_fake.size

    def slopes(self, *b: Array) -> tuple[Array, ...]:
        return self.of.gradient(*b)  # E33

    def value(self, a_real: Array, a_fake: Array) -> Array:
        return self.of.value(*self.relate(a_real, a_fake))

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return self.adjoint(*self.of.gradient(*self.relate(a_real, a_fake)))  # Lᵀ(∂V/∂b, ∂V/∂b̃)

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        b, Rb = self.relate(a_real, a_fake), self.relate(Ra_real, Ra_fake)
        return self.adjoint(*self.of.rgradient(*b, *Rb))  # Lᵀ H L (Ra, Rã)

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return self.of.summands(*self.relate(a_real, a_fake))


@dataclass(frozen=True)
class Paired(Value):
    """Relativistic pairs (arXiv:1807.00734): a mean over differences of one datum and one sample.

        b_i = a(x^i) − a(x̃^i)        V(a, ã) = (1/m) Σ f(b_i)

    L: (a, ã) ↦ b has the adjoint db ↦ (db, −db), so with db_i = f'(b_i)/m

        da_i = db_i        dã_i = −db_i        Rdb_i = f''(b_i) (Ra_i − Rã_i)/m

    Raises InputError where there are not as many data as samples.

    >>> import numpy as np
    >>> from numgan.objectives import OBJECTIVES
    >>> V = OBJECTIVES['paired'].V_d
    >>> V.relate(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
    (array([2., 0.]),)
    """

    f: Term
    paired = True
    relation = "b = a(x) − a(G(z))"
    dformulas = "da(x) = db", "da(G(z)) = −db"

    @property
    def terms(self) -> tuple[Term, ...]:  # type: ignore[override]
        return (self.f,)

    def relate(self, a_real: Array, a_fake: Array) -> tuple[Array]:
        """L: (a, ã) ↦ b."""
        if a_real.shape != a_fake.shape:
            raise InputError(
                f"a paired objective compares datum i with sample i, got {kind_of(a_real)} and "
                f"{kind_of(a_fake)}: pass as many data as latents"
            )
        return (a_real - a_fake,)

    def adjoint(self, db: Array) -> tuple[Array, Array]:
        """Lᵀ: the sample's logit has the opposite sign."""
        return db, -db

    def slopes(self, *b: Array) -> tuple[Array, ...]:
        return (self.f.gradient(*b),)  # E54

    def value(self, a_real: Array, a_fake: Array) -> Array:
        return self.f.mean(*self.relate(a_real, a_fake))  # E54

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        return self.adjoint(*self.slopes(*self.relate(a_real, a_fake)))  # E54  Lᵀ ∂V/∂b

    def rgradient(
        self, a_real: Array, a_fake: Array, Ra_real: Array, Ra_fake: Array
    ) -> tuple[Array, Array]:
        b, Rb = self.relate(a_real, a_fake), self.relate(Ra_real, Ra_fake)
        return self.adjoint(self.f.rgradient(*b, *Rb))  # Lᵀ H L (Ra, Rã)

    def summands(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        """A pair is one summand, which stands with its sample."""
        (b,) = self.relate(a_real, a_fake)
        return 0 * a_real, self.f.t(b) / b.size

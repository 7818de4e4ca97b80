"""What the usual mistakes give in a paired objective (E54): its adjoint, its difference, its R."""

from __future__ import annotations

from numgan.backend import Array
from numgan.values import Value

ADJOINT = (
    "the adjoint of b = a(x) − a(G(z)) is db ↦ (db, −db): the minus is absent at the sample's logit"
)
AT_LOGIT = (
    "the slope f′ is taken at the logit, not at the difference b = a(x) − a(G(z)) of the pair"
)
OF_MEAN = "each logit is compared with the mean of the other side, not with the one of its own pair"
ONE_MOVES = "only one logit of the pair moves: Rb = Ra(x) − Ra(G(z))"


def mistakes_of_pair(V: Value, x: Array, g: Array) -> tuple[dict[str, Array], dict[str, Array]]:
    """∂V/∂a(x) and ∂V/∂a(G(z)) as a mistake would have them; nothing where V is not paired."""
    if not V.paired or len(V.terms) != 1:
        return {}, {}
    f, (b,) = V.terms[0], V.relate(x, g)
    return (
        {AT_LOGIT: f.gradient(x), OF_MEAN: f.gradient(x - g.mean())},
        {ADJOINT: f.gradient(b), AT_LOGIT: -f.gradient(g), OF_MEAN: -f.gradient(x.mean() - g)},
    )


def mistakes_of_change(
    V: Value, x: Array, g: Array, Rx: Array, Rg: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """R{∂V/∂a(x)} and R{∂V/∂a(G(z))} as a mistake would have them."""
    if not V.paired or len(V.terms) != 1:
        return {}, {}
    f, (b,) = V.terms[0], V.relate(x, g)
    Rdb = f.rgradient(b, Rx - Rg)
    return {ONE_MOVES: f.rgradient(b, Rx)}, {ONE_MOVES: f.rgradient(b, Rg), ADJOINT: Rdb}

"""Layers whose rows are spread over the ranks of MPI, and couple as those of one process do.

**Forward.** A mean over the batch is a mean over the rows of all ranks: rank r has M_r of the M
numbers x of a feature, and one all-reduce adds up the sums,

    E x = (Σ_r Σ_{i on r} x_i)/(Σ_r M_r)

**Backward.** Every rank's x_j moves μ and σ, and so moves every rank's y_i. With V the value of all
rows, dy_i = ∂V/∂y_i, the chain rule sums over all i,

    dx_j = Σ_i dy_i ∂y_i/∂x_j = γ r (dy_j − E dy − x̂_j E[x̂ dy])                             dL5

The formula is that of one process and E is the E above: Σ dy and Σ dy x̂ are all-reduced. A sum
over the own rows alone drops what x_j does to the other ranks' y. The same holds for the changes of
E44: R{E x} = E Rx, a sum over all ranks again. So each of the six passes is right once E is.

dγ = Σ dy x̂ and dβ = Σ dy are sums over rows, and the all-reduce of the flat gradient makes them.
For this dy_i must be the slope of V itself, 1/m in it and not 1/m_r: `RankObjective` sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from numgan.backend import Array, namespace, to_device, to_host
from numgan.errors import InputError
from numgan.layers import BatchNorm, Layer, MinibatchDeviation
from numgan.layers.normalisation import Normalisation
from numgan.layers.sums import feature_sum


def all_reduce(x: Array, comm: Any) -> Array:
    """Σ_r x_r, on every rank; an array of a GPU goes through the host, as not every MPI reads its
    memory.
    """
    here = np.ascontiguousarray(to_host(x))
    total = np.empty_like(here)
    comm.Allreduce(here, total)
    return total if isinstance(x, (np.ndarray, np.generic)) else to_device(total, "cuda")


@dataclass(frozen=True)
class RankBatchNorm(BatchNorm):
    """L5 over the rows of all ranks: the sum and M in one all-reduce."""

    comm: Any = None

    def count(self, x):
        return int(all_reduce(np.array([super().count(x)]), self.comm)[0])

    def mean(self, x):
        xp = namespace(x)
        here = xp.concatenate([feature_sum(x), xp.full(1, super().count(x), x.dtype)])
        total = all_reduce(here, self.comm)
        return total[:-1] / total[-1]  # L5, dL5, R{L5}, R{dL5}: E x = Σ_r Σ x / Σ_r M_r

    def forward(self, P, x):
        # a single row is no batch of one, which BatchNorm refuses: other ranks have more
        return Normalisation.forward(self, P, x)


@dataclass(frozen=True)
class RankMinibatchDeviation(MinibatchDeviation):
    """L12 over the rows of all ranks."""

    comm: Any = None

    def count(self, x):
        return int(all_reduce(np.array([len(x)]), self.comm)[0])

    def total(self, x):
        return all_reduce(super().total(x), self.comm)


def synced(layers: Iterable[Layer], comm: Any) -> tuple[Layer, ...]:
    """The layers with those that couple rows, wherever they stand, over all ranks. Raises
    InputError for one that this does not reach.
    """
    return tuple(over_ranks(layer, comm) for layer in layers)


def over_ranks(layer: Layer, comm: Any) -> Layer:
    """The same for one layer, and for the layers inside it."""
    own = {field.name: getattr(layer, field.name) for field in fields(layer)}  # type: ignore[arg-type]
    for plain, spread in ((BatchNorm, RankBatchNorm), (MinibatchDeviation, RankMinibatchDeviation)):
        if type(layer) is plain:
            return spread(**own, comm=comm) if comm.size > 1 else layer
    inside = {
        name: over_ranks(value, comm) if isinstance(value, Layer) else synced(value, comm)
        for name, value in own.items()
        if isinstance(value, Layer)
        or (isinstance(value, tuple) and value and isinstance(value[0], Layer))
    }
    if layer.couples and not inside:
        raise InputError(
            f"--sync does not reach {layer}, whose rows hold rows of other ranks: leave it out"
        )
    return replace(layer, **inside)  # type: ignore[type-var]

"""Any other density on the line or in the plane, given by its formula: checked to integrate to 1
when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density, rows
from numgan.theory.expectation import expect, total_mass


@dataclass(frozen=True, eq=False)
class FormulaDensity(Density):
    """log p(x) = formula(x), rows (N, dim) -> (N,), inside the box of the edges and 0 outside.

    edges: for each axis the ends of the box, and the places between where p jumps or bends. It
    cannot be sampled. InputError, with the integral, if that is not 1 to 1e-10. Example:
    FormulaDensity(lambda x: -x[:, 0], [[0, 40]]).

    >>> print(FormulaDensity(lambda x: -x[:, 0], [[0, 40]]).mean.round(9))  # the exponential law
    [1.]
    """

    formula: Callable
    edges: Sequence[Sequence[float]]
    mean: Array = field(init=False, repr=False)
    cov: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._fill(dim=len(self.edges))
        total_mass(self)
        axes = range(self.dim)
        mean = np.array([expect(self, lambda x, i=i: x[:, i]) for i in axes])
        second = [
            [expect(self, lambda x, i=i, j=j: (x - mean)[:, i] * (x - mean)[:, j]) for j in axes]
            for i in axes
        ]
        self._fill(mean=mean, cov=np.array(second))

    def log_density(self, x: Array) -> Array:
        x = rows(x, self.dim)
        low, high = (np.array([end(axis) for axis in self.edges]) for end in (min, max))
        inside = np.all((low <= x) & (x <= high), axis=1)
        out = np.full(len(x), -np.inf)
        out[inside] = self.formula(x[inside])
        return out

    def knots(self) -> list[Array]:
        return [np.unique(np.asarray(axis, dtype=np.float64)) for axis in self.edges]

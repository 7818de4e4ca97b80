"""Distributions on finitely many points: sums in place of integrals, so that every identity is
exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.theory.density import Density, line, probabilities, rows
from numgan.theory.logarithms import log


@dataclass(frozen=True, eq=False)
class Discrete(Density):
    """Probability p_k at the point support_k. Its "density" is with respect to counting:
    density(x) = Pr(x).

    p (K,) non-negative with sum 1; support (K, dim) distinct points, or (K,) in one dimension;
    default 0, 1, …, K−1.

    >>> coin = Discrete([0.25, 0.75])
    >>> print(coin.mean, coin.density([0.0, 1.0, 2.0]))
    [0.75] [0.25 0.75 0.  ]
    """

    p: Array
    support: Array = None

    index: dict = field(init=False, repr=False)  # from the bytes of a point to its k

    def __post_init__(self) -> None:
        p = probabilities(self.p, "probabilities")
        # no −0
        points = (
            np.array(np.arange(p.size) if self.support is None else self.support, dtype=np.float64)
            + 0.0
        )
        points = points[:, None] if points.ndim == 1 else points
        index = {point.tobytes(): k for k, point in enumerate(points)}
        if (
            points.ndim != 2
            or len(points) != p.size
            or len(index) != p.size
            or not np.all(np.isfinite(points))
        ):
            raise InputError(
                f"support of shape {points.shape}: expected {p.size} distinct points, one a row"
            )
        mean = p @ points
        cov = np.einsum("k,ki,kj->ij", p, points - mean, points - mean)
        self._fill(p=p, support=points, index=index, dim=points.shape[1], mean=mean, cov=cov)

    @classmethod
    def empirical(cls, x: Array) -> Discrete:
        """Probability 1/m at each of the m rows of x (m, dim) or (m,); rows that coincide are
        counted together.
        """
        x = np.asarray(x, dtype=np.float64)
        points, counts = np.unique(x[:, None] if x.ndim == 1 else x, axis=0, return_counts=True)
        return cls(counts / counts.sum(), points)

    def which(self, x: Array) -> Array:
        """k with support_k = x, −1 where there is none: (N, dim) -> (N,)."""
        if x is self.support:
            return np.arange(self.p.size)
        return np.array(
            [self.index.get(point.tobytes(), -1) for point in rows(x, self.dim) + 0.0], dtype=int
        )

    def log_density(self, x: Array) -> Array:
        """log Pr(x), −∞ for a point off the support: (N, dim) -> (N,)."""
        return np.append(log(self.p), -np.inf)[self.which(x)]

    def table(self, values: Array) -> Callable:
        """The function on the support with these values (K,), to be handed to expect: rows (N, dim)
        -> (N,).
        """
        values = np.asarray(values, dtype=np.float64)
        if values.shape != self.p.shape:
            raise InputError(
                f"table of shape {values.shape}: expected one value for each of "
                f"{self.p.size} points"
            )
        return lambda x: values[self.which(x)]

    def cdf(self, x: Array) -> Array:
        """F(x) = Σ p_k over the points support_k ≤ x."""
        x = line(x, self.dim)
        order = np.argsort(self.support[:, 0])
        below = np.concatenate([[0.0], np.cumsum(self.p[order])])
        return below[np.searchsorted(self.support[order, 0], x, side="right")]

    def sample(self, n: int, rng: Any) -> Array:
        """support_k with probability p_k,  (n, dim)."""
        u = rng.random(n)
        xp = namespace(u)
        cumulative = np.cumsum(self.p)
        return xp.asarray(self.support)[
            xp.searchsorted(xp.asarray(cumulative / cumulative[-1]), u, side="right")
        ]

    def knots(self) -> list[Array]:
        return [np.unique(axis) for axis in self.support.T]

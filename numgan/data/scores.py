"""Normal scores: a column of any distribution as numbers that are distributed like N(0, 1), and
back.

Let F(v) be the share of the training rows that are at most v. A value v becomes

    z = Φ⁻¹(u),      u uniform on (F(v−), F(v))

(the randomised probability integral transform). So u is uniform on (0, 1) and z standard normal for
every distribution: with heavy tails, caps, integers or gaps. The inverse is  v = F⁻¹(Φ(z)): if
several rows share a value v, the whole interval (F(v−), F(v)) is mapped back to v; between values
that occur once, F is interpolated linearly. No value leaves the range of the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.layers.functions import erf

GRID = np.linspace(-9, 9, 3601)
LEAST = 1e-6  # the smallest u, so that z is finite
KNOTS = 4000  # values of a column at most; F is interpolated between them


def normal_cdf(z: Array) -> Array:
    """Φ(z) = (1 + erf(z/√2))/2.

    >>> normal_cdf(np.array([0.0])).tolist()
    [0.5]
    """
    return (1 + erf(z / sqrt(2))) / 2


def normal_quantile(u: Array) -> Array:
    """Φ⁻¹(u) for 0 < u < 1: interpolation on a grid, then three steps of Newton's method,
    z ← z − (Φ(z) − u)/n(z).

        >>> normal_quantile(np.array([0.5, normal_cdf(np.array([1.0]))[0]])).round(9).tolist()
        [0.0, 1.0]
    """
    z = np.interp(u, normal_cdf(GRID), GRID)
    for _ in range(3):
        z = z - (normal_cdf(z) - u) / (np.exp(-z * z / 2) / sqrt(2 * pi))
    return z


@dataclass(frozen=True, eq=False)
class Scores:
    """The transform of one column. `values` are sorted; value k has the shares low_k ≤ high_k,
    which are equal if it occurs once.

    >>> scores = Scores.of(np.array([1.0, 1.0, 1.0, 5.0]))
    >>> scores.low.tolist(), scores.high.tolist()
    ([0.0, 0.875], [0.75, 0.875])
    >>> z = scores.forward(np.array([1.0, 5.0]))
    >>> scores.inverse(z).tolist()
    [1.0, 5.0]
    """

    values: Array
    low: Array
    high: Array

    @staticmethod
    def of(column: Array) -> Scores:
        """The transform of a column (R,). A value that occurs once gets its interval's middle."""
        values, counts = np.unique(column, return_counts=True)
        high = np.cumsum(counts) / len(column)
        low = high - counts / len(column)
        middle, once = (low + high) / 2, counts == 1
        low, high = np.where(once, middle, low), np.where(once, middle, high)
        if len(values) > KNOTS:
            kept = np.unique(np.linspace(0, len(values) - 1, KNOTS).astype(int))
            kept = np.union1d(kept, np.flatnonzero(counts > len(column) / KNOTS))
            values, low, high = values[kept], low[kept], high[kept]
        return Scores(values, low, high)

    def forward(self, v: Array, rng: Any = None) -> Array:
        """z of values (n,); without rng, u is the middle of its interval. A value between two
        values of the data gets the interpolated share, and one outside their range the share of the
        nearest.
        """
        low, high = (np.interp(v, self.values, share) for share in (self.low, self.high))
        u = (low + high) / 2 if rng is None else low + rng.random(low.shape) * (high - low)
        return normal_quantile(np.clip(u, LEAST, 1 - LEAST))

    def inverse(self, z: Array) -> Array:
        """The values (n,) of scores (n,)."""
        shares = np.stack([self.low, self.high], 1).ravel()
        return np.interp(normal_cdf(z), shares, np.repeat(self.values, 2))

"""Normal scores: a column of any shape as numbers that are distributed like N(0, 1), and back.

With F the share of the training rows that are at most v, a value v becomes

    z = Φ⁻¹(u),      u drawn evenly from (F(v−), F(v))

(the randomised probability integral transform). So u is uniform and z standard normal, whatever the
column's law: heavy tails, caps, integers and gaps alike. The way back is  v = F⁻¹(Φ(z)): for a
value that several rows share the whole interval (F(v−), F(v)) gives back v itself, and between
values that occur once the line between them is taken. No value leaves the range of the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.layers.functions import erf

GRID = np.linspace(-9, 9, 3601)
LEAST = 1e-6  # of u, so that z is finite
KNOTS = 4000  # of a column; more values are told apart by the line between two knots


def normal_cdf(z: Array) -> Array:
    """Φ(z) = (1 + erf(z/√2))/2.

    >>> normal_cdf(np.array([0.0])).tolist()
    [0.5]
    """
    return (1 + erf(z / sqrt(2))) / 2


def normal_quantile(u: Array) -> Array:
    """Φ⁻¹(u) for 0 < u < 1: the grid's value, then three steps of Newton's,
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
    """The transform of one column: `values` rise, and stand at the shares `low` ≤ `high`, which are
    equal where a value occurs once."""

    values: Array
    low: Array
    high: Array

    @staticmethod
    def of(column: Array) -> Scores:
        """The transform of the rows of a column (R,). A value that occurs once stands in the middle
        of its interval.
        """
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
        """z of values (n,); without rng u is the middle of its interval. A value between two of the
        data's has the share on the line between them, and one outside that of the nearest."""
        low, high = (np.interp(v, self.values, share) for share in (self.low, self.high))
        u = (low + high) / 2 if rng is None else low + rng.random(low.shape) * (high - low)
        return normal_quantile(np.clip(u, LEAST, 1 - LEAST))

    def back(self, z: Array) -> Array:
        """v of scores (n,)."""
        shares = np.stack([self.low, self.high], 1).ravel()
        return np.interp(normal_cdf(z), shares, np.repeat(self.values, 2))

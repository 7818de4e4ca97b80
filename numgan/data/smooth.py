"""Rows drawn with noise, so that a discriminator cannot memorise a few of them: the smoothed
bootstrap (Efron 1979; Silverman and Young 1987).

Let x̄ and Σ be the mean and the covariance of the rows. A drawn row x becomes

    x̄ + (x − x̄ + h ξ)/√(1 + h²),      ξ ~ N(0, Σ)

The noise has the covariance of the data times h², and the division removes the variance that it
adds: the drawn rows have mean x̄ and covariance Σ for every h. This is a kernel density estimate of
width h, shrunk towards x̄.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from numgan.backend import Array, to_device, to_host
from numgan.data.sources import Shuffled
from numgan.metrics.copies import nearest_distances

SAMPLED = 2000  # rows at most between which distances are measured


class Smoothed(Shuffled):
    """Shuffled rows, each drawn with noise of width h in its first `free` entries; the others, such
    as categories, are unchanged.

        >>> rows = np.array([[0.0, 1.0], [2.0, 0.0]])
        >>> drawn = Smoothed(rows, "float64", h=0.5, free=1).batch(2, np.random.default_rng(0))
        >>> float(drawn[:, 1].sum())
        1.0
    """

    def __init__(self, rows: Array, dtype: str, h: float, free: int) -> None:
        super().__init__(rows, dtype)
        self.h, self.free = h, free
        x = to_host(self.rows)[:, :free].astype(np.float64)
        # ξ = e root with e ~ N(0, I), for Σ = rootᵀ root
        values, vectors = principal_axes(x)
        root = np.sqrt(values)[:, None] * vectors.T
        there = "cpu" if isinstance(self.rows, np.ndarray) else "cuda"
        self.mean = to_device(x.mean(0).astype(dtype), there)
        self.noise = to_device((h * root).astype(dtype), there)

    def batch(self, m: int, rng: Any) -> Array:
        """The next m rows with fresh noise, (m, dim)."""
        x = super().batch(m, rng).copy()
        e = rng.standard_normal((m, self.free), dtype=self.noise.dtype)
        moved = x[:, : self.free] - self.mean + e @ self.noise
        x[:, : self.free] = self.mean + moved / sqrt(1 + self.h**2)
        return x

    def on(self, device: str) -> Smoothed:
        """A new source of the same rows on a device, before its first batch."""
        return Smoothed(to_device(self.rows, device), self.dtype, self.h, self.free)


def principal_axes(x: Array) -> tuple[Array, Array]:
    """The principal axes of rows: their variances (dim,), and the axes as the columns of (dim,
    dim).

    >>> variances, axes = principal_axes(np.array([[3.0, 0.0], [-3.0, 0.0]]))
    >>> variances.tolist(), abs(axes[:, 1]).tolist()
    ([0.0, 9.0], [1.0, 0.0])
    """
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(x.T, ddof=0)))
    return np.maximum(values, 0), vectors


def effective_dimension(x: Array) -> float:
    """(Σ λ)²/Σ λ² of the variances λ along the principal axes: dim if all are equal, 1 if only one
    is not 0.

        >>> effective_dimension(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
        2.0
    """
    values, _ = principal_axes(x)
    return float(values.sum() ** 2 / max((values**2).sum(), 1e-300))


def neighbour_width(x: Array) -> float:
    """The distance between neighbours as a width h: the median distance from a row to the nearest
    other row, over √dim, in units in which the rows have covariance I. Noise of this width moves a
    row by about this distance.

    >>> rows = np.array([[0.0], [2.0], [4.0], [6.0]])  # neighbours 2 apart, std √5
    >>> round(neighbour_width(rows), 6)  # 2/√5
    0.894427
    """
    x = x[:: max(1, len(x) // SAMPLED)]
    values, vectors = principal_axes(x)
    kept = values > 1e-6 * values.max()
    white = (x - x.mean(0)) @ vectors[:, kept] / np.sqrt(values[kept])
    return float(np.median(nearest_distances(white, white, leave_one_out=True)) / sqrt(kept.sum()))

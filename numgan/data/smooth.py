"""Rows that are drawn with noise, so that a discriminator cannot learn a few of them by heart: the
smoothed bootstrap (Efron 1979; Silverman and Young 1987).

With x̄ and Σ the mean and the covariance of the rows, a drawn row x becomes

    x̄ + (x − x̄ + h ξ)/√(1 + h²),      ξ ~ N(0, Σ)

The noise has the shape of the data, and the division takes back what it adds: mean and covariance
of what is drawn are those of the rows, for every h. It is a kernel density estimate of width h.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from numgan.backend import Array, to_device, to_host
from numgan.data.sources import Shuffled
from numgan.metrics.copies import nearest_distances

LOOKED = 2000  # rows by which distances are measured


class Smoothed(Shuffled):
    """Shuffled rows, each drawn with noise of width h in its first `free` numbers; the rest, such
    as categories, stays.

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
        values, vectors = axes(x)
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


def axes(x: Array) -> tuple[Array, Array]:
    """The variances (dim,) of rows along their principal axes, and the axes, the columns of (dim,
    dim).
    """
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(x.T, ddof=0)))
    return np.maximum(values, 0), vectors


def effective_dimension(x: Array) -> float:
    """(Σ λ)²/Σ λ² of the variances λ along the principal axes: dim where all are equal, 1 where one
    has all.

        >>> effective_dimension(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
        2.0
    """
    values, _ = axes(x)
    return float(values.sum() ** 2 / max((values**2).sum(), 1e-300))


def gap(x: Array) -> float:
    """How far apart neighbours are, as a width h: the median distance of a row to the nearest other
    one, over √dim, in units in which the rows have covariance I. Noise of that width moves a row by
    about as much.
    """
    x = x[:: max(1, len(x) // LOOKED)]
    values, vectors = axes(x)
    kept = values > 1e-6 * values.max()
    white = (x - x.mean(0)) @ vectors[:, kept] / np.sqrt(values[kept])
    return float(np.median(nearest_distances(white, white, leave_one_out=True)) / sqrt(kept.sum()))

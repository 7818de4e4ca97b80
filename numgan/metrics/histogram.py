"""How far apart are two distributions on a line or in a plane? The Jensen-Shannon divergence (E24) of their histograms.

Lumping points into cells only loses information (the data-processing inequality), so the divergence between histograms
is at most that of the distributions, and comes up to it as the cells shrink. Chance works the other way: two histograms
of the same distribution differ. With B cells that hold something, n samples against m,

    E[JSD] ≈ (B − 1)/8 · (1/n + 1/m)     where P = Q,

which is the floor that every estimate below carries with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows
from numgan.theory.density import Density
from numgan.theory.logarithms import log, times
from numgan.theory.quadrature import on_panels, panels


def jsd(p: Array, q: Array) -> Array:
    """JSD(p‖q) = H((p+q)/2) − ½H(p) − ½H(q), in nats, along the last axis of p and q that sum to 1.

    This is E24 with its KL divergences written out; H(p) = −Σ p log p (E1). 0 ≤ JSD ≤ log 2, to rounding.
    """
    m = (p + q) / 2
    return (times(p, log(p)).sum(-1) + times(q, log(q)).sum(-1)) / 2 - times(m, log(m)).sum(-1)


def edges(real: Array, bins: int | None = None) -> list[Array]:
    """The binning rule: B = ⌈2 N^{1/(dim+2)}⌉ cells of equal width on each axis, from the least to the greatest of N
    real samples, and one open cell beyond each end for whatever lies outside.

    The width falls with N at the rate that balances the two errors above (the cube root in one dimension: Rice's rule).
    real (N, dim), dim 1 or 2; a list of dim vectors (B + 1,).
    """
    real = finite_rows(real, "real samples")
    N, dim = real.shape
    if dim > 2:
        raise InputError(f"a histogram in {dim} dimensions: expected 1 or 2, cells are too empty beyond")
    bins = int(np.ceil(2 * N ** (1 / (dim + 2)))) if bins is None else bins
    if bins < 1:
        raise InputError(f"{bins} bins: expected at least 1")
    return [np.histogram_bin_edges(axis, bins) for axis in real.T]


def cells(x: Array, edges: Sequence[Array], weights: Array = None) -> Array:
    """How many rows of x (N, dim), or how much of their weights, fall into each cell: a vector over all the cells."""
    shape = tuple(len(e) + 1 for e in edges)
    index = [np.searchsorted(e, axis, side="right") for e, axis in zip(edges, x.T, strict=True)]
    return np.bincount(np.ravel_multi_index(index, shape), weights, minlength=int(np.prod(shape)))


def masses(density: Density, edges: Sequence[Array]) -> Array:
    """∫_cell p(x) dx for each cell, by Gauss quadrature on panels that end at the edges and at the density's own knots.

    Right to about 1e-9; what the knots leave out is less.
    """
    axes = []
    for e, knots in zip(edges, density.knots(), strict=True):
        axes.append(np.concatenate([knots, e[(e > knots.min()) & (e < knots.max())]]))
    low, high = panels(axes)
    mass, _ = on_panels(density.density, low, high)
    total = cells((low + high) / 2, edges, mass)
    return total / total.sum()


@dataclass(frozen=True, eq=False)
class Histogram:
    """Shares of probability q (cells,) over the cells between the edges; `size` samples were counted, 0 for exact ones.

    Made once for the real distribution, it serves every comparison with it.
    """

    edges: Sequence[Array]
    q: Array
    size: int

    @classmethod
    def of(cls, real: Array | Density, edges: Sequence[Array]) -> Histogram:
        """The exact masses of a density, or the shares of samples (M, dim)."""
        if isinstance(real, Density):
            if real.dim != len(edges):
                raise InputError(f"density of {real.dim} dimensions over {len(edges)} axes: expected as many")
            return cls(edges, masses(real, edges), 0)
        real = finite_rows(real, "real samples", len(edges))
        return cls(edges, cells(real, edges) / len(real), len(real))


@lru_cache(maxsize=8)
def exact(density: Density, N: int) -> Histogram:
    """The masses of a density over the cells of N of its draws, always the same; kept, as they take their time."""
    return Histogram.of(density, edges(density.sample(N, np.random.default_rng(0))))


def histogram_jsd(x: Array, real: Histogram | Density | Array, rng: Any, repeats: int = 200) -> Estimate:
    """JSD(p̂‖q) in nats between the cells of samples x (N, dim), dim 1 or 2, and those of the real distribution, given
    as a Histogram, an exact density, or samples (M, dim). In the last two cases `edges` of the real samples (of N draws
    of the density) make the cells.

    Error: the bootstrap's. `repeats` times N samples are drawn from p̂ (and M from q where that was counted, not exact);
    it is the standard deviation of their divergences, on the safe side (by up to √3) where P = Q.
    Floor: what chance alone makes of it where P = Q, the mean and standard deviation of `repeats` divergences. Against
    exact masses N samples are drawn from q. Two sets of samples are put together and dealt anew into N and M, as if
    both were real. So `corrected` is free of bias where P = Q; far from there it is too small by less than the floor.
    Raises InputError for rows that are not finite, or are of another dimension than the real ones.
    """
    if not isinstance(real, Histogram):
        real = exact(real, len(x)) if isinstance(real, Density) else Histogram.of(real, edges(real))
    if repeats < 2:
        raise InputError(f"{repeats} bootstrap repeats: expected at least 2")
    x = finite_rows(x, "samples", len(real.edges))
    N, M, q = len(x), real.size, real.q
    p = cells(x, real.edges) / N

    def drawn(law: Array, size: int) -> Array:
        return rng.multinomial(size, law, repeats) / size if size else law

    def dealt() -> tuple[Array, Array]:
        if not M:
            return drawn(q, N), q
        both = np.rint(N * p + M * q).astype(np.int64)
        mine = rng.multivariate_hypergeometric(both, N, repeats, method="marginals")
        return mine / N, (both - mine) / M

    again = jsd(drawn(p, N), drawn(q, M))
    alike = jsd(*dealt())
    value = float(max(jsd(p, q), 0.0))  # −1e-16 is a rounding of 0
    return Estimate(value, float(again.std(ddof=1)), float(alike.mean()), float(alike.std(ddof=1)))

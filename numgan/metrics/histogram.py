"""How far apart are two distributions on a line or in a plane? The Jensen-Shannon divergence (E24)
of their histograms.

Merging points into cells only loses information (the data-processing inequality). So the divergence
of the histograms is at most that of the distributions, and approaches it as the cells shrink.
Sampling has the opposite effect: two histograms of the same distribution differ by chance. With B
non-empty cells, n samples and m samples,

    E[JSD] ≈ (B − 1)/8 · (1/n + 1/m)     if P = Q.

This is the floor of every estimate below.
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
    """JSD(p‖q) = H((p+q)/2) − ½H(p) − ½H(q), in nats, along the last axis; p and q sum to 1.

    This is E24 with its KL divergences expanded; H(p) = −Σ p log p (E1). 0 ≤ JSD ≤ log 2, to
    rounding.

        >>> print(jsd(np.array([1.0, 0.0]), np.array([0.0, 1.0])) / np.log(2))
        1.0
    """
    m = (p + q) / 2
    return (times(p, log(p)).sum(-1) + times(q, log(q)).sum(-1)) / 2 - times(m, log(m)).sum(-1)


def bin_edges(real: Array, bins: int | None = None) -> list[Array]:
    """The edges of the cells on each axis, dim vectors (B + 1,), for real (N, dim) with dim 1 or 2.

    B = ⌈2 N^{1/(dim+2)}⌉ cells of equal width reach from the least to the greatest of N real
    samples. One open cell beyond each end takes the points outside. The width decreases with N at
    the rate that balances the two errors above (in one dimension N^{1/3}: Rice's rule).
    Raises InputError for more than two dimensions or fewer than one bin.

        >>> bin_edges([0.0, 1.0, 4.0], bins=2)
        [array([0., 2., 4.])]
    """
    real = finite_rows(real, "real samples")
    N, dim = real.shape
    if dim > 2:
        raise InputError(
            f"a histogram in {dim} dimensions: expected 1 or 2, with more the cells are too empty"
        )
    bins = int(np.ceil(2 * N ** (1 / (dim + 2)))) if bins is None else bins
    if bins < 1:
        raise InputError(f"{bins} bins: expected at least 1")
    return [np.histogram_bin_edges(axis, bins) for axis in real.T]


def cell_counts(x: Array, edges: Sequence[Array], weights: Array = None) -> Array:
    """The number of rows of x (N, dim) in each cell, or the sum of their weights; one flat vector.

    >>> cell_counts(np.array([[-1.0], [1.0], [1.5], [7.0]]), [np.array([0.0, 2.0, 4.0])])
    array([1, 2, 0, 1])
    """
    shape = tuple(len(e) + 1 for e in edges)
    index = [np.searchsorted(e, axis, side="right") for e, axis in zip(edges, x.T, strict=True)]
    return np.bincount(np.ravel_multi_index(index, shape), weights, minlength=int(np.prod(shape)))


def cell_masses(density: Density, edges: Sequence[Array]) -> Array:
    """∫_cell p(x) dx for each cell, by Gauss quadrature on panels.

    The panels end at the edges and at the density's knots. The error is about 1e-9; the mass
    outside the knots is smaller.

        >>> from numgan.theory import Uniform
        >>> cell_masses(Uniform(0.0, 4.0), [np.array([0.0, 1.0, 4.0])]).round(9)
        array([0.  , 0.25, 0.75, 0.  ])
    """
    axes = []
    for e, knots in zip(edges, density.knots(), strict=True):
        axes.append(np.concatenate([knots, e[(e > knots.min()) & (e < knots.max())]]))
    low, high = panels(axes)
    mass, _ = on_panels(density.density, low, high)
    total = cell_counts((low + high) / 2, edges, mass)
    return total / total.sum()


@dataclass(frozen=True, eq=False)
class Histogram:
    """Probabilities q (cells,) of the cells between the edges.

    `size` is the number of samples counted, 0 for exact masses. One histogram of the real
    distribution serves all comparisons with it.

        >>> Histogram.of([0.5, 1.5, 1.5, 3.0], [np.array([0.0, 1.0, 2.0])]).q
        array([0.  , 0.25, 0.5 , 0.25])
    """

    edges: Sequence[Array]
    q: Array
    size: int

    @classmethod
    def of(cls, real: Array | Density, edges: Sequence[Array]) -> Histogram:
        """The exact masses of a density, or the shares of samples (M, dim)."""
        if isinstance(real, Density):
            if real.dim != len(edges):
                raise InputError(
                    f"density of {real.dim} dimensions over {len(edges)} axes: expected as many"
                )
            return cls(edges, cell_masses(real, edges), 0)
        real = finite_rows(real, "real samples", len(edges))
        return cls(edges, cell_counts(real, edges) / len(real), len(real))


@lru_cache(maxsize=8)
def exact(density: Density, N: int) -> Histogram:
    """The masses of a density in the cells of N fixed draws; cached, since quadrature takes time.

    >>> from numgan.theory import Uniform
    >>> round(float(exact(Uniform(0.0, 1.0), 100).q.sum()), 9)
    1.0
    """
    return Histogram.of(density, bin_edges(density.sample(N, np.random.default_rng(0))))


def histogram_jsd(
    x: Array, real: Histogram | Density | Array, rng: Any, repeats: int = 200
) -> Estimate:
    """JSD(p̂‖q) in nats between the histograms of samples x (N, dim), dim 1 or 2, and of the real
    distribution: a Histogram, an exact density, or samples (M, dim).

    Without a Histogram, `edges` makes the cells from the real samples or from N draws of the
    density.

    Error: the bootstrap's. `repeats` times, N samples are drawn from p̂ (and M from q, if q was
    counted); the error is the standard deviation of their divergences. If P = Q it is conservative
    (too large by a factor of at most √3).
    Floor: the mean and standard deviation of `repeats` divergences under P = Q. Against exact
    masses, N samples are drawn from q. Two sets of samples are pooled and split at random into N
    and M, as if both were real. So `corrected` is unbiased if P = Q; far from there it is too small
    by less than the floor.
    Raises InputError for rows that are not finite, or of another dimension than the real ones.

        >>> far = histogram_jsd([0.0] * 8, [1.0] * 8, np.random.default_rng(0))
        >>> round(far.value, 6)  # log 2
        0.693147
    """
    if not isinstance(real, Histogram):
        real = (
            exact(real, len(x))
            if isinstance(real, Density)
            else Histogram.of(real, bin_edges(real))
        )
    if repeats < 2:
        raise InputError(f"{repeats} bootstrap repeats: expected at least 2")
    x = finite_rows(x, "samples", len(real.edges))
    N, M, q = len(x), real.size, real.q
    p = cell_counts(x, real.edges) / N

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

"""Are samples like the data, and are all of the data there? Improved precision and recall.

Kynkäänniemi, Karras, Laine, Lehtinen and Aila 2019, arXiv:1904.06991. The manifold of a set of points is taken to be
the union of balls around them, each as wide as the distance to its point's k-th nearest neighbour in the set.

    precision   the share of samples that lie on the manifold of the real rows          fidelity
    recall      the share of real rows that lie on the manifold of the samples          variety

A generator that forgets loses recall, one that makes up images loses precision. Neither is 1 for perfect samples, as
the balls leave gaps between them, fewer where there are more points: only sets of one size can be compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 2048  # rows of the matrix of distances at a time, so that memory stays below BLOCK × N numbers
REPEATS = 20  # half-samples: a standard deviation of 20 numbers is known to 1/√38 = 16 %


def distances2(x: Array, y: Array) -> Array:
    """‖x_i − y_j‖² = ‖x_i‖² + ‖y_j‖² − 2 x_i·y_j:  (N, d), (M, d) -> (N, M), right to roundings of ‖x‖² + ‖y‖²."""
    d = x @ y.T
    d *= -2
    d += (x * x).sum(1)[:, None]
    d += (y * y).sum(1)
    return d


def radii2(y: Array, k: int) -> Array:
    """The squared distance from each of y (M, d) to its k-th nearest other one, (M,)."""
    radii = np.empty(len(y))
    for i in range(0, len(y), BLOCK):
        d = distances2(y[i : i + BLOCK], y)
        here = np.arange(len(d))
        d[here, i + here] = -np.inf  # the point itself comes first, so that the k-th other one is at place k
        radii[i : i + BLOCK] = np.partition(d, k, axis=1)[:, k]
    return radii


def covered(x: Array, y: Array, k: int) -> float:
    """The share of x (N, d) on the manifold of y (M, d): the i with ‖x_i − y_j‖ ≤ radius_j for some j."""
    radii = radii2(y, k)
    blocks = range(0, len(x), BLOCK)
    return sum(np.count_nonzero((distances2(x[i : i + BLOCK], y) <= radii).any(1)) for i in blocks) / len(x)


def overlap(x: Array, real: Array, k: int) -> Array:
    """Precision and recall of x (N, d) for real (M, d), (2,)."""
    return np.array([covered(x, real, k), covered(real, x, k)])


def precision_recall(x: Array, real: Array, rng: Any, k: int = 3) -> tuple[Estimate, Estimate]:
    """Precision and recall of samples x (N, d) for real rows (M, d), in balls that reach to the k-th neighbour.

    Both sets are dealt into two halves of m = ⌊min(N, M)/2⌋ points. The value is the mean of the samples' first half
    against the real rows' first and of second against second; the floor that of the real halves against each other,
    each in the place of the samples once. It is the same for both: what is precision one way round is recall the other.

    Error: the delete-half jackknife's. The mean of m terms differs from that of a random half of them with variance
    σ²/(m/2) · (1 − ½) = σ²/m, its own; so the error is the standard deviation over 20 random halves of all sets. Fewer
    points have wider balls that scatter more: it is on the safe side, by up to a half. (The bootstrap would not do: it
    draws points twice, whose nearest neighbour is then their double.)
    Raises InputError for rows that are not finite, of different lengths, or fewer than 4k + 4.
    """
    if k < 1:
        raise InputError(f"k = {k} neighbours: expected at least 1")
    real = finite_rows(real, "real samples", least=4 * k + 4)
    x = finite_rows(x, "samples", real.shape[1], least=4 * k + 4)
    centre, m = real.mean(0), min(len(x), len(real)) // 2

    def halves(y: Array) -> tuple[Array, Array]:
        order = rng.permutation(len(y))
        return y[order[:m]] - centre, y[order[m : 2 * m]] - centre

    def half(y: Array) -> Array:
        return y[rng.permutation(m)[: m // 2]]

    (A, B), (S, T) = halves(real), halves(x)
    value = (overlap(S, A, k) + overlap(T, B, k)) / 2
    again = [(overlap(half(S), half(A), k) + overlap(half(T), half(B), k)) / 2 for _ in range(REPEATS)]
    floor = overlap(A, B, k).mean()
    floor_again = [overlap(half(A), half(B), k).mean() for _ in range(REPEATS)]

    error, floor_error = np.std(again, axis=0, ddof=1), float(np.std(floor_again, ddof=1))
    precision, recall = (Estimate(float(value[i]), float(error[i]), float(floor), floor_error) for i in (0, 1))
    return precision, recall

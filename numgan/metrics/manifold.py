"""Do the samples look like the data, and do they cover the data? Improved precision and recall.

Kynkäänniemi, Karras, Laine, Lehtinen and Aila 2019, arXiv:1904.06991. A union of balls around the
points of a set estimates its manifold. The radius of each ball is the distance from its centre to
the k-th nearest neighbour in the set.

    precision   the share of samples on the manifold of the real rows          fidelity
    recall      the share of real rows on the manifold of the samples          variety

A generator that drops modes loses recall; one that makes unrealistic images loses precision. Even
perfect samples do not reach 1, because the balls leave gaps. More points leave fewer gaps, so only
sets of equal size can be compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 256  # rows of the distance matrix at a time: few enough for the cache of the processor
REPEATS = 20  # half-samples: the standard deviation of 20 numbers has an error of 1/√38 = 16 %


def squared_distances(x: Array, y: Array) -> Array:
    """‖x_i − y_j‖² = ‖x_i‖² + ‖y_j‖² − 2 x_i·y_j:  (N, d), (M, d) -> (N, M).

    The error is a rounding of ‖x‖² + ‖y‖².

        >>> squared_distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]))
        array([[25.]])
    """
    d = x @ y.T
    d *= -2
    d += (x * x).sum(1)[:, None]
    d += (y * y).sum(1)
    return d


def squared_radii(y: Array, k: int) -> Array:
    """The squared distance from each of y (M, d) to its k-th nearest other point, (M,).

    >>> squared_radii(np.array([[0.0], [1.0], [3.0]]), k=1)
    array([1., 1., 4.])
    """
    radii = np.empty(len(y))
    for i in range(0, len(y), BLOCK):
        d = squared_distances(y[i : i + BLOCK], y)
        here = np.arange(len(d))
        d[here, i + here] = -np.inf  # the point itself sorts first: the k-th other one has index k
        d.partition(k, axis=1)
        radii[i : i + BLOCK] = d[:, k]
    return radii


def share_on_manifold(x: Array, y: Array, k: int) -> float:
    """The share of x (N, d) on the manifold of y (M, d): ‖x_i − y_j‖ ≤ radius_j for some j.

    >>> print(share_on_manifold(np.array([[0.5], [9.0]]), np.array([[0.0], [1.0], [3.0]]), k=1))
    0.5
    """
    radii = squared_radii(y, k)
    blocks = range(0, len(x), BLOCK)
    inside = ((squared_distances(x[i : i + BLOCK], y) <= radii).any(1) for i in blocks)
    return sum(map(np.count_nonzero, inside)) / len(x)


def precision_and_recall(x: Array, real: Array, k: int) -> Array:
    """Precision and recall of x (N, d) for real (M, d), (2,).

    >>> precision_and_recall(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [8.0], [9.0]]), k=1)
    array([1. , 0.5])
    """
    return np.array([share_on_manifold(x, real, k), share_on_manifold(real, x, k)])


def precision_recall(x: Array, real: Array, rng: Any, k: int = 3) -> tuple[Estimate, Estimate]:
    """Precision and recall of samples x (N, d) for real rows (M, d), with k-th nearest neighbours.

    Both sets are split at random into two halves of m = ⌊min(N, M)/2⌋ points. The value is the mean
    of two comparisons: first half of the samples with first half of the real rows, second with
    second. The floor compares the two real halves with each other, in both directions. It is the
    same for both: the precision in one direction is the recall in the other.

    Error: the delete-half jackknife's. The mean of m terms differs from the mean of a random half
    of them with variance σ²/(m/2) · (1 − ½) = σ²/m, its own variance. So the error is the standard
    deviation over 20 random halves of all sets. Fewer points have wider balls and scatter more, so
    the error is conservative, by up to a half. (The bootstrap fails here: it draws points twice,
    and the nearest neighbour of such a point is its copy.)
    Raises InputError for rows that are not finite, of different lengths, or fewer than 4k + 4.

        >>> x, rng = np.arange(16.0), np.random.default_rng(0)
        >>> precision, recall = precision_recall(x + 100, x, rng)
        >>> precision.value, recall.value
        (0.0, 0.0)
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

    def value_again() -> Array:
        return (
            precision_and_recall(half(S), half(A), k) + precision_and_recall(half(T), half(B), k)
        ) / 2

    (A, B), (S, T) = halves(real), halves(x)
    value = (precision_and_recall(S, A, k) + precision_and_recall(T, B, k)) / 2
    again = [value_again() for _ in range(REPEATS)]
    floor = precision_and_recall(A, B, k).mean()
    floor_again = [precision_and_recall(half(A), half(B), k).mean() for _ in range(REPEATS)]

    error, floor_error = np.std(again, axis=0, ddof=1), float(np.std(floor_again, ddof=1))
    precision, recall = (
        Estimate(float(value[i]), float(error[i]), float(floor), floor_error) for i in (0, 1)
    )
    return precision, recall

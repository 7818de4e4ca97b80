"""How far apart are two sets of samples in any dimension? The kernel two-sample distance (KID).

Binkowski, Sutherland, Arbel and Gretton 2018, "Demystifying MMD GANs", arXiv:1801.01401, section 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array, to_host
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 256  # rows of the kernel matrix at a time: few enough for the cache of the processor


def kernel(x: Array, y: Array, width: float | None = None) -> Array:
    """k(x, y) = (x·y/d + 1)³:  (N, d), (M, d) -> (N, M).

    It compares means, covariances and third moments. With a width w it is exp(−‖x − y‖²/2w²), which
    compares all.

        >>> kernel(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]]))  # (2/2 + 1)³, 1³
        array([[8., 1.]])
    """
    k = x @ y.T
    if width is not None:
        k -= ((x * x).sum(1)[:, None] + (y * y).sum(1)) / 2
        return np.exp(k / width**2)
    k *= 1 / x.shape[1]
    k += 1
    return k * k * k


def kernel_sums(x: Array, y: Array, width: float | None = None) -> tuple[Array, Array]:
    """Σ_j k(x_i, y_j) for each i (N,), and Σ_i k(x_i, y_j) for each j (M,).

    >>> kernel_sums(np.array([[1.0]]), np.array([[1.0], [0.0]]))
    (array([9.]), array([8., 1.]))
    """
    rows, columns = np.empty(len(x)), np.zeros(len(y))
    for i in range(0, len(x), BLOCK):
        k = kernel(x[i : i + BLOCK], y, width)
        rows[i : i + BLOCK] = k.sum(1)
        columns += k.sum(0)
    return rows, columns


def mmd2(x: Array, y: Array, width: float | None = None) -> Estimate:
    """The unbiased estimate of MMD² = E k(x, x') + E k(y, y') − 2 E k(x, y) is

        U = A/(N(N−1)) + B/(M(M−1)) − 2C/(NM)

    with A = Σ_{i≠j} k(x_i, x_j), B = Σ_{i≠j} k(y_i, y_j), C = Σ_{i,j} k(x_i, y_j). Its mean is
    MMD². If P = Q this is 0, so U is negative about half of the time.

    Error: the jackknife's. With a_i = Σ_{j≠i} k(x_i, x_j) and c_i = Σ_j k(x_i, y_j), the estimate
    without x_i is

        U_{−i} = (A − 2a_i)/((N−1)(N−2)) + B/(M(M−1)) − 2(C − c_i)/((N−1)M),

    and likewise without y_j; error² is (N−1)/N Σ_i (U_{−i} − mean)² plus the same over j. It is
    exact to leading order if P ≠ Q, and conservative (too large by about √2) if P = Q.

    x (N, d), y (M, d), with N, M ≥ 3. Raises InputError for other shapes and for numbers that are
    not finite.

        >>> mmd2([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]).value  # 1 + 8 − 2·1
        7.0
    """
    x = finite_rows(x, "samples", least=3)
    y = finite_rows(y, "real samples", x.shape[1], least=3)
    N, M = len(x), len(y)
    # k(x, x): ‖x − x‖ is 0
    own = [1.0 if width is not None else ((side * side).mean(1) + 1) ** 3 for side in (x, y)]
    a = kernel_sums(x, x, width)[0] - own[0]
    b = kernel_sums(y, y, width)[0] - own[1]
    c, d = kernel_sums(x, y, width)
    A, B, C = a.sum(), b.sum(), c.sum()

    U = A / (N * (N - 1)) + B / (M * (M - 1)) - 2 * C / (N * M)
    # U_{−i} and U_{−j} up to a constant, which the variance ignores
    without_x = (A - 2 * a) / ((N - 1) * (N - 2)) + 2 * c / ((N - 1) * M)
    without_y = (B - 2 * b) / ((M - 1) * (M - 2)) + 2 * d / ((M - 1) * N)
    variance = (N - 1) * without_x.var() + (M - 1) * without_y.var()
    return Estimate(float(U), float(np.sqrt(variance)))


def kernel_distance(x: Array, real: Array, rng: Any) -> Estimate:
    """MMD² between samples x (N, d) and real rows (M, d).

    Floor: MMD² of two random halves of the real rows. Both are unbiased: the floor is 0 up to
    chance, and shows the size of chance.
    Raises InputError for fewer than 6 real rows, and as `mmd2` does.

        >>> distance = kernel_distance([0.0] * 6, [1.0] * 6, np.random.default_rng(0))
        >>> distance.value, distance.floor
        (7.0, 0.0)
    """
    if len(real) < 6:
        raise InputError(f"{len(real)} real samples: expected at least 6, for two halves")
    order, real = rng.random(len(real)).argsort(), to_host(real)
    half = len(real) // 2
    distance, floor = mmd2(x, real), mmd2(real[order[:half]], real[order[half:]])
    return Estimate(distance.value, distance.error, floor.value, floor.error)


def median_distance(x: Array, y: Array, n: int = 500) -> float:
    """The median of ‖x_i − y_j‖ over at most n rows of each, 1 where all are equal.

    >>> median_distance(np.array([[0.0]]), np.array([[3.0], [1.0], [2.0]]))
    2.0
    """
    x, y = x[:n], y[:n]
    squares = (x * x).sum(1)[:, None] + (y * y).sum(1) - 2 * x @ y.T
    return float(np.sqrt(max(np.median(squares), 0))) or 1.0


def gaussian_distance(x: Array, real: Array, rng: Any, n: int = 2000) -> Estimate:
    """MMD² with k(x, y) = exp(−‖x − y‖²/2w²), w the median distance of real rows, between samples
    x (N, d) and real rows (M, d), at most n of each.

    k ≤ 1, so no outlier rules it, and it sees every difference of two laws; MMD² lies between 0 and
    2. Floor and errors as `kernel_distance` has them.

        >>> far = gaussian_distance(np.full((6, 1), 99.0), np.arange(6.0), np.random.default_rng(0))
        >>> far.value > 1
        True
    """
    if len(real) < 6:
        raise InputError(f"{len(real)} real samples: expected at least 6, for two halves")
    x, real = finite_rows(x, "samples")[:n], finite_rows(to_host(real), "real samples")
    real = real[rng.permutation(len(real))[:n]]
    half = len(real) // 2
    w = median_distance(real[:half], real[half:])
    distance, floor = mmd2(x, real, w), mmd2(real[:half], real[half:], w)
    return Estimate(distance.value, distance.error, floor.value, floor.error)

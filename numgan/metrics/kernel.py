"""How far apart are two sets of samples in any dimension? The kernel two-sample distance (KID).

Binkowski, Sutherland, Arbel and Gretton 2018, "Demystifying MMD GANs", arXiv:1801.01401, section 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array, to_host
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 2048  # rows of the kernel matrix at a time: memory stays below BLOCK × N numbers


def kernel(x: Array, y: Array) -> Array:
    """k(x, y) = (x·y/d + 1)³:  (N, d), (M, d) -> (N, M).

    It compares means, covariances and third moments.

        >>> kernel(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]]))  # (2/2 + 1)³, 1³
        array([[8., 1.]])
    """
    k = x @ y.T
    k *= 1 / x.shape[1]
    k += 1
    return k * k * k


def kernel_sums(x: Array, y: Array) -> tuple[Array, Array]:
    """Σ_j k(x_i, y_j) for each i (N,), and Σ_i k(x_i, y_j) for each j (M,).

    >>> kernel_sums(np.array([[1.0]]), np.array([[1.0], [0.0]]))
    (array([9.]), array([8., 1.]))
    """
    rows, columns = np.empty(len(x)), np.zeros(len(y))
    for i in range(0, len(x), BLOCK):
        k = kernel(x[i : i + BLOCK], y)
        rows[i : i + BLOCK] = k.sum(1)
        columns += k.sum(0)
    return rows, columns


def mmd2(x: Array, y: Array) -> Estimate:
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
    a = kernel_sums(x, x)[0] - ((x * x).mean(1) + 1) ** 3
    b = kernel_sums(y, y)[0] - ((y * y).mean(1) + 1) ** 3
    c, d = kernel_sums(x, y)
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

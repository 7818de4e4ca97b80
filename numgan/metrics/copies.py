"""Does a generator copy its training data? The share of its samples near a training row."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 256  # rows at a time: their distances stay in the cache of the processor
RARE = 0.01  # the share of training rows that are as near to another one as a near copy


def nearest_distances(x: Array, rows: Array, leave_one_out: bool = False) -> Array:
    """min_j ‖x_i − r_j‖:  (N, d), (R, d) -> (N,).  With leave_one_out, x is rows and j ≠ i.

    The nearest row minimises ‖r_j‖² − 2 x_i·r_j: one matrix product finds it. Its distance is then
    computed from the difference: for an exact copy it is 0, not the rounding error of ‖x‖² − ‖x‖².

        >>> rows = np.array([[0.0, 0.0], [9.0, 9.0]])
        >>> nearest_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), rows)
        array([0., 5.])
    """
    distance = np.empty(len(x))
    norms = (rows * rows).sum(1)
    for i in range(0, len(x), BLOCK):
        part = x[i : i + BLOCK]
        score = norms - 2 * (part @ rows.T)
        if leave_one_out:
            here = np.arange(len(part))
            score[here, i + here] = np.inf
        distance[i : i + BLOCK] = np.linalg.norm(part - rows[score.argmin(1)], axis=1)
    return distance


def near_copies(x: Array, rows: Array) -> Estimate:
    """The share of samples x (N, d) with  min_j ‖x_i − r_j‖ ≤ τ  from the training rows (R, d).

    τ is the 1 % quantile of the distance from a training row to the nearest other one. So a sample
    counts if it is nearer to a training row than 99 % of the training rows are to each other. An
    exact copy always counts. Error: binomial. Floor: the same share of the training rows, each
    compared with the others: about 1 %.
    A generator that has learned the distribution is near the floor; one that has memorised the
    rows is far above it. Raises InputError for rows that are not finite, fewer than two training
    rows, or rows of different lengths.

        >>> near_copies([0.0, 9.5], rows=[0.0, 1.0, 2.0, 3.0]).value  # τ = 1
        0.5
    """
    rows = finite_rows(rows, "training rows", least=2)
    x = finite_rows(x, "samples", rows.shape[1])
    among = nearest_distances(rows, rows, leave_one_out=True)
    tau = np.quantile(among, RARE)
    share, floor = (nearest_distances(x, rows) <= tau).mean(), (among <= tau).mean()
    return Estimate(float(share), binomial(share, len(x)), float(floor), binomial(floor, len(rows)))


def binomial(share: float, n: int) -> float:
    """√(p(1 − p)/n), the standard error of a share p of n.

    >>> binomial(0.5, 100)
    0.05
    """
    return float(np.sqrt(share * (1 - share) / n))

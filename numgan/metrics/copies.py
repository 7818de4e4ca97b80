"""Has a generator learned the data by heart? The share of its samples that are training rows, or nearly."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.metrics.estimate import Estimate, finite_rows

BLOCK = 2048  # rows at a time, so that memory stays below BLOCK × R numbers
RARE = 0.01  # how seldom two different training rows are as near as a near copy


def nearest(x: Array, rows: Array, leave_one_out: bool = False) -> Array:
    """min_j ‖x_i − r_j‖:  (N, d), (R, d) -> (N,).  With leave_one_out, x is rows and j ≠ i.

    The nearest row is found by ‖r_j‖² − 2 x_i·r_j, one matrix product; its distance is then taken from the difference,
    so that an exact copy is at 0 and not at the rounding of ‖x‖² − ‖x‖².
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

    The rule for τ: the 1 % quantile of the distances from each training row to its nearest other one, so that a sample
    counts when it is nearer to a training row than 99 % of training rows are to one another. An exact copy always does.
    Error: binomial. Floor: the same share among the training rows themselves, each against the others: about 1 %.
    A generator that has learned the distribution is near its floor, one that has learned the rows far above.
    Raises InputError for rows that are not finite, fewer than two, or of different lengths.
    """
    rows = finite_rows(rows, "training rows", least=2)
    x = finite_rows(x, "samples", rows.shape[1])
    among = nearest(rows, rows, leave_one_out=True)
    tau = np.quantile(among, RARE)
    share, floor = (nearest(x, rows) <= tau).mean(), (among <= tau).mean()
    return Estimate(float(share), binomial(share, len(x)), float(floor), binomial(floor, len(rows)))


def binomial(share: float, n: int) -> float:
    """√(p(1 − p)/n), the standard error of a share of n."""
    return float(np.sqrt(share * (1 - share) / n))

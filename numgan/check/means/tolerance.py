"""How far apart two right answers may lie, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.check.means.differences import Estimate

# Two right computations may differ by this many units of rounding: sums of some hundreds of terms,
# each some products long, and a condition number of some tens.
ROUNDINGS = 4096


# Over 10,000 points on ten functions the error of E47 was at most 1.4 times its estimate.
SAFETY = 10


class Tolerance(NamedTuple):
    """The distance that two right answers may have, relative × scale + absolute, and the reason for
    both.
    """

    relative: float
    absolute: Array
    reason: str
    remark: str = ""  # what a reader must know about an array that passes


def rounding(epsilon: float, factor: float = ROUNDINGS, what: str = "") -> Tolerance:
    """The tolerance of two answers that are exact up to rounding."""
    name = {2.0**-52: "float64", 2.0**-23: "float32"}.get(epsilon, "this precision")
    return Tolerance(factor * epsilon, 0.0, f"{factor:.4g} ε of {name}{what}")


def reaching(
    tolerance: Tolerance, value: Array, nearby: Sequence[Array], scale: float
) -> Tolerance:
    """The tolerance, increased by the effect of rounding in the inputs: `nearby` is the array at
    inputs moved by 8 ε.

    An ill-conditioned computation (a batch norm over a tiny variance) has ill-conditioned rounding.
    """
    if any(np.shape(value) != np.shape(near) for near in nearby):
        return tolerance
    reach = min(
        SAFETY * max(float(np.abs(near - value).max(initial=0)) for near in nearby), 1e-6 * scale
    )
    return tolerance._replace(absolute=tolerance.absolute + (reach if np.isfinite(reach) else 0.0))


def estimated(estimate: Estimate, epsilon: float) -> Tolerance:
    """The tolerance of an estimate with an error of its own."""
    reason = f"{SAFETY} × the error estimate of E47, and rounding"
    return Tolerance(ROUNDINGS * epsilon, SAFETY * estimate.error, reason)

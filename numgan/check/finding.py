"""One comparison: an array that the code under check computed, beside the same array by other means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import Estimate

ROUNDINGS = 4096  # units of rounding that two right computations may differ by: sums of some hundreds of terms, each
#                   term some products long, and a condition number of some tens
SAFETY = 10  # over 10,000 points on ten functions the error of E47 was at most 1.4 times its estimate


class Tolerance(NamedTuple):
    """How far apart two right answers may lie:  relative × scale + absolute, and where these numbers came from."""

    relative: float
    absolute: Array
    reason: str


def rounding(epsilon: float, factor: float = ROUNDINGS, what: str = "") -> Tolerance:
    """Both answers are exact but for rounding."""
    name = {2.0**-52: "float64", 2.0**-23: "float32"}.get(epsilon, "this precision")
    return Tolerance(factor * epsilon, 0.0, f"{factor:.4g} ε of {name}{what}")


def reaching(tolerance: Tolerance, value: Array, nearby: Sequence[Array], scale: float) -> Tolerance:
    """The tolerance, and how far rounding of the inputs reaches: `nearby` is the array at inputs moved by 8 ε, often.

    Where the computation is ill-conditioned (a batch norm over a tiny variance), so is its rounding.
    """
    if any(np.shape(value) != np.shape(near) for near in nearby):
        return tolerance
    reach = min(SAFETY * max(float(np.abs(near - value).max(initial=0)) for near in nearby), 1e-6 * scale)
    return tolerance._replace(absolute=tolerance.absolute + (reach if np.isfinite(reach) else 0.0))


def estimated(estimate: Estimate, epsilon: float) -> Tolerance:
    """The numeric answer is an estimate that knows its own error."""
    reason = f"{SAFETY} × the error estimate of E47, and rounding"
    return Tolerance(ROUNDINGS * epsilon, SAFETY * estimate.error, reason)


@dataclass(frozen=True)
class Finding:
    """What one comparison found. The verdict is ok, FAIL, kink (nothing can be said there) or skipped (note: why)."""

    subject: str  # "Dense(I=3, O=7)", "game minimax, mlp tanh"
    parameter: str  # "W", "x", "layer 2 Dense W"
    method: str  # "complex step (E48)"
    verdict: str
    relative: float = 0.0  # worst |analytic − numeric| over the scale of the array
    absolute: float = 0.0
    tolerance: float = 0.0  # of `relative`, at the worst index
    reason: str = ""  # where the tolerance came from
    index: tuple[int, ...] = ()  # the worst one
    analytic: float = 0.0  # there
    numeric: float = 0.0
    note: str = ""
    cause: str = ""

    @property
    def failed(self) -> bool:
        return self.verdict == "FAIL"


def compare(
    subject: str, parameter: str, method: str, analytic: Array, numeric: Array, tolerance: Tolerance,
    scale: Array | None = None, whole: float = 0.0,
    explain: Callable[[Array, Array], str] = lambda a, n: likely_cause(a, n, Clues()),
) -> Finding:  # fmt: skip
    """ok where |analytic − numeric| ≤ relative × scale + absolute at every index, else FAIL with its likely cause.

    The scale is one number for the whole array, the largest |numeric|: an entry that happens to be near zero is a sum
    whose terms cancelled, and its rounding is that of the terms. Where the size of the terms is known, `scale` is that.
    `whole` is the scale of the largest array of the same gradient. An array that lies below the rounding of that is
    zero but for rounding (a bias in front of a batch norm has no effect): it is judged on that scale.
    """
    a, n = np.asarray(analytic), np.asarray(numeric)
    if a.shape != n.shape:
        note = f"the shape is {a.shape}, expected {n.shape}"
        return Finding(subject, parameter, method, "FAIL", np.inf, np.inf, tolerance.relative, tolerance.reason,
                       note=note, cause=explain(a, n))  # fmt: skip
    if a.size == 0:
        return Finding(subject, parameter, method, "ok", note="empty")
    if not np.isfinite(tolerance.absolute).all():
        return skipped(subject, parameter, method, "the function is not finite near this point: no estimate")
    scale = np.asarray(np.abs(n).max() if scale is None else scale)
    scale = np.broadcast_to(np.where(scale > tolerance.relative * whole, scale, whole), n.shape)
    with np.errstate(all="ignore"):
        error = np.where(np.isfinite(a), np.abs(a - n), np.inf)
        allowed = tolerance.relative * scale + tolerance.absolute
        excess = np.where(error == 0, 0, error / allowed)
        relative = np.where(error == 0, 0, error / scale)
        index = np.unravel_index(int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), n.shape)
        bound = float((allowed / scale)[index]) if scale[index] > 0 else tolerance.relative
    wrong = not excess[index] <= 1
    return Finding(
        subject, parameter, method, "FAIL" if wrong else "ok",
        float(relative[index]), float(error[index]), bound, tolerance.reason,
        tuple(int(i) for i in index), number(a[index]), number(n[index]),
        cause=explain(a, n) if wrong else "",
    )  # fmt: skip


def claim(subject: str, parameter: str, method: str, holds: bool, cause: str, note: str = "") -> Finding:
    """A fact that is true or false, such as "the input was not modified"."""
    if holds:
        return Finding(subject, parameter, method, "ok", reason="exact")
    return Finding(subject, parameter, method, "FAIL", np.inf, np.inf, reason="exact", note=note, cause=cause)


def skipped(subject: str, parameter: str, method: str, why: str) -> Finding:
    """A method that does not apply here, and why."""
    return Finding(subject, parameter, method, "skipped", note=why)


def number(value) -> float:
    """An entry as a float, its real part where the array is complex."""
    return float(np.real(value))

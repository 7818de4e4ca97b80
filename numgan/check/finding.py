"""One comparison of an array, as the code under check computes it, with the same array by other
means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import UNKNOWN, likely_cause, own_fault
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import real_numbers
from numgan.check.means.tolerance import Tolerance

if TYPE_CHECKING:
    from numgan.check.place import Place

NO_ESTIMATE = "the function is not finite near this point: no estimate"
ROUGH = 0.03  # an error bound above this share of the array's scale confirms nothing


class Arrays(NamedTuple):
    """What a failed comparison compared, of one shape: the picture of the error."""

    analytic: Array
    numeric: Array
    wrong: Array  # True where they differ by more than the tolerance
    worst: tuple[int, ...]  # its index in these arrays, which may be a choice of entries


@dataclass(frozen=True)
class Finding:
    """What one comparison found, with one of these verdicts.

        ok, FAIL
        kink         the point lies on a kink, where more than one answer is right
        skipped      the method does not apply and another does, or there is nothing to judge
        not judged   there is something to judge, and no method could

    The note says why.

    >>> Finding("f", "dx", "complex step E48", "ok").failed
    False
    """

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
    remark: str = ""  # of what passes: in which precision, say
    place: Place | None = None  # of the code that computes the array, where it is known
    arrays: Arrays | None = field(default=None, repr=False, compare=False)  # of a failure

    @property
    def failed(self) -> bool:
        return self.verdict == "FAIL"


def compare(
    subject: str,
    parameter: str,
    method: str,
    analytic: Array,
    numeric: Array,
    tolerance: Tolerance,
    scale: Array | None = None,
    whole: float = 0.0,
    explain: Callable[[Array, Array], str] = lambda a, n: likely_cause(a, n, Context()),
    most: float = ROUGH,
) -> Finding:
    """ok where |analytic − numeric| ≤ relative × scale + absolute at every index, else FAIL with
    its likely cause.

    The scale is one number for the whole array, the largest |numeric|. An entry near zero is often
    a sum whose terms cancel, and it has the rounding of its terms. `scale` replaces it where the
    size of the terms is known. `whole` is the scale of the largest array of the same gradient: an
    array below the rounding of that is zero up to rounding (as the bias before a batch norm), and
    is judged on that scale. Where the tolerance exceeds `most` of the scale, an array that passes
    counts as not judged.
    """
    a, n = real_numbers(analytic), real_numbers(numeric)
    if a.shape != n.shape:
        note = f"the shape is {a.shape}, expected {n.shape}"
        return Finding(
            subject,
            parameter,
            method,
            "FAIL",
            np.inf,
            np.inf,
            tolerance.relative,
            tolerance.reason,
            note=note,
            cause=cause_of(explain, a, n),
        )
    if a.size == 0:
        return Finding(subject, parameter, method, "ok", note="empty")
    known = np.isfinite(n) & np.isfinite(np.broadcast_to(tolerance.absolute, n.shape))
    if not known.any():
        return not_judged(subject, parameter, method, NO_ESTIMATE)
    scale = np.asarray(np.abs(n[known]).max() if scale is None else scale)
    scale = np.broadcast_to(np.where(scale > tolerance.relative * whole, scale, whole), n.shape)
    with np.errstate(all="ignore"):
        error = np.where(np.isfinite(a), np.abs(a - n), np.inf)
        allowed = np.broadcast_to(tolerance.relative * scale + tolerance.absolute, n.shape)
        excess = np.where(known & (error != 0), error / allowed, 0)
        relative = np.where(error == 0, 0, error / scale)
        index = np.unravel_index(
            int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), n.shape
        )
        bound = float((allowed / scale)[index]) if scale[index] > 0 else tolerance.relative
        broad = np.maximum(scale, whole)
        there = known & (broad > 1e-290) & np.any(a)  # zeros are right or wrong at any scale
        rough = np.median((allowed / broad)[there]) if there.any() else 0.0
    wrong = not excess[index] <= 1
    if not wrong and not known.all():
        count = int(n.size - known.sum())
        return not_judged(
            subject, parameter, method, f"{NO_ESTIMATE} of {count} of its {n.size} entries"
        )
    if not wrong and rough > most:
        why = (
            f"too rough to judge: it is known to ±{rough:.0e} of itself, for the rounding of "
            f"the value hides the "
            "rest; move the point, or scale the value"
        )
        return not_judged(subject, parameter, method, why)
    at = tuple(int(i) for i in index)
    # copies: the code under check may write into its own arrays later
    pictured = Arrays(np.array(a), np.array(n), known & ~(excess <= 1), at) if wrong else None
    return Finding(
        subject,
        parameter,
        method,
        "FAIL" if wrong else "ok",
        float(relative[index]),
        float(error[index]),
        bound,
        tolerance.reason,
        at,
        float(np.real(a[index])),
        float(np.real(n[index])),
        cause=cause_of(explain, a, n) if wrong else "",
        remark="" if wrong else tolerance.remark,
        arrays=pictured,
    )


def claim(
    subject: str, parameter: str, method: str, holds: bool, cause: str, note: str = ""
) -> Finding:
    """The finding for a fact that is true or false, such as “the input was not modified”."""
    if holds:
        return Finding(subject, parameter, method, "ok", reason="exact")
    return Finding(
        subject, parameter, method, "FAIL", np.inf, np.inf, reason="exact", note=note, cause=cause
    )


def skipped(subject: str, parameter: str, method: str, why: str) -> Finding:
    """The finding for a method that does not apply here, and why."""
    return Finding(subject, parameter, method, "skipped", note=why)


def not_judged(subject: str, parameter: str, method: str, why: str) -> Finding:
    """The finding for a method that should judge and cannot, and why."""
    return Finding(subject, parameter, method, "not judged", note=why)


def judged_by_another(findings: list[Finding]) -> list[Finding]:
    """The findings of several methods on one array: “not judged” becomes “skipped” where another
    method judged.
    """
    if not any(f.verdict in ("ok", "FAIL", "kink") for f in findings):
        return findings
    return [replace(f, verdict="skipped") if f.verdict == "not judged" else f for f in findings]


def cause_of(explain: Callable[[Array, Array], str], a: Array, n: Array) -> str:
    """The likely cause. If the diagnosis raises an exception, the verdict stands and the cause says
    so.
    """
    try:
        with np.errstate(all="ignore"):
            return explain(a, n)
    except Exception as error:
        return f"{UNKNOWN}; {own_fault('the clues', error)}"

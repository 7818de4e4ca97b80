"""Which of the independent means apply to a function along a line, and how exact each is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numgan.check.means.differences import Estimate, Line, central, epsilon, exactly, noise, roughly
from numgan.check.means.kinks import why_not_complex
from numgan.check.means.tolerance import ROUNDINGS, SAFETY, Tolerance

SMALL = 10_000  # entries of a value that is kept
DOUBLE = 2.0**-50  # an ε above this is of fewer digits than double precision
IN_SINGLE = "{} in single precision (float32): it is judged to about 3 digits; check it in float64"
ESTIMATED = f"{SAFETY} × the error estimate of E47, and rounding"


class Method(NamedTuple):
    """One way to compute φ'(0), with the relative rounding of its answers and of the code under
    check.
    """

    name: str
    derive: Callable[[Line], Estimate]
    relative: float
    reason: str
    remark: str = ""  # in which precision the code computes, if it is not double

    def tolerance(self, estimate: Estimate) -> Tolerance:
        return Tolerance(self.relative, SAFETY * estimate.error, self.reason, self.remark)


EXACTLY = Method("complex step E48", exactly, ROUNDINGS * 2.0**-52, f"{ROUNDINGS} ε of float64")
ROUGHLY = Method("central difference E47", roughly, ROUNDINGS * 2.0**-52, ESTIMATED)


def remembered(phi: Line) -> Line:
    """φ that evaluates each ε once: several methods along one line share their points.

    Only small values are kept, so that a long line of large arrays fits in memory.
    """
    values: dict[Any, Any] = {}

    def again(e: Any) -> Any:
        if e in values:
            return values[e]
        value = phi(e)
        if np.size(value) <= SMALL:
            values[e] = value
        return value

    return again


def best_method(phi: Line) -> tuple[Method, str | None]:
    """E48, or E47 if φ does not run on complex numbers; and why it does not."""
    obstacle = why_not_complex(phi)
    return (ROUGHLY if obstacle else EXACTLY)._replace(
        remark=precision_of(phi, noise(phi))
    ), obstacle


def precision_of(phi: Line, level: float, gradient: float = 2.0**-52) -> str:
    """What a report says if φ or the gradient has only single precision; “” in double precision.

    `gradient` is the ε of the gradient's type. A cast inside f shows in the noise of φ, `level`,
    whatever type it returns.
    """
    if epsilon(phi(0.0)) > DOUBLE:
        return IN_SINGLE.format("the function computes")
    if gradient > DOUBLE:
        return IN_SINGLE.format("the gradient is computed")
    size = float(np.max(np.abs(phi(0.0)), initial=0))
    if np.isfinite(level) and level > 1e-10 * size > 0:
        return (
            f"the function scatters by {level / size:.0e} of its value: it computes in single "
            f"precision (float32) "
            "on the way, or its terms cancel; it is judged to few digits"
        )
    return ""


def methods_for(phi: Line, precision: float = 2.0**-52) -> tuple[list[Method], str | None]:
    """E48 if φ runs on complex numbers, and E47; and why E48 does not apply, if it does not.

    φ is the function along one random direction, which stands for all. Its noise is measured there:
    where φ amplifies rounding (it subtracts nearly equal numbers), so does its derivative, and the
    tolerance grows by the same factor.
    """
    level, obstacle = noise(phi), why_not_complex(phi)
    remark = precision_of(phi, level, precision)
    rough = Method(
        "central difference E47",
        lambda phi: central(phi, rounding=level),
        ROUNDINGS * precision,
        ESTIMATED,
        remark,
    )
    if obstacle:
        return [rough], obstacle
    amplified = max(1.0, level / (2.0**-52 * size)) if (size := magnitude(phi, level)) > 0 else 1.0
    more = f" × {amplified:.1f}, the rounding of f as measured" if amplified > 1 else ""
    reason = f"{ROUNDINGS} ε{' of float32' if precision > DOUBLE else ''}{more}"
    exact = Method("complex step E48", exactly, ROUNDINGS * precision * amplified, reason, remark)
    return [exact, rough], None


def magnitude(phi: Line, level: float) -> float:
    """|φ(0)| + |φ'(0)|, the largest entry of each; 0 if that is not finite."""
    both = (phi(0.0), central(phi, rounding=level).value)
    size = sum(float(np.max(np.abs(array), initial=0)) for array in both)
    return size if np.isfinite(size) else 0.0


def stack_entries(columns: list[Estimate], shape: tuple[int, ...]) -> Estimate:
    """Estimates along unit vectors as one estimate of the given shape."""
    value, error = (np.reshape(np.array([c[i] for c in columns]), shape) for i in range(2))
    return Estimate(value, error)


def stack_columns(columns: list[Estimate], shape: tuple[int, ...]) -> Estimate:
    """Estimates along unit vectors of a function with values of any shape: [j, i] is ∂f_j/∂x_i."""
    value, error = (
        np.moveaxis(np.array([c[i] for c in columns]), 0, -1).reshape(shape) for i in range(2)
    )
    return Estimate(value, error)

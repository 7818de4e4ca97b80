"""A slope dV/dε along one line by E47 and E49, which use real numbers only.

One random direction depends on every entry of every array, so these two also watch the complex step
itself: its branches at kinks, and whatever else in a forward pass differs on complex numbers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from numgan.check.finding import NO_ESTIMATE, Finding, compare, not_judged
from numgan.check.means.differences import Line, central, noise, taylor
from numgan.check.means.kinks import at_a_kink
from numgan.check.means.tolerance import estimated

ORDERS = (
    "a right slope gives order 2, or more where the second derivative is 0, a wrong one 1; "
    "half-way is 1.5"
)
SPOILT = (
    "the difference quotients are spoilt, by a kink or a pole nearby: they miss this slope, "
    "but the remainder of "
    "E49, which no wrong slope can make fall as h², does fall so"
)


def slope_along(name: str, parameter: str, V: Line, slope: float, scale: float) -> list[Finding]:
    """dV/dε = slope? `scale` is the scale of the terms that the slope is the sum of."""
    level = noise(V)
    estimate = central(V, rounding=level)
    scale = max(scale, float(np.abs(estimate.value)), 1e-300)
    tolerance = estimated(estimate, 2.0**-52)
    difference = compare(
        name,
        parameter,
        "central difference E47",
        slope,
        estimate.value,
        tolerance,
        scale,
        explain=lambda a, n: "one of the arrays; the complex step takes each alone",
    )
    remainder = order_two(name, parameter, V, slope, level)
    if difference.failed and not remainder.failed:
        difference = replace(difference, verdict="kink", cause="", note=SPOILT)
    return [excuse_kink(f, V, slope) for f in (difference, remainder)]


def order_two(name: str, parameter: str, V: Line, slope: float, level: float) -> Finding:
    """E49 passes if the remainder falls faster than h^1.5."""
    method = "Taylor remainder E49"
    if not np.isfinite(slope):
        return Finding(
            name,
            parameter,
            method,
            "FAIL",
            np.inf,
            tolerance=0.5,
            reason=ORDERS,
            note="no order",
            cause=f"the slope, the gradient along a direction, is {slope}",
        )
    order = taylor(V, slope, rounding=level).order
    if np.isnan(order):
        return not_judged(name, parameter, method, NO_ESTIMATE)
    verdict, cause = "ok", ""
    if not order > 1.5:
        verdict, cause = (
            "FAIL",
            f"the remainder falls as h^{order:.2f}, not as h²: the slope is wrong",
        )
    note = f"order {order:.2f}" if order < 4 else "order 2 or more, the remainder is rounding"
    return Finding(
        name,
        parameter,
        method,
        verdict,
        max(0.0, 2 - order),
        tolerance=0.5,
        reason=ORDERS,
        note=note,
        cause=cause,
    )


def excuse_kink(found: Finding, V: Line, slope: float) -> Finding:
    """The finding; a kink instead of a failure, if V has a kink at 0 and the slope lies between its
    two sides.
    """
    kink = at_a_kink(V) if found.failed else None
    if kink is None or not kink.between(slope):
        return found
    return replace(found, verdict="kink", cause="", note=str(kink))

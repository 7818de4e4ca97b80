"""Derivatives of functions whose values are arrays: Jacobians, derivatives along a direction,
adjoints.

assert_jacobian(f, J, x)             J(x)[j, i] = ∂f_j/∂x_i, of shape (*f(x).shape, *x.shape)
assert_directional(f, Rf, x)         Rf(x, u) = d/dε f(x + εu).
    With f a gradient: a Hessian-vector product, E45
assert_adjoint(Rf, f_adjoint, x)     ⟨Rf(x, u), v⟩ = ⟨u, f_adjoint(x, v)⟩, E50
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.check.finding import Finding, compare, judged_by_another, skipped
from numgan.check.means.differences import adjoint, epsilon, line, random_directions, units
from numgan.check.means.methods import methods_for, stack_columns
from numgan.check.means.tolerance import Tolerance, rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.arguments import call, read_arguments, real_array_of
from numgan.errors import InputError


def check_jacobian(
    f: Callable, J: Callable, x: Array, *, name: str | None = None, seed: int = 0
) -> Report:
    """The whole Jacobian by E48 and E47, column by column. Raises InputError where f is not finite
    at x.
    """
    at = read_arguments(f, x, name)
    (x,) = at.arrays
    value = require_finite_value(f, x, at.name)
    claimed = numbers_at(J, (x,), f"the Jacobian of {at.name}")
    methods, obstacle = methods_for(line(f, x, random_directions(x, 1, seed)[0]), epsilon(claimed))
    findings = []
    for each in methods:
        numeric = stack_columns(
            [each.derive(line(f, x, e)) for e in units(x)], value.shape + x.shape
        )
        findings.append(
            compare(at.name, "J", each.name, claimed, numeric.value, each.tolerance(numeric))
        )
    return Report([*obstacle_findings(at.name, "J", obstacle), *judged_by_another(findings)])


def check_directional(
    f: Callable,
    Rf: Callable,
    x: Array,
    *,
    directions: int = 3,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """Rf along random directions u by E48 and E47. Raises InputError where f is not finite at x."""
    at = read_arguments(f, x, name)
    (x,) = at.arrays
    require_finite_value(f, x, at.name)
    findings: list[Finding] = []
    for number, u in enumerate(random_directions(x, directions, seed)):
        claimed = numbers_at(Rf, (x, u), f"the derivative of {at.name} along u")
        methods, obstacle = methods_for(line(f, x, u), epsilon(claimed))
        findings += obstacle_findings(at.name, f"Rf along u_{number}", obstacle)
        along = [(each, each.derive(line(f, x, u))) for each in methods]
        findings += judged_by_another(
            [
                compare(
                    at.name,
                    f"Rf along u_{number}",
                    each.name,
                    claimed,
                    numeric.value,
                    each.tolerance(numeric),
                )
                for each, numeric in along
            ]
        )
    return Report(findings)


def check_adjoint(
    Rf: Callable, f_adjoint: Callable, x: Array, *, name: str | None = None, seed: int = 0
) -> Report:
    """E50 for one random pair u, v: that what goes forward and what comes back are each other's
    transpose.
    """
    at = read_arguments(Rf, x, name)
    (x,) = at.arrays
    u = random_directions(x, 1, seed)[0]
    Ju = numbers_at(Rf, (x, u), at.name)
    v = random_directions(Ju, 1, seed + 1)[0]
    JTv = numbers_at(f_adjoint, (x, v), f"the adjoint of {at.name}")
    if JTv.shape != x.shape:
        return Report([compare(at.name, "adjoint", "shape", JTv, x, Tolerance(0, 0, "exact"))])
    left, right = adjoint(Ju, v, (u,), (JTv,))
    scale = float(np.abs(Ju * v).sum() + np.abs(u * JTv).sum()) or 1.0
    return Report(
        [
            compare(
                at.name,
                "⟨u, Jᵀv⟩",
                "adjoint identity E50",
                right,
                left,
                rounding(2.0**-52),
                scale,
                explain=lambda a, n: "the two are not each other's transpose",
            )
        ]
    )


def assert_jacobian(f: Callable, J: Callable, x: Array, **options) -> None:
    """Raise AssertionError, with the diagnosis as its message,
    unless J is the Jacobian of f at x."""
    __tracebackhide__ = True
    raise_unless_ok(check_jacobian(f, J, x, **options))


def assert_directional(f: Callable, Rf: Callable, x: Array, **options) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless Rf is the derivative of f
    along every u.
    """
    __tracebackhide__ = True
    raise_unless_ok(check_directional(f, Rf, x, **options))


def assert_adjoint(Rf: Callable, f_adjoint: Callable, x: Array, **options) -> None:
    """Raise AssertionError, with the two products as its message, unless the one map is the
    transpose of the other.
    """
    __tracebackhide__ = True
    raise_unless_ok(check_adjoint(Rf, f_adjoint, x, **options))


def numbers_at(f: Callable, arrays: tuple[Array, ...], what: str) -> Array:
    """f at copies of the arrays, which it may do with as it likes."""
    return real_array_of(call(f, tuple(a.copy() for a in arrays), what), what)


def require_finite_value(f: Callable, x: Array, name: str) -> Array:
    """f(x). Raises InputError where it is not finite."""
    value = numbers_at(f, (x,), name)
    if not np.isfinite(value).all():
        raise InputError(f"{name} is not finite at this point: choose a point where it is")
    return value


def obstacle_findings(name: str, parameter: str, obstacle: str | None) -> list[Finding]:
    """That E48 does not apply, if there is an obstacle."""
    return (
        [skipped(name, parameter, "complex step E48", f"{obstacle}; E47 still applies")]
        if obstacle
        else []
    )

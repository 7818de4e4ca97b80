"""Derivatives of functions whose values are arrays or trees of arrays.

    assert_vjp(f, vjp, args)             vjp(*args, dy) = (dx, …),  dx_i = Σ_j dy_j ∂f_j/∂x_i
    assert_jvp(f, jvp, args)             jvp(*args, *u) = d/dε f(x + εu)
    assert_jacobian(f, J, args)          J(*args)[j, i] = ∂f_j/∂x_i, (*f.shape, *x.shape)
    assert_adjoint(Rf, f_adjoint, x)     ⟨Rf(x, u), v⟩ = ⟨u, f_adjoint(x, v)⟩, E50

args is one argument, or a tuple of several, each an array or a tree of arrays. Integers, labels,
strings and keyword arguments are constants and keep their type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, compare, judged_by_another, skipped
from numgan.check.means.bisection import wrong_entries
from numgan.check.means.differences import adjoint, epsilon, random_directions
from numgan.check.means.methods import Method, methods_for, remembered
from numgan.check.means.tolerance import SAFETY, Tolerance, rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.arguments import Arguments, read_arguments
from numgan.check.subjects.calls import Counted, named_errors, real_array_of
from numgan.check.subjects.functions import context_of, largest_finite
from numgan.check.subjects.gradients import Claim, Derive, gradient_findings, index_of
from numgan.check.subjects.map_context import (
    chosen_all,
    context_of_direction,
    gradients_by_others,
    variants_of_map,
)
from numgan.check.subjects.purity import purity_findings
from numgan.check.subjects.trees import cotangent, flat, is_float, matched_leaves, vector
from numgan.errors import InputError

NEAR = "near this point,"


def check_vjp(
    f: Callable,
    vjp: Callable,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """vjp(*args, dy, **kwargs) = (dx, …), dx_i = Σ_j dy_j ∂f_j/∂x_i, for a random dy.

    dy has the form of f's value, so dx is the gradient of the scalar ⟨dy, f(x)⟩, and is checked as
    check_gradient does. It has the form of args, with None or nothing for what is constant. Raises
    InputError if there is nothing to check.

    >>> A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> check_vjp(lambda x: A @ x, lambda x, dy: A.T @ dy, np.ones(3)).ok
    True
    >>> check_vjp(lambda x: A @ x, lambda x, dy: 2 * A.T @ dy, np.ones(3)).failures[0].parameter
    'dx'
    """
    at, f = read_arguments(f, args, name, kwargs, domain), Counted(f)
    findings, value = impure_or_value(at, f)
    if findings[0].failed:
        return Report(findings, f.calls)
    dy = cotangent(value, seed)
    what = f"the vjp of {at.name}"
    findings += purity_findings(at, vjp, what, dy)
    gradients = at.gradients(at.numbers(vjp, what, dy), what)
    weights = [leaf for leaf in flat(dy) if leaf is not None]

    def contracted(*arguments: Any, **options: Any) -> Any:
        """⟨dy, f⟩"""
        y = [leaf for leaf in flat(f(*arguments, **options)) if is_float(leaf)]
        return sum((np.asarray(part) * w).sum() for part, w in zip(y, weights, strict=True))

    at_0, whole = float(contracted(*at.args, **at.kwargs)), largest_finite(gradients)
    for i, dx in zip(at.variables, gradients, strict=True):

        def context(chosen: list[int], derive: Derive, i: int = i) -> Context:
            alone = at.as_function_of(contracted, i)
            fits = chosen_all(chosen, at, i, dy)
            known = variants_of_map(at, f, i, dy, derive) if fits else {}
            found = context_of(at, i, chosen, known, {}, alone, (f, vjp))
            if chosen_all(chosen, at, i, dy):
                found.unrelated["dy"] = dy
            if isinstance(dy, np.ndarray):
                lengths = {f"axis {k} of dy": n for k, n in enumerate(dy.shape)}
                found = replace(found, cotangent=dy, sizes=found.sizes | lengths)
            found.mistakes.update(gradients_by_others(at, contracted, i, derive))
            return found

        claim = Claim(at, i, dx, at.as_function_of(contracted, i), at_0, whole, context, seed)
        with named_errors(f"{at.name}, {NEAR}", of_user_alone=True):
            findings += gradient_findings(claim)
    return Report(findings, f.calls)


def check_jvp(
    f: Callable,
    jvp: Callable,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    directions: int = 3,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """jvp(*args, *u, **kwargs) = d/dε f(x + εu) along random directions u, by E48 and E47.

    u has one direction for each argument that has real numbers, in its form; the result has the
    form of f's value. With f a gradient, this is a Hessian-vector product (E45). Raises InputError
    if f is not finite at x.

    >>> check_jvp(np.sin, lambda x, u: np.cos(x) * u, np.array([0.5, 2.0])).ok
    True
    """
    at, f = read_arguments(f, args, name, kwargs, domain), Counted(f)
    findings, value = impure_or_value(at, f)
    if findings[0].failed:
        return Report(findings, f.calls)
    what = f"the derivative of {at.name} along u"
    for number in range(directions):
        u = at.directions(seed + number)
        claimed = tangent(at, jvp, u, value, what)
        parameter = f"Rf along u_{number}"
        with named_errors(f"{at.name}, {NEAR}", of_user_alone=True):
            findings += along_one(at, f, jvp, u, value, claimed, parameter)
    return Report(findings, f.calls)


def along_one(
    at: Arguments, f: Callable, jvp: Callable, u: list[Array], value: Any, claimed: Array, what: str
) -> list[Finding]:
    """The derivative along one direction by each method; a failure names the argument."""
    phi = remembered(lambda e: vector(at.evaluate(f, at.shifted(e, u))))
    if claimed.shape != np.shape(phi(0.0)):
        right = np.asarray(phi(0.0))
        return [compare(at.name, what, "shape", claimed, right, Tolerance(0, 0, "exact"))]
    methods, obstacle = methods_for(phi, epsilon(claimed))
    shape = np.shape(value) if is_float(value) else claimed.shape
    found = []
    for each in methods:
        numeric = each.derive(phi)
        finding = compare(
            at.name,
            what,
            each.name,
            claimed.reshape(shape),
            numeric.value.reshape(shape),
            tolerance_in(each.tolerance(numeric), shape),
            explain=lambda a, n: likely_cause(a, n, context_of_direction(at, f, jvp, u)),
        )
        if finding.failed and each is methods[0]:
            finding = replace(finding, note=blame(at, f, jvp, u, value, each))
        found.append(finding)
    return [*obstacle_findings(at.name, what, obstacle), *judged_by_another(found)]


def blame(
    at: Arguments, f: Callable, jvp: Callable, u: list[Array], value: Any, each: Method
) -> str:
    """Which arguments, and which of their entries, the derivative is wrong along."""
    said = []
    for k, i in enumerate(at.variables):

        def residual(part: Array, k: int = k) -> tuple[Array, Array]:
            alone = [part if j == k else 0 * v for j, v in enumerate(u)]
            a = tangent(at, jvp, alone, value, "the derivative")
            n, error = each.derive(lambda e: vector(at.evaluate(f, at.shifted(e, alone))))
            bound = each.relative * max(float(np.abs(a).max(initial=0)), 1e-300) + SAFETY * error
            return a - n, bound

        difference, bound = residual(u[k])
        if np.all(np.abs(difference) <= bound):
            continue
        entries, all_of_them = wrong_entries(residual, u[k].shape)
        few = all_of_them and len(entries) <= max(1, u[k].size // 4)
        places = ", ".join(str(index_of(j, u[k].shape)) for j in entries[:10])
        said.append(f"along {at.names[i]}" + (f" at {places}" if few else ""))
    return f"wrong {' and '.join(said)}" if said else ""


def tolerance_in(tolerance: Tolerance, shape: tuple[int, ...]) -> Tolerance:
    """The tolerance for an array in this shape."""
    absolute = tolerance.absolute
    return tolerance._replace(
        absolute=np.reshape(absolute, shape) if np.ndim(absolute) else absolute
    )


def check_adjoint(
    Rf: Callable, f_adjoint: Callable, x: Array, *, name: str | None = None, seed: int = 0
) -> Report:
    """E50 for one random pair u, v: that the map and its adjoint are each other's transpose.

    >>> A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> check_adjoint(lambda x, u: A @ u, lambda x, v: A.T @ v, np.ones(2)).ok
    True
    """
    at = read_arguments(Rf, x, name)
    (x,) = at.leaves
    u = random_directions(x, 1, seed)[0]
    Ju = real_array_of(at.numbers(Rf, at.name, u), at.name)
    v = random_directions(Ju, 1, seed + 1)[0]
    what = f"the adjoint of {at.name}"
    JTv = real_array_of(at.numbers(f_adjoint, what, v), what)
    if JTv.shape != x.shape:
        return Report([compare(at.name, "adjoint", "shape", JTv, x, Tolerance(0, 0, "exact"))])
    left, right = adjoint(Ju, v, (u,), (JTv,))
    scale = float(np.abs(Ju * v).sum() + np.abs(u * JTv).sum()) or 1.0
    found = compare(
        at.name,
        "⟨u, Jᵀv⟩",
        "adjoint identity E50",
        np.asarray(right),
        np.asarray(left),
        rounding(2.0**-52),
        np.asarray(scale),
        explain=lambda a, n: "the two are not each other's transpose",
    )
    return Report([found])


def assert_vjp(f: Callable, vjp: Callable, args: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_vjp passes.

    >>> assert_vjp(np.exp, lambda x, dy: np.exp(x) * dy, np.array([0.5, 1.0]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_vjp(f, vjp, args, *more, **options))


def assert_jvp(f: Callable, jvp: Callable, args: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_jvp passes.

    >>> assert_jvp(np.exp, lambda x, u: np.exp(x) * u, np.array([0.5, 1.0]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_jvp(f, jvp, args, *more, **options))


def assert_adjoint(Rf: Callable, f_adjoint: Callable, x: Array, **options: Any) -> None:
    """Raise AssertionError, with the two products as its message, unless check_adjoint passes.

    >>> assert_adjoint(lambda x, u: x * u, lambda x, v: x * v, np.array([2.0, 3.0]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_adjoint(Rf, f_adjoint, x, **options))


# ── values that are trees ────────────────────────────────────────────────────────────────────────


def impure_or_value(at: Arguments, f: Callable) -> tuple[list[Finding], Any]:
    """The findings on f's purity, and its value. Raises InputError where that is not finite."""
    findings = list(purity_findings(at, f, at.name))
    value = at.numbers(f, at.name)
    numbers = [leaf for leaf in flat(value) if is_float(leaf)]
    if not numbers:
        for leaf in flat(value)[:1]:
            real_array_of(leaf, at.name)  # which says what it is
        raise InputError(f"{at.name} returned no real numbers: there is nothing to differentiate")
    if not all(np.isfinite(leaf).all() for leaf in numbers):
        raise InputError(f"{at.name} is not finite at this point: choose a point where it is")
    return findings, value


def tangent(at: Arguments, jvp: Callable, u: Sequence[Array], value: Any, what: str) -> Array:
    """jvp along u as one vector. Raises InputError if it has not the form of f's value."""
    result = at.numbers(jvp, what, *at.tangents(u))
    found = list(matched_leaves(value, result, "its value", what))
    parts = [
        real_array_of(part, what)
        for part, leaf in zip(found, flat(value), strict=True)
        if is_float(leaf)
    ]
    return parts[0].ravel() if len(parts) == 1 else np.concatenate([p.ravel() for p in parts])


def obstacle_findings(name: str, parameter: str, obstacle: str | None) -> list[Finding]:
    """That E48 does not apply, if there is an obstacle."""
    if not obstacle:
        return []
    return [skipped(name, parameter, "complex step E48", f"{obstacle}; E47 still applies")]

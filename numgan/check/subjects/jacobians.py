"""Whole Jacobians, and products with a Hessian.

assert_jacobian(f, J, args)          J(*args)[j, i] = ∂f_j/∂x_i, (*f.shape, *x.shape)
assert_hessian_product(f, hvp, x)    hvp(x, u) = ∇²f u = d/dε ∇f(x + εu), E45
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import UNKNOWN
from numgan.check.finding import Finding, compare, judged_by_another
from numgan.check.means.bisection import wrong_entries
from numgan.check.means.differences import STEP, Estimate, central, epsilon, line, noise, units
from numgan.check.means.kinks import why_not_complex
from numgan.check.means.methods import Method, methods_for, remembered, stack_columns
from numgan.check.means.tolerance import ROUNDINGS, SAFETY, Tolerance
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.arguments import Arguments, read_arguments
from numgan.check.subjects.calls import Counted, named_errors, real_array_of
from numgan.check.subjects.functions import real_scalar
from numgan.check.subjects.gradients import DIRECTIONS, EVERY, FEW, SHARE, index_of
from numgan.check.subjects.maps import check_jvp, impure_or_value, obstacle_findings
from numgan.check.subjects.purity import purity_findings
from numgan.errors import InputError


def check_jacobian(
    f: Callable,
    J: Callable,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """J(*args)[j, i] = ∂f_j/∂x_i by E48 and E47, for each argument that has real numbers.

    A short x is checked column by column; a longer one along random directions, and where that
    fails at the wrong columns. A sparse J (with a method toarray) may be a matrix. Raises
    InputError if f returns no single array, or is not finite at x.

    >>> check_jacobian(lambda x: x**2, lambda x: np.diag(2 * x), np.array([1.0, 3.0])).ok
    True
    """
    at, f = read_arguments(f, args, name, kwargs, domain), Counted(f)
    findings, value = impure_or_value(at, f)
    if findings[0].failed:
        return Report(findings, f.calls)
    value = real_array_of(value, at.name)
    what = f"the Jacobian of {at.name}"
    found = at.gradients(dense(at.numbers(J, what)), what)
    for i, claimed in zip(at.variables, found, strict=True):
        parameter = "J" if len(found) == 1 else f"J by {at.names[i]}"
        shape = value.shape + at.leaves[i].shape
        if claimed.size == int(np.prod(shape)) and claimed.ndim == 2 and len(shape) != 2:
            claimed = claimed.reshape(shape)  # a matrix, of a map between larger arrays
        with named_errors(f"{at.name}, near this point,", of_user_alone=True):
            findings += columns(at, i, f, claimed, shape, parameter, seed)
    return Report(findings, f.calls)


def dense(J: Any) -> Any:
    """J with arrays in place of sparse matrices, alone or in a tuple."""
    if isinstance(J, (tuple, list)):
        return type(J)(dense(part) for part in J)
    return J.toarray() if hasattr(J, "toarray") else J


def columns(
    at: Arguments,
    i: int,
    f: Callable,
    claimed: Array,
    shape: tuple[int, ...],
    parameter: str,
    seed: int,
) -> list[Finding]:
    """∂f/∂x for one variable x: along directions, and where that fails column by column."""
    x, g = at.leaves[i], at.as_function_of(f, i)
    if claimed.shape != shape:
        every = x.size <= EVERY
        right = jacobian_at(g, x, list(range(x.size)), central, shape) if every else None
        numeric = np.zeros(shape) if right is None else right.value
        return [compare(at.name, parameter, "shape", claimed, numeric, Tolerance(0, 0, "exact"))]
    rng = np.random.default_rng(seed)
    us = [at.fit(i, rng.standard_normal(x.shape)) for _ in range(DIRECTIONS)]
    phi = remembered(line(g, x, us[0]))
    methods, obstacle = methods_for(phi, epsilon(claimed))
    exact, *others = methods
    short = x.size <= FEW
    first = None if short else along(at, g, x, claimed, us, exact, parameter)
    if first is None or first.verdict != "ok":
        chosen, located = list(range(x.size)), False
        if x.size > EVERY:
            chosen, located = located_columns(g, x, claimed, exact)
        numeric = jacobian_at(g, x, chosen, exact.derive, shape)
        part = claimed.reshape(*shape[: len(shape) - x.ndim], x.size)[..., chosen]
        analytic = claimed if len(chosen) == x.size else part
        first = compare(
            at.name, parameter, exact.name, analytic, numeric.value, exact.tolerance(numeric)
        )
        if first.index and len(chosen) != x.size:
            *outer, k = first.index
            first = replace(first, index=(*outer, *index_of(chosen[k], x.shape)))
        if located and first.failed:
            places = ", ".join(str(index_of(k, x.shape)) for k in chosen[:10])
            note = f"right but for {len(chosen)} of {x.size} columns, at {places}"
            first = replace(first, note=note)
    found = [first, *(along(at, g, x, claimed, us, each, parameter) for each in others)]
    return [*obstacle_findings(at.name, parameter, obstacle), *judged_by_another(found)]


def along(
    at: Arguments, g: Callable, x: Array, J: Array, us: list[Array], each: Method, parameter: str
) -> Finding:
    """J u against the derivative of f along u, for random directions; E47 along one of them."""
    us = us if each.name.endswith("E48") else us[:1]
    numeric = [each.derive(line(g, x, u)) for u in us]
    analytic = np.stack([np.tensordot(J, u, x.ndim) for u in us])
    terms = np.stack([np.tensordot(np.abs(J), np.abs(u), x.ndim) for u in us])
    values, errors = (np.stack([np.asarray(n[k]) for n in numeric]) for k in range(2))
    size = float(np.abs(J).max(initial=0))
    bound = each.relative * (size + SHARE * terms) + SAFETY * errors
    reason = f"{each.reason}, along {len(us)} random directions"
    scale = np.asarray(max(size, 1e-300))
    tolerance = Tolerance(0.0, bound, reason, each.remark)
    return compare(
        at.name,
        parameter,
        each.name,
        analytic,
        values,
        tolerance,
        scale,
        explain=lambda a, n: UNKNOWN,
    )


def located_columns(g: Callable, x: Array, J: Array, each: Method) -> tuple[list[int], bool]:
    """The columns of a long Jacobian that are wrong, and whether these are all of them."""
    size = float(np.abs(J).max(initial=0))

    def residual(u: Array) -> tuple[Array, Array]:
        value, error = each.derive(line(g, x, u))
        terms = np.tensordot(np.abs(J), np.abs(u), x.ndim)
        bound = each.relative * (size + SHARE * terms) + SAFETY * error
        return np.tensordot(J, u, x.ndim) - value, bound

    entries, all_of_them = wrong_entries(residual, x.shape)
    return entries or [0], all_of_them and bool(entries)


def jacobian_at(
    g: Callable, x: Array, chosen: list[int], derive: Callable, shape: tuple[int, ...]
) -> Estimate:
    """∂f/∂x at the chosen columns: all of them in its own shape, or the columns last."""
    outer = shape[: len(shape) - x.ndim]
    shape = shape if len(chosen) == x.size else (*outer, len(chosen))
    return stack_columns([derive(line(g, x, e)) for e in units(x, chosen)], shape)


def check_hessian_product(
    f: Callable,
    hvp: Callable,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    df: Callable | None = None,
    domain: Any = None,
    directions: int = 3,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """hvp(*args, *u) = ∇²f u (E45), along random directions u.

    With the gradient df, this is the derivative of df along u, by E48. Without it, ⟨w, ∇²f u⟩ for
    random w is compared with d/dε Im f(x + εu + ihw)/h: E48 along w, E47 along u. Raises InputError
    if f is no scalar, or if it does not run on complex numbers and there is no df.

    >>> def f(x): return (x**3).sum()
    >>> check_hessian_product(f, lambda x, u: 6 * x * u, np.array([1.0, 2.0])).ok
    True
    """
    if df is not None:
        return check_jvp(
            df,
            hvp,
            args,
            kwargs,
            domain=domain,
            directions=directions,
            name=name or f"the gradient of {getattr(f, '__name__', 'f').replace('<lambda>', 'f')}",
            seed=seed,
        )
    at, f = read_arguments(f, args, name, kwargs, domain), Counted(f)
    findings = list(purity_findings(at, f, at.name))
    if findings[0].failed:
        return Report(findings, f.calls)
    if not np.isfinite(real_scalar(at.numbers(f, at.name), at.name)):
        raise InputError(f"{at.name} is not finite at this point: choose a point where it is")
    what = f"the Hessian product of {at.name}"
    for number in range(directions):
        u, w = at.directions(seed + number), at.directions([seed + number, 1])
        Hu = at.gradients(at.numbers(hvp, what, *at.tangents(u)), what)
        with named_errors(f"{at.name}, near this point,", of_user_alone=True):
            obstacle = why_not_complex(at.line(f, w))
            if obstacle:
                raise InputError(f"{at.name}: {obstacle}; pass its gradient as df")
            findings.append(second(at, f, u, w, Hu, f"∇²f u_{number}"))
    return Report(findings, f.calls)


def second(
    at: Arguments, f: Callable, u: list[Array], w: list[Array], Hu: list[Array], parameter: str
) -> Finding:
    """⟨w, ∇²f u⟩ = d/dε Im f(x + εu + ihw)/h; where that fails, by which entries of ∇²f u."""
    shapes = [np.shape(d) for d in u]
    method = "complex step E48 and central difference E47"
    if [h.shape for h in Hu] != shapes:
        k = next(k for k, h in enumerate(Hu) if h.shape != shapes[k])
        return compare(at.name, parameter, "shape", Hu[k], u[k], Tolerance(0, 0, "exact"))

    def curvature(w: list[Array]) -> Estimate:
        def slope(e: Any) -> Any:
            moved = at.shifted(e, u)
            for i, direction in zip(at.variables, w, strict=True):
                moved[i] = moved[i] + 1j * STEP * direction
            return np.imag(at.evaluate(f, moved)) / STEP

        phi = remembered(slope)
        return central(phi, rounding=noise(phi))

    def product(w: list[Array]) -> tuple[Array, Estimate, float]:
        terms = [h * d for h, d in zip(Hu, w, strict=True)]
        total = np.asarray(sum(float(t.sum()) for t in terms))
        return total, curvature(w), sum(float(np.abs(t).sum()) for t in terms)

    analytic, numeric, scale = product(w)
    relative = ROUNDINGS * 2.0**-52
    tolerance = Tolerance(relative, SAFETY * numeric.error, f"{SAFETY} × the error estimate of E47")
    scale = max(scale, float(np.abs(numeric.value)), 1e-300)
    found = compare(
        at.name,
        parameter,
        method,
        analytic,
        numeric.value,
        tolerance,
        np.asarray(scale),
        explain=lambda a, n: UNKNOWN,
    )
    if not found.failed:
        return found
    places = []
    for k, i in enumerate(at.variables):

        def residual(part: Array, k: int = k) -> tuple[Array, Array]:
            alone = [part if j == k else 0 * d for j, d in enumerate(w)]
            a, (n, error), terms = product(alone)
            return a - n, relative * max(terms, float(np.abs(n))) + SAFETY * error

        entries, all_of_them = wrong_entries(residual, w[k].shape)
        few = all_of_them and 0 < len(entries) <= max(1, w[k].size // 4)
        at_places = ", ".join(str(index_of(j, w[k].shape)) for j in entries[:10])
        places += [f"by {at.names[i]}" + (f" at {at_places}" if few else "")] if entries else []
    return replace(
        found, cause=f"the product is wrong {' and '.join(places)}" if places else UNKNOWN
    )


def assert_jacobian(f: Callable, J: Callable, args: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_jacobian passes.

    >>> assert_jacobian(np.sin, lambda x: np.diag(np.cos(x)), np.array([0.5, 2.0]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_jacobian(f, J, args, *more, **options))


def assert_hessian_product(
    f: Callable, hvp: Callable, args: Any, *more: Any, **options: Any
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_hessian_product passes.

    >>> assert_hessian_product(lambda x: (x**2).sum(), lambda x, u: 2 * u, np.ones(3))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_hessian_product(f, hvp, args, *more, **options))

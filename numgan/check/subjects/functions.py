"""The gradient of a scalar function, written by hand, against E48, E47 and E49. One line in a test:

    assert_gradient(f, df, x)

f(x) is a scalar and df(x) an array like x. x may be a tree of arrays, and a tuple is several
arguments; df returns the same form. The report uses the names of f's arguments: dW for W.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.constants import constants_of
from numgan.check.diagnosis.context import Context
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.arguments import Arguments, read_arguments
from numgan.check.subjects.calls import Counted, named_errors, real_array_of
from numgan.check.subjects.gradients import Claim, Derive, entries_of, gradient_findings, partials
from numgan.check.subjects.purity import purity_findings
from numgan.errors import InputError


def check_gradient(
    f: Callable,
    df: Callable,
    x: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    coordinates: Iterable[int] | None = None,
    terms: dict[str, Callable] | None = None,
    mistakes: dict[str, Callable] | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """∇f at x: along random directions, on which every entry depends, and where that fails at the
    wrong entries; short arrays at every entry. `coordinates` chooses the entries of x.flat.

    x is one argument, or a tuple of several; each is an array, or a tree of arrays in tuples,
    lists, dicts and dataclasses. df returns the same form. The derivative is by the arrays of real
    numbers, in float64. Everything else (integers, labels, strings, the keyword arguments) is
    constant and keeps its type; df returns None or nothing for it. `domain` is (low, high), or
    {name: (low, high)}: no evaluation leaves it.

    `terms` names functions whose sum is f, so that the report can name one that is absent from df;
    `mistakes` names gradients that df may be by mistake. Raises InputError if there is nothing to
    check: f is no scalar, or not finite at x, or x is complex or has whole numbers only.

    >>> check_gradient(lambda w: (w**2).sum(), lambda w: 2 * w, np.array([1.0, 3.0])).ok
    True
    >>> report = check_gradient(lambda w: (w**2).sum(), lambda w: w, np.array([1.0, 3.0, 4.0]))
    >>> report.failures[0].cause
    'the ratio is constant, analytic = 0.5 × numeric: a factor 2 is missing'
    """
    at, f = read_arguments(f, x, name, kwargs, domain), Counted(f)
    findings = list(purity_findings(at, f, at.name))
    if findings[0].failed:
        return Report(findings, f.calls)  # there is no function to differentiate
    value = real_scalar(at.numbers(f, at.name), at.name)
    if not np.isfinite(value):
        raise InputError(f"{at.name} is {value} at this point: choose a point where it is finite")
    what = f"the gradient of {at.name}"
    gradients = at.gradients(at.numbers(df, what), what)
    findings += purity_findings(at, df, what)
    whole = largest_finite(gradients)
    for i, dx in zip(at.variables, gradients, strict=True):

        def context(chosen: list[int], derive: Derive, i: int = i) -> Context:
            wrong = {why: wrong_gradient(at, g, i, why) for why, g in (mistakes or {}).items()}
            alone = {term: at.as_function_of(g, i) for term, g in (terms or {}).items()}
            x = at.leaves[i]
            parts = {term: partials(g, x, chosen, derive).value for term, g in alone.items()}
            return context_of(at, i, chosen, wrong, parts, at.as_function_of(f, i), (f, df))

        claim = Claim(at, i, dx, at.as_function_of(f, i), float(value), whole, context, seed)
        with named_errors(f"{at.name}, near this point,", of_user_alone=True):
            findings += gradient_findings(claim, coordinates)
    return Report(findings, f.calls)


def assert_gradient(f: Callable, df: Callable, x: Any, *args: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless df is the gradient of f at x.

    >>> assert_gradient(lambda w: np.sin(w).sum(), np.cos, np.array([1.0, 3.0]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_gradient(f, df, x, *args, **options))


def real_scalar(value: Any, name: str) -> Array:
    """The value of a scalar function. Raises InputError for anything else."""
    array = real_array_of(value, name)
    if array.ndim != 0:
        raise InputError(
            f"{name} returns an array of shape {array.shape}, not a scalar: check its Jacobian or "
            "its vjp, or sum it"
        )
    return array


def largest_finite(gradients: list[Array]) -> float:
    """The largest |entry| of the arrays that are finite."""
    finite = [dx for dx in gradients if np.isfinite(dx).all()]
    return max((float(np.abs(dx).max(initial=0)) for dx in finite), default=0.0)


def wrong_gradient(at: Arguments, df: Callable, i: int, why: str) -> Array:
    """The array of variable i in a gradient with a known mistake."""
    return at.gradients(at.numbers(df, why), why)[at.variables.index(i)]


def context_of(
    at: Arguments,
    i: int,
    chosen: list[int],
    mistakes: Mapping[str, Any],
    parts: dict[str, Array],
    value: Callable[[Array], Any],
    code: tuple[Callable, ...],
) -> Context:
    """What is known about the gradient of `value` by the variable i, at the chosen entries; `code`
    is what the user wrote.
    """
    x, name = at.leaves[i], at.names[i]
    sizes = {
        f"axis {axis} of {other}": size
        for other, leaf in zip(at.names, at.leaves, strict=True)
        for axis, size in enumerate(np.shape(leaf))
    }
    sizes.setdefault(f"the number of entries of {name}", x.size)
    there = entries_of(x, chosen, x.size)
    regions = {f"{name} > 0": there > 0, f"{name} ≤ 0": there <= 0, f"{name} ≠ 0": there != 0}
    mistakes = {
        why: array if callable(array) else entries_of(array, chosen, x.size)
        for why, array in mistakes.items()
    }
    factors, known = constants_of(code, at.kwargs, at.args)
    return Context(
        dict(mistakes),
        parts,
        {name: there},
        sizes | known,
        regions,
        there,
        factors=factors,
        function=value,
        point=x,
        fit=lambda u: at.fit(i, u),
    )

"""The gradient of a scalar function, written by hand, against E48, E47 and E49. One line in a test:

    assert_gradient(f, df, x)

f(x) is a scalar and df(x) an array like x. A function of several arrays is checked at a tuple of
them, and its df returns a tuple. The report speaks of each by the name that it has among f's
arguments: of W as dW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare, judged_by_another, skipped
from numgan.check.means.differences import (
    Estimate,
    Line,
    central,
    epsilon,
    line,
    noise,
    random_directions,
    units,
)
from numgan.check.means.kinks import at_a_kink
from numgan.check.means.methods import methods_for, stack_entries
from numgan.check.means.tolerance import Tolerance
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.arguments import (
    Arguments,
    call,
    named_errors,
    read_arguments,
    real_array_of,
)
from numgan.check.subjects.slopes import excuse_kink, order_two
from numgan.check.subjects.watch import changed_names, mixed_values, result_or_none, same, watch
from numgan.errors import InputError

Derive = Callable[[Line], Estimate]

EVERY = 1000  # arrays of up to this many entries are checked at every one of them,
CHOSEN = 100  # longer ones at this many, drawn by the seed, and along a random direction


def check_gradient(
    f: Callable,
    df: Callable,
    x: Any,
    *,
    coordinates: Iterable[int] | None = None,
    terms: dict[str, Callable] | None = None,
    mistakes: dict[str, Callable] | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """∇f at x: at every entry (of a long array at some drawn by the seed, or at the `coordinates`
    given, which index x.flat), and along a random direction.

    The derivative is by the arguments that are arrays of real numbers, in float64. Others, such as
    integers, labels and strings, are handed on as they are, and df returns an array for each
    argument, or for each that is not one of them.

    `terms` names functions that f is the sum of, so that one that is absent from df can be told by
    its name; `mistakes` names gradients that df may have been taken for. Raises InputError where
    there is nothing to check: f is no scalar, or not finite at x, or x is complex or has whole
    numbers alone.
    """
    at = read_arguments(f, x, name)
    findings = list(purity_findings(at, f, at.name))
    if findings[0].failed:
        return Report(findings)  # there is no function to differentiate
    value = call(f, at.copies(), at.name)
    if np.ndim(value) != 0:
        raise InputError(
            f"{at.name} returns an array of shape {np.shape(value)}, not a scalar: check its "
            f"Jacobian, or sum it"
        )
    if not np.isfinite(real_array_of(value, at.name)):
        raise InputError(f"{at.name} is {value} at this point: choose a point where it is finite")
    gradient_name = f"the gradient of {at.name}"
    gradients = as_tuple(call(df, at.copies(), gradient_name), at)
    if len(gradients) == len(at.arrays):
        gradients = tuple(gradients[i] for i in at.variables)
    if len(gradients) != len(at.variables):
        raise InputError(
            f"{gradient_name} has {len(gradients)} arrays, the function {len(at.variables)} "
            "arguments"
        )
    findings += purity_findings(at, df, gradient_name)
    gradients = tuple(real_array_of(dx, gradient_name) for dx in gradients)
    whole = max(
        (float(np.abs(dx).max(initial=0)) for dx in gradients if np.isfinite(dx).all()), default=0.0
    )
    for i, dx in zip(at.variables, gradients, strict=True):
        chosen = chosen_entries(coordinates, at.arrays[i], seed)

        def context(derive: Derive, i: int = i, chosen: list[int] = chosen) -> Context:
            mistaken = {
                what: as_tuple(wrong(*at.copies()), at)[i]
                for what, wrong in (mistakes or {}).items()
            }
            alone = {what: at.as_function_of(term, i) for what, term in (terms or {}).items()}
            parts = {
                what: partials(term, at.arrays[i], chosen, derive).value
                for what, term in alone.items()
            }
            return context_of(at, i, chosen, mistaken, parts)

        with named_errors(f"{at.name}, near this point,"):
            findings += array_findings(
                at, i, dx, at.as_function_of(f, i), chosen, whole, seed, context
            )
    return Report(findings)


def assert_gradient(f: Callable, df: Callable, x: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message,
    unless df is the gradient of f at x."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_gradient(f, df, x, **options))


def as_tuple(gradients: Any, at: Arguments) -> tuple:
    """One array for each argument."""
    return tuple(gradients) if at.several and isinstance(gradients, (tuple, list)) else (gradients,)


def chosen_entries(coordinates: Iterable[int] | None, x: Array, seed: int) -> list[int]:
    """The entries of x.flat at which the derivative is taken."""
    if coordinates is not None:
        chosen = [int(i) for i in coordinates]
        if not chosen or not all(0 <= i < x.size for i in chosen):
            raise InputError(f"coordinates must lie between 0 and {x.size - 1}, got {chosen}")
        return chosen
    if x.size <= EVERY:
        return list(range(x.size))
    return sorted(int(i) for i in np.random.default_rng(seed).choice(x.size, CHOSEN, replace=False))


def entries_of(array: Array, x: Array, chosen: list[int]) -> Array:
    """The entries of an array like x that are looked at: all of it, or a vector of some."""
    return array if len(chosen) == x.size else np.ravel(array)[chosen]


def partials(f: Callable, x: Array, chosen: list[int], derive: Derive) -> Estimate:
    """∂f/∂x at the chosen entries."""
    columns = [derive(line(f, x, e)) for e in units(x, chosen)]
    return stack_entries(columns, x.shape if len(chosen) == x.size else (len(chosen),))


def context_of(
    at: Arguments, i: int, chosen: list[int], mistaken: dict[str, Array], parts: dict[str, Array]
) -> Context:
    """What is known about the gradient by argument i."""
    x, argument = at.arrays[i], at.names[i]
    sizes = {
        f"axis {axis} of {name}": size
        for name, array in zip(at.names, at.arrays, strict=True)
        for axis, size in enumerate(np.shape(array))
    }
    there = entries_of(x, x, chosen)
    regions = {f"{argument} > 0": there > 0, f"{argument} ≤ 0": there <= 0}
    mistaken = {what: entries_of(array, x, chosen) for what, array in mistaken.items()}
    return Context(mistaken, parts, {argument: there}, sizes, regions, there)


def array_findings(
    at: Arguments,
    i: int,
    dx: Array,
    f: Callable,
    chosen: list[int],
    whole: float,
    seed: int,
    context: Callable[[Derive], Context],
) -> list[Finding]:
    """∂f/∂(argument i) by each method."""
    x, parameter = at.arrays[i], "d" + at.names[i]
    if dx.shape != x.shape:
        numeric = partials(f, x, list(range(x.size)), central).value if x.size <= EVERY else x
        return [compare(at.name, parameter, "shape", dx, numeric, Tolerance(0, 0, "exact"))]
    analytic = entries_of(dx, x, chosen)
    u = random_directions(x, 1, seed)[0]
    phi = line(f, x, u)
    methods, obstacle = methods_for(phi, max(epsilon(dx), epsilon(phi(0.0))))

    def explain(a: Array, n: Array) -> str:
        return likely_cause(a, n, context(methods[0].derive))

    findings = []
    for each in methods:
        numeric = partials(f, x, chosen, each.derive)
        tolerance = each.tolerance(numeric)
        settled, kinks = settle_kinks(
            analytic, numeric, tolerance, [line(f, x, e) for e in units(x, chosen)]
        )
        found = compare(
            at.name, parameter, each.name, settled, numeric.value, tolerance, None, whole, explain
        )
        if kinks:
            found = replace(found, verdict="FAIL" if found.failed else "kink", note=kinks[0])
        findings.append(found)
    findings = judged_by_another(findings)
    if obstacle:
        why = f"{obstacle}; E47 and E49 still apply"
        findings = [skipped(at.name, parameter, "complex step E48", why), *findings]
    slope = float(np.sum(dx * u))
    return [
        *findings,
        excuse_kink(order_two(at.name, parameter, phi, slope, noise(phi)), phi, slope),
    ]


def settle_kinks(
    analytic: Array, numeric: Estimate, tolerance: Tolerance, lines: list[Line]
) -> tuple[Array, list[str]]:
    """The analytic values, settled where a kink lets every slope between its two sides be right;
    and what was said.
    """
    settled, kinks = np.array(analytic, np.float64), []
    allowed = tolerance.relative * np.abs(numeric.value).max(initial=0) + tolerance.absolute
    with np.errstate(invalid="ignore"):
        doubtful = np.flatnonzero(np.abs(analytic - numeric.value) > allowed)
    for i in doubtful[:50]:
        kink = at_a_kink(lines[i])
        if kink and kink.between(float(analytic.flat[i])):
            settled.flat[i] = numeric.value.flat[i]
            kinks.append(f"entry {i}: {kink}")
    return settled, kinks


def purity_findings(at: Arguments, function: Callable, what: str) -> Iterator[Finding]:
    """A function changes none of its arguments, and says the same when asked twice."""
    names = ", ".join(at.names)
    arrays = at.copies()
    watched = watch(**dict(zip(at.names, arrays, strict=True)))
    first = copies(call(function, arrays, what))
    found = changed_names(watched)
    elsewhere = tuple(
        mixed_values(a) if i in at.variables else a for i, a in enumerate(at.copies())
    )
    watched = watch(**dict(zip(at.names, elsewhere, strict=True)))
    result_or_none(lambda: function(*elsewhere))
    found = list(dict.fromkeys(found + changed_names(watched)))
    yield claim(
        at.name,
        names,
        f"unchanged by {what}",
        not found,
        f"{what} changes {', '.join(found)} in place",
    )
    second = copies(call(function, at.copies(), what))
    agree = len(first) == len(second) and all(
        same(a, b) for a, b in zip(first, second, strict=True)
    )
    yield claim(
        at.name,
        names,
        f"{what}, asked twice",
        agree,
        f"{what}, called twice, gives two answers: it keeps something between calls, or draws",
    )


def copies(result: Any) -> list[Array]:
    """The arrays of a result, apart from whatever the function does with its own later."""
    return [np.array(a) for a in (result if isinstance(result, tuple) else (result,))]

"""A function changes none of its arguments, and returns the same when it is called twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.finding import Finding, claim
from numgan.check.subjects.arguments import Arguments, values_of
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.watch import changed_names, result_or_none, same, watch
from numgan.errors import InputError


def purity_findings(at: Arguments, f: Callable, what: str, *more: Any) -> Iterator[Finding]:
    """Both, at the point; and at values of mixed signs and sizes nothing is changed.

    `more` is what f takes after the arguments, such as dy. Raises InputError if f raises anything
    at the point.
    """
    if not callable(f):
        raise InputError(f"expected {what} as a function, got {type(f).__name__}")
    names, leaves = ", ".join(at.names), at.copies()
    watched = watch(**dict(zip(at.names, leaves, strict=True)), **dict(enumerate_names(more)))
    with named_errors(what):
        first = copies(at.evaluate(f, leaves, *more))
    found = changed_names(watched)
    elsewhere = at.elsewhere()
    watched = watch(**dict(zip(at.names, elsewhere, strict=True)))
    result_or_none(lambda: at.evaluate(f, elsewhere, *more))
    found = list(dict.fromkeys(found + changed_names(watched)))
    yield claim(
        at.name,
        names,
        f"unchanged by {what}",
        not found,
        f"{what} changes {', '.join(found)} in place",
    )
    second = copies(at.numbers(f, what, *more))
    agree = len(first) == len(second) and all(
        same(a, b) for a, b in zip(first, second, strict=True)
    )
    yield claim(
        at.name,
        names,
        f"{what}, called twice",
        agree,
        f"{what}, called twice, gives two answers: it keeps something between calls, or draws",
    )


def enumerate_names(more: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Names for the arguments behind the others: dy alone, or u0, u1, …"""
    for k, thing in enumerate(more):
        yield "dy" if len(more) == 1 else f"u{k}", thing


def copies(result: Any) -> list[Array]:
    """The arrays of a result, copied, so that later calls cannot change them."""
    return [np.array(leaf) for leaf in values_of(result)]

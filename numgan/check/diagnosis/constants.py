"""The numbers that a function is written with: what a missing factor may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from numbers import Real
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from numgan.check.diagnosis.context import hyperparameters

DEPTH = 3  # of functions that call functions
OBVIOUS = (0, 1, -1, 2, 0.5)  # numbers that say nothing


def constants_of(
    code: Iterable[Any], kwargs: dict[str, Any] | None = None, args: Iterable[Any] = ()
) -> tuple[dict[str, float], dict[str, int]]:
    """The numbers and the lengths of arrays that functions use, by name: keyword arguments,
    defaults, variables from around them, fields of their object; and the numbers that stand in
    their text, named by themselves.

    >>> rate = 0.3
    >>> constants_of([lambda x, scale=4.0: scale * x])[0]
    {'scale': 4.0}
    """
    found: dict[str, float] = {}
    sizes: dict[str, int] = {}
    written: dict[str, float] = {}
    for name, value in {**(kwargs or {}), **dict(enumerate_whole(args))}.items():
        add(name, value, found, sizes)
    for function in code:
        for name, value in things_of(function, DEPTH):
            add(name, value, found, sizes)
        written |= {f"{v:.6g}": v for v in literals(function, DEPTH)}
    named = set(found.values())
    return found | {k: v for k, v in written.items() if v not in named}, sizes


def enumerate_whole(args: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Numbers among the arguments, which are constants there."""
    for k, value in enumerate(args):
        if isinstance(value, Real):
            yield f"argument {k}", value


def add(name: str, value: Any, factors: dict[str, float], sizes: dict[str, int]) -> None:
    """Put a number, or the lengths of an array, where it belongs."""
    if isinstance(value, bool):
        return
    if isinstance(value, Real) and np.isfinite(float(value)):
        factors.setdefault(name, float(value))
    elif isinstance(value, np.ndarray):
        if value.ndim == 0 and value.dtype.kind in "fiu":
            factors.setdefault(name, float(value))
        for axis, size in enumerate(value.shape):
            sizes.setdefault(f"axis {axis} of {name}", int(size))
    elif isinstance(value, (list, tuple)) and len(value) > 2:
        sizes.setdefault(f"the length of {name}", len(value))


def things_of(function: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Everything that a function reads besides its arguments, by name."""
    inner = getattr(function, "f", None)
    if not isinstance(function, (FunctionType, MethodType, partial)):
        if callable(inner):
            yield from things_of(inner, depth)
            return
        yield from hyperparameters(function).items()
        function = type(function).__call__ if callable(function) else None
    if isinstance(function, partial):
        yield from function.keywords.items()
        yield from things_of(function.func, depth)
        return
    if isinstance(function, MethodType):
        yield from hyperparameters(function.__self__).items()
        function = function.__func__
    if not isinstance(function, FunctionType):
        return
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    held = list(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    held += (function.__kwdefaults__ or {}).items()
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    held += [(name, cell.cell_contents) for name, cell in cells if filled(cell)]
    held += [(n, function.__globals__[n]) for n in code.co_names if n in function.__globals__]
    for name, value in held:
        if isinstance(value, (FunctionType, MethodType, partial)):
            if depth > 0 and not getattr(value, "__module__", "").startswith("numpy"):
                yield from things_of(value, depth - 1)
        else:
            yield name, value


def literals(function: Any, depth: int) -> Iterator[float]:
    """The numbers that stand in the text of a function, and of those that it calls."""
    function = getattr(function, "f", function)
    function = getattr(function, "func", getattr(function, "__func__", function))
    if not isinstance(function, FunctionType):
        return
    yield from numbers_in(function.__code__)
    if depth > 0:
        cells = [c.cell_contents for c in function.__closure__ or () if filled(c)]
        names = [function.__globals__.get(name) for name in function.__code__.co_names]
        for other in (*cells, *names):
            if isinstance(other, (FunctionType, partial, MethodType)):
                yield from literals(other, depth - 1)


def filled(cell: Any) -> bool:
    """True for a variable from around a function that has its value."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def numbers_in(code: CodeType) -> Iterator[float]:
    """The numbers in a piece of code, without those that say nothing."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from numbers_in(constant)
        elif isinstance(constant, (int, float)) and not isinstance(constant, bool):
            telling = constant not in OBVIOUS and np.isfinite(constant)
            if telling and (isinstance(constant, float) or 3 <= constant <= 10):
                yield float(constant)

"""The NumPy operations of a function, one by one, and the function with one of them changed.

The function is evaluated on arrays of a class of its own. NumPy hands every operation on them to
this class, which can record it, or compute it with an operand held at its old value: as a gradient
does that takes the operand as a constant. No derivative is computed here.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array

CHECK = os.path.dirname(os.path.dirname(__file__))
OURS = tuple(os.path.join(CHECK, room) for room in ("diagnosis", "subjects", "means"))
NUMPY = os.path.dirname(np.__file__)
METHODS = "sum mean max min var std prod dot clip cumsum trace take"


@dataclass
class Operation:
    """An operation as it was at the point: its operands, its result, and where the code has it."""

    name: str  # "exp", "sum", "index"
    compute: Callable[..., Any]  # of the operands
    operands: tuple[Any, ...]
    moving: tuple[int, ...]  # the operands that depend on the variable
    result: Any
    line: int = 0
    source: str = ""  # the expression, “np.exp(a)”
    of: tuple[int | None, ...] = ()  # the numbers of the operations that gave the operands
    options: dict[str, Any] = field(default_factory=dict)  # axis, keepdims

    def __str__(self) -> str:
        text = f"`{self.source}`" if self.source else self.name
        return f"{text} (line {self.line})" if self.line else text


@dataclass
class Change:
    """In the operation `number` the operand is held; `effect`, of the result with the held operand
    and of how far the operand moved, puts another derivative in its place.
    """

    number: int
    operand: int
    effect: Callable[[Any, Any], Any] | None = None
    since: int | None = None  # with an effect of how far the first operand of that one moved


@dataclass
class Evaluation:
    """One evaluation: what is recorded, what is changed, and the number of the next operation."""

    operations: list[Operation] | None = None
    base: Sequence[Operation] = ()
    changes: Sequence[Change] = ()
    number: int = 0
    results: dict[int, tuple[int, Any]] = field(default_factory=dict)  # by identity
    moves: dict[int, Any] = field(default_factory=dict)  # of the first operand that moves

    def apply(self, name: str, compute: Callable, operands: Sequence[Any], options: dict) -> Any:
        """The result of an operation."""
        number, self.number = self.number, self.number + 1
        values = [plain(each) for each in operands]
        if self.operations is not None:
            moving = tuple(j for j, each in enumerate(operands) if isinstance(each, Moving))
            copies = tuple(np.array(v) if isinstance(v, np.ndarray) else v for v in values)
            result = compute(*values)
            kept = np.array(result) if isinstance(result, (np.ndarray, np.generic)) else result
            place = line_and_source()
            of = tuple(self.results.get(id(each), (None,))[0] for each in operands)
            made = Operation(name, compute, copies, moving, kept, *place, of, options)
            self.operations.append(made)
            return result
        if any(change.since == number for change in self.changes):
            first = self.base[number].moving[0]
            self.moves[number] = values[first] - self.base[number].operands[first]
        here = [change for change in self.changes if change.number == number]
        moved = {}
        for change in here:
            held = np.array(self.base[number].operands[change.operand])
            moved[change.operand], values[change.operand] = values[change.operand] - held, held
        result = compute(*values)
        for change in here:
            if change.since is not None and change.effect is not None:
                result = change.effect(result, self.moves[change.since])
            elif change.effect is not None:
                result = change.effect(result, moved[change.operand])
        return result


class Moving(np.ndarray):
    """An array that depends on the variable."""

    evaluation = Evaluation()

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if method == "at":  # in place, without a result
            return getattr(ufunc, method)(*map(plain, inputs), **options)

        def compute(*values: Any) -> Any:
            with np.errstate(all="ignore"):
                return getattr(ufunc, method)(*values, **options)

        name = {"add.reduce": "sum", "maximum.reduce": "max", "minimum.reduce": "min"}.get(
            f"{ufunc.__name__}.{method}", ufunc.__name__
        )
        result = self.evaluation.apply(name, compute, inputs, options)
        if out is None:
            return self.wrapped(result)
        target = plain(out[0])
        target[...] = result
        return out[0] if isinstance(out[0], Moving) else self.wrapped(target)

    def __array_function__(self, func, types, args, kwargs):
        found: list[Any] = []
        pattern = replaced((args, kwargs), found.append)

        def compute(*values: Any) -> Any:
            rest = iter(values)
            given, named = replaced(pattern, lambda _: next(rest), Slot)
            with np.errstate(all="ignore"):
                return func(*given, **named)

        simple = {k: v for k, v in kwargs.items() if isinstance(v, (int, tuple, bool))}
        if len(args) > 1 and isinstance(args[1], int) and "axis" not in simple:
            simple["axis"] = args[1]
        name = {"amax": "max", "amin": "min"}.get(func.__name__, func.__name__)
        return self.wrapped(self.evaluation.apply(name, compute, found, simple))

    def __getitem__(self, index):
        where = tuple(map(plain, index)) if isinstance(index, tuple) else plain(index)
        options = {"index": where}
        read = self.evaluation.apply("index", lambda x: x[where], (self,), options)
        return self.wrapped(read)

    def wrapped(self, result: Any) -> Any:
        """The real numbers of a result as moving arrays; anything else unchanged."""
        if isinstance(result, (tuple, list)):
            return type(result)(map(self.wrapped, result))
        if isinstance(result, (np.ndarray, np.generic)) and result.dtype.kind == "f":
            moving = np.asarray(result).view(type(self))
            evaluation = self.evaluation
            if evaluation.operations is not None:  # kept, so that no other takes its identity
                evaluation.results[id(moving)] = evaluation.number - 1, moving
            return moving
        return result


def method(name: str) -> Callable:
    """x.mean() as np.mean(x): one operation, not those inside of it."""
    return lambda self, *args, **options: getattr(np, name)(self, *args, **options)


for _name in METHODS.split():
    setattr(Moving, _name, method(_name))


class Slot:
    """Where an operand stood among the arguments of a function."""


def replaced(tree: Any, put: Callable, kind: type = Moving) -> Any:
    """The tree with a Slot for every moving array, which `put` is given; or with `put` of every
    Slot in its place.
    """
    if isinstance(tree, kind):
        value = put(tree)
        return Slot() if kind is Moving else value
    if isinstance(tree, (tuple, list)) and type(tree) in (tuple, list):
        return type(tree)([replaced(each, put, kind) for each in tree])
    if isinstance(tree, dict):
        return {key: replaced(each, put, kind) for key, each in tree.items()}
    return tree


def plain(value: Any) -> Any:
    """A moving array as an ordinary one, on the same memory."""
    return value.view(np.ndarray) if isinstance(value, Moving) else value


def line_and_source() -> tuple[int, str]:
    """The line of the user's code that computes now, and the expression in it."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((*OURS, NUMPY, "<__array")):
        frame = frame.f_back
    if frame is None:
        return 0, ""
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line)
    if hasattr(frame.f_code, "co_positions"):  # Python 3.11
        places = list(frame.f_code.co_positions())
        first, last, start, end = places[frame.f_lasti // 2]
        if first == last and start is not None:
            return line, text.encode()[start:end].decode(errors="replace").strip()
    return line, text.strip()


def record(f: Callable[[Array], Any], x: Array) -> list[Operation]:
    """The operations of f at x."""
    operations: list[Operation] = []
    evaluate(f, x, Evaluation(operations))
    return operations


def evaluate(f: Callable[[Array], Any], x: Array, evaluation: Evaluation) -> Array:
    """f(x) in which the operations are seen, or changed."""
    Moving.evaluation = evaluation
    try:
        return np.asarray(f(np.array(x).view(Moving)), np.float64)
    finally:
        Moving.evaluation = Evaluation()

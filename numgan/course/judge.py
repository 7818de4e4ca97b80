"""Is the student's function right? It is called at a few points and compared with the right answer,
output by output.

The points are random, with sizes that all differ, so a wrong axis shows in the shape. One point has
other sizes, and the edges are those that the exercise names.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.subjects.calls import error_line
from numgan.course.diagnosis import cause_of, shape_text
from numgan.course.exercise import OTHER_SIZES, SIZES, Exercise
from numgan.course.known import Cause, Trial
from numgan.course.verdict import Verdict

POINTS = 3
# Right answers differ by the rounding of sums of at most some hundred terms, with condition numbers
# of at most some hundreds: 1e-12. The least of the mistakes that people make changes 1e-4.
TOLERANCE = 1e-9


class Broken(Exception):
    """There is nothing to compare, and this is the cause."""

    def __init__(self, key: str, **values: str):
        super().__init__(key)
        self.cause: Cause = key, values


def judge(exercise: Exercise, f: Callable) -> Verdict:
    """The verdict on a student's function.

    >>> from numgan.course.exercises import find
    >>> judge(find("entropy"), lambda p: -(p * np.log2(p)).sum()).cause
    'entropy.log2'
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            require_arguments(exercise, f)
            key, values = first_cause(exercise, f)
        except Broken as broken:
            return Verdict(exercise.name, "broken", *broken.cause)
    return Verdict(exercise.name, "wrong" if key else "right", key, values)


def first_cause(exercise: Exercise, f: Callable) -> Cause:
    """The cause of the first wrong output; an empty key where all are right."""
    trials = [trial(exercise, f, exercise.point(seed), SIZES) for seed in range(POINTS)]
    wrong = [name for name in exercise.returns if any(not agrees(t, name) for t in trials)]
    if wrong:
        again = trial(exercise, f, exercise.point(0), SIZES)
        if any(not same_bits(again.got[name], trials[0].got[name]) for name in exercise.returns):
            return "random", {}
        # at a point where the output is right there is nothing to explain
        missed = [t for t in trials if not agrees(t, wrong[0])]
        key, values = cause_of(exercise, wrong[0], missed, elsewhere(exercise, f, wrong[0]))
        others = {
            "wrong": ", ".join(wrong),
            "right": ", ".join(name for name in exercise.returns if name not in wrong),
        }
        return key, {"what": wrong[0], **values, **others}
    for key, edge in exercise.edges.items():
        if not all(agrees(trial(exercise, f, edge(), {}), name) for name in exercise.returns):
            return f"{exercise.name}.{key}", {}
    if exercise.letters:
        try:
            other = trial(exercise, f, exercise.point(POINTS, OTHER_SIZES), OTHER_SIZES)
        except Broken:
            return "other_sizes", {}
        if not all(agrees(other, name) for name in exercise.returns):
            return "other_sizes", {}
    return "", {}


def elsewhere(exercise: Exercise, f: Callable, name: str) -> list[Trial]:
    """A trial at other sizes, where the output is wrong as well: at one set of sizes two different
    mistakes may give the same numbers.
    """
    try:
        other = trial(exercise, f, exercise.point(POINTS, OTHER_SIZES), OTHER_SIZES)
    except Broken:
        return []
    return [] if agrees(other, name) else [other]


def agrees(t: Trial, name: str) -> bool:
    """Whether an output is right up to rounding."""
    a, n = t.got[name], t.right[name]
    if a.shape != n.shape:
        return False
    finite = np.isfinite(n)
    scale = np.abs(n[finite]).max(initial=0)
    return bool(
        (np.abs(a[finite] - n[finite]) <= TOLERANCE * scale).all()
        and np.array_equal(a[~finite], n[~finite])
    )


def same_bits(a: Array, b: Array) -> bool:
    """The same shape and numbers, nan for nan."""
    return np.array_equal(a, b, equal_nan=True)


# ── calling it ───────────────────────────────────────────────────────────────────────────────────


def require_arguments(exercise: Exercise, f: Any) -> None:
    """Raise Broken unless f can be called with the arguments."""
    if not callable(f):
        raise Broken("no_function", name=exercise.name, call=exercise.call)
    try:
        inspect.signature(f).bind(*exercise.given)
    except TypeError:
        raise Broken("arguments", call=exercise.call) from None
    except ValueError:
        pass  # a function of C, which says itself what it takes


def trial(exercise: Exercise, f: Callable, args: tuple, sizes: Mapping[str, int]) -> Trial:
    """The function at one point. Raises Broken where it raises anything, returns no arrays, or
    changes its arguments.
    """
    given = deepcopy(args)
    try:
        result = f(*given)
    except Exception as error:
        raise raised(exercise, error, sizes) from None
    for name, before, after in zip(exercise.given, args, given, strict=True):
        if isinstance(before, np.ndarray) and not same_bits(before, after):
            raise Broken("changed", argument=name)
    right = exercise.outputs(exercise.answer(*args))
    return Trial(args, read(exercise, result), right, sizes)


def raised(exercise: Exercise, error: Exception, sizes: Mapping[str, int]) -> Broken:
    """The line of an exception; arrays that do not fit together are shown with their letters."""
    clash = isinstance(error, ValueError) and (
        any(word in str(error) for word in ("mismatch", "broadcast", "not aligned"))
    )
    if clash and sizes:
        product = "matmul" in str(error) or "not aligned" in str(error)
        shapes = ", ".join(
            f"{name} {shape_text(g.shape(sizes))} = {shape_text(g.letters.split())}"
            for name, g in exercise.given.items()
            if g.letters
        )
        return Broken("clash" if product else "broadcast", error=error_line(error), shapes=shapes)
    return Broken("raises", error=error_line(error))


def read(exercise: Exercise, result: Any) -> dict[str, Array]:
    """The outputs by name. Raises Broken for None, a list, or another number of outputs."""
    wanted = list(exercise.returns)
    if result is None:
        raise Broken("none", call=exercise.call)
    if len(wanted) == 1:
        results = (result,)
    elif isinstance(result, (tuple, list)) and len(result) == len(wanted):
        results = tuple(result)
    else:
        count = len(result) if isinstance(result, (tuple, list)) else 1
        raise Broken("count", count=str(count), wanted=", ".join(wanted))
    return {
        name: array(name, each, exercise.returns[name] == "")
        for name, each in zip(wanted, results, strict=True)
    }


def array(name: str, value: Any, is_number: bool) -> Array:
    """An output as an array, or as one number. Raises Broken for what is none."""
    if value is None or value is ...:
        raise Broken("none_of", what=name)
    if isinstance(value, (list, tuple)):
        key = "list_number" if is_number else "list"
        raise Broken(key, what=name, kind=type(value).__name__)
    found = np.asarray(value)
    if found.dtype.kind == "c":
        raise Broken("complex", what=name)
    if found.dtype.kind not in "fiub":
        raise Broken("kind", what=name, kind=type(value).__name__)
    return found.astype(np.float64)

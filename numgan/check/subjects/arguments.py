"""A function of one or several arrays, at the point where it is checked."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

CHECKER = str(Path(__file__).parents[1])


@dataclass(frozen=True)
class Arguments:
    """The name of a function, and its arguments by name.

    Those at `variables` are arrays of float64, by which f is differentiated. The others are
    constants and keep their type: integers, labels, strings.
    """

    name: str
    names: tuple[str, ...]
    arrays: tuple[Any, ...]
    variables: tuple[int, ...]
    several: bool  # whether x was given as a tuple, so that the gradient is one too

    def copies(self) -> tuple[Any, ...]:
        """The arguments, for a function to do with as it likes."""
        return deepcopy(self.arrays)

    def as_function_of(self, f: Callable, i: int) -> Callable[[Array], Any]:
        """f as a function of its argument i, the others held where they are."""
        return lambda x: f(*self.arrays[:i], x, *self.arrays[i + 1 :])


def read_arguments(f: Callable, x: Any, name: str | None = None) -> Arguments:
    """Raises InputError for an x with entries that are not finite numbers, and for one that has no
    real numbers.
    """
    several = isinstance(x, tuple)
    given = x if several else (x,)
    names = argument_names(f, len(given))
    arrays = tuple(as_argument(a, n if several else "x") for a, n in zip(given, names, strict=True))
    variables = tuple(
        i for i, a in enumerate(arrays) if isinstance(a, np.ndarray) and a.dtype == np.float64
    )
    if not variables:
        asked = "x must be an array of real numbers, or a tuple of such arrays"
        whole = (
            np.asarray(arrays[0]).dtype.kind in "iub"
            if np.ndim(arrays[0]) or np.isscalar(arrays[0])
            else False
        )
        hint = (
            f": {names[0]} has whole numbers, write them as 1.0 or x.astype(float)" if whole else ""
        )
        raise InputError(asked + hint)
    if not all(np.isfinite(arrays[i]).all() for i in variables):
        raise InputError("x has entries that are not finite")
    return Arguments(
        name or getattr(f, "__name__", "f").replace("<lambda>", "f"),
        names,
        arrays,
        variables,
        several,
    )


def as_argument(a: Any, name: str) -> Any:
    """Real floating-point numbers as an array of float64, which holds those of float32 as they are;
    the rest as it is.

    Raises InputError for complex numbers, and for those that float64 would round.
    """
    try:
        array = np.array(a)
    except ValueError:  # lists of different lengths
        return a
    if array.dtype.kind == "c":
        raise InputError(
            f"{name} is complex: derivatives here are by real numbers. Check f as a "
            f"function of the real "
            "and the imaginary part, as in lambda re, im: f(re + 1j * im)"
        )
    if array.dtype.kind != "f":
        return array if isinstance(a, np.ndarray) else a
    double = array.astype(np.float64)
    if not np.array_equal(double.astype(array.dtype), array, equal_nan=True):
        raise InputError(
            f"{name} is {array.dtype}, with digits that float64 does not hold: pass "
            f"{name}.astype(float)"
        )
    return double


def argument_names(f: Callable, count: int) -> tuple[str, ...]:
    """The names in f's own signature, or x, or x0, x1, … where it has none."""
    try:
        names = tuple(inspect.signature(f).parameters)[:count]
    except (TypeError, ValueError):
        names = ()
    return (
        names
        if len(names) == count
        else ("x",)
        if count == 1
        else tuple(f"x{i}" for i in range(count))
    )


def call(f: Callable, arrays: tuple[Array, ...], what: str) -> Any:
    """f at the arrays. Raises InputError where it raises anything, in one line that says where."""
    with named_errors(what):
        return f(*arrays)


def real_array_of(result: Any, what: str) -> Array:
    """The result as an array. Raises InputError for anything that is none, such as the None of a
    missing return.
    """
    array = np.asarray(result)
    if array.dtype.kind == "c":
        raise InputError(
            f"{what} returned complex numbers where x is real: expected real ones; "
            f"take its real part"
        )
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} returned {type(result).__name__}, not an array of real numbers")
    return array


@contextmanager
def named_errors(what: str) -> Iterator[None]:
    """Within, whatever is raised becomes one line of InputError that names what raised it."""
    try:
        with np.errstate(all="ignore"):
            yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{what} raised {error_line(error)}") from None


def error_line(error: BaseException) -> str:
    """An exception in one line: its kind, its words, and the line of the user's that raised it."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(CHECKER)
    ]
    known = frames and not isinstance(error, SyntaxError)  # which tells its own line
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if known else ""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}{where}" if words else f"{type(error).__name__}{where}"

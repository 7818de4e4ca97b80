"""A function of one or several arrays, at the point where it is checked."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

HERE = str(Path(__file__).parent)


@dataclass(frozen=True)
class Point:
    """The name of the function, and its arguments by name, in float64."""

    name: str
    names: tuple[str, ...]
    arrays: tuple[Array, ...]
    several: bool  # whether x was given as a tuple, so that the gradient is one too

    def alone(self, f: Callable, i: int) -> Callable[[Array], Any]:
        """f as a function of its argument i, the others held where they are."""
        return lambda x: f(*self.arrays[:i], x, *self.arrays[i + 1 :])


def point(f: Callable, x: Any, name: str | None = None) -> Point:
    """Raises InputError for an x with entries that are not finite numbers."""
    several = isinstance(x, tuple)
    try:
        arrays = tuple(np.array(a, np.float64) for a in (x if several else (x,)))
    except (TypeError, ValueError):
        raise InputError("x must be an array of real numbers, or a tuple of such arrays") from None
    if not all(np.isfinite(a).all() for a in arrays):
        raise InputError("x has entries that are not finite")
    return Point(
        name or getattr(f, "__name__", "f").replace("<lambda>", "f"), argument_names(f, len(arrays)), arrays, several
    )


def argument_names(f: Callable, count: int) -> tuple[str, ...]:
    """The names in f's own signature, or x, or x0, x1, … where it has none."""
    try:
        names = tuple(inspect.signature(f).parameters)[:count]
    except (TypeError, ValueError):
        names = ()
    return names if len(names) == count else ("x",) if count == 1 else tuple(f"x{i}" for i in range(count))


def evaluated(f: Callable, arrays: tuple[Array, ...], what: str) -> Any:
    """f at the arrays. Raises InputError where it raises anything, in one line that says where."""
    with blamed_on(what):
        return f(*arrays)


def array_of_numbers(result: Any, what: str) -> Array:
    """The result as an array. Raises InputError for anything that is none, such as the None of a missing return."""
    array = np.asarray(result)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} returned {type(result).__name__}, not an array of real numbers")
    return array


@contextmanager
def blamed_on(what: str) -> Iterator[None]:
    """Within, whatever is raised becomes one line of InputError that names what raised it."""
    try:
        with np.errstate(all="ignore"):
            yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{what} raised {told(error)}") from None


def told(error: BaseException) -> str:
    """An exception in one line: its kind, its words, and the line of the user's that raised it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(HERE)]
    known = frames and not isinstance(error, SyntaxError)  # which tells its own line
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if known else ""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}{where}" if words else f"{type(error).__name__}{where}"

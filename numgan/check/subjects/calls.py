"""Calls of the user's code: an exception becomes one line that names its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os.path import basename, dirname
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

CHECKER = dirname(dirname(__file__))


class Counted:
    """A function that counts its calls, and marks the exceptions that it raises as the user's.

    >>> f = Counted(abs)
    >>> f(-2), f.calls
    (2, 1)
    """

    def __init__(self, f: Callable):
        self.f, self.calls = f, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        try:
            return self.f(*args, **kwargs)
        except Exception as error:
            error.of_user = True  # type: ignore[attr-defined]
            raise


def call(f: Callable, arrays: tuple[Any, ...], what: str) -> Any:
    """f at the arrays. Raises InputError if it raises anything, in one line with the place."""
    with named_errors(what):
        return f(*arrays)


def real_array_of(result: Any, what: str) -> Array:
    """The result as an array. Raises InputError if it is none, such as the None of a missing
    return.
    """
    try:
        array = np.asarray(result)
    except ValueError:  # parts of different shapes
        raise InputError(
            f"{what} returned a {type(result).__name__} of parts of different shapes, not an array"
        ) from None
    if array.dtype.kind == "c":
        raise InputError(
            f"{what} returned complex numbers where x is real: expected real ones; "
            f"take its real part"
        )
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} returned {type(result).__name__}, not an array of real numbers")
    return array


@contextmanager
def named_errors(what: str, of_user_alone: bool = False) -> Iterator[None]:
    """Inside, an exception becomes an InputError of one line that names what raised it.

    With `of_user_alone`, an exception that no Counted function raised passes through: it is a fault
    of numgan's own.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except InputError:
        raise
    except Exception as error:
        if of_user_alone and not getattr(error, "of_user", False):
            raise
        raise InputError(f"{what} raised {error_line(error)}") from error


def error_line(error: BaseException) -> str:
    """An exception in one line: its kind, its message, and the user's line that raised it."""
    import traceback  # only a check that fails pays for it

    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(CHECKER)
    ]
    known = frames and not isinstance(error, SyntaxError)  # which names its line itself
    where = f" ({basename(frames[-1].filename)}, line {frames[-1].lineno})" if known else ""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}{where}" if words else f"{type(error).__name__}{where}"

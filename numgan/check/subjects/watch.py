"""Which code changes which array in place: arrays are copied before user code sees them, and
compared bit for bit after.

Many writes change nothing the second time, x *= x > 0 or P[...] = abs(P), and nothing at a point
that happens to suit them. So the first call is watched, and also a call at arrays of mixed signs
and sizes with zeros.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from numgan.backend import Array

Watched = list[tuple[str, Array, Array]]  # a name, an array, and what it was


def watch(**things: Any) -> Watched:
    """Every array in the things, with the thing's name and a copy."""
    return [
        (name, array, array.copy()) for name, thing in things.items() for array in arrays_in(thing)
    ]


def changed_names(watched: Watched) -> list[str]:
    """The names of the arrays that differ from their copies."""
    return list(dict.fromkeys(name for name, now, was in watched if not same_bits(now, was)))


def restore(watched: Watched) -> None:
    """Give every array its old values."""
    for _, now, was in watched:
        now[...] = was


def same_bits(a: Array, b: Array) -> bool:
    """True for the same numbers of the same type; nan equals nan, and −0 differs from 0."""
    a, b = np.asarray(a), np.asarray(b)
    return (
        a.shape == b.shape
        and a.dtype == b.dtype
        and (a.dtype == object or a.tobytes() == b.tobytes())
    )


def same(a: Array, b: Array) -> bool:
    """True for the same numbers; nan equals nan."""
    a, b = np.asarray(a), np.asarray(b)
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc")


def arrays_in(thing: Any, depth: int = 8) -> Iterator[Array]:
    """The writable arrays in tuples, lists, dicts and objects."""
    if isinstance(thing, np.ndarray):
        if thing.flags.writeable:
            yield thing
    elif depth > 0:
        parts = (
            thing.values()
            if isinstance(thing, dict)
            else thing
            if isinstance(thing, (tuple, list))
            else ()
        )
        for part in [*parts, *getattr(thing, "__dict__", {}).values()]:
            yield from arrays_in(part, depth - 1)


def mixed_values(a: Array, seed: int = 0) -> Array:
    """Numbers in the shape of a, of both signs and of sizes from 0.05 to 20, with −0 and 0 among
    them; the first is negative.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.choice([-1.0, 1.0], a.size) * 10 ** rng.uniform(-1.3, 1.3, a.size)
    numbers[:1] = -7.3
    numbers[3::5], numbers[4::10] = -0.0, 0.0
    return numbers.reshape(a.shape).astype(a.dtype)


def result_or_none(run: Callable[[], Any]) -> Any:
    """The result of a call; None if it raises, at a point where it need not be defined."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return run()
    except Exception:
        return None

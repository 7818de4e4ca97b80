"""What a run's checkpoint must hold, derived from its configuration. An undamaged file may still be
wrong: it may belong to another run, or be written by hand.

Text and headers are compared before an array is read or θ is made, so no size in the file is
trusted. Each function raises InputError, which names the file and the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from numgan.checkpoint import Stored
from numgan.data import Dataset
from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS
from numgan.run.build import evaluations
from numgan.run.config import Config
from numgan.run.convergence import COLUMNS as PROGRESS
from numgan.run.spectrum import VALUES

LARGEST = 1000  # samples of a frame
FINITE = ("theta_", "optimizer_", "rule.", "frames")
LATER = ("progress",)  # recorded since 0.2
VERSION = re.compile(r"\d+(\.\w+)+(\+[\w.]+)?")
Sizes = tuple[int | range, ...]


def check_text(stored: Stored, config: Config) -> None:
    """Check the values that are no arrays: the number of iterations, the frames, and the state of
    the random numbers.
    """
    about = stored.about
    iterations = whole(stored, "iterations", range(config.steps + 1))
    if about.get("changed", False) not in (False, True):
        raise wrong(stored, "changed", "true or false")
    by_hand, often = steps_by_hand(stored), evaluations(config)
    for name, usual in (("t_d", often * config.k * iterations), ("t_g", often * iterations)):
        t = usual + by_hand[name]
        # if settings were changed during the run, any number of steps is possible
        whole(stored, name, range(2**63) if about.get("changed") else range(t, t + 1))
    check_ends(stored, iterations)
    steps = about.get("frame_steps")
    if (
        not isinstance(steps, list)
        or not steps
        or not all(is_in(n, range(iterations + 1)) for n in steps)
    ):
        raise wrong(stored, "frame_steps", f"whole numbers from 0 to {iterations}")
    if sorted(set(steps)) != steps:
        raise wrong(stored, "frame_steps", "rising numbers")
    for name in ("numgan", "numpy"):  # recorded since 0.2
        if name in about and not (isinstance(about[name], str) and VERSION.fullmatch(about[name])):
            raise wrong(stored, name, "a version such as 2.1.0")
    if not isinstance(about.get("digest"), str | None):
        raise wrong(stored, "digest", "a text, or nothing")
    if not is_state(about.get("rng"), config):
        raise wrong(stored, "rng", "the state of a generator of random numbers")


def steps_by_hand(stored: Stored) -> dict[str, int]:
    """The number of steps of each player outside Algorithm 1."""
    steps = stored.about.get("by_hand", [0, 0])
    if not isinstance(steps, list) or [is_in(n, range(2**62)) for n in steps] != [True, True]:
        raise wrong(stored, "by_hand", "two whole numbers")
    return dict(zip(("t_d", "t_g"), steps, strict=True))


def check_ends(stored: Stored, iterations: int) -> None:
    """Check the former ends of the run: rising pairs (step of the change, end before it)."""
    ends, before = stored.about.get("ends", []), 0
    pairs = isinstance(ends, list) and all(isinstance(e, list) and len(e) == 2 for e in ends)
    for step, end in ends if pairs else ():
        pairs = pairs and is_in(step, range(before, iterations + 1))
        pairs = pairs and is_in(end, range(max(step, 1), 2**63))
        before = step if pairs else 0
    if not pairs:
        raise wrong(stored, "ends", "pairs of rising steps")


def check_headers(
    stored: Stored, config: Config, data: Dataset, G: Network, D: Network, table: Sizes
) -> None:
    """Check the type and shape of each array, and that none is missing or extra; `table` is the
    shape of the rows.
    """
    expected = dict(arrays(stored.about, config, data, G, D, table))
    for name in (*expected, *sorted(stored.headers.keys() - expected.keys())):
        if name not in expected:
            raise InputError(f"{stored.path} holds {name}, which is no part of this run")
        dtype, sizes = expected[name]
        found = stored.headers.get(name)
        if found is None and name in LATER:
            continue
        if found is None or found.dtype != dtype or not fits(found.shape, sizes):
            held = (
                "has no"
                if found is None
                else f"has {found.dtype} of shape {sizes_text(found.shape)} as"
            )
            raise InputError(
                f"{stored.path} {held} {name}: expected {dtype} of shape {sizes_text(sizes)}"
            )


def check_values(stored: Stored, arrays: dict[str, np.ndarray]) -> None:
    """Check that all arrays of the training are finite, and that the steps of the table rise."""
    for name, array in arrays.items():
        if name.startswith(FINITE) and not np.isfinite(array).all():
            raise InputError(f"{stored.path}: {name} is not finite, so the run cannot go on")
    steps = arrays["rows"][:, 0]
    if not np.all(np.diff(steps, prepend=0, append=stored.about["iterations"] + 1) > 0):
        raise InputError(
            f"{stored.path}: the steps of its rows do not rise to {stored.about['iterations']}"
        )


def arrays(
    about: dict[str, Any], config: Config, data: Dataset, G: Network, D: Network, table: Sizes
) -> Iterator[tuple[str, tuple[str, Sizes]]]:
    """The name, the type and the sizes of each array."""
    iterations, t = about["iterations"], {"d": about["t_d"], "g": about["t_g"]}
    drawn = t["d"] or (OBJECTIVES[config.objective].relative and t["g"])
    yield "theta_d", (config.dtype, (D.size,))
    yield "theta_g", (config.dtype, (G.size,))
    yield "theta_bar", (config.dtype, (G.size,))
    for player, size in (("d", D.size), ("g", G.size)):
        for name in OPTIMIZERS[config.optimizer](0.0).remembers if t[player] else ():
            yield f"optimizer_{player}.{name}", (config.dtype, (size,))
    row = GAME_RULES.get(config.rule)
    for name in row.remembers if row and iterations else ():
        whole_w = (config.dtype, (D.size + G.size,))
        yield f"rule.{name}", ("int64", ()) if name == "t" else whole_w
    if data.rows is not None:
        yield "data.order", ("int64", (data.rows if drawn else 0,))
        yield "data.position", ("int64", ())
    yield "rows", ("float64", table)
    yield "frames", (config.dtype, (len(about["frame_steps"]), range(1, LARGEST + 1), data.dim))
    if config.spectrum:
        records = iterations // config.spectrum + 1
        yield "spectra", ("complex128", (records, VALUES))
        yield "progress", ("float64", (records, len(PROGRESS)))


def fits(shape: tuple[int, ...], sizes: Sizes) -> bool:
    """True if each axis has an allowed length."""
    return len(shape) == len(sizes) and all(
        n in size if isinstance(size, range) else n == size
        for n, size in zip(shape, sizes, strict=True)
    )


def sizes_text(sizes: Sizes) -> str:
    """(5, 0…20)"""
    each = [f"{s.start}…{s.stop - 1}" if isinstance(s, range) else str(s)[:20] for s in sizes]
    return f"({', '.join(each)}{',' if len(each) == 1 else ''})"


def whole(stored: Stored, name: str, numbers: range) -> int:
    """An entry of the text that is a whole number in a range."""
    value: Any = stored.about.get(name)
    if not is_in(value, numbers):
        least, most = numbers.start, numbers.stop - 1
        raise wrong(
            stored, name, f"{least}" if least == most else f"a whole number from {least} to {most}"
        )
    return value


def is_in(value: Any, numbers: range) -> bool:
    """True for a whole number in the range; False for True and False."""
    return isinstance(value, int) and not isinstance(value, bool) and value in numbers


def wrong(stored: Stored, name: str, expected: str) -> InputError:
    """The error for a wrong entry of the text."""
    value = repr(stored.about[name])[:60] if name in stored.about else "missing"
    return InputError(f"{stored.path}: {name} is {value}, expected {expected}")


def is_state(state: Any, config: Config) -> bool:
    """True if a generator of the run's kind accepts the state and then reports it unchanged."""
    if config.noise == "device":
        return isinstance(state, dict) and all(
            is_in(state.get(key), range(2**63)) for key in ("seed", "draws")
        )
    generator = np.random.PCG64(0)
    try:
        # the unused half of a 64-bit draw, for the next 32-bit draw
        if state["has_uint32"] not in (0, 1) or not is_in(state["uinteger"], range(2**32)):
            return False
        generator.state = state
        return generator.state == state
    except (TypeError, ValueError, KeyError, OverflowError):
        return False

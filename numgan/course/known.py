"""Mistakes that are known: those of an exercise, one slip of the pen in its right answer, and one
of them together with a sign or a sum for a mean. An answer has the mistake whose numbers it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.likeness import alike
from numgan.course.exercise import Exercise, size
from numgan.course.slips import LONGEST, slips

Cause = tuple[str, dict[str, str]]
Scale = Callable[[Mapping[str, int]], float]  # a factor, of the sizes


class Trial(NamedTuple):
    """One point: the arguments, what the student's function returns there, and what is right."""

    args: tuple[Any, ...]
    got: dict[str, Array]
    right: dict[str, Array]
    sizes: Mapping[str, int]


def as_it_is(sizes: Mapping[str, int]) -> float:
    """No factor."""
    return 1


def opposite(sizes: Mapping[str, int]) -> float:
    """The other sign."""
    return -1


def own_mistake(
    exercise: Exercise, output: str, trials: Sequence[Trial], scale: Scale = as_it_is
) -> Cause | None:
    """The mistake that gives just this output, or this output but for a factor."""
    for key, mistake in exercise.mistakes.items():
        with np.errstate(all="ignore"):
            would = [exercise.outputs(mistake(*t.args)).get(output) for t in trials]
        if gives(would, output, trials, scale):
            return f"{exercise.name}.{key}", {"also": "sign"} if scale is opposite else {}
    return None


def slip(
    exercise: Exercise, output: str, trials: Sequence[Trial], scale: Scale = as_it_is
) -> Cause | None:
    """The variant of the right answer with one slip that gives just this output, or this output but
    for a factor.
    """
    for key, values, answer in slips(exercise):
        try:
            with np.errstate(all="ignore"):
                would = [exercise.outputs(answer(*t.args)).get(output) for t in trials]
        except Exception:  # such a variant may add arrays that do not fit
            continue
        if gives(would, output, trials, scale):
            return key, {"what": output, **{n: shortened(v) for n, v in values.items()}}
    return None


def two_faults(exercise: Exercise, output: str, trials: Sequence[Trial]) -> Cause | None:
    """A mistake or a slip with the other sign, or with a sum for a mean or a mean for a sum."""
    for values, scale in scales(exercise):
        for find in (own_mistake, slip):
            if found := find(exercise, output, trials, scale):
                return found[0], found[1] | values
    return None


def scales(exercise: Exercise) -> Iterator[tuple[dict[str, str], Scale]]:
    """The values of a second sentence, and the factor that it is about."""
    yield {"also": "sign"}, opposite
    for letter in exercise.letters:
        if not letter.isdigit():
            yield {"also": "sum", "many": letter}, partial(size, letter)
            yield {"also": "mean", "many": letter}, partial(one_over, letter)


def one_over(letter: str, sizes: Mapping[str, int]) -> float:
    """1/N for the letter N."""
    return 1 / size(letter, sizes)


def shortened(code: str) -> str:
    """The beginning of a long piece of code."""
    return code if len(code) <= LONGEST else code[: LONGEST - 1] + "…"


def gives(would: Sequence[Any], output: str, trials: Sequence[Trial], scale: Scale) -> bool:
    """Whether these arrays are what the student has at each trial, and not what is right."""
    return all(
        w is not None
        and np.isfinite(t.got[output]).any()  # what is nan everywhere has no form
        and same(scale(t.sizes) * np.asarray(w), t.got[output])
        for w, t in zip(would, trials, strict=True)
    ) and not all(
        w is not None and same(scale(t.sizes) * np.asarray(w), t.right[output])
        for w, t in zip(would, trials, strict=True)
    )


def same(a: Array, b: Array) -> bool:
    """Alike, or with the same numbers that are not finite at the same places."""
    if a.shape != b.shape:
        return False
    finite = np.isfinite(a)
    if not (finite == np.isfinite(b)).all():
        return False
    return alike(a[finite], b[finite]) and np.array_equal(a[~finite], b[~finite], equal_nan=True)


def swapped(exercise: Exercise, output: str, trials: Sequence[Trial]) -> Cause | None:
    """Two arguments of one shape, in each other's place."""
    names = [name for name, given in exercise.given.items() if given.letters]
    for one, other in combinations(names, 2):
        if exercise.given[one].letters != exercise.given[other].letters:
            continue
        i, j = list(exercise.given).index(one), list(exercise.given).index(other)

        def exchanged(args: tuple[Any, ...], i: int = i, j: int = j) -> tuple[Any, ...]:
            turned = list(args)
            turned[i], turned[j] = turned[j], turned[i]
            return tuple(turned)

        with np.errstate(all="ignore"):
            results = [exercise.outputs(exercise.answer(*exchanged(t.args))) for t in trials]
        if gives([r[output] for r in results], output, trials, as_it_is):
            return "swapped", {"one": one, "other": other, "what": output}
    return None

"""Why an answer is wrong: the exercise's own mistakes first, then the patterns of the checker, in
the words of someone who writes the formula.

A cause is a key of the language files with the values of its sentence. The checker says what it
found in a sentence; CHECKER reads the key and the values from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import UNKNOWN, likely_cause
from numgan.check.diagnosis.context import Context
from numgan.course.exercise import Exercise, size
from numgan.course.known import Cause, Trial, opposite, own_mistake, slip, swapped, two_faults

CHECKER = (  # a sentence of the checker → the key of ours
    (r"not finite", "not_finite"),
    (r"right where (?P<region>.*?), wrong elsewhere", "region"),
    (r"right but for (?P<count>\d+) of (?P<size>\d+) entries", "entries"),
    (r"(only|right but for) (row|column|entry|slice)", "slices"),
    (r"rounding of float32", "float32"),
    (r"ill-conditioned", "digits"),
    (r"zero everywhere", "zero"),
    (r"it is transposed", "transposed_numbers"),
    (r"axes are in the order", "axes"),
    (r"read backwards along axis (?P<axis>[\d, ]+)", "backwards"),
    (r"one term is absent: (?P<term>.*)", "term_absent"),
    (r"one term has the wrong sign: (?P<term>.*)", "term_sign"),
    (r"one term is counted twice: (?P<term>.*)", "term_twice"),
    (r"one term is off, (?P<term>.*?): ", "term_off"),
    (r"the terms are right, their factors are not: .*be 1, (?P<terms>.*)", "term_factors"),
    (r"the sign is flipped", "sign"),
    (r"a mean is written as a sum .*its sign flipped", "sum_for_mean_sign"),
    (r"= (?P<ratio>\S+) × numeric, its sign flipped: .* is (?P<size>\w+), a mean is", "minus_sum"),
    (r"= (?P<ratio>\S+) × numeric, its sign flipped: .* is (?P<size>\w+), a sum is", "minus_mean"),
    (r"= (?P<ratio>\S+) × numeric, its sign flipped", "minus_ratio"),
    (r"the factor (?P<factor>\S.*?) = \S+ is missing", "factor_missing"),
    (r"the factor (?P<factor>\S.*?) = \S+ stands there", "factor_extra"),
    (r"\d is (?P<size>[\w ]+), a mean is written as a sum", "sum_for_mean"),
    (r"\d is (?P<size>[\w ]+), a sum is written as a mean", "mean_for_sum"),
    (r"a factor 2 too many", "twice"),
    (r"a factor 2 is missing", "half"),
    (r"the ratio is constant, analytic = (?P<ratio>\S+) × numeric", "ratio"),
    (r"a term too many, (?P<ratio>\S+) × (?P<term>\w+)", "along"),
    (r"analytic − numeric = (?P<ratio>\S+) × (?P<term>\w+)", "along"),
    (r"two paths are absent", "paths"),
    (r"the one through the mean", "path_mean"),
    (r"the one through the variance", "path_variance"),
    (r"each row is off by a factor of its own", "factor_of_row"),
    (r"each column is off by a factor of its own", "factor_of_column"),
    (r"should sum to 0", "sums_to_zero"),
)

TINY = re.compile(r"-?\d[\d.]*e-1\d")  # a number that is 0 up to rounding


def cause_of(
    exercise: Exercise, output: str, trials: Sequence[Trial], others: Sequence[Trial] = ()
) -> Cause:
    """The cause of a wrong output. What is named has to hold at all trials, and at the others,
    which have other sizes.
    """
    first = trials[0]
    a, n = first.got[output], first.right[output]
    if a.shape != n.shape:
        return shape_cause(exercise, a, n, output, first.sizes)
    everywhere = [*trials, *others]
    own = (
        own_mistake(exercise, output, everywhere)
        or swapped(exercise, output, everywhere)
        or own_mistake(exercise, output, everywhere, opposite)
    )
    if own:
        return own
    found = by_the_checker(exercise, output, trials)
    if found[0] not in WEAK:
        return found
    one = slip(exercise, output, everywhere)
    return one or two_faults(exercise, output, everywhere) or found


# true, but no cause that one could mend
WEAK = (
    "unknown checker ratio minus_ratio along region entries slices paths path_mean path_variance "
    "sums_to_zero factor_of_row factor_of_column term_off term_factors digits"
).split()


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────


def shape_cause(
    exercise: Exercise, a: Array, n: Array, output: str, sizes: Mapping[str, int]
) -> Cause:
    """Which index is summed that should not be, or is left that should be summed."""
    letter_of = {size(letter, sizes): letter for letter in exercise.letters}
    has = [letter_of.get(each, str(each)) for each in a.shape]
    expected = exercise.returns[output].split()
    values = {
        "what": output,
        "shape": shape_text(a.shape),
        "letters": shape_text(has),
        "expected": shape_text(n.shape),
        "wanted": shape_text(expected),
    }
    many = [*dict.fromkeys(s for s in has if s not in expected and not s.isdigit())]
    few = [*dict.fromkeys(s for s in expected if s not in has)]
    if a.size == n.size and np.squeeze(a).shape == np.squeeze(n).shape:
        return "shape_ones", values
    if sorted(has) == sorted(expected):
        return "shape_transposed", values
    if not many and not few and len(has) > len(expected):  # (I, I) for (I,)
        many = [letter for letter in expected if has.count(letter) > expected.count(letter)]
    if many and not few:
        return "shape_not_summed" if n.ndim else "shape_no_number", values | {
            "index": ", ".join(many)
        }
    if few and not many:
        return "shape_summed" if a.ndim else "shape_number", values | {"index": ", ".join(few)}
    if len(many) == len(few) == 1:
        return "shape_exchanged", values | {"index": many[0], "other": few[0]}
    return "shape", values


def shape_text(sizes: Sequence[Any]) -> str:
    """(5, 3), and (3,) for one size.

    >>> shape_text(["N", "I"]), shape_text([3]), shape_text([])
    ('(N, I)', '(3,)', '()')
    """
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


# ── the checker's ────────────────────────────────────────────────────────────────────────────────


def by_the_checker(exercise: Exercise, output: str, trials: Sequence[Trial]) -> Cause:
    """The first of the checker's patterns that fits. Numbers are judged at several points at once,
    because every two numbers have a constant ratio.
    """
    first = trials[0]
    a, n = first.got[output], first.right[output]
    together = a.ndim == 0
    if together:
        a = np.array([float(t.got[output]) for t in trials])
        n = np.array([float(t.right[output]) for t in trials])
    sentence = likely_cause(a, n, context(exercise, output, trials if together else trials[:1]))
    if sentence.startswith(UNKNOWN):
        return "unknown", {"what": output}
    for pattern, key in CHECKER:
        if found := re.search(pattern, sentence):
            if together and key in ("slices", "entries"):
                break  # these are points, not entries
            values = {name: TINY.sub("0", said) for name, said in found.groupdict().items()}
            return key, {"what": output, **values}
    return ("unknown" if together else "checker"), {"what": output, "sentence": sentence}


def context(exercise: Exercise, output: str, trials: Sequence[Trial]) -> Context:
    """What the checker knows of the output: sizes, constants, and arrays of its shape."""
    args = dict(zip(exercise.given, trials[0].args, strict=True))
    shape = trials[0].right[output].shape
    alike_in_shape = {
        name: array
        for name, array in args.items()
        if isinstance(array, np.ndarray) and array.shape == shape and shape
    }
    regions: dict[str, Array] = {}
    for name, array in alike_in_shape.items():
        regions |= {f"{name} > 0": array > 0, f"{name} ≤ 0": array <= 0}
    constants = {
        name: float(value)
        for name, value in args.items()
        if isinstance(value, (int, float)) and len(trials) == 1
    }
    return Context(
        terms=terms_of(exercise, output, trials),
        unrelated=alike_in_shape,
        sizes={n: size(n, trials[0].sizes) for n in exercise.letters if not n.isdigit()},
        regions=regions,
        x=alike_in_shape.get("x"),
        factors=constants,
    )


def terms_of(exercise: Exercise, output: str, trials: Sequence[Trial]) -> dict[str, Array]:
    """The summands of the right answer by their formulas, at one point or stacked over several."""
    if exercise.terms is None:
        return {}
    found = [exercise.terms(*t.args).get(output, {}) for t in trials]
    if len(trials) == 1:
        return found[0]
    return {name: np.array([float(f[name]) for f in found]) for name in found[0]}

"""Which path of the chain rule is wrong: through which operation of the function.

The gradient is a sum over the paths by which x reaches the value. Hold an operand of one operation
constant, and the paths through it are gone: the difference is their part of the gradient. A wrong
gradient whose error is a multiple of one part, in several random directions at once, has that part
absent, twice, or with another factor. A mistake inside of one operation, as 1/b for 1/b² in a
quotient, is put in the place of the operation's own slope, and compared in the same way.

Everything is a difference quotient of the function with one operand held; tolerances are those of
that quotient, measured against the right gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import factor_text, meaning_of_ratio
from numgan.check.diagnosis.likeness import multiple
from numgan.check.diagnosis.operations import Change, Operation
from numgan.check.diagnosis.probe import (
    Part,
    Probe,
    hold_what_cancels,
    is_square,
    parts_of,
    repeated,
    slopes_or_none,
)
from numgan.check.diagnosis.slips import Slip, slips

MOST = 300  # operations of a function that are tried
# operations that people take as constants; of several on one path they are named first
TELLING = ("norm", "max", "min", "amax", "amin", "mean", "std", "var", "sum", "svd", "trapezoid")
CHAIN = 6  # operations of an elementwise map, at most
PAIRS = 60  # parts of which pairs are tried


class Residual:
    """The error of a gradient along the directions of a probe, and the parts that it may be of."""

    def __init__(self, probe: Probe, a: Array, n: Array):
        self.probe, self.wrong, self.right = probe, probe.along(a), probe.along(n)
        self.value, self.noise = self.wrong - self.right, 10 * probe.error
        hold_what_cancels(probe, self.right, self.noise)
        self.parts = list(parts_of(probe, self.right, self.noise))
        self.multiples = [
            (factor, part)
            for part in self.parts
            if (factor := factor_of(self.value, part, self.noise))
        ]

    @property
    def many(self) -> bool:
        """True if a factor of any size proves something: there are directions enough."""
        return len(self.value) >= 3


def residual_of(a: Array, n: Array, context: Context) -> Residual | None:
    """None where the function is not known, or does not run on its operations one by one."""
    shape = () if context.point is None else context.point.shape
    if context.function is None or (context.whole and shape != n.shape):
        return None
    probe = Probe(context)
    if not 0 < len(probe.operations) <= MOST or not probe.calibrate(n):
        return None
    if np.abs(probe.along(a) - probe.along(n)).max() <= 100 * probe.error:
        return None
    return Residual(probe, a, n)


def operations_tried(context: Context) -> int:
    """The number of operations whose paths are tried; 0 where the function does not show them."""
    try:
        count = len(Probe(context).operations)
    except Exception:
        return 0
    return count if count <= MOST else 0


def wrong_path(a: Array, n: Array, context: Context) -> str | None:
    """a − n = c × the part of n through one operand of one operation, and c has a meaning; or a is
    what a usual slip in one operation gives; or two parts are absent.
    """
    residual = residual_of(a, n, context)
    if residual is None:
        return None
    certain = [each for each in residual.multiples if is_telling(each[0])]
    if certain:
        return sentence_of(*chosen(certain), context)
    whole = multiple(a, n) is not None  # then a factor of the whole says more than one of a part
    readable = [each for each in residual.multiples if has_meaning(1 + each[0], context)]
    if readable and not whole:
        return sentence_of(*chosen(readable), context)
    return slip_of(residual) or (two_absent(residual) if residual.many else None)


def factor_of_a_path(a: Array, n: Array, context: Context) -> str | None:
    """a − n = c × one part, for a c without a meaning."""
    residual = residual_of(a, n, context)
    if residual is None or not residual.many or not residual.multiples:
        return None
    return sentence_of(*chosen(residual.multiples), context)


def factor_of(residual: Array, part: Part, noise: float) -> float | None:
    """The c of residual = c × part along all directions; None if there is none."""
    c = float(residual @ part.slope / (part.slope @ part.slope))
    error = np.abs(residual - c * part.slope).max()
    return c if error <= noise * max(1, abs(c)) and abs(c) > 1e-6 else None


def is_telling(c: float) -> bool:
    """True if a multiple says by itself what was done: absent, wrong sign, twice."""
    return any(abs(c - known) < 1e-5 for known in (-1, -2, 1))


def has_meaning(c: float, context: Context) -> bool:
    """True if a factor is a number that is known here."""
    return has_known_number(meaning_of_ratio(c, context))


def has_known_number(meaning: str) -> bool:
    """True if the meaning of a ratio names a number that is known."""
    return ":" in meaning and ": if " not in meaning


def chosen(found: list[tuple[float, Part]]) -> tuple[float, Part]:
    """The part that is named: one that is absent, through a telling operation, else the first."""

    def rank(each: tuple[float, Part]) -> tuple[bool, bool, int]:
        c, part = each
        return abs(c + 1) > 1e-5, part.operation.name not in TELLING, found.index(each)

    return min(found, key=rank)


def sentence_of(c: float, part: Part, context: Context) -> str:
    """What is wrong with a part of the gradient whose multiple c is too much."""
    where = path_text(part)
    if abs(c + 1) < 1e-5:
        if part.operation.name == "add" or part.operation.name == "subtract":
            return f"one term is absent: {where}"
        return f"one path is absent: {where}, which the gradient takes as a constant"
    if abs(c + 2) < 1e-5:
        return f"one path has the wrong sign: {where}"
    if abs(c - 1) < 1e-5:
        return f"one path is counted twice: {where}"
    meaning = meaning_of_ratio(1 + c, context)
    if not has_meaning(1 + c, context):
        meaning = f"its part of the gradient is {factor_text(1 + c)} times what it should be"
    return f"one path is off, {where}: {meaning}"


def path_text(part: Part) -> str:
    """The path, by the operation and the operand."""
    operation = part.operation
    several = len(operation.moving) > 1 and not is_square(operation)
    each = " each time" if part.every else ""
    which = ("first", "second", "third", "fourth")[min(part.operand, 3)]
    return f"the one through {f'the {which} operand of ' if several else ''}{operation}{each}"


def slip_of(residual: Residual) -> str | None:
    """The sentence of the slip, in one operation or wherever the same expression is computed, that
    gives the wrong slopes.
    """
    probe = residual.probe

    def fits(changes: Sequence[Change]) -> bool:
        slopes = slopes_or_none(probe, changes, residual.right)
        return bool(np.abs(slopes - residual.wrong).max() <= residual.noise)

    for numbers in [*repeated(probe.operations), *([n] for n in range(len(probe.operations)))]:
        operation = probe.operations[numbers[-1]]
        for operand in operation.moving:
            lists = [slips_or_none(probe.operations[n], operand) for n in numbers]
            for same in zip(*lists, strict=False):
                changes = [Change(n, operand, s[1]) for n, s in zip(numbers, same, strict=True)]
                if fits(changes):
                    return f"in {operation}: {same[0][0]}"
    for first, last in chains(probe.operations):
        y = probe.operations[last].result
        operand = probe.operations[last].moving[0]
        text = f"`{probe.operations[last].source}`" if probe.operations[last].source else "a map"
        for sentence, effect in (
            (f"the derivative of {text} is not applied", lambda held, moved: held + moved),
            (f"{text} itself stands where its derivative belongs", times(y)),
            (f"1 − y stands where the derivative of y = {text} belongs", times(1 - y)),
        ):
            if fits([Change(last, operand, effect, since=first)]):
                return f"{sentence} (line {probe.operations[last].line})"
    return None


def times(factor: Array) -> Callable[[Any, Any], Any]:
    """The effect of a slope that is this factor."""
    return lambda held, moved: held + factor * moved


def chains(operations: Sequence[Operation]) -> Iterator[tuple[int, int]]:
    """The first and the last of operations that follow each other, each of one moving operand and
    number by number: as 1/(1 + e⁻ˣ) is made of four.
    """

    def single(number: int) -> bool:
        each = operations[number]
        return len(each.moving) == 1 and np.shape(each.result) == np.shape(
            each.operands[each.moving[0]]
        )

    for last in range(len(operations)):
        first = last
        for _ in range(CHAIN):
            if not single(first):
                break
            before = operations[first].of[operations[first].moving[0]]
            if before is None or not single(before):
                break
            first = before
            yield first, last


def slips_or_none(operation: Operation, operand: int) -> list[Slip]:
    """The slips that the operation has at all: not all are defined for all shapes."""
    found = []
    try:
        for slip in slips(operation, operand):
            found.append(slip)  # noqa: PERF402  (those before an exception count)
    except Exception:
        return found
    return found


def two_absent(residual: Residual) -> str | None:
    """residual = −(one part + another)."""
    different: list[Part] = []
    for part in sorted(residual.parts, key=lambda p: p.operation.name not in TELLING):
        if not any(np.abs(part.slope - p.slope).max() <= residual.noise for p in different):
            different.append(part)
    for i, one in enumerate(different[:PAIRS]):
        for other in different[:i]:
            if np.abs(residual.value + one.slope + other.slope).max() <= residual.noise:
                return (
                    f"two paths are absent: {path_text(other)}, and {path_text(one)}, which the "
                    "gradient takes as constants"
                )
    return None

"""The parts of a gradient: of each operand of each operation, by holding it constant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.operations import Change, Evaluation, Operation, evaluate, record

DIRECTIONS = 5
STEPS = (1e-2, 1e-3, 1e-4)  # of the difference quotient; the best of them is taken
GOOD = 1e-7  # its error, as a share of the gradient, above which nothing is tried


@dataclass(eq=False)
class Part:
    """The part of the gradient that flows through one operand of one operation."""

    operation: Operation
    operand: int
    slope: Array  # along each direction
    every: bool = False  # of every operation that this place in the code makes


class Probe:
    """A function of one array near a point, and its slopes along a few directions, as one vector.

    Raises what the function raises, if it does not run on its operations one by one.
    """

    def __init__(self, context: Context):
        f: Any = context.function
        self.f = f
        self.x: Array = np.asarray(context.point)
        self.product = context.product
        rng = np.random.default_rng([0, 2])
        count = min(DIRECTIONS, max(self.x.size, 1))
        drawn = [context.fit(rng.standard_normal(self.x.shape)) for _ in range(count)]
        self.directions: list[Array] = context.directions or drawn
        self.operations = record(f, self.x)
        self.step, self.error = STEPS[0], np.inf
        self.still: list[Change] = []  # operands that do not matter, held in every evaluation

    def along(self, gradient: Array) -> Array:
        """The slopes that the gradient says."""
        return np.concatenate([np.ravel(self.product(gradient, u)) for u in self.directions])

    def calibrate(self, right: Array) -> bool:
        """Choose the step with which the quotient fits the right gradient best; False if none
        does.
        """
        exact = self.along(right)
        scale = np.abs(right).max(initial=0) or 1.0
        for step in STEPS:
            error = np.abs(self.slopes((), step) - exact).max()
            if error < self.error:
                self.step, self.error = step, error
        self.error = max(self.error, 1e-10 * scale)
        return bool(self.error <= GOOD * scale)

    def slopes(self, changes: Sequence[Change], step: float | None = None) -> Array:
        """d/dε f(x + εu) with operations changed, for each direction u: an error of order h⁴."""
        h = self.step if step is None else step
        changes = [*self.still, *changes]

        def at(e: float, u: Array) -> Array:
            see = Evaluation(base=self.operations, changes=changes)
            return np.ravel(evaluate(self.f, self.x + e * u, see))

        return np.concatenate(
            [
                (8 * (at(h, u) - at(-h, u)) - (at(2 * h, u) - at(-2 * h, u))) / (12 * h)
                for u in self.directions
            ]
        )


def hold_what_cancels(probe: Probe, right: Array, noise: float) -> None:
    """Hold the maximum that a softmax subtracts: it moves the numbers and not the value. Held, it
    adds nothing to the path through the sum either.
    """
    for number, operation in enumerate(probe.operations):
        if operation.name in ("max", "amax", "min", "amin"):
            change = Change(number, operation.moving[0])
            if np.abs(right - slopes_or_none(probe, [change], 2 * right + 1)).max() <= noise:
                probe.still.append(change)


def parts_of(probe: Probe, right: Array, noise: float) -> Iterator[Part]:
    """Every part of the gradient that is not 0: of one operand of one operation, and of all
    operations that one place in the code makes, as in a loop.
    """
    for numbers in [*([n] for n in range(len(probe.operations))), *repeated(probe.operations)]:
        operation = probe.operations[numbers[-1]]
        for operand in operation.moving:
            operands: tuple[int, ...] = (operand,)
            if is_square(operation):
                if operand:
                    continue
                operands = (0, 1)
            changes = [Change(number, k) for number in numbers for k in operands]
            slope = right - slopes_or_none(probe, changes, right)
            if np.abs(slope).max() > 10 * noise:
                yield Part(operation, operand, slope, len(numbers) > 1)


def repeated(operations: Sequence[Operation]) -> list[list[int]]:
    """The numbers of the operations that the same expression makes several times."""
    places: dict[tuple[str, int, str], list[int]] = {}
    for number, each in enumerate(operations):
        if each.line:
            places.setdefault((each.name, each.line, each.source), []).append(number)
    return [numbers for numbers in places.values() if len(numbers) > 1]


def is_square(operation: Operation) -> bool:
    """True for x·x."""
    if operation.name != "multiply" or len(operation.moving) != 2:
        return False
    return np.array_equal(*operation.operands)


def slopes_or_none(probe: Probe, changes: Sequence[Change], otherwise: Array) -> Array:
    """The slopes with changes; `otherwise` where the function does not run with it."""
    try:
        slopes = probe.slopes(changes)
    except Exception:  # shapes that do not fit, a test that fails
        return otherwise
    fits = slopes.shape == otherwise.shape and np.isfinite(slopes).all()
    return slopes if fits else otherwise

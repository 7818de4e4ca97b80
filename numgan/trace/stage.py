"""The parts of a trace: stages, in the order in which the iteration computes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from numgan.backend import Array
from numgan.trace.graph import Graph
from numgan.trace.numbers import difference
from numgan.trace.source import Line

# of max(1, |value|): thousands of roundings of float64, far below any mistake
TOLERANCE = 1e-12

__all__ = ["Check", "Line", "Named", "Stage", "ending", "headed", "stage_numbers"]


@dataclass(frozen=True, eq=False)
class Named:
    """An array under its name in the stage's formula. The same array has the same key in all
    stages.
    """

    name: str
    key: str
    value: Array
    what: str


@dataclass(frozen=True, eq=False)
class Check:
    """The same quantity twice: by the library, and by other means."""

    name: str
    by: str
    value: Array
    other: Array
    tolerance: float = TOLERANCE

    @property
    def where(self) -> str:
        """The name of the entry with the largest difference."""
        return f"{self.name}[{','.join(map(str, self.worst))}]" if self.worst else self.name

    @property
    def worst(self) -> tuple[int, ...]:
        """The place of the largest difference."""
        return tuple(
            int(i)
            for i in np.unravel_index(np.argmax(abs(self.value - self.other)), np.shape(self.value))
        )

    @property
    def difference(self) -> float:
        """The largest difference of all entries."""
        return float(np.max(abs(self.value - self.other), initial=0.0))

    @property
    def ok(self) -> bool:
        return self.difference <= self.tolerance * max(
            1.0, float(np.max(abs(self.other), initial=0.0))
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """One part of the iteration: the lines that compute it, its inputs and outputs, and the checks
    by other means.
    """

    title: str
    lines: tuple[Line, ...]
    arrays: tuple[Named, ...] = ()
    checks: tuple[Check, ...] = ()
    says: tuple[str, ...] = ()  # remarks
    layer: str = ""  # D:2, or empty if it belongs to no layer
    sum: tuple[str, Check] | None = None  # one entry of a gradient, written out
    table: tuple[tuple[str, ...], ...] = ()  # the first row is its head
    part: str = ""  # its step of the algorithm
    heading: str = ""  # the pass within that step: D on the data
    graph: Graph | None = None  # the arrays of a step, at its first stage

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.all_checks)

    @property
    def all_checks(self) -> tuple[Check, ...]:
        return self.checks if self.sum is None else (*self.checks, self.sum[1])

    @property
    def name(self) -> str:
        """D[0] Dense forward, D on the data."""
        return f"{self.title}, {self.heading}" if self.heading else self.title


def headed(heading: str, stages: Iterable[Stage]) -> Iterator[Stage]:
    """The stages under one heading."""
    return (replace(stage, heading=heading) for stage in stages)


def stage_numbers(stages: Sequence[Stage]) -> dict[str, int]:
    """{key of an array: the number of the first stage that shows it}."""
    found: dict[str, int] = {}
    for n, stage in enumerate(stages, 1):
        for array in stage.arrays:
            found.setdefault(array.key, n)
    return found


def ending(stages: Sequence[Stage]) -> list[str]:
    """The number of comparisons, and the first wrong one: the later ones inherit its error."""
    checks = [(n, stage, check) for n, stage in enumerate(stages, 1) for check in stage.all_checks]
    wrong = [found for found in checks if not found[2].ok]
    told = f"{len(stages)} stages, {len(checks)} comparisons"
    if not wrong:
        worst = max((check.difference for *_, check in checks), default=0.0)
        return [f"✓ {told}, all agree; the largest difference is {difference(worst)}"]
    n, stage, check = wrong[0]
    first = (
        f"The first is {check.where} in stage {n}, {stage.name}. "
        "Later differences may come from this one."
    )
    return [f"✗ {told}, {len(wrong)} differ", first]

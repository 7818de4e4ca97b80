"""What a trace is made of: stages, in the order in which the iteration computes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from numgan.backend import Array
from numgan.trace.graph import Graph
from numgan.trace.numbers import difference
from numgan.trace.source import Line

# of max(1, |value|): some thousands of roundings of float64, far below any mistake
TOLERANCE = 1e-12

__all__ = ["Check", "Line", "Named", "Stage", "ending", "headed", "stage_numbers"]


@dataclass(frozen=True, eq=False)
class Named:
    """An array under the name that it has in its stage's formula. Wherever the same array appears,
    it has this key.
    """

    name: str
    key: str
    value: Array
    what: str


@dataclass(frozen=True, eq=False)
class Check:
    """The same quantity twice: as the library computes it, and by other means."""

    name: str
    by: str
    value: Array
    other: Array
    tolerance: float = TOLERANCE

    @property
    def where(self) -> str:
        """The name of the entry where the two differ most."""
        return f"{self.name}[{','.join(map(str, self.worst))}]" if self.worst else self.name

    @property
    def worst(self) -> tuple[int, ...]:
        """Where the two differ most."""
        return tuple(
            int(i)
            for i in np.unravel_index(np.argmax(abs(self.value - self.other)), np.shape(self.value))
        )

    @property
    def difference(self) -> float:
        """The largest of all entries."""
        return float(np.max(abs(self.value - self.other), initial=0.0))

    @property
    def ok(self) -> bool:
        return self.difference <= self.tolerance * max(
            1.0, float(np.max(abs(self.other), initial=0.0))
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """One thing that the iteration does: which lines compute it, from what to what, and what other
    means say.
    """

    title: str
    lines: tuple[Line, ...]
    arrays: tuple[Named, ...] = ()
    checks: tuple[Check, ...] = ()
    says: tuple[str, ...] = ()  # remarks
    layer: str = ""  # D:2, or empty for what belongs to no layer
    sum: tuple[str, Check] | None = None  # one entry of a gradient, written out
    table: tuple[tuple[str, ...], ...] = ()  # the first row is its head
    part: str = ""  # the step of the algorithm that it belongs to
    heading: str = ""  # the pass within that step: D on the data
    graph: Graph | None = None  # of a step's arrays, at its first stage

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
    """How many numbers were compared, and which is the first that differs: what comes after it
    inherits it.
    """
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

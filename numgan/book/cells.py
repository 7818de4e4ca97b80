"""Collect: a chapter as cells, `# %% [markdown]` and `# %%`, in pairs of prose and the code that
follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from numgan.book.source import Module

MARK = re.compile(r"^# %%(.*)$")


@dataclass(frozen=True)
class Cell:
    """Prose or code; the lines by their numbers, from 1, without the mark above them."""

    is_prose: bool
    lines: range

    def prose(self, module: Module) -> str:
        """The prose (Markdown)."""
        return uncomment(module.lines[n - 1] for n in self.lines)


@dataclass(frozen=True)
class Pair:
    """Prose (Markdown) and code; either may be missing. The numbers are those of lines, from 1."""

    prose: str
    first: int  # the prose is made of the lines first … stop − 1, none if they are equal
    stop: int
    code: tuple[int, ...]
    cell: int | None  # the how-manieth cell of code this is, from 0


def cells(module: Module) -> list[Cell]:
    """The cells of a chapter, as they follow."""
    starts = [n for n, line in enumerate(module.lines, 1) if MARK.match(line)]
    return [
        Cell("[markdown]" in module.lines[first - 1], range(first + 1, stop))
        for first, stop in zip(starts, [*starts[1:], len(module.lines) + 1], strict=True)
    ]


def pairs(module: Module) -> list[Pair]:
    """The cells of a chapter. A cell of prose that another follows stands without code, and the
    other way round.
    """
    found: list[Pair] = []
    count = 0
    for cell in cells(module):
        first = cell.lines.start - 1
        if cell.is_prose:
            found.append(Pair(cell.prose(module), first, cell.lines.stop, (), None))
            continue
        lines = list(cell.lines)
        while lines and not module.lines[lines[-1] - 1].strip():
            lines.pop()
        waiting = (
            found.pop() if found and found[-1].cell is None else Pair("", first, first, (), None)
        )
        found.append(replace(waiting, code=tuple(lines), cell=count))
        count += 1
    return found


def uncomment(lines) -> str:
    """Prose without the # before each line."""
    return "\n".join(re.sub("^# ?", "", line) for line in lines).strip()


def title(module: Module) -> str:
    """The chapter's heading, without the labels behind it: 3 · Maximum likelihood is a KL
    divergence.
    """
    heading = next(
        (line for line in pairs(module)[0].prose.splitlines() if line.startswith("# ")),
        f"# {module.path}",
    )
    return re.sub(r" \([EL\d, –-]+\)$", "", heading.removeprefix("# "))

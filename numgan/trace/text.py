"""A trace for the terminal: 80 columns, and colours if a terminal shows it."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO

from numgan.trace.graph import Graph
from numgan.trace.language import Say, spoken
from numgan.trace.numbers import difference, entry, rows, shape, summary
from numgan.trace.opening import Opening
from numgan.trace.stage import Check, Line, Named, Stage, stage_numbers
from numgan.trace.words import columns
from numgan.trace.wrap import WIDE, filled

WIDTH = 80
Paint = Callable[[str, str], str]
STYLES = {
    "part": "1;35",
    "stage": "1",
    "label": "1;36",
    "name": "33",
    "faint": "2",
    "ok": "32",
    "wrong": "1;31",
}


def painter(stream: TextIO) -> Paint:
    """(text, style) ↦ text in colour; unchanged if the stream is no terminal, or if NO_COLOR is set
    (no-color.org).
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return lambda text, style: text
    return lambda text, style: f"\033[{STYLES[style]}m{text}\033[0m"


def left(text: str, width: int) -> str:
    """The text, padded with spaces on the right."""
    return text + " " * (width - columns(text))


def right(text: str, width: int) -> str:
    """The text, padded with spaces on the left."""
    return " " * (width - columns(text)) + text


def opening_lines(before: Opening, say: Say = str) -> Iterator[str]:
    """The lines before the first stage."""
    for paragraph in before.above:
        yield from wrap(say(paragraph))
    yield from ["", *(clip(f"   {say(line)}".rstrip(), WIDTH) for line in before.networks)]
    for paragraph in before.below:
        yield from ["", *wrap(say(paragraph))]


def stage_texts(
    stages: Sequence[Stage], paint: Paint, layer: str = "", say: Say = str
) -> Iterator[str]:
    """Each stage as a text of several lines; each remark appears once. If a layer is named, only
    its stages, with one entry of every dW written out.
    """
    part, heading, said, numbers = "", "", {""}, stage_numbers(stages)
    for n, stage in enumerate(spoken(stages, say), 1):
        if layer in ("", stage.layer):
            head = []
            if stage.part != part:
                head += ["", paint(clip(f"══ {stage.part} ══", WIDTH), "part"), ""]
                head += drawing(stage.graph, numbers, say) if stage.graph else []
            if stage.heading and (stage.part, stage.heading) != (part, heading):
                head += [paint(f"[ {stage.heading} ]", "part"), ""]
            part, heading = stage.part, stage.heading
            says = [remark for remark in stage.says if remark not in said]
            yield "\n".join([*head, *stage_lines(n, stage, paint, says, bool(layer), say), ""])
            said.update(says)


def drawing(graph: Graph, numbers: dict[str, int], say: Say) -> Iterator[str]:
    """The arrays of a step, their makers, and the stages of each."""
    yield from (clip(f"   {line}".rstrip(), WIDTH) for line in graph.text())
    made = (f"{node.name} {numbers[node.key]}" for node in graph.nodes)
    yield from ["", *wrap(say(f"Stages: {', '.join(made)}.")), ""]


def stage_lines(
    n: int, stage: Stage, paint: Paint, says: Sequence[str], zoomed: bool, say: Say
) -> Iterator[str]:
    """The lines of one stage."""
    heading = clip(f"── {n} ── {stage.title} ", WIDTH)
    yield paint(heading + "─" * (WIDTH - columns(heading)), "stage")
    for line in stage.lines:
        yield from equation(line, paint)
    for remark in says:
        yield from (paint(line, "faint") for line in wrap(remark))
    yield from side_by_side([block(array, say) for array in stage.arrays], paint)
    yield from table(stage.table, paint)
    if stage.arrays and (stage.checks or zoomed and stage.sum):
        yield ""
    for check in stage.checks:
        yield from compared(check, paint, say)
    if zoomed and stage.sum:
        yield from ["", *(paint(line, "name") for line in wrap(stage.sum[0]))]
        yield from compared(stage.sum[1], paint, say)


def wrap(text: str) -> list[str]:
    """The text in lines. Chinese breaks between any two characters."""
    if re.search(f"[{WIDE}]", text):
        return filled(text, WIDTH, "   ", "   ").split("\n")
    return textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent="   ")


def clip(text: str, width: int) -> str:
    """The text, cut to the width."""
    while columns(text) > width:
        text = text[:-2] + "…"
    return text


def equation(line: Line, paint: Paint) -> Iterator[str]:
    """Label, formula and file:line; below, the code."""
    where = f"{line.source.file}:{line.source.line}" if line.source else ""
    said = f"   {left(line.label, 4)} {line.formula}"
    if columns(said) + columns(where) + 2 <= WIDTH:
        gap = " " * (WIDTH - columns(said) - columns(where))
        yield (
            "   "
            + paint(left(line.label, 4), "label")
            + f" {line.formula}{gap}"
            + paint(where, "faint")
        )
    else:
        yield "   " + paint(left(line.label, 4), "label") + " " + clip(line.formula, WIDTH - 8)
        yield paint(right(where, WIDTH), "faint")
    if line.source and not line.is_code:
        yield paint(clip(f"        {line.source.code}", WIDTH), "faint")


def block(array: Named, say: Say) -> list[str]:
    """Name and shape, and the numbers below."""
    entries = rows(array.value)
    head = f"{array.name} {shape(array.value)}".rstrip()
    if entries is None:
        return [head, f"  {say(summary(array.value))}"]
    wide = max(len(text) for row in entries for text in row)
    return [head, *("  " + "  ".join(right(text, wide) for text in row) for row in entries)]


def side_by_side(blocks: Iterable[list[str]], paint: Paint) -> Iterator[str]:
    """Blocks side by side, as many as fit in the line."""
    line: list[list[str]] = []
    for block in [*blocks, None]:
        widths = [max(columns(text) for text in b) + 4 for b in line]
        if line and (
            block is None or 3 + sum(widths) + max(columns(text) for text in block) > WIDTH
        ):
            yield ""
            for r in range(max(map(len, line))):
                cells = [
                    left(b[r] if r < len(b) else "", w) for b, w in zip(line, widths, strict=True)
                ]
                text = ("   " + "".join(cells)).rstrip()
                yield paint(text, "name") if r == 0 else text
            line = []
        if block is not None:
            line.append(block)


def table(table: Sequence[Sequence[str]], paint: Paint) -> Iterator[str]:
    """Rows of cells, with the numbers aligned on the right."""
    if table:
        yield ""
    for n, (name, formula, *values) in enumerate(table):
        text = f"   {left(name, 9)}{left(formula, 24)}" + "".join(
            right(value, 20) for value in values
        )
        yield paint(text, "name") if n == 0 else text


def compared(check: Check, paint: Paint, say: Say) -> Iterator[str]:
    """Both numbers at the largest difference, and the difference; if it is too large, all numbers
    of the other means.
    """
    value, other = (entry(array, check.worst) for array in (check.value, check.other))
    yield paint(
        f"   {'✓' if check.ok else '✗'} {left(clip(check.where, 14), 14)} {right(value, 14)}  "
        f"{left(check.by, 8)}{right(other, 14)}  "
        + say(f"difference {difference(check.difference)}"),
        "ok" if check.ok else "wrong",
    )
    if not check.ok:
        yield from side_by_side(
            [block(Named(say(f"{check.name} by {check.by}"), "", check.other, ""), say)], paint
        )

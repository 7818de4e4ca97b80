"""The arrays of a step and the maps between them: a drawing of boxes and arrows, in text and in
SVG.

Nodes lie on a grid of lanes and columns. An arrow runs along the lane of its start, up or down just
before its end, and on along the lane of its end.

    x ───────D▶ a(x) ────┐        ┌E33▶ da(x) ────┐
                         ├E29▶ Ṽ ─┤               ├D▶ ∇Ṽ ─E31▶ θ_d
    z ─G▶ G(z) ─D▶ a(G(z)) ┘      └E33▶ da(G(z)) ─┘
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from numgan.trace.words import columns

if TYPE_CHECKING:
    from numgan.costs import Cost
    from numgan.trace.penalty import PenaltyPasses
    from numgan.trace.value import Value
    from numgan.trace.walk import Place

# a cell of the drawing: the sum of the directions of its lines
WEST, EAST, NORTH, SOUTH = 1, 2, 4, 8
LINES = {
    3: "─",
    5: "┘",
    6: "└",
    7: "┴",
    9: "┐",
    10: "┌",
    11: "┬",
    12: "│",
    13: "┤",
    14: "├",
    15: "┼",
}
LINES |= {WEST: "─", EAST: "─", NORTH: "│", SOUTH: "│"}
CELL, LANE = 8, 22  # of the drawing in SVG, in pixels


@dataclass(frozen=True)
class Node:
    """An array: its name, its key, its maker (G, D, or a label), its place, and its inputs."""

    name: str
    key: str
    by: str
    column: int
    lane: int
    of: tuple[str, ...] = ()  # the keys of its inputs


@dataclass(frozen=True)
class Graph:
    """The arrays of a step. Raises KeyError if an input of an array is missing."""

    nodes: tuple[Node, ...]

    @property
    def starts(self) -> dict[int, int]:
        """The place of each column, in characters: after the names of the previous one, its arrows
        and their makers.
        """
        found: dict[int, int] = {}
        end = 0
        for column in sorted({node.column for node in self.nodes}):
            inside = [node for node in self.nodes if node.column == column]
            gap = max(columns(node.by) for node in inside) + 4 if found else 0
            found[column] = end + gap
            end = found[column] + max(columns(node.name) for node in inside)
        return found

    @property
    def width(self) -> int:
        starts = self.starts
        return max(starts[node.column] + columns(node.name) for node in self.nodes)

    def turn(self, node: Node) -> int:
        """The place where the lines to a node turn into its lane."""
        longest = max(columns(other.by) for other in self.nodes if other.column == node.column)
        return self.starts[node.column] - 3 - longest

    def arrows(self) -> Iterator[tuple[Node, int, Node]]:
        """(start, the end of its name, end)."""
        starts, by_key = self.starts, {node.key: node for node in self.nodes}
        for node in self.nodes:
            for key in node.of:
                before = by_key[key]
                yield before, starts[before.column] + columns(before.name), node

    def text(self) -> list[str]:
        """The drawing as lines of text."""
        cells: dict[tuple[int, int], int] = {}

        def add(lane: int, x: int, bits: int) -> None:
            cells[lane, x] = cells.get((lane, x), 0) | bits

        for before, end, node in self.arrows():
            turn = self.turn(node)
            for x in range(end + 1, turn):
                add(before.lane, x, WEST | EAST)
            add(before.lane, turn, WEST)
            step = (node.lane > before.lane) - (node.lane < before.lane)
            for lane in range(before.lane, node.lane, step or 1):
                add(lane, turn, SOUTH if step > 0 else NORTH)
                add(lane + step, turn, NORTH if step > 0 else SOUTH)
            add(node.lane, turn, EAST)
        lines = []
        for lane in range(max(node.lane for node in self.nodes) + 1):
            row = {x: LINES[bits] for (at, x), bits in cells.items() if at == lane}
            for node in self.nodes:
                if node.lane == lane:
                    start = self.starts[node.column]
                    row |= {start: node.name} | dict.fromkeys(
                        range(start + 1, start + columns(node.name)), ""
                    )
                    if node.of:
                        label = f"{node.by}▶"
                        shaft = range(self.turn(node) + 1, start - 1 - columns(label))
                        row |= dict.fromkeys(shaft, "─")
                        row |= {start - 1 - columns(label) + n: c for n, c in enumerate(label)}
            last = max(row, default=-1)
            lines.append("".join(row.get(x, " ") for x in range(last + 1)).rstrip())
        return lines

    def svg(self, stages: dict[str, int], label: str) -> str:
        """The drawing as SVG, with a label for screen readers. `stages` maps each array to the
        stage that makes it, and its name links there.
        """
        starts, height = self.starts, LANE * (max(node.lane for node in self.nodes) + 1)
        width = CELL * (self.width + 1)
        above = 10  # space for the makers' names above the first lane

        def y(lane: int) -> float:
            return LANE * (lane + 0.5)

        drawn = ""
        for before, end, node in self.arrows():
            x, start = CELL * (self.turn(node) + 0.5), starts[node.column]
            tip = CELL * start - 4
            drawn += (
                f'<path d="M{CELL * (end + 0.4):g} {y(before.lane):g}H{x:g}V{y(node.lane):g}'
                f'H{tip - 4}"/><path class="tip" d="M{tip - 6} {y(node.lane) - 3:g}l6 3-6 3z"/>'
            )
        for node in self.nodes:
            start = CELL * starts[node.column]
            if node.of:
                drawn += (
                    f'<text class="by" x="{start - 1.5 * CELL:g}" y="{y(node.lane) - 4:g}" '
                    f'text-anchor="end">{escape(node.by)}</text>'
                )
            drawn += (
                f'<a href="#stage-{stages[node.key]}" data-a="{node.key}">'
                f'<rect x="{start - 3}" y="{y(node.lane) - 9:g}" '
                f'width="{CELL * columns(node.name) + 6}" height="18" rx="4"/>'
                f'<text x="{start}" y="{y(node.lane) + 4:g}">{lowered(node.name)}</text></a>'
            )
        return (
            f'<svg width="{width + 4}" height="{height + above}" '
            f'viewBox="-4 {-above} {width + 4} {height + above}" '
            f'role="group" aria-label="{escape(label)}">'
            f"{drawn}</svg>"
        )


def lowered(name: str) -> str:
    """The name as SVG text, with its subscript: θ_d."""
    letter, _, index = name.partition("_")
    low = f'<tspan class="low" dy="3">{escape(index)}</tspan>' if index else ""
    return escape(letter) + low


# ── the drawings of the two steps: who makes what is E31 and E32, and the penalty's E46 ─────────


def graph_of_d(
    key: str,
    on_x: Sequence[Place],
    on_z: Sequence[Place],
    on_G: Sequence[Place],
    value: Value,
    penalties: Sequence[PenaltyPasses],
) -> Graph:
    """Data and samples through D to Ṽ, and back to θ_d."""
    x, z, samples = on_x[0].key, on_z[0].key, on_z[-1].key
    a, b = on_x[-1].key, on_G[-1].key
    up, step = f"{key}-g", f"{key}-theta-new"
    nodes = [
        Node("x", x, "", 0, 0),
        Node("z", z, "", 0, 2),
        Node("G(z)", samples, "G", 1, 2, (z,)),
        Node("a(x)", a, "D", 2, 0, (x,)),
        Node("a(G(z))", b, "D", 2, 2, (samples,)),
        Node(value.name, f"{b}-V", value.label, 3, 1, (a, b)),
        Node("da(x)", f"{a}-slope", "E33", 4, 0, (f"{b}-V",)),
        Node("da(G(z))", f"{b}-slope", "E33", 4, 2, (f"{b}-V",)),
    ]
    of: tuple[str, ...] = (f"{a}-slope", f"{b}-slope")
    name = "∇Ṽ"
    for n, penalty in enumerate(penalties):
        j, lane = "" if len(penalties) == 1 else n + 1, 4 + 2 * n
        points, slope, gp = penalty.keys(f"{key}-R{j}")
        nodes += [
            Node("x̂", points, "", 2, lane),
            Node("g", slope, "D", 3, lane, (points,)),
            Node(f"∇GP{j}", gp, "E46", 4, lane, (slope,)),
        ]
        name, of = "∇(Ṽ − GP)", (*of, gp)
    nodes += [Node(name, up, "D", 5, 1, of), Node("θ_d", step, "E31", 6, 1, (up,))]
    return Graph(tuple(nodes))


def graph_of_g(
    key: str,
    on_x: Sequence[Place] | None,
    on_z: Sequence[Place],
    on_G: Sequence[Place],
    value: Value,
    cost: Cost | None = None,
) -> Graph:
    """Fresh samples through the new D to Ṽ_g, and back through D and G to θ_g. A cost of G depends
    on the samples too.
    """
    z, samples, b = on_z[0].key, on_z[-1].key, on_G[-1].key
    name = "∇Ṽ_g"
    of: tuple[str, ...] = (f"{samples}-slope",)
    paid: tuple[Node, ...] = ()
    if cost is not None:
        name, of = "∇(Ṽ_g + C)", (*of, f"{key}-C-x")
        paid = (Node("∂C/∂x", f"{key}-C-x", "E55", 5, 1 if on_x is None else 2, (samples,)),)
    chain = (
        Node("z", z, "", 0, 0),
        Node("G(z)", samples, "G", 1, 0, (z,)),
        Node("a(G(z))", b, "D", 2, 0, (samples,)),
        Node(value.name, f"{b}-V", value.label, 3, 0, (b,)),
        Node("da(G(z))", f"{b}-slope", "E33", 4, 0, (f"{b}-V",)),
        Node("dG(z)", f"{samples}-slope", "D", 5, 0, (f"{b}-slope",)),
        Node(name, f"{key}-g", "G", 6, 0, of),
        Node("θ_g", f"{key}-theta-new", "E32", 7, 0, (f"{key}-g",)),
    )
    if on_x is None:
        return Graph((*chain, *paid))
    x, a = on_x[0].key, on_x[-1].key
    data = (Node("x", x, "", 0, 1), Node("a(x)", a, "D", 2, 1, (x,)))
    compared = replace(chain[3], of=(b, a))
    return Graph((*chain[:3], *data, compared, *chain[4:], *paid))

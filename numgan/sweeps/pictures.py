"""The pictures of a sweep: the samples of every run side by side, and their curves."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numgan.sweeps.cells import Cell, label

MOST_SEEDS = 10  # pictures in the line of a combination
MOST_COLOURS = 10  # of lines, before they begin anew
WIDE = 5  # pictures in a line, if there is one combination


def rows_of(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """The runs of each combination, in their order."""
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(label(cell.choices) or "all seeds", []).append(cell)
    return rows


def lines_of(cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    """The lines of pictures, each with its name, "" for a single combination."""
    rows = rows_of(cells)
    if len(rows) > 1:
        return [(name, line[:MOST_SEEDS]) for name, line in rows.items()]
    (line,) = rows.values()
    return [("", line[i : i + WIDE]) for i in range(0, len(line), WIDE)]


def png(figure: Any) -> bytes:
    """A figure as a file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100, bbox_inches="tight", metadata={"Software": None})
    return memory.getvalue()


def samples_picture(cells: Sequence[Cell], folder: Path) -> bytes:
    """`samples.png` of the runs: one line for each combination, one column for each seed. The seeds
    of a single combination take as many lines as they need.
    """
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    lines = lines_of(cells)
    wide = max(len(line) for _, line in lines)
    side = min(3.4, max(1.7, 8.5 / wide))  # inches
    size = (side * wide + 0.4, (side + 0.2) * len(lines))
    figure = Figure(figsize=size, layout="constrained")
    parts = figure.subfigures(len(lines), 1, squeeze=False)[:, 0]
    for (name, line), part in zip(lines, parts, strict=True):
        if name:
            part.suptitle(name, x=0.01, ha="left", fontsize=9)
        axes = part.subplots(1, wide, squeeze=False)[0]
        for axis in axes:
            axis.set_axis_off()
        for cell, axis in zip(line, axes, strict=False):
            path = folder / cell.name / "samples.png"
            if path.exists():
                axis.imshow(imread(path))
            else:
                axis.text(0.5, 0.5, "no run", ha="center", va="center", transform=axis.transAxes)
            axis.set_title(f"seed {cell.seed}", fontsize=8)
    return png(figure)


def curve(folder: Path) -> tuple[str, np.ndarray, np.ndarray]:
    """The name of a run's metric, and its values at the steps where it was measured."""
    with open(folder / "metrics.csv", encoding="utf-8", newline="") as file:
        header, *lines = list(csv.reader(file))
    values = np.array([[float(line[0]), float(line[-1])] for line in lines]).reshape(-1, 2)
    values = values[~np.isnan(values[:, 1])]
    return header[-1], values[:, 0], values[:, 1]


def curves_picture(cells: Sequence[Cell], folder: Path) -> bytes:
    """The metric of every run over its steps: one panel for each combination, one line for each
    seed.
    """
    from matplotlib.figure import Figure

    rows = rows_of(cells)
    wide = min(3, len(rows))
    high = -(-len(rows) // wide)
    size = (4.2 * wide, 2.9 * high) if len(rows) > 1 else (8.4, 4.2)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(high, wide, squeeze=False, sharex=True, sharey=True).ravel()
    for axis in grid[len(rows) :]:
        axis.set_axis_off()
    for (name, line), axis in zip(rows.items(), grid, strict=False):
        for cell in line:
            if (folder / cell.name / "metrics.csv").exists():
                metric, steps, values = curve(folder / cell.name)
                axis.plot(steps, values, lw=1, alpha=0.8, label=f"seed {cell.seed}")
                axis.set_ylabel(metric)
        if len(rows) == 1 and 0 < len(axis.lines) <= MOST_COLOURS:
            axis.legend(fontsize=7, ncols=2)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("step")
        axis.grid(alpha=0.2)
    return png(figure)

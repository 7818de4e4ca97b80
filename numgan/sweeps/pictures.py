"""The pictures of a sweep: the samples of every run side by side, and their curves."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numgan.sweeps.cells import Cell, label

MOST_SEEDS = 10  # pictures in a line


def rows_of(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """The runs of each combination, in their order."""
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(label(cell.choices) or "all seeds", []).append(cell)
    return rows


def png(figure: Any) -> bytes:
    """A figure as a file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100, bbox_inches="tight", metadata={"Software": None})
    return memory.getvalue()


def samples_picture(cells: Sequence[Cell], folder: Path) -> bytes:
    """`samples.png` of every run: one line for each combination, one column for each seed."""
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    rows = rows_of(cells)
    wide = min(MOST_SEEDS, max(map(len, rows.values())))
    figure = Figure(figsize=(1.7 * wide + 0.4, 1.9 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), wide, squeeze=False)
    for (name, line), axes in zip(rows.items(), grid, strict=True):
        for axis in axes:
            axis.set_axis_off()
        for cell, axis in zip(line[:wide], axes, strict=False):
            path = folder / cell.name / "samples.png"
            if path.exists():
                axis.imshow(imread(path))
            else:
                axis.text(0.5, 0.5, "no run", ha="center", va="center", transform=axis.transAxes)
            axis.set_title(f"seed {cell.seed}", fontsize=8)
        axes[0].text(0, 1.16, name, transform=axes[0].transAxes, fontsize=9, ha="left", va="bottom")
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
    figure = Figure(figsize=(4.2 * wide, 2.9 * high), layout="constrained")
    grid = figure.subplots(high, wide, squeeze=False, sharex=True, sharey=True).ravel()
    for axis in grid[len(rows) :]:
        axis.set_axis_off()
    for (name, line), axis in zip(rows.items(), grid, strict=False):
        for cell in line:
            if (folder / cell.name / "metrics.csv").exists():
                metric, steps, values = curve(folder / cell.name)
                axis.plot(steps, values, lw=1, alpha=0.8)
                axis.set_ylabel(metric)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("step")
        axis.grid(alpha=0.2)
    return png(figure)

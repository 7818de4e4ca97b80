"""Pictures of a table's samples over its rows: every column alone, and the pairs that depend most
on each other. In the data's own units.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.columns import Column, Columns
from numgan.study.plots import figure, png

MOST, PAIRS, ACROSS, BARS = 16, 8, 4, 30  # columns, pairs, pictures in a line, bars
POINTS = 600  # of each side, so that samples do not hide the rows behind them


def table_png(columns: Columns, real: Array, samples: Array, title: str) -> bytes:
    """Marginals above, pairs below, of rows (n, len(columns)) as they came."""
    drawing = table_figure(columns, real, samples, ("0.75", "C0"))
    drawing.suptitle(title, fontsize=10)
    return png(drawing)


def table_figure(columns: Columns, real: Array, samples: Array, colours: tuple[str, str]) -> Any:
    """The same as a figure, real rows in the first colour and samples in the second."""
    shown = [j for j, column in enumerate(columns.columns) if column.width][:MOST]
    pairs = strongest(columns, real, shown)
    lines = ceil(len(shown) / ACROSS), ceil(len(pairs) / ACROSS)
    drawing = figure(2.4 * ACROSS, 2.0 * sum(lines) + 0.4)
    grid = drawing.add_gridspec(sum(lines), ACROSS)
    for n, j in enumerate(shown):
        axes = drawing.add_subplot(grid[divmod(n, ACROSS)])
        marginal(axes, columns.columns[j], real[:, j], samples[:, j], colours)
        if n == 0:
            axes.legend(fontsize=7, loc="best")
    for n, (i, j) in enumerate(pairs):
        row, place = divmod(n, ACROSS)
        axes = drawing.add_subplot(grid[lines[0] + row, place])
        for rows, colour, size in zip((real, samples), colours, (5, 2.5), strict=True):
            some = rows[:POINTS]
            axes.plot(some[:, i], some[:, j], ".", color=colour, markersize=size, markeredgewidth=0)
        axes.set(xlabel=short(columns.columns[i].name), ylabel=short(columns.columns[j].name))
    for axes in drawing.axes:
        axes.tick_params(labelsize=6)
        axes.xaxis.label.set_size(8)
        axes.yaxis.label.set_size(8)
    return drawing


def marginal(
    axes: Any, column: Column, real: Array, samples: Array, colours: tuple[str, str]
) -> None:
    """One column: bars of its categories, or a histogram over the middle 99 % of the data."""
    names = ("data", "G(z)")
    if column.kind == "category":
        k = np.arange(len(column.levels))
        for side, colour, name, shift in zip(
            (real, samples), colours, names, (-0.2, 0.2), strict=True
        ):
            shares = (side[:, None] == column.levels).mean(0)
            axes.bar(k + shift, shares, 0.4, color=colour, label=name)
        labels = [short(str(column.cell(level)), 8) for level in column.levels]
        axes.set_xticks(k[:MOST], labels[:MOST])
    else:
        low, high = np.quantile(real, [0.005, 0.995])
        edges = np.linspace(low, high if high > low else low + 1, bars(column, low, high) + 1)
        axes.hist(real, edges, density=True, color=colours[0], label=names[0])
        axes.hist(
            samples,
            edges,
            density=True,
            histtype="step",
            color=colours[1],
            linewidth=1.3,
            label=names[1],
        )
    axes.set_yticks([])
    axes.set_xlabel(short(column.name))


def bars(column: Column, low: float, high: float) -> int:
    """How many bars: no more than the steps that the column's decimals have."""
    if column.decimals is None:
        return BARS
    return int(np.clip(round((high - low) * 10**column.decimals), 1, BARS))


def strongest(columns: Columns, real: Array, shown: list[int]) -> list[tuple[int, int]]:
    """The pairs of columns whose ranks are correlated most among real rows, of numbers alone."""
    told = [j for j in shown if columns.columns[j].kind != "category"]
    if len(told) < 2:
        return []
    ranks = np.stack([columns.columns[j].forward(real[:, j])[:, 0] for j in told], 1)
    size = abs(np.corrcoef(ranks.T + 1e-12 * np.arange(len(real))))
    pairs = [(size[a, b], told[a], told[b]) for a in range(len(told)) for b in range(a)]
    return [(j, i) for _, i, j in sorted(pairs, reverse=True)[:PAIRS]]


def short(name: str, n: int = 22) -> str:
    """A name that fits."""
    return name if len(name) <= n else name[: n - 1] + "…"

"""A chapter's figure as slides: 16:9, one panel on each, drawn anew with large type.

The sheet is small, 7.2 inches wide, and has many dots to the inch: so the same type is large on it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from operator import methodcaller
from typing import Any

WIDTH, HEIGHT, DOTS = 7.2, 4.05, 1920  # inches, inches, dots across
PAD = 0.12  # inches above and below a panel
SMALLEST = 9.5  # points of type
TITLE, LEGEND = 82, 104  # characters that fit in a line
Places = dict[Any, Any]  # where in its grid each axes stood on the figure
X_NAME, Y_NAME = methodcaller("get_xlabel"), methodcaller("get_ylabel")


def slides(drawing: Any, groups: Sequence[Sequence[int]] | None = None):
    """Turn the figure into one slide after the other; yields once for each, when it can be saved.

    A panel is an axes with its twins and colour bars. `groups` are the panels on each slide, by
    their number in reading order; without it every panel has its own.
    """
    places = {axes: axes.get_subplotspec() for axes in drawing.axes if not is_bar(axes)}
    panels = panels_of(places)
    drawing.set_size_inches(WIDTH, HEIGHT)
    drawing.get_layout_engine().set(h_pad=PAD)  # for the labels of square pictures
    drawing.suptitle(textwrap.fill(drawing.get_suptitle(), TITLE), fontsize=11)
    alone = [axes.get_legend() for axes in places if is_empty(axes)]
    for legend in [*drawing.legends, *filter(None, alone)]:
        lay_out(drawing, legend)
    for axes in drawing.axes:
        enlarge(axes)
    for group in groups or [(n,) for n in range(len(panels))]:
        show(drawing, places, [axes for n in group for axes in panels[n]])
        yield


def is_bar(axes: Any) -> bool:
    """Whether the axes is a colour bar."""
    return hasattr(axes, "_colorbar")


def is_empty(axes: Any) -> bool:
    """Whether nothing is drawn in the axes but, perhaps, a legend."""
    return not (axes.has_data() or axes.texts)


def panels_of(places: Places) -> list[list[Any]]:
    """The panels: lists of the axes that share a place, in reading order, without empty ones."""
    panels: dict[tuple[int, int], list[Any]] = {}
    for axes, place in places.items():
        panels.setdefault((place.rowspan.start, place.colspan.start), []).append(axes)
    return [panel for _, panel in sorted(panels.items()) if not all(map(is_empty, panel))]


def show(drawing: Any, places: Places, shown: list[Any]) -> None:
    """Hide all axes but these, and lay them out on the whole sheet."""
    from matplotlib.gridspec import GridSpec

    rows = sorted({r for axes in shown for r in places[axes].rowspan})
    columns = sorted({c for axes in shown for c in places[axes].colspan})
    old = places[shown[0]].get_gridspec()
    grid = GridSpec(
        len(rows),
        len(columns),
        figure=drawing,
        height_ratios=[old.get_height_ratios()[r] for r in rows],
        width_ratios=[old.get_width_ratios()[c] for c in columns],
    )
    for axes in drawing.axes:
        visible = axes in shown
        if is_bar(axes):
            bar = axes._colorbar_info
            parents = bar.setdefault("all parents", bar["parents"])
            visible = any(parent in shown for parent in parents)
            bar["parents"] = [parent for parent in parents if parent in shown] or parents
        axes.set_visible(visible)
        axes.set_in_layout(visible)
    for axes in shown:
        down = [rows.index(r) for r in places[axes].rowspan]
        across = [columns.index(c) for c in places[axes].colspan]
        axes.set_subplotspec(grid[down[0] : down[-1] + 1, across[0] : across[-1] + 1])
        label(axes, places, across[0] == 0, down[-1] == len(rows) - 1)


def label(axes: Any, places: Places, first: bool, last: bool) -> None:
    """Give an axes at an edge the numbers and the name that it left to its neighbours: those in
    its row or column that have the same limits."""
    side = axes.yaxis.get_label_position()
    row = [
        other
        for other, place in places.items()
        if place.rowspan == places[axes].rowspan
        and other.yaxis.get_label_position() == side
        and other.get_ylim() == axes.get_ylim()
    ]
    column = [
        other
        for other, place in places.items()
        if place.colspan == places[axes].colspan and other.get_xlim() == axes.get_xlim()
    ]
    if first:
        axes.tick_params(**{f"label{side}": True})
        axes.set_ylabel(axes.get_ylabel() or next(filter(None, map(Y_NAME, row)), ""))
    if last:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(axes.get_xlabel() or next(filter(None, map(X_NAME, column)), ""))


def lay_out(drawing: Any, legend: Any) -> None:
    """The figure's legend anew, in columns that the sheet has room for."""
    handles = legend.legend_handles
    names = [text.get_text() for text in legend.get_texts()]
    columns = max(1, min(len(names), LEGEND // (max(map(len, names)) + 6)))
    legend.remove()
    drawing.legend(handles, names, loc="outside lower center", ncols=columns)


def enlarge(axes: Any) -> None:
    """No type smaller than SMALLEST."""
    legend = axes.get_legend()
    words = [*axes.texts, axes.title, *(legend.get_texts() if legend else ())]
    for text in words:
        text.set_fontsize(max(text.get_fontsize(), SMALLEST))

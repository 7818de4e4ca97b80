"""What a notebook shows of an object: a small table, and pictures that the text itself contains.

Pages of a run are made in report/; this is for a cell. An object's `_repr_html_` calls it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numgan.data import Dataset
    from numgan.game import Game
    from numgan.network import Network
    from numgan.run.run import Run

ROWS = 6  # of data that are shown, and as many columns twice


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    marked: Sequence[str] = (),
    caption: str = "",
) -> str:
    """Rows of text with a head; the rows whose first cell is `marked` stand out.

    >>> table(["", "value"], [["η", "< 1"]])  # doctest: +ELLIPSIS
    '<table>...<th scope="row">η</th><td>&lt; 1</td>...</table>'
    """

    def row(first: str, *others: str) -> str:
        kind = ' class="chosen"' if first in marked else ""
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        return f'<tr{kind}><th scope="row">{escape(first)}</th>{cells}</tr>'

    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    title = f"<caption>{escape(caption)}</caption>\n" if caption else ""
    body = "\n".join(row(*cells) for cells in rows)
    return f"<table>\n{title}<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def address(image: bytes) -> str:
    """data:image/png;base64,…

    >>> address(b"PNG")
    'data:image/png;base64,UE5H'
    """
    return "data:image/png;base64," + base64.b64encode(image).decode()


def image(png: bytes, says: str) -> str:
    """A picture in the text; `says` is read out where it cannot be seen.

    >>> image(b"PNG", "a run")
    '<img src="data:image/png;base64,UE5H" alt="a run" style="max-width: 100%">'
    """
    return f'<img src="{address(png)}" alt="{escape(says)}" style="max-width: 100%">'


def of_network(network: Network, name: str = "") -> str:
    """A row a layer: its output, (N, …), and how many parameters it has.

    >>> from numgan import Dense, Network
    >>> net = Network([Dense(2, 1)], (2,))
    >>> "<td>(N, 1)</td><td>3</td>" in of_network(net)
    True
    """
    from numgan.network import batch_shape_text

    rows = [("", "input", batch_shape_text(network.input_shape), "")]
    for number, (layer, shape) in enumerate(zip(network.layers, network.shapes[1:], strict=True)):
        count = sum(prod(s) for s in layer.parameters().values())
        rows.append(
            (str(number), str(layer), batch_shape_text(shape), f"{count:,}" if count else "–")
        )
    rows.append(("", "total", "", f"{network.size:,}"))
    return table(("", "layer", "output", "parameters"), rows, caption=name)


def of_game(game: Game) -> str:
    """The objective and the penalty, and both networks.

    >>> from numgan import OBJECTIVES, Dense, Game, Network
    >>> net = Network([Dense(1, 1)], (1,))
    >>> "minimax" in of_game(Game(net, net, OBJECTIVES["minimax"]))
    True
    """
    rows = [("objective", f"{game.objective.name}: {game.objective.says}")]
    rows.append(("penalty of D", "none" if game.penalty is None else game.penalty.name))
    if game.cost is not None:
        rows.append(("cost of G", game.cost.name))
    return table(("", "game"), rows) + of_network(game.G, "G") + of_network(game.D, "D")


def of_dataset(data: Dataset) -> str:
    """What the data are, and a look at a few: rows in their units, or images.

    >>> from numgan.data import dataset
    >>> "drawn afresh" in of_dataset(dataset("ring"))
    True
    """
    count = "drawn afresh" if data.rows is None else f"{data.rows:,} rows"
    facts = [("samples", count), ("shape of one", str(data.image_shape or (data.dim,)))]
    if data.classes is not None:
        facts.append(("classes", ", ".join(map(str, data.classes[: 2 * ROWS]))))
    facts += data.account
    return table(("", "data"), facts) + look(data)


def look(data: Dataset) -> str:
    """A few of the data: a sheet of images, or a table of rows with the names of the columns."""
    if data.image_shape is not None:
        from numgan.study.plots import samples_png

        images = data.peek(4 * ROWS)
        return image(samples_png(images, images, data.image_shape), "some of the images")
    x = data.stored(data.peek(ROWS))[:, : 2 * ROWS]
    form = data.form
    names = form.names if form is not None and form.names else None
    head = [names[j] if names else f"column {j + 1}" for j in range(x.shape[1])]
    rows = [[str(n), *(f"{value:.5g}" for value in row)] for n, row in enumerate(x.tolist())]
    return table(["", *head], rows, caption="a few of them")


def of_run(run: Run) -> str:
    """Where a run stands, by what it recorded last, over its samples and curves."""
    from numgan.run.picture import plot_png

    config, columns = run.config, run.columns()
    rows = [
        ("step", f"{run.training.iterations:,} of {config.steps:,}"),
        ("objective", config.objective + (f", {config.penalty}" if config.penalty else "")),
        ("seed", str(config.seed)),
        ("folder", "none: in memory" if run.folder is None else str(run.folder)),
    ]
    for name in ("V", "D_real", "D_fake", run.metric):
        known = columns[name][~np.isnan(columns[name])]
        rows.append((name, f"{known[-1]:.4g}" if len(known) else "–"))
    picture = image(plot_png(run), "samples, and the curves of both players")
    return table(("", repr(run)[1:-1]), rows) + picture


def of_summary(summary: Any) -> str:
    """What was reached beside the optimum, as `Summary.rows` gives it."""
    return table(("", "reached", "at the optimum"), summary.rows())

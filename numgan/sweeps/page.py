"""A sweep as one HTML page that is complete in itself."""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from numgan.report.style import STYLE
from numgan.sweeps.cells import Cell
from numgan.sweeps.table import Table, columns, estimate_text, optimum_line, spread_lines


def page(found: Table, title: str, command: Sequence[str], pictures: dict[str, bytes]) -> str:
    """The table, the differences, the runs that failed, and the pictures by their captions."""
    figures = "".join(
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,'
        f'{b64encode(picture).decode()}"><figcaption>{escape(caption)}</figcaption></figure>'
        for caption, picture in pictures.items()
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>numgan: {escape(title)}</title>
<style>{STYLE}
.wide {{ overflow-x: auto }} .wide :is(td, th) {{ white-space: nowrap }}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<pre class="command">{escape(shlex.join(command))}</pre>
{means_and_differences(found) if len(found.rows) > 1 else seeds_table(found)}
<h2>Every run</h2>
{runs_table(found)}
<h2>Pictures</h2>
{figures}
</body>
</html>
"""


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; its cells are HTML already, and the first of each row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="table"><table><thead><tr>{top}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


def seeds_table(found: Table) -> str:
    """Of a single combination: the mean over the seeds, its standard error, the least and the
    greatest.
    """
    (row,) = found.rows
    lines = [*spread_lines(row, columns(found)), optimum_line(found)]
    total = len(row.runs) + len(row.failed)
    return f"<h2>Over the seeds, {len(row.runs)} of {total} done</h2>" + html_table(
        ["", *map(escape, columns(found))], lines
    )


def means_and_differences(found: Table) -> str:
    """Of several combinations: their means, and their differences from the first."""
    nearest = "nearest to real data" if found.by in found.optima else "least"
    return f"""<h2>Over the seeds</h2>
<p>Mean ± standard error; the {nearest} in {escape(found.by)} comes first.</p>
{means_table(found)}
<h2>Minus the first, {escape(found.rows[0].name)}, on the same seeds</h2>
{differences_table(found)}"""


def means_table(found: Table) -> str:
    """The means of each row's metrics, with their standard errors, as a table of HTML."""
    rows = []
    for row in found.rows:
        spreads = [row.spread(m) for m in columns(found)]
        total = len(row.runs) + len(row.failed)
        cells = [estimate_text(s.mean, s.error) if s.n else "–" for s in spreads]
        rows.append([escape(row.name), f"{len(row.runs)} of {total}", *cells])
    real, *optima = optimum_line(found)
    return html_table(["", "runs", *map(escape, columns(found))], [*rows, [real, "", *optima]])


def differences_table(found: Table) -> str:
    """The difference of each row from the first, seed by seed, as a table of HTML."""
    rows = []
    for row in found.rows[1:]:
        gaps = [found.difference(row, m) for m in columns(found)]
        rows.append(
            [escape(row.name), *[estimate_text(g.mean, g.error) if g.n else "–" for g in gaps]]
        )
    return html_table(["", *map(escape, columns(found))], rows)


def runs_table(found: Table) -> str:
    """One line for each run, with a link to its folder."""
    rows = []
    for row in found.rows:
        for seed in sorted(row.runs.keys() | row.failed.keys()):
            folder = Cell(row.choices, seed, {}).name
            link = f'<a href="{quote(folder)}/">{escape(folder)}</a>'
            if seed in row.failed:
                cells = [escape(row.failed[seed]), *[""] * len(columns(found))]
            else:
                run = row.runs[seed]
                cells = [
                    "done",
                    *[estimate_text(run[m]) if m in run else "–" for m in columns(found)],
                ]
            rows.append([link, *cells])
    return html_table(["", "", *map(escape, columns(found))], rows)

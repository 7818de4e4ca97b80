"""A sweep as one HTML page that is complete in itself."""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from numgan.report.style import STYLE
from numgan.sweeps.table import Table, columns, estimate_text, optimum_line


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
<h2>The runs</h2>
<p>Mean ± standard error over the seeds, the nearest to real data in {escape(found.by)} first.</p>
{means_table(found)}
{differences_table(found) if len(found.rows) > 1 else ""}
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
    return f"<h2>Less {escape(found.rows[0].name)}, on the same seeds</h2>" + html_table(
        ["", *map(escape, columns(found))], rows
    )


def runs_table(found: Table) -> str:
    """One line for each run, with a link to its folder."""
    rows = []
    for row in found.rows:
        for seed in sorted(row.runs.keys() | row.failed.keys()):
            folder = f"{row.name}/seed-{seed}" if row.choices else f"seed-{seed}"
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

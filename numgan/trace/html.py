"""A trace as one page that needs nothing else: stages that fold, and arrays that light up wherever
they appear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from numgan.trace.numbers import difference, entry, rows, shape, summary
from numgan.trace.opening import Opening
from numgan.trace.page import SCRIPT, STYLE
from numgan.trace.stage import Check, Line, Named, Stage, ending


def page(stages: Sequence[Stage], before: Opening, layer: str = "") -> str:
    """The HTML text. Of one layer alone where one is named."""
    above, networks, below = before
    numbered = [(n, stage) for n, stage in enumerate(stages, 1) if layer in ("", stage.layer)]
    parts = [(part, list(told)) for part, told in groupby(numbered, lambda pair: pair[1].part)]
    seen: set[str] = set()
    links, body = "", ""
    for p, (part, told) in enumerate(parts, 1):
        links += f'<a href="#part-{p}">{escape(part)}</a> '
        inside = "".join(stage_html(n, stage, seen) for n, stage in told)
        body += f'<section id="part-{p}"><h2>{escape(part)}</h2>\n{inside}</section>\n'
    verdict = "".join(
        f"<p class={'ok' if text[0] == '✓' else 'wrong'}>{escape(text)}</p>"
        for text in ending(stages)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>One iteration of Algorithm 1</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>One iteration of Algorithm 1, line by line</h1>
{paragraphs(above)}
<pre class="networks">{escape(chr(10).join(networks))}</pre>
{paragraphs(below)}
{verdict}
<p class="says">Point at the name of an array, or move to it with the Tab key: every place where
the same array appears lights up. Click or tap to keep it lit and to go from place to place.
Open a line with ✓ for all the other numbers.</p>
<nav>{links}</nav>
<p class="buttons"><button id="open">Open all</button> <button id="close">Fold all</button></p>
</header>
<main>
{body}</main>
<div id="bar" role="status" hidden><span id="told"></span>
<span><button id="back">‹ back</button> <button id="on">on ›</button>
<button id="off">let go</button></span></div>
<script>{SCRIPT}</script>
</body>
</html>
"""


def paragraphs(texts: Sequence[str]) -> str:
    """Each text a paragraph."""
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts)


def stage_html(n: int, stage: Stage, seen: set[str]) -> str:
    """One stage; `seen` are the arrays that have an id already, on the first of their places."""
    mark = "" if stage.ok else ' <span class="wrong">✗ differs</span>'
    equations = "".join(equation(line, stage.arrays) for line in stage.lines)
    says = "".join(f'<p class="says">{escape(remark)}</p>' for remark in stage.says if remark)
    arrays = "".join(figure(array, seen) for array in stage.arrays)
    sum_ = f'<p class="sum">{escape(stage.sum[0])}</p>' if stage.sum else ""
    checks = "".join(compared(check) for check in stage.checks)
    last = compared(stage.sum[1]) if stage.sum else ""
    return (
        f'<details open class="stage{"" if stage.ok else " differs"}" id="stage-{n}">'
        f'<summary><span class="number">{n}</span> {escape(stage.title)}{mark}</summary>'
        f'{equations}{says}<div class="arrays">{arrays}</div>'
        f"{moments(stage.table)}{checks}{sum_}{last}</details>\n"
    )


def equation(line: Line, arrays: Sequence[Named]) -> str:
    """Label, formula, file:line, code."""
    where, code = "", ""
    if line.source:
        where = f'<span class="where">{escape(line.source.file)}:{line.source.line}</span>'
        code = (
            f'<pre class="code">{escape(line.source.code)}</pre>'
            if line.formula not in line.source.code
            else ""
        )
    return (
        f'<div class="equation"><span class="label">{escape(line.label)}</span>'
        f'<span class="formula">{"".join(symbols(line.formula, arrays))}</span>{where}</div>{code}'
    )


def symbols(formula: str, arrays: Sequence[Named]) -> Iterator[str]:
    """The formula, in which the names of the stage's arrays are links to them.

    A name ends where no letter, prime or accent follows, so that x is not found in x̂, nor in dx;
    xᵀ is x.
    """
    by_name = {array.name: array for array in arrays}
    names = "|".join(map(re.escape, sorted(by_name, key=len, reverse=True))) or "(?!)"
    for n, text in enumerate(
        re.split(rf"(?<![A-Za-z0-9_])({names})(?![A-Za-z0-9_'′\u0300-\u036f])", formula)
    ):
        yield symbol(by_name[text]) if n % 2 else escape(text)


def symbol(array: Named) -> str:
    """The name of an array, a link to the first of its places."""
    return f'<a class="sym" href="#a-{array.key}" data-a="{array.key}">{escape(array.name)}</a>'


def figure(array: Named, seen: set[str]) -> str:
    """An array: its name, shape and numbers."""
    id_ = "" if array.key in seen else f' id="a-{array.key}"'
    seen.add(array.key)
    return (
        f'<figure{id_} data-a="{array.key}" data-name="{escape(array.name)}" '
        f'data-what="{escape(array.what)}">'
        f"<figcaption>{symbol(array)} {shape(array.value)}</figcaption>{grid(array.value)}</figure>"
    )


def grid(value) -> str:
    """The numbers of an array, or what is said of a large one."""
    entries = rows(value)
    if entries is None:
        return f"<table><tr><td>{summary(value)}</td></tr></table>"
    lines = ("".join(f"<td>{text}</td>" for text in row) for row in entries)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def moments(table: Sequence[Sequence[str]]) -> str:
    """The rows of an optimizer's step."""
    if not table:
        return ""
    (_, _, *heads), *body = table
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = ""
    for name, formula, *values in body:
        cells = "".join(f"<td>{value}</td>" for value in values)
        lines += f'<tr><th scope="row">{escape(name)}</th><td>{escape(formula)}</td>{cells}</tr>'
    return f'<table class="moments"><tr><td></td><td></td>{head}</tr>{lines}</table>'


def compared(check: Check) -> str:
    """Both numbers where they differ most; inside, all of the other's."""
    value, other = (entry(array, check.worst) for array in (check.value, check.other))
    opened, kind, mark = ("", "ok", "✓") if check.ok else (" open", "wrong", "✗")
    return (
        f'<details class="check"{opened}><summary class="{kind}">'
        f"{mark} {escape(check.where)} = {value} · {escape(check.by)}: {other} · "
        f"difference {difference(check.difference)}</summary>{grid(check.other)}</details>"
    )

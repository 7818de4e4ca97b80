"""A trace as one page that is complete in itself: stages that fold, drawings of the arrays, and
arrays that light up at all their places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from numgan.trace import formula
from numgan.trace.language import Say, speaker, spoken
from numgan.trace.numbers import difference, entry, rows, shape, summary
from numgan.trace.opening import Opening
from numgan.trace.page import SCRIPT, STYLE
from numgan.trace.stage import Check, Line, Named, Stage, ending, stage_numbers

LOW = re.compile(r"(?<=[θV\u1e7c])_([dgz])")


HOW = (
    "Point at the name of an array, or move to it with the Tab key: every place where the same "
    "array appears lights up. Click or tap to keep it lit and to go from place to place. Open a "
    "line with ✓ for all the other numbers."
)
KEYS = (
    "Keys: <kbd>n</kbd> next stage, <kbd>p</kbd> previous, <kbd>o</kbd> open all, <kbd>f</kbd> "
    "fold all, <kbd>Esc</kbd> let go."
)


def page(stages: Sequence[Stage], before: Opening, layer: str = "", language: str = "en") -> str:
    """The HTML text, in a language; only of one layer if one is named."""
    say = speaker(language)
    stages = spoken(stages, say)
    above, networks, below = (list(map(say, part)) for part in before)
    numbered = [(n, stage) for n, stage in enumerate(stages, 1) if layer in ("", stage.layer)]
    parts = [(part, list(inside)) for part, inside in groupby(numbered, lambda pair: pair[1].part)]
    seen: set[str] = set()
    numbers = stage_numbers(stages)
    links, body = "", ""
    for p, (part, inside) in enumerate(parts, 1):
        links += f'<a href="#part-{p}">{prose(part)}</a> '
        body += f'<section id="part-{p}"><h2>{prose(part)}</h2>\n'
        body += drawing(inside[0][1], numbers, say) if not layer else ""
        for heading, told in groupby(inside, lambda pair: pair[1].heading):
            body += f"<h3>{prose(heading)}</h3>\n" if heading else ""
            body += "".join(stage_html(n, stage, seen, say) for n, stage in told)
        body += "</section>\n"
    verdict = "".join(
        f"<p class={'ok' if text[0] == '✓' else 'wrong'}>{escape(text)}</p>"
        for text in map(say, ending(stages))
    )
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{say("One iteration of Algorithm 1")}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{say("One iteration of Algorithm 1, line by line")}</h1>
{paragraphs(above)}
<pre class="networks" tabindex="0">{escape(chr(10).join(networks))}</pre>
{paragraphs(below)}
{verdict}
<p class="says">{say(HOW)}</p>
<nav>{links}</nav>
<p class="buttons"><button id="open">{say("Open all")}</button>
<button id="close">{say("Fold all")}</button> <span class="keys">{say(KEYS)}</span></p>
</header>
<main>
{body}</main>
<div id="bar" role="status" data-one="{say("place")}" data-many="{say("places")}" hidden>
<span id="told"></span>
<span><button id="back">‹ {say("back")}</button> <button id="on">{say("on")} ›</button>
<button id="off">{say("let go")}</button></span></div>
<script>{SCRIPT}</script>
</body>
</html>
"""


def paragraphs(texts: Sequence[str]) -> str:
    """Each text as a paragraph."""
    return "\n".join(f"<p>{prose(text)}</p>" for text in texts)


def prose(text: str) -> str:
    """The text, escaped, with subscripts: θ_d, Ṽ_g."""
    return LOW.sub(r"<sub>\1</sub>", escape(text))


def drawing(stage: Stage, numbers: dict[str, int], say: Say) -> str:
    """The drawing of a step's arrays, if the step has one."""
    if stage.graph is None:
        return ""
    label = say("The arrays of this step, and who makes them")
    return f'<div class="drawing" tabindex="0">{stage.graph.svg(numbers, label)}</div>\n'


def stage_html(n: int, stage: Stage, seen: set[str], say: Say) -> str:
    """One stage. `seen` are the arrays that already have an id, at their first place."""
    mark = "" if stage.ok else f' <span class="wrong">{say("✗ differs")}</span>'
    equations = "".join(equation(line, stage.arrays) for line in stage.lines)
    says = "".join(f'<p class="says">{prose(remark)}</p>' for remark in stage.says if remark)
    arrays = "".join(figure(array, seen, say) for array in stage.arrays)
    sum_ = f'<p class="sum">{escape(stage.sum[0])}</p>' if stage.sum else ""
    checks = "".join(compared(check, say) for check in stage.checks)
    last = compared(stage.sum[1], say) if stage.sum else ""
    return (
        f'<details open class="stage{"" if stage.ok else " differs"}" id="stage-{n}">'
        f'<summary><span class="number">{n}</span> {prose(stage.title)}{mark}</summary>'
        f'{equations}{says}<div class="arrays">{arrays}</div>'
        f"{moments(stage.table)}{checks}{sum_}{last}</details>\n"
    )


def equation(line: Line, arrays: Sequence[Named]) -> str:
    """Label, formula, file:line, code."""
    where, code = "", ""
    if line.source:
        where = f'<span class="where">{escape(line.source.file)}:{line.source.line}</span>'
        if not line.is_code:
            code = f'<pre class="code">{escape(line.source.code)}</pre>'
    return (
        f'<div class="equation"><span class="label">{escape(line.label)}</span>'
        f"{line_html(line, arrays)}{where}</div>{code}"
    )


def line_html(line: Line, arrays: Sequence[Named]) -> str:
    """The formula, in which the names of the stage's arrays light them up: as MathML if the extra
    `book` is installed, else as text.
    """
    if line.is_code:
        return f"<code>{escape(line.formula)}</code>"
    if formula.available():
        parts = (formula.mathml(part, arrays) for part in line.formula.split(",   "))
        return f'<span class="formula" tabindex="0">{", &ensp; ".join(parts)}</span>'
    pieces = (
        prose(text) if array is None else symbol(array, text)
        for text, array in formula.split(line.formula, arrays)
    )
    return f'<span class="formula">{"".join(pieces)}</span>'


def symbol(array: Named, text: str = "") -> str:
    """The name of an array, or the text in its place, as a link to the array's first place."""
    name = prose(text or array.name)
    return f'<a class="sym" href="#a-{array.key}" data-a="{array.key}">{name}</a>'


def figure(array: Named, seen: set[str], say: Say) -> str:
    """An array: its name, shape and numbers."""
    id_ = "" if array.key in seen else f' id="a-{array.key}"'
    seen.add(array.key)
    return (
        f'<figure{id_} data-a="{array.key}" data-name="{escape(array.name)}" '
        f'data-what="{escape(array.what)}">'
        f"<figcaption>{symbol(array)} {shape(array.value)}</figcaption>"
        f"{grid(array.value, say)}</figure>"
    )


def grid(value, say: Say) -> str:
    """The numbers of an array, or the summary of a large one."""
    entries = rows(value)
    if entries is None:
        return f"<table><tr><td>{say(summary(value))}</td></tr></table>"
    lines = ("".join(f"<td>{text}</td>" for text in row) for row in entries)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def moments(table: Sequence[Sequence[str]]) -> str:
    """The rows of an optimizer's step."""
    if not table:
        return ""
    (_, _, *heads), *body = table
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = ""
    for name, said, *values in body:
        cells = "".join(f"<td>{value}</td>" for value in values)
        lines += f'<tr><th scope="row">{prose(name)}</th><td>{prose(said)}</td>{cells}</tr>'
    table = f"<table><tr><td></td><td></td>{head}</tr>{lines}</table>"
    return f'<div class="moments" tabindex="0">{table}</div>'


def compared(check: Check, say: Say) -> str:
    """Both numbers at the largest difference; unfolded, all numbers of the other means."""
    value, other = (entry(array, check.worst) for array in (check.value, check.other))
    opened, kind, mark = ("", "ok", "✓") if check.ok else (" open", "wrong", "✗")
    return (
        f'<details class="check"{opened}><summary class="{kind}">'
        f"{mark} {prose(check.where)} = {value} · {escape(check.by)}: {other} · "
        f"{say(f'difference {difference(check.difference)}')}</summary>"
        f"{grid(check.other, say)}</details>"
    )

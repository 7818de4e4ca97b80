"""A report as HTML: for each failure the picture of the error, the cause and the line of source;
below, everything in one table.

`of_report` is what a notebook shows, `page` the file of `numgan check --html`, which needs no other
file. All text that is not numgan's own is escaped.
"""

from __future__ import annotations

from html import escape

import numpy as np

from numgan.check.finding import Finding
from numgan.check.picture import extent, pictures, window
from numgan.check.place import Place
from numgan.check.report import COLUMNS, Report, cell, column_of, worst_at
from numgan.html import table

SOME = 10  # failures that a notebook shows in full,
MANY = 200  # and a page
NUMBERS = 8  # wrong entries whose numbers are listed

# Within .numgan-check alone: a notebook has a style of its own. Colours come from the text's own.
STYLE = """
.numgan-check { --rule: rgb(128 128 128 / .35); --box: rgb(128 128 128 / .1); line-height: 1.5 }
.numgan-check h3 { margin: 1.8rem 0 .4rem; font-size: 1.1rem; overflow-wrap: anywhere }
.numgan-check p { margin: .3rem 0; max-width: 46rem; overflow-wrap: anywhere }
.numgan-check .cause { font-weight: 600 }
.numgan-check .faint { opacity: .8; font-size: .9rem }
.numgan-check figcaption { font-size: .9rem }
.numgan-check .three { display: flex; flex-wrap: wrap; gap: 1rem 1.6rem; margin: .8rem 0 }
.numgan-check figure { margin: 0 }
.numgan-check svg { display: block; max-width: 100%; height: auto }
.numgan-check .bar { width: 7rem; height: .5rem; display: inline-block; margin: 0 .35rem;
  background: linear-gradient(90deg, rgb(33 102 172), rgb(247 247 247), rgb(178 24 43)) }
.numgan-check pre { background: var(--box); border-radius: .4rem; padding: .6rem .8rem;
  font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-x: auto; margin: .6rem 0 }
.numgan-check mark { background: rgb(255 170 0 / .35); color: inherit }
.numgan-check .wide { overflow-x: auto; max-width: 100%; margin: .6rem 0 }
.numgan-check .wide:focus-visible, .numgan-check pre:focus-visible { outline: 2px solid #2a78c8 }
.numgan-check table { border-collapse: collapse; font-variant-numeric: tabular-nums;
  font-size: .9rem }
.numgan-check th, .numgan-check td { padding: .2rem .9rem .2rem 0; text-align: left;
  border-bottom: 1px solid var(--rule); white-space: nowrap; font-weight: normal }
.numgan-check tr.chosen * { font-weight: 600 }
"""

PAGE = """
:root { color-scheme: light dark }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem; background: #fdfcfa;
  color: #1d2126; font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0 0 .4rem; font-size: 1.7rem; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { background: #16181b; color: #e4e2dd } }
@media print { .numgan-check pre { white-space: pre-wrap } }
"""


def page(report: Report, title: str) -> str:
    """The whole page."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{PAGE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
{of_report(report, MANY)}
</body>
</html>
"""


def of_report(report: Report, most: int = SOME) -> str:
    """The verdict; at most so many failures in full; what was not judged; the table of all.

    >>> from numgan.check import check_gradient
    >>> "1 failed" in of_report(Report([Finding("f", "dx", "complex step E48", "FAIL")]))
    True
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for f in report.failures:
        groups.setdefault((f.subject, f.parameter), []).append(f)
    # one with a picture first
    failures = sorted(groups.values(), key=lambda same: all(f.arrays is None for f in same))
    parts = [failure(same, report) for same in failures[:most]]
    if len(failures) > most:
        parts.append(f"<p>{len(failures) - most} more arrays failed: see the table.</p>")
    parts += [
        f"<h3>not judged: {heading(f)}</h3>\n<p>by {escape(f.method)}: {escape(f.note)}</p>"
        for f in report.unjudged[:most]
    ]
    return (
        f'<div class="numgan-check">\n<style>{STYLE}</style>\n'
        f"<p><strong>{escape(report.summary())}</strong></p>\n"
        f"{''.join(parts)}\n<h3>All that was checked</h3>\n{everything(report)}\n</div>"
    )


def heading(f: Finding) -> str:
    """What was checked, and which of its arrays."""
    return f"{escape(f.subject)} · {escape(f.parameter)}"


def failure(same: list[Finding], report: Report) -> str:
    """One array that failed, by one or more methods: cause, numbers, pictures, slopes, source."""
    f = next((each for each in same if each.arrays is not None), same[0])
    parts = [f"<h3>FAIL {heading(f)}</h3>"]
    if f.cause:
        parts.append(f'<p class="cause">likely cause: {escape(f.cause)}</p>')
    said = [f"by {f.method}"]
    if f.index or f.analytic or f.numeric:
        said += [
            f"{worst_at(f)}analytic {f.analytic:.12g}, numeric {f.numeric:.12g}",
            f"absolute error {f.absolute:.3g}, relative {f.relative:.3g}, "
            f"tolerance {f.tolerance:.2g} ({f.reason})",
        ]
    said += [f.note] if f.note else []
    said += [f"also by {g.method}: {g.note or f'{g.relative:.3g}'}" for g in same if g is not f]
    parts += [f"<p>{escape(text)}</p>" for text in [*said, *slopes(f, report)]]
    if f.arrays is not None and f.arrays.wrong.size > 1:
        parts += [three(f), numbers(f)]
    if f.place is not None:
        parts.append(source(f.place))
    return "\n".join(parts)


def slopes(f: Finding, report: Report) -> list[str]:
    """The order of the Taylor remainder along a line through this array, where one was taken."""
    if f.parameter.startswith("R"):
        return []
    return [
        f"Taylor remainder E49 along {g.parameter}: {g.note}; a right slope has order 2, a wrong 1"
        for g in report
        if "E49" in g.method
        and g.subject == f.subject
        and ", " in g.parameter  # of this array alone it is among the “also by”
        and "order" in g.note
    ]


def three(f: Finding) -> str:
    """Analytic, numeric and difference side by side."""
    assert f.arrays is not None
    shape = f.arrays.wrong.shape
    drawn = extent(window(shape, f.arrays.worst), shape)
    of_some = "of the entries that were chosen; " if f.arrays.worst != f.index else ""
    count = int(f.arrays.wrong.sum())
    figures = "".join(
        f"<figure>{drawing}<figcaption>{name}<br>−{scale:.3g}"
        f'<span class="bar" aria-hidden="true"></span>{scale:.3g}</figcaption></figure>'
        for name, drawing, scale in pictures(f.arrays)
    )
    says = f"{count} of {f.arrays.wrong.size} entries are wrong, framed"
    where = f"; drawn: {drawn}" if drawn else f"; shape {shape}"
    lost = "" if all(np.isfinite(x).all() for x in f.arrays[:2]) else "; grey: not finite"
    return (
        f'<div class="three">{figures}</div><p class="faint">{escape(of_some + says + where)}'
        f"{lost}</p>"
    )


def numbers(f: Finding) -> str:
    """The wrong entries that are farthest off, number by number."""
    assert f.arrays is not None
    a, n, wrong, worst = f.arrays
    with np.errstate(all="ignore"):
        error = np.where(wrong, np.nan_to_num(np.abs(a - n), nan=np.inf), -1)
        ratio = np.divide(a, n)
    far = np.argsort(-error, axis=None, kind="stable")[: min(NUMBERS, int(wrong.sum()))]
    index = [np.unravel_index(int(k), wrong.shape) for k in far]
    moved = len(worst) != len(f.index) or worst != f.index
    rows = [
        (
            ("chosen " if moved else "") + str([int(i) for i in at]),
            f"{a[at]:.9g}",
            f"{n[at]:.9g}",
            f"{a[at] - n[at]:.3g}",
            f"{ratio[at] + 0.0:.6g}" if np.isfinite(ratio[at]) else "–",
        )
        for at in index
    ]
    head = ("entry", "analytic", "numeric", "difference", "ratio")
    return scrolls(table(head, rows), f"the worst entries of {f.parameter}")


def source(place: Place) -> str:
    """The lines of source around a place, the one of it marked."""
    lines = []
    for number, text in enumerate(place.lines, place.first):
        line = f"{number:5}  {escape(text)}"
        lines.append(f"<mark>{line}</mark>" if number == place.line else line)
    where = escape(str(place))
    code = "\n".join(lines)
    return (
        f'<p class="faint">computed at {where}</p>\n'
        f'<pre tabindex="0" role="region" aria-label="{where}">{code}</pre>'
    )


def everything(report: Report) -> str:
    """One row for each object: how many comparisons, and the worst error by each method."""
    objects: dict[str, list[Finding]] = {}
    for f in report:
        objects.setdefault(f.subject, []).append(f)
    columns = [c for c in COLUMNS if any(column_of(f) == c for f in report)]
    failed = [name for name, of_it in objects.items() if any(f.failed for f in of_it)]
    rows = []
    for name, of_it in objects.items():
        verdicts = [f.verdict for f in of_it]
        worst = next((v for v in ("FAIL", "not judged") if v in verdicts), "ok")
        cells = [cell([f for f in of_it if column_of(f) == c], c) for c in columns]
        rows.append((name, worst, f"{verdicts.count('ok')} of {len(of_it)}", *cells))
    head = ("object", "verdict", "passed", *columns)
    note = '<p class="faint">By each method the worst relative error; E49: the least order.</p>'
    return scrolls(table(head, rows, failed), "all that was checked") + note


def scrolls(content: str, says: str) -> str:
    """A region that scrolls sideways, also by keyboard."""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(says)}">{content}</div>'
    )

"""What a set of checks found: in words, as a table, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from math import isfinite

from numgan.check.finding import Finding

# A column of the table and the methods that it takes: the first column whose word stands in the
# method's name.
COLUMNS = {
    "R E48": "R-pass, complex",
    "E48": "E48",
    "E47": "E47",
    "E49": "E49",
    "E50": "E50",
    "float32": "float32",
    "extended": "extended",
    "conduct": "",
}


@dataclass(frozen=True, repr=False)
class Report:
    """Findings, and whether all is well: nothing failed, all that should be was judged, and
    something passed.
    """

    findings: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def failures(self) -> list[Finding]:
        return [f for f in self.findings if f.failed]

    @property
    def unjudged(self) -> list[Finding]:
        return [f for f in self.findings if f.verdict == "not judged"]

    @property
    def ok(self) -> bool:
        return (
            not self.failures
            and not self.unjudged
            and any(f.verdict == "ok" for f in self.findings)
        )

    @property
    def status(self) -> int:
        """The exit status: 0 all passed, 1 something failed, 3 nothing failed and something was not
        judged.
        """
        return 0 if self.ok else 1 if self.failures else 3

    def worst(self, column: str) -> float:
        """The largest relative error in one column of the table; 0 where it is empty."""
        return max((f.relative for f in self.findings if column_of(f) == column), default=0.0)

    def __str__(self) -> str:
        """Every failure and everything that could not be said, in full;
        then one line on the whole."""
        told: list[str] = []
        # (object, parameter) → where in `told` its failure is described
        blamed: dict[tuple[str, str], int] = {}
        for f in self.findings:
            key = f.subject, f.parameter
            if f.failed and key in blamed:
                told[blamed[key]] += (
                    f"\n        also by {f.method}: {f.note or f'relative error {f.relative:.3g}'}"
                )
            elif f.verdict != "ok":
                if f.failed:
                    blamed[key] = len(told)
                told.append(described(f))
        remarks = dict.fromkeys(
            f"note    {f.subject}: {f.remark}" for f in self.findings if f.remark
        )
        return "\n".join([*told, *remarks, self.summary()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from numgan.html import of_report

        return of_report(self)

    def summary(self) -> str:
        """How many there are of each verdict: "0 failed, 5 passed, 2 not judged"."""
        counts = Counter(f.verdict for f in self.findings)
        words = {"not judged": "not judged", "kink": "at a kink", "skipped": "skipped"}
        rest = [f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict]]
        return ", ".join([f"{counts['FAIL']} failed", f"{counts['ok']} passed", *rest])

    def json(self, **about) -> str:
        """All findings as JSON text; infinities and nan, which JSON lacks, as strings."""
        rows = [{key: finite(value) for key, value in asdict(f).items()} for f in self.findings]
        worst = {column: finite(self.worst(column)) for column in COLUMNS if column != "conduct"}
        found = {**about, "ok": self.ok, "status": self.status, "worst": worst, "findings": rows}
        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def raised(report: Report) -> None:
    """Raise AssertionError with the report, unless all is well."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    if not report.ok:
        raise AssertionError(f"\n{report}")


def described(f: Finding) -> str:
    """One finding in a few lines: which array, the worst entry, by how much, against what
    tolerance, and why.
    """
    lines = [f"{f.verdict:7} {f.subject} · {f.parameter} · {f.method}"]
    if f.index or f.analytic or f.numeric:
        lines += [
            f"        {worst_at(f)}analytic {f.analytic:.12g}, numeric {f.numeric:.12g}",
            f"        absolute error {f.absolute:.3g}, relative {f.relative:.3g}",
            f"        tolerance {f.tolerance:.2g}: {f.reason}",
        ]
    lines += [
        f"        {text}" for text in (f.note, f.cause and "likely cause: " + f.cause) if text
    ]
    return "\n".join(lines)


def worst_at(f: Finding) -> str:
    """Where; nothing for a single number."""
    return f"worst at [{', '.join(map(str, f.index))}]: " if f.index else ""


def column_of(f: Finding) -> str:
    """The column of the table that a finding belongs to."""
    return next(column for column, word in COLUMNS.items() if word in f.method)


def cell(findings: list[Finding], column: str) -> str:
    """What a table says of several findings by one method: the worst error,
    the least order, or ok."""
    if not findings:
        return ""
    if any(f.failed for f in findings):
        return "FAIL"
    if not any(f.verdict == "ok" for f in findings):
        return "–"
    if column == "conduct":
        return "ok"
    if column == "E49":
        return min(
            f.note.removeprefix("order ").split(" ")[0] for f in findings if f.verdict == "ok"
        )
    return f"{max(f.relative for f in findings if f.verdict == 'ok'):.0e}"


def table(findings: Iterable[Finding]) -> str:
    """One line an object: its arrays, and the worst relative error by each method (E49: the least
    order).
    """
    objects: dict[str, list[Finding]] = {}
    for f in findings:
        objects.setdefault(f.subject, []).append(f)
    width = max([len(name) for name in objects] + [6])
    lines = [
        f"{'object':{width}}  {'parameters':24}" + "".join(f"{c:>9}" for c in COLUMNS) + "   "
        "verdict"
    ]
    for name, of_it in objects.items():
        cells = "".join(f"{cell([f for f in of_it if column_of(f) == c], c):>9}" for c in COLUMNS)
        worst = next(
            (v for v in ("FAIL", "not judged") if any(f.verdict == v for f in of_it)), "ok"
        )
        lines.append(f"{name:{width}}  {parameters(of_it):24}{cells}   {worst}")
    return "\n".join(lines)


def full_table(findings: Iterable[Finding]) -> str:
    """One line for each object, parameter and method."""
    rows: dict[tuple[str, str, str], list[Finding]] = {}
    for f in findings:
        rows.setdefault((f.subject, f.parameter, f.method), []).append(f)
    widths = [
        max(map(len, column))
        for column in zip(*rows, ("object", "parameter", "method"), strict=True)
    ]
    lines = [
        aligned(("object", "parameter", "method"), widths) + "       worst  tolerance  verdict"
    ]
    for key, same in rows.items():
        f = max(same, key=lambda f: (f.failed, f.relative))
        worst = f"{f.relative:.1e}" if column_of(f) != "E49" else " ".join(f.note.split(" ")[:2])
        lines.append(f"{aligned(key, widths)}  {worst:>10}  {f.tolerance:>9.1e}  {f.verdict}")
    return "\n".join(lines)


def aligned(texts: Iterable[str], widths: Iterable[int]) -> str:
    """The texts, each padded to its width."""
    return "  ".join(f"{text:{width}}" for text, width in zip(texts, widths, strict=True))


def parameters(findings: list[Finding]) -> str:
    """The arrays that were compared by the complex step, as many as fit."""
    names = list(
        dict.fromkeys(f.parameter for f in findings if "E48" in f.method and "R" not in f.parameter)
    )
    text = ""
    for i, name in enumerate(names):
        longer = f"{text}, {name}" if text else name
        if len(longer) > 17 and i < len(names) - 1 or len(longer) > 22:
            return f"{text} and {len(names) - i} more" if text else f"{len(names)} arrays"
        text = longer
    return text or "–"


def finite(value):
    """The value, or its name where JSON has no number for it."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value

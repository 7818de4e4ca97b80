"""The findings of a check: in words, as a table, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Any

from numgan.check.finding import Finding
from numgan.check.place import Place

# A column of the table and a word: a finding belongs to the first column whose word is in the name
# of its method.
COLUMNS = {
    "R E48": "R-pass, complex",
    "E48": "E48",
    "E47": "E47",
    "E49": "E49",
    "E50": "E50",
    "float32": "float32",
    "extended": "extended",
    "behavior": "",
}


@dataclass(frozen=True, repr=False)
class Report:
    """All findings of a check. It is ok if nothing failed, everything was judged, and something
    passed.

    >>> from numgan.check.finding import Finding
    >>> report = Report([Finding("f", "dx", "complex step E48", "ok")])
    >>> report.ok, report.status
    (True, 0)
    >>> print(report)
    0 failed, 1 passed
    """

    findings: list[Finding] = field(default_factory=list)
    evaluations: int = 0  # of the function under check, where they are counted

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
        """The exit status: 0 all passed; 1 something failed; 3 nothing failed, but something was
        not judged.
        """
        return 0 if self.ok else 1 if self.failures else 3

    def worst(self, column: str) -> float:
        """The largest relative error in one column of the table; 0 where it is empty."""
        return max((f.relative for f in self.findings if column_of(f) == column), default=0.0)

    def placed(self, place_of: Callable[[Finding], Place | None]) -> Report:
        """The same report, in which what failed and what was not judged has its place."""
        doubtful = ("FAIL", "not judged")
        findings = [
            replace(f, place=place_of(f)) if f.verdict in doubtful else f for f in self.findings
        ]
        return replace(self, findings=findings)

    def __str__(self) -> str:
        """All failures and all that was not judged, in full; then one line for the whole."""
        texts: list[str] = []
        # (object, parameter) → the index in `texts` of its failure
        blamed: dict[tuple[str, str], int] = {}
        for f in self.findings:
            key = f.subject, f.parameter
            if f.failed and key in blamed:
                texts[blamed[key]] += (
                    f"\n        also by {f.method}: {f.note or f'relative error {f.relative:.3g}'}"
                )
            elif f.verdict != "ok":
                if f.failed:
                    blamed[key] = len(texts)
                texts.append(description(f))
        remarks = dict.fromkeys(
            f"note    {f.subject}: {f.remark}" for f in self.findings if f.remark
        )
        return "\n".join([*texts, *remarks, self.summary()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from numgan.check.page import SOME, of_report

        return of_report(self, SOME)

    def summary(self) -> str:
        """The number of findings of each verdict: “0 failed, 5 passed, 2 not judged”."""
        counts = Counter(f.verdict for f in self.findings)
        words = {"not judged": "not judged", "kink": "at a kink", "skipped": "skipped"}
        rest = [f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict]]
        verdicts = ", ".join([f"{counts['FAIL']} failed", f"{counts['ok']} passed", *rest])
        cost = f"; {self.evaluations} evaluations of the function" if self.evaluations else ""
        return verdicts + cost

    def json(self, **about: Any) -> str:
        """All findings as JSON text. Infinities and nan, which JSON lacks, become strings."""
        import json  # only here: most checks write none

        names = [each.name for each in fields(Finding) if each.name != "arrays"]
        rows = [{name: json_value(getattr(f, name)) for name in names} for f in self.findings]
        worst = {
            column: json_value(self.worst(column)) for column in COLUMNS if column != "behavior"
        }
        verdict = {"ok": self.ok, "status": self.status, "evaluations": self.evaluations}
        found = {**about, **verdict, "worst": worst, "findings": rows}
        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def raise_unless_ok(report: Report) -> None:
    """Raise AssertionError with the report as its message, unless the report is ok."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    if not report.ok:
        raise AssertionError(f"\n{report}")


def description(f: Finding) -> str:
    """One finding in a few lines: array, worst entry, error, tolerance, cause."""
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
    """“worst at [2, 0]: ”; nothing for a single number."""
    return f"worst at [{', '.join(map(str, f.index))}]: " if f.index else ""


def column_of(f: Finding) -> str:
    """The column of the table that a finding belongs to."""
    return next(column for column, word in COLUMNS.items() if word in f.method)


def cell(findings: list[Finding], column: str) -> str:
    """The entry of the table for one method: the worst error, the least order, or ok."""
    if not findings:
        return ""
    if any(f.failed for f in findings):
        return "FAIL"
    if not any(f.verdict == "ok" for f in findings):
        return "–"
    if column == "behavior":
        return "ok"
    if column == "E49":
        return min(
            f.note.removeprefix("order ").split(" ")[0] for f in findings if f.verdict == "ok"
        )
    return f"{max(f.relative for f in findings if f.verdict == 'ok'):.0e}"


def table(findings: Iterable[Finding]) -> str:
    """One line for each object: its arrays, and the worst relative error by each method (E49: the
    least order).
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
    lines = [align(("object", "parameter", "method"), widths) + "       worst  tolerance  verdict"]
    for key, same in rows.items():
        f = max(same, key=lambda f: (f.failed, f.relative))
        worst = f"{f.relative:.1e}" if column_of(f) != "E49" else " ".join(f.note.split(" ")[:2])
        lines.append(f"{align(key, widths)}  {worst:>10}  {f.tolerance:>9.1e}  {f.verdict}")
    return "\n".join(lines)


def align(texts: Iterable[str], widths: Iterable[int]) -> str:
    """The texts in columns of these widths."""
    return "  ".join(f"{text:{width}}" for text, width in zip(texts, widths, strict=True))


def parameters(findings: list[Finding]) -> str:
    """The names of the arrays that the complex step compared, as many as fit."""
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


def json_value(value: Any) -> Any:
    """The value; the name of an infinity or nan; file and line of a place."""
    if isinstance(value, Place):
        return str(value)
    return str(value) if isinstance(value, float) and not isfinite(value) else value

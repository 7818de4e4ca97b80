"""A report for other programs: annotations that GitHub shows beside the code, and JUnit XML.

    ::error file=own.py,line=12,title=loss · dw::likely cause: a factor 2 is missing

Neither needs more than the standard library.
"""

from __future__ import annotations

import re

from numgan.check.finding import Finding
from numgan.check.report import Report, description

# what XML 1.0 cannot contain
CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def annotation(kind: str, title: str, text: str, file: str = "", line: int = 0) -> str:
    """One workflow command; `kind` is error, warning or notice.

    >>> annotation("error", "a, b", "50 %\\nmore", "own.py", 3)
    '::error file=own.py,line=3,title=a%2C b::50 %25%0Amore'
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    named = {"file": file, "line": str(line) if file else "", "title": title}
    options = ",".join(
        f"{key}={data(value).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in named.items()
        if value
    )
    return f"::{kind} {options}::{data(text)}"


def github(report: Report) -> str:
    """A line for each array that failed (an error) or was not judged (a warning)."""
    lines: dict[tuple[str, str, str], str] = {}
    for f in report.findings:
        if f.failed or f.verdict == "not judged":
            kind = "error" if f.failed else "warning"
            file, line = f.place[:2] if f.place else ("", 0)
            title = f"{f.subject} · {f.parameter}"
            said = annotation(kind, title, text_of(f), file, line)
            lines.setdefault((kind, f.subject, f.parameter), said)
    return "".join(f"{line}\n" for line in lines.values())


def text_of(f: Finding) -> str:
    """The finding in full, without its indent."""
    return "\n".join(line.strip() for line in description(f).split("\n"))


def junit(report: Report, name: str) -> str:
    """JUnit XML: a test case for each array of each object. What was not judged is an error there,
    and what was only skipped, or lies on a kink, is skipped.
    """
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    cases: dict[tuple[str, str], list[Finding]] = {}
    for f in report.findings:
        cases.setdefault((f.subject, f.parameter), []).append(f)
    suite, counts = Element("testsuite", name=clean(name)), dict.fromkeys(KINDS.values(), 0)
    for (subject, parameter), of_it in cases.items():
        case = SubElement(suite, "testcase", classname=clean(subject), name=clean(parameter))
        verdict = next((v for v in KINDS if any(f.verdict == v for f in of_it)), "ok")
        passed = any(f.verdict == "ok" for f in of_it)
        if verdict == "ok" or passed and KINDS[verdict] == "skipped":
            continue
        counts[KINDS[verdict]] += 1
        worst = [f for f in of_it if f.verdict == verdict]
        message = clean(worst[0].cause or worst[0].note or verdict)
        found = SubElement(case, KINDS[verdict], message=message)
        found.text = clean("\n".join(map(description, worst)))
        if worst[0].place is not None:
            case.set("file", clean(worst[0].place.file))
            case.set("line", str(worst[0].place.line))
    totals = {"failures": counts["failure"], "errors": counts["error"]}
    for key, count in {"tests": len(cases), **totals, "skipped": counts["skipped"]}.items():
        suite.set(key, str(count))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


KINDS = {"FAIL": "failure", "not judged": "error", "kink": "skipped", "skipped": "skipped"}


def clean(text: str) -> str:
    """The text without what XML cannot contain."""
    return CONTROL.sub("�", text)

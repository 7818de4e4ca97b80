"""The line of the library that computes an equation, found by its label in the source as it is now.

A label stands at the right of its line, `return x.T @ dy, dy.sum(0)  # dL1  dW = xᵀ dy,
    db = Σ dy`;
the formula follows the label. Both are read from the source itself, so they cannot go stale.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from token import COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL
from tokenize import generate_tokens
from typing import Any, NamedTuple

import numgan
from numgan.layers.layer import Layer

PACKAGE = Path(numgan.__file__).parents[1]
REMARK = re.compile(r" \(\*:.*")  # the label of a faster way to the same numbers
CHANGE = re.compile(r"(?<![A-Za-z])R(d?[^\W\d_][\u0300-\u036f]?)(?![A-Za-z{])")  # Ry, RdW
TRAILING = re.compile(r",? ([)\]}])")  # in a statement on several lines
LABELS = r"(?<![\w{])(?:%s)(?!\w)(?:, (?:%s))*"


class Source(NamedTuple):
    """A statement: its file, relative to the repository (else only the file's name), the number of
    its first line, and its code on one line.
    """

    file: str
    line: int
    code: str


class Line(NamedTuple):
    """An equation: its label in the derivation, its formula and its source line. The label is empty
    if the line has none.
    """

    label: str
    formula: str
    source: Source | None

    @property
    def is_code(self) -> bool:
        """True if the line has no formula, so that its code is shown."""
        return self.source is not None and self.source.code.removeprefix("return ") == self.formula


@lru_cache(maxsize=1024)
def find(
    function: Callable[..., Any], label: str = "", formula: str = "", beside: str = ""
) -> Line:
    """The first statement of the function that contains the words `beside` and has the label (a
    pattern) in its comment; else the last `return`, without a label. The formula is the given one,
    or the comment's, or the code itself.
    """
    try:
        lines, start = inspect.getsourcelines(function)
        path = Path(inspect.getsourcefile(function) or "")
    except (OSError, TypeError):  # typed at a prompt
        return Line("", formula, None)
    file = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
    pattern = re.compile(LABELS % (label, label) if label else "(?=#)")
    found = statements(lines)
    fit = [
        each
        for each in found
        if beside in each.code and (not label or pattern.search(each.comment))
    ]
    last = [each for each in found if each.code.startswith("return")] or found
    chosen = fit[0] if fit and (label or beside) else last[-1]
    bears = pattern.search(chosen.comment)
    said = chosen.comment[bears.end() :] if bears and label else ""
    if said.rstrip().endswith("+"):  # the formula goes on beside the next statement
        said += found[found.index(chosen) + 1].comment
    said = formula or REMARK.sub("", in_braces(" ".join(said.replace("#", " ").split())))
    source = Source(file, start + chosen.line, chosen.code)
    shown = of_derivation(bears[0]) if bears else ""
    return Line(shown, said or source.code.removeprefix("return "), source)


class Statement(NamedTuple):
    """A statement on one line, with its comment; `line` counts from the function's first."""

    line: int
    code: str
    comment: str


def statements(lines: Sequence[str]) -> list[Statement]:
    """The statements of a function. A comment on lines of its own belongs to none."""
    found: list[Statement] = []
    first, code, comment = 0, "", ""
    for token in generate_tokens(iter([*lines, ""]).__next__):
        if token.type == COMMENT:
            comment += token.string if code else ""
        elif token.type == NEWLINE:
            found.append(Statement(first, TRAILING.sub(r"\1", code.strip()), comment))
            code, comment = "", ""
        elif token.type not in (NL, INDENT, DEDENT, ENDMARKER):
            if not code:
                first, before = token.start[0] - 1, token.start
            same = token.start[0] == before[0]
            gap = " " * (token.start[1] - before[1]) if same else "" if code[-1:] in "([{" else " "
            code, before = code + gap + token.string, token.end
    return found


def of_derivation(labels: str) -> str:
    """The label of the section in the derivation: L1 for dL1, E44 for R{L1}."""
    return "E44" if labels.startswith("R{") else labels.replace("dL", "L")


def in_braces(formula: str) -> str:
    """The derivation's R{y} for the code's Ry."""
    return CHANGE.sub(r"R{\1}", formula)


def of_layer(layer: Layer, does: str) -> Line:
    """The line that computes one pass of a layer: in the method itself, or in a function that it
    calls.
    """
    label = {"forward": r"L\d+", "rforward": r"R\{L\d+\}"}.get(
        does, r"R\{dL\d+\}" if does[0] == "r" else r"dL\d+"
    )
    method = getattr(type(layer), does)
    first = find(method, label)
    if first.label or first.source is None:
        return first
    code = inspect.getsource(method)
    called = [getattr(type(layer), name, None) for name in re.findall(r"self\.(\w+)\(", code)]
    if f"super().{does}(" in code:
        called += [vars(kind)[does] for kind in type(layer).__mro__ if does in vars(kind)]
    for function in filter(inspect.isfunction, called):
        if (line := find(function, label)).label:
            return line
    return first

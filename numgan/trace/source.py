"""The line of the library that computes an equation, found by its label in the source as it is now.

A label stands at the right of its line, `return x.T @ dy, dy.sum(0)  # dL1  dW = xᵀ dy,
    db = Σ dy`;
the formula follows the label. Both are read from the source itself, so they cannot go stale.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numgan
from numgan.layers.layer import Layer

PACKAGE = Path(numgan.__file__).parents[1]
LABELS = r"(?<![\w{])(?:%s)(?!\w)(?:, (?:%s))*"


class Source(NamedTuple):
    """A line: its file below the repository (elsewhere the name alone), its number, its code."""

    file: str
    line: int
    code: str


class Line(NamedTuple):
    """An equation: label, formula and source line. The label is empty where the line bears none."""

    label: str
    formula: str
    source: Source | None


def find(
    function: Callable[..., Any], label: str = "", formula: str = "", beside: str = ""
) -> Line:
    """The first line of the function that has the words `beside` in it and the label (a pattern) in
    its comment; else the last `return`, without a label. A formula that is not given is what the
    comment says, or the code itself.
    """
    try:
        lines, start = inspect.getsourcelines(function)
        path = Path(inspect.getsourcefile(function) or "")
    except (OSError, TypeError):  # typed at a prompt
        return Line("", formula, None)
    file = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
    pattern = re.compile(LABELS % (label, label) if label else "(?=#)")
    parts = [text.partition("#") for text in lines]
    codes, comments = [code.strip() for code, *_ in parts], [mark + said for _, mark, said in parts]
    found = [
        n
        for n, text in enumerate(lines)
        if beside in text and (not label or pattern.search(comments[n]))
    ]
    last = max((n for n, code in enumerate(codes) if "return" in code), default=0)
    n = found[0] if found and (label or beside) else last
    bears = pattern.search(comments[n])
    said = comments[n][bears.end() :] if bears and label else ""
    if said.rstrip().endswith("+"):  # the formula goes on in the next line
        said += comments[n + 1].lstrip("#")
    said = " ".join(said.split())
    source = Source(file, start + n, codes[n])
    return Line(
        bears[0] if bears else "", formula or said or source.code.removeprefix("return "), source
    )


def of_layer(layer: Layer, does: str) -> Line:
    """The line that computes one pass of a layer: in the method itself, or in one of its own that
    it calls.
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

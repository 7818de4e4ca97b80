"""Collect: a module as rows, each a docstring and the code that it speaks of."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from numgan.book.source import Module

Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Row:
    """Lines first … last of a module; `code` are those of them that no docstring takes."""

    name: str  # of what is defined, Dense.forward; empty for the rest
    doc: str
    first: int
    code: tuple[int, ...]


def rows(module: Module) -> list[Row]:
    """A row for the head of the module, for each definition at its top, and for each method with
    words of its own.
    """
    cuts: dict[int, tuple[str, str]] = {1: ("", ast.get_docstring(module.tree) or "")}
    after_definition = False
    for node in module.tree.body:
        if isinstance(node, Definition):
            cuts[start(module, node)] = (node.name, ast.get_docstring(node) or "")
            if isinstance(node, ast.ClassDef):
                cuts |= methods(module, node)
        elif after_definition:
            cuts[start(module, node)] = ("", "")
        after_definition = isinstance(node, Definition)
    hidden = docstring_lines(module)
    stops = sorted([*cuts, len(module.lines) + 1])
    return [
        Row(*cuts[first], first, code_lines(module, first, stop, hidden))
        for first, stop in zip(stops, stops[1:], strict=False)
    ]


def methods(module: Module, node: ast.ClassDef) -> dict[int, tuple[str, str]]:
    """A method starts a row if it is documented, or if the one before it is."""
    found, documented = {}, False
    for method in node.body:
        if isinstance(method, Definition):
            doc = ast.get_docstring(method) or ""
            if doc or documented:
                found[start(module, method)] = (f"{node.name}.{method.name}" if doc else "", doc)
            documented = bool(doc)
    return found


def start(module: Module, node: ast.stmt) -> int:
    """The first line of a statement, with its decorators and the comments that stand right above
    it.
    """
    line = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    while line > 1 and module.lines[line - 2].lstrip().startswith("#"):
        line -= 1
    return line


def docstring_lines(module: Module) -> dict[int, int]:
    """{line: first line of its row} for the lines of all docstrings beside the code."""
    found: dict[int, int] = {}
    inside = [
        each for node in module.tree.body if isinstance(node, ast.ClassDef) for each in node.body
    ]
    for node in (module.tree, *module.tree.body, *inside):
        if isinstance(node, (ast.Module, *Definition)) and ast.get_docstring(node) is not None:
            text, owner = node.body[0], 1 if isinstance(node, ast.Module) else start(module, node)
            if (
                module.lines[text.lineno - 1].lstrip(" rRuU").startswith(("'", '"'))
            ):  # alone on its lines
                found |= dict.fromkeys(
                    range(text.lineno, (text.end_lineno or text.lineno) + 1), owner
                )
    return found


def code_lines(module: Module, first: int, stop: int, hidden) -> tuple[int, ...]:
    """The lines of code, without empty ones at both ends, after a docstring, and in a row."""
    kept: list[int] = []
    for line in range(first, stop):
        empty = not module.lines[line - 1].strip()
        repeated = line - 1 in hidden or not kept or not module.lines[kept[-1] - 1].strip()
        if line not in hidden and not (empty and repeated):
            kept.append(line)
    while kept and not module.lines[kept[-1] - 1].strip():
        kept.pop()
    return tuple(kept)


def definitions(module: Module) -> dict[str, ast.stmt]:
    """{name: statement} of what a module defines at its top, and of the methods of its classes:
    Dense.forward.
    """
    found: dict[str, ast.stmt] = {}
    for node in module.tree.body:
        if isinstance(node, Definition):
            found[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{each.name}": each
                for each in node.body
                if isinstance(each, Definition)
            }
    return found

"""The code of a function, or the part of a class that an equation speaks of, to stand beside the
equation.
"""

from __future__ import annotations

import ast
from html import escape

from numgan.book.highlight import excerpt_block
from numgan.book.labels import labels_in
from numgan.book.links import Links
from numgan.book.rows import Definition, code_lines, definitions, docstring_lines, start
from numgan.book.source import Module, Source

LONGEST = 60  # lines of an excerpt; the rest is a link away


def excerpt(label: str, name: str, source: Source, links: Links) -> str:
    """numgan.theory.information.kl, as a figure; nothing if the source has no such name."""
    module = next(
        (
            each
            for each in source.modules
            if name.startswith(f"{each.name}.")
            and name.removeprefix(f"{each.name}.") in definitions(each)
        ),
        None,
    )
    if module is None:
        return ""
    node = definitions(module)[name.removeprefix(f"{module.name}.")]
    code = excerpt_block(module.text, lines(module, node, label), links, node.col_offset)
    caption = f'<figcaption><a href="{links.names[name]}">{escape(module.path)}</a></figcaption>'
    return f'<figure class="excerpt">{caption}\n{code}</figure>'


def lines(module: Module, node: ast.stmt, label: str) -> list[int | None]:
    """A statement's lines; of a class its first line and the methods that name the label, if there
    are any.
    """
    named = (
        []
        if not isinstance(node, ast.ClassDef)
        else [
            found
            for found in (
                passage(module, each) for each in node.body if isinstance(each, Definition)
            )
            if any(label in labels_in(module.lines[n - 1]) for n in found)
        ]
    )
    if named:
        return [node.lineno, *(n for found in named for n in (*found, None))][:-1]
    return list(passage(module, node)[:LONGEST])


def passage(module: Module, node: ast.stmt) -> tuple[int, ...]:
    """The lines of a statement without its docstrings."""
    return code_lines(
        module, start(module, node), (node.end_lineno or node.lineno) + 1, docstring_lines(module)
    )

"""A module: docstrings, and the equations that the code names, beside the code."""

from __future__ import annotations

from html import escape

from numgan.book.badge import badges
from numgan.book.docstring import docstring
from numgan.book.frame import Page, row
from numgan.book.highlight import comments, numbered_block
from numgan.book.links import Links
from numgan.book.pages.derivation import Read, card, cards
from numgan.book.rows import Row, rows
from numgan.book.source import Module


def module_page(module: Module, links: Links, read: Read) -> Page:
    """One row for each passage of the module. An equation is shown in full where the code first
    names it.
    """
    shown: set[str] = set()
    parts = []
    for each in rows(module):
        code = numbered_block(module.text, each.code, links)
        named = (
            []
            if module.path.startswith("tests/")
            else cards(comments(module.text, each.code), links)
        )
        beside = [card(label, links, read) for label in named if label not in shown]
        shown |= set(named)
        if code or each.doc:
            parts.append(
                row(
                    "\n".join([heading(each), docstring(each.doc, links), *beside]),
                    code,
                    about(each),
                )
            )
    present = [label for label in links.labels if module.path in links.places[label]]
    equations = f'<p class="present">Equations: {badges(present, links)}</p>' if present else ""
    head = f'<h1 class="path">{escape(module.path)}</h1>\n{equations}'
    return Page(module.page, module.path, "\n".join([head, *parts]))


def about(each: Row) -> str:
    """The anchor of a passage."""
    return f"about-{each.first}"


def heading(each: Row) -> str:
    """The name of a class or function over its passage; a method's is smaller."""
    level = 3 if "." in each.name else 2
    return f"<h{level}><code>{escape(each.name)}</code></h{level}>" if each.name else ""

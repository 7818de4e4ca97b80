"""Render: Python in colour, with its labels as badges."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from keyword import kwlist

from numgan.book.badge import link_labels
from numgan.book.links import Links

NEWLINE = "\n"
FAR = re.compile(
    r'(\S) {3,}(<span class="c">)'
)  # the space before a comment that stands in a column
# each group is named after its class of the style sheet; what no group names has no colour
TOKEN = re.compile(
    r"""
    (?P<c>\#[^\n]*)
    | (?P<s>(?i:\b(?P<prefix>[rbuf]|[rbf][rbf])(?=["']))?
        (?:\"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
         | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'))
    | (?P<a>^[ ]*@[\w.]+)
    | \b(?P<k>def|class)\b(?P<between>[ ]+)(?P<f>\w+)
    | (?P<word>[^\W\d]\w*)
    | (?P<m>(?:\d[\w.]*|\.\d\w*)(?:(?<=[eE])[+-]\d+)?)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
OPERATORS = {"and", "or", "not", "in", "is"}
KEYWORDS = set(kwlist) - OPERATORS
BUILTINS = {name for name in dir(builtins) if not name.startswith("_")} | {"self", "cls"}
FIELD = re.compile(r"(\{\{|\}\}|\{[^{}]+\})")  # of an f-string
Piece = tuple[str, str]  # a class of the style sheet, or none, and the text


def tokens(text: str) -> Iterator[Piece]:
    """Python in pieces that have one colour each.

    >>> list(tokens("def f(x): # E1"))
    [('k', 'def'), ('', ' '), ('f', 'f'), ('', '('), ('', 'x'), ('', '): '), ('c', '# E1')]
    """
    done = 0
    for token in TOKEN.finditer(text):
        if done < token.start():
            yield "", text[done : token.start()]
        said, kind, done = token[0], token.lastgroup, token.end()
        if kind == "f":
            yield from (("k", token["k"]), ("", token["between"]), ("f", token["f"]))
        elif kind == "word":
            attribute = text[token.start() - 1 : token.start()] == "."
            yield "" if attribute else "k" if said in KEYWORDS else "b" * (said in BUILTINS), said
        elif kind == "s" and "f" in (token["prefix"] or "").lower():
            for part in FIELD.split(said):
                if part[:1] == "{" and part != "{{":
                    yield from tokens(part)
                else:
                    yield "s", part
        else:
            yield kind or "", said
    yield "", text[done:]


@cache
def colour_lines(text: str) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each line of a module."""
    lines: list[list[Piece]] = [[]]
    for name, value in tokens(text):
        for n, piece in enumerate(value.split("\n")):
            if n:
                lines.append([])
            if lines[-1] and lines[-1][-1][0] == name:
                piece = lines[-1].pop()[1] + piece
            if piece:
                lines[-1].append((name, piece))
    return tuple(tuple(line) for line in lines)


def comments(text: str, numbers) -> str:
    """What the comments on these lines of a module say."""
    lines = colour_lines(text)
    return "\n".join(piece for n in numbers for name, piece in lines[n - 1] if name == "c")


def html(line: tuple[Piece, ...], links: Links) -> str:
    """A line, with badges for the labels in its comments, strings and names."""
    shown = ((name, link_labels(piece, links)) for name, piece in line)
    return "".join(
        f'<span class="{name}">{piece}</span>' if name else piece for name, piece in shown
    )


def numbered_block(text: str, numbers, links: Links) -> str:
    """Lines of a module with their numbers, which the style sheet draws, so that they are not
    copied with the code.
    """
    lines = colour_lines(text)
    return code_block(
        f'<span class="line" id="line-{n}" data-n="{n}">{html(lines[n - 1], links)}</span>'
        for n in numbers
    )


def excerpt_block(text: str, numbers, links: Links, indent: int) -> str:
    """Lines in a narrower place: less indented, comments close to the code, no anchors. None is an
    empty line.
    """
    lines, shown = colour_lines(text), []
    for n in numbers:
        line = html(lines[n - 1], links).removeprefix(" " * indent) if n else ""
        near = FAR.sub(r"\1  \2", line)
        shown.append(f'<span class="line" data-n="{n}">{near}</span>' if n else "")
    return code_block(shown)


def code_block(lines) -> str:
    """Lines of HTML as a block of code; nothing for no lines."""
    code = NEWLINE.join(lines)
    return f'<pre class="code" tabindex="0"><code>{code}</code></pre>' if code else ""


def block(text: str, links: Links | None) -> str:
    """A passage of code without numbers; of Python if there are links to set."""
    text = text.rstrip("\n")
    shown = (
        NEWLINE.join(html(line, links) for line in colour_lines(text)).rstrip("\n")
        if links
        else escape(text)
    )
    return code_block([shown])

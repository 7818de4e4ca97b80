"""Render: Python in colour, with its labels as badges."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String

from numgan.book.badge import link_labels
from numgan.book.links import Links

NEWLINE = "\n"
LEXER = PythonLexer(stripnl=False)
FAR = re.compile(
    r'(\S) {3,}(<span class="c">)'
)  # the space before a comment that stands in a column
CLASSES = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "a"),
    (Name.Builtin, "b"),
    (Name.Exception, "b"),
)
Piece = tuple[str, str]  # a class of the style sheet, or none, and the text


@cache
def style(token) -> str:
    """The class of the style sheet for a kind of token."""
    return next((name for kind, name in CLASSES if token in kind), "")


@cache
def colour_lines(text: str) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each line of a module."""
    lines: list[list[Piece]] = [[]]
    for token, value in LEXER.get_tokens(text):
        name = style(token)
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

"""Text in lines of a terminal's width, in languages with and without spaces."""

from __future__ import annotations

import re

from numgan.trace.words import columns

# a piece that stays together: a word with its space, up to 70 letters of a long one, or one wide
# character with the mark behind it
WIDE, MARKS = r"\u2e80-\u9fff\uff00-\uffef", "[，。；：？！、）”]*"
PIECE = re.compile(rf"[“（]*[^ \n{WIDE}]{{1,70}}{MARKS}[ \n]*|[“（]?[{WIDE}]{MARKS}[ \n]*|[ \n]+")


def filled(text: str, width: int = 79, indent: str = "", first: str = "") -> str:
    """The paragraphs in lines of at most so many columns; all lines but the first are indented.

    >>> print(filled("one two three", 9, "  "))
    one two
      three
    """
    return "\n\n".join(paragraph(p, width, indent, first) for p in text.split("\n\n"))


def paragraph(text: str, width: int, indent: str, first: str) -> str:
    """One paragraph; one that is indented is a formula, and stays."""
    if text.startswith("    "):
        return text
    text = text.replace(" = ", "\u00a0= ")  # no line begins with an =
    lines, line = [], first
    for piece in PIECE.findall(text):
        if columns(line + piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = indent + piece.lstrip()
        else:
            line += piece
    return "\n".join([*lines, line.rstrip()]).replace("\u00a0", " ")

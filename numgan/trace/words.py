"""The width of a text in a terminal."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """The columns of a terminal that the text takes: none for a combining mark, two if wide."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )

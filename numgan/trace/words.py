"""The width of a text in a terminal."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """The width of a text in a terminal: 0 for a combining mark, 2 for a wide character."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )

"""What a page is told where a command fails, and messages as text."""

from __future__ import annotations

import json
from typing import Any

from numgan.errors import InputError


def encoded(message: dict[str, Any]) -> str:
    """JSON as browsers read it: a number that is not finite would be none."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False)


def failure(name: str, error: BaseException) -> dict[str, Any]:
    """The answer to a command that was not carried out, in one line.

    >>> failure("step", InputError("there is nothing to step"))
    {'kind': 'error', 'do': 'step', 'text': 'there is nothing to step'}
    """
    if isinstance(error, InputError):
        return refused(name, str(error))
    if isinstance(error, MemoryError):
        return refused(name, "not enough memory for this")
    return mistake(error) | {"do": name}


def refused(name: str, text: str) -> dict[str, Any]:
    """The answer to a command that cannot be."""
    return {"kind": "error", "do": name, "text": " ".join(text.split())[:400]}


def mistake(error: BaseException) -> dict[str, Any]:
    """A mistake of the lab itself, as a message."""
    text = f"a mistake in the lab: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return {"kind": "error", "do": "", "text": text}

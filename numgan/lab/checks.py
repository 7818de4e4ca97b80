"""What a field of a message may be: small checks, each a function of the field's name and its value
that returns what is meant, or raises InputError in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from numgan.errors import InputError
from numgan.run.config import Config
from numgan.run.options import Real, Whole, kind_of

Check = Callable[[str, Any], Any]


def whole(least: int, most: int) -> Check:
    """A whole number, least ≤ n ≤ most."""

    def check(name: str, value: Any) -> int:
        Whole(least).check(name, value)
        if value > most:
            raise InputError(f"{name} must be at most {most}, got {value!r}")
        return value

    return check


def real(low: float, high: float, strict: bool = False) -> Check:
    """A finite number, low ≤ x < high."""

    def check(name: str, value: Any) -> float:
        Real(low, high, strict).check(name, value)
        return float(value)

    return check


def word(*allowed: str) -> Check:
    """One of these words."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InputError(f"{name} must be one of {', '.join(allowed)}, got {short(value)}")
        return value

    return check


def text(longest: int, pattern: re.Pattern | None = None) -> Check:
    """A text of at most so many characters, that the pattern matches."""

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise InputError(f"{name} must be a text of 1 to {longest} characters")
        if pattern is not None and not pattern.fullmatch(value):
            raise InputError(f"{name} must be letters, digits, dots, - and _, got {short(value)}")
        return value

    return check


def or_null(check: Check) -> Check:
    """The same, or null."""
    return lambda name, value: None if value is None else check(name, value)


def listed(check: Check, least: int, most: int) -> Check:
    """A list of such values, least to most of them."""

    def each(name: str, value: Any) -> list:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise InputError(f"{name} must be a list of {least} to {most} values")
        return [check(name, entry) for entry in value]

    return each


def one_or_more(check: Check, most: int) -> Check:
    """Such a value, or a list of 2 to most of them."""
    several = listed(check, 2, most)
    return lambda name, value: (several if isinstance(value, list) else check)(name, value)


def configured(name: str) -> Check:
    """What a field of a run's configuration may be."""
    kind = kind_of(Config, name)

    def check(called: str, value: Any) -> Any:
        kind.check(called, value)
        return value

    return check


def table(rows: dict[str, Check], least: int = 0) -> Check:
    """An object of some of these fields."""

    def check(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) < least:
            raise InputError(f"{name} must be an object of {', '.join(rows)}")
        for key in value:
            if key not in rows:
                raise InputError(f"{name} has no {short(key)}: expected {', '.join(rows)}")
        return {key: rows[key](key, entry) for key, entry in value.items()}

    return check


def short(value: Any) -> str:
    """A value in a line of an error."""
    said = repr(value)
    return said if len(said) <= 40 else said[:40] + "…"

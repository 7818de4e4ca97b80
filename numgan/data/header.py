"""Does the first line of a table name its columns, and does its first column number its rows?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from numgan.backend import Array
from numgan.data.dialect import is_missing, is_number, parse_number


def has_header(
    first: Sequence[str], below: list[list[str]], decimal: str, choice: str | None
) -> bool:
    """True if the first line holds names: words above numbers, or numbers that count the columns
    and differ from the values below them. Missing values are no names.

    >>> has_header(["height", "width"], [["1.5", "2"], ["3.5", "4"]], ".", None)
    True
    >>> has_header(["0", "1"], [["1.5", "2.5"], ["3.5", "4.5"], ["0.5", "1.5"]], ".", None)
    True
    >>> has_header(["1.5", "2"], [["3.5", "4"]], ".", None)
    False
    """
    if choice is not None:
        return choice == "yes"
    numbers = [is_number(cell, decimal) for cell in first]
    words = [
        not is_a_number and not is_missing(cell)
        for is_a_number, cell in zip(numbers, first, strict=True)
    ]
    if any(words):
        above = any(word and _is_numeric(below, j, decimal) for j, word in enumerate(words))
        return not any(numbers) or _are_names(first, numbers, below, decimal, above)
    if not below:
        return False
    # the index may lack a name
    counted = first[1:] if not first[0].strip() and len(first) > 1 else first
    if not all(is_number(cell, decimal) for cell in counted):
        return False
    whole = [re.fullmatch(r"[-+]?\d+", cell.strip()) is not None for cell in counted]
    if not all(whole):
        return False
    values = [int(cell) for cell in counted]
    if values == list(range(len(values))) and len(counted) < len(first):
        return True
    steps = {after - before for before, after in zip(values, values[1:], strict=False)}
    if steps - {1}:
        return False
    columns = range(len(first) - len(counted), len(first))
    fractions = all(_is_fractional(below, j) for j in columns)
    outside = [
        _is_outside(value, below, j, decimal) for value, j in zip(values, columns, strict=True)
    ]
    if values[0] in (0, 1):
        return fractions or 2 * sum(outside) > len(outside) or (values[0] == 0 and len(values) >= 5)
    return fractions and all(outside) and len(values) > 1


def _are_names(
    first: Sequence[str], numbers: list[bool], below: list[list[str]], decimal: str, above: bool
) -> bool:
    """True if the numbers among words are names: whole numbers that count up, as years do, or, if
    the words stand `above` numbers, whole numbers outside the range of the values below them.
    """
    places = [j for j, is_a_number in enumerate(numbers) if is_a_number]
    if not all(re.fullmatch(r"[-+]?\d+", first[j].strip()) for j in places):
        return False
    values = [int(first[j]) for j in places]
    up = len(values) > 1 and all(b == a + 1 for a, b in zip(values, values[1:], strict=False))
    return (
        up
        or above
        and all(
            _is_outside(value, below, j, decimal) for value, j in zip(values, places, strict=True)
        )
    )


def _is_fractional(below: list[list[str]], j: int) -> bool:
    """True if a column holds three numbers or more, each with a fraction or an exponent."""
    cells = [row[j].strip() for row in below if j < len(row) and not is_missing(row[j])]
    return len(cells) >= 3 and all(re.search(r"[.,eE]", cell) for cell in cells)


def _is_numeric(below: list[list[str]], j: int, decimal: str) -> bool:
    """True if most cells of a column are numbers."""
    cells = [row[j] for row in below if j < len(row) and not is_missing(row[j])]
    return sum(is_number(cell, decimal) for cell in cells) > len(cells) / 2


def _is_outside(value: int, below: list[list[str]], j: int, decimal: str) -> bool:
    """True if a value lies outside the range of the numbers below it, at least three."""
    read = [parse_number(row[j], decimal) for row in below if j < len(row)]
    values = [one for one in read if one is not None]
    return len(values) >= 3 and not min(values) <= value <= max(values)


def is_index(name: str | None, usual: Collection[str], values: Array, texts: int) -> bool:
    """True for 0 … R − 1 or 1 … R in a column without a name or with a `usual` one. If only this
    column lacks a name, also True for any different whole numbers, and for words.

    >>> is_index("id", ("", "id"), np.array([1.0, 2.0, 3.0]), texts=0)
    True
    >>> is_index("age", ("", "id"), np.array([1.0, 2.0, 3.0]), texts=0)
    False
    """
    R = len(values)
    counts = any(np.array_equal(values, np.arange(start, start + R)) for start in (0, 1))
    if name is None:
        return counts and R >= 3
    if name == "" and texts == R:
        return True
    different = bool(
        np.isfinite(values).all()
        and (values == np.rint(values)).all()
        and len(np.unique(values)) == R
    )
    return name in usual and (counts or (name in ("", "unnamed: 0") and different and R >= 3))

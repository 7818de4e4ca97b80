"""What separates the cells of a table, and what the digits of a fraction: what makes numbers of the
cells.
"""

from __future__ import annotations

import re
from collections import Counter

from numgan.data.choices import SEPARATORS, Choices
from numgan.data.lines import Dialect, Lines
from numgan.errors import InputError

MISSING = {
    "",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nan",
    "-nan",
    "nat",
    "null",
    "none",
    "missing",
    "?",
    "-",
    ".",
    "--",
}
ANY = (*SEPARATORS.values(), None)


def is_missing(cell: str) -> bool:
    """True for what programs write where there is no value."""
    return cell.strip().lower() in MISSING


def number(cell: str, decimal: str) -> float | None:
    """The number of a cell, or None; nan is a missing value, and no number."""
    if decimal == ",":
        if "." in cell or cell.count(",") > 1 or re.search(r",(?!\d)", cell):
            return None
        cell = cell.replace(",", ".")
    try:
        value = float(cell.replace("−", "-"))
    except ValueError:
        return None
    return value if value == value else None


def is_number(cell: str, decimal: str = ".") -> bool:
    """True for what `number` reads."""
    return number(cell, decimal) is not None


def recognise(lines: Lines, choices: Choices) -> Dialect:
    """The dialect in which the first lines are a table of numbers; where several are, or none is,
    the likeliest.
    """
    separators: tuple[str | None, ...] = ANY
    decimals: tuple[str, ...] = (".", ",")
    if (mark := choices.separator_mark() or lines.named) is not None:
        separators = (mark,)
    if (mark := choices.decimal_mark()) is not None:
        decimals = (mark,)
    if not lines.first:
        raise InputError(f"{lines.path} is empty: expected rows of numbers")
    asked = len(decimals) == 1
    marks = [(separator, decimal) for decimal in decimals for separator in separators]
    separator, decimal = max(marks, key=lambda mark: likelihood(lines, mark[0], mark[1], asked))
    doubt = ""
    if (separator, len(decimals), len(separators)) == (",", 2, len(ANY)) and decimal == ".":
        if (alone := likelihood(lines, None, ",", False)) and alone[0] and two_whole(lines):
            if leading_zeros(lines):
                separator, decimal = None, ","
                doubt = ", since digits behind it begin with 0; point reads two columns"
            else:
                doubt = "; comma reads one column of fractions"
    return dialect(lines, separator, decimal, doubt)


def dialect(lines: Lines, separator: str | None, decimal: str, doubt: str) -> Dialect:
    """The dialect of these marks, with the width of its rows."""
    rows = lines.head(separator)
    first = len(rows[0]) if rows else 1
    body = Counter(len(row) for row in rows[1:])
    ragged = is_ragged(rows, decimal)
    names = {mark: name for name, mark in SEPARATORS.items()}
    says = "none, a line is a cell" if separator is None else names.get(separator, repr(separator))
    return Dialect(separator, decimal, max(body) if ragged else first, ragged, says, doubt)


def likelihood(lines: Lines, separator: str | None, decimal: str, asked: bool) -> tuple:
    """(all is numbers below the first line, which has as many cells; how much is numbers in rows as
    wide as most; whether the first line has as many cells; whether there is more than one column;
    how many there are).

    A decimal comma must occur to be one, unless it was asked for."""
    rows, none = lines.head(separator), (False, 0.0, False, False, 0)
    if not rows or (separator is not None and max(map(len, rows)) == 1):  # it does not occur
        return none
    if (separator, decimal) == (None, ".") and any(
        set(line.strip()) & set(",;\t|") for line in lines.first
    ):
        return none
    body = rows[1:] or rows
    width = Counter(len(row) for row in body).most_common(1)[0][0]
    alike = [row for row in body if len(row) == width]
    cells = [cell for row in alike for cell in row]
    good = sum(is_number(cell, decimal) or is_missing(cell) for cell in cells)
    fits = len(rows[0]) == width or is_ragged(rows, decimal)
    share = good / len(cells) * len(alike) / len(body)
    occurs = any("," in cell and is_number(cell, ",") for cell in cells)
    if decimal == "," and not occurs and (not asked or separator == ","):
        return none
    return (share == 1 and fits, share, fits, width > 1, width)


def is_ragged(rows: list[list[str]], decimal: str) -> bool:
    """True for a header without a name for the index, as R writes it: words above, one cell fewer
    than below, where the first cells are words or number the rows."""
    widths = {len(row) for row in rows[1:]}
    if (
        len(rows) < 4
        or widths != {len(rows[0]) + 1}
        or any(is_number(cell, decimal) for cell in rows[0])
    ):
        return False
    first = [row[0] for row in rows[1:]]
    return first == [str(n + 1) for n in range(len(first))] or not any(
        is_number(cell, decimal) for cell in first
    )


def two_whole(lines: Lines) -> bool:
    """True where every line is two whole numbers with a comma between: as well one number with a
    decimal comma.
    """
    return all(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", line) for line in lines.first)


def leading_zeros(lines: Lines) -> bool:
    """True where digits behind a comma begin with 0, which those of a whole number do not."""
    return any(re.search(r",0\d", line) for line in lines.first)

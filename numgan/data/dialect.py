"""The dialect of a table: the separator of its cells and its decimal mark, found by trial."""

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
    """True for the texts that programs write for a missing value.

    >>> is_missing("N/A"), is_missing(""), is_missing("0")
    (True, True, False)
    """
    return cell.strip().lower() in MISSING


def parse_number(cell: str, decimal: str) -> float | None:
    """The number in a cell, or None. A nan is a missing value, so it is no number.

    >>> parse_number("1.5", "."), parse_number("1,5", ","), parse_number("1,5", ".")
    (1.5, 1.5, None)
    """
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
    """True if `parse_number` finds a number.

    >>> is_number("−2e3"), is_number("nan")
    (True, False)
    """
    return parse_number(cell, decimal) is not None


def find_dialect(lines: Lines, choices: Choices) -> Dialect:
    """The dialect that makes the first lines a table of numbers. If several do, or none does, the
    one with the highest score.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.txt"
    ...     _ = path.write_text("1,5;2\\n3,0;4\\n")
    ...     dialect = find_dialect(Lines(path), Choices())
    >>> dialect.separator, dialect.decimal, dialect.width
    (';', ',', 2)
    """
    separators: tuple[str | None, ...] = ANY
    decimals: tuple[str, ...] = (".", ",")
    if (mark := choices.separator_mark() or lines.named_separator) is not None:
        separators = (mark,)
    if (mark := choices.decimal_mark()) is not None:
        decimals = (mark,)
    if not lines.first:
        raise InputError(f"{lines.path} is empty: expected rows of numbers")
    asked = len(decimals) == 1
    marks = [(separator, decimal) for decimal in decimals for separator in separators]
    separator, decimal = max(marks, key=lambda mark: _score(lines, mark[0], mark[1], asked))
    doubt = ""
    if (separator, len(decimals), len(separators)) == (",", 2, len(ANY)) and decimal == ".":
        if (alone := _score(lines, None, ",", False)) and alone[0] and _are_whole_pairs(lines):
            if _have_leading_zeros(lines):
                separator, decimal = None, ","
                doubt = ", since digits behind it begin with 0; point reads two columns"
            else:
                doubt = "; comma reads one column of fractions"
    return _make_dialect(lines, separator, decimal, doubt)


def _make_dialect(lines: Lines, separator: str | None, decimal: str, doubt: str) -> Dialect:
    """The dialect with these marks, and the width of its rows."""
    rows = lines.head(separator)
    first = len(rows[0]) if rows else 1
    body = Counter(len(row) for row in rows[1:])
    ragged = _is_ragged(rows, decimal)
    names = {mark: name for name, mark in SEPARATORS.items()}
    separator_text = (
        "none, a line is a cell" if separator is None else names.get(separator, repr(separator))
    )
    return Dialect(
        separator, decimal, max(body) if ragged else first, ragged, separator_text, doubt
    )


def _score(lines: Lines, separator: str | None, decimal: str, asked: bool) -> tuple:
    """How well these marks fit; the highest tuple is the best.

    Its entries: all cells below the first line are numbers, and the first line has as many cells;
    the share of numbers in rows of the commonest width; the first line has as many cells; there is
    more than one column; the number of columns.

    A decimal comma must occur, unless the user asked for it.
    """
    rows, none = lines.head(separator), (False, 0.0, False, False, 0)
    # no row, or no separator in any
    if not rows or (separator is not None and max(map(len, rows)) == 1):
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
    fits = len(rows[0]) == width or _is_ragged(rows, decimal)
    share = good / len(cells) * len(alike) / len(body)
    occurs = any("," in cell and is_number(cell, ",") for cell in cells)
    if decimal == "," and not occurs and (not asked or separator == ","):
        return none
    return (share == 1 and fits, share, fits, width > 1, width)


def _is_ragged(rows: list[list[str]], decimal: str) -> bool:
    """True for a header without a name for the index, as R writes it: words above, one cell fewer
    than below, and the first cells of the rows are words or row numbers.
    """
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


def _are_whole_pairs(lines: Lines) -> bool:
    """True if each line is two whole numbers with a comma between them, which may also be one
    number with a decimal comma.
    """
    return all(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", line) for line in lines.first)


def _have_leading_zeros(lines: Lines) -> bool:
    """True if digits after a comma begin with 0, as those of a whole number never do."""
    return any(re.search(r",0\d", line) for line in lines.first)

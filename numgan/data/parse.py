"""The rows of a table of text as numbers, with the cells that are no numbers counted by column."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.data.choices import SEPARATORS, Choices, mark_name
from numgan.data.content import listing
from numgan.data.dialect import is_missing, is_number, parse_number
from numgan.data.header import has_header
from numgan.data.labels import is_label_file
from numgan.data.lines import Dialect, Lines
from numgan.errors import InputError


@dataclass
class NonNumbers:
    """The cells of one column that are no numbers: missing values and words.

    >>> column = NonNumbers()
    >>> column.add("NA", line=3)
    >>> column.add("red", line=7)
    >>> column.missing, column.texts, column.words, column.first_word
    (1, 1, ['red'], 7)
    """

    missing: int = 0
    blank: int = 0  # the missing values that are empty cells
    first_missing: int = 0  # the line of the first one
    words: list[str] = field(default_factory=list)  # the first three different ones
    first_word: int = 0  # the line of the first word
    texts: int = 0  # the number of cells that hold words

    def add(self, cell: str, line: int) -> None:
        """Count a cell that is no number."""
        if is_missing(cell):
            self.missing += 1
            self.blank += not cell
            self.first_missing = self.first_missing or line
            return
        self.texts += 1
        self.first_word = self.first_word or line
        if cell not in self.words and len(self.words) < 3:
            self.words.append(cell)


class ParsedRows(NamedTuple):
    """What `parse_rows` returns.

    >>> ParsedRows(None, np.zeros((0, 1)), [], [], first_line=0).numbers.shape
    (0, 1)
    """

    names: list[str] | None  # the names of the columns, "" for a column without one
    numbers: Array  # (R, width); nan where a cell is no number
    columns: list[NonNumbers]  # one for each column
    words: list[str]  # the cells of the column that --labels names
    first_line: int  # the number of the first line with data or names


def parse_rows(lines: Lines, dialect: Dialect, choices: Choices) -> ParsedRows:
    """The numbers of a table. Raises InputError for a line with another number of cells, and for a
    number that is not finite.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("height,width\\n1.5,2\\n3,NA\\n")
    ...     parsed = parse_rows(Lines(path), Dialect(",", ".", width=2), Choices())
    >>> parsed.names, parsed.numbers.tolist(), parsed.columns[1].first_missing
    (['height', 'width'], [[1.5, 2.0], [3.0, nan]], 3)
    """
    numbers, columns, words = array("d"), [], []
    names, width, first_line, label = None, 0, 0, None
    for line, cells in lines.records(dialect.separator):
        if not first_line:
            first_line, width = line, dialect.width
            below = lines.head(dialect.separator)[1:]
            if dialect.ragged or has_header(cells, below, dialect.decimal, choices.header):
                names = [""] * (width - len(cells)) + [cell.strip() for cell in cells]
            elif choices.header != "no":
                names = _names_in_comment(lines, dialect)
            columns = [NonNumbers() for _ in range(width)]
            if choices.labels not in (None, "none") and not is_label_file(choices.labels):
                label = label_place(choices.labels, names, width, lines.path)
            if names is not None and not lines.comment_names:
                continue
        if len(cells) != width:
            raise InputError(
                f"{lines.path}, line {line}: {len(cells)} columns, expected {width} as in line "
                f"{first_line}; --separator names what stands between them, here "
                f"{mark_name(SEPARATORS, dialect.separator)}"
            )
        values = _row_of_numbers(cells) if dialect.decimal == "." else None
        numbers.extend(values or _row_of_cells(cells, line, dialect, names, columns, lines.path))
        if label is not None:
            words.append(cells[label].strip())
    return ParsedRows(names, np.array(numbers).reshape(-1, width or 1), columns, words, first_line)


def label_place(asked: str, names: list[str] | None, width: int, path: Path) -> int:
    """The place, from 0, of the column with this name, or with this number, which counts from 1.
    Raises InputError if there is none.

    >>> label_place("kind", ["x", "kind"], 2, Path("rows.csv"))
    1
    >>> label_place("1", ["x", "kind"], 2, Path("rows.csv"))
    0
    """
    if names and asked in names:
        return names.index(asked)
    if asked.isdigit() and 1 <= int(asked) <= width:
        return int(asked) - 1
    there = listing([name for name in names if name]) if names else f"1 to {width}, and no names"
    raise InputError(
        f"--labels {asked}: {path} has the columns {there}; a file of labels has a name like y.csv"
    )


def column_text(names: list[str] | None, j: int) -> str:
    """The number of a column, from 1, and its name if it has one.

    >>> column_text(["x", "kind"], 1), column_text(None, 1)
    ('2 (kind)', '2')
    """
    return f"{j + 1} ({names[j]})" if names and names[j] else str(j + 1)


def _row_of_numbers(cells: list[str]) -> list[float] | None:
    """The numbers of a row; None if a cell may be no number."""
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return values if isfinite(sum(values)) else None


def _row_of_cells(
    cells: list[str],
    line: int,
    dialect: Dialect,
    names: list[str] | None,
    columns: list[NonNumbers],
    path: Path,
) -> list[float]:
    """The numbers of a row; nan for a cell that is no number, which is counted in `columns`."""
    values = []
    for j, cell in enumerate(cells):
        value = parse_number(cell, dialect.decimal)
        if value is None:
            columns[j].add(cell.strip(), line)
        elif not isfinite(value):
            raise InputError(
                f"{path}, line {line}, column {column_text(names, j)}: {value}, expected a finite "
                f"number"
            )
        values.append(nan if value is None else value)
    return values


def _names_in_comment(lines: Lines, dialect: Dialect) -> list[str] | None:
    """The names in the comment above the rows, as numpy.savetxt writes them; None if the comment
    holds no names.
    """
    cells = [cell.strip() for cell in next(lines.cells(iter([lines.above]), dialect.separator), [])]
    if (
        dialect.width < 2
        or len(cells) != dialect.width
        or any(is_number(cell) or not cell for cell in cells)
    ):
        return None
    lines.comment_names = True
    return cells

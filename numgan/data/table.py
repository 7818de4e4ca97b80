"""Tables of text: rows of numbers, with the names, labels and numbers of rows that programs write
around them.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data.choices import DECIMALS, SEPARATORS, Choices
from numgan.data.content import Content, listed, number_of
from numgan.data.dialect import is_missing, is_number, number, recognise
from numgan.data.header import has_header, is_index
from numgan.data.labels import as_labels, from_words, is_file
from numgan.data.lines import Dialect, Lines
from numgan.errors import InputError

INDEX_NAMES = (
    "",
    "unnamed: 0",
    "index",
    "id",
    "row",
    "#",
)  # of columns that number the rows, where they do


@dataclass
class Column:
    """What is no number in a column: missing values, and words."""

    missing: int = 0
    blank: int = 0  # of the missing ones those where nothing stands
    first_missing: int = 0  # its line
    words: list[str] = field(default_factory=list)  # a few
    first_word: int = 0
    texts: int = 0


def read(path: Path, choices: Choices) -> Content:
    """The rows of a table. Raises InputError, in a line that names the place, for what is no
    number.
    """
    choices.refuse_others(
        f"{path.name}, a table",
        "header",
        "separator",
        "decimal",
        "index",
        "labels",
        "columns",
        "held",
    )
    lines = Lines(path)
    dialect = recognise(lines, choices)
    names, numbers, columns, words, first_line = parse(lines, dialect, choices)
    R, width = numbers.shape
    if R == 0:
        raise InputError(
            f"{path} is empty{' below its header' if names else ''}: expected at "
            f"least one row of numbers"
        )
    content = Content(numbers)
    keep = [j for j in range(width) if columns[j].blank < R or (names and names[j])]
    empty = [j for j in range(width) if j not in keep]
    index = index_column(names, numbers, columns, choices, keep)
    keep = [j for j in keep if j != index]
    if choices.labels not in (None, "none") and not is_file(choices.labels):
        j = label_column(choices.labels, names, width, path)
        keep = [k for k in keep if k != j]
        if columns[j].missing:
            raise InputError(missing(path, names, j, columns[j], R))
        content.labels = as_labels(from_words(words), R, f"{path}, column {called(names, j)}")
        content.label_name = names[j] if names and names[j] else f"column {j + 1}"
    if not keep:
        raise InputError(
            f"{path} has no column of numbers beside its index and labels: expected at least one"
        )
    worded = [j for j in keep if columns[j].texts + columns[j].missing == R and columns[j].texts]
    for j in keep:
        if columns[j].texts and not (choices.typed and j in worded):
            raise InputError(text(path, names, j, columns[j], R, dialect, first_line))
    for j in keep:
        if columns[j].missing:
            others = [
                f"{called(names, k)}: {columns[k].missing:,}"
                for k in keep
                if k > j and columns[k].missing
            ]
            raise InputError(missing(path, names, j, columns[j], R, others))
    if choices.typed and worded:
        below = int(names is not None and not lines.comment_names)
        for j, cells in zip(worded, lines.columns(dialect.separator, worded, below), strict=True):
            words, numbers[:, j] = np.unique(cells, return_inverse=True)
            content.words[keep.index(j)] = tuple(words.tolist())
    if len(keep) < width:
        content.x = numbers[:, keep]
    if names:
        content.names = tuple(names[j] or f"column {j + 1}" for j in keep)
    tell(content, dialect, lines, names, first_line, index, empty, choices)
    return content


def parse(lines: Lines, dialect: Dialect, choices: Choices):
    """The names or None, the numbers (R, width) with nan for what is none, what is none in each
    column, the words of the column that --labels names, and the number of the first line."""
    numbers, columns, words = array("d"), [], []
    names, width, first_line, label = None, 0, 0, None
    for line, cells in lines.records(dialect.separator):
        if not first_line:
            first_line, width = line, dialect.width
            if dialect.ragged or has_header(
                cells, lines.head(dialect.separator)[1:], dialect.decimal, choices.header
            ):
                names = [""] * (width - len(cells)) + [cell.strip() for cell in cells]
            elif choices.header != "no":
                names = names_above(lines, dialect)
            columns = [Column() for _ in range(width)]
            if choices.labels not in (None, "none") and not is_file(choices.labels):
                label = label_column(choices.labels, names, width, lines.path)
            if names is not None and not lines.comment_names:
                continue
        if len(cells) != width:
            raise InputError(
                f"{lines.path}, line {line}: {len(cells)} columns, expected {width} as in line "
                f"{first_line}; "
                f"--separator names what stands between them, here "
                f"{name_of(SEPARATORS, dialect.separator)}"
            )
        values = all_numbers(cells) if dialect.decimal == "." else None
        numbers.extend(values or one_by_one(cells, line, dialect, names, columns, lines.path))
        if label is not None:
            words.append(cells[label].strip())
    return names, np.array(numbers).reshape(-1, width or 1), columns, words, first_line


def all_numbers(cells: list[str]) -> list[float] | None:
    """The numbers of a row, or None where a cell may be none."""
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return values if isfinite(sum(values)) else None


def one_by_one(
    cells: list[str], line: int, dialect: Dialect, names, columns: list[Column], path: Path
) -> list[float]:
    """The numbers of a row, nan where there is none, which its column writes down."""
    values = []
    for j, cell in enumerate(cells):
        value = number(cell, dialect.decimal)
        if value is None:
            note(columns[j], cell.strip(), line)
        elif not isfinite(value):
            raise InputError(
                f"{path}, line {line}, column {called(names, j)}: {value}, expected a finite number"
            )
        values.append(nan if value is None else value)
    return values


def names_above(lines: Lines, dialect: Dialect) -> list[str] | None:
    """The names in the comment above the rows, as numpy.savetxt writes them; None where it is
    another comment.
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


def note(column: Column, cell: str, line: int) -> None:
    """Write down a cell that is no number."""
    if is_missing(cell):
        column.missing += 1
        column.blank += not cell
        column.first_missing = column.first_missing or line
        return
    column.texts += 1
    column.first_word = column.first_word or line
    if cell not in column.words and len(column.words) < 3:
        column.words.append(cell)


def index_column(
    names, numbers: Array, columns: list[Column], choices: Choices, keep: list[int]
) -> int | None:
    """The column that numbers the rows, if the first one does."""
    if choices.index == "no" or len(keep) < 2 or label_is_first(choices.labels, names):
        return None
    if choices.index == "yes":
        return 0
    named = None if names is None else names[0].lower()
    return 0 if is_index(named, INDEX_NAMES, numbers[:, 0], columns[0].texts) else None


def label_is_first(labels: str | None, names: list[str] | None) -> bool:
    """True where the first column holds the classes."""
    return labels is not None and (labels == "1" or (names is not None and labels == names[0]))


def label_column(asked: str, names: list[str] | None, width: int, path: Path) -> int:
    """The place of the column with that name, or of that number, which counts from 1."""
    if names and asked in names:
        return names.index(asked)
    if asked.isdigit() and 1 <= int(asked) <= width:
        return int(asked) - 1
    there = listed([name for name in names if name]) if names else f"1 to {width}, and no names"
    raise InputError(
        f"--labels {asked}: {path} has the columns {there}; a file of labels has a name like y.csv"
    )


def called(names: list[str] | None, j: int) -> str:
    """A column by its number, and its name if it has one."""
    return f"{j + 1} ({names[j]})" if names and names[j] else str(j + 1)


def missing(path: Path, names, j: int, column: Column, R: int, others: Sequence[str] = ()) -> str:
    """What to say of missing values."""
    many = f"{number_of(column.missing, 'missing value')} in {number_of(R, 'row')}"
    more = f" (also in column {listed(others)})" if others else ""
    return (
        f"{path}, column {called(names, j)}: {many}, the first in line "
        f"{column.first_missing}{more}: "
        "fill them, or leave those rows or the column out"
    )


def text(
    path: Path, names, j: int, column: Column, R: int, dialect: Dialect, first_line: int
) -> str:
    """What to say of words among numbers."""
    place = (
        f"{path}, line {column.first_word}, column {called(names, j)}: {column.words[0][:40]!r}, "
        f"expected a number"
    )
    thousands = re.fullmatch(r"[-+]?\d{1,3}([,. ]\d{3})+([.,]\d+)?", column.words[0])
    if thousands:
        hint = "write numbers without marks between thousands"
    elif column.first_word == first_line and column.texts == 1:
        hint = "if the first line has the names of the columns, say --header yes"
    elif column.texts + column.missing == R:
        hint = (
            "leave the column out, write its categories as numbers, or name it with --labels if it "
            "has the classes"
        )
    elif is_number(column.words[0], "," if dialect.decimal == "." else "."):
        hint = (
            f"if that is its decimal mark, say --decimal "
            f"{'comma' if dialect.decimal == '.' else 'point'}"
        )
    else:
        hint = (
            f"{number_of(column.texts, 'cell')} of the column "
            f"{'is' if column.texts == 1 else 'are'} none"
        )
    return f"{place}; {hint}"


def name_of(marks: dict[str, str], mark: str | None) -> str:
    """The name of a character."""
    return next((name for name, one in marks.items() if one == mark), "none")


def tell(
    content: Content, dialect: Dialect, lines: Lines, names, first_line: int, index, empty, choices
) -> None:
    """The account of a table."""
    R, dim = content.x.shape
    content.account.insert(0, ("rows", f"{number_of(R, 'row')} × {number_of(dim, 'column')}"))
    content.say("columns", listed(content.names) if content.names else "without names")
    if lines.comment_names:
        content.say("header", "in the comment above the rows (--header no passes it over)")
    elif names:
        content.say("header", f"line {first_line} (--header no takes it for a row)")
    else:
        content.say(
            "header", f"none: line {first_line} is the first row (--header yes takes it for names)"
        )
    content.say("separator", dialect.says + " (--separator)")
    content.say("decimal", name_of(DECIMALS, dialect.decimal) + dialect.doubt + " (--decimal)")
    if index is not None:
        content.say(
            "index",
            f"column {called(names, index)} numbers the rows and is passed over "
            f"(--index no keeps it)",
        )
    if content.labels is not None:
        content.say("labels", f"the column {content.label_name.removeprefix('column ')}")
    if empty:
        content.say(
            "passed over",
            f"{number_of(len(empty), 'empty column')}: {listed([str(j + 1) for j in empty])}",
        )
    if lines.comments:
        content.say("passed over", number_of(lines.comments, "comment (#)"))
    if lines.blanks:
        content.say("passed over", number_of(lines.blanks, "blank line"))

"""Tables of text: rows of numbers, with the names, labels and row numbers that programs write
around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data.choices import DECIMALS, Choices, mark_name
from numgan.data.content import Content, listing, quantity
from numgan.data.dialect import find_dialect, is_number
from numgan.data.header import is_index
from numgan.data.labels import as_labels, is_label_file, labels_from_words
from numgan.data.lines import Dialect, Lines
from numgan.data.parse import NonNumbers, column_text, label_place, parse_rows
from numgan.errors import InputError

INDEX_NAMES = ("", "unnamed: 0", "index", "id", "row", "#")  # usual names of row numbers
FITTING = ("header", "separator", "decimal", "index", "labels", "columns", "held")


def read(path: Path, choices: Choices) -> Content:
    """The rows of a table. Raises InputError, in a line that names the place, for a cell that is no
    number.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("height;kind\\n1,5;a\\n2,0;b\\n2,5;a\\n3,5;b\\n")
    ...     content = read(path, Choices(labels="kind"))
    >>> content.x.tolist(), content.names, content.labels.tolist()
    ([[1.5], [2.0], [2.5], [3.5]], ('height',), ['a', 'b', 'a', 'b'])
    """
    choices.refuse_others(f"{path.name}, a table", *FITTING)
    lines = Lines(path)
    dialect = find_dialect(lines, choices)
    names, numbers, columns, words, first_line = parse_rows(lines, dialect, choices)
    R, width = numbers.shape
    if R == 0:
        raise InputError(
            f"{path} is empty{' below its header' if names else ''}: expected at "
            f"least one row of numbers"
        )
    content = Content(numbers)
    keep = [j for j in range(width) if columns[j].blank < R or (names and names[j])]
    empty = [j for j in range(width) if j not in keep]
    index = _find_index(names, numbers, columns, choices, keep)
    keep = [j for j in keep if j != index]
    if choices.labels not in (None, "none") and not is_label_file(choices.labels):
        j = label_place(choices.labels, names, width, path)
        keep = [k for k in keep if k != j]
        if columns[j].missing:
            raise InputError(_missing_text(path, names, j, columns[j], R))
        where = f"{path}, column {column_text(names, j)}"
        content.labels = as_labels(labels_from_words(words), R, where)
        content.label_name = names[j] if names and names[j] else f"column {j + 1}"
    if not keep:
        raise InputError(
            f"{path} has no column of numbers beside its index and labels: expected at least one"
        )
    worded = [j for j in keep if columns[j].texts + columns[j].missing == R and columns[j].texts]
    for j in keep:
        if columns[j].texts and not (choices.typed and j in worded):
            raise InputError(_words_text(path, names, j, columns[j], R, dialect, first_line))
    holes = [j for j in keep if columns[j].missing]
    if holes:
        others = [f"{column_text(names, k)}: {columns[k].missing:,}" for k in holes[1:]]
        raise InputError(_missing_text(path, names, holes[0], columns[holes[0]], R, others))
    if choices.typed and worded:
        below = int(names is not None and not lines.comment_names)
        for j, cells in zip(worded, lines.columns(dialect.separator, worded, below), strict=True):
            levels, numbers[:, j] = np.unique(cells, return_inverse=True)
            content.words[keep.index(j)] = tuple(levels.tolist())
    if len(keep) < width:
        content.x = numbers[:, keep]
    if names:
        content.names = tuple(names[j] or f"column {j + 1}" for j in keep)
    _write_account(content, dialect, lines, names, first_line, index, empty)
    return content


def _find_index(
    names: list[str] | None,
    numbers: Array,
    columns: list[NonNumbers],
    choices: Choices,
    keep: list[int],
) -> int | None:
    """The place of the column that numbers the rows: the first one, or None."""
    if choices.index == "no" or len(keep) < 2 or _is_label_first(choices.labels, names):
        return None
    if choices.index == "yes":
        return 0
    name = None if names is None else names[0].lower()
    return 0 if is_index(name, INDEX_NAMES, numbers[:, 0], columns[0].texts) else None


def _is_label_first(labels: str | None, names: list[str] | None) -> bool:
    """True if the first column holds the classes."""
    return labels is not None and (labels == "1" or (names is not None and labels == names[0]))


def _missing_text(
    path: Path,
    names: list[str] | None,
    j: int,
    column: NonNumbers,
    R: int,
    others: Sequence[str] = (),
) -> str:
    """The message about missing values."""
    many = f"{quantity(column.missing, 'missing value')} in {quantity(R, 'row')}"
    more = f" (also in column {listing(others)})" if others else ""
    return (
        f"{path}, column {column_text(names, j)}: {many}, the first in line "
        f"{column.first_missing}{more}: "
        "fill them, or leave those rows or the column out"
    )


def _words_text(
    path: Path,
    names: list[str] | None,
    j: int,
    column: NonNumbers,
    R: int,
    dialect: Dialect,
    first_line: int,
) -> str:
    """The message about words among numbers."""
    word = column.words[0]
    if re.fullmatch(r"[-+]?\d{1,3}([,. ]\d{3})+([.,]\d+)?", word):
        hint = "write numbers without marks between thousands"
    elif column.first_word == first_line and column.texts == 1:
        hint = "if the first line has the names of the columns, say --header yes"
    elif column.texts + column.missing == R:
        hint = (
            "leave the column out, write its categories as numbers, or name it with --labels if it "
            "has the classes"
        )
    elif is_number(word, "," if dialect.decimal == "." else "."):
        mark = "comma" if dialect.decimal == "." else "point"
        hint = f"if that is its decimal mark, say --decimal {mark}"
    else:
        verb = "is" if column.texts == 1 else "are"
        hint = f"{quantity(column.texts, 'cell')} of the column {verb} none"
    place = f"{path}, line {column.first_word}, column {column_text(names, j)}"
    return f"{place}: {word[:40]!r}, expected a number; {hint}"


def _write_account(
    content: Content,
    dialect: Dialect,
    lines: Lines,
    names: list[str] | None,
    first_line: int,
    index: int | None,
    empty: list[int],
) -> None:
    """Write the account of a table."""
    R, dim = content.x.shape
    content.account.insert(0, ("rows", f"{quantity(R, 'row')} × {quantity(dim, 'column')}"))
    content.note("columns", listing(content.names) if content.names else "without names")
    if lines.comment_names:
        header = "in the comment above the rows (--header no passes it over)"
    elif names:
        header = f"line {first_line} (--header no takes it for a row)"
    else:
        header = f"none: line {first_line} is the first row (--header yes takes it for names)"
    content.note("header", header)
    content.note("separator", dialect.separator_text + " (--separator)")
    content.note("decimal", mark_name(DECIMALS, dialect.decimal) + dialect.doubt + " (--decimal)")
    if index is not None:
        number = f"column {column_text(names, index)} numbers the rows and is passed over"
        content.note("index", f"{number} (--index no keeps it)")
    if content.labels is not None:
        content.note("labels", f"the column {content.label_name.removeprefix('column ')}")
    if empty:
        places = listing([str(j + 1) for j in empty])
        content.note("passed over", f"{quantity(len(empty), 'empty column')}: {places}")
    if lines.comments:
        content.note("passed over", quantity(lines.comments, "comment (#)"))
    if lines.blanks:
        content.note("passed over", quantity(lines.blanks, "blank line"))

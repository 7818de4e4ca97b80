"""Data in a Python session: an array, a pandas or Polars frame, or a Dataset.

The code that reads files also reads these: an array as the .npz that `write` makes of it, and a
frame as the .csv. So a run on a frame equals the run on its file, bit for bit.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from numgan.arguments import kind_of
from numgan.data import Choices, Dataset, npy, table
from numgan.data.content import Content, quantity
from numgan.data.labels import as_labels
from numgan.errors import InputError
from numgan.files import write_whole

ARRAY, TABLE = "data.npz", "data.csv"  # their names in a run's folder
LABEL = "class"  # the column of a table for labels that are given apart
# how `write` writes a table; the values decide the kinds of the columns
WRITTEN = {"header": "yes", "separator": "comma", "decimal": "point"}


class Text:
    """A table in memory, with the methods of a path that the reader of tables calls."""

    suffix = ".csv"

    def __init__(self, name: str, content: str):
        self.name, self.content = name, content

    def __str__(self) -> str:
        return self.name

    def open(self, mode: str = "r", **_: Any) -> Any:
        """The text, or its bytes, from the beginning."""
        if "b" in mode:
            return io.BytesIO(self.content.encode())
        return io.StringIO(self.content, newline="")


@dataclass(frozen=True, eq=False)
class InMemory:
    """Data in memory, by reference, and their labels (R,), if there are any.

    Raises InputError unless the data are an array, a frame or a Dataset.
    """

    given: Any
    labels: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.given, Dataset):
            if self.labels is not None:
                raise InputError("labels are a part of a Dataset: leave them out")
        elif isinstance(self.given, np.ma.MaskedArray):
            raise InputError("data are a masked array: array.filled(value) makes one without holes")
        elif isinstance(self.given, (list, tuple, dict, set)):
            raise InputError(
                f"data are a {type(self.given).__name__}: expected the name of a data set, a path, "
                f"an array, a frame or a Dataset; numpy.array(rows) makes an array of lists"
            )
        elif not isinstance(self.given, np.ndarray) and not is_frame(self.given):
            raise InputError(
                f"data are {kind_of(self.given)}: expected the name of a data set, a path, an "
                f"array, a frame or a Dataset; numpy.asarray makes an array of most things"
            )

    def __str__(self) -> str:
        """A description, used in place of a file's name."""
        if isinstance(self.given, Dataset):
            return "the Dataset"
        sizes = " × ".join(map(str, self.given.shape))
        return f"the {'array' if isinstance(self.given, np.ndarray) else 'frame'} ({sizes})"

    def choices(self) -> dict[str, str]:
        """The choices with which the file that `write` makes is read as these data."""
        if not is_frame(self.given):
            return {}
        return WRITTEN | ({} if self.labels is None else {"labels": LABEL})

    def dataset(self, dtype: str, choices: Choices) -> Dataset:
        """The data set. Raises InputError with the messages for files."""
        if isinstance(self.given, Dataset):
            return self.typed(dtype, choices)
        if is_frame(self.given):
            content = table.read(Text(str(self), self.text()), choices)  # type: ignore[arg-type]
            return with_source(content, self).dataset(dtype, choices, self)
        choices.refuse_others("an array", "axes", "range", "labels", "columns", "held")
        column = None if choices.labels == "none" else choices.labels
        content = npy.array_content(self.given, str(self), choices, column)
        if self.labels is not None:
            content.labels = label_values(self.labels, len(content.x))
        return with_source(content, self).dataset(dtype, choices, self)

    def typed(self, dtype: str, choices: Choices) -> Dataset:
        """The given Dataset. Raises InputError if its precision is another one."""
        choices.refuse_others("a Dataset")
        if self.given.source.dtype != dtype:
            raise InputError(
                f"the Dataset is {self.given.source.dtype}, and the run {dtype}: make both the "
                f"same, with dtype="
            )
        source = self.given.source
        return self.given if self.given.rows is None else replace(self.given, source=source.again())

    def text(self) -> str:
        """The frame as a table of text, with all digits of each float."""
        columns = {str(name): cells(self.given[name]) for name in self.given.columns}
        if len(columns) < len(self.given.columns):
            names = [str(name) for name in self.given.columns]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{self} has two columns {twice!r}: give each a name of its own")
        if self.labels is not None:
            if LABEL in columns:
                raise InputError(
                    f"{self} has a column {LABEL!r} and labels beside it: name one of them, with "
                    f"labels={LABEL!r}"
                )
            columns[LABEL] = label_values(self.labels, len(self.given)).tolist()
        content = io.StringIO()
        writer = csv.writer(content, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        return content.getvalue()

    def write(self, folder: Path) -> str:
        """Write the data to a file, and return its path. Raises InputError for a Dataset, which
        cannot be written.
        """
        if isinstance(self.given, Dataset):
            raise InputError(
                "a run on a Dataset of Python's cannot be saved, for no file holds its data: train "
                "on a name, a path, an array or a frame"
            )
        path = folder / (TABLE if is_frame(self.given) else ARRAY)
        if is_frame(self.given):
            write_whole(path, self.text().encode())
            return os.path.abspath(path)
        arrays = {"x": self.given}
        if self.labels is not None:
            arrays["labels"] = label_values(self.labels, len(self.given))
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        write_whole(path, content.getvalue())
        return os.path.abspath(path)


def with_source(content: Content, source: InMemory) -> Content:
    """The content, with its source as the first line of its account."""
    content.account.insert(0, ("data", str(source)))
    return content


def is_frame(value: Any) -> bool:
    """True for a table with named columns, such as those of pandas and Polars."""
    return hasattr(value, "columns") and hasattr(value, "shape") and hasattr(value, "__getitem__")


def cells(column: Any) -> list:
    """The values of a column; True and False become 1 and 0, and a missing value becomes "NA",
    because an empty line would be skipped. If two columns have the same name, pandas returns a
    frame: then an empty list, because the names are refused later.
    """
    if hasattr(column, "columns"):
        return []
    values = column.to_list() if hasattr(column, "to_list") else list(column)
    return [
        "NA" if is_absent(v) else int(v) if isinstance(v, (bool, np.bool_)) else v for v in values
    ]


def is_absent(value: Any) -> bool:
    """True for None, NaN, pandas' NA and NaT, and empty text."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return not value.strip() if isinstance(value, str) else bool(np.all(value != value))


def label_values(labels: Any, R: int) -> np.ndarray:
    """The labels of R rows, integers or words. Raises InputError for anything else, and for a
    missing label.
    """
    values = labels.to_list() if hasattr(labels, "to_list") else labels
    if not hasattr(values, "__len__") or isinstance(values, str):
        raise InputError(f"labels are {kind_of(labels)}: expected a label for each of {R:,} rows")
    if not isinstance(values, np.ndarray) or values.dtype.kind == "O":
        values = list(values)
        if n := sum(map(is_absent, values)):
            raise InputError(
                f"labels: {quantity(n, 'missing value')} in {quantity(len(values), 'row')}: fill "
                f"them, or leave those rows out"
            )
        values = np.asarray(values)
    return as_labels(values.astype(str) if values.dtype.kind == "O" else values, R, "labels")

"""The kinds of a table's columns: how the values of each become numbers that a generator can learn,
and how these become values again.

number      normal scores (`scores.py`); samples have as many decimals as the data
integer     the same; samples are whole numbers
category    words, or few whole values: 1 at the category and 0 elsewhere (`one_hot`)
linear      (v − mean)/std; samples may leave the data's range
log         the same for log v, if all values are above 0
constant    one value: nothing to learn, and samples have this value
drop        left out, as the user chose
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.scores import Scores
from numgan.layers.conditioning import one_hot


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its name, its kind and its transform.

    `levels` are the values of a category, and `words` are the words that they number; `decimals` is
    the number of decimals that all values have, or None.

    >>> colour = Column("colour", "category", np.array([0.0, 1.0]), words=("blue", "red"))
    >>> colour.forward(np.array([1.0, 0.0])).tolist()  # red, blue
    [[0.0, 1.0], [1.0, 0.0]]
    >>> colour.cell(1.0)
    'red'
    """

    name: str
    kind: str
    levels: Array = None
    words: tuple[str, ...] | None = None
    scores: Scores | None = None
    mean: float = 0.0
    std: float = 1.0
    decimals: int | None = None

    @property
    def width(self) -> int:
        """The number of entries that this column has in an encoded row."""
        return len(self.levels) if self.kind == "category" else int(self.kind != "constant")

    def forward(self, v: Array, rng: Any = None) -> Array:
        """Values (n,) encoded, (n, width). A value that is no category of the training rows becomes
        the nearest category.
        """
        if self.kind == "constant":
            return np.empty((len(v), 0))
        if self.kind == "category":
            nearest = abs(np.subtract.outer(v, self.levels)).argmin(1)
            return one_hot(nearest, len(self.levels))
        if self.scores is not None:
            return self.scores.forward(v, rng)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            w = np.log(v) if self.kind == "log" else v
        return ((w - self.mean) / self.std)[:, None]

    def inverse(self, x: Array) -> Array:
        """The values (n,) of encoded ones (n, width).

        >>> length = Column("length", "linear", mean=10.0, std=2.0, decimals=1)
        >>> length.inverse(np.array([[0.0], [0.52]])).tolist()
        [10.0, 11.0]
        """
        if self.kind == "constant":
            return np.full(len(x), self.levels[0])
        if self.kind == "category":
            return self.levels[x.argmax(1)]
        z = x[:, 0].astype(np.float64)
        if self.scores is not None:
            v = self.scores.inverse(z)
        else:
            v = self.mean + self.std * z
            v = np.exp(v) if self.kind == "log" else v
        return v if self.decimals is None else np.round(v, self.decimals)

    def kind_text(self) -> str:
        """The kind in words.

        >>> Column("length", "number", decimals=2).kind_text()
        'number, 2 decimals'
        """
        if self.kind == "constant":
            return f"always {self.cell(self.levels[0])}"
        if self.kind == "category":
            return f"{len(self.levels)} categories"
        if self.kind in ("linear", "log"):
            return {"linear": "number, by mean and deviation", "log": "number, by its logarithm"}[
                self.kind
            ]
        places = f", {self.decimals} decimal{'s' * (self.decimals > 1)}" if self.decimals else ""
        return self.kind + places

    def cell(self, value: float) -> Any:
        """A value as it is written in the user's table: a word, a whole number or a float."""
        if self.words is not None:
            return self.words[int(value)]
        return int(value) if self.decimals == 0 else float(value)


@dataclass(frozen=True, eq=False)
class Columns:
    """All columns, in the order of the data: the form of a data set whose rows were encoded
    (compare `Form`). An encoded row has its numbers first, and then one block for each category.

    >>> colour = Column("colour", "category", np.array([0.0, 1.0]), words=("blue", "red"))
    >>> length = Column("length", "linear", mean=10.0, std=2.0)
    >>> columns = Columns((colour, length), named=True)
    >>> x = columns.forward(np.array([[1.0, 12.0]]), "float64")
    >>> x.tolist()  # the length, then the block of the colour
    [[1.0, 0.0, 1.0]]
    >>> columns.stored(x).tolist()
    [('red', 12.0)]
    """

    columns: tuple[Column, ...]
    named: bool  # True if the names come from the user's data
    dtype: str = "<f8"
    label_name: str = "class"
    # rows in the units of the data, (n, len(columns)): some to train on, and those held out
    train: Array = field(default=None, repr=False)
    held: Array = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the columns; None if the user's data have no names."""
        return tuple(column.name for column in self.columns) if self.named else None

    @property
    def whole(self) -> Array:
        """Which columns are whole numbers, (len(columns),)."""
        return np.array([c.decimals == 0 and c.words is None for c in self.columns])

    @property
    def has_words(self) -> bool:
        """True if a column holds words."""
        return any(column.words is not None for column in self.columns)

    @property
    def free(self) -> int:
        """The number of entries before the categories in an encoded row."""
        return sum(c.width for c in self.columns if c.kind != "category")

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of the categories' blocks."""
        return tuple(c.width for c in self.columns if c.kind == "category")

    def layout(self) -> list[tuple[int, Column, slice]]:
        """(place in the data, column, place in an encoded row), in the order of encoded rows."""
        order = sorted(enumerate(self.columns), key=lambda one: one[1].kind == "category")
        start, found = 0, []
        for j, column in order:
            found.append((j, column, slice(start, start + column.width)))
            start += column.width
        return found

    def forward(self, rows: Array, dtype: str, rng: Any = None) -> Array:
        """Rows (n, len(columns)) encoded, (n, dim). With rng, ties are broken at random."""
        x = np.empty((len(rows), self.free + sum(self.sizes)), dtype)
        for j, column, place in self.layout():
            x[:, place] = column.forward(rows[:, j].astype(np.float64), rng)
        return x

    def inverse(self, x: Array) -> Array:
        """Encoded rows (n, dim) as numbers (n, len(columns)); a word is its number among the
        column's words.
        """
        rows = np.empty((len(x), len(self.columns)))
        for j, column, place in self.layout():
            rows[:, j] = column.inverse(x[:, place])
        return rows

    def stored(self, x: Array) -> Array:
        """Encoded rows in the form of the data: an array (n, len(columns)), or, if a column holds
        words, records (n,) with a field for each column.
        """
        rows = self.inverse(x)
        if not self.has_words:
            return rows.astype(self.dtype)
        kinds = [
            (c.name, f"U{max(map(len, c.words))}" if c.words else "<i8" if w else "<f8")
            for c, w in zip(self.columns, self.whole, strict=True)
        ]
        records = np.empty(len(rows), kinds)
        for column, values in zip(self.columns, rows.T, strict=True):
            words = None if column.words is None else np.array(column.words)
            records[column.name] = values if words is None else words[values.astype(int)]
        return records

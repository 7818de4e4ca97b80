"""What a table's columns are, and how each becomes numbers that a generator makes well, and back.

number      normal scores (`scores.py`); what comes back has as many decimals as the data
integer     the same, and comes back as whole numbers
category    words, or few whole values: 1 at the category and 0 elsewhere (`one_hot`)
linear      (v − mean)/std, which may leave the data's range
log         the same of log v, for values above 0
constant    one value: nothing to learn, it comes back as it is
drop        left out, by the user's word
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
    """One column: its name, its kind and its law. `levels` are a category's values, `words` what
    they stand for; `decimals` are those that all values have, or None."""

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
        """How many numbers of an encoded row are this column's."""
        return len(self.levels) if self.kind == "category" else int(self.kind != "constant")

    def forward(self, v: Array, rng: Any = None) -> Array:
        """Values (n,) as (n, width). A category that the training rows lack is the nearest one."""
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

    def back(self, x: Array) -> Array:
        """Values (n,) of encoded ones (n, width)."""
        if self.kind == "constant":
            return np.full(len(x), self.levels[0])
        if self.kind == "category":
            return self.levels[x.argmax(1)]
        z = x[:, 0].astype(np.float64)
        if self.scores is not None:
            v = self.scores.back(z)
        else:
            v = self.mean + self.std * z
            v = np.exp(v) if self.kind == "log" else v
        return v if self.decimals is None else np.round(v, self.decimals)

    def says(self) -> str:
        """The kind in words."""
        if self.kind == "constant":
            return f"always {self.shown(self.levels[0])}"
        if self.kind == "category":
            return f"{len(self.levels)} categories"
        if self.kind in ("linear", "log"):
            return {"linear": "number, by mean and deviation", "log": "number, by its logarithm"}[
                self.kind
            ]
        places = f", {self.decimals} decimal{'s' * (self.decimals > 1)}" if self.decimals else ""
        return self.kind + places

    def shown(self, value: float) -> Any:
        """A value as the user's data have it: a word, a whole number or a float."""
        if self.words is not None:
            return self.words[int(value)]
        return int(value) if self.decimals == 0 else float(value)


@dataclass(frozen=True, eq=False)
class Columns:
    """All columns, in the order of the data. An encoded row has its numbers first and then a block
    for each category; a Form's duties for rows that were encoded."""

    columns: tuple[Column, ...]
    named: bool  # the names are the user's
    dtype: str = "<f8"
    label_name: str = "class"
    # of the rows as they came: those trained on, and those kept to measure by, (n, len(columns))
    train: Array = field(default=None, repr=False)
    held: Array = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of a header."""
        return tuple(column.name for column in self.columns) if self.named else None

    @property
    def whole(self) -> Array:
        """Which columns are whole numbers, (len(columns),)."""
        return np.array([c.decimals == 0 and c.words is None for c in self.columns])

    @property
    def words(self) -> bool:
        """True where a column holds words."""
        return any(column.words is not None for column in self.columns)

    @property
    def free(self) -> int:
        """How many numbers stand before the categories in an encoded row."""
        return sum(c.width for c in self.columns if c.kind != "category")

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of the categories' blocks."""
        return tuple(c.width for c in self.columns if c.kind == "category")

    def places(self) -> list[tuple[int, Column, slice]]:
        """(place in the data, column, place in an encoded row), in the order of encoded rows."""
        order = sorted(enumerate(self.columns), key=lambda one: one[1].kind == "category")
        start, found = 0, []
        for j, column in order:
            found.append((j, column, slice(start, start + column.width)))
            start += column.width
        return found

    def forward(self, rows: Array, dtype: str, rng: Any = None) -> Array:
        """Rows (n, len(columns)) encoded, (n, dim). With rng ties are broken at random."""
        x = np.empty((len(rows), self.free + sum(self.sizes)), dtype)
        for j, column, place in self.places():
            x[:, place] = column.forward(rows[:, j].astype(np.float64), rng)
        return x

    def back(self, x: Array) -> Array:
        """Encoded rows (n, dim) as numbers (n, len(columns)); words are their places among the
        column's words.
        """
        rows = np.empty((len(x), len(self.columns)))
        for j, column, place in self.places():
            rows[:, j] = column.back(x[:, place])
        return rows

    def of(self, x: Array) -> Array:
        """Encoded rows as they came: an array (n, len(columns)), or where there are words records
        (n,) with a field for each column.
        """
        rows = self.back(x)
        if not self.words:
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

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

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.scores import Scores
from numgan.errors import InputError
from numgan.layers.conditioning import one_hot
from numgan.names import guess

KINDS = ("number", "integer", "category", "linear", "log", "drop")
FEW, OFTEN = 10, 5  # whole values that are categories: so many, each in so many rows on average
MOST = 100  # categories of a column
DECIMALS = 6  # more are not looked for
DATE = re.compile(r"^\d{4}[-/.]\d\d?[-/.]\d\d?|^\d\d?[-/.]\d\d?[-/.]\d{2,4}\b|^\d\d?:\d\d")


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


def kinds_named(text: str, names: tuple[str, ...]) -> dict[int, str]:
    """The kinds of `--columns zip=category,3=drop`: columns by name, or by number from 1. "auto"
    names none.

        >>> kinds_named("zip=category,2=drop", ("zip", "age"))
        {0: 'category', 1: 'drop'}
    """
    found: dict[int, str] = {}
    for part in text.split(","):
        name, equals, kind = part.strip().rpartition("=")
        if part.strip() == "auto":
            continue
        if not equals:
            raise InputError(f"--columns must be auto, plain, or name=kind,…, got {text!r}")
        if kind not in KINDS:
            raise InputError(
                f"--columns {part}: kinds are {', '.join(KINDS)}, got {kind!r}{guess(kind, KINDS)}"
            )
        if name in names:
            found[names.index(name)] = kind
        elif name.isdigit() and 1 <= int(name) <= len(names):
            found[int(name) - 1] = kind
        else:
            raise InputError(
                f"--columns {part}: the data have no column {name!r}{guess(name, names)}"
            )
    return found


def found_column(
    name: str, v: Array, train: Array, words: tuple[str, ...] | None, kind: str | None
) -> Column:
    """The column of values v (R,), its law from those of the training rows, of the kind that was
    named, or that its values show.
    """
    values = np.unique(v)
    places = None if words is not None else decimals(v)
    if len(values) == 1:
        return Column(name, "constant", values, words, decimals=places)
    few = places == 0 and len(values) <= FEW and OFTEN * len(values) <= len(v)
    if words is not None and kind not in (None, "category"):
        raise InputError(f"--columns {name}={kind}: it holds words, such as {words[0][:30]!r}")
    kind = kind or ("category" if words is not None or few else "")
    if kind == "category":
        if len(values) > MOST:
            raise InputError(
                f"column {name} has {len(values):,} categories, of {MOST} at most: leave it out "
                f"(--columns {name}=drop), or make groups of them"
            )
        return Column(name, kind, values, words, decimals=places)
    if kind == "integer" and places != 0:
        raise InputError(f"--columns {name}=integer: it holds {v[v != np.rint(v)][0]:g}")
    if kind in ("linear", "log"):
        if kind == "log" and values[0] <= 0:
            raise InputError(
                f"--columns {name}=log: it holds {values[0]:g}, which has no logarithm"
            )
        w = np.log(train) if kind == "log" else train
        return Column(name, kind, None, None, None, w.mean(), w.std() or 1.0, places)
    kind = kind or ("integer" if places == 0 else "number")
    return Column(name, kind, None, None, Scores.of(train), decimals=places)


def decimals(v: Array) -> int | None:
    """The least number of decimals that writes all values, or None for many.

    >>> decimals(np.array([0.25, 3.5])), decimals(np.array([1.0, 2.0])), decimals(np.array([1 / 3]))
    (2, 0, None)
    """
    size = np.abs(v).max()
    if size >= 2**53:
        return None
    for places in range(DECIMALS + 1):
        if (abs(v - np.round(v, places)) <= 1e-15 * size).all():
            return places
    return None


def find_columns(
    rows: Array,
    names: tuple[str, ...] | None,
    words: dict[int, tuple[str, ...]],
    kinds: Callable[[tuple[str, ...]], dict[int, str]],
    train: Array,
    where: object,
) -> tuple[list[int], list[Column]]:
    """The places and the columns that are kept of rows (R, dim). `train` are the rows to learn the
    laws from. Raises InputError, in a line, for names that collide, a column twice, numbers of rows
    and dates."""
    called = names or tuple(f"column {j + 1}" for j in range(rows.shape[1]))
    for j, name in enumerate(called):
        if (first := called.index(name)) != j:
            raise InputError(
                f"{where}: columns {first + 1} and {j + 1} are both named {name!r}: rename one"
            )
    named = kinds(called)
    keep = [j for j in range(rows.shape[1]) if named.get(j) != "drop"]
    if not keep:
        raise InputError(f"{where}: --columns drops every column: keep at least one")
    seen: dict[bytes, str] = {}
    columns = []
    for j in keep:
        v = rows[:, j].astype(np.float64)
        name = called[j]
        if j not in named:
            refuse_numbering(name, j, v, words.get(j), where)
        column = found_column(name, v, v[train], words.get(j), named.get(j))
        same = v.tobytes()
        if column.kind != "constant" and same in seen:
            raise InputError(
                f"{where}: columns {seen[same]} and {name} are the same: "
                f"leave one out (--columns {name if names else j + 1}=drop)"
            )
        seen[same] = name
        columns.append(column)
    return keep, columns


def refuse_numbering(
    name: str, j: int, v: Array, words: tuple[str, ...] | None, where: object
) -> None:
    """Raise InputError for values that tell rows apart and measure nothing."""
    R = len(v)
    advice = f"leave it out (--columns {name if not name.startswith('column ') else j + 1}=drop)"
    if words is not None and all(DATE.search(word) for word in words):
        raise InputError(
            f"{where}, column {name}: {words[0][:30]!r} is a date: write it as numbers, such as "
            f"days since a first one, or {advice}"
        )
    if words is not None and len(words) > max(R / 2, FEW):
        raise InputError(
            f"{where}, column {name}: {len(words):,} different words in {R:,} rows, such as "
            f"{words[0][:30]!r}, name the rows: {advice}"
        )
    steps = np.diff(v)
    if words is None and R >= 20 and steps[0] != 0 and (steps == steps[0]).all():
        raise InputError(
            f"{where}, column {name}: {v[0]:g}, {v[1]:g}, {v[2]:g}, … numbers the rows: {advice}"
        )

"""The kind of each column of a table, found from its values or chosen by the user, and the columns
that are refused with advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.data.columns import Column
from numgan.data.scores import Scores
from numgan.errors import InputError
from numgan.names import guess

KINDS = ("number", "integer", "category", "linear", "log", "drop")
FEW, OFTEN = 10, 5  # categories: at most FEW whole values, each in OFTEN rows on average
MOST = 100  # categories of a column at most
DECIMALS = 6  # more count as many
DATE = re.compile(r"^\d{4}[-/.]\d\d?[-/.]\d\d?|^\d\d?[-/.]\d\d?[-/.]\d{2,4}\b|^\d\d?:\d\d")


def parse_kinds(text: str, names: tuple[str, ...]) -> dict[int, str]:
    """The kinds in `--columns zip=category,3=drop`: columns by name, or by number from 1. "auto"
    has none. Raises InputError for an unknown column or kind.

    >>> parse_kinds("zip=category,2=drop", ("zip", "age"))
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


def make_column(
    name: str, v: Array, train: Array, words: tuple[str, ...] | None, kind: str | None
) -> Column:
    """The column of values v (R,), of the chosen kind or of the kind that its values show; its
    transform is learned from the values `train`. Raises InputError for a kind that does not fit the
    values.

    >>> v = np.arange(50.0) % 5
    >>> make_column("stars", v, v, None, None).kind_text()
    '5 categories'
    >>> make_column("stars", v, v, None, "linear").kind_text()
    'number, by mean and deviation'
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
    """The least number of decimals with which all values can be written, or None if it exceeds six.

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
    """The places of the columns that are kept of rows (R, dim), and these columns. Their transforms
    are learned from the rows `train`. Raises InputError, in one line, for a name that two columns
    have, for a column that occurs twice, and for row numbers and dates.

    >>> rows = np.array([[1.5, 7.0], [0.5, 7.0], [2.5, 7.0]])
    >>> keep, columns = find_columns(rows, ("cm", "year"), {}, lambda names: {}, np.arange(3), "")
    >>> keep, [column.kind for column in columns]
    ([0, 1], ['number', 'constant'])
    """
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
            _refuse_numbering(name, j, v, words.get(j), where)
        column = make_column(name, v, v[train], words.get(j), named.get(j))
        same = v.tobytes()
        if column.kind != "constant" and same in seen:
            raise InputError(
                f"{where}: columns {seen[same]} and {name} are the same: "
                f"leave one out (--columns {name if names else j + 1}=drop)"
            )
        seen[same] = name
        columns.append(column)
    return keep, columns


def _refuse_numbering(
    name: str, j: int, v: Array, words: tuple[str, ...] | None, where: object
) -> None:
    """Raise InputError for a column that only identifies rows: row numbers, dates, names."""
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

"""Which kind each column of a table is: found in its values, or named by the user; and which
columns are refused, with advice.
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
FEW, OFTEN = 10, 5  # whole values that are categories: so many, each in so many rows on average
MOST = 100  # categories of a column
DECIMALS = 6  # more are not looked for
DATE = re.compile(r"^\d{4}[-/.]\d\d?[-/.]\d\d?|^\d\d?[-/.]\d\d?[-/.]\d{2,4}\b|^\d\d?:\d\d")


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
    """Raise InputError for a column that only tells rows apart: row numbers, dates,
    names of rows."""
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

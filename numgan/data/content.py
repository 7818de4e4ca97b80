"""What a file was found to hold, before it becomes a data set, and the account of it that the user
is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.columns import Columns
from numgan.data.dataset import Dataset, Form, fingerprint, from_images, from_rows, labelled
from numgan.data.kinds import find_columns, kinds_named
from numgan.data.pieces import pieces
from numgan.data.sources import Shuffled
from numgan.errors import InputError

LEAST = 6  # rows, to learn columns from
MEASURED = 10_000  # rows at most by which samples are measured
WIDE = 12  # so many names, classes or files are listed


@dataclass
class Content:
    """Rows (R, dim), or images (R, H, W) or (R, H, W, C) where `white` is known, with their labels
    (R,) or None.

    `account` is a list of (topic, sentence); a sentence names the option that decides otherwise.
    """

    x: Array
    account: list[tuple[str, str]] = field(default_factory=list)
    labels: Array | None = None
    names: tuple[str, ...] | None = None
    label_name: str = "class"
    black: float = 0.0
    white: float | None = None
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)  # those of columns of words

    def say(self, topic: str, sentence: str) -> None:
        """Add a line to the account."""
        self.account.append((topic, sentence))

    def dataset(self, dtype: str, choices: Choices | None = None, where: object = "") -> Dataset:
        """The data set of these rows or images. `where` is what refusals name."""
        form: Form | Columns | None
        if self.white is None and choices is not None and choices.typed:
            data = from_columns(self, dtype, choices, where)
            form = data.form
        elif self.white is None:
            data = from_rows(self.x, dtype, self.labels)
            form = stored_form(self.x, self.names, self.label_name)
            if form.whole.any():
                self.say("whole", whole_columns(form))
        else:
            data = from_images(self.x, self.black, self.white, dtype, self.labels)
            form = data.form
            H, W, C = data.image_shape or (0, 0, 0)
            if C not in (1, 3, 4):
                self.say("drawn", f"each of the {C} channels as a grey picture, side by side")
        if self.labels is not None:
            self.say("classes", counts(self.labels))
        return replace(data, form=form, account=tuple(self.account))


def from_columns(content: Content, dtype: str, choices: Choices, where: object) -> Dataset:
    """Rows whose columns have kinds, less those that are kept to measure by."""
    rows, named = content.x, choices.columns or ""
    R = len(rows)
    if R < LEAST:
        raise InputError(f"{where} has {R} rows: expected at least {LEAST}, to measure samples by")
    train, held = split_rows(R, choices.held)
    keep, columns = find_columns(
        rows, content.names, content.words, lambda names: kinds_named(named, names), train, where
    )
    if len(keep) < rows.shape[1]:
        rows = rows[:, keep]
    few = train[:MEASURED], held[:MEASURED]
    form = Columns(
        tuple(columns),
        content.names is not None,
        rows.dtype.str if rows.dtype.kind == "f" else "<f8",
        content.label_name,
        *(rows[np.sort(places)].astype(np.float64) for places in few),
    )
    if form.free + sum(form.sizes) == 0:
        raise InputError(f"{where}: every column is constant: there is nothing to learn")
    if form.whole.all() and not form.words:
        form = replace(form, dtype=rows.dtype.str if rows.dtype.kind in "iu" else "<i8")
    x = form.forward(rows[train], dtype, np.random.default_rng(0))
    for column in columns:
        content.say("column", f"{column.name}: {column.says()}")
    if any(column.scores is not None for column in columns):
        content.say("scale", "numbers become normal scores (--columns plain, or NAME=linear)")
    if len(held):
        content.say(
            "held out", f"{number_of(len(held), 'row')}, to measure by; never trained on (--held)"
        )
    labels = None if content.labels is None else content.labels[train]
    digest, digests = fingerprint("rows", content.x, np.float64, content.labels)
    data = Dataset(Shuffled(x, dtype), digest=digest, digests=digests, form=form)
    return labelled(data, labels)


def split_rows(R: int, share: float | None) -> tuple[Array, Array]:
    """The places of the rows that are trained on, and of those that are held out, always the same:
    a fifth of few rows, a tenth of many, none of fewer than 40.
    """
    share = (0 if R < 40 else 0.2 if R < 500 else 0.1) if share is None else share
    order = np.random.default_rng(0).permutation(R)
    count = int(round(share * R))
    return np.sort(order[count:]), np.sort(order[:count])


def stored_form(x: Array, names: tuple[str, ...] | None, label_name: str) -> Form:
    """The form of rows (R, dim)."""
    low, high = np.full(x.shape[1], np.inf), np.full(x.shape[1], -np.inf)
    whole = np.ones(x.shape[1], bool)
    for piece in pieces(x):
        block = x[piece].astype(np.float64)
        low, high = np.minimum(low, block.min(0)), np.maximum(high, block.max(0))
        whole &= (block == np.rint(block)).all(0)
    whole &= (abs(low) < 2**53) & (abs(high) < 2**53)  # beyond, every float64 is a whole number
    kind = x.dtype.str
    if x.dtype.kind in "iu" and not whole.all():
        kind = "<f8"
    elif names is not None and whole.all():
        kind = "<i8"
    return Form(kind, whole, low, high, names, label_name)


def whole_columns(form: Form) -> str:
    """Which columns come back as whole numbers."""
    if form.whole.all():
        return "every number is whole, and samples are rounded to whole numbers"
    names = form.names or [f"column {j + 1}" for j in range(len(form.whole))]
    return (
        f"{listed([names[j] for j in np.flatnonzero(form.whole)])}: samples are rounded to whole "
        f"numbers"
    )


def counts(labels: Array) -> str:
    """The classes that occur, and how often."""
    values, how_many = np.unique(labels, return_counts=True)
    pairs = [
        f"{value} ({n:,})" for value, n in zip(values.tolist(), how_many.tolist(), strict=True)
    ]
    return f"{len(values)}: {listed(pairs)}"


def account_text(account: Sequence[tuple[str, str]]) -> str:
    """The account, a line a sentence."""
    return "\n".join(f"{topic:12} {sentence}" for topic, sentence in account)


def listed(things: Sequence[str]) -> str:
    """Some of many."""
    more = f", … ({len(things):,} in all)" if len(things) > WIDE else ""
    return ", ".join(str(thing) for thing in things[:WIDE]) + more


def number_of(n: int, thing: str) -> str:
    """1 row, 2 rows."""
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def finite(x: Array, path: object) -> None:
    """Raise InputError, naming the place, for NaN or infinity."""
    missing, first = 0, ""
    for piece in pieces(x):
        block = x[piece]
        with np.errstate(over="ignore"):  # a wider float may not fit
            bad = ~np.isfinite(block.astype(np.float64))
        if bad.any() and not first:
            place = np.unravel_index(int(np.argmax(bad)), bad.shape)
            column = f", column {place[1] + 1}" if x.ndim == 2 else ""
            first = f"row {piece.start + place[0] + 1}{column}: {block[place]}"
        missing += int(bad.sum())
    if missing:
        raise InputError(
            f"{path}, {first}, expected a finite number; {number_of(missing, 'number')} of "
            f"{x.size:,} "
            f"{'is' if missing == 1 else 'are'} not finite: fill them, or leave those rows out"
        )

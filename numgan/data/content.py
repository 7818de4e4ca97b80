"""What a file was found to hold, before it becomes a data set, and the account of it that the user
is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from numgan.backend import Array
from numgan.data.dataset import Dataset, Form, from_images, from_rows
from numgan.data.pieces import pieces
from numgan.errors import InputError

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

    def say(self, topic: str, sentence: str) -> None:
        """Add a line to the account."""
        self.account.append((topic, sentence))

    def dataset(self, dtype: str) -> Dataset:
        """The data set of these rows or images."""
        if self.white is None:
            data = from_rows(self.x, dtype, self.labels)
            form = stored_form(self.x, self.names, self.label_name)
            if form.whole.any():
                self.say("whole", whole_columns(form))
        else:
            data = from_images(self.x, self.black, self.white, dtype, self.labels)
            assert data.form is not None
            form = data.form
            H, W, C = data.image_shape or (0, 0, 0)
            if C not in (1, 3, 4):
                self.say("drawn", f"each of the {C} channels as a grey picture, side by side")
        if self.labels is not None:
            self.say("classes", counts(self.labels))
        return replace(data, form=form, account=tuple(self.account))


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

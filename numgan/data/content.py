"""The rows or images that were found in a file, before they become a data set, and the account of
them for the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.columns import Columns
from numgan.data.dataset import Dataset, Form, fingerprint, from_images, from_rows, with_labels
from numgan.data.kinds import find_columns, parse_kinds
from numgan.data.pieces import pieces
from numgan.data.sources import Shuffled
from numgan.errors import InputError

LEAST = 6  # rows from which columns are learned
MEASURED = 10_000  # rows at most that measure samples
WIDE = 12  # names, classes or files in a listing


@dataclass
class Content:
    """Rows (R, dim), or, if `white` is known, images (R, H, W) or (R, H, W, C); and their labels
    (R,) or None.

    `account` is a list of (topic, sentence). A sentence names the option that changes the decision.

    >>> content = Content(np.array([[1.0, 2.5], [3.0, 4.0]]), names=("age", "height"))
    >>> data = content.dataset("float64")
    >>> data
    <Dataset: 2 rows of shape (2,)>
    >>> print(account_text(data.account))
    whole        age: samples are rounded to whole numbers
    """

    x: Array
    account: list[tuple[str, str]] = field(default_factory=list)
    labels: Array | None = None
    names: tuple[str, ...] | None = None
    label_name: str = "class"
    black: float = 0.0
    white: float | None = None
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)  # by the column's place

    def note(self, topic: str, sentence: str) -> None:
        """Add a line to the account."""
        self.account.append((topic, sentence))

    def dataset(self, dtype: str, choices: Choices | None = None, where: object = "") -> Dataset:
        """The data set of these rows or images. Error messages name `where`."""
        form: Form | Columns | None
        if self.white is None and choices is not None and choices.typed:
            data = _typed_dataset(self, dtype, choices, where)
            form = data.form
        elif self.white is None:
            data = from_rows(self.x, dtype, self.labels)
            form = _stored_form(self.x, self.names, self.label_name)
            if form.whole.any():
                self.note("whole", _whole_columns_text(form))
        else:
            data = from_images(self.x, self.black, self.white, dtype, self.labels)
            form = data.form
            H, W, C = data.image_shape or (0, 0, 0)
            if C not in (1, 3, 4):
                self.note("drawn", f"each of the {C} channels as a grey picture, side by side")
        if self.labels is not None:
            self.note("classes", _class_counts(self.labels))
        return replace(data, form=form, account=tuple(self.account))


def _typed_dataset(content: Content, dtype: str, choices: Choices, where: object) -> Dataset:
    """The data set of rows whose columns have kinds, without the rows that are held out."""
    rows, named = content.x, choices.columns or ""
    R = len(rows)
    if R < LEAST:
        raise InputError(f"{where} has {R} rows: expected at least {LEAST}, to measure samples by")
    train, held = split_rows(R, choices.held)
    keep, columns = find_columns(
        rows, content.names, content.words, lambda names: parse_kinds(named, names), train, where
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
    if form.whole.all() and not form.has_words:
        form = replace(form, dtype=rows.dtype.str if rows.dtype.kind in "iu" else "<i8")
    x = form.forward(rows[train], dtype, np.random.default_rng(0))
    for column in columns:
        content.note("column", f"{column.name}: {column.kind_text()}")
    if any(column.scores is not None for column in columns):
        content.note("scale", "numbers become normal scores (--columns plain, or NAME=linear)")
    if len(held):
        content.note(
            "held out", f"{quantity(len(held), 'row')}, to measure by; never trained on (--held)"
        )
    labels = None if content.labels is None else content.labels[train]
    digest, digests = fingerprint("rows", content.x, np.float64, content.labels)
    data = Dataset(Shuffled(x, dtype), digest=digest, digests=digests, form=form)
    return with_labels(data, labels)


def split_rows(R: int, share: float | None) -> tuple[Array, Array]:
    """The places of the training rows and of the held-out rows, the same at each call. If `share`
    is None, a fifth is held out; of 500 rows or more a tenth; of fewer than 40 none.

    >>> train, held = split_rows(50, None)
    >>> len(train), len(held)
    (40, 10)
    >>> split_rows(10, 0.3)[1].tolist()
    [2, 4, 6]
    """
    share = (0 if R < 40 else 0.2 if R < 500 else 0.1) if share is None else share
    order = np.random.default_rng(0).permutation(R)
    count = int(round(share * R))
    return np.sort(order[count:]), np.sort(order[:count])


def _stored_form(x: Array, names: tuple[str, ...] | None, label_name: str) -> Form:
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


def _whole_columns_text(form: Form) -> str:
    """The sentence that says which columns of samples are rounded to whole numbers."""
    if form.whole.all():
        return "every number is whole, and samples are rounded to whole numbers"
    names = form.names or [f"column {j + 1}" for j in range(len(form.whole))]
    return (
        f"{listing([names[j] for j in np.flatnonzero(form.whole)])}: samples are rounded to whole "
        f"numbers"
    )


def _class_counts(labels: Array) -> str:
    """The number of classes, and the number of rows in each, as text."""
    values, how_many = np.unique(labels, return_counts=True)
    pairs = [
        f"{value} ({n:,})" for value, n in zip(values.tolist(), how_many.tolist(), strict=True)
    ]
    return f"{len(values)}: {listing(pairs)}"


def account_text(account: Sequence[tuple[str, str]]) -> str:
    """The account as text, one line for each sentence.

    >>> print(account_text([("rows", "150 rows × 4 columns"), ("header", "line 1")]))
    rows         150 rows × 4 columns
    header       line 1
    """
    return "\n".join(f"{topic:12} {sentence}" for topic, sentence in account)


def listing(things: Sequence[str]) -> str:
    """The things as text; only the first twelve if there are more.

    >>> listing(["a", "b"])
    'a, b'
    >>> listing("abcdefghijklmn")
    'a, b, c, d, e, f, g, h, i, j, k, l, … (14 in all)'
    """
    more = f", … ({len(things):,} in all)" if len(things) > WIDE else ""
    return ", ".join(str(thing) for thing in things[:WIDE]) + more


def quantity(n: int, thing: str) -> str:
    """The number of things as text, with the plural.

    >>> quantity(1, "row"), quantity(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def require_finite(x: Array, path: object) -> None:
    """Raise InputError if an entry is NaN or infinite; the message names the first one.

    >>> try:
    ...     require_finite(np.array([[1.0, 2.0], [3.0, np.inf]]), "rows.npy")
    ... except InputError as error:
    ...     print(str(error).partition(";")[0])
    rows.npy, row 2, column 2: inf, expected a finite number
    """
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
            f"{path}, {first}, expected a finite number; {quantity(missing, 'number')} of "
            f"{x.size:,} "
            f"{'is' if missing == 1 else 'are'} not finite: fill them, or leave those rows out"
        )

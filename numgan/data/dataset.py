"""A data set: a source of minibatches and what the measuring of samples needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.columns import Columns
from numgan.data.pieces import Digest, column_sums, largest, pieces
from numgan.data.sources import Fresh, Scaled, Shuffled
from numgan.errors import InputError
from numgan.layers.conditioning import one_hot
from numgan.theory.density import Density


@dataclass(frozen=True, eq=False)
class Form:
    """How rows were stored: their type, the names of their columns, and which columns hold whole
    numbers alone, with the least and the largest of each (dim,)."""

    dtype: str
    whole: Array
    low: Array
    high: Array
    names: tuple[str, ...] | None = None
    label_name: str = "class"

    def of(self, x: Array) -> Array:
        """Rows (n, dim) in the stored type: whole numbers are rounded, and stay between the least
        and the largest.
        """
        x = np.where(self.whole, np.clip(np.rint(x), self.low, self.high), x)
        return x.astype(self.dtype)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """The source, in the units that networks train on; original units are  offset + scale · x.

    modes (K, dim) and std are there for mixtures of K equal Gaussians of that standard deviation,
    labels (R,) for rows whose class is known, image_shape (H, W, C) for rows that are flattened
    images in [−1, 1]. A label k stands for the value classes[k] that the data have. What the rows
    were like when they came is in `form`.
    """

    source: Fresh | Shuffled
    offset: Array = 0.0
    scale: Array = 1.0
    modes: Array = None
    std: float | None = None
    labels: Array = None
    image_shape: tuple[int, int, int] | None = None
    digest: str | None = None  # of the rows as they came, and their labels: other data have another
    classes: tuple[int | str, ...] | None = None
    form: Form | Columns | None = None
    # what was read of the user's own data, as (topic, sentence)
    account: tuple[tuple[str, str], ...] = ()
    # others that are of the same data: of runs to which labels were unknown
    digests: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        count = "fresh draws" if self.rows is None else f"{self.rows:,} rows"
        by = "" if self.classes is None else f", {len(self.classes)} classes"
        return f"<Dataset: {count} of shape {self.image_shape or (self.dim,)}{by}>"

    def _repr_html_(self) -> str:
        from numgan.html import of_dataset

        return of_dataset(self)

    @property
    def dim(self) -> int:
        """How many numbers one sample has."""
        return int(np.prod(self.source.shape))

    @property
    def columns(self) -> Columns | None:
        """What the columns of rows are, where they have kinds."""
        return self.form if isinstance(self.form, Columns) else None

    @property
    def rows(self) -> int | None:
        """How many rows there are; None where every draw is fresh."""
        return len(self.source) if isinstance(self.source, Shuffled) else None

    @property
    def density(self) -> Density | None:
        """The exact law, where it is known."""
        return self.source.density if isinstance(self.source, Fresh) else None

    @property
    def bounded(self) -> bool:
        """True for data in [−1, 1],
        which a generator that ends in tanh can reach and cannot leave."""
        return self.image_shape is not None

    def batch(self, m: int, rng: Any) -> Array:
        """The source's next m samples, (m, dim)."""
        return self.source.batch(m, rng)

    def sample(self, n: int, rng: Any) -> Array:
        """n real samples to look at or to compare with, which leaves the source's epoch alone:
        fresh draws, or n different rows in random order. Raises InputError for more than there
        are."""
        if isinstance(self.source, Fresh):
            return self.source.batch(n, rng)
        return self.source.again().batch(n, rng)

    def all_rows(self) -> Array:
        """Every row there is, (R, dim), in order. Raises InputError where every draw is fresh."""
        if isinstance(self.source, Fresh):
            raise InputError("these data are drawn afresh: there are no rows to list")
        return self.source.rows

    def peek(self, n: int) -> Array:
        """At most n real samples, always the same."""
        return self.sample(n if self.rows is None else min(n, self.rows), np.random.default_rng(0))

    def original(self, x: Array) -> Array:
        """Samples in the units that the data came in:  offset + scale · x, or as their columns have
        it.
        """
        if self.columns is not None:
            return self.columns.back(x)
        return self.offset + self.scale * x

    def stored(self, x: Array) -> Array:
        """Samples as the data came: in their units and their type, whole numbers where the data
        have no others.
        """
        if self.columns is not None:
            return self.columns.of(x)
        return self.original(x) if self.form is None else self.form.of(self.original(x))

    def same_as(self, digest: str | None) -> bool:
        """True for a digest of these data; runs from before there were digests have none."""
        return digest is None or digest == self.digest or digest in self.digests

    def conditional(self) -> Dataset:
        """The same rows with their class beside them, [x | c] as layers/conditioning.py has them.
        Raises InputError where the classes are not known."""
        if self.labels is None:
            raise InputError(
                "these data have no classes to condition on: name them with --labels COLUMN, ARRAY "
                "or FILE"
            )
        c = one_hot(self.labels, len(self.classes or ()), self.source.dtype)
        return replace(
            self, source=Shuffled(np.concatenate([self.all_rows(), c], axis=1), self.source.dtype)
        )

    def state(self) -> dict[str, np.ndarray]:
        """What the source remembers between batches."""
        return self.source.state()

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Put a `state()` back."""
        self.source.restore(state)


def from_density(density: Density, dtype: str) -> Dataset:
    """Fresh draws of a known law."""
    return Dataset(Fresh(density, dtype))


def from_mixture(density: Any, dtype: str) -> Dataset:
    """Fresh draws of a mixture of Gaussians of one standard deviation,
    whose modes can be counted."""
    return Dataset(Fresh(density, dtype), modes=density.means, std=float(density.stds[0, 0]))


def from_rows(rows: Array, dtype: str, labels: Array = None) -> Dataset:
    """Rows of measurements (R, dim), each column brought to mean 0 and standard deviation 1:
        x = (row − mean)/std.

    Columns that are constant to twelve digits have no spread to divide by: they come out as nearly
    0. The rows may lie in a mapped file: they are read a piece at a time.
    """
    R = len(rows)
    most = largest(rows)
    # unit = row/most lies in [−1, 1], so that no square of a large number overflows
    most[most == 0] = 1.0
    mean = column_sums(rows, lambda row, j: row / most[j]) / R
    variance = column_sums(rows, lambda row, j: np.square(row / most[j] - mean[j])) / R
    spread = np.maximum(np.sqrt(variance), 1e-12)
    x = np.empty(rows.shape, dtype, order="C" if rows.flags.c_contiguous else "F")
    for piece in pieces(rows):
        x[piece] = (rows[piece].astype(np.float64) / most - mean) / spread
    digest, digests = fingerprint("rows", rows, np.float64, labels)
    return labelled(
        Dataset(Shuffled(x, dtype), most * mean, most * spread, digest=digest, digests=digests),
        labels,
    )


def from_images(
    images: Array, low: float, high: float, dtype: str, labels: Array = None
) -> Dataset:
    """Images (R, H, W) or (R, H, W, C) of pixels in [low, high], flattened, each pixel brought to
    x = (2·pixel − low − high)/(high − low) in [−1, 1];
        back again: pixel = (low + high)/2 + (high − low)/2 · x.
    Whole numbers of fewer bytes than the dtype's are kept as they are, and brought there when they
    are drawn."""
    shape = (*images.shape[1:], 1)[:3]
    offset, scale = (low + high) / 2, (high - low) / 2
    few = images.dtype.kind in "biu" and images.dtype.itemsize < np.dtype(dtype).itemsize
    x = np.empty((len(images), int(np.prod(shape))), images.dtype if few else dtype)
    for piece in pieces(images):
        x[piece] = images[piece].reshape(-1, x.shape[1])
        if not few:
            x[piece] -= offset
            x[piece] /= scale
    source = Scaled(x, offset, scale, dtype) if few else Shuffled(x, dtype)
    digest, digests = fingerprint("images", images, None, labels)
    whole = np.full(x.shape[1], images.dtype.kind in "biu")
    form = Form(images.dtype.str, whole, np.full(x.shape[1], low), np.full(x.shape[1], high))
    data = Dataset(
        source, offset, scale, image_shape=shape, digest=digest, digests=digests, form=form
    )
    return labelled(data, labels)


def fingerprint(name: str, x: Array, dtype: Any, labels: Array) -> tuple[str, frozenset[str]]:
    """The digest of data and labels, and that of the data alone, by which a run may know them that
    had no labels.
    """
    digest = Digest()
    alone = digest.update(name, x, dtype)
    if labels is None:
        return alone, frozenset()
    return digest.update("labels", labels), frozenset([alone])


def labelled(data: Dataset, labels: Array) -> Dataset:
    """The data with their labels (R,), any values, as classes 0 … K − 1: those that occur, in their
    order.
    """
    if labels is None:
        return data
    values, k = np.unique(labels, return_inverse=True)
    return replace(data, labels=k.reshape(-1), classes=tuple(values.tolist()))

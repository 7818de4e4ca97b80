"""A data set: a source of minibatches, and what is known about it to measure samples by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.columns import Columns
from numgan.data.pieces import Digest, column_sums, largest_magnitudes, pieces
from numgan.data.sources import Fresh, Scaled, Shuffled
from numgan.errors import InputError
from numgan.layers.conditioning import one_hot
from numgan.theory.density import Density


@dataclass(frozen=True, eq=False)
class Form:
    """How rows were stored: their type, the names of their columns, and which columns hold only
    whole numbers, with the least and the largest value of each column (dim,).

    >>> form = Form("<f8", np.array([True, False]), np.array([0, 0]), np.array([9, 9]))
    >>> form.stored(np.array([[3.4, 3.4], [12.0, 12.0]])).tolist()
    [[3.0, 3.4], [9.0, 12.0]]
    """

    dtype: str
    whole: Array
    low: Array
    high: Array
    names: tuple[str, ...] | None = None
    label_name: str = "class"

    def stored(self, x: Array) -> Array:
        """Rows (n, dim) in the stored type. Columns of whole numbers are rounded, and
        clipped to [low, high].
        """
        x = np.where(self.whole, np.clip(np.rint(x), self.low, self.high), x)
        return x.astype(self.dtype)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A source in the units of the networks; original units are  offset + scale · x.

    `modes` (K, dim) and `std` belong to mixtures of K equal Gaussians of this standard deviation,
    `labels` (R,) to rows with known classes, and `image_shape` (H, W, C) to flattened images in
    [−1, 1]. Label k stands for the value classes[k] of the data. `form` describes how the rows were
    stored.

    >>> data = from_rows(np.array([[-2.0], [2.0]]), "float64", np.array(["cat", "dog"]))
    >>> data
    <Dataset: 2 rows of shape (1,), 2 classes>
    >>> data.all_rows().tolist(), data.original(data.all_rows()).tolist()
    ([[-1.0], [1.0]], [[-2.0], [2.0]])
    >>> data.labels.tolist(), data.classes
    ([0, 1], ('cat', 'dog'))
    """

    source: Fresh | Shuffled
    offset: Array = 0.0
    scale: Array = 1.0
    modes: Array = None
    std: float | None = None
    labels: Array = None
    image_shape: tuple[int, int, int] | None = None
    digest: str | None = None  # of the stored rows and labels: it identifies the data
    classes: tuple[int | str, ...] | None = None
    form: Form | Columns | None = None
    # how the user's own data were read, as (topic, sentence)
    account: tuple[tuple[str, str], ...] = ()
    # other digests of the same data: without the labels
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
        """The number of entries in one sample."""
        return int(np.prod(self.source.shape))

    @property
    def columns(self) -> Columns | None:
        """The kinds of the columns; None if the columns have no kinds."""
        return self.form if isinstance(self.form, Columns) else None

    @property
    def rows(self) -> int | None:
        """The number of rows; None if each draw is fresh."""
        return len(self.source) if isinstance(self.source, Shuffled) else None

    @property
    def density(self) -> Density | None:
        """The exact density; None if it is unknown."""
        return self.source.density if isinstance(self.source, Fresh) else None

    @property
    def bounded(self) -> bool:
        """True for data in [−1, 1], the range of a generator that ends in tanh."""
        return self.image_shape is not None

    def batch(self, m: int, rng: Any) -> Array:
        """The next m samples of the source, (m, dim)."""
        return self.source.batch(m, rng)

    def sample(self, n: int, rng: Any) -> Array:
        """n real samples to show or to compare with: fresh draws, or n different rows in random
        order. The epoch of the source does not change. Raises InputError if there are fewer than n
        rows.
        """
        if isinstance(self.source, Fresh):
            return self.source.batch(n, rng)
        return self.source.again().batch(n, rng)

    def all_rows(self) -> Array:
        """All rows (R, dim), in order. Raises InputError if each draw is fresh."""
        if isinstance(self.source, Fresh):
            raise InputError("these data are drawn afresh: there are no rows to list")
        return self.source.rows

    def peek(self, n: int) -> Array:
        """At most n real samples, the same at each call."""
        return self.sample(n if self.rows is None else min(n, self.rows), np.random.default_rng(0))

    def original(self, x: Array) -> Array:
        """Samples in the units of the data:  offset + scale · x, or the inverse transform of each
        column.
        """
        if self.columns is not None:
            return self.columns.inverse(x)
        return self.offset + self.scale * x

    def stored(self, x: Array) -> Array:
        """Samples in the units and the type of the data, rounded in columns of whole numbers."""
        if self.columns is not None:
            return self.columns.stored(x)
        return self.original(x) if self.form is None else self.form.stored(self.original(x))

    def same_as(self, digest: str | None) -> bool:
        """True for a digest of these data, and for None: early runs have no digest."""
        return digest is None or digest == self.digest or digest in self.digests

    def conditional(self) -> Dataset:
        """The same rows with their class appended, [x | c] as in layers/conditioning.py. Raises
        InputError if the classes are unknown.

        >>> data = from_rows(np.array([[-2.0], [2.0]]), "float64", np.array(["cat", "dog"]))
        >>> data.conditional().all_rows().tolist()
        [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
        """
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
        """The state of the source between two batches."""
        return self.source.state()

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Restore a `state()`."""
        self.source.restore(state)


def from_density(density: Density, dtype: str) -> Dataset:
    """The data set of fresh draws from a known density.

    >>> from numgan.data.toy import gaussian
    >>> from_density(gaussian(), "float32").density.mean
    array([1.])
    """
    return Dataset(Fresh(density, dtype))


def from_mixture(density: Any, dtype: str) -> Dataset:
    """The data set of fresh draws from a mixture of Gaussians with one standard deviation, whose
    modes can be counted.

    >>> from numgan.data.toy import ring
    >>> data = from_mixture(ring(modes=3), "float32")
    >>> data.modes.shape, data.std
    ((3, 2), 0.01)
    """
    return Dataset(Fresh(density, dtype), modes=density.means, std=float(density.stds[0, 0]))


def from_rows(rows: Array, dtype: str, labels: Array = None) -> Dataset:
    """Rows of measurements (R, dim), each column scaled to mean 0 and standard deviation 1:
        x = (row − mean)/std.

    A column that is constant to twelve digits has no spread to divide by; its entries become nearly
    0. The rows may lie in a mapped file: they are read a piece at a time.

    >>> from_rows(np.array([[0.0, 10.0], [4.0, 10.0]]), "float64").all_rows().tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    R = len(rows)
    most = largest_magnitudes(rows)
    # unit = row/most lies in [−1, 1], so that no square of a large number overflows
    most[most == 0] = 1.0
    mean = column_sums(rows, lambda row, j: row / most[j]) / R
    variance = column_sums(rows, lambda row, j: np.square(row / most[j] - mean[j])) / R
    spread = np.maximum(np.sqrt(variance), 1e-12)
    x = np.empty(rows.shape, dtype, order="C" if rows.flags.c_contiguous else "F")
    for piece in pieces(rows):
        x[piece] = (rows[piece].astype(np.float64) / most - mean) / spread
    digest, digests = fingerprint("rows", rows, np.float64, labels)
    return with_labels(
        Dataset(Shuffled(x, dtype), most * mean, most * spread, digest=digest, digests=digests),
        labels,
    )


def from_images(
    images: Array, low: float, high: float, dtype: str, labels: Array = None
) -> Dataset:
    """Images (R, H, W) or (R, H, W, C) of pixels in [low, high], flattened, each pixel scaled to
        x = (2·pixel − low − high)/(high − low) in [−1, 1];
    the inverse is  pixel = (low + high)/2 + (high − low)/2 · x.

    Whole numbers of fewer bytes than the dtype's are stored unchanged and scaled when they are
    drawn.

    >>> data = from_images(np.array([[[0, 255]]], dtype=np.uint8), 0, 255, "float32")
    >>> data.all_rows().tolist(), data.image_shape
    ([[-1.0, 1.0]], (1, 2, 1))
    """
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
    return with_labels(data, labels)


def fingerprint(name: str, x: Array, dtype: Any, labels: Array) -> tuple[str, frozenset[str]]:
    """The digest of data and labels, and the set of other digests of the same data. If there are
    labels, the set holds the digest of the data alone, which a run without labels recorded.

    >>> digest, others = fingerprint("rows", np.zeros((2, 1)), np.float64, None)
    >>> labelled, others = fingerprint("rows", np.zeros((2, 1)), np.float64, np.array([0, 1]))
    >>> labelled == digest, others == {digest}
    (False, True)
    """
    digest = Digest()
    alone = digest.update(name, x, dtype)
    if labels is None:
        return alone, frozenset()
    return digest.update("labels", labels), frozenset([alone])


def with_labels(data: Dataset, labels: Array) -> Dataset:
    """The data with their labels (R,), of any values, as classes 0 … K − 1: the values that occur,
    sorted.

    >>> data = from_rows(np.zeros((3, 1)), "float32")
    >>> data = with_labels(data, np.array([7, 3, 7]))
    >>> data.labels.tolist(), data.classes
    ([1, 0, 1], (3, 7))
    """
    if labels is None:
        return data
    values, k = np.unique(labels, return_inverse=True)
    return replace(data, labels=k.reshape(-1), classes=tuple(values.tolist()))

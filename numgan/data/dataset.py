"""A data set: a source of minibatches and what the measuring of samples needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.checkpoint import checksum
from numgan.data.sources import Fresh, Shuffled
from numgan.errors import InputError
from numgan.layers.conditioning import one_hot
from numgan.theory.density import Density


@dataclass(frozen=True, eq=False)
class Dataset:
    """The source, in the units that networks train on; original units are  offset + scale · x.

    modes (K, dim) and std are there for mixtures of K equal Gaussians of that standard deviation, labels (R,) for rows
    whose class is known, image_shape (H, W, C) for rows that are flattened images in [−1, 1].
    """

    source: Fresh | Shuffled
    offset: Array = 0.0
    scale: Array = 1.0
    modes: Array = None
    std: float | None = None
    labels: Array = None
    image_shape: tuple[int, int, int] | None = None
    digest: str | None = None  # of the rows as they came, and their labels: other data have another

    @property
    def dim(self) -> int:
        """How many numbers one sample has."""
        return int(np.prod(self.source.shape))

    @property
    def rows(self) -> int | None:
        """How many rows there are; None where every draw is fresh."""
        return len(self.source.rows) if isinstance(self.source, Shuffled) else None

    @property
    def density(self) -> Density | None:
        """The exact law, where it is known."""
        return self.source.density if isinstance(self.source, Fresh) else None

    @property
    def bounded(self) -> bool:
        """True for data in [−1, 1], which a generator that ends in tanh can reach and cannot leave."""
        return self.image_shape is not None

    def batch(self, m: int, rng: Any) -> Array:
        """The source's next m samples, (m, dim)."""
        return self.source.batch(m, rng)

    def sample(self, n: int, rng: Any) -> Array:
        """n real samples to look at or to compare with, which leaves the source's epoch alone: fresh draws, or
        n different rows in random order. Raises InputError for more than there are."""
        if isinstance(self.source, Fresh):
            return self.source.batch(n, rng)
        return Shuffled(self.source.rows, self.source.dtype).batch(n, rng)

    def all_rows(self) -> Array:
        """Every row there is, (R, dim), in order. Raises InputError where every draw is fresh."""
        if isinstance(self.source, Fresh):
            raise InputError("these data are drawn afresh: there are no rows to list")
        return self.source.rows

    def peek(self, n: int) -> Array:
        """At most n real samples, always the same."""
        return self.sample(n if self.rows is None else min(n, self.rows), np.random.default_rng(0))

    def original(self, x: Array) -> Array:
        """Samples in the units that the data came in:  offset + scale · x."""
        return self.offset + self.scale * x

    def conditional(self) -> Dataset:
        """The same rows with their class beside them, [x | c] as layers/conditioning.py has them. Raises InputError
        where the classes are not known."""
        if self.labels is None:
            raise InputError("these data have no classes to condition on: expected labels beside the images")
        c = one_hot(self.labels, int(self.labels.max()) + 1, self.source.dtype)
        return replace(self, source=Shuffled(np.concatenate([self.all_rows(), c], axis=1), self.source.dtype))

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
    """Fresh draws of a mixture of Gaussians of one standard deviation, whose modes can be counted."""
    return Dataset(Fresh(density, dtype), modes=density.means, std=float(density.stds[0, 0]))


def from_rows(rows: Array, dtype: str) -> Dataset:
    """Rows of measurements (R, dim), each column brought to mean 0 and standard deviation 1:  x = (row − mean)/std.

    Columns that are constant to twelve digits have no spread to divide by: they come out as nearly 0.
    """
    largest = np.abs(rows).max(0)
    largest[largest == 0] = 1.0
    unit = rows / largest  # in [−1, 1], so that no square of a large number overflows
    mean, spread = unit.mean(0), np.maximum(unit.std(0), 1e-12)
    source = Shuffled((unit - mean) / spread, dtype)
    return Dataset(source, largest * mean, largest * spread, digest=checksum({"rows": rows}, ""))


def from_images(images: Array, low: float, high: float, dtype: str, labels: Array = None) -> Dataset:
    """Images (R, H, W) or (R, H, W, C) of pixels in [low, high], flattened, each pixel brought to
    x = (2·pixel − low − high)/(high − low) in [−1, 1];  back again: pixel = (low + high)/2 + (high − low)/2 · x."""
    shape = (*images.shape[1:], 1)[:3]
    offset, scale = (low + high) / 2, (high - low) / 2
    x = images.reshape(len(images), -1).astype(dtype)
    x -= offset
    x /= scale
    known = {"images": images} if labels is None else {"images": images, "labels": labels}
    return Dataset(Shuffled(x, dtype), offset, scale, labels=labels, image_shape=shape, digest=checksum(known, ""))

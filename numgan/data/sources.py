"""Sources of minibatches: fresh draws of a distribution, or finite data in shuffled epochs.

Both feed Algorithm 1 (E31): `batch(m, rng)` returns m samples, (m, *shape), in the source's dtype.
`state()` holds what a source remembers between batches, so a resumed training gives the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.arguments import kind_of, random_generator
from numgan.backend import Array, namespace, to_device, to_host
from numgan.errors import InputError
from numgan.theory.density import Density


@dataclass(frozen=True, eq=False)
class Fresh:
    """x^1, …, x^m ~ P, independent: no sample is used twice, and there is no state.

    >>> from numgan.theory import Gaussian
    >>> Fresh(Gaussian(0.0)).batch(3, np.random.default_rng(0)).shape
    (3, 1)
    """

    density: Density
    dtype: str = "float32"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return (self.density.dim,)

    def batch(self, m: int, rng: Any) -> Array:
        """m draws, (m, dim). Raises InputError unless m ≥ 1."""
        if m < 1:
            raise InputError(f"a batch of {m} samples: expected at least 1")
        random_generator(rng)
        return self.density.sample(m, rng).astype(self.dtype)

    def on(self, device: str) -> Fresh:
        """The source for a device: itself, since the generator decides where samples are drawn."""
        return self

    def state(self) -> dict[str, np.ndarray]:
        """Empty: the next batch depends on rng alone."""
        return {}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Do nothing: there is no state."""


@dataclass(eq=False)
class Shuffled:
    """R rows in epochs: each epoch is one permutation of the rows, read m at a time.

        order ← argsort(u), u_1 … u_R independent uniforms: every permutation has probability 1/R!

    Each row comes exactly once in an epoch. A batch that reaches the end of an epoch is completed
    from the start of the next one, so every batch has m rows and no row is dropped. Rows and
    generator belong to the same array library.

        >>> rows, rng = Shuffled(np.arange(4.0), "float64"), np.random.default_rng(0)
        >>> np.sort(np.concatenate([rows.batch(2, rng), rows.batch(2, rng)]))  # one epoch
        array([0., 1., 2., 3.])
    """

    rows: Array  # (R, *shape)
    dtype: str = "float32"
    order: Array = field(init=False, repr=False)  # permutation of this epoch; empty at the start
    position: int = field(default=0, init=False)  # the number of its entries already used

    def __post_init__(self) -> None:
        self.rows = real_rows(self.rows, self.dtype)
        self.order = namespace(self.rows).zeros(0, dtype=np.int64)

    def __len__(self) -> int:
        """The number of rows, R."""
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.rows.shape[1:]

    def take(self, places: Array) -> Array:
        """The rows at these places."""
        return self.rows[places]

    def batch(self, m: int, rng: Any) -> Array:
        """The next m rows, (m, *shape). Raises InputError unless 1 ≤ m ≤ R."""
        R = len(self)
        if not 1 <= m <= R:
            raise InputError(f"a batch of {m} from data of {R} rows: expected between 1 and {R}")
        random_generator(rng)
        now = self.order[self.position : self.position + m]
        self.position += len(now)
        if len(now) < m:
            self.order = (u := rng.random(R)).argsort()
            self.position = m - len(now)
            now = namespace(u).concatenate([now, self.order[: self.position]])
        return self.take(now)

    def again(self) -> Shuffled:
        """A source of the same rows, before its first batch."""
        return Shuffled(self.rows, self.dtype)

    def on(self, device: str) -> Shuffled:
        """A new source of the same rows on a device, before its first batch."""
        return Shuffled(to_device(self.rows, device), self.dtype)

    def state(self) -> dict[str, np.ndarray]:
        """The permutation and the position in it: with rng, they determine the next batch."""
        return {"order": to_host(self.order), "position": np.array(self.position, dtype=np.int64)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Restore a `state()`. Raises InputError unless its source has as many rows."""
        R, order, position = len(self), state.get("order"), state.get("position")
        if order is None or position is None:
            raise InputError(
                f"state of a shuffled source has {sorted(state)}: expected order and position"
            )
        if order.size and not np.array_equal(np.sort(order), np.arange(R)):
            raise InputError(
                f"state of a shuffled source orders {order.size} rows: "
                f"expected a permutation of {R}"
            )
        if np.shape(position) != () or not 0 <= position <= order.size:
            raise InputError(
                f"state of a shuffled source stands at {position}: expected 0 to {order.size}"
            )
        self.order = namespace(self.order).array(order, dtype=np.int64)
        self.position = int(position)


class Scaled(Shuffled):
    """Shuffled rows that are stored as whole numbers of few bytes, and scaled when they are drawn:

        row = (stored − offset)/scale

    so that images of 8 bits take a quarter of the memory of float32.

        >>> Scaled(np.array([[0, 255]], dtype=np.uint8), offset=127.5, scale=127.5).rows
        array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, stored: Array, offset: float, scale: float, dtype: str = "float32") -> None:
        # (R, *shape)
        self.stored, self.offset, self.scale, self.dtype = stored, offset, scale, dtype
        self.order, self.position = np.zeros(0, dtype=np.int64), 0

    def __len__(self) -> int:
        return len(self.stored)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.stored.shape[1:]

    @property
    def rows(self) -> Array:
        """All rows (R, *shape), computed at each call."""
        return self.take(slice(None))

    def take(self, places: Any) -> Array:
        """The rows at these places, in the networks' units."""
        x = self.stored[places].astype(self.dtype)
        x -= self.offset
        x /= self.scale
        return x

    def again(self) -> Scaled:
        """A source of the same rows, before its first batch."""
        return Scaled(self.stored, self.offset, self.scale, self.dtype)

    def on(self, device: str) -> Shuffled:
        """A new source of the same rows on a device, before its first batch; scaled in advance on a
        GPU.
        """
        return (
            self.again() if device == "cpu" else Shuffled(to_device(self.rows, device), self.dtype)
        )


def real_rows(rows: Any, dtype: str) -> Array:
    """The rows as one array of finite numbers. Raises InputError for anything else, and for no
    rows.

    >>> real_rows([[1, 2]], "float32")
    array([[1., 2.]], dtype=float32)
    """
    xp = namespace(rows)
    try:
        rows = xp.asarray(rows)
    except ValueError:
        raise InputError("rows of different lengths: expected an array (R, …) of numbers") from None
    if rows.dtype.kind not in "biuf":
        raise InputError(f"rows are {kind_of(rows)}: expected real numbers")
    if rows.ndim == 0 or rows.size == 0:
        raise InputError(
            f"data of shape {rows.shape}: expected at least one row of at least one number"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        rows = rows.astype(dtype, copy=False)
        flat = rows.reshape(-1)
        whole = xp.isfinite(flat @ flat)  # one number decides in most cases, without memory
    if not whole and not (good := xp.isfinite(rows).reshape(len(rows), -1).all(axis=1)).all():
        raise InputError(
            f"row {int(good.argmin())} of the data, counted from 0, is not finite in {dtype}"
        )
    return rows

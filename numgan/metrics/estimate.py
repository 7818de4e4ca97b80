"""A measured value, its standard error, and its floor: the same measurement of real data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.backend import Array, to_host
from numgan.errors import InputError


@dataclass(frozen=True)
class Estimate:
    """value ± error, and floor ± floor_error: the same measurement, with real data as the samples.

    No generator is expected to be better than the floor. Some estimators are biased: a distance
    between histograms, for example, is never 0. For these, `corrected` subtracts the floor. It is
    unbiased if the samples are as good as real data; otherwise it is the more cautious reading of
    a small value.

        >>> jsd = Estimate(0.5, error=0.0625, floor=0.125)
        >>> jsd.corrected
        0.375
    """

    value: float
    error: float
    floor: float = 0.0
    floor_error: float = 0.0

    @property
    def corrected(self) -> float:
        """value − floor; may be negative by chance."""
        return self.value - self.floor


def finite_rows(x: Array, name: str, dim: int | None = None, least: int = 1) -> Array:
    """x as float64 rows (N, dim) on the host; a vector (N,) becomes N rows of one number.

    Raises InputError for another shape, fewer than `least` rows, or numbers that are not finite.

        >>> finite_rows([1, 2, 3], "samples").shape
        (3, 1)
    """
    x = np.asarray(to_host(x), dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) < least or x.shape[1] == 0 or (dim is not None and x.shape[1] != dim):
        expected = f"(N, {dim or 'dim'}) with N ≥ {least}"
        raise InputError(f"{name} of shape {x.shape}: expected {expected}")
    if not np.all(np.isfinite(x)):
        row = int(np.argmin(np.isfinite(x).all(1)))
        raise InputError(f"{name} are not finite in row {row}: expected finite numbers")
    return x

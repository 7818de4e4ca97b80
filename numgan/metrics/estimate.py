"""What a measurement says: its value, how far chance moves it, and what real data would have got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.backend import Array, to_host
from numgan.errors import InputError


@dataclass(frozen=True)
class Estimate:
    """value ± error; beside it floor ± floor_error, the same measurement of real data in the place of the samples.

    A generator cannot be asked for better than the floor. Where the floor is there because the estimator is biased (a
    distance between histograms is never 0), `corrected` takes it off: right where the samples are as good as real
    ones, and the more careful reading of a small value elsewhere.
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
    """x as float64 rows (N, dim) on the host; a vector (N,) is N rows of one number. InputError for anything else."""
    x = np.asarray(to_host(x), dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) < least or x.shape[1] == 0 or (dim is not None and x.shape[1] != dim):
        raise InputError(f"{name} of shape {x.shape}: expected (N, {dim or 'dim'}) with N ≥ {least}")
    if not np.all(np.isfinite(x)):
        row = int(np.argmin(np.isfinite(x).all(1)))
        raise InputError(f"{name} are not finite in row {row}: expected finite numbers")
    return x

"""Whether two arrays are the same, multiples of each other, or perpendicular."""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array


def real_numbers(values: Any) -> Array:
    """The values in double precision, real or complex, so that no pattern meets bools, integers or
    overflow.
    """
    array = np.asarray(values)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def alike(a: Array, b: Array) -> bool:
    """True if two arrays agree to six digits of their scale: too many for an accident, few enough
    for an estimate.
    """
    a, b = real_numbers(a), real_numbers(b)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    return bool(np.all(np.abs(a - b) <= 1e-6 * np.abs(b).max(initial=0)))


def multiple(a: Array, b: Array) -> float | None:
    """The c of a = c·b, to six digits; None if there is none, or if b = 0."""
    a, b = real_numbers(a), real_numbers(b)
    top = float(np.abs(b).max(initial=0))
    if a.shape != b.shape or not 0 < top < np.inf:
        return None
    unit = b / top  # keeps squares in the range of the numbers
    c = float(np.real((a * unit).sum() / (unit * unit).sum())) / top
    return c if np.isfinite(c) and c != 0 and alike(a, c * b) else None


def perpendicular(a: Array, s: Array, share: float = 1e-6) -> bool:
    """True if ⟨a, s⟩ = 0 up to a share of its terms."""
    products = a * s
    return bool(
        products.size > 1
        and np.any(products)
        and abs(products.sum()) <= share * np.abs(products).sum()
    )

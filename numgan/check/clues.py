"""What the checker knows about an array beside its right value, and when two arrays are taken for the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from numgan.backend import Array


@dataclass(frozen=True)
class Clues:
    """What is known about an array beside its right value; every entry an array of its shape, or makes one."""

    would_be: dict[str, Array | Callable[[], Array]] = field(default_factory=dict)  # a mistake → what it would give
    terms: dict[str, Array] = field(default_factory=dict)  # the summands of the right answer, by name
    strangers: dict[str, Array] = field(default_factory=dict)  # arrays that have no business in it
    sizes: dict[str, int] = field(default_factory=dict)  # {"N": 5}: numbers that a missing factor may be
    regions: dict[str, Array] = field(default_factory=dict)  # {"x > 0": mask}: where a formula may be right
    x: Array | None = None  # the input, for the paths through its mean and variance


def alike(a: Array, b: Array) -> bool:
    """True where two arrays agree to six digits of their scale: too many for an accident, enough for an estimate."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= 1e-6 * max(np.abs(b).max(initial=0), 1e-300)))


def multiple(a: Array, b: Array) -> float | None:
    """c where a = c·b, to six digits; None where there is no such c (or b = 0)."""
    bb = float((b * b).sum())
    if a.shape != b.shape or bb == 0:
        return None
    c = float((a * b).sum()) / bb
    return c if np.isfinite(c) and c != 0 and alike(a, c * b) else None

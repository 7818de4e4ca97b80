"""Patterns of numbers that are not finite, of too few digits, or zero."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.regions import region_of


def not_finite(a: Array, n: Array, context: Context) -> str | None:
    """Some entry of a is nan or ±∞."""
    bad = ~np.isfinite(a)
    if not bad.any():
        return None
    where, nan = region_of(bad, context), int(np.isnan(a).sum())
    return (
        f"{bad.sum()} of {a.size} values are not "
        f"finite{where}{f' ({nan} nan)' if nan else ''}: an overflow, a "
        "division by zero or a logarithm of 0"
    )


def nearly_right(a: Array, n: Array, context: Context) -> str | None:
    """|r| is too small for a wrong formula, and too large for the rounding of the precision."""
    if not n.any():
        return None
    relative = np.abs(a - n).max() / np.abs(n).max()
    if 1e-9 < relative < 1e-6:
        return (
            f"right to {relative:.0e}, about the rounding of float32: something on the way is "
            f"cast to float32, "
            "or a constant has no more digits than that"
        )
    if relative <= 1e-9:
        return (
            f"right to {relative:.0e}: an ill-conditioned formula, or a constant with too few "
            f"digits"
        )
    return None


def zero_everywhere(a: Array, n: Array, context: Context) -> str | None:
    """a = 0"""
    if a.size and not a.any():
        return (
            "it is zero everywhere: this gradient is never computed, or the chain rule is cut "
            "before it"
        )
    return None

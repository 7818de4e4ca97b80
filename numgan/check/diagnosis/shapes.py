"""Patterns of axes: transposed, read backwards, of another shape."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike


def other_axes(a: Array, n: Array, context: Context) -> str | None:
    """a = nᵀ, or n with its axes in another order, or read backwards along some of them."""
    if not 2 <= n.ndim <= 5:  # there are n! orders
        return None
    for order in permutations(range(n.ndim)):
        turned = n.transpose(order)
        if order != tuple(range(n.ndim)) and alike(a, turned):
            return "it is transposed" if n.ndim == 2 else f"its axes are in the order {order}"
    for count in range(1, n.ndim + 1):
        for axes in combinations(range(n.ndim), count):
            if alike(a, np.flip(n, axes)) and not alike(a, n):
                along = ", ".join(map(str, axes))
                return (
                    f"it is read backwards along axis {along}: a kernel that is flipped, or not "
                    f"flipped"
                )
    return None


def other_shape(a: Array, n: Array, context: Context) -> str | None:
    """The shapes differ. The numbers may still be right, or a sum over an axis is missing."""
    if a.shape == n.shape:
        return None
    if n.size and a.size == n.size and alike(a.reshape(n.shape), n):
        return f"the numbers are right, in the shape {a.shape} where {n.shape} is expected"
    for axis in range(a.ndim):
        if n.size and alike(a.sum(axis), n):
            return f"the sum over axis {axis} is missing"
    return f"its shape is {a.shape}, that of what it belongs to is {n.shape}"

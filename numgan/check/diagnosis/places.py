"""Patterns of place: right in a region, in some slices, under a mask, all but a few entries."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import meaning_of_ratio
from numgan.check.diagnosis.likeness import alike, multiple
from numgan.check.diagnosis.regions import axis_name, region_of


def right_in_a_region(a: Array, n: Array, context: Context) -> str | None:
    """a = n in one region, and not outside it."""
    for name, mask in context.regions.items():
        if (
            mask.shape == a.shape
            and mask.any()
            and not mask.all()
            and alike(a[mask], n[mask])
            and not alike(a, n)
        ):
            c = multiple(a[~mask], n[~mask]) if (~mask).sum() > 1 else None
            return f"right where {name}, wrong elsewhere" + (
                f", where {meaning_of_ratio(c, context)}" if c is not None else ""
            )
    return None


def right_in_some_slices(a: Array, n: Array, context: Context) -> str | None:
    """a = n in some rows (columns, …), and in most entries of the others it is not."""
    scale = 1e-6 * np.abs(n).max(initial=0)
    for axis in range(n.ndim):
        if n.shape[axis] < 2 or n.size == 0:
            continue
        rest = tuple(i for i in range(n.ndim) if i != axis)
        right, wrong = (np.abs(a - n) <= scale).all(rest), (np.abs(a - n) > scale).mean(rest) > 0.5
        if right.any() and wrong.any() and (right | wrong).all():
            good, bad = np.flatnonzero(right), np.flatnonzero(~right)
            what = axis_name(axis, n.ndim)
            zero = ", which are zero" if not a.take(bad, axis).any() else ""
            if len(good) == 1 and len(bad) > 1:
                return (
                    f"only {what} {good[0]} is right, of {n.shape[axis]}; the others are "
                    f"wrong{zero}"
                )
            return f"right but for {what} {', '.join(map(str, bad))}{zero}"
    return None


def slices_in_another_order(a: Array, n: Array, context: Context) -> str | None:
    """a = n with its slices along one axis in another order."""
    for axis in range(n.ndim):
        if n.shape[axis] < 2 or n.size == 0 or not n.any():
            continue
        right, wrong = (np.moveaxis(v, axis, 0).reshape(n.shape[axis], -1) for v in (n, a))
        distance = np.abs(wrong[:, None] - right[None]).max(axis=2)
        order = distance.argmin(axis=1)
        if (
            right.shape[1] > 1
            and len(set(order.tolist())) == len(order)
            and not np.array_equal(order, np.arange(len(order)))
            and alike(a, n.take(order, axis))
        ):
            return (
                f"its {axis_name(axis, n.ndim).split(' of ')[0]}s along axis {axis} are in "
                f"another order: {', '.join(map(str, order))}"
            )
    return None


def another_mask(a: Array, n: Array, context: Context) -> str | None:
    """a = n where both are nonzero, and each is zero where the other is not."""
    if (a != 0).all() or (n != 0).all():
        return None
    both = (a != 0) & (n != 0)
    if both.any() and alike(a[both], n[both]) and ((a == 0) != (n == 0)).any():
        return (
            "right where it is not zero, and zero at other places than it should be: another mask "
            "than forward's"
        )
    return None


def a_few_entries(a: Array, n: Array, context: Context) -> str | None:
    """a = n except in a few entries."""
    wrong = np.abs(a - n) > 1e-6 * np.abs(n).max(initial=0)
    if 0 < wrong.sum() <= a.size // 4:
        where = ", ".join(str(tuple(int(j) for j in i)) for i in np.argwhere(wrong)[:4])
        return (
            f"right but for {wrong.sum()} of {a.size} entries, at {where}"
            f"{region_of(wrong, context)}"
        )
    return None

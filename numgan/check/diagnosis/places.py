"""Patterns of place: right in a region, in some slices, under a mask, all but a few entries."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import meaning_of_ratio
from numgan.check.diagnosis.likeness import alike, multiple
from numgan.check.diagnosis.paths import has_known_number, wrong_path
from numgan.check.diagnosis.regions import axis_name, region_of


def right_in_a_region(a: Array, n: Array, context: Context) -> str | None:
    """a = n in one region, and not outside it."""
    wrong = np.abs(a - n) > 1e-6 * np.abs(n).max(initial=0)
    for name, mask in context.regions.items():
        if (
            mask.shape == a.shape
            and mask.any()
            and not mask.all()
            and alike(a[mask], n[mask])
            and not alike(a, n)
            and wrong[~mask].mean() > 0.5
        ):
            c = multiple(a[~mask], n[~mask]) if (~mask).sum() > 1 else None
            meaning = f", where {meaning_of_ratio(c, context)}" if c is not None else ""
            more = wrong_path(a, n, context) if not has_known_number(meaning) else None
            return f"right where {name}, wrong elsewhere{meaning}" + (f"; {more}" if more else "")
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


def shifted(a: Array, n: Array, context: Context) -> str | None:
    """a is n, moved along one axis by a few places."""
    for axis in range(n.ndim):
        for by in range(1, min(4, n.shape[axis] - 1)):
            ahead, behind = (np.take(v, range(by, n.shape[axis]), axis) for v in (a, n))
            first_a, first_n = (np.take(v, range(n.shape[axis] - by), axis) for v in (a, n))
            if first_n.size < 3 or np.ptp(n) == 0:
                continue
            for one, other, way in ((ahead, first_n, "up"), (first_a, behind, "down")):
                if np.ptp(other) > 0 and alike(one, other):
                    return (
                        f"it is shifted {way} by {by} along axis {axis}: an offset, such as that "
                        "of the padding"
                    )
    return None


def summed_too_far(a: Array, n: Array, context: Context) -> str | None:
    """Every entry of a is the sum of entries of n along some axes: one axis more than belongs."""
    if n.size < 2:
        return None
    for axes in (None, *range(n.ndim)):
        total = n.sum(axes, keepdims=True) * np.ones_like(n)
        if np.any(total) and alike(a, total) and not alike(a, n):
            over = "all of its entries" if axes is None else f"axis {axes} of it"
            return f"it is summed over {over} besides: each entry has the sum of them"
    return None


def entries_of_dy(a: Array, n: Array, context: Context) -> str | None:
    """Each entry of n is one of dy, and so is each of a, but others."""
    dy = context.unrelated.get("dy", context.cotangent)
    if dy is None or np.size(dy) < 3 or n.size < 3:
        return None

    def taken(v: Array) -> bool:
        return bool(np.isin(v[v != 0], dy).all() and np.any(v))

    if taken(a) and taken(n):
        return (
            "each entry is an entry of dy, taken from the wrong place: an index, a stride or an "
            "order"
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

"""Why a gradient is wrong, read off the way in which it is wrong.

Each pattern is one shape that an error can have: a is what the code says, n is what is right,
r = a − n the residual. It returns a sentence, or None where its shape does not fit. A shape that a
single entry would fit proves nothing, so patterns that relate entries to each other ask for
several. The most telling comes first.

The arrays may have any shape and hold any number. Most patterns compare a with n entry by entry,
and are asked only where the two have one shape.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Clues, alike, multiple, real_numbers
from numgan.check.diagnosis.normalization import (
    factor_of_another_axis,
    lost_invariance,
    path_through_a_mean,
    perpendicular,
    through_the_norm,
)


def not_finite(a: Array, n: Array, clues: Clues) -> str | None:
    """Some entry of a is nan or ±∞."""
    bad = ~np.isfinite(a)
    if not bad.any():
        return None
    where, nan = region_of(bad, clues), int(np.isnan(a).sum())
    return (
        f"{bad.sum()} of {a.size} values are not "
        f"finite{where}{f' ({nan} nan)' if nan else ''}: an overflow, a "
        "division by zero or a logarithm of 0"
    )


def nearly_right(a: Array, n: Array, clues: Clues) -> str | None:
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


def nothing(a: Array, n: Array, clues: Clues) -> str | None:
    """a = 0"""
    if a.size and not a.any():
        return (
            "it is zero everywhere: this gradient is never computed, or the chain rule is cut "
            "before it"
        )
    return None


def known_mistake(a: Array, n: Array, clues: Clues) -> str | None:
    """a is what a known mistake would give: exactly, or up to a factor where the array has several
    entries.
    """
    for sentence, array in clues.would_be.items():
        try:
            would = array() if callable(array) else array
        except Exception:  # the code under check is not defined where this mistake would take it
            continue
        if alike(a, would) and not alike(would, n):
            return sentence
    return None


def constant_ratio(a: Array, n: Array, clues: Clues) -> str | None:
    """a = c·n"""
    c = multiple(a, n)
    if c is None or alike(a, n):
        return None
    sentence = meaning(c, clues)
    return (
        None
        if n.size == 1 and sentence.startswith("the ratio") and ":" not in sentence
        else sentence
    )


def meaning(c: float, clues: Clues) -> str:
    """What a constant ratio c that is not 1 says: its sign, a hyper-parameter, a factor 2, or one
    of the sizes that are about; a number that nothing explains is a constant of the formula, or a
    size that nobody named."""
    if np.isclose(c, -1, rtol=1e-6):
        return "the sign is flipped: analytic = −numeric"
    size, readings = abs(c), hyperparameter(abs(c), clues)
    if np.isclose(size, 2, rtol=1e-6):
        readings.append("a factor 2 too many, counted twice")
    if np.isclose(size, 0.5, rtol=1e-6):
        readings.append("a factor 2 is missing")
    for count in sorted(set(clues.sizes.values()) - {0, 1}):
        names = " or ".join(name for name, value in clues.sizes.items() if value == count)
        if np.isclose(size, count, rtol=1e-6):
            readings.append(
                f"{count} is {names}, a mean is written as a sum (1/{count} is missing)"
            )
        if np.isclose(size, 1 / count, rtol=1e-6):
            readings.append(
                f"{count} is {names}, a sum is written as a mean (1/{count} once too often)"
            )
    if not readings:
        for whole, often, says in (
            (size, "too often", "a mean written as a sum"),
            (1 / size, "too seldom", "a sum written as a mean"),
        ):
            if 2.5 < whole < 1e5 and np.isclose(whole, round(whole), rtol=1e-6):
                readings.append(
                    f"if {round(whole)} is a constant of the formula, such as λ, it "
                    f"stands once {often}; "
                    f"if {round(whole)} is a number of samples or of features, {says}"
                )
    ratio = f"the ratio is constant, analytic = {factor(c)} × numeric"
    return (
        ratio
        + (", its sign flipped" if c < 0 else "")
        + (": " + "; or ".join(readings) if readings else "")
    )


def hyperparameter(size: float, clues: Clues) -> list[str]:
    """Which of the object's own hyper-parameters, or what formulas make of one, the ratio is."""
    readings = []
    for name, value in clues.factors.items():
        for what, v in (
            (name, value),
            (f"1 − {name}", 1 - value),
            (f"{name}²", value**2),
            (f"2{name}", 2 * value),
        ):
            telling = np.isfinite(v) and v > 0 and not np.isclose(v, 1, rtol=1e-6)
            # 2 and ½ have readings of their own
            if telling and (what == name or size not in (2, 0.5)):
                if np.isclose(size, v, rtol=1e-6, atol=0):
                    readings.append(f"the factor {what} = {v:.6g} stands there once too often")
                elif np.isclose(size, 1 / v, rtol=1e-6, atol=0):
                    readings.append(f"the factor {what} = {v:.6g} is missing")
    return readings[:2]


def factor(c: float) -> str:
    """A factor that is not 1, with as many digits as show it."""
    return f"{c:.6g}" if f"{c:.6g}" != "1" else f"(1 {'+' if c > 1 else '−'} {abs(c - 1):.2g})"


def other_axes(a: Array, n: Array, clues: Clues) -> str | None:
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


def other_shape(a: Array, n: Array, clues: Clues) -> str | None:
    """The shapes differ: the numbers may still be right, or a sum over an axis was left out."""
    if a.shape == n.shape:
        return None
    if n.size and a.size == n.size and alike(a.reshape(n.shape), n):
        return f"the numbers are right, in the shape {a.shape} where {n.shape} is expected"
    for axis in range(a.ndim):
        if n.size and alike(a.sum(axis), n):
            return f"the sum over axis {axis} is missing"
    return f"its shape is {a.shape}, that of what it belongs to is {n.shape}"


def absent_term(a: Array, n: Array, clues: Clues) -> str | None:
    """r = c·t for a named term t of the right answer."""
    for name, term in clues.terms.items():
        c = multiple(a - n, term)
        if c is None:
            continue
        if np.isclose(c, -1, rtol=1e-6):
            return f"one term is absent: {name}"
        if np.isclose(c, -2, rtol=1e-6):
            return f"one term has the wrong sign: {name}"
        if np.isclose(c, 1, rtol=1e-6):
            return f"one term is counted twice: {name}"
        if np.size(term) > 1:
            return f"one term is off, {name}: {meaning(1 + c, clues)}"
    return None


def stranger(a: Array, n: Array, clues: Clues) -> str | None:
    """r = c·s for an array s that may have no business here. Whether the value has such a term is
    told only where it is known; where scaling s changes nothing, n ⟂ s, what is absent is a path
    through the norm of s."""
    for name, array in clues.strangers.items():
        c = multiple(a - n, array) if np.size(array) > 1 else None
        if c is None:
            continue
        if perpendicular(n, array):
            return through_the_norm(name)
        if np.isclose(c, -1, rtol=1e-6):
            return f"one term is absent: {name}"
        if name in clues.foreign:
            return f"there is a term too many, {c:.6g} × {name}, which the value does not have"
        hint = f" (λ‖{name}‖² has the gradient 2λ {name})" if len(clues.strangers) == 1 else ""
        return (
            f"analytic − numeric = {c:.6g} × {name}: a term along {name} is absent, stands "
            f"there once too often, "
            f"or has another factor{hint}"
        )
    return None


def weights_of_terms(a: Array, n: Array, clues: Clues) -> str | None:
    """a = Σ c_k t_k over all the terms: the c_k that are not 1 are the wrong ones."""
    terms = {
        name: np.asarray(t)
        for name, t in clues.terms.items()
        if np.shape(t) == a.shape and np.any(t)
    }
    if len(terms) < 2 or a.size <= len(terms):
        return None
    matrix = np.stack([t.ravel() for t in terms.values()], 1)
    if not np.isfinite(matrix).all():
        return None
    c, _, rank, _ = np.linalg.lstsq(matrix, a.ravel(), rcond=None)
    if rank < len(terms) or not alike(a.ravel(), matrix @ c):
        return None
    wrong = [
        f"{name} has {k:.4g}"
        for name, k in zip(terms, c, strict=True)
        if not np.isclose(k, 1, rtol=1e-6)
    ]
    return (
        "the terms are right, their factors are not: where it should be 1, " + ", ".join(wrong)
        if wrong
        else None
    )


def right_in_a_region(a: Array, n: Array, clues: Clues) -> str | None:
    """a = n in one region, and not outside it."""
    for name, mask in clues.regions.items():
        if (
            mask.shape == a.shape
            and mask.any()
            and not mask.all()
            and alike(a[mask], n[mask])
            and not alike(a, n)
        ):
            c = multiple(a[~mask], n[~mask]) if (~mask).sum() > 1 else None
            return f"right where {name}, wrong elsewhere" + (
                f", where {meaning(c, clues)}" if c is not None else ""
            )
    return None


def right_in_some_slices(a: Array, n: Array, clues: Clues) -> str | None:
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


def another_mask(a: Array, n: Array, clues: Clues) -> str | None:
    """a = n wherever both are there, and each is zero where the other is not."""
    if (a != 0).all() or (n != 0).all():
        return None
    both = (a != 0) & (n != 0)
    if both.any() and alike(a[both], n[both]) and ((a == 0) != (n == 0)).any():
        return (
            "right where it is not zero, and zero at other places than it should be: another mask "
            "than forward's"
        )
    return None


def ratio_per_slice(a: Array, n: Array, clues: Clues) -> str | None:
    """a = n times a factor of its own for each row, or each column."""
    for axis in range(n.ndim if n.ndim > 1 else 0):
        rest = tuple(i for i in range(n.ndim) if i != axis)
        if n.shape[axis] < 2 or n.size // n.shape[axis] < 2:
            continue
        c = (a * n).sum(rest, keepdims=True) / (n * n).sum(rest, keepdims=True)
        if alike(a, c * n) and np.any(np.abs(c - 1) > 1e-4):  # else four digits are all 1
            factors = ", ".join(f"{v:.4g}" for v in c.ravel()[:6]) + (" …" if c.size > 6 else "")
            return f"each {axis_name(axis, n.ndim)} is off by a factor of its own: {factors}"
    return None


def a_few_entries(a: Array, n: Array, clues: Clues) -> str | None:
    """a = n but for a few entries."""
    wrong = np.abs(a - n) > 1e-6 * np.abs(n).max(initial=0)
    if 0 < wrong.sum() <= a.size // 4:
        where = ", ".join(str(tuple(int(j) for j in i)) for i in np.argwhere(wrong)[:4])
        return (
            f"right but for {wrong.sum()} of {a.size} entries, at {where}{region_of(wrong, clues)}"
        )
    return None


def axis_name(axis: int, ndim: int) -> str:
    """What people call one slice along an axis."""
    if ndim == 1:
        return "entry"
    return ("row" if axis == 0 else "column") if ndim == 2 else f"slice of axis {axis}"


def region_of(mask: Array, clues: Clues) -> str:
    """ ", all where x > 0" for a mask that lies inside a region."""
    for name, region in clues.regions.items():
        if region.shape == mask.shape and region[mask].all() and not region.all():
            return f", all where {name}"
    return ""


PATTERNS: tuple[Callable[[Array, Array, Clues], str | None], ...] = (
    not_finite,
    nearly_right,
    nothing,
    other_axes,
    other_shape,
    known_mistake,
    constant_ratio,
    absent_term,
    weights_of_terms,
    stranger,
    right_in_a_region,
    another_mask,
    right_in_some_slices,
    path_through_a_mean,
    factor_of_another_axis,
    ratio_per_slice,
    a_few_entries,
    lost_invariance,
)
# the others are asked where a has the shape of n
ANY_SHAPE = (not_finite, nothing, other_axes, other_shape)
UNKNOWN = "no known pattern: read the formula of this term again"


def likely_cause(analytic: Array, numeric: Array, clues: Clues) -> str:
    """The first pattern that explains the difference, as a sentence. A pattern that raises is a
    fault of numgan's own: it is named, and the others are asked."""
    a, n = real_numbers(analytic), real_numbers(numeric)
    sentence, faults = None, []
    with np.errstate(all="ignore"):
        for pattern in PATTERNS if a.shape == n.shape else ANY_SHAPE:
            try:
                sentence = pattern(a, n, clues)
            except Exception as error:
                faults.append(own_fault(f"the pattern {pattern.__name__}", error))
            if sentence:
                break
    return "; ".join([sentence or UNKNOWN, *faults])


def own_fault(where: str, error: Exception) -> str:
    """What is said of an exception in the diagnosis."""
    return f"numgan's own diagnosis failed in {where} ({type(error).__name__}): please report it"

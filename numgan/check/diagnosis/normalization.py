"""Patterns of the paths by which the input x reaches V: through a mean, a variance, a norm.

a is what the code says, n is what is right, r = a − n is the residual.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike, perpendicular


def path_of_a_centred_map(a: Array, n: Array, context: Context) -> str | None:
    """The same where n sums to 0 over the axes, as it does where a mean is subtracted."""
    return path_through_a_mean(a, n, context, centred_map=True)


def path_through_a_mean(
    a: Array, n: Array, context: Context, centred_map: bool = False
) -> str | None:
    """r is constant over the batch (or over a sample), or a multiple of x − mean(x), or a sum of
    both.

    A layer that subtracts a mean and divides by a deviation depends on x in three ways: directly,
    through the mean, through the variance. Up to factors that all entries of one mean share, the
    second path adds a constant and the third adds x − mean(x).
    """
    x, r = context.x, a - n
    if x is None or x.shape != a.shape or a.ndim == 0:
        return None
    dy = np.asarray(context.unrelated.get("dy", x))
    # else y has another shape than x: no elementwise map
    one_to_one = dy.shape == n.shape
    batch, sample = tuple(range(a.ndim - 1)), tuple(range(1, a.ndim))
    for axes, over in ((batch, "the batch"), (sample, "each sample"), ((0,), "the batch")):
        if np.prod([a.shape[i] for i in axes]) < 4:
            continue
        centred = x - x.mean(axes, keepdims=True)
        if along(n, centred, axes):
            continue  # all of the gradient has this form: only a factor is wrong
        if centred_map and np.any(np.abs(n.sum(axes)) > 1e-6 * np.abs(n).sum(axes)):
            continue
        mean = r.mean(axes, keepdims=True) * np.ones_like(r)
        slope = (r * centred).sum(axes, keepdims=True) / (centred**2).sum(axes, keepdims=True)
        each_by_itself = one_to_one and alike(n, least_squares_factor(n, dy, axes) * dy)
        wrong = (
            "too many, for the map takes each number by itself"
            if each_by_itself
            else "absent or wrong"
        )
        if alike(r, mean):
            return (
                f"a path is {wrong}: the one through the mean over {over} (the residual is "
                f"constant)"
            )
        if alike(r, slope * centred):
            return (
                f"a path is {wrong}: the one through the variance over {over} (residual ∥ x − mean "
                f"x)"
            )
        if alike(r, mean + slope * centred):
            return f"two paths are {wrong}: those through the mean and the variance over {over}"
    return None


def along(n: Array, centred: Array, axes: tuple[int, ...]) -> bool:
    """True for n = c (x − mean x) along the axes."""
    return alike(n, least_squares_factor(n, centred, axes) * centred)


def least_squares_factor(n: Array, dy: Array, axes: tuple[int, ...]) -> Array:
    """The c of n = c·dy along the axes, by least squares."""
    return (n * dy).sum(axes, keepdims=True) / (dy * dy).sum(axes, keepdims=True)


def factor_of_another_axis(a: Array, n: Array, context: Context) -> str | None:
    """n = x times a factor for each row, a = x times one for each column, or the reverse."""
    x = context.x
    if x is None or x.shape != a.shape or a.ndim != 2 or min(a.shape) < 2 or not x.all():
        return None

    def has_factor(v: Array, axis: int) -> bool:
        return alike(v, (v / x).mean(axis, keepdims=True) * x)

    for right, wrong_one, axis in (("row", "column", 1), ("column", "row", 0)):
        if has_factor(n, axis) and has_factor(a, 1 - axis):
            return (
                f"it is x times one factor for each {wrong_one}, not for each {right}: "
                "a norm over the wrong axis"
            )
    return None


def lost_invariance(a: Array, n: Array, context: Context) -> str | None:
    """Σ n = 0 along an axis, since a constant added there changes nothing, and Σ a ≠ 0. Or ⟨n, x⟩ =
    0 and ⟨a, x⟩ ≠ 0.
    """
    for axis in reversed(range(n.ndim)):
        scale = 1e-6 * np.abs(n).sum(axis)
        if (
            n.shape[axis] > 1
            and np.all(np.abs(n.sum(axis)) <= scale)
            and np.any(np.abs(a.sum(axis)) > 1e3 * scale)
        ):
            along = f" along axis {axis}" if n.ndim > 1 else ""
            return (
                f"it should sum to 0{along}, for a constant added there changes nothing, and "
                f"does not: a path "
                "through what normalises (a softmax, a mean) is absent or counted twice"
            )
    own = {} if context.x is None else {"x": context.x}
    for name, array in (own | context.unrelated).items():
        if (
            np.shape(array) == n.shape
            and perpendicular(n, array)
            and not perpendicular(a, array, 1e-3)
        ):
            return through_the_norm(name)
    return None


def through_the_norm(name: str) -> str:
    """The sentence for n ⟂ s where a is not."""
    return (
        f"it should be perpendicular to {name}, whose length changes nothing, and is not: a "
        f"path through the norm "
        f"of {name} is absent or wrong"
    )

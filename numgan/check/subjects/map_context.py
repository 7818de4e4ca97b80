"""What is known about the derivative of a map: what it may be by mistake, and the map itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.constants import constants_of
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.variants import variants
from numgan.check.means.differences import jacobian
from numgan.check.subjects.arguments import Arguments
from numgan.check.subjects.gradients import EVERY, FEW, Derive, partials
from numgan.check.subjects.trees import vector
from numgan.errors import InputError


def context_of_direction(at: Arguments, f: Callable, jvp: Callable, u: list[Array]) -> Context:
    """What is known about the derivative of f along u: f as a function of all variables."""
    points = [at.leaves[i] for i in at.variables]
    ends = np.cumsum([p.size for p in points])[:-1].tolist()

    def of_all(x: Array) -> Array:
        parts = [x] if len(points) == 1 else np.split(np.ravel(x), ends)
        moved = list(at.leaves)
        for i, part in zip(at.variables, parts, strict=True):
            moved[i] = part.reshape(at.leaves[i].shape)
        return vector(at.evaluate(f, moved))

    one = len(points) == 1
    factors, sizes = constants_of((f, jvp), at.kwargs, at.args)
    direction = u[0] if one else np.concatenate([np.ravel(v) for v in u])
    return Context(
        sizes=sizes,
        factors=factors,
        function=of_all,
        point=points[0] if one else np.concatenate([p.ravel() for p in points]),
        product=lambda derivative, u: derivative,
        directions=[direction],
        whole=False,
    )


def gradients_by_others(
    at: Arguments, value: Callable, i: int, derive: Derive
) -> dict[str, Callable[[], Array]]:
    """The gradients by the other arrays of the same shape, which this one may be by mistake."""

    def by(k: int) -> Callable[[], Array]:
        x = at.leaves[k]
        alone = at.as_function_of(value, k)
        return lambda: partials(alone, x, list(range(x.size)), derive).value

    return {
        f"it is d{at.names[k]}: the order of the arguments is mixed up": by(k)
        for k in at.variables
        if k != i and at.leaves[k].shape == at.leaves[i].shape and at.leaves[k].size <= EVERY
    }


def chosen_all(chosen: list[int], at: Arguments, i: int, dy: Any) -> bool:
    """True if every entry of x is compared, and dy is one array of the shape of x."""
    x = at.leaves[i]
    return len(chosen) == x.size and isinstance(dy, np.ndarray) and dy.shape == x.shape


def variants_of_map(
    at: Arguments, f: Callable, i: int, dy: Array, derive: Derive
) -> dict[str, Array | Callable[[], Array]]:
    """What dx may be by mistake, for a value of the shape of x."""
    x, alone = at.leaves[i], at.as_function_of(f, i)

    def J() -> Array:
        if x.size > FEW:
            raise InputError("too large")
        return jacobian(alone, x, derive).value

    def derivative_at(point: Array) -> Array:
        return partials(lambda v: (dy * alone(v)).sum(), point, list(range(x.size)), derive).value

    y = np.asarray(alone(x))
    not_applied = {f"the derivative of {at.name} is not applied: d{at.names[i]} = dy": dy}
    return not_applied | variants(x, y, dy, J, derivative_at, is_elementwise(alone, x, y))


def is_elementwise(f: Callable, x: Array, y: Array) -> bool:
    """True if a change of one entry of x changes the same entry of y alone: of the first and of the
    last.
    """
    for k in (0, x.size - 1):
        moved = x.copy()
        moved.flat[k] += 1e-3
        changed = np.flatnonzero(np.asarray(f(moved)) != y)
        if not set(changed.tolist()) <= {k}:
            return False
    return True

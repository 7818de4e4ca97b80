"""What dx may be by mistake, of a map whose value has the shape of x."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array

NOT_APPLIED = "the map's own derivative is not applied: dx = dy"


def variants(
    x: Array,
    y: Array,
    dy: Array,
    J: Callable[[], Array],
    derivative_at: Callable[[Array], Array],
    elementwise: bool = True,
) -> dict[str, Array | Callable[[], Array]]:
    """Mistakes in words, and the dx that each gives: the derivative at another point, applied
    twice, the product in the other order, or the formula of another function.

    J() is ∂y/∂x, (*x.shape, *y.shape); derivative_at(x) is dx at another point.
    """
    of_any_map: dict[str, Array | Callable[[], Array]] = {
        NOT_APPLIED: dy,
        "the derivative is applied twice": lambda: contract(J(), contract(J(), dy)),
        "the Jacobian stands where its transpose belongs (dy W for dy Wᵀ)": lambda: np.tensordot(
            dy, J(), dy.ndim
        ),
        "the derivative is taken at the output y, not at the input x": lambda: derivative_at(y),
        "the derivative is taken at dy, not at x: it follows the gradient's sign": lambda: (
            derivative_at(dy)
        ),
        "the derivative is taken at −x": lambda: derivative_at(-x),
    }
    if not elementwise:
        return of_any_map
    with np.errstate(all="ignore"):
        return of_any_map | {
            "φ' is written in x where y = φ(x) belongs: 1 − x² for 1 − y²": (1 - x * x) * dy,
            "φ' is written in x where y = φ(x) belongs: x(1 − x) for y(1 − y)": x * (1 - x) * dy,
            "it is the derivative of tanh, 1 − y²": (1 - y * y) * dy,
            "it is the derivative of the logistic function, y(1 − y)": y * (1 - y) * dy,
            "y itself stands for φ'": y * dy,
            "1 − y stands where the derivative belongs": (1 - y) * dy,
            "the slope is 1 on one side and 0 on the other, decided by dy": (dy > 0) * dy,
        }


def contract(J: Array, dy: Array) -> Array:
    """Σ_j J_ij dy_j over all the axes of dy."""
    return np.tensordot(J, dy, dy.ndim)

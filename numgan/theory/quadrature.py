"""Integrals in one and two dimensions: Gauss-Legendre on panels, halved until the error estimate is
small enough.

On a panel of sides h_1 … h_d with n Gauss points per side, ∫ f ≈ Π_j(h_j/2) Σ_i w_i f(x_i): exact
for polynomials of degree 2n − 1. Cut the panel into 2^d children and integrate those: the
difference is the error of the parent, and an upper guess for that of the children, whose sum is
kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

POINTS_PER_SIDE = {1: 20, 2: 12}
MOST_CUTS = 200  # a panel is then 2^−200 of its first size
CHUNK = 1 << 16  # points handed to f at once: bounds the memory


class Estimate(NamedTuple):
    """A number, its estimated error (quadrature) or standard error (Monte Carlo), and the
    evaluations it took.

    >>> Estimate(1.0, error=0.1, points=20)
    Estimate(value=1.0, error=0.1, points=20)
    """

    value: float
    error: float
    points: int


@cache
def gauss_points(n: int, dim: int) -> tuple[Array, Array]:
    """Nodes (n^dim, dim) on [−1, 1]^dim and their weights (n^dim,): the product of one-dimensional
    rules.

    >>> x, w = gauss_points(2, 1)
    >>> print((w @ x**2).round(9))  # ∫ x² from −1 to 1
    [0.66666667]
    """
    x, w = np.polynomial.legendre.leggauss(n)
    nodes = np.stack(np.meshgrid(*[x] * dim, indexing="ij"), axis=-1).reshape(-1, dim)
    weights = np.prod(
        np.stack(np.meshgrid(*[w] * dim, indexing="ij"), axis=-1).reshape(-1, dim), axis=1
    )
    return nodes, weights


def panels(knots: Sequence[Array]) -> tuple[Array, Array]:
    """The boxes between neighbouring knots: low and high corners, each (P, dim).

    >>> panels([np.array([0.0, 1.0, 3.0])])
    (array([[0.],
           [1.]]), array([[1.],
           [3.]]))
    """
    axes = []
    for k in knots:
        k = np.unique(np.asarray(k, dtype=np.float64))
        if k.size < 2 or not np.all(np.isfinite(k)):
            raise InputError(
                f"knots {k}: expected at least two different finite coordinates on every axis"
            )
        axes.append(k)
    low = np.stack(np.meshgrid(*[k[:-1] for k in axes], indexing="ij"), axis=-1).reshape(
        -1, len(axes)
    )
    high = np.stack(np.meshgrid(*[k[1:] for k in axes], indexing="ij"), axis=-1).reshape(
        -1, len(axes)
    )
    return low, high


def halves(low: Array, high: Array) -> tuple[Array, Array]:
    """Each of P boxes cut in two along every axis: the 2^dim children of a box stand together,
    (2^dim P, dim).

    >>> halves(np.array([[0.0]]), np.array([[1.0]]))
    (array([[0. ],
           [0.5]]), array([[0.5],
           [1. ]]))
    """
    dim = low.shape[1]
    # (2^dim, dim)
    corner = np.stack(np.meshgrid(*[[0, 1]] * dim, indexing="ij"), axis=-1).reshape(-1, dim)
    middle = (low + high) / 2
    first = np.where(corner, middle[:, None], low[:, None])
    last = np.where(corner, high[:, None], middle[:, None])
    return first.reshape(-1, dim), last.reshape(-1, dim)


def on_panels(f: Callable, low: Array, high: Array) -> tuple[Array, Array]:
    """∫ f and ∫ |f| over each box by one Gauss rule: two vectors (P,).

    >>> value, size = on_panels(lambda x: x[:, 0], np.array([[-1.0]]), np.array([[2.0]]))
    >>> print(value.round(9))
    [1.5]
    """
    dim = low.shape[1]
    nodes, w = gauss_points(POINTS_PER_SIDE[dim], dim)
    x = ((low + high)[:, None] + (high - low)[:, None] * nodes) / 2  # (P, n^dim, dim)
    x = x.reshape(-1, dim)
    y = np.concatenate(
        [np.asarray(f(x[i : i + CHUNK]), dtype=float) for i in range(0, len(x), CHUNK)]
    )
    if y.shape != (len(x),):
        raise InputError(
            f"integrand of shape {y.shape} at {len(x)} points: expected one number a point"
        )
    if np.isnan(y).any():
        raise InputError(f"integrand is nan at x = {x[np.argmax(np.isnan(y))]}: expected a number")
    if np.isposinf(y).any() and np.isneginf(y).any():
        raise InputError(
            "integrand is +∞ at one point and −∞ at another: expected an integral that exists"
        )
    y = y.reshape(len(low), -1) * (w * np.prod((high - low) / 2, axis=1, keepdims=True))
    return y.sum(1), np.abs(y).sum(1)


def integrate(
    f: Callable, knots: Sequence[Array], tol: float = 1e-12, max_points: int = 10_000_000
) -> Estimate:
    """∫ f(x) dx over the box spanned by the knots, with an error estimate below tol·max(1, ∫|f|).

    f: rows (N, dim) -> (N,), smooth between the knots (elsewhere it costs more cuts); knots: for
    each of one or two axes the coordinates at which panels must end, the first and last of them the
    ends of the box. `P.knots()` gives those of a density, `merge(P, Q)` of several. An integrand
    that is +∞ or −∞ at a node gives that value. InputError, with the error that was reached, if
    max_points evaluations do not suffice.

    Where f is smooth a cut divides the change by thousands, and the error left is far below the
    change. Where it is not (a jump, a kink, a pole) the change falls slowly and can be tiny by
    luck: the error is then taken as four times the change and no less than a quarter of the change
    before. A panel is settled when its error, with those of all panels settled earlier, fits in
    half of what is left of the tolerance.

    >>> found = integrate(lambda x: np.cos(x[:, 0]), [np.array([0.0, np.pi / 2])])
    >>> print(round(found.value, 12), found.error < 1e-12)
    1.0 True
    """
    dim = len(knots)
    if dim not in POINTS_PER_SIDE:
        raise InputError(
            f"quadrature in {dim} dimensions: expected 1 or 2 (monte_carlo works in any)"
        )
    low, high = panels(knots)
    coarse, _ = on_panels(f, low, high)
    per_panel = POINTS_PER_SIDE[dim] ** dim
    points = len(low) * per_panel
    value, error, mass = 0.0, 0.0, 0.0  # of the settled panels
    # the change one cut ago; did it fall fast?
    before, smooth = np.zeros(len(low)), np.ones(len(low), dtype=bool)
    for _ in range(MOST_CUTS):
        low, high = halves(low, high)
        fine, fine_size = on_panels(f, low, high)
        points += len(low) * per_panel
        if np.isinf(fine).any() or np.isinf(coarse).any():
            return Estimate(float(fine.sum() + coarse.sum()), 0.0, points)

        family, size = (
            fine.reshape(len(coarse), -1).sum(1),
            fine_size.reshape(len(coarse), -1).sum(1),
        )
        change = np.abs(family - coarse)
        errors = np.where(smooth, change, np.maximum(4 * change, before / 4))
        left = tol * max(1.0, mass + size.sum()) - error
        settled = smallest(errors, left if errors.sum() <= left else left / 2)
        value, error, mass = (
            value + family[settled].sum(),
            error + errors[settled].sum(),
            mass + size[settled].sum(),
        )
        if settled.all():
            return Estimate(float(value), float(error), points)

        again, fell = np.repeat(~settled, 2**dim), change <= 1e-3 * before
        low, high, coarse = low[again], high[again], fine[again]
        before, smooth = (np.repeat(a[~settled], 2**dim) for a in (change, fell))
        if points + len(low) * per_panel * 2**dim > max_points:
            break
    error += errors[~settled].sum()
    raise InputError(
        f"quadrature reached an error of {error:.1e} with {points} points: expected {tol:.1e}"
    )


def smallest(errors: Array, budget: float) -> Array:
    """Marks (P,) the panels of least error that together stay within the budget.

    >>> smallest(np.array([3.0, 1.0, 2.0]), budget=3.5)
    array([False,  True,  True])
    """
    order = np.argsort(errors)
    marks = np.zeros(len(errors), dtype=bool)
    marks[order] = np.cumsum(errors[order]) <= budget
    return marks

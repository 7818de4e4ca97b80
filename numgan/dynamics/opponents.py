"""E58-E60: fields of players that take their opponent's next move into account.

w = (x, y), x the first d entries; v = (−∇ₓf₁, −∇ᵧf₂), where f₁ and f₂ are what each minimises.
J_o is J without its two diagonal blocks, and c = (∇ₓf₂, ∇ᵧf₁). In a zero-sum game c = v.

    competitive   (I − J_o E)⁻¹ v                  E the step sizes                   E58
    lola          (I + αJ_o) v − α J_oᵀ c                                            E59
    unrolled      (−∇ₓf₁, −d/dy f₂(x_K(y), y))     K steps of x, differentiated       E60

Each is a field again, for any rule. v is a function, taken to be zero-sum, or the field of a game;
J maps w to the Jacobian of v at w: partial(Jacobian, field) or partial(dense, v).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array, namespace
from numgan.dynamics.field import VectorField
from numgan.dynamics.jacobian import Operator
from numgan.errors import InputError


def cross(v: VectorField, w: Array) -> Array:
    """c = (∇ₓf₂, ∇ᵧf₁): of a game its own, of a function v(w), as in a zero-sum game.

    >>> cross(lambda w: -w, np.array([1.0, 2.0]))
    array([-1., -2.])
    """
    return v.cross(w) if hasattr(v, "cross") else v(w)


class OffDiagonal:
    """J_o: what of J couples the players, the first d entries and the rest.

    >>> OffDiagonal(np.array([[5.0, -1.0], [2.0, 7.0]]), d=1) @ np.array([1.0, 1.0])
    array([-1.,  2.])
    """

    def __init__(self, J: Any, d: int):
        self.J, self.d, self.shape = J, d, J.shape

    @property
    def T(self) -> OffDiagonal:
        return OffDiagonal(self.J.T, self.d)

    def __matmul__(self, u: Array) -> Array:
        if hasattr(self.J, "coupled"):  # a game computes no more than that
            return self.J.coupled(u)
        d, first, last = self.d, 1 * u, 1 * u
        first[self.d :], last[: self.d] = 0, 0
        return namespace(u).concatenate([(self.J @ last)[:d], (self.J @ first)[d:]])


class Solution(NamedTuple):
    """x with A x ≈ b, and ‖A x − b‖/‖b‖.

    >>> twice = lambda x: 2 * x
    >>> conjugate_gradients(twice, twice, np.array([4.0]), tolerance=1e-9, most=3)
    Solution(x=array([2.]), residual=0.0, products=1)
    """

    x: Array
    residual: float
    products: int  # with A, and as many with Aᵀ


def conjugate_gradients(
    A: Callable[[Array], Array],
    A_T: Callable[[Array], Array],
    b: Array,
    tolerance: float,
    most: int,
) -> Solution:
    """A x = b by conjugate gradients on AᵀA x = Aᵀb, which is positive for every regular A.

    For A = I − ηJ_o of a zero-sum game AᵀA is I + η²J_oᵀJ_o (E58): eigenvalues of at least 1.

        >>> A = np.array([[1.0, -2.0], [2.0, 1.0]])
        >>> conjugate_gradients(lambda x: A @ x, lambda x: A.T @ x, np.array([1.0, 2.0]), 1e-9, 5).x
        array([1., 0.])
    """
    x, r = 0 * b, b  # r = b − A x
    size = np.sqrt(float(abs(b @ b)))
    s = p = A_T(r)
    for products in range(most + 1):
        residual = np.sqrt(float(abs(r @ r)))
        if not residual > tolerance * size or products == most:
            return Solution(x, float(residual / size) if size else 0.0, products)
        Ap, before = A(p), s @ s
        alpha = before / (Ap @ Ap)
        x, r = x + alpha * p, r - alpha * Ap
        s = A_T(r)
        p = s + (s @ s) / before * p
    raise AssertionError("the loop returns")


def competitive(
    v: VectorField,
    J: Callable[[Array], Operator],
    d: int,
    rates: Array | float,
    tolerance: float = 1e-12,
    most: int = 100,
) -> VectorField:
    """p = (I − J_o E)⁻¹ v, so that Δ = E p solves  Δ = E (v + J_o Δ): each player steps along its
    gradient at the point where the other's step, to first order, leads. (arXiv:1905.12103)

    E = diag(rates) are the step sizes of a plain step. Raises InputError where conjugate gradients
    do not reach the tolerance within `most` products.

        >>> turn = lambda w: np.array([-w[1], w[0]])
        >>> J = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> competitive(turn, lambda w: J, 1, 0.5)(np.array([1.0, 0.0])).round(9) + 0.0
        array([-0.4,  0.8])
    """

    def adjusted(w: Array) -> Array:
        J_o, at = OffDiagonal(J(w), d), v(w)
        found = conjugate_gradients(
            lambda p: p - J_o @ (rates * p), lambda p: p - rates * (J_o.T @ p), at, tolerance, most
        )
        if found.residual > tolerance:  # where v is not finite p is not either, and that is told
            raise InputError(
                f"the linear system of competitive steps has a residual of {found.residual:.2g} "
                f"after {found.products} products, above {tolerance:.0e}: no step is taken; try "
                f"smaller steps (--lr), more products (--horizon), or a zero-sum game such as "
                f"minimax, where the system is well-conditioned"
            )
        return found.x  # E58

    return adjusted


def lola(v: VectorField, J: Callable[[Array], Operator], d: int, alpha: float) -> VectorField:
    """(I + αJ_o) v − α J_oᵀ c: each player descends on its loss after a plain step α of the other,
    to first order, and differentiates that step too. (arXiv:1709.04326)

        f₁(x, y − α∇ᵧf₂) ≈ f₁ − α⟨∇ᵧf₂, ∇ᵧf₁⟩,   and D's gradient is that of the right side

    The product rule gives −α D²ₓᵧf₁ ∇ᵧf₂, which is the part of αJ_o v, and −α (D²ᵧₓf₂)ᵀ ∇ᵧf₁.

        >>> turn = lambda w: np.array([-w[1], w[0]])
        >>> J = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> lola(turn, lambda w: J, 1, 0.25)(np.array([1.0, 0.0]))  # v + 2αJ_o v
        array([-0.5,  1. ])
    """

    def adjusted(w: Array) -> Array:
        J_o, at = OffDiagonal(J(w), d), v(w)
        return at + alpha * (J_o @ at) - alpha * (J_o.T @ cross(v, w))  # E59

    return adjusted


def unrolled(
    v: VectorField, J: Callable[[Array], Operator], d: int, h: float, K: int
) -> VectorField:
    """D's own gradient, and G's of f₂(x_K(y), y) with x_{i+1} = x_i − h∇ₓf₁(x_i, y), x_0 = x.
    (arXiv:1611.02163)

    Backwards, with λ = ∂f₂/∂x at x_K, each step adds by the chain rule

        df₂/dy += h (∂v_x/∂y)ᵀ λ,    λ += h (∂v_x/∂x)ᵀ λ       both one product Jᵀ (λ, 0)

        >>> turn = lambda w: np.array([-w[1], w[0]])
        >>> J = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> unrolled(turn, lambda w: J, 1, 0.25, 1)(np.array([0.0, 1.0]))  # f₂ = −xy: −2hy
        array([-1. , -0.5])
    """

    def adjusted(w: Array) -> Array:
        path = [w]
        for _ in range(K):
            path.append(moved(path[-1], d, h * v(path[-1])[:d]))
        at = v(path[-1])
        carried, slope = cross(v, path[-1])[:d], -at[d:]  # λ = ∂f₂/∂x, ∂f₂/∂y
        for point in reversed(path[:-1]):
            back = J(point).T @ moved(0 * w, d, carried)
            carried, slope = carried + h * back[:d], slope + h * back[d:]  # E60
        return namespace(w).concatenate([v(w)[:d], -slope])

    return adjusted


def moved(w: Array, d: int, step: Array) -> Array:
    """w with its first d entries moved by a step.

    >>> moved(np.array([1.0, 2.0]), 1, np.array([0.5]))
    array([1.5, 2. ])
    """
    return namespace(w).concatenate([w[:d] + step, w[d:]])

"""Ways to follow a vector field: update rules, and changes of the field itself. All of them for one field v(w).

    w, state = rule.step(v, w, h, state)          state: what the rule remembers, None at the start

Near an equilibrium v is J w, each rule is a linear map, and its eigenvalues z, `rule.factors(J, h)`, tell whether it
converges: |z| < 1. For rules that treat all of w alike each eigenvalue λ of J has its own z, the roots of a polynomial
in z with hλ in its coefficients; it is found by putting w_n = zⁿ and v = λw into the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.dynamics.jacobian import Operator


class Rule(NamedTuple):
    """One way to step, and what it makes of a linear field."""

    step: Callable[..., tuple[Array, Any]]         # (v, w, h, state) ↦ (w, state)
    factors: Callable[[Array, float], Array]       # (J, h) ↦ the z


def trajectory(v: VectorField, rule: Rule, w: Array, h: float, steps: int) -> Array:
    """w_0, w_1, …, (steps + 1, *w.shape)."""
    path, state = [w], None
    for _ in range(steps):
        w, state = rule.step(v, w, h, state)
        path.append(w)
    return np.array(path)


def by_eigenvalue(polynomial: Callable[[complex], list]) -> Callable[[Array, float], Array]:
    """factors of a rule that is a polynomial in z for each x = hλ, its coefficients from the highest power down."""
    return lambda J, h: np.concatenate([np.roots(polynomial(x)) for x in h * np.linalg.eigvals(J)])


# ── everything at once ───────────────────────────────────────────────────────────────────────────────────────────────


def simultaneous_step(v: VectorField, w: Array, h: float, state: None = None) -> tuple[Array, None]:
    """Both players at once, from where both are."""
    return w + h * v(w), None                                                         # E38


def extragradient_step(v: VectorField, w: Array, h: float, state: None = None) -> tuple[Array, None]:
    """From w, with the field of where a first step would lead."""
    return w + h * v(w + h * v(w)), None                                              # E40


def optimistic_step(v: VectorField, w: Array, h: float, before: Array | None = None) -> tuple[Array, Array]:
    """As if the field went on changing as it just did: one evaluation a step."""
    now = v(w)
    return w + h * (2 * now - (now if before is None else before)), now               # E40


def runge_kutta_step(v: VectorField, w: Array, h: float, state: None = None) -> tuple[Array, None]:
    """The classical method of order four: the flow itself, up to O(h⁵) a step."""
    a = v(w)
    b = v(w + h / 2 * a)
    c = v(w + h / 2 * b)
    d = v(w + h * c)
    return w + h / 6 * (a + 2 * b + 2 * c + d), None                                  # dw/dt = v(w) to O(h⁴)


simultaneous = Rule(simultaneous_step, by_eigenvalue(lambda x: [1, -(1 + x)]))
extragradient = Rule(extragradient_step, by_eigenvalue(lambda x: [1, -(1 + x + x**2)]))
optimistic = Rule(optimistic_step, by_eigenvalue(lambda x: [1, -(1 + 2 * x), x]))
runge_kutta = Rule(runge_kutta_step, by_eigenvalue(lambda x: [1, -(1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24)]))


def momentum(beta: float) -> Rule:
    """Heavy ball:  m ← βm + v(w),  w ← w + hm.      (w_{n+1} − w_n) = β(w_n − w_{n−1}) + hv(w_n)."""

    def step(v: VectorField, w: Array, h: float, m: Array | None = None) -> tuple[Array, Array]:
        m = v(w) if m is None else beta * m + v(w)
        return w + h * m, m

    return Rule(step, by_eigenvalue(lambda x: [1, -(1 + beta + x), beta]))


def optimistic_factor(k: float) -> float:
    """The largest |z| of optimistic steps at hλ = ±ik, the roots of z² − (1 ± 2ik)z ± ik = 0, by their formula:

        z = ½(1 ± 2ik ± √(1 − 4k²))      |z|² = ½(1 + √(1 − 4k²))            for k ≤ ½, falling from 1 to ½
                                         |z|² = ¼[1 + (2k + √(4k² − 1))²]    for k ≥ ½, rising, and 1 at k = 1/√3
    """
    root = np.sqrt(abs(1 - 4 * k**2))
    return float(np.sqrt((1 + root) / 2 if k <= 0.5 else (1 + (2 * k + root) ** 2) / 4))  # E40


# ── one player after the other ───────────────────────────────────────────────────────────────────────────────────────


def alternating(d: int, k: int = 1, beta: float = 0.0) -> Rule:
    """D, the first d entries of w, steps k times and then G once, as in Algorithm 1, each from where the other now is.

    A step of one player, with the projection P on its entries and its heavy ball m, is on the linear field

        m ← (1 − P)m + P(βm + Jw)        w ← w + hPm

    and the factors are the eigenvalues of the product of these: two shears, for two numbers w and β = 0.
    """

    def players(n: int) -> list[Array]:
        of_d = np.arange(n) < d
        return [of_d] * k + [~of_d]

    def step(v: VectorField, w: Array, h: float, m: Array | None = None) -> tuple[Array, Array]:
        m = 0 * w if m is None else m
        for P in players(len(w)):
            m = np.where(P, beta * m + v(w), m)
            w = w + h * P * m
        return w, m

    def factors(J: Array, h: float) -> Array:
        product, one = np.eye(2 * len(J)), np.eye(len(J))
        for P in map(np.diag, players(len(J))):
            m_of_w, m_of_m = P @ J, one - P + beta * P
            product = np.block([[one + h * P @ m_of_w, h * P @ m_of_m], [m_of_w, m_of_m]]) @ product
        return np.linalg.eigvals(product)

    return Rule(step, factors)


def clipped(rule: Rule, d: int, bound: float) -> Rule:
    """The rule, and then D's d entries put back into [−bound, bound]: inside the box nothing changes."""

    def step(v: VectorField, w: Array, h: float, state: Any = None) -> tuple[Array, Any]:
        w, state = rule.step(v, w, h, state)
        return np.where(np.arange(len(w)) < d, np.clip(w, -bound, bound), w), state

    return Rule(step, rule.factors)


# ── another field, for any rule ──────────────────────────────────────────────────────────────────────────────────────
# J: w ↦ the Jacobian of v at w, as an operator or as a matrix: partial(Jacobian, field) or partial(dense, v).


def scaled(v: VectorField, rates: Array) -> VectorField:
    """Two time scales: each player's part of v times a rate of its own. Its Jacobian is diag(rates) J."""
    return lambda w: rates * v(w)                                                     # E40


def consensus(v: VectorField, J: Callable[[Array], Operator], gamma: float) -> VectorField:
    """v − γ∇½‖v‖² = v − γJᵀv: both players also descend on the length of v.      (arXiv:1705.10461)

    Where v = 0 its Jacobian is J − γJᵀJ: the terms that differentiate Jᵀ are multiplied by v.
    """
    return lambda w: (at := v(w)) - gamma * (J(w).T @ at)                             # E40


def symplectic(v: VectorField, J: Callable[[Array], Operator], gamma: float) -> VectorField:
    """v + γAv with A = ½(J − Jᵀ), the part of J that turns: what makes v circle is led inwards.   (arXiv:1802.05642)

    Where v = 0 its Jacobian is J + γAJ. A game of one player has A = 0, and nothing changes.
    """

    def adjusted(w: Array) -> Array:
        at, Jw = v(w), J(w)
        return at + gamma / 2 * (Jw @ at - Jw.T @ at)

    return adjusted

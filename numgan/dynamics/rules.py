"""Update rules for any vector field v(w), and modifications of the field itself.

    w, state = rule.step(v, w, h, state)          state: what the rule remembers, None at the start

Near an equilibrium v is J w and each rule is a linear map. It converges if its eigenvalues z,
`rule.factors(J, h)`, satisfy |z| < 1. If a rule treats all of w alike, each eigenvalue λ of J has
its own z, the roots of a polynomial in z whose coefficients depend on hλ: substitute w_n = zⁿ and
v = λw into the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.dynamics.jacobian import Operator


class Rule(NamedTuple):
    """A step, and the eigenvalues of that step on a linear field.

    >>> J = np.array([[-1.0]])
    >>> simultaneous.factors(J, 0.25)  # 1 + hλ
    array([0.75])
    """

    step: Callable[..., tuple[Array, Any]]  # (v, w, h, state) ↦ (w, state)
    factors: Callable[[Array, float], Array]  # (J, h) ↦ the z


def trajectory(v: VectorField, rule: Rule, w: Array, h: float, steps: int) -> Array:
    """w_0, w_1, …, (steps + 1, *w.shape).

    >>> trajectory(lambda w: -w, simultaneous, np.array([8.0]), h=0.5, steps=3).ravel()
    array([8., 4., 2., 1.])
    """
    path, state = [w], None
    for _ in range(steps):
        w, state = rule.step(v, w, h, state)
        path.append(w)
    return np.array(path)


def by_eigenvalue(polynomial: Callable[[complex], list]) -> Callable[[Array, float], Array]:
    """The `factors` of a rule: the roots z of its polynomial for each x = hλ.

    The coefficients start at the highest power.

        >>> factors = by_eigenvalue(lambda x: [1, -(1 + x)])  # z − (1 + x)
        >>> factors(np.array([[-1.0]]), 0.25)
        array([0.75])
    """
    return lambda J, h: np.concatenate([np.roots(polynomial(x)) for x in h * np.linalg.eigvals(J)])


# ── both players at once ─────────────────────────────────────────────────────────────────────────


def simultaneous_step(v: VectorField, w: Array, h: float, state: None = None) -> tuple[Array, None]:
    """Both players step at once, from the same point.

    >>> simultaneous_step(lambda w: -w, 8.0, h=0.5)
    (4.0, None)
    """
    return w + h * v(w), None  # E38


def extragradient_step(
    v: VectorField, w: Array, h: float, state: None = None
) -> tuple[Array, None]:
    """A step from w with the field at the point that a first step would reach.

    >>> extragradient_step(lambda w: -w, 8.0, h=0.5)  # 8 − ½·4
    (6.0, None)
    """
    return w + h * v(w + h * v(w)), None  # E40


def optimistic_step(
    v: VectorField, w: Array, h: float, before: Array | None = None
) -> tuple[Array, Array]:
    """A step with the field extrapolated from the last two points: one evaluation a step.

    >>> optimistic_step(lambda w: -w, 8.0, h=0.5, before=-12.0)  # 8 + ½(2·(−8) + 12)
    (6.0, -8.0)
    """
    now = v(w)
    return w + h * (2 * now - (now if before is None else before)), now  # E40


def past_step(
    v: VectorField, w: Array, h: float, before: Array | None = None
) -> tuple[Array, Array]:
    """Extragradient whose first step takes the field of the last one: one evaluation a step.

    >>> past_step(lambda w: -w, 8.0, h=0.5, before=-4.0)  # v(8 − 2) = −6, 8 − 3
    (5.0, -6.0)
    """
    now = v(w if before is None else w + h * before)
    return w + h * now, now  # E57


def runge_kutta_step(v: VectorField, w: Array, h: float, state: None = None) -> tuple[Array, None]:
    """The classical method of order four: it follows the flow up to O(h⁵) a step.

    >>> round(runge_kutta_step(lambda w: w, 1.0, h=1.0)[0], 4)  # 1 + 1 + 1/2 + 1/6 + 1/24
    2.7083
    """
    a = v(w)
    b = v(w + h / 2 * a)
    c = v(w + h / 2 * b)
    d = v(w + h * c)
    return w + h / 6 * (a + 2 * b + 2 * c + d), None  # dw/dt = v(w) to O(h⁴)


simultaneous = Rule(simultaneous_step, by_eigenvalue(lambda x: [1, -(1 + x)]))
extragradient = Rule(extragradient_step, by_eigenvalue(lambda x: [1, -(1 + x + x**2)]))
optimistic = Rule(optimistic_step, by_eigenvalue(lambda x: [1, -(1 + 2 * x), x]))
past_extragradient = Rule(past_step, by_eigenvalue(lambda x: [1, -(1 + 2 * x), x]))  # E57
runge_kutta = Rule(
    runge_kutta_step, by_eigenvalue(lambda x: [1, -(1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24)])
)


def momentum(beta: float) -> Rule:
    """Heavy ball:  m ← βm + v(w),  w ← w + hm.      (w_{n+1} − w_n) = β(w_n − w_{n−1}) + hv(w_n).

    >>> momentum(0.5).step(lambda w: -w, 8.0, 0.5, -8.0)  # m = −4 − 8, w = 8 − ½·12
    (2.0, -12.0)
    """

    def step(v: VectorField, w: Array, h: float, m: Array | None = None) -> tuple[Array, Array]:
        m = v(w) if m is None else beta * m + v(w)
        return w + h * m, m

    return Rule(step, by_eigenvalue(lambda x: [1, -(1 + beta + x), beta]))


def lookahead(rule: Rule, k: int, alpha: float) -> Rule:
    """After every k steps of the rule, both players go back to a point between:

        w̄ ← w̄ + α(w − w̄),   w ← w̄                                (arXiv:2006.14567)

    Of a rule that remembers nothing, z becomes (1 − α + αz^k)^(1/k).

        >>> rule = lookahead(simultaneous, k=2, alpha=0.5)
        >>> w, state = rule.step(lambda w: -w, 8.0, 0.5)  # 4
        >>> rule.step(lambda w: -w, w, 0.5, state)[0]  # 2, and halfway back to 8
        5.0
    """

    def step(v: VectorField, w: Array, h: float, state: Any = None) -> tuple[Array, Any]:
        slow, t, inner = (w, 0, None) if state is None else state
        w, inner = rule.step(v, w, h, inner)
        if t + 1 == k:
            slow = w = slow + alpha * (w - slow)  # E60
        return w, (slow, (t + 1) % k, inner)

    def factors(J: Array, h: float) -> Array:
        z = rule.factors(J, h).astype(complex)
        return (1 - alpha + alpha * z**k) ** (1 / k)

    return Rule(step, factors)


def optimistic_factor(k: float) -> float:
    """The largest |z| of optimistic steps at hλ = ±ik, the roots of z² − (1 ± 2ik)z ± ik = 0:

    z = ½(1 ± 2ik ± √(1 − 4k²))
    |z|² = ½(1 + √(1 − 4k²))            for k ≤ ½, falling from 1 to ½
    |z|² = ¼[1 + (2k + √(4k² − 1))²]    for k ≥ ½, rising, and 1 at k = 1/√3

    >>> round(optimistic_factor(0.5) ** 2, 12)
    0.5
    """
    root = np.sqrt(abs(1 - 4 * k**2))
    square = (1 + root) / 2 if k <= 0.5 else (1 + (2 * k + root) ** 2) / 4
    return float(np.sqrt(square))  # E40


# ── one player after the other ───────────────────────────────────────────────────────────────────


def alternating(d: int, k: int = 1, beta: float = 0.0) -> Rule:
    """D, the first d entries of w, makes k steps and then G one, as in Algorithm 1, each from the
    current point of the other.

    A step of one player, with the projection P on its entries and its heavy ball m, is on the
    linear field

        m ← (1 − P)m + P(βm + Jw)        w ← w + hPm

    The factors are the eigenvalues of the product of these maps: two shears, if w is two numbers
    and β = 0.

        >>> turning = lambda w: np.array([-w[1], w[0]])
        >>> alternating(d=1).step(turning, np.array([1.0, 1.0]), 0.5)[0]  # 1 − ½·1, then 1 + ½·½
        array([0.5 , 1.25])
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
            w_of_w, w_of_m = one + h * P @ m_of_w, h * P @ m_of_m
            product = np.block([[w_of_w, w_of_m], [m_of_w, m_of_m]]) @ product
        return np.linalg.eigvals(product)

    return Rule(step, factors)


def clipped(rule: Rule, d: int, bound: float) -> Rule:
    """The rule, then D's first d entries clipped to [−bound, bound]; no change inside the box.

    >>> clipped(simultaneous, d=1, bound=1.0).step(lambda w: w, np.array([1.0, 2.0]), 1.0)[0]
    array([1., 4.])
    """

    def step(v: VectorField, w: Array, h: float, state: Any = None) -> tuple[Array, Any]:
        w, state = rule.step(v, w, h, state)
        return np.where(np.arange(len(w)) < d, np.clip(w, -bound, bound), w), state

    return Rule(step, rule.factors)


# ── modified fields, for any rule ────────────────────────────────────────────────────────────────
# J maps w to the Jacobian of v at w: an operator, partial(Jacobian, field), or a matrix,
# partial(dense, v).


def scaled(v: VectorField, rates: Array) -> VectorField:
    """Two time scales: each player's part of v times its own rate. The Jacobian is diag(rates) J.

    >>> scaled(lambda w: -w, rates=np.array([2.0, 0.5]))(np.array([1.0, 1.0]))
    array([-2. , -0.5])
    """
    return lambda w: rates * v(w)  # E40


def consensus(v: VectorField, J: Callable[[Array], Operator], gamma: float) -> VectorField:
    """v − γ∇½‖v‖² = v − γJᵀv: both players also descend on the length of v.      (arXiv:1705.10461)

    Where v = 0 its Jacobian is J − γJᵀJ: the terms that differentiate Jᵀ have the factor v.

        >>> J = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> consensus(lambda w: J @ w, lambda w: J, gamma=0.5)(np.array([1.0, 0.0]))
        array([-0.5,  1. ])
    """
    return lambda w: (at := v(w)) - gamma * (J(w).T @ at)  # E40


def symplectic(v: VectorField, J: Callable[[Array], Operator], gamma: float) -> VectorField:
    """v + γAv with A = ½(J − Jᵀ), the rotational part of J: it turns v inwards. (arXiv:1802.05642)

    Where v = 0 its Jacobian is J + γAJ. A game of one player has A = 0 and is unchanged.

        >>> J = np.array([[0.0, -1.0], [1.0, 0.0]])
        >>> symplectic(lambda w: J @ w, lambda w: J, gamma=0.5)(np.array([1.0, 0.0]))
        array([-0.5,  1. ])
    """

    def adjusted(w: Array) -> Array:
        at, Jw = v(w), J(w)
        return at + gamma / 2 * (Jw @ at - Jw.T @ at)

    return adjusted

"""Section 10: derivatives by means that do not know how they were derived by hand.

Everything here has one real variable. The function is evaluated along a line,

    φ(ε) = f(x + εu),        φ'(0) = ⟨∇f(x), u⟩ = R_u{f},

and f returns a scalar (φ' is an entry of a gradient), an array (a column of a Jacobian) or a
gradient (a column of a Hessian). u is a unit vector for one coordinate, or a random direction for
all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

Array = Any
Line = Callable[[Any], Any]  # ε ↦ φ(ε), for real ε and for the imaginary ε = ih

STEP = 1e-200  # of the complex step: its square is 0 in double precision, so nothing is truncated
NEAR = 1e-4  # the share of h at which a second look finds kinks in between
LEVELS = 26  # halvings of h at most; the rounding stops the search long before


class Estimate(NamedTuple):
    """A derivative, and a bound of its error computed from the same numbers; both have the shape of
    φ.
    """

    value: Array
    error: Array


# ── lines and directions ──────────────────────────────────────────────────────────────────────────


def line(f: Callable[[Array], Any], x: Array, u: Array) -> Line:
    """φ: ε ↦ f(x + εu).

    >>> phi = line(np.sum, np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    >>> float(phi(0.5))
    3.5
    """
    return lambda epsilon: f(x + epsilon * u)


def units(x: Array, chosen: Iterable[int] | None = None) -> Iterator[Array]:
    """The unit vectors e_i in the shape of x, in the order of x.flat; only the chosen i if they are
    given.

    >>> [u.tolist() for u in units(np.zeros(2))]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    for i in range(x.size) if chosen is None else chosen:
        u = np.zeros(x.shape)
        u.flat[i] = 1.0
        yield u


def random_directions(x: Array, count: int, seed: int) -> list[Array]:
    """`count` directions in the shape of x with standard normal entries, the same for the same
    seed.

    >>> [u.shape for u in random_directions(np.zeros((2, 3)), 2, seed=0)]
    [(2, 3), (2, 3)]
    """
    rng = np.random.default_rng([seed, 47])  # not the stream of a user's default_rng(seed)
    return [rng.standard_normal(x.shape) for _ in range(count)]


def jacobian(f: Callable[[Array], Any], x: Array, derive: Callable[[Line], Estimate]) -> Estimate:
    """∂f/∂x with its error, (*x.shape, *f.shape): entry [i, j] is ∂f_j/∂x_i, so contraction of j
    with dy gives dx.

    `derive` is one of the means below: `exactly` or `roughly`.

    >>> jacobian(lambda x: x**2, np.array([1.0, 3.0]), exactly).value
    array([[2., 0.],
           [0., 6.]])
    """
    columns = [derive(line(f, x, u)) for u in units(x)]
    shape = x.shape + np.shape(columns[0].value)
    return Estimate(*(np.reshape([column[i] for column in columns], shape) for i in range(2)))


# ── E47 ───────────────────────────────────────────────────────────────────────────────────────────


def central(phi: Line, h: float = 0.1, rounding: float = 0.0) -> Estimate:
    """E47, the central difference D(h) = (φ(h) − φ(−h))/2h, extrapolated to h = 0.

    D(h) = φ' + c₁h² + c₂h⁴ + … has even powers only, so a halving of h divides each by a power of
    4. h is the first step; `rounding` bounds the noise of one evaluation of φ (see `noise`).

    >>> estimate = central(np.exp, rounding=2.2e-16)
    >>> bool(abs(estimate.value - 1) <= estimate.error < 1e-10)
    True
    """
    return extrapolate(lambda h: (np.asarray(phi(h)) - phi(-h)) / (2 * h), h, rounding, base=4)


def one_sided(phi: Line, h: float = 0.1, rounding: float = 0.0) -> tuple[Estimate, Estimate]:
    """φ' from the left and from the right, (φ(±h) − φ(0))/±h extrapolated; at a kink they differ.

    Each is φ' + c₁h + c₂h² + … with all powers, so a halving divides them by 2, 4, 8, …

    >>> left, right = one_sided(abs)
    >>> float(left.value), float(right.value)
    (-1.0, 1.0)
    """
    at_0 = np.asarray(phi(0.0))
    left, right = (lambda h, side=side: (phi(side * h) - at_0) / (side * h) for side in (-1, +1))
    return extrapolate(left, h, rounding, base=2), extrapolate(right, h, rounding, base=2)


def extrapolate(
    quotient: Callable[[float], Array], h: float, rounding: float, base: int
) -> Estimate:
    """The extrapolation from h; if a kink lies between h/10,000 and h, the one from h/10 instead.

    Beyond a kink, the quotients of another branch may extrapolate perfectly to a wrong value. So
    the value is compared with one extrapolated from very small steps, which is rough but knows only
    the branch at 0.
    """
    estimate = triangle(quotient, h, rounding, base)
    if h < 1e-5:
        return estimate
    near = NEAR * h
    with np.errstate(all="ignore"):
        D, D_half = quotient(near), quotient(near / 2)
        value = D_half + (D_half - D) / (base - 1)
        apart = np.abs(value - estimate.value)
        doubtful = apart > estimate.error + 20 * rounding / near + 1e-8 * np.abs(value)
    if not np.any(doubtful):
        return estimate
    closer = extrapolate(quotient, h / 10, rounding, base)
    return Estimate(
        *(np.where(doubtful, new, old) for new, old in zip(closer, estimate, strict=True))
    )


def triangle(quotient: Callable[[float], Array], h: float, rounding: float, base: int) -> Estimate:
    """Richardson's extrapolation of a quotient to h = 0, and its error (Ridders 1982).

        T[k][0] = quotient(h/2^k)
        T[k][j] = T[k][j−1] + (T[k][j−1] − T[k−1][j−1])/(base^j − 1)

    Truncation falls to the right and downwards; rounding/h grows downwards. The error of an entry
    is its distance from the two entries that it combines, plus twice the rounding, plus its own
    rounding. The answer is the entry with the least error. Among dozens of entries two may agree by
    chance, so no error may be less than a hundredth of the error of the entry to the upper left.
    """
    previous: list[Array] = []
    errors: list[Array] = []
    value, error = np.asarray(np.nan), np.asarray(np.inf)
    # a large h may leave the domain of f; such entries are never the best
    with np.errstate(all="ignore"):
        for _ in range(LEVELS):
            row, apart = [quotient(h)], [np.asarray(0.0)]
            for j, above in enumerate(previous, 1):
                row.append(row[-1] + (row[-1] - above) / (base**j - 1))
                distance = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - above))
                distance = np.maximum(distance, errors[j - 1] / 100)
                apart.append(distance + 2 * rounding / h + epsilon(row[j]) * np.abs(row[j]))
                better = apart[j] < error
                value, error = np.where(better, row[j], value), np.where(better, apart[j], error)
            if np.all(rounding / h > error):
                break
            previous, errors, h = row, apart, h / 2
    return Estimate(value, error)


def noise(phi: Line, width: float = 1e-5, points: int = 16) -> float:
    """The rounding error of one evaluation of φ, measured, so that a cast to float32 inside f shows
    (Moré, Wild 2011).

    Over a width of 1e−5 a smooth φ is a cubic up to 1e−20: what remains after the best cubic fit is
    noise. It is at least ε|φ|, the rounding of the result's type, and nan or ∞ where φ is not
    finite. The points are random (always the same ones), because regular spacing may interfere with
    the spacing of the numbers; they lie on one side of 0, so that a kink there does not count as
    noise.

    >>> noise(np.exp) < 1e-15 < noise(lambda e: np.float32(np.exp(e)))
    True
    """
    t = np.random.default_rng(0).random(points)
    cubics, _ = np.linalg.qr(np.vander(t, 4))
    with np.errstate(all="ignore"):
        values = np.array([phi(width * s) for s in t])
        level = epsilon(values) * np.abs(values).max(0)
        values = (values - values[0]).reshape(points, -1)
        rest = values - cubics @ (cubics.T @ values)
        top = np.abs(rest).max(0)  # the unit keeps squares in the range of the numbers
        measured = top * np.sqrt(((rest / np.where(top > 0, top, 1)) ** 2).sum(0) / (points - 4))
    return float(np.max(np.maximum(measured, level.reshape(-1)), initial=0.0))


# ── E48, E49, E50 ─────────────────────────────────────────────────────────────────────────────────


def complex_step(phi: Line) -> Array:
    """E48  Im φ(ih)/h, (the shape of φ).

    φ(ih) = φ + ihφ' − h²φ''/2 − …: nothing is subtracted, so nothing cancels.

    >>> float(complex_step(np.exp))
    1.0
    """
    return np.imag(phi(1j * STEP)) / STEP


def exactly(phi: Line) -> Estimate:
    """φ' by E48, exact up to rounding.

    >>> value, error = exactly(np.exp)
    >>> float(value), float(error)
    (1.0, 0.0)
    """
    with np.errstate(all="ignore"):
        value = complex_step(phi)
    return Estimate(value, np.zeros_like(value))


def roughly(phi: Line) -> Estimate:
    """φ' by E47 with its error, for code that does not run on complex numbers.

    >>> value, error = roughly(lambda e: abs(2 + e))
    >>> bool(abs(value - 1) <= error < 1e-9)
    True
    """
    return central(phi, rounding=noise(phi))


class Taylor(NamedTuple):
    """The remainder of the first-order Taylor polynomial at each h, and the power of h that it
    follows.
    """

    h: Array
    remainder: Array
    # 2 for a right slope, 1 for a wrong one; inf where the remainder is rounding from the start;
    # nan where it is finite nowhere, or what is rounding is not known
    order: float


def taylor(phi: Line, slope: float, h: float = 1.0, rounding: float = 0.0) -> Taylor:
    """E49  |φ(h) − φ(0) − h·slope| over eight decades of h, two steps in each.

    The order is the slope of log remainder against log h just above the rounding: over the last two
    decades, or over the last step, whichever is larger (a kink at larger h spoils the first).

    >>> order = taylor(np.exp, 1.0, rounding=2.2e-16).order
    >>> bool(1.9 < order < 2.1)
    True
    """
    steps = h * 10.0 ** np.arange(0, -8.5, -0.5)
    at_0 = phi(0.0)
    with np.errstate(all="ignore"):
        remainder = np.array([abs(phi(step) - at_0 - step * slope) for step in steps])
        if not (np.isfinite(rounding) and np.isfinite(remainder).any()):
            return Taylor(steps, remainder, np.nan)
        above = remainder > 100 * (rounding + epsilon(remainder) * abs(steps * slope))
        last = np.flatnonzero(above & np.isfinite(remainder))[-5:]
        if len(last) < 2:
            return Taylor(steps, remainder, np.inf)
        logs = np.log(steps), np.log(np.maximum(remainder, 1e-300))
        orders = [np.polyfit(logs[0][last], logs[1][last], 1)[0]]
        if last[-1] + 1 < len(steps):
            orders.append(np.diff(logs[1])[last[-1]] / np.diff(logs[0])[last[-1]])
    return Taylor(steps, remainder, float(max(orders)))


def adjoint(Ju: Array, v: Array, u: Iterable[Array], JTv: Iterable[Array]) -> tuple[float, float]:
    """E50  ⟨J u, v⟩ and ⟨u, Jᵀ v⟩, which are equal if the two passes agree.

    u and Jᵀv may have several arrays (x, W, b, …).

    >>> J, u, v = np.array([[1.0, 2.0]]), np.array([3.0, 4.0]), np.array([5.0])
    >>> adjoint(J @ u, v, [u], [J.T @ v])
    (55.0, 55.0)
    """
    return float((Ju * v).sum()), float(sum((a * b).sum() for a, b in zip(u, JTv, strict=True)))


def epsilon(values: Array) -> float:
    """ε of an array's precision: 2.2e−16 for float64 and complex128, 1.2e−7 for float32 and
    complex64.
    """
    dtype = np.asarray(values).dtype
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else float(np.finfo(np.float64).eps)

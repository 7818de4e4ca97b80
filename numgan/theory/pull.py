"""E53: what a generator descends on while D is at its best: a divergence, or none.

A game without a bound on D is solved at each x alone: a* maximises p·real(a) + q·fake(a), so it
depends on x through u = log p/q only. G minimises the mean of generator(a*), and with D* held fixed
its gradient at a sample is −g(u) ∇u:

    g(u) = −d/du generator(a*(u))        the pull towards larger p/q; negative: G is pushed away

D_f = ∫ q f(p/q) has the first variation f(t) − t f'(t) in q, whose gradient in x is −t² f''(t) ∇u
(t = eᵘ). So G descends on the D_f with f''(t) = g(log t)/t². It is an f-divergence if and only if
g ≥ 0. In general D_f ≥ 0 for all P and Q if and only if B(t) = f(t) − f(1) − f'(1)(t − 1), the gap
between f and its tangent at 1, is nowhere negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.expectation import crossings, expect, integral
from numgan.theory.information import log_ratio

Pointwise = Any  # an Objective: terms real, fake and generator, each with t(a), dt(a), ddt(a)
FARTHEST = 2.0**60  # a logit beyond it counts as infinite
MOST = 36.0  # log-ratios are held within ±36 under an integral: e³⁶ is 1/ε of float64
BESIDE = 1e-9  # where the two sides of u = 0 are looked at
NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def best_logit(game: Pointwise, u: Array) -> Array:
    """a*(u), where eᵘ·real(a) + fake(a) is largest: by halving, for terms concave there. (N,) ->
    (N,)

    ±∞ where no |a| below 2⁶⁰ is the maximum: Wasserstein's D has none without a bound on its slope.

    >>> from numgan import OBJECTIVES
    >>> print(best_logit(OBJECTIVES['minimax'], [-1.0, 0.0, 2.0]).round(9) + 0)  # a* = u
    [-1.  0.  2.]
    """
    u = np.asarray(u, dtype=np.float64)
    real, fake = _weights(u)

    def slope(a: Array) -> Array:
        with np.errstate(over="ignore"):
            return real * game.real.dt(a) + fake * game.fake.dt(a)

    low, high = -np.ones_like(u), np.ones_like(u)
    while np.any((slope(high) > 0) & (high < FARTHEST)):
        high = np.where(slope(high) > 0, 2 * high, high)
    while np.any((slope(low) < 0) & (low > -FARTHEST)):
        low = np.where(slope(low) < 0, 2 * low, low)
    rises, falls = slope(high) > 0, slope(low) < 0
    for _ in range(120):
        middle = (low + high) / 2
        above = slope(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(rises, np.inf, np.where(falls, -np.inf, (low + high) / 2))  # E53


def pull(game: Pointwise, u: Array) -> Array:
    """g(u) = −generator'(a*) da*/du, (N,) -> (N,); a jump at u = 0 is apart, see `jump`.

    eᵘ real'(a*) + fake'(a*) = 0, differentiated: da*/du = −eᵘ real'/(eᵘ real'' + fake''). Where the
    slope in a jumps across 0, at a kink, a* stays while u moves: 0.

    >>> from numgan import OBJECTIVES
    >>> print(pull(OBJECTIVES['nonsaturating'], [0.0]))  # σ(−u)
    [0.5]
    """
    u = np.asarray(u, dtype=np.float64)
    a = best_logit(game, u)
    real, fake = _weights(u)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        curvature = real * game.real.ddt(a) + fake * game.fake.ddt(a)
        moves = np.where(curvature < 0, -real * game.real.dt(a) / curvature, 0.0)
        return -game.generator.dt(a) * moves  # E53


def jump(game: Pointwise) -> float:
    """The mass of g at u = 0, where generator(a*) drops by it:
    for the hinge and total variation.

    >>> from numgan import OBJECTIVES
    >>> print(round(jump(OBJECTIVES['hinge']), 6), jump(OBJECTIVES['minimax']))
    2.0 0.0
    """
    before, after = game.generator.t(best_logit(game, np.array([-BESIDE, BESIDE])))
    smooth = pull(game, np.array([-BESIDE, BESIDE])).sum() * BESIDE
    mass = float(before - after - smooth)
    return mass if abs(mass) > 1e-6 else 0.0  # below: rounding of a difference


def curvature(game: Pointwise, t: Array) -> Array:
    """f''(t) = g(log t)/t², beside a mass `jump` at t = 1: (N,) -> (N,).

    >>> from numgan import OBJECTIVES
    >>> print(curvature(OBJECTIVES['minimax'], np.array([1.0, 2.0])).round(6))
    [0.5      0.166667]
    """
    return pull(game, np.log(t)) / np.asarray(t) ** 2  # E53


def gap(game: Pointwise, u: Array) -> Array:
    """B(t) = ∫₁ᵗ (t − s) f''(s) ds = ∫₀ᵘ (e^{u−v} − 1) g(v) dv, t = eᵘ: (N,) -> (N,).

    A mass at u = 0 adds half of it times |t − 1|. B is f with f(1) = f'(1) = 0: adding α(t − 1) to
    f changes no D_f.

    >>> from numgan import OBJECTIVES
    >>> print(gap(OBJECTIVES['minimax'], [0.0, 1.0]).round(6))
    [0.       0.412521]
    """
    u = np.asarray(u, dtype=np.float64)
    v = u[:, None] * (NODES + 1) / 2  # Gauss-Legendre from 0 to u
    inner = np.expm1(u[:, None] - v) * pull(game, v.reshape(-1)).reshape(v.shape)
    return inner @ WEIGHTS * u / 2 + 0.5 * jump(game) * np.abs(np.expm1(u))  # E53


def pulled_divergence(game: Pointwise, P: Density, Q: Density, tol: float = 1e-9) -> float:
    """D_f(P‖Q) = ∫ q B(p/q), which G descends on against D*; p/q finite and positive where q is.

    >>> from numgan import OBJECTIVES
    >>> from numgan.theory import Gaussian, jsd
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(pulled_divergence(OBJECTIVES['minimax'], P, Q), 6), round(2 * jsd(P, Q), 6))
    0.222843 0.222843
    """
    u = log_ratio(P, Q)

    def f(x: Array) -> Array:
        return Q.density(x) * gap(game, np.clip(u(x), -MOST, MOST))

    return integral(f, P, Q, tol=tol, bends=crossings(u, P, Q))  # E53


def pull_gradient(
    game: Pointwise, P: Density, Q: Density, dx: Callable, tol: float = 1e-9
) -> float:
    """∂/∂θ E_z[generator(a*(G_θ(z)))] with D* held fixed = −E_Q[g(u) ∇u·∂x/∂θ].

    dx: rows (N, dim) -> (N, dim), ∂G/∂θ as a function of x = G(z), as in `gradient_by_path`.
    A mass at u = 0 (one dimension only) adds −mass·q(x₀) sign(u'(x₀)) dx(x₀) for each crossing x₀
    of the two densities.

    >>> from numgan import OBJECTIVES
    >>> from numgan.theory import Gaussian, gradient_by_path
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(pull_gradient(OBJECTIVES['minimax'], P, Q, np.ones_like), 6))
    0.397973
    >>> print(round(gradient_by_path(P, Q, np.ones_like), 6))
    0.397973
    """
    u, mass = log_ratio(P, Q), jump(game)

    def f(x: Array) -> Array:
        g = pull(game, np.clip(u(x), -MOST, MOST))
        return -g * np.sum((P.score(x) - Q.score(x)) * dx(x), axis=1)

    smooth = expect(Q, f, P, tol=tol)  # E53
    if mass == 0.0:
        return smooth
    at = crossings(u, P, Q)[:, None]
    turns = np.sign(P.score(at) - Q.score(at))[:, 0]
    return smooth - mass * float(np.sum(Q.density(at) * turns * dx(at)[:, 0]))  # E53


class Pull(NamedTuple):
    """A row of the table: g at u, f'' at t = eᵘ, the mass at u = 0, is D_f a divergence?

    >>> Pull._fields
    ('name', 'g', 'curvature', 'mass', 'verdict')
    """

    name: str
    g: Array | None  # None where D* is not a function of u
    curvature: Array | None
    mass: float
    verdict: str


def pull_table(games: Mapping[str, Pointwise], u: Array) -> list[Pull]:
    """The rows of E53: `pull_table(OBJECTIVES, np.array([-2.0, -1.0, 1.0, 2.0]))`. u without 0.

    >>> from numgan import OBJECTIVES
    >>> rows = pull_table({'hinge': OBJECTIVES['hinge']}, np.array([-1.0, 1.0]))
    >>> print(rows[0].verdict)
    divergence
    """
    return [_row(name, game, np.asarray(u, dtype=np.float64)) for name, game in games.items()]


def _weights(u: Array) -> tuple[Array, Array]:
    """p and q over the larger of the two, for u = log p/q."""
    return np.exp(np.minimum(u, 0)), np.exp(np.minimum(-u, 0))


def _row(name: str, game: Pointwise, u: Array) -> Pull:
    if getattr(game, "relative", False):
        return Pull(name, None, None, 0.0, "no D_f: D* is not a function of p/q alone")
    if not np.all(np.isfinite(best_logit(game, u))):
        return Pull(name, None, None, 0.0, "no D_f: no best D without a bound on its slope")
    wide = np.linspace(-8, 8, 65)
    g, mass, lowest = pull(game, wide), jump(game), gap(game, wide).min()
    if g.min() >= -1e-12 and mass >= 0:
        verdict = "divergence"
    else:
        verdict = "no divergence" if lowest < -1e-9 else "no f-divergence, and D_f ≥ 0 where looked"
    return Pull(name, pull(game, u), curvature(game, np.exp(u)), mass, verdict)  # E53

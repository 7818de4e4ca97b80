"""E61, E62: what a training can say of its own convergence.

    path_angle(v, start, end, alphas)     the field along the straight path to the end      E61
    OwnBlock(J, "D")                      a player's own Hessian, an operator for leading   E38
    duality_gap(game, w, draw, kept, …)   what each player could gain by moving alone       E62

Each can show that a point is no equilibrium. None can prove that it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.dynamics.jacobian import Jacobian
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers.layer import positive
from numgan.optimizers import Adam, linear

Minibatch = tuple[Array, Array]  # data x and latents z


class PathAngle(NamedTuple):
    """cos ∠(w' − w, v) and ‖v‖ at the points w + α(w' − w).

    >>> path = path_angle(lambda w: -w, np.array([1.0]), np.array([0.0]), np.array([0.5, 1.5]))
    >>> path.cosines, path.norms  # 1 → 0, and v points to 0 from both sides
    (array([ 1., -1.]), array([0.5, 0.5]))
    """

    alphas: Array  # (n,)
    cosines: Array  # (n,); nan where v = 0
    norms: Array  # (n,)

    def change(self, width: float = 0.1) -> tuple[float, float]:
        """The mean cosine on either side of the end, at 1 − width ≤ α < 1 and 1 < α ≤ 1 + width.

        >>> PathAngle(np.array([0.9, 1.0, 1.1]), np.array([0.5, 0.0, -0.5]), np.ones(3)).change()
        (0.5, -0.5)
        """
        near = abs(self.alphas - 1) <= width + 1e-9  # the rounding of the grid
        before, after = near & (self.alphas < 1 - 1e-9), near & (self.alphas > 1 + 1e-9)
        return float(self.cosines[before].mean()), float(self.cosines[after].mean())


def path_angle(v: VectorField, start: Array, end: Array, alphas: Array) -> PathAngle:
    """The cosine of the angle between the path and the field along it  (arXiv:1906.04848)

        cos(α) = ⟨w' − w, v(w + α(w' − w))⟩ / (‖w' − w‖ ‖v‖)

    w = start, w' = end, (N,). Near an equilibrium w' of a linear field it is −s for α < 1 and s for
    α > 1, with s = ⟨d, Jd⟩/(‖d‖‖Jd‖), d = w' − w. So a change from + to − at α = 1 says that the
    end attracts along the path, and a small size says that the field turns more than it attracts.
    Raises InputError where start and end are one point.

        >>> turn = lambda w: np.array([-w[1], w[0]])
        >>> ends = np.array([2.0, 0.0]), np.array([0.0, 0.0])
        >>> path_angle(turn, *ends, np.array([0.5, 1.5])).cosines  # at right angles to the path
        array([0., 0.])
    """
    d = end - start
    length = float(np.linalg.norm(d))
    if not length > 0:
        raise InputError("the path has no length: start and end are one point")
    fields = [v(start + alpha * d) for alpha in alphas]
    norms = np.array([np.linalg.norm(at) for at in fields])
    along = np.array([d @ at for at in fields])
    with np.errstate(invalid="ignore", divide="ignore"):
        return PathAngle(np.asarray(alphas), along / (length * norms), norms)  # E61


class OwnBlock:
    """A player's own block of J: ∇²_dd(V_d − R) of D, −∇²_gg(V_g + C) of G, both symmetric.

    All eigenvalues are negative where the player, alone, is at a strict optimum of its own. A
    positive one is a direction in which it could still gain. Raises InputError for another player.

        >>> from numgan.architectures import mlp
        >>> from numgan.dynamics.field import GameField
        >>> from numgan.objectives import OBJECTIVES
        >>> from numgan.penalties import PENALTIES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"], PENALTIES["r1"])
        >>> field = GameField(game, np.array([[2.0]]), np.array([[1.0]]))  # D: sx + r, R = γ/2 s²
        >>> OwnBlock(Jacobian(field, np.zeros(4)), "D") @ np.array([1.0, 0.0]) + 0.0
        array([-1.,  0.])
    """

    def __init__(self, J: Jacobian, player: str):
        if player not in ("D", "G"):
            raise InputError(f"player must be D or G, got {player!r}")
        self.J, self.player = J, player
        size = (J.field.game.D if player == "D" else J.field.game.G).size
        self.shape = (size, size)

    @property
    def T(self) -> OwnBlock:
        return self

    def __matmul__(self, u: Array) -> Array:
        return self.J.dd(u) if self.player == "D" else -self.J.gg(u)  # E38


class Gain(NamedTuple):
    """What a player gains, in the units of its value, and the standard error of that.

    >>> mean_gain([1.0, 2.0, 3.0])
    Gain(value=2.0, error=0.5773502691896258)
    """

    value: float
    error: float


def mean_gain(gains: Sequence[float]) -> Gain:
    """The mean over minibatches, and s/√n.

    >>> mean_gain([1.0, 3.0])
    Gain(value=2.0, error=1.0)
    """
    n = len(gains)
    return Gain(float(np.mean(gains)), float(np.std(gains, ddof=1) / np.sqrt(n)))


class Gap(NamedTuple):
    """The duality gap, as what each player gains by moving alone.

    >>> Gap(Gain(0.5, 0.3), Gain(0.25, 0.4)).total
    Gain(value=0.75, error=0.5)
    """

    of_d: Gain
    of_g: Gain

    @property
    def total(self) -> Gain:
        """Their sum; the two are measured apart."""
        return Gain(
            self.of_d.value + self.of_g.value, float(np.hypot(self.of_d.error, self.of_g.error))
        )


def best_response(
    game: Game, player: str, w: Array, draw: Callable[[], Minibatch], steps: int, eta: float
) -> Array:
    """w after so many steps of Adam of one player, η falling to 0; the other stays.

    >>> from numgan.architectures import mlp
    >>> from numgan.objectives import OBJECTIVES
    >>> from numgan.penalties import PENALTIES
    >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"], PENALTIES["r1"])
    >>> draw = lambda: (np.array([[2.0]]), np.array([[1.0]]))  # V = s(x − uz − t) − s²/2
    >>> best_response(game, "D", np.zeros(4), draw, 400, 0.1).round(2)  # s = x
    array([2., 0., 0., 0.])
    """
    theta_d, theta_g = w[: game.D.size].copy(), w[game.D.size :].copy()
    optimizer = Adam(linear(eta, steps))
    for number in range(steps):
        (x, z), rng = draw(), np.random.default_rng(number)
        if player == "D":
            step = game.discriminator_step(theta_d, theta_g, x, z, rng)
            optimizer.ascend(theta_d, step.dtheta_d)  # E31
        else:
            compared = x if game.objective.relative else None
            descent = game.generator_step(theta_d, theta_g, z, rng, compared)
            optimizer.descend(theta_g, descent.dtheta_g)  # E32
    return np.concatenate([theta_d, theta_g])


def gained(game: Game, player: str, w: Array, end: Array, kept: Sequence[Minibatch]) -> Gain:
    """How much better a player does at `end` than at w, on the minibatches that are kept apart: the
    rise of V_d − R, or the fall of V_g + C.

        >>> from numgan.architectures import mlp
        >>> from numgan.objectives import OBJECTIVES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # V = s(x − uz − t)
        >>> kept = [(np.array([[2.0]]), np.array([[1.0]]))] * 2
        >>> gained(game, "D", np.zeros(4), np.array([3.0, 0.0, 0.0, 0.0]), kept).value
        6.0
    """

    def value(w: Array, number: int) -> float:
        (x, z), rng = kept[number], np.random.default_rng(number)
        theta_d, theta_g = w[: game.D.size], w[game.D.size :]
        if player == "D":
            return float(game.discriminator_value(theta_d, theta_g, x, z, rng))
        return -float(game.generator_value(theta_d, theta_g, z, rng, x))

    return mean_gain([value(end, n) - value(w, n) for n in range(len(kept))])


def duality_gap(
    game: Game,
    w: Array,
    draw: Callable[[], Minibatch],
    kept: Sequence[Minibatch],
    steps: int = 100,
    eta: float = 1e-3,
) -> Gap:
    """What D and G could gain by moving alone: each makes `steps` steps of Adam from w on drawn
    minibatches, and the gain is measured on those that are kept apart.  (arXiv:1811.05512)

        max_{θ_d'} V_d(θ_d', θ_g) − V_d(θ_d, θ_g)   and   V_g(θ_d, θ_g) − min_{θ_g'} V_g(θ_d, θ_g')

    Both are at least 0 at every w, and both are 0 exactly at a Nash equilibrium of the parameters.
    What is measured is a lower bound of each, up to its standard error: that of the response found.
    In a zero-sum game the sum is max V − min V. Raises InputError for fewer than 2 kept minibatches
    and for steps that are no positive number.

        >>> from numgan.architectures import mlp
        >>> from numgan.objectives import OBJECTIVES
        >>> from numgan.penalties import PENALTIES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"], PENALTIES["r1"])
        >>> draw = lambda: (np.array([[2.0]]), np.array([[1.0]]))  # V = s(x − uz − t) − s²/2
        >>> gap = duality_gap(game, np.zeros(4), draw, [draw(), draw()], 400, 0.1)
        >>> round(gap.of_d.value, 3), gap.of_g.value  # s = x: x²/2; at s = 0 all G are equal
        (2.0, 0.0)
    """
    positive(steps=steps)
    if len(kept) < 2:
        raise InputError(
            f"{len(kept)} minibatches are kept apart: a standard error needs at least 2"
        )
    gains = [
        gained(game, player, w, best_response(game, player, w, draw, steps, eta), kept)
        for player in ("D", "G")
    ]
    return Gap(*gains)  # E62


def mean_field(fields: Sequence[Any]) -> tuple[float, float]:
    """‖v̄‖ of the mean of n fields, one a minibatch, and what sampling alone makes of it: the root
    of Σ‖v_i − v̄‖²/(n(n−1)), an estimate of E‖v̄ − v‖².

        >>> mean_field([np.array([1.0, 1.0]), np.array([1.0, -1.0])])
        (1.0, 1.0)
    """
    n, mean = len(fields), sum(fields) / len(fields)
    spread = sum(float((at - mean) @ (at - mean)) for at in fields)
    return float(np.linalg.norm(mean)), float(np.sqrt(spread / (n * (n - 1))))  # E38

"""The rules of real games (E57-E60), each beside its own definition on the minibatches that were
drawn.

A training of three iterations with plain steps runs on two small networks. Beside it each iteration
is done once more from the definition of its rule: Jacobians and gradients by the complex step
(E48) of the field or of a player's loss, linear systems by elimination. No R-pass has a part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from numgan.architectures import mlp
from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare
from numgan.check.means.tolerance import rounding
from numgan.check.subjects.training import Normal
from numgan.costs import COSTS
from numgan.dynamics.field import GameField
from numgan.dynamics.jacobian import STEP, dense
from numgan.dynamics.play import GameRule, RuleTraining
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Optimizer
from numgan.penalties import PENALTIES

ITERATIONS, M, ETA_D, ETA_G, STRENGTH, HORIZON = 3, 5, 0.2, 0.1, 0.3, 2
GAME = Game(
    mlp([2, 3, 2], "tanh"),
    mlp([2, 3, 1], "tanh"),
    OBJECTIVES["nonsaturating"],
    PENALTIES["r1"] + PENALTIES["r2"],
    cost=replace(COSTS["transport"], weight=0.2),
)


@dataclass
class Here:
    """One iteration as a definition sees it: the field, the step sizes, what came before."""

    v: GameField
    w: Array
    E: Array
    before: dict[str, Any] = field(default_factory=dict)  # what a rule remembers

    @property
    def d(self) -> int:
        return self.v.game.D.size

    def of_d(self, w: Array) -> Array:
        """f₁ = −(V_d − R), a scalar."""
        v, (theta_d, theta_g) = self.v, self.v.split(w)
        rng = np.random.default_rng(v.seed)
        return -v.game.discriminator_value(theta_d, theta_g, v.x, v.z, rng)

    def of_g(self, w: Array) -> Array:
        """f₂ = V_g + C, a scalar."""
        v, (theta_d, theta_g) = self.v, self.v.split(w)
        return v.game.generator_value(theta_d, theta_g, v.z, np.random.default_rng(v.seed), v.x)

    def split(self, at: Array) -> tuple[Array, Array]:
        """A vector with D's entries alone, and with G's."""
        first = np.arange(at.size) < self.d
        return np.where(first, at, 0), np.where(first, 0, at)

    def coupled(self) -> Array:
        """J_o, by the complex step of the field."""
        J, d = dense(self.v, self.w), self.d
        J[:d, :d] = J[d:, d:] = 0
        return J


def slope(f: Callable[[Array], Array], w: Array) -> Array:
    """∇f by the complex step (E48)."""
    return np.array([np.imag(f(w + 1j * STEP * e)) / STEP for e in np.eye(w.size)])


# ── the definitions: each from the start of an iteration to its end ──────────────────────────────


def optimistic_end(at: Here) -> Array:
    """w + E(2vₜ − vₜ₋₁)."""
    now = at.v(at.w)
    before = at.before["earlier"] = at.before.get("v", now)
    at.before["v"] = now
    return at.w + at.E * (2 * now - before)


def past_end(at: Here) -> Array:
    """w + E v(w½), at w½ = w + E v of the last w½."""
    half = at.w + at.E * at.before["v"] if "v" in at.before else at.w
    at.before["v"] = at.v(half)
    return at.w + at.E * at.before["v"]


def symplectic_end(at: Here) -> Array:
    """w + E(v + γ·½(J − Jᵀ)v)."""
    J, v = dense(at.v, at.w), at.v(at.w)
    return at.w + at.E * (v + STRENGTH / 2 * (J - J.T) @ v)


def consensus_end(at: Here) -> Array:
    """w + E(v − γ∇½‖v‖²)."""
    length = slope(lambda u: (at.v(u) ** 2).sum() / 2, at.w)
    return at.w + at.E * (at.v(at.w) - STRENGTH * length)


def competitive_end(at: Here) -> Array:
    """w + (I − E J_o)⁻¹ E v."""
    system = np.eye(at.w.size) - np.diag(at.E) @ at.coupled()
    return at.w + np.linalg.solve(system, at.E * at.v(at.w))


def lola_end(at: Here) -> Array:
    """Each loss after the other's plain step, to first order: f₁ − α⟨∇ᵧf₂, ∇ᵧf₁⟩, and so on."""
    d = at.d

    def first(w: Array) -> Array:
        return at.of_d(w) + STRENGTH * at.v(w)[d:] @ at.v.cross(w)[d:]

    def second(w: Array) -> Array:
        return at.of_g(w) + STRENGTH * at.v(w)[:d] @ at.v.cross(w)[:d]

    return at.w - at.E * (at.split(slope(first, at.w))[0] + at.split(slope(second, at.w))[1])


def lookahead_end(at: Here) -> Array:
    """w + E v; after each k steps slow + α(w − slow), which is the next slow."""
    slow: Array = at.before.setdefault("slow", at.w)
    t = at.before.get("t", 0) + 1
    w = at.w + at.E * at.v(at.w)
    if t % HORIZON == 0:
        at.before["exchanged"] = w + STRENGTH * (slow - w)
        at.before["slow"] = w = slow + STRENGTH * (w - slow)
    at.before["t"] = t
    return w


def unrolled_end(at: Here) -> Array:
    """G's loss as a function of w, with the K steps of D written out in it."""

    def of_g(w: Array) -> Array:
        for _ in range(HORIZON):
            w = w + STRENGTH * at.split(at.v(w))[0]
        return at.of_g(w)

    return at.w + at.E * (at.split(at.v(at.w))[0] - at.split(slope(of_g, at.w))[1])


DEFINITIONS: dict[str, Callable[[Here], Array]] = {
    "simultaneous": lambda at: at.w + at.E * at.v(at.w),
    "extragradient": lambda at: at.w + at.E * at.v(at.w + at.E * at.v(at.w)),
    "past-extragradient": past_end,
    "optimistic": optimistic_end,
    "consensus": consensus_end,
    "symplectic": symplectic_end,
    "competitive": competitive_end,
    "lola": lola_end,
    "lookahead": lookahead_end,
    "unrolled": unrolled_end,
}


def mistakes(at: Here) -> dict[str, Array]:
    """Where the usual mistakes would end, of all rules."""
    w, E, v, d = at.w, at.E, at.v(at.w), at.d
    J, J_o = dense(at.v, w), at.coupled()
    half, led = w + E * v, w
    for _ in range(HORIZON):
        led = led + STRENGTH * at.split(at.v(led))[0]
    surrogate = np.concatenate([v[:d], at.v(led)[d:]])
    earlier: Array = at.before.get("earlier", v)
    return {
        "α and 1 − α are exchanged: w̄ goes most of the way, not α of it": at.before.get(
            "exchanged", half
        ),
        "the field is extrapolated by half a step, 3/2 and 1/2, not by a whole one, 2 and 1": w
        + E * (1.5 * v - 0.5 * earlier),
        "the symmetric part of J stands where the antisymmetric one belongs": w
        + E * (v + STRENGTH / 2 * (J + J.T) @ v),
        "the second step starts at the look-ahead point, not at w": half + E * at.v(half),
        "the opponent's step is a constant: the term with J_oᵀ, by which a player shapes the "
        "other's step, is absent": w + E * (v + STRENGTH * J_o @ v),
        "only the shaping term is there: the opponent's own step is absent": w
        + E * (v - STRENGTH * J_o.T @ at.v.cross(w)),
        "the game is taken to be zero-sum: v stands where the other player's gradients belong": w
        + E * (v + STRENGTH * J_o @ v - STRENGTH * J_o.T @ v),
        "J stands where Jᵀ belongs": w + E * (v - STRENGTH * J @ v),
        "the K steps of D are held fixed: nothing is differentiated through them": w
        + E * surrogate,
        "the other player's step is its plain one, and no system is solved": w
        + E * (v + J_o @ (E * v)),
        "it is a simultaneous step": half,
    }


def rule_findings(row: GameRule, name: str, seed: int = 0) -> list[Finding]:
    """Every iteration beside the definition of the row's name; all of a minibatch is used."""
    rng = np.random.default_rng(seed)
    theta_d, theta_g = (player.initial(rng, "float64") for player in (GAME.D, GAME.G))
    training = RuleTraining(
        GAME,
        Normal(),
        rng,
        theta_d,
        theta_g,
        Optimizer(ETA_D),
        Optimizer(ETA_G),
        M,
        rule=row,
        strength=None if row.strength is None else STRENGTH,
        horizon=None if row.horizon is None else (50 if row.plain else HORIZON),
    )
    return list(iterations(training, DEFINITIONS[row.name], name))


def iterations(
    training: RuleTraining, end: Callable[[Here], Array], name: str
) -> Iterator[Finding]:
    """A finding for each iteration, and one for the draws."""
    E = np.repeat([ETA_D, ETA_G], [training.theta_d.size, training.theta_g.size])
    before: dict[str, Any] = {}
    batches = []
    for number in range(1, ITERATIONS + 1):
        state = training.rng.bit_generator.state
        v = training.sampled()
        training.rng.bit_generator.state = state
        at = Here(v, np.concatenate([training.theta_d, training.theta_g]), E, before)
        expected = end(at)
        training.iteration()
        batches.append(v.x)
        reached = np.concatenate([training.theta_d, training.theta_g])

        def explain(a: Array, n: Array, at: Here = at) -> str:
            moved = {what: there - at.w for what, there in mistakes(at).items()}
            return likely_cause(a, n, Context({**moved, "w moves the other way: the sign": -n}))

        yield compare(
            name,
            f"w after iteration {number}",
            "its definition, complex step E48",
            reached - at.w,
            expected - at.w,
            rounding(2.0**-52, 16384),  # second derivatives through two networks, a linear system
            explain=explain,
        )
    fresh = len({x.tobytes() for x in batches}) == ITERATIONS
    yield claim(name, "x", "fresh at every iteration", fresh, "an iteration uses a minibatch again")

"""Algorithm 1 (E31, E32) as it runs: the arguments of each step, and its effect on the two players.

A game that records its arguments replaces the game. The record must show: D takes k steps and G
one; every step draws fresh z, every D step fresh x; G's step leaves θ_d unchanged and D's leaves
θ_g; D moves up its gradient, G down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from numgan.architectures import mlp
from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare
from numgan.check.means.tolerance import rounding
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Optimizer
from numgan.training import Training

K, ITERATIONS, M, ETA = 3, 2, 5, 0.1


class Step(NamedTuple):
    """The arguments of one step and its gradient; x is None in a step of G."""

    player: str
    theta_d: Array
    theta_g: Array
    x: Array | None
    z: Array
    gradient: Array
    penalized: float = 1.0  # the factor of the penalty


@dataclass(frozen=True)
class Recorder(Game):
    """A game that records the arguments of its steps."""

    steps: list[Step] = field(default_factory=list)

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        step = super().discriminator_step(theta_d, theta_g, x, z, rng, penalized)
        self.steps.append(
            Step(
                "D",
                theta_d.copy(),
                theta_g.copy(),
                x.copy(),
                z.copy(),
                step.dtheta_d.copy(),
                penalized,
            )
        )
        return step

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        step = super().generator_step(theta_d, theta_g, z, rng, x)
        self.steps.append(
            Step("G", theta_d.copy(), theta_g.copy(), None, z.copy(), step.dtheta_g.copy())
        )
        return step


class Normal:
    """A source of standard normal points in the plane."""

    def batch(self, m: int, rng: Any) -> Array:
        return rng.standard_normal((m, 2))


def training_findings(
    training: Callable[..., Training] = Training, name: str = "training", seed: int = 0
) -> list[Finding]:
    """Two iterations with k = 3 and plain gradient steps, compared with Algorithm 1."""
    rng = np.random.default_rng(seed)
    game = Recorder(mlp([2, 4, 2], "tanh"), mlp([2, 4, 1], "tanh"), OBJECTIVES["minimax"])
    theta_d, theta_g = (network.initial(rng, "float64") for network in (game.D, game.G))
    run = training(game, Normal(), rng, theta_d, theta_g, Optimizer(ETA), Optimizer(ETA), M, K)
    for _ in range(ITERATIONS):
        run.iteration()
    order, expected = "".join(step.player for step in game.steps), ("D" * K + "G") * ITERATIONS
    counted = claim(
        name,
        "k",
        f"k = {K} steps of D, then one of G",
        order == expected,
        f"the steps were {order}, Algorithm 1's are {expected}",
    )
    if order != expected:
        return [counted]
    return [counted, *fresh_draws(game.steps, name), *player_moves(game.steps, run, name)]


def fresh_draws(steps: list[Step], name: str) -> list[Finding]:
    """No two steps share a draw: continuous draws never coincide by chance."""
    findings = []
    for what, drawn in (
        ("z", [s.z for s in steps]),
        ("x", [s.x for s in steps if s.x is not None]),
    ):
        again = [
            i + 1
            for i, array in enumerate(drawn)
            if any(np.isin(array, earlier).any() for earlier in drawn[:i])
        ]
        why = f"step {again[0] if again else 0} uses the {what} of an earlier step again"
        findings.append(claim(name, what, "fresh at every step", not again, why))
    return findings


def player_moves(steps: list[Step], run: Training, name: str) -> list[Finding]:
    """θ_d ← θ_d + η∇Ṽ at each step of D (E31), θ_g ← θ_g − η∇Ṽ_g at each of G (E32), and nothing
    else moves.
    """
    end = Step("", run.theta_d, run.theta_g, None, steps[0].z, steps[0].gradient)
    findings = []
    for player, own, other, sign, method in (
        ("D", "theta_d", "theta_g", +1, "moves up: θ_d + η∇Ṽ (E31)"),
        ("G", "theta_g", "theta_d", -1, "moves down: θ_g − η∇Ṽ_g (E32)"),
    ):
        pairs = [
            (now, then)
            for now, then in zip(steps, [*steps[1:], end], strict=True)
            if now.player == player
        ]
        unchanged = all(
            np.array_equal(getattr(now, other), getattr(then, other)) for now, then in pairs
        )
        findings.append(
            claim(
                name,
                other,
                f"unchanged by {player}'s step",
                unchanged,
                f"{player}'s step changes {other}",
            )
        )
        steps_taken = np.stack([getattr(then, own) - getattr(now, own) for now, then in pairs])
        right = sign * ETA * np.stack([now.gradient for now, _ in pairs])

        def explain(a: Array, n: Array) -> str:
            against = "the player moves against its aim: the sign of the update is flipped"
            return likely_cause(a, n, Context({against: -n}, sizes={"k": K, "m": M}))

        findings.append(
            compare(name, own, method, steps_taken, right, rounding(2.0**-52), 1.0, explain=explain)
        )
    return findings

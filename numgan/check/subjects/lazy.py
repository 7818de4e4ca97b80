"""A lazy penalty as it runs (E56): at every n-th step of D the penalty counts n times, else not.

Each move of θ_d stands beside η∇(Ṽ − cR) by the complex step (E48) of both values, with c = n at
steps 1, n + 1, 2n + 1, … and c = 0 at the others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.architectures import mlp
from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, compare
from numgan.check.means.tolerance import rounding
from numgan.check.subjects.training import ETA, M, Normal, Recorder, Step
from numgan.dynamics.jacobian import STEP
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Optimizer
from numgan.penalties import PENALTIES
from numgan.training import Training

EVERY, STEPS = 3, 6


def slope(f: Callable[[Array], Array], theta: Array) -> Array:
    """∇f by the complex step."""
    return np.array([np.imag(f(theta + 1j * STEP * e)) / STEP for e in np.eye(theta.size)])


def lazy_findings(
    training: Callable[..., Training] = Training, name: str = "lazy penalty", seed: int = 0
) -> list[Finding]:
    """The moves of θ_d in six iterations with R1 at every third step."""
    rng = np.random.default_rng(seed)
    networks = mlp([2, 4, 2], "tanh"), mlp([2, 4, 1], "tanh")
    game = Recorder(*networks, OBJECTIVES["minimax"], PENALTIES["r1"])
    theta_d, theta_g = (network.initial(rng, "float64") for network in (game.D, game.G))
    optimizers = Optimizer(ETA), Optimizer(ETA)
    run = training(game, Normal(), rng, theta_d, theta_g, *optimizers, M, every=EVERY)
    for _ in range(STEPS):
        run.iteration()
    of_d = [step for step in game.steps if step.player == "D"]
    ends = [*(step.theta_d for step in of_d[1:]), run.theta_d]
    moves = np.stack([end - step.theta_d for step, end in zip(of_d, ends, strict=True)])
    parts = [slopes(game, step) for step in of_d]
    counts = [EVERY * (t % EVERY == 0) for t in range(STEPS)]
    right = np.stack([ETA * (V - c * R) for c, (V, R) in zip(counts, parts, strict=True)])

    def explain(a: Array, n: Array) -> str:
        def moved(*counts: float) -> Array:
            return np.stack([ETA * (V - c * R) for c, (V, R) in zip(counts, parts, strict=True)])

        on = [t % EVERY == 0 for t in range(STEPS)]
        return likely_cause(
            a,
            n,
            Context(
                {
                    "at its steps the penalty counts once, not n times": moved(*on),
                    "the penalty counts n times at every step": moved(*[EVERY] * STEPS),
                    "the penalty counts once at every step: it is not lazy": moved(*[1] * STEPS),
                    "the penalty is absent": moved(*[0] * STEPS),
                }
            ),
        )

    method = "η∇(Ṽ − nR) at every n-th step, else η∇Ṽ: complex step E48"
    tolerance = rounding(2.0**-52, 4096)  # an R-pass through a network
    return [compare(name, "theta_d", method, moves, right, tolerance, 1.0, explain=explain)]


def slopes(game: Recorder, step: Step) -> tuple[Array, Array]:
    """∇Ṽ and ∇R at the start of a step of D."""
    G, D, penalty = game.G, game.D, game.penalty
    assert penalty is not None and step.x is not None
    x, samples = step.x, G(step.theta_g, step.z)

    def V(theta: Array) -> Array:
        return game.objective.value(D(theta, x), D(theta, samples))

    return slope(V, step.theta_d), slope(lambda t: penalty.value(D, t, x, samples), step.theta_d)

"""Algorithm 1 with its options, and check_training: all of it.

η_t follows a schedule; the penalty is taken at every n-th step of D, n times as strong; θ̄_g is the
moving average of θ_g; the weights of D are clipped; what D remembers is learned from the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.architectures import mlp
from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare
from numgan.check.means.tolerance import rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.training import K, M, Normal, Recorder, Step, training_findings
from numgan.errors import InputError
from numgan.layers import BatchNorm, Dense, Tanh
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Optimizer, linear
from numgan.training import Training

EVERY, AVERAGE, ETA, ITERATIONS, CLIP = 2, 0.7, 0.1, 4, 0.05


def check_training(
    training: Callable[..., Training] = Training, name: str | None = None, *, seed: int = 0
) -> Report:
    """A Training, or a class or a function of the same arguments, against Algorithm 1 (E31, E32).

    Checked are k, fresh draws, who moves and which way; schedules of η, a lazy penalty, the average
    of θ_g, clipping, and what batch norm remembers. Raises InputError if it does not run.

    >>> check_training(Training).ok
    True
    """
    if not callable(training):
        raise InputError(f"expected a class such as Training, got {type(training).__name__}")
    name = name or str(getattr(training, "__name__", "training"))
    with named_errors(name):
        findings = training_findings(training, name, seed)
        if findings[0].failed:
            return Report(findings)  # without k steps of D and one of G the rest is not defined
        return Report([*findings, *option_findings(training, name, seed)])


def assert_training(
    training: Callable[..., Training] = Training, name: str | None = None, *, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_training passes.

    >>> assert_training(Training)
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_training(training, name, seed=seed))


def option_findings(
    training: Callable[..., Training] = Training, name: str = "training", seed: int = 0
) -> list[Finding]:
    """A few iterations with a schedule, a lazy penalty and an average; and with clipping."""
    rng = np.random.default_rng(seed)
    D = Network([Dense(2, 4), BatchNorm(4), Tanh(), Dense(4, 1)], (2,))
    game = Recorder(mlp([2, 4, 2], "tanh"), D, OBJECTIVES["minimax"])
    theta_d, theta_g = (network.initial(rng, "float64") for network in (game.D, game.G))
    steps_d, steps_g = ITERATIONS * K, ITERATIONS

    def run_with(**options) -> Training:
        rules = Optimizer(linear(ETA, 2 * steps_d)), Optimizer(linear(ETA, 2 * steps_g))
        given = game, Normal(), np.random.default_rng(seed)
        return training(*given, theta_d.copy(), theta_g.copy(), *rules, M, K, **options)

    run = run_with(every=EVERY, average=AVERAGE)
    averages = []
    for _ in range(ITERATIONS):
        run.iteration()
        averages.append(run.theta_bar.copy())
    steps = list(game.steps)
    clipped = run_with(clip=CLIP)
    clipped.iteration()
    return [
        *along_schedule(steps, run, name),
        lazy_factor(steps, name),
        moving_average(steps, run, averages, name),
        *remembered(steps, run, name),
        within(clipped, name),
    ]


def thetas(steps: list[Step], run: Training, player: str, own: str) -> list[tuple[Step, Array]]:
    """Each step of a player, and its θ after it."""
    after = [getattr(step, own) for step in steps[1:]] + [getattr(run, own)]
    return [(s, then) for s, then in zip(steps, after, strict=True) if s.player == player]


def along_schedule(steps: list[Step], run: Training, name: str) -> list[Finding]:
    """θ moves by η_t at its t-th step, with t from 0 for each player."""
    findings = []
    for player, own, sign in (("D", "theta_d", 1), ("G", "theta_g", -1)):
        pairs = thetas(steps, run, player, own)
        free = ~np.asarray((run.game.D if player == "D" else run.game.G).fixed, bool)
        eta = ETA * (1 - np.arange(len(pairs)) / (2 * len(pairs)))
        moved = np.stack([(then - getattr(now, own))[free] for now, then in pairs])
        right = sign * eta[:, None] * np.stack([now.gradient[free] for now, _ in pairs])
        first = sign * ETA * np.stack([now.gradient[free] for now, _ in pairs])

        def explain(a: Array, n: Array, first: Array = first) -> str:
            constant = "the schedule is not followed: η stays at its first value"
            return likely_cause(a, n, Context({constant: first}))

        method = f"η_t of the schedule, {player}'s t-th step"
        findings.append(
            compare(name, own, method, moved, right, rounding(2.0**-52), 1.0, explain=explain)
        )
    return findings


def lazy_factor(steps: list[Step], name: str) -> Finding:
    """The penalty's factors at the steps of D: n, 0, …, 0, n, …"""
    got = [float(step.penalized) for step in steps if step.player == "D"]
    expected = [float(EVERY) if t % EVERY == 0 else 0.0 for t in range(len(got))]
    why = f"the penalty's factors at the steps of D were {got[:6]} …, expected {expected[:6]} …"
    if [float(bool(f)) for f in got] == [float(bool(f)) for f in expected] and got != expected:
        why += ": a penalty at every n-th step is n times as strong"
    method = f"lazy: at every n-th step of D, n times as strong, n = {EVERY}"
    return claim(name, "penalty", method, got == expected, why)


def moving_average(steps: list[Step], run: Training, averages: list[Array], name: str) -> Finding:
    """θ̄_g ← βθ̄_g + (1 − β)θ_g after each step of G."""

    def path(beta: float, before: bool = False) -> Array:
        pairs, bar, found = thetas(steps, run, "G", "theta_g"), steps[0].theta_g, []
        for now, then in pairs:
            bar = beta * bar + (1 - beta) * (now.theta_g if before else then)
            found.append(bar)
        return np.stack(found)

    mistakes = {
        "β and 1 − β are exchanged": path(1 - AVERAGE),
        "the average takes θ_g from before the step": path(AVERAGE, before=True),
        "θ̄_g is θ_g itself, no average": path(0.0),
        "θ̄_g never moves": path(1.0),
    }
    return compare(
        name,
        "theta_bar",
        "average: θ̄_g ← βθ̄_g + (1 − β)θ_g",
        np.stack(averages),
        path(AVERAGE),
        rounding(2.0**-52),
        1.0,
        explain=lambda a, n: likely_cause(a, n, Context(mistakes, factors={"β": AVERAGE})),
    )


def remembered(steps: list[Step], run: Training, name: str) -> list[Finding]:
    """What batch norm of D remembers follows the data at D's steps, and stays at G's."""
    fixed = np.asarray(run.game.D.fixed, bool)
    moved = [
        not np.array_equal(now.theta_d[fixed], then[fixed])
        for now, then in thetas(steps, run, "D", "theta_d")
    ]
    still = [
        np.array_equal(now.theta_d[fixed], then[fixed])
        for now, then in thetas(steps, run, "G", "theta_d")
    ]
    never = "D's running averages do not move: observe is not called after a step of D"
    during = "D's running averages move in a step of G: they are those of the data alone"
    return [
        claim(name, "theta_d", "observe: D remembers at its own step", all(moved), never),
        claim(name, "theta_d", "observe: D remembers nothing of G's step", all(still), during),
    ]


def within(run: Training, name: str) -> Finding:
    """Every weight of D lies in [−c, c]."""
    free = ~np.asarray(run.game.D.fixed, bool)
    largest = float(np.abs(run.theta_d[free]).max())
    why = f"a weight of D is {largest:.3g}, outside [−{CLIP}, {CLIP}]: it is not clipped, or before"
    return claim(name, "theta_d", "clip: weights of D in [−c, c]", largest <= CLIP, why)

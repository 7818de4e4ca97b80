"""The step of an optimizer as a stage: every moment under its name, for all of θ and for two
parameters in detail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from numgan.backend import Array
from numgan.network import Network
from numgan.optimizers import Optimizer
from numgan.trace.numbers import number
from numgan.trace.recorder import Pass, RecordingOptimizer, Update
from numgan.trace.source import Line, find
from numgan.trace.stage import Check, Named, Stage
from numgan.trace.updates import moments
from numgan.training import Training


def update_stage(
    theta: str,
    g: str,
    key: str,
    forward: Pass,
    optimizer: RecordingOptimizer,
    line: Line,
    unchanged: Check,
) -> Stage:
    """`theta` and `g` are the names of the vector and of its gradient, `unchanged` says that the
    other player stayed.
    """
    rule, step, network = optimizer.optimizer, optimizer.updates[-1], forward.network
    formulas = moments(rule, step)
    free = np.flatnonzero(~network.fixed)
    u = formulas["u"][1]
    new = step.theta + step.sign * step.eta * u
    name = "the plain gradient" if type(rule).__name__ == "Optimizer" else type(rule).__name__
    rows = [
        ("g", g, step.g),
        *((name, *moment) for name, moment in formulas.items()),
        ("ηu", f"η = {step.eta:g}", step.eta * u),
        (theta, "before", step.theta),
        (f"{theta}′", f"{theta} {'+' if step.sign > 0 else '−'} ηu", step.new_theta),
    ]
    ends = free[0], free[-1]
    head = ("", "", *(parameter(network, i) for i in ends))
    return Stage(
        f"the step of {theta}, by {name}",
        (find(type(rule).direction, "E36", f"u = {formulas['u'][0]}"), line),
        (
            Named(g, f"{key}-g", step.g, f"the gradient of {theta}"),
            *(
                Named(m, f"{key}-{m}", value, f"{m} after step {step.t}")
                for m, value in step.new_state.items()
            ),
            Named("u", f"{key}-u", u, "the direction of the step, by the formula"),
            Named(theta, f"{key}-theta", step.theta, f"{theta} before the step"),
            Named(f"{theta}′", f"{key}-theta-new", step.new_theta, f"{theta} after the step"),
        ),
        (
            *(Check(m, "formula", value, formulas[m][1]) for m, value in step.new_state.items()),
            Check(f"{theta}′", "formula", step.new_theta[free], new[free]),
            unchanged,
        ),
        says=(f"Step t = {step.t}{constants(rule)}. {unchanged.name} stays what it was.",),
        table=(
            head,
            *((name, said, *(number(value[i], 9) for i in ends)) for name, said, value in rows),
        ),
    )


def parameter(network: Network, index: int) -> str:
    """The name of an entry of θ: [2].W[0,1]."""
    for layer, entries in enumerate(network.layout):
        for name, place, shape in entries:
            if place.start <= index < place.stop:
                at = ",".join(str(int(i)) for i in np.unravel_index(index - place.start, shape))
                return f"[{layer}].{name}[{at}]"
    raise IndexError(index)


def constants(rule: Optimizer) -> str:
    """The rates that the formulas name."""
    greek = {"beta": "β", "beta1": "β₁", "beta2": "β₂", "rho": "ρ", "epsilon": "ε"}
    return "".join(
        f", {letter} = {getattr(rule, name):g}"
        for name, letter in greek.items()
        if hasattr(rule, name)
    )


def after_update_stages(
    theta: str,
    key: str,
    network: Network,
    new: Array,
    step: Update,
    method: Callable,
    clip: float | None = None,
) -> Iterator[Stage]:
    """What else changes θ after the step: the memory of layers that have one, and the clip."""
    lines = [find(method, "", "what layers remember: running averages and the like", ".observe(")]
    checks: tuple[Check, ...] = ()
    if clip is not None:
        free = ~network.fixed
        lines.append(find(method, "", f"every weight into [−c, c], c = {clip:g}", ".clip("))
        checks = (
            Check(
                f"{theta}″", "formula", new[free].copy(), np.clip(step.new_theta[free], -clip, clip)
            ),
        )
    lines = lines[0 if network.fixed.any() else 1 :]
    if lines:
        yield Stage(
            f"{theta} once more: what is no gradient step",
            tuple(lines),
            (
                Named(f"{theta}′", f"{key}-theta-new", step.new_theta, f"{theta} after the step"),
                Named(f"{theta}″", f"{key}-theta-settled", new.copy(), f"{theta} as it goes on"),
            ),
            checks,
        )


def average_stage(training: Training, before: Array, key: str) -> Stage:
    """θ̄_g, the average that samples are drawn from."""
    beta, free = training.average, ~training.game.G.fixed
    other = beta * before + (1 - beta) * training.theta_g
    return Stage(
        "the average θ̄_g, from which samples will be drawn",
        (
            find(
                Training.generator_step,
                "",
                f"θ̄_g′ = βθ̄_g + (1 − β)θ_g,   β = {beta:g}",
                "theta_bar +=",
            ),
        ),
        (
            Named("θ̄_g", f"{key}-bar", before, "θ̄_g before the step"),
            Named("θ̄_g′", f"{key}-bar-new", training.theta_bar, "θ̄_g after the step"),
        ),
        (Check("θ̄_g′", "formula", training.theta_bar[free], other[free]),),
    )

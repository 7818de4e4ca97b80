"""The step of an optimizer as a stage: each moment under its name, for all of θ and for two
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
from numgan.trace.updates import formulas
from numgan.training import Training


def update_stage(
    theta: str,
    g: str,
    key: str,
    forward: Pass,
    optimizer: RecordingOptimizer,
    line: Callable[[str], Line],
    unchanged: Check,
) -> Stage:
    """The stage of a step. `theta` and `g` are the names of the vector and its gradient, `line`
    finds the source line for a formula, and `unchanged` says that the other player does not move.
    """
    rule, step, network = optimizer.optimizer, optimizer.updates[-1], forward.network
    found = formulas(rule, step)
    direction = found.direction.format(g=g)
    free = np.flatnonzero(~network.fixed)
    sign = "+" if step.sign > 0 else "−"
    factor = f"({direction})" if " + β" in direction else direction
    change = f"η{factor}" if factor[0] in "∇(" else f"η {factor}"
    new = step.theta + step.sign * step.eta * found.value
    plain = type(rule).__name__ == "Optimizer"
    rows = [
        ("∇" if plain else "g", g, step.g),
        *((name, *moment) for name, moment in found.moments.items()),
        ("step", change, step.eta * found.value),
        (theta, "before", step.theta),
        (f"new {theta}", f"{theta} {sign} step", step.new_theta),
    ]
    ends = free[0], free[-1]
    head = ("", "", *(parameter(network, i) for i in ends))
    memory = [] if plain else [find(type(rule).direction, "E36", direction)]
    return Stage(
        f"the step of {theta}, by {'the plain gradient' if plain else type(rule).__name__}",
        (*memory, line(f"{theta} ← {theta} {sign} {change}")),
        (
            Named(g, f"{key}-g", step.g, f"the gradient of {theta}"),
            *(
                Named(m, f"{key}-{m}", value, f"{m} after step {step.t}")
                for m, value in step.new_state.items()
            ),
            Named(theta, f"{key}-theta", step.theta, f"{theta} before the step"),
            Named(f"new {theta}", f"{key}-theta-new", step.new_theta, f"{theta} after the step"),
        ),
        (
            *(
                Check(m, "formula", value, found.moments[m][1])
                for m, value in step.new_state.items()
            ),
            Check(f"new {theta}", "formula", step.new_theta[free], new[free]),
            unchanged,
        ),
        says=(
            f"η = {step.eta:g}, t = {step.t}{constants(rule)}. {unchanged.name} stays what it was.",
        ),
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
    """The rates in the formulas."""
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
    """Other changes of θ after the step: running averages of layers, clipping of weights."""
    lines = [find(method, "", "what layers remember: running averages and the like", ".observe(")]
    checks: tuple[Check, ...] = ()
    if clip is not None:
        free = ~network.fixed
        lines.append(find(method, "", f"every weight into [−c, c], c = {clip:g}", ".clip("))
        checks = (
            Check(
                f"final {theta}",
                "formula",
                new[free].copy(),
                np.clip(step.new_theta[free], -clip, clip),
            ),
        )
    lines = lines[0 if network.remembers else 1 :]
    if lines:
        yield Stage(
            f"{theta} once more: what is no gradient step",
            tuple(lines),
            (
                Named(
                    f"new {theta}", f"{key}-theta-new", step.new_theta, f"{theta} after the step"
                ),
                Named(
                    f"final {theta}", f"{key}-theta-settled", new.copy(), f"{theta} as it goes on"
                ),
            ),
            checks,
        )


def average_stage(training: Training, before: Array, key: str) -> Stage:
    """The average of θ_g, from which samples are drawn."""
    beta, free = training.average, ~training.game.G.fixed
    other = beta * before + (1 - beta) * training.theta_g
    return Stage(
        "the average of θ_g, from which samples are drawn",
        (
            find(
                Training.generator_step,
                "",
                f"average ← β average + (1 − β)θ_g,   β = {beta:g}",
                "move_average",
            ),
        ),
        (
            Named("average", f"{key}-bar", before, "the average of θ_g before the step"),
            Named(
                "new average", f"{key}-bar-new", training.theta_bar, "the average after the step"
            ),
        ),
        (Check("new average", "formula", training.theta_bar[free], other[free]),),
    )

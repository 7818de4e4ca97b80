"""From an iteration of Algorithm 1 to its stages.

`Training` and `Game` themselves run the iteration, on networks that record their passes. This
module only says which equation each call belongs to, and by which other means the same quantity can
be computed.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from numgan.trace.passes import StepPasses
from numgan.trace.recorder import Pass, RecordingNetwork, RecordingOptimizer
from numgan.trace.source import find
from numgan.trace.stage import Check, Stage
from numgan.trace.steps import discriminator_step, generator_step
from numgan.training import Training


def record(training: Training) -> list[Stage]:
    """The stages of the next iteration. It runs on copies: `training` is unchanged."""
    recorded, plain = deepcopy(training), deepcopy(training)
    passes: list[Pass] = []
    G, D = (
        RecordingNetwork(name, network, passes)
        for name, network in (("G", recorded.game.G), ("D", recorded.game.D))
    )
    recorded.game = replace(recorded.game, G=G, D=D)
    recorded.optimizer_d = d = RecordingOptimizer(recorded.optimizer_d)  # type: ignore[assignment]
    recorded.optimizer_g = g = RecordingOptimizer(recorded.optimizer_g)  # type: ignore[assignment]

    stages: list[Stage] = []
    for step in range(1, training.k + 1):
        theta_g = recorded.theta_g.copy()
        recorded.discriminator_step()
        unchanged = Check("θ_g", "before", recorded.theta_g.copy(), theta_g, tolerance=0.0)
        found = StepPasses(recorded, passes)
        climbed = "Ṽ − GP" if found.penalties else "Ṽ"
        part = f"D step {step} of {training.k}: θ_d ascends {climbed} (E31)"
        stages += [
            replace(stage, part=part)
            for stage in discriminator_step(found, d, f"d{step}", unchanged)
        ]
        passes.clear()
    theta_d, theta_bar = recorded.theta_d.copy(), recorded.theta_bar.copy()
    recorded.generator_step()
    unchanged = Check("θ_d", "before", recorded.theta_d, theta_d, tolerance=0.0)
    last = generator_step(StepPasses(recorded, passes), g, "g", unchanged, theta_bar)
    descended = "Ṽ_g" if recorded.game.cost is None else "Ṽ_g + C"
    stages += [replace(stage, part=f"G step: θ_g descends {descended} (E32)") for stage in last]

    plain.iteration()
    return [*stages, plain_run_stage(recorded, plain)]


def plain_run_stage(recorded: Training, plain: Training) -> Stage:
    """The recorded iteration equals the plain one, on networks that record nothing, bit for bit."""
    pairs = (("θ_d", recorded.theta_d, plain.theta_d), ("θ_g", recorded.theta_g, plain.theta_g))
    return Stage(
        "Training.iteration from the same start, without tracing",
        (find(Training.iteration, "", "k times E31, once E32", "self.generator_step"),),
        checks=tuple(Check(name, "plain run", a, b, tolerance=0.0) for name, a, b in pairs),
        part="The iteration as a whole",
    )

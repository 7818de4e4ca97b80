"""The records of a run as it trains: rows of numbers, frames of samples, eigenvalues."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numgan.backend import Array, to_host
from numgan.game import DiscriminatorStep, GeneratorStep
from numgan.layers.functions import sigmoid
from numgan.run.convergence import record
from numgan.run.measure import measure_headline
from numgan.run.run import COLUMNS, Run
from numgan.run.spectrum import spectrum
from numgan.training import Training


def observed(
    run: Run, discriminator: DiscriminatorStep, generator: GeneratorStep, measured: bool
) -> dict[str, float]:
    """One row: the values (E29, E32), the beliefs, the norms of the gradients, and the metric if
    `measured` is True.
    """
    training, metric = run.training, float("nan")
    if measured:
        rng = np.random.default_rng([run.config.seed, 4, training.iterations])
        metric = measure_headline(run.data, lambda n: run.samples(n, part=1), rng)
    numbers = {
        "step": training.iterations,
        **discriminator_numbers(training, discriminator),
        **generator_numbers(training, generator),
    }
    return {name: numbers[name] for name in COLUMNS} | {run.metric: metric}


def discriminator_numbers(training: Training, step: DiscriminatorStep) -> dict[str, float]:
    """The numbers of a step of D: Ṽ (E29), the mean of D on data and on samples, ‖∇Ṽ‖."""
    return {
        "V": float(training.game.objective.value(step.a_real, step.a_fake)),
        "D_real": float(sigmoid(step.a_real).mean()),
        "D_fake": float(sigmoid(step.a_fake).mean()),
        "norm_d": norm(step.dtheta_d),
    }


def generator_numbers(training: Training, step: GeneratorStep) -> dict[str, float]:
    """The numbers of a step of G: Ṽ_g (E32), ‖∇Ṽ_g‖."""
    return {
        "V_g": float(training.game.objective.generator_value(step.a_fake, step.a_real)),
        "norm_g": norm(step.dtheta_g),
    }


def norm(g: Array) -> float:
    """‖g‖, correct even if g·g overflows in the precision of g."""
    with np.errstate(over="ignore"):
        square = to_host(g @ g)
    return float(
        np.sqrt(square) if np.isfinite(square) else np.linalg.norm(to_host(g).astype("float64"))
    )


def record_spectrum(run: Run) -> None:
    """Keep the game's leading eigenvalues, ‖v‖, each player's own rightmost one, and the gap."""
    seed, part = run.config.seed, run.pairs
    run.spectra.append(spectrum(run.training, part, np.random.default_rng([seed, 5]), run.device))
    run.progress.append(record(run.training, part, np.random.default_rng([seed, 6]), run.device))


def film(run: Run) -> None:
    """Record the averaged generator's samples from fixed latents."""
    run.frames.append(run.exhibits(part=0)[:1000])
    run.frame_steps.append(run.training.iterations)


def is_due(step: int, times: int, steps: int) -> bool:
    """True at about `times` evenly spaced steps of a run, and at the last one."""
    return step * times // steps != (step - 1) * times // steps


def due_count(step: int, times: int, ends: Sequence[tuple[int, int]]) -> int:
    """The number of due steps among the first `step` steps of a run. Each (i, n) of `ends` says
    that until step i the run had n steps; the last i is at least `step`.
    """
    count = before = 0
    for until, steps in ends:
        now, often = min(step, until), min(times, steps)
        count += now * often // steps - before * often // steps
        before = now
    return count

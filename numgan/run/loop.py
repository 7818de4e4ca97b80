"""Training with a folder around it: what is recorded, when it is saved, and how it stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from numgan import checkpoint
from numgan.data import Dataset, dataset
from numgan.errors import InputError
from numgan.files import write_whole
from numgan.layers.functions import sigmoid
from numgan.run.build import build, restore, snapshot
from numgan.run.config import Config
from numgan.run.measure import headline, measure_headline
from numgan.training import Training

ROWS, METRICS, FRAMES, SAVES = 400, 40, 40, 20  # how often, over a whole run, each of these is done
COLUMNS = ("step", "V", "V_g", "D_real", "D_fake", "norm_d", "norm_g")


class Diverged(Exception):
    """A player's parameters are no longer finite."""


@dataclass
class Run:
    """A training, and what has been written down of it: rows of numbers and frames of samples."""

    config: Config
    folder: Path
    data: Dataset
    training: Training = field(init=False)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list)
    frame_steps: list[int] = field(default_factory=list)

    def __post_init__(self):
        self.training = build(self.config, self.data)

    @property
    def metric(self) -> str:
        return headline(self.data)

    def columns(self) -> dict[str, np.ndarray]:
        """The rows so far, a vector a column; the metric is nan where it was not measured."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(COLUMNS) + 1)
        return dict(zip((*COLUMNS, self.metric), table.T, strict=True))

    def samples(self, n: int, part: int) -> np.ndarray:
        """n samples of the averaged generator, from latents that depend on the seed and `part` alone.

        Watching a run must not change it: the generator of the training is not touched.
        """
        rng = np.random.default_rng([self.config.seed, part])
        G = self.training.game.G.evaluation()
        return G(self.training.theta_bar, rng.standard_normal((n, *G.input_shape), dtype=self.training.theta_g.dtype))


def start(config: Config, folder: Path) -> Run:
    """A new run in a folder that holds none. Raises InputError where it cannot be made there."""
    run = Run(config, folder, dataset(config.dataset, config.dtype, config.data))
    if any((folder / name).exists() for name in ("config.json", "checkpoint.npz")):
        raise InputError(f"{folder} holds another run: continue it with --resume, or name another folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None
    write_whole(folder / "config.json", config.json().encode())
    film(run)
    save(run)
    return run


def resume(folder: Path) -> Run:
    """The run in a folder, as it stood at its last checkpoint. Raises InputError for anything but a whole run."""
    config = Config.read(folder / "config.json")
    arrays, about = checkpoint.load(folder / "checkpoint.npz")
    if about["config"] != {**asdict(config), "hidden": list(config.hidden)}:
        raise InputError(f"{folder}: config.json and checkpoint.npz belong to different runs")
    run = Run(config, folder, dataset(config.dataset, config.dtype, config.data))
    restore(run.training, run.data, arrays, about)
    run.rows = [tuple(row) for row in arrays["rows"]]
    run.frames, run.frame_steps = list(arrays["frames"]), about["frame_steps"]
    return run


def save(run: Run) -> None:
    """Write the checkpoint and the table of numbers."""
    arrays, about = snapshot(run.training, run.data)
    columns = run.columns()
    arrays |= {"rows": np.stack(list(columns.values()), 1), "frames": np.array(run.frames)}
    about |= {"config": asdict(run.config), "frame_steps": run.frame_steps}
    checkpoint.save(run.folder / "checkpoint.npz", arrays, about)
    lines = [",".join(columns)] + [",".join(f"{value:.9g}" for value in row) for row in arrays["rows"]]
    write_whole(run.folder / "metrics.csv", ("\n".join(lines) + "\n").encode())


def proceed(run: Run, watch: Callable[[dict[str, float]], Any] = lambda row: None) -> bool:
    """Train to the last step, or until Ctrl-C; True if it came to the end. `watch` is called after every iteration,
    with the last row when there is a new one. Raises Diverged, leaving the last good checkpoint."""
    training, steps = run.training, run.config.steps
    with interrupts() as interrupted, np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        while training.iterations < steps and not interrupted.is_set():
            discriminator, generator = training.iteration()
            for player, theta in (("discriminator", training.theta_d), ("generator", training.theta_g)):
                if not np.isfinite(theta @ theta):
                    raise Diverged(
                        f"the {player}'s parameters are not finite after step {training.iterations}; "
                        f"the last good checkpoint is in {run.folder}; try a smaller --lr"
                    )
            row = {}
            if due(training.iterations, ROWS, steps):
                row = observed(run, discriminator, generator)
                run.rows.append(tuple(row.values()))
            if due(training.iterations, FRAMES, steps):
                film(run)
            watch(row)
            if due(training.iterations, SAVES, steps):
                save(run)
    save(run)
    return training.iterations == steps


def film(run: Run) -> None:
    """Keep what the averaged generator makes of the same latents now."""
    run.frames.append(run.samples(64 if run.data.image_shape else 1000, part=0))
    run.frame_steps.append(run.training.iterations)


def due(step: int, times: int, steps: int) -> bool:
    """True at about `times` evenly spaced steps of a run, the last one among them."""
    return step * times // steps != (step - 1) * times // steps


def observed(run: Run, discriminator, generator) -> dict[str, float]:
    """One row: the values (E29, E32), the beliefs, the gradients, and now and then the metric."""
    training, objective = run.training, run.training.game.objective
    metric = float("nan")
    if due(training.iterations, METRICS, run.config.steps):
        rng = np.random.default_rng([run.config.seed, 4, training.iterations])
        metric = measure_headline(run.data, lambda n: run.samples(n, part=1), rng)
    values = (
        training.iterations,
        float(objective.value(discriminator.a_real, discriminator.a_fake)),
        float(objective.generator_value(generator.a_fake)),
        float(sigmoid(discriminator.a_real).mean()),
        float(sigmoid(discriminator.a_fake).mean()),
        float(np.linalg.norm(discriminator.dtheta_d)),
        float(np.linalg.norm(generator.dtheta_g)),
        metric,
    )
    return dict(zip((*COLUMNS, run.metric), values, strict=True))


@contextmanager
def interrupts():
    """Within, Ctrl-C (and a polite kill) sets the event that it gives, so that the step under way is finished.

    Only the main thread may catch signals; elsewhere the event is never set.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    before = {s: signal.signal(s, lambda *_: event.set()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)

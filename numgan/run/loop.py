"""Training with a folder around it: what is recorded, when it is saved, and how it stops."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from numgan import __version__, checkpoint
from numgan.backend import Array, generator, require, to_device, to_host
from numgan.data import Dataset, dataset
from numgan.data.content import account_text
from numgan.data.labels import is_file
from numgan.data.smooth import Smoothed
from numgan.errors import InputError
from numgan.files import write_whole
from numgan.layers.functions import sigmoid
from numgan.network import Network
from numgan.run.build import build, networks, restore, snapshot
from numgan.run.claim import make, take_back
from numgan.run.config import Config
from numgan.run.finite import check_finite, check_row
from numgan.run.measure import LEAST, headline, measure_headline
from numgan.run.plan import planned
from numgan.run.schema import check_headers, check_text, check_values
from numgan.run.spectrum import spectrum
from numgan.signals import interrupts
from numgan.training import Training

ROWS, METRICS, FRAMES, SAVES = 400, 40, 40, 20  # how often, over a whole run, each of these is done
EACH = 10  # samples of each class on the sheet of a conditional run
CONFIG, READ, TABLE, CHECKPOINT = "config.json", "data.txt", "metrics.csv", "checkpoint.npz"
FILES = (
    CONFIG,
    READ,
    TABLE,
    "samples.png",
    "training.png",
    "training.gif",
    "spectrum.png",
    CHECKPOINT,
)
VERSIONS = {"numgan": __version__, "numpy": np.__version__}  # other ones may round in other ways
COLUMNS = ("step", "V", "V_g", "D_real", "D_fake", "norm_d", "norm_g")


@dataclass
class Run:
    """A training, and what has been written down of it: rows of numbers and frames of samples.

    The training lives on the device; whatever looks at it takes and gives arrays of the host.
    """

    config: Config
    folder: Path
    data: Dataset
    device: str = "cpu"
    # what the game is played on: the data, or [x | c] where it is conditional
    pairs: Dataset = field(init=False)
    there: Dataset = field(init=False)  # the same on the device, where minibatches come from
    training: Training = field(init=False)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list)
    frame_steps: list[int] = field(default_factory=list)
    saved: int = 0  # the step that the checkpoint holds
    # of what the checkpoint was written by, if it says so
    versions: dict[str, str] = field(default_factory=dict)
    # one every config.spectrum steps, from step 0 on
    spectra: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self):
        self.pairs = self.data.conditional() if self.config.conditional else self.data
        source = self.pairs.source.on(self.device)
        if self.config.smooth and self.data.columns is not None and self.data.columns.free:
            rows = source.rows  # type: ignore[union-attr]
            source = Smoothed(rows, source.dtype, self.config.smooth, self.data.columns.free)
        self.there = replace(self.pairs, source=source)
        self.training = build(self.config, self.data, self.there, self.device)

    @property
    def metric(self) -> str:
        return headline(self.data)

    def columns(self) -> dict[str, np.ndarray]:
        """The rows so far, a vector a column; the metric is nan where it was not measured."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(COLUMNS) + 1)
        return dict(zip((*COLUMNS, self.metric), table.T, strict=True))

    def latents(self, n: int, part: int) -> np.ndarray:
        """n latents that depend on the seed and `part` alone: watching a run must not touch its
        generator.
        """
        return self.drawn(n, [self.config.seed, part])

    def drawn(self, n: int, seed: Any) -> np.ndarray:
        """n latents of a seed, the same on every device."""
        return to_host(self.training.latents(n, generator(self.device, seed)))

    def generate(self, z: np.ndarray) -> np.ndarray:
        """What the averaged generator makes of z: samples, or [x | c] where it is conditional."""
        return self.outside(self.training.game.G, self.training.theta_bar, z)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """What D makes of x, or of [x | c] where it is conditional: a (n, 1)."""
        return self.outside(self.training.game.D, self.training.theta_d, x)

    def outside(self, network: Network, theta: Array, x: np.ndarray) -> np.ndarray:
        """A player's map as it is outside training, on the device; from the host and back."""
        return to_host(network.evaluation().each(theta, to_device(x, self.device)))

    def samples(self, n: int, part: int) -> np.ndarray:
        """n samples of the averaged generator, (n, dim), without their classes."""
        return self.generate(self.latents(n, part))[:, : self.data.dim]

    def asked(self, part: int) -> Callable[[int], np.ndarray] | None:
        """The classes that the n samples of a part were asked for, a function of n; None where the
        run has none.
        """
        if self.training.classes is None:
            return None
        K = self.training.classes.shape[1]
        return lambda n: self.latents(n, part)[:, -K:].argmax(axis=1)

    def exhibits(self, part: int) -> np.ndarray:
        """The samples for a picture: points, or a sheet of images; of a conditional run a row for
        each class, in which the same EACH latents stand in every row."""
        if self.training.classes is None:
            return self.samples(64 if self.data.image_shape else 2500, part)
        K = self.training.classes.shape[1]
        z = np.tile(self.latents(EACH, part), (K, 1))
        z[:, -K:] = np.eye(K).repeat(EACH, axis=0)
        return self.generate(z)[:, : self.data.dim]


def start(config: Config, folder: Path, named: Collection[str] | None = None) -> Run:
    """A new run in a folder that holds none. Of a configuration of which the user `named` some
    fields, the data may decide others (plan.py); None says that all are to stay. Raises InputError
    where it cannot be made there, and leaves nothing.

    Its first checkpoint, which holds the configuration too, is its first file: before there is one
    the place is free, from then on the run can be resumed.
    """
    require(config.device)
    if found := [name for name in FILES if os.path.lexists(folder / name)]:
        raise InputError(
            f"{folder} holds another run ({found[0]}): continue it with --resume, or name another "
            f"folder with --out"
        )
    if config.data is not None:
        # to be found from any working directory
        config = replace(config, data=os.path.abspath(config.data))
        if config.labels is not None and is_file(config.labels):
            config = replace(config, labels=os.path.abspath(config.labels))
    data = dataset(config.dataset, config.dtype, config.data, config.choices())
    if data.rows is not None and data.rows < LEAST:
        raise InputError(
            f"{config.data} has {data.rows} rows: expected at least {LEAST}, to measure samples by"
        )
    if named is not None:
        config, data = planned(config, data, named)
    run = Run(config, folder, data, config.device)
    film(run)
    if config.spectrum:
        record_spectrum(run)
    made: list[Path] = []
    make(folder, made)
    try:
        save(run)
    except BaseException:  # Ctrl-C too
        withdraw(run)
        take_back(made)
        raise
    return run


def withdraw(run: Run) -> None:
    """Take back what was written of a run that came to nothing; the checkpoint last, so that until
    then it is a run.
    """
    for name in FILES:
        with suppress(OSError):
            (run.folder / name).unlink()


def configuration_of(folder: Path) -> Config:
    """What the run in a folder is. Of one that was killed before anything else was written the
    checkpoint says it.
    """
    try:
        return Config.read(folder / CONFIG)
    except InputError:
        if os.path.lexists(folder / CONFIG) or not os.path.lexists(folder / CHECKPOINT):
            raise
    with checkpoint.reading(folder / CHECKPOINT) as stored:
        return Config.of(stored.about.get("config"), folder / CHECKPOINT)


def resume(folder: Path, device: str = "cpu") -> Run:
    """The run in a folder, as it stood at its last checkpoint, on this device, wherever it was
    before: to go on, or to be looked at. On the CPU a run with noise of the GPU's own can be looked
    at alone, for its noise is not there.

    Raises InputError for anything but a whole run, before anything of its size is made.
    """
    require(device)
    config = configuration_of(folder)
    with checkpoint.reading(folder / CHECKPOINT) as stored:
        about = stored.about
        if not config.matches(about.get("config")):
            raise InputError(f"{folder}: config.json and checkpoint.npz belong to different runs")
        check_text(stored, config)
        data = dataset(config.dataset, config.dtype, config.data, config.choices())
        if not data.same_as(about.get("digest")):
            raise InputError(
                f"{config.data or config.dataset} is not the data that this run was trained on"
            )
        pairs = data.conditional() if config.conditional else data
        G, D = networks(config, data, pairs.dim - data.dim)
        table = (due_until(about["iterations"], ROWS, config.steps), len(COLUMNS) + 1)
        check_headers(stored, config, data, G, D, table)
        arrays = stored.arrays()
        check_values(stored, arrays)
    run = Run(config, folder, data, device)
    restore(run.training, run.there, arrays, about, device)
    run.rows = [tuple(row) for row in arrays["rows"]]
    run.frames, run.frame_steps = list(arrays["frames"]), about["frame_steps"]
    run.spectra = list(arrays.get("spectra", []))
    run.saved = run.training.iterations
    run.versions = {name: about[name] for name in VERSIONS if isinstance(about.get(name), str)}
    return run


def save(run: Run) -> None:
    """Write the checkpoint, and then what follows from it."""
    arrays, about = snapshot(run.training, run.there)
    arrays |= {"rows": np.stack(list(run.columns().values()), 1), "frames": np.array(run.frames)}
    if run.spectra:
        arrays["spectra"] = np.array(run.spectra)
    about |= {
        "config": asdict(run.config),
        "frame_steps": run.frame_steps,
        "digest": run.data.digest,
        **VERSIONS,
    }
    checkpoint.save(run.folder / CHECKPOINT, arrays, about)
    run.saved = run.training.iterations
    complete(run)


def complete(run: Run) -> None:
    """Write the configuration, where there is none yet, and the table of numbers. Both are in the
    checkpoint too: so a run that was killed between one file and the next is made whole when it
    goes on."""
    if not os.path.exists(run.folder / CONFIG):
        write_whole(run.folder / CONFIG, run.config.json().encode())
    if run.data.account and not os.path.exists(run.folder / READ):
        write_whole(
            run.folder / READ, (account_text(run.data.account) + "\n").encode("utf-8", "replace")
        )
    columns = run.columns()
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns)] + [",".join(f"{value:.9g}" for value in row) for row in rows]
    write_whole(run.folder / TABLE, ("\n".join(lines) + "\n").encode())


def proceed(run: Run, watch: Callable[[dict[str, float]], Any] = lambda row: None) -> bool:
    """Train to the last step, or until Ctrl-C; True if it came to the end. `watch` is called after
    every iteration, with the last row when there is a new one. Raises Diverged, leaving the last
    good checkpoint."""
    training, steps = run.training, run.config.steps
    with interrupts() as interrupted, np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        while training.iterations < steps and not interrupted.is_set():
            discriminator, generator = training.iteration()
            row, told, filmed, saved = (
                {},
                *(due(training.iterations, times, steps) for times in (ROWS, FRAMES, SAVES)),
            )
            played = run.config.spectrum and training.iterations % run.config.spectrum == 0
            # elsewhere Python would wait to know
            if run.device == "cpu" or told or filmed or saved or played:
                check_finite(training, discriminator, generator, whole=told or saved)
            if told:
                row = observed(run, discriminator, generator)
                check_row(training, row)
                run.rows.append(tuple(row.values()))
            if filmed:
                film(run)
            if played:
                record_spectrum(run)
            watch(row)
            if saved:
                save(run)
        if training.iterations > run.saved:
            check_finite(training, discriminator, generator, whole=True)
            save(run)
    return training.iterations == steps


def record_spectrum(run: Run) -> None:
    """Keep the game's leading eigenvalues."""
    run.spectra.append(
        spectrum(run.training, run.pairs, np.random.default_rng([run.config.seed, 5]), run.device)
    )


def film(run: Run) -> None:
    """Keep what the averaged generator makes of the same latents now."""
    run.frames.append(run.exhibits(part=0)[:1000])
    run.frame_steps.append(run.training.iterations)


def due(step: int, times: int, steps: int) -> bool:
    """True at about `times` evenly spaced steps of a run, the last one among them."""
    return step * times // steps != (step - 1) * times // steps


def due_until(step: int, times: int, steps: int) -> int:
    """How many of the first `step` steps of a run are due."""
    return step * min(times, steps) // steps


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
        float(objective.generator_value(generator.a_fake, generator.a_real)),
        float(sigmoid(discriminator.a_real).mean()),
        float(sigmoid(discriminator.a_fake).mean()),
        norm(discriminator.dtheta_d),
        norm(generator.dtheta_g),
        metric,
    )
    return dict(zip((*COLUMNS, run.metric), values, strict=True))


def norm(g: Array) -> float:
    """‖g‖, also where g·g is too large for the precision of g."""
    with np.errstate(over="ignore"):
        square = to_host(g @ g)
    return float(
        np.sqrt(square) if np.isfinite(square) else np.linalg.norm(to_host(g).astype("float64"))
    )

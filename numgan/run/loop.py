"""Training with a run folder: saving, stopping and resuming; begin.py starts a run."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from numgan import __version__, checkpoint
from numgan.backend import require
from numgan.data.content import account_text
from numgan.errors import InputError
from numgan.files import write_whole
from numgan.run.build import data_of, networks, restore, snapshot, sums_of_means
from numgan.run.config import Config
from numgan.run.convergence import COLUMNS as PROGRESS
from numgan.run.finite import check_finite, check_row, check_whole
from numgan.run.record import due_count, film, is_due, norm, observed, record_spectrum
from numgan.run.run import COLUMNS, EACH, Run
from numgan.run.schema import check_headers, check_text, check_values
from numgan.signals import interrupts

__all__ = ["EACH", "FILES", "Run", "norm", "proceed", "resume", "save"]

ROWS, METRICS, FRAMES, SAVES = 400, 40, 40, 20  # times that each is due in a run
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
VERSIONS = {"numgan": __version__, "numpy": np.__version__}  # other versions may round differently


def configuration_of(folder: Path) -> Config:
    """The configuration of the run in a folder; from the checkpoint, if the run was killed before
    it wrote config.json.
    """
    try:
        return Config.read(folder / CONFIG)
    except InputError:
        if os.path.lexists(folder / CONFIG) or not os.path.lexists(folder / CHECKPOINT):
            raise
    with checkpoint.reading(folder / CHECKPOINT) as stored:
        return Config.of(stored.about.get("config"), folder / CHECKPOINT)


def lengthened(config: Config, about: dict[str, Any]) -> Config:
    """The configuration with the number of steps in the checkpoint. It differs if an extended run
    was killed before it updated config.json.
    """
    fields = about.get("config")
    if about.get("ends") and isinstance(fields, dict) and "steps" in fields:
        return replace(config, steps=fields["steps"])
    return config


def resume(folder: Path, device: str = "cpu") -> Run:
    """The run in a folder, as it was at its last checkpoint, on this device. A run with noise of
    the GPU can be inspected on the CPU, but not continued.

    Raises InputError unless the folder holds a complete run, before large arrays are made.
    """
    require(device)
    config = configuration_of(folder)
    with checkpoint.reading(folder / CHECKPOINT) as stored:
        about = stored.about
        config = lengthened(config, about)
        if not config.matches(about.get("config")):
            raise InputError(f"{folder}: config.json and checkpoint.npz belong to different runs")
        check_text(stored, config)
        data = data_of(config)
        if not data.same_as(about.get("digest")):
            raise InputError(
                f"{config.data or config.dataset} is not the data that this run was trained on"
            )
        pairs = data.conditional() if config.conditional else data
        G, D = networks(config, data, pairs.dim - data.dim)
        iterations = about["iterations"]
        ends = [tuple(end) for end in about.get("ends", [])]
        due_rows = due_count(iterations, ROWS, [*ends, (iterations, config.steps)])
        table = (due_rows, len(COLUMNS) + 1)
        check_headers(stored, config, data, G, D, table)
        arrays = stored.arrays()
        check_values(stored, arrays)
        if stored.texts["format"] == checkpoint.MEANS:
            arrays |= sums_of_means(config, arrays)
    run = Run(config, folder, data, device)
    restore(run.training, run.there, arrays, about, device)
    run.rows = [tuple(row) for row in arrays["rows"]]
    run.frames, run.frame_steps = list(arrays["frames"]), about["frame_steps"]
    run.spectra = list(arrays.get("spectra", []))
    unknown = np.full((len(run.spectra), len(PROGRESS)), np.nan)  # of a run of before 0.2
    run.progress = list(arrays.get("progress", unknown))
    run.saved = run.training.iterations
    run.changed = about.get("changed", False)
    run.ends, run.by_hand = ends, tuple(about.get("by_hand", (0, 0)))
    run.versions = {name: about[name] for name in VERSIONS if isinstance(about.get(name), str)}
    return run


def save(run: Run) -> None:
    """Write the checkpoint, and then the files that follow from it."""
    assert run.folder is not None
    arrays, about = snapshot(run.training, run.there)
    arrays |= {"rows": np.stack(list(run.columns().values()), 1), "frames": np.array(run.frames)}
    if run.spectra:
        arrays |= {"spectra": np.array(run.spectra), "progress": np.array(run.progress)}
    about |= {
        "config": asdict(run.config),
        "frame_steps": run.frame_steps,
        "digest": run.data.digest,
        **VERSIONS,
        **({"changed": True} if run.changed else {}),
    }
    if run.ends:
        about["ends"] = run.ends
    if any(run.by_hand):
        about["by_hand"] = run.by_hand
    checkpoint.save(run.folder / CHECKPOINT, arrays, about)
    run.saved = run.training.iterations
    complete(run)


def complete(run: Run) -> None:
    """Write the table of numbers, and the configuration if it is missing. The checkpoint holds
    both, so if a run was killed between two files, they are completed when it resumes.
    """
    assert run.folder is not None
    if run.ends or not os.path.exists(run.folder / CONFIG):
        write_whole(run.folder / CONFIG, run.config.json().encode())
    if run.data.account and not os.path.exists(run.folder / READ):
        write_whole(
            run.folder / READ, (account_text(run.data.account) + "\n").encode("utf-8", "replace")
        )
    columns = run.columns()
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns)] + [",".join(f"{value:.9g}" for value in row) for row in rows]
    write_whole(run.folder / TABLE, ("\n".join(lines) + "\n").encode())


def proceed(
    run: Run,
    watch: Callable[[dict[str, float]], Any] = lambda row: None,
    *signals: int,
    until: int | None = None,
) -> bool:
    """Train to the last step, to step `until`, or until Ctrl-C (or one of the named signals); True
    if it reached the step. `watch` is called after each iteration, with the row of numbers, which
    is empty if none was due. A run with a folder is saved there. Raises Diverged; the last good
    checkpoint remains.
    """
    training, steps = run.training, run.config.steps
    until = steps if until is None else until
    with interrupts(*signals) as interrupted:
        while training.iterations < until and not interrupted.is_set():
            watch(iteration(run))
            if run.folder is not None and is_due(training.iterations, SAVES, steps):
                save(run)
        if run.folder is not None and training.iterations > run.saved:
            check_whole(run.training, run.last)
            save(run)
    return training.iterations == until


def iteration(run: Run) -> dict[str, float]:
    """One iteration of Algorithm 1, with its records; the row of numbers, which is empty if none
    was due. Raises Diverged.
    """
    training, steps = run.training, run.config.steps
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        run.last = discriminator, generator = training.iteration()
        row: dict[str, float] = {}
        told, measured, filmed, saved = (
            is_due(training.iterations, times, steps) for times in (ROWS, METRICS, FRAMES, SAVES)
        )
        played = run.config.spectrum and training.iterations % run.config.spectrum == 0
        # on a GPU the check would wait for the device
        if run.device == "cpu" or told or filmed or saved or played:
            check_finite(training, discriminator, generator, whole=told or saved)
        if told:
            row = observed(run, discriminator, generator, measured)
            check_row(training, row)
            run.rows.append(tuple(row.values()))
        if filmed:
            film(run)
        if played:
            record_spectrum(run)
    return row


def extend(run: Run, n: int) -> None:
    """Move the end of a run to n steps from now, if it is earlier. From here on its schedules have
    the new length, except one that was set by hand.
    """
    now = run.training.iterations
    if now + n <= run.config.steps:
        return
    longer = replace(run.config, steps=now + n)
    run.ends.append((now, run.config.steps))
    run.config = longer
    run.schedule()

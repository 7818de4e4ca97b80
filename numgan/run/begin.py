"""The beginning of a run, in a folder or in memory. If it fails, no file is left."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from numgan import checkpoint
from numgan.backend import require
from numgan.data import Dataset
from numgan.data.labels import is_label_file
from numgan.errors import InputError
from numgan.run.build import data_of
from numgan.run.claim import make, take_back
from numgan.run.config import Config
from numgan.run.inmemory import ARRAY, InMemory
from numgan.run.inmemory import TABLE as TABLE_OF_DATA
from numgan.run.loop import CHECKPOINT, FILES, save
from numgan.run.measure import LEAST
from numgan.run.plan import planned
from numgan.run.record import film, record_spectrum
from numgan.run.run import Run


def start(
    config: Config,
    folder: Path | None,
    named: Collection[str] | None = None,
    given: InMemory | None = None,
) -> Run:
    """A new run in an empty folder, or in memory. The fields that the user `named` stay; the data
    may decide the others (plan.py). None means that all fields stay. `given` are data that no file
    holds.

    Raises InputError if the run cannot be made there, and then leaves no file.
    """
    require(config.device)
    if folder is not None:
        check_free(folder, given)
    if config.data is not None and given is None:
        # absolute paths: a run may resume in another working directory
        config = replace(config, data=os.path.abspath(config.data))
        if config.labels is not None and is_label_file(config.labels):
            config = replace(config, labels=os.path.abspath(config.labels))
    data = data_of(config) if given is None else given.dataset(config.dtype, config.choices())
    if data.rows is not None and data.rows < LEAST:
        raise InputError(
            f"{config.data} has {data.rows} rows: expected at least {LEAST}, to measure samples by"
        )
    if named is not None:
        config, data = planned(config, data, named)
    run = Run(config, None, data, config.device, given)
    film(run)
    if config.spectrum:
        record_spectrum(run)
    if folder is not None:
        settle(run, folder)
    return run


def check_free(folder: Path, given: InMemory | None) -> None:
    """Raise InputError if the folder contains a run, or a file whose name the run will use."""
    names = files_of(given)
    if found := [name for name in names if os.path.lexists(folder / name)]:
        raise InputError(
            f"{folder} holds another run ({found[0]}): continue it with --resume, or name another "
            f"folder with --out"
        )


def files_of(given: InMemory | None) -> tuple[str, ...]:
    """The names of the files in a run's folder, the checkpoint last. Data from memory have a file
    too.
    """
    return FILES if given is None else (ARRAY, TABLE_OF_DATA, *FILES)


def settle(run: Run, folder: Path) -> None:
    """Give a run an empty folder, and save it there. If this fails, no file is left.

    The first file is the first checkpoint, which also holds the configuration: without it the
    folder counts as empty, and with it the run can be resumed. Data from memory are written before.
    """
    check_free(folder, run.given)
    before, made = (run.config, run.folder), []  # type: ignore[var-annotated]
    make(folder, made)
    try:
        if run.given is not None:
            run.config = replace(run.config, data=write_data(run, run.given, folder))
        run.folder = folder
        save(run)
    except BaseException:  # Ctrl-C included
        run.folder = folder
        withdraw(run)
        run.config, run.folder = before
        take_back(made)
        raise


def write_data(run: Run, given: InMemory, folder: Path) -> str:
    """Write the session's data into the folder, and return the path. Raises InputError if they have
    changed since the run was trained on them."""
    if not isinstance(given.given, Dataset):
        again = given.dataset(run.config.dtype, run.config.choices())
        if not again.same_as(run.data.digest):
            raise InputError(
                f"{given} has changed since the run began: save a run before its data change, or "
                f"train on a copy"
            )
    return given.write(folder)


def saved_step(run: Run) -> int | None:
    """The step of the checkpoint on the disk, or None if it cannot be read. It is later than
    `run.saved` if saving failed just after the checkpoint was written.
    """
    assert run.folder is not None
    with suppress(InputError, OSError), checkpoint.reading(run.folder / CHECKPOINT) as stored:
        return stored.about.get("iterations")
    return None


def withdraw(run: Run) -> None:
    """Remove the files of a run that failed; the checkpoint last, so that the folder holds a run
    until then.
    """
    assert run.folder is not None
    for name in files_of(run.given):
        with suppress(OSError):
            (run.folder / name).unlink()

"""All runs of a sweep, in one folder, and their outcomes in `sweep.json`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

from numgan import __version__
from numgan.errors import InputError
from numgan.files import write_whole
from numgan.sweeps.cells import Cell, words
from numgan.sweeps.work import CHECKPOINT, Outcome, pack, train, train_elsewhere, unpack

RECORD = "sweep.json"

Done = Callable[[Cell, Outcome], None]


def run_cells(
    cells: Sequence[Cell],
    folder: Path,
    executor: Executor,
    stop: threading.Event,
    told: Done = lambda cell, outcome: None,
) -> dict[str, Outcome]:
    """The outcome of each run, by its name. Runs that the folder's record lists as done are not
    repeated; the others start, or continue from their checkpoints.

    If `stop` is set, no new run starts, and the running ones save and end; so they do where an
    exception ends all. An executor of threads works in the folder itself; any other gets each run
    folder as bytes and sends it back. A run that fails is one failed Outcome: it never ends the
    others.
    """
    done = done_before(folder, cells)
    found = {cell.name: done.get(cell.name, Outcome("stopped", {}, "", 0.0)) for cell in cells}
    write_record(folder, cells, found)
    here = isinstance(executor, ThreadPoolExecutor)
    futures: dict[Future, Cell] = {}
    try:
        for cell in cells:
            if cell.name not in done:
                place = folder / cell.name
                futures[
                    executor.submit(train, words(cell.named), place, stop)
                    if here
                    else executor.submit(
                        train_elsewhere, words(cell.named), pack(place), __version__
                    )
                ] = cell
        waiting = set(futures)
        while waiting and (here or not stop.is_set()):
            ready, waiting = wait(waiting, timeout=0.2, return_when="FIRST_COMPLETED")
            for future in ready:
                cell = futures[future]
                found[cell.name] = result(future, None if here else folder / cell.name)
                write_record(folder, cells, found)
                told(cell, found[cell.name])
    finally:
        stop.set()
        for future in futures:
            future.cancel()
    return found


def result(future: Future, place: Path | None) -> Outcome:
    """The outcome of a future; the run folder that came with it is written to `place`."""
    try:
        value = future.result()
        if place is None:
            return value
        outcome, packed = value
        unpack(packed, place)
        return outcome
    except Exception as error:  # a lost worker, numgan not installed there, a full disk here
        message = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return Outcome("failed", {}, message, 0.0)


def done_before(folder: Path, cells: Sequence[Cell]) -> dict[str, Outcome]:
    """The finished runs in the folder's record. Raises InputError if a run of the same name was
    made with other choices, or by another command.
    """
    found, record = {}, read_record(folder)
    for cell in cells:
        name, run = cell.name, record.get(cell.name)
        if run is None:
            if (folder / name / CHECKPOINT).exists():
                raise InputError(
                    f"{folder}/{name} holds a run of no sweep: name another folder with --out"
                )
            continue
        if run["words"] != words(cell.named):
            raise InputError(
                f"{folder}/{name} was begun with other options: numgan train "
                f"{' '.join(run['words'])}; name another folder with --out"
            )
        if run["status"] == "done":
            found[name] = Outcome("done", run["numbers"], "", run["seconds"])
    return found


def read_record(folder: Path) -> dict[str, dict[str, Any]]:
    """The runs of `sweep.json`, by name; empty if the file is missing. Raises InputError for a file
    that is no such record.
    """
    path = folder / RECORD
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        fields = {"words", "status", "numbers", "says", "seconds"}
        if not all(fields <= run.keys() for run in runs.values()):
            raise ValueError
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{path} is no record of a sweep: move it away, or name another --out"
        ) from None
    return runs


def write_record(folder: Path, cells: Sequence[Cell], found: dict[str, Outcome]) -> None:
    """Write `sweep.json`; runs of an earlier, larger sweep stay in it. Raises InputError where the
    disk refuses.
    """
    runs = {}
    with suppress(InputError):
        runs = read_record(folder)
    for cell in cells:
        runs[cell.name] = {"words": words(cell.named), **found[cell.name]._asdict()}
    text = json.dumps({"numgan": __version__, "runs": runs}, indent=1)
    try:
        write_whole(folder / RECORD, text.encode())
    except InputError as error:
        raise InputError(
            f"{error}; what the runs saved is kept, --resume goes on with it"
        ) from None

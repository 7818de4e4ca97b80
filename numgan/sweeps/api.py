"""`numgan.sweep(…)`: many runs from Python."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from numgan.errors import InputError
from numgan.run.choose import with_data_path
from numgan.run.claim import claimed
from numgan.run.config import Config
from numgan.run.options import fields_by_keyword
from numgan.sweeps.cells import cells as cells_of
from numgan.sweeps.cells import choice_named, read_seeds
from numgan.sweeps.engines import here
from numgan.sweeps.runs import run_cells
from numgan.sweeps.table import check_metric, table


class Runs(list):
    """A list of dicts, one for each run: choices, seed, status, and the final numbers."""

    def frame(self) -> Any:
        """The same as a pandas frame. Raises InputError where pandas is missing."""
        try:
            import pandas
        except ModuleNotFoundError:
            raise InputError("a frame needs pandas: pip install pandas") from None
        return pandas.DataFrame(list(self))


def sweep(
    dataset: str | Path,
    over: Mapping[str, Sequence[Any]] | None = None,
    seeds: int | Iterable[int] = 1,
    out: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    by: str | None = None,
    **choices: Any,
) -> Runs:
    """Train for every combination of `over` and every seed; the best combination comes first.

    Runs are done by `jobs` processes here, or by any executor of concurrent.futures. They are plain
    run folders below `out`, where a second call goes on with what is missing; without `out` they
    are deleted at the end. Choices are the options of `numgan train`. Raises InputError for a
    configuration that cannot be, before any run begins.

    >>> runs = sweep("ring", {"k": [1, 2]}, steps=2, batch=8, hidden=(4,))
    >>> sorted((run["k"], run["status"]) for run in runs)
    [('1', 'done'), ('2', 'done')]
    """
    if not isinstance(dataset, (str, os.PathLike)):
        raise InputError("a sweep trains on the name of a data set, or on a path of yours")
    if isinstance(seeds, (bool, str)) or not isinstance(seeds, (int, Iterable)):
        raise InputError(f"seeds is how many, or which, got {seeds!r}")
    if "seed" in choices:
        raise InputError(f"seed is one of seeds: write seeds=[{choices['seed']}]")
    count_or_list = str(seeds) if isinstance(seeds, int) else ",".join(map(str, seeds)) + ","
    named = fields_by_keyword(Config, {"dataset": os.fspath(dataset), **choices})
    grid = [(choice_named(name), values) for name, values in (over or {}).items()]
    todo = cells_of(with_data_path(named), grid, read_seeds(count_or_list))
    with (
        tempfile.TemporaryDirectory() if out is None else nullcontext(out) as place,
        claimed(Path(place), "sweep") as folder,
        here(jobs) if executor is None else nullcontext(executor) as engine,
    ):
        outcomes = run_cells(
            todo, folder, engine, threading.Event(), lambda _, outcome: check_metric(by, outcome)
        )
    return Runs(table(todo, outcomes, by).dicts())

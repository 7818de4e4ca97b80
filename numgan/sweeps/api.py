"""`numgan.sweep(…)`: many runs from Python."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from numgan.errors import InputError
from numgan.run.claim import claimed
from numgan.sweeps.cells import cells as cells_of
from numgan.sweeps.cells import read_seeds
from numgan.sweeps.engines import here
from numgan.sweeps.runs import run_cells
from numgan.sweeps.table import table


class Runs(list):
    """A list of dicts, one for each run: choices, seed, status, and the final numbers."""

    def frame(self) -> Any:
        """The same as a pandas frame."""
        import pandas

        return pandas.DataFrame(self)


def sweep(
    dataset: str,
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
    if isinstance(seeds, bool) or not isinstance(seeds, (int, Iterable)):
        raise InputError(f"seeds is how many, or which, got {seeds!r}")
    chosen = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not chosen:
        raise InputError(f"seeds must be at least one, got {seeds!r}")
    read_seeds(",".join(map(str, chosen)) + ",")
    unknown = {**choices, "dataset": dataset}
    todo = cells_of(unknown, list((over or {}).items()), chosen)
    with (
        tempfile.TemporaryDirectory() if out is None else nullcontext(out) as place,
        claimed(Path(place), dataset) as folder,
        here(jobs) if executor is None else nullcontext(executor) as engine,
    ):
        stop = threading.Event()
        try:
            outcomes = run_cells(todo, folder, engine, stop)
        except KeyboardInterrupt:
            stop.set()  # running trainings save, and the executor ends after them
            raise
    return Runs(table(todo, outcomes, by).dicts())

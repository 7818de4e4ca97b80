"""Train with many seeds, and over a grid of choices; every run is a plain run folder.

    numgan sweep ring --over objective=minimax,hinge --over lr=1e-3,3e-4 --seeds 5

Writes sweep.json, table.csv, samples.png, curves.png and index.html beside the runs. --resume
finishes what is missing; with more seeds or values it adds them.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager
from pathlib import Path

from numgan.errors import InputError
from numgan.files import nonempty_path, write_whole
from numgan.progress import Progress
from numgan.run.choose import with_data_path
from numgan.run.claim import claimed
from numgan.run.config import Config
from numgan.run.options import add_fields
from numgan.run.train_command import add_seeds, named_fields
from numgan.signals import interrupts
from numgan.streams import complain
from numgan.sweeps import engines
from numgan.sweeps.cells import Cell, cells, read_over, read_seeds
from numgan.sweeps.page import page
from numgan.sweeps.pictures import MOST_SEEDS, curves_picture, samples_picture
from numgan.sweeps.runs import RECORD, run_cells
from numgan.sweeps.table import Table, check_metric, table
from numgan.sweeps.work import Outcome

FILES = ("table.csv", "samples.png", "curves.png", "index.html")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan train` that a run may have, and those of the sweep."""
    add_fields(parser, Config, "dataset")
    add_seeds(parser)
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="OPTION=VALUES",
        help="an option and its values, as objective=minimax,hinge; several make a grid",
    )
    parser.add_argument("--sample", type=int, metavar="N", help="only N combinations, at random")
    parser.add_argument("--by", metavar="METRIC", help="the metric that the table is sorted by")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler, as tcp://host:8786")
    parser.add_argument(
        "--mpi", action="store_true", help="the ranks of `mpiexec … -m mpi4py.futures -m numgan`"
    )
    parser.add_argument(
        "--out", type=nonempty_path, metavar="FOLDER", help="where (default runs/sweep-DATASET)"
    )
    parser.add_argument("--resume", action="store_true", help="finish the sweep in --out")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no table")
    parser.add_argument("--json", action="store_true", help="print the runs as JSON")
    parser.set_defaults(epochs=None)  # of `numgan train` alone


def run(options: Namespace) -> int:
    """Train all runs, and show the results. Returns 0 if all are done, 1 if one failed, 130 if the
    user stopped.
    """
    todo, name = asked(options)
    with claimed(options.out, name) as folder:
        check_folder(folder, options.resume)
        with engine(options) as executor, interrupts() as stop:
            with Progress(len(todo), "run", quiet=options.quiet) as bar:

                def told(cell: Cell, outcome: Outcome) -> None:
                    bar.advance(cell.name)
                    if outcome.says and outcome.status != "stopped":
                        complain(f"{cell.name}: {outcome.status}: {outcome.says}")
                    check_metric(options.by, outcome)

                outcomes = run_cells(todo, folder, executor, stop, told)
        found = table(todo, outcomes, options.by)
        show(found, options)
        again = f"the same command, --out {folder} --resume"
        try:
            files = write(found, todo, folder)
        except KeyboardInterrupt:
            complain(f"interrupted while drawing; the runs are kept, and drawn by {again}")
            return 130
    if not (options.quiet or options.json):
        print("\nwritten: " + ", ".join(map(str, files)))
    return status([outcome.status for outcome in outcomes.values()], again)


def asked(options: Namespace) -> tuple[list[Cell], str]:
    """The runs that the options describe, and the usual name of their folder. Raises InputError for
    options that do not go together.
    """
    named = with_data_path(named_fields(options))
    elsewhere = options.cluster is not None or options.mpi
    if "seed" in named and options.seeds is not None:
        raise InputError("--seed and --seeds both say which seeds: leave one of them out")
    if options.epochs is not None:
        raise InputError("--epochs is for one run: with --seeds say --steps")
    if options.cluster is not None and options.mpi:
        raise InputError("--cluster and --mpi both say where: leave one of them out")
    if options.jobs is not None and elsewhere:
        raise InputError("--jobs is of this machine: leave it out with --cluster or --mpi")
    if "dataset" not in named:
        if "data" not in named:
            raise InputError("name a data set, as in numgan sweep ring --seeds 5")
        named["dataset"] = "file"
    if options.resume and options.out is None:
        raise InputError("--resume needs --out FOLDER, the sweep to finish")
    seeds = [named.get("seed", 0)] if options.seeds is None else read_seeds(options.seeds)
    over = [read_over(text) for text in options.over]
    name = f"sweep-{named['dataset']}" if over else named["dataset"]
    return cells(named, over, seeds, options.sample), name


def check_folder(folder: Path, again: bool) -> None:
    """Raise InputError unless the folder holds the sweep that goes on `again`, or, for a new one,
    no file of a sweep or a run.
    """
    if (folder / RECORD).exists():
        if not again:
            raise InputError(
                f"{folder} holds a sweep: finish it with --resume, or name another --out"
            )
    elif taken := [name for name in (*FILES, "config.json") if os.path.lexists(folder / name)]:
        raise InputError(
            f"{folder} holds {taken[0]}, which is of no sweep: name another folder with --out"
        )
    elif again:
        raise InputError(f"{folder} holds no sweep: leave --resume out to begin one there")


def engine(options: Namespace) -> AbstractContextManager:
    """The executor of the runs."""
    if options.cluster is not None:
        return engines.cluster(options.cluster)
    return engines.mpi() if options.mpi else engines.here(options.jobs)


def write(found: Table, todo: list[Cell], folder: Path) -> list[Path]:
    """Write the table and the pictures into the sweep's folder."""
    samples, curves = samples_picture(todo, folder), curves_picture(todo, folder)
    seeds = len({cell.seed for cell in todo})
    title = f"{todo[0].named['dataset']}: {seeds} seed{'s' * (seeds > 1)}"
    captions = ["Samples.", "While training: a line a seed."]
    if len(found.rows) > 1:
        title += f", {len(found.rows)} combinations"
        first = f", the first {MOST_SEEDS} of {seeds}" * (seeds > MOST_SEEDS)
        captions = [
            f"Samples: a line a combination, a column a seed{first}.",
            "While training: a panel a combination, a line a seed.",
        ]
    pictures = dict(zip(captions, (samples, curves), strict=True))
    html = page(found, title, ["numgan", *sys.argv[1:]], pictures)
    contents = [found.csv().encode(), samples, curves, html.encode()]
    for name, content in zip(FILES, contents, strict=True):
        write_whole(folder / name, content)
    return [folder / name for name in FILES]


def show(found: Table, options: Namespace) -> None:
    """Print the table or the JSON, in which nan is null."""
    if options.json:
        runs = [{k: None if v != v else v for k, v in run.items()} for run in found.dicts()]
        print(json.dumps(runs))
    elif not options.quiet:
        print(found.text(), flush=True)


def status(states: list[str], again: str) -> int:
    """The exit status for these runs, and a line if some are missing."""
    if "stopped" in states:
        complain(f"interrupted; finish it with {again}")
        return 130
    if failed := states.count("failed"):
        complain(f"{failed} of {len(states)} runs failed, the others are kept; go on with {again}")
    return 0 if set(states) == {"done"} else 1

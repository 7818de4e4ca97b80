"""Train with many seeds, and over a grid of choices; every run is a plain run folder.

    numgan sweep ring --over objective=minimax,hinge --over lr=1e-3,3e-4 --seeds 5

Writes sweep.json, table.csv, samples.png, curves.png and index.html beside the runs. --resume
finishes what is missing; with more seeds or values it adds them.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager
from pathlib import Path

from numgan.errors import InputError
from numgan.files import nonempty_path, write_whole
from numgan.progress import Progress
from numgan.run.claim import claimed
from numgan.run.config import Config
from numgan.run.options import add_fields
from numgan.run.train_command import add_seeds, named_fields
from numgan.signals import interrupts
from numgan.streams import complain
from numgan.sweeps import engines
from numgan.sweeps.cells import Cell, cells, read_over, read_seeds
from numgan.sweeps.page import page
from numgan.sweeps.pictures import curves_picture, samples_picture
from numgan.sweeps.runs import RECORD, run_cells
from numgan.sweeps.table import Table, table
from numgan.sweeps.work import Outcome


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


def run(options: Namespace) -> int:
    """Train all runs, and show the results. Returns 0 if all are done, 1 if one failed, 130 if the
    user stopped.
    """
    named = named_fields(options)
    if "seed" in named and options.seeds:
        raise InputError("--seed and --seeds both say which seeds: leave one of them out")
    if getattr(options, "epochs", None) is not None:
        raise InputError("--epochs is for one run: with --seeds say --steps")
    if getattr(options, "cluster", None) and options.mpi:
        raise InputError("--cluster and --mpi both say where: leave one of them out")
    if "dataset" not in named:
        if "data" not in named:
            raise InputError("name a data set, as in numgan sweep ring --seeds 5")
        named["dataset"] = "file"
    if options.resume and options.out is None:
        raise InputError("--resume needs --out FOLDER, the sweep to finish")
    seeds = read_seeds(options.seeds) if options.seeds else [named.get("seed", 0)]
    over = [read_over(text) for text in getattr(options, "over", [])]
    todo = cells(named, over, seeds, getattr(options, "sample", None))
    name = f"sweep-{named['dataset']}" if over else named["dataset"]
    with claimed(options.out, name) as folder:
        if not options.resume and (folder / RECORD).exists():
            raise InputError(
                f"{folder} holds a sweep: finish it with --resume, or name another --out"
            )
        if (folder / "config.json").exists():
            raise InputError(f"{folder} holds a single run: name another folder with --out")
        with engine(options) as executor, interrupts() as stop:
            with Progress(len(todo), "run", quiet=options.quiet) as bar:

                def told(cell: Cell, outcome: Outcome) -> None:
                    bar.advance(cell.name)
                    if outcome.says and outcome.status != "stopped":
                        complain(f"{cell.name}: {outcome.status}: {outcome.says}")

                outcomes = run_cells(todo, folder, executor, stop, told)
        found = table(todo, outcomes, getattr(options, "by", None))
        files = write(found, todo, folder)
    return tell(found, outcomes, files, options)


def engine(options: Namespace) -> AbstractContextManager:
    """The executor of the runs."""
    if getattr(options, "cluster", None):
        return engines.cluster(options.cluster)
    return engines.mpi() if getattr(options, "mpi", False) else engines.here(options.jobs)


def write(found: Table, todo: list[Cell], folder: Path) -> list[Path]:
    """Write the table and the pictures into the sweep's folder."""
    samples, curves = samples_picture(todo, folder), curves_picture(todo, folder)
    captions = {
        "Samples of every run: a line a combination, a column a seed.": samples,
        f"{found.by} while training: a panel a combination, a line a seed.": curves,
    }
    title = f"{todo[0].named['dataset']}: {len(found.rows)} × {len({c.seed for c in todo})} runs"
    html = page(found, title, ["numgan", *sys.argv[1:]], captions)
    contents = {
        "table.csv": found.csv().encode(),
        "samples.png": samples,
        "curves.png": curves,
        "index.html": html.encode(),
    }
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def tell(found: Table, outcomes: dict[str, Outcome], files: list[Path], options: Namespace) -> int:
    """Print the table or the JSON, and return the exit status."""
    if options.json:
        print(json.dumps(found.dicts()))
    elif not options.quiet:
        print(found.text())
        print("\nwritten: " + ", ".join(map(str, files)))
    states = [outcome.status for outcome in outcomes.values()]
    again = f"the same command, --out {files[0].parent} --resume"
    if "stopped" in states:
        complain(f"interrupted; finish it with {again}")
        return 130
    if failed := states.count("failed"):
        complain(f"{failed} of {len(states)} runs failed, the others are kept; go on with {again}")
    return 0 if set(states) == {"done"} else 1

"""Train a generator against a discriminator by Algorithm 1, every gradient derived by hand.

Writes a run folder: config.json, metrics.csv, checkpoint.npz, samples.png, training.png,
training.gif; of your own data data.txt, how they were read.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from pathlib import Path

from numgan.backend import keep_memory
from numgan.data.content import account_text
from numgan.errors import InputError
from numgan.files import nonempty_path, writable
from numgan.progress import Progress
from numgan.run import choose
from numgan.run.begin import saved_step, start, withdraw
from numgan.run.claim import claimed, held
from numgan.run.config import DEVICE, Config
from numgan.run.convergence import measure_convergence
from numgan.run.finite import Diverged
from numgan.run.folders import run_folder
from numgan.run.loop import FILES, VERSIONS, Run, complete, configuration_of, proceed, resume
from numgan.run.options import add_fields, flag
from numgan.run.picture import draw
from numgan.run.summary import summarize
from numgan.run.threads import check_threads, chosen
from numgan.run.watch import watcher
from numgan.streams import complain


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of `numgan train`. The data set's preset replaces missing options."""
    add_fields(parser, Config, "dataset")
    parser.add_argument(
        "--epochs", type=float, metavar="E", help="how often D sees every row, in place of --steps"
    )
    add_seeds(parser)
    parser.add_argument(
        "--out", type=nonempty_path, metavar="FOLDER", help="the run folder (default runs/DATASET)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the run in --out, bit for bit"
    )
    parser.add_argument(
        "--parallel", action="store_true", help="one run on all ranks of `mpiexec -n R numgan …`"
    )
    parser.add_argument(
        "--sync",
        action="store_true",
        help="with --parallel: batch norm and relativistic means over the rows of all ranks",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="of matrix products, or those that share images (default: 1 where products are small, "
        "else what BLAS chooses; for images the cores, up to 4)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no table")
    parser.add_argument("--json", action="store_true", help="print the final numbers as JSON")
    # of `numgan sweep` alone, which --seeds calls
    parser.set_defaults(over=[], sample=None, by=None, cluster=None, mpi=False)


def add_seeds(parser: ArgumentParser) -> None:
    """Add the options of many runs, which `numgan sweep` has too."""
    parser.add_argument(
        "--seeds", metavar="N", help="how many seeds, as 10, or which, as 3,5,8: a run for each"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="with --seeds: processes at a time (default: cores)"
    )


def named_fields(options: Namespace) -> dict:
    """The fields of a configuration that the user named."""
    return {
        f.name: getattr(options, f.name)
        for f in fields(Config)
        if getattr(options, f.name, None) is not None
    }


def configuration(options: Namespace) -> Config:
    """The configuration of the options."""
    return choose.configuration(named_fields(options), options.epochs)


def check_continued(options: Namespace) -> str:
    """The device on which the run in --out continues. Raises InputError if the folder holds no run,
    or if the options describe another configuration.
    """
    if options.out is None:
        raise InputError("--resume needs --out FOLDER, the run to continue")
    options.out = run_folder(options.out)
    config = configuration_of(options.out)
    named = choose.with_data_path(named_fields(options))
    if options.epochs is not None:
        named["steps"] = choose.in_steps(options.epochs, named, config)
    for name, value in named.items():
        before = getattr(config, name)
        if (
            name == "device"
            or before == value
            or (name in ("data", "labels") and same_path(before, value))
        ):
            continue
        why = f"; the schedule of this run ends at step {before}" if name == "steps" else ""
        raise InputError(
            f"cannot resume {options.out} with another configuration: {flag(name)} was {before!r}, "
            f"got {value!r}{why}"
        )
    device = config.device if options.device is None else options.device
    DEVICE.check("--device", device)
    if config.noise == "device" and device != config.device:
        raise InputError(
            f"cannot resume {options.out} on {device}: its random numbers are those "
            f"of {config.device}"
        )
    return device


def same_path(before: str | None, now: str) -> bool:
    """True if both texts name the same path; the run's own is absolute."""
    return before is not None and os.path.abspath(before) == os.path.abspath(now)


def run(options: Namespace) -> int:
    """Train, draw and print in a folder that no other process trains in.
    Returns the exit status."""
    if options.sync and not options.parallel:
        raise InputError("--sync says how --parallel couples rows: add --parallel")
    if options.parallel and options.seeds is not None:
        raise InputError("--parallel is one run on all ranks, --seeds are many: leave one out")
    if options.jobs is not None and options.seeds is None:
        raise InputError("--jobs is how many runs at a time: add --seeds, as in --seeds 10")
    if options.seeds is not None:
        from numgan.sweeps.command import run as run_sweep

        return run_sweep(options)
    if options.parallel:
        from numgan.run.parallel import run_on_ranks

        return run_on_ranks(options, run_here)
    return run_here(options)


def run_here(options: Namespace) -> int:
    """The same in this process, or on rank 0."""
    check_threads(options.threads)
    keep_memory()
    if options.resume:
        device = check_continued(options)
        with held(options.out):
            training = resume(options.out, device)
            check_writable(options.out)
            complete(training)
            tell_versions(training)
            return carry_out(training, options)
    config = configuration(options)
    with claimed(options.out, config.dataset) as folder:
        check_writable(folder)
        named = {*named_fields(options), *(["steps"] if options.epochs is not None else [])}
        training = start(config, folder, named)
        for remark in choose.remarks(config):
            complain(remark)
        if training.data.account and not (options.quiet or options.json):
            print(account_text(training.data.account), flush=True)
        return carry_out(training, options)


def check_writable(folder: Path) -> None:
    """Raise InputError before the training if a file of the run could not be written at its end."""
    for name in FILES:
        writable(folder / name)


def tell_versions(training: Run) -> None:
    """Warn if the run was saved by other versions, whose numbers may differ in the last bits."""
    before = {
        name: version for name, version in training.versions.items() if version != VERSIONS[name]
    }
    if before:
        was, now = (
            ", ".join(f"{name} {versions[name][:20]}" for name in before)
            for versions in (before, VERSIONS)
        )
        complain(
            f"this run was saved by {was}, and goes on with {now}: its numbers may differ in their "
            f"last bits "
            f"from those of one that was not stopped"
        )


def carry_out(training: Run, options: Namespace) -> int:
    """Train under a progress bar, draw and print. Returns the exit status."""
    threads = chosen(training.training, options.threads)
    if options.parallel and options.threads is None:
        threads = threads._replace(images=1)  # the ranks have the cores
    if not (options.quiet or options.json):
        print(threads, flush=True)
    with (
        threads.limited(),
        ranks_of(training, options),
        Progress(training.config.steps, "step", training.training.iterations, options.quiet) as bar,
    ):
        return finish(training, options, bar)


def ranks_of(training: Run, options: Namespace) -> AbstractContextManager[None]:
    """The context in which the other ranks take part; an empty one in a single process."""
    if not options.parallel:
        return nullcontext()
    from numgan.run.parallel import leading

    return leading(training, options)


def finish(training: Run, options: Namespace, bar: Progress) -> int:
    """Train to the end, draw, measure and print. Returns the exit status."""
    try:
        finished = proceed(training, watcher(training, bar))
    except Diverged as failure:
        bar.close()
        complain(
            f"{failure}; the last good checkpoint, of step {training.saved}, is in "
            f"{training.folder}; "
            "try a smaller --lr"
        )
        return 1
    except (InputError, MemoryError) as error:
        # nothing is lost: --out is free for a new run
        if not options.resume and saved_step(training) == 0:
            withdraw(training)
        elif isinstance(error, InputError):
            raise InputError(
                f"{error}; what was saved, up to step {training.saved}, goes on with --resume"
            ) from None
        raise
    if not finished:
        elsewhere = (
            "" if training.device == training.config.device else f" --device {training.device}"
        )
        bar.close()
        complain(
            f"interrupted after step {training.training.iterations}; continue with: "
            f"numgan train --out {training.folder} --resume{elsewhere}"
        )
        return 130
    try:
        bar.say("drawing")
        files = draw(training)
        bar.say("measuring")
        summary = summarize(training)
        told = measure_convergence(training) if training.config.spectrum else None
    except KeyboardInterrupt:
        bar.close()
        complain(
            f"interrupted while drawing; the run is whole, and drawn by: "
            f"numgan train --out {training.folder} --resume"
        )
        return 130
    bar.close()
    if doubt := summary.doubt():
        complain(doubt)
    if options.json:
        more = {} if told is None else told.json()
        print(json.dumps(summary.json() | more | {"folder": str(training.folder)}))
    elif not options.quiet:
        if told is not None:
            print(f"{told}\n")
        print(f"{summary}\n\nwritten: {', '.join(str(path) for path in files)}")
    return 0

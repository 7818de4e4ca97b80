"""Check every gradient of numgan by four independent means, or those of your own code.

Without a target: all layers, networks, objectives, games, optimizers and the training loop. Exit
status 0: all passed; 1: something failed; 2: bad input; 3: nothing failed, but something could not
be judged.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from numgan.backend import DEVICES, require
from numgan.check.subjects.rules import RULES
from numgan.errors import InputError
from numgan.files import nonempty_path, writable, write_whole
from numgan.names import canonical
from numgan.run.config import DEVICE

if TYPE_CHECKING:
    from numgan.check.report import Report


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan check`."""
    parser.add_argument(
        "target",
        nargs="?",
        metavar="MODULE:NAME",
        help="your own code, as in my_module:NAME or my_file.py:NAME: a layer, also as MyLayer(3, "
        "2); a function that "
        "returns (value, gradient), or that has its gradient beside it as dNAME; an "
        "Objective, a Relativistic, a "
        "Penalty, an Optimizer, a Network or a Game, or make_it() that returns one",
    )
    parser.add_argument(
        "--input-shape",
        nargs="+",
        type=shape,
        metavar="SHAPE",
        default=[],
        help="as in 4,3: the shape of a layer's batch, or of each of a function's arguments; the "
        "other kinds take none",
    )
    parser.add_argument(
        "--rule",
        metavar="RULE",
        type=lambda text: canonical(text, [*RULES, "none"]),
        help="what your optimizer computes, sgd, momentum, nesterov, rmsprop or adam, where its "
        "class is not named so; "
        "or none",
    )
    parser.add_argument(
        "--only",
        metavar="PATTERN",
        help="only what has this in its name; * and ? stand for anything",
    )
    every = "every objective with every penalty on every architecture: minutes"
    parser.add_argument("--thorough", action="store_true", help=every)
    where = (
        f"where layers compute, {' or '.join(DEVICES)}: on cuda layers, networks and games alone; "
        f"it takes minutes"
    )
    parser.add_argument("--device", type=DEVICE.read, metavar="NAME", default="cpu", help=where)
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the points and directions (default 0)"
    )
    parser.add_argument(
        "--full", action="store_true", help="one line for each parameter and method"
    )
    parser.add_argument(
        "--json", type=nonempty_path, metavar="FILE", help="write everything that was found to FILE"
    )
    parser.add_argument(
        "--html",
        type=nonempty_path,
        metavar="FILE",
        help="write a page with a picture of each error to FILE",
    )
    parser.add_argument(
        "--junit", type=nonempty_path, metavar="FILE", help="write JUnit XML to FILE"
    )
    parser.add_argument(
        "--github",
        action="store_true",
        help="print what failed as GitHub's annotations too, with file and line",
    )
    parser.add_argument(
        "--exercise",
        nargs="?",
        type=int,
        const=0,
        metavar="N",
        help="show code with a mistake in it, for you to find; without N, list all of them",
    )
    parser.add_argument(
        "--solution", action="store_true", help="what the checker says of the exercise, and why"
    )


def shape(text: str) -> tuple[int, ...]:
    """4,3 → (4, 3)"""
    try:
        sizes = tuple(int(size) for size in text.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise ArgumentTypeError(f"must be sizes like 4,3, got {text!r}")
    return sizes


def run(args: Namespace) -> int:
    """Run the check that the options name, and print its report. Returns the exit status."""
    if args.seed < 0:
        raise InputError(f"--seed must be a whole number of at least 0, got {args.seed}")
    if args.exercise is not None or args.solution:
        return exercise(args)
    require_files(args)
    if args.target is None and args.input_shape:
        raise InputError(
            "--input-shape goes with code of your own: numgan check MODULE:NAME --input-shape 4,3"
        )
    if args.target is None and args.rule is not None:
        raise InputError(
            "--rule goes with an optimizer of your own: numgan check MODULE:NAME --rule adam"
        )
    if args.target is not None and (args.only is not None or args.thorough or args.device != "cpu"):
        raise InputError(
            "--only, --thorough and --device are for numgan's own checks: each does "
            "not go with a target"
        )
    require(args.device)
    return check_user(args) if args.target is not None else check_numgan(args)


def check_user(args: Namespace) -> int:
    """Check the user's code and print the report in full. Returns the exit status."""
    from numgan.check.report import full_table
    from numgan.check.user import check_target

    report = check_target(args.target, args.input_shape, args.seed, args.rule)
    print(full_table(report.findings))
    print(f"\n{report}")
    write(args, report)
    return report.status


def check_numgan(args: Namespace) -> int:
    """Run the suite under a progress bar; print the table, the failures and the worst errors."""
    from time import perf_counter

    from numgan.check.report import Report, full_table, table
    from numgan.check.suite import suite
    from numgan.progress import Progress

    start, findings, subjects = perf_counter(), [], suite(args.only, args.thorough, args.device)
    with Progress(len(subjects), "object") as bar:
        for subject in subjects:
            findings += subject.findings(seed=args.seed)
            bar.advance(subject.name)
    report = Report(findings)
    print((full_table if args.full else table)(findings))
    print(f"\n{report}")
    worst = {
        method: f"{report.worst(column):.1e}"
        for method, column in (
            ("complex step", "E48"),
            ("R-passes", "R E48"),
            ("central difference", "E47"),
        )
    }
    errors = ", ".join(f"{method} {error}" for method, error in worst.items())
    print(f"worst relative error: {errors}; {perf_counter() - start:.1f} s")
    write(args, report)
    return report.status


def exercise(args: Namespace) -> int:
    """List the exercises, show one, or show its solution. Returns the exit status."""
    from numgan.check.exercises import EXERCISES, listing, question, solution

    if args.exercise is None:
        raise InputError("--solution goes with --exercise N")
    if args.target is not None:
        raise InputError("an exercise is code of numgan's own; it does not go with a target")
    if args.github or files(args):
        raise InputError("--json, --html, --junit and --github go with a check, not an exercise")
    if args.exercise == 0 and not args.solution:
        print(listing())
        return 0
    if not 1 <= args.exercise <= len(EXERCISES):
        raise InputError(f"there are exercises 1 to {len(EXERCISES)}, got {args.exercise}")
    text = solution if args.solution else question
    print(text(args.exercise, args.seed))
    return 0


def files(args: Namespace) -> dict[str, Path]:
    """The files to write, by their options."""
    named = {"--json": args.json, "--html": args.html, "--junit": args.junit}
    return {option: path for option, path in named.items() if path is not None}


def require_files(args: Namespace) -> None:
    """Raise InputError unless every file can be written, each under a name of its own."""
    options: dict[str, str] = {}
    for option, path in files(args).items():
        writable(path)
        other = options.setdefault(os.path.realpath(path), option)
        if other != option and (path.is_file() or not path.exists()):  # two may share a device
            raise InputError(f"{other} and {option} both name {path}: expected two files")


def write(args: Namespace, report: Report) -> None:
    """Print the annotations and write the files that were asked for."""
    from numgan import __version__

    name = "numgan check" + (f" {args.target}" if args.target else "")
    if args.github:
        from numgan.check.ci import github

        print(github(report), end="")
    if args.json is not None:
        text = report.json(numgan=__version__, seed=args.seed, target=args.target)
        save(args.json, text)
    if args.html is not None:
        from numgan.check.page import page

        save(args.html, page(report, name))
    if args.junit is not None:
        from numgan.check.ci import junit

        save(args.junit, junit(report, name))


def save(path: Path, text: str) -> None:
    """Write the text as UTF-8; the name of a file may be none, and is told with backslashes."""
    write_whole(path, text.encode(errors="backslashreplace"))

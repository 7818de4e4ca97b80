"""Train a generator against a discriminator by Algorithm 1, every gradient derived by hand.

Writes a run folder: config.json, metrics.csv, checkpoint.npz, samples.png, training.png,
training.gif; of your own data data.txt, how they were read.
"""

from __future__ import annotations

import json
import os
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import fields, replace
from math import ceil
from pathlib import Path

from numgan.backend import keep_memory
from numgan.data import DATASETS, dataset
from numgan.data.content import account_text
from numgan.errors import InputError
from numgan.files import nonempty_path, writable
from numgan.progress import Progress
from numgan.run.build import penalty
from numgan.run.claim import claimed, held
from numgan.run.config import DEVICE, Config
from numgan.run.finite import Diverged
from numgan.run.folders import run_folder
from numgan.run.loop import (
    FILES,
    VERSIONS,
    Run,
    complete,
    configuration_of,
    fitted,
    proceed,
    resume,
    start,
    withdraw,
)
from numgan.run.options import Real, add_fields, flag
from numgan.run.picture import draw
from numgan.run.presets import preset
from numgan.run.summary import summarize
from numgan.streams import complain


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan train`. What is not given comes from the data set's preset."""
    add_fields(parser, Config, "dataset")
    parser.add_argument(
        "--epochs", type=float, metavar="E", help="how often D sees every row, in place of --steps"
    )
    parser.add_argument(
        "--out", type=nonempty_path, metavar="FOLDER", help="the run folder (default runs/DATASET)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the run in --out, bit for bit"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no table")
    parser.add_argument("--json", action="store_true", help="print the final numbers as JSON")


def given(options: Namespace) -> dict:
    """The fields of a configuration that the user named, as a configuration has them: of no penalty
    None.
    """
    named = {
        f.name: getattr(options, f.name)
        for f in fields(Config)
        if getattr(options, f.name, None) is not None
    }
    if is_path(named.get("dataset")):
        if "data" in named:
            raise InputError(
                f"your own data are given twice: {named['dataset']!r} and --data {named['data']!r}"
            )
        named |= {"dataset": "file", "data": named["dataset"]}
    return {
        name: None if name in ("penalty", "cost") and value == "none" else value
        for name, value in named.items()
    }


def is_path(text: str | None) -> bool:
    """True for a place of data in the place of a data set's name: something that exists, or has the
    look of a file.
    """
    if not text or text in DATASETS:
        return False
    return (
        os.path.exists(text) or os.path.basename(text) != text or bool(re.search(r"\.\w+$", text))
    )


def configuration(options: Namespace) -> Config:
    """The preset of the data set, with what the user named on top."""
    named = given(options)
    name = named.setdefault("dataset", "file" if "data" in named else None)
    if name is None:
        raise InputError(f"name a data set, one of {', '.join(DATASETS)}, or give --data FILE")
    config = Config(**{**preset(name, named), **named})
    if config.arch == "dcgan" and (fixed := named.keys() & {"activation", "activation_d"}):
        raise InputError(f"--arch dcgan has activations of its own: leave {flag(fixed.pop())} out")
    return config if options.epochs is None else replace(config, steps=in_steps(options, config))


def in_steps(options: Namespace, config: Config) -> int:
    """The iterations in which D, taking k·m rows in each, has seen R rows --epochs times:
    ⌈E·R/(k·m)⌉. Raises InputError for data without an end, or where --steps says the length as
    well."""
    if options.steps is not None:
        raise InputError("--epochs and --steps both say how long: leave one of them out")
    Real(0, strict=True).check("--epochs", options.epochs)
    data = dataset(config.dataset, config.dtype, config.data, config.choices())
    if data.rows is None:
        raise InputError(
            f"--epochs is for data that end: {config.dataset!r} is drawn afresh, so say --steps N"
        )
    batch = config.batch if options.batch else fitted(config, data)[0].batch
    return max(1, ceil(options.epochs * data.rows / (config.k * batch)))


def remarks(config: Config) -> list[str]:
    """What can be trained, but is hardly what was meant."""
    wasserstein = config.objective == "wasserstein"
    told = []
    if wasserstein and config.penalty is None and config.clip is None:
        told.append(
            "wasserstein wants a D with bounded slope: add --penalty wgan-gp, or --clip 0.01"
        )
    if config.clip is not None and not wasserstein:
        told.append(
            f"--clip is for wasserstein: {config.objective} plays with the weights of D "
            f"clipped all the same"
        )
    if (q := laziness(config)) >= 2:
        plain = config.optimizer == "sgd"
        own = "" if plain else f"; {config.optimizer}'s steps are not plain, their limit is another"
        told.append(
            f"ηγn = {q:.3g} for D's first η, its penalty's γ and n = {config.every}: on the "
            f"Dirac-GAN plain gradient steps diverge from 2 on (E56){own}"
        )
    return told


def laziness(config: Config) -> float:
    """ηγn of E56: D's first step, the damping of its penalties on the Dirac-GAN, and n."""
    R = penalty(config)
    h = config.lr if config.lr_d is None else config.lr_d
    return h * config.every * sum(part.damping for part in (R.parts if R else ()))


def check_continued(options: Namespace) -> str:
    """The device on which the run in --out goes on. Raises InputError where there is none, or where
    the user asks for another configuration than it has."""
    if options.out is None:
        raise InputError("--resume needs --out FOLDER, the run to continue")
    options.out = run_folder(options.out)
    config = configuration_of(options.out)
    named = given(options)
    if options.epochs is not None:
        named["steps"] = in_steps(options, config)
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
    """True for two ways of naming one place; a run's own is absolute."""
    return before is not None and os.path.abspath(before) == os.path.abspath(now)


def run(options: Namespace) -> int:
    """Train, then draw and tell, in a folder that no other process trains in. Returns the exit
    status.
    """
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
    for remark in remarks(config):
        complain(remark)
    with claimed(options.out, config.dataset) as folder:
        check_writable(folder)
        training = start(config, folder, fit=options.batch is None)
        if training.data.account and not (options.quiet or options.json):
            print(account_text(training.data.account), flush=True)
        return carry_out(training, options)


def check_writable(folder: Path) -> None:
    """Raise InputError, before hours of training, where a file of the run could not be written at
    its end.
    """
    for name in FILES:
        writable(folder / name)


def tell_versions(training: Run) -> None:
    """Say where the run was saved by other versions, whose numbers may differ in the last bits."""
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
    """Train under a progress bar, then draw and tell. Returns the exit status."""
    with Progress(
        training.config.steps, "step", training.training.iterations, options.quiet
    ) as bar:
        return finish(training, options, bar)


def finish(training: Run, options: Namespace, bar: Progress) -> int:
    """Train to the end, draw, measure and tell. Returns the exit status."""
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
        # beginning anew loses nothing, and --out is free for it
        if not options.resume and training.saved == 0:
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
        print(json.dumps(summary.json() | {"folder": str(training.folder)}))
    elif not options.quiet:
        print(summary.table("written: " + ", ".join(str(path) for path in files)))
    return 0


def watcher(training: Run, bar: Progress) -> Callable[[dict[str, float]], None]:
    """What tells of every iteration: V, the mean D on both sides, and the metric when it was
    measured last.
    """
    shown: dict[str, str] = {}

    def watch(row: dict[str, float]) -> None:
        if row:
            shown.update(
                {
                    "V": f"{row['V']:.3f}",
                    "D(x)": f"{row['D_real']:.2f}",
                    "D(G)": f"{row['D_fake']:.2f}",
                }
            )
            if row[training.metric] == row[training.metric]:
                shown[training.metric] = f"{row[training.metric]:.4g}"
        bar.advance(", ".join(f"{name} {value}" for name, value in shown.items()) if row else "")

    return watch

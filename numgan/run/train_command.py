"""Train a generator against a discriminator by Algorithm 1, every gradient derived by hand.

Writes a run folder: config.json, metrics.csv, checkpoint.npz, samples.png, training.png, training.gif; of your own data
data.txt, how they were read.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import fields
from pathlib import Path

from numgan.backend import DEVICES, keep_memory
from numgan.data import DATASETS
from numgan.data.content import account_text
from numgan.errors import InputError
from numgan.run.config import Config
from numgan.run.loop import Diverged, Run, proceed, resume, start, withdraw
from numgan.run.options import OneOf, add_fields, flag
from numgan.run.picture import draw
from numgan.run.presets import preset
from numgan.run.summary import summarize


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan train`. What is not given comes from the data set's preset."""
    add_fields(parser, Config, "dataset")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the run folder (default runs/DATASET)")
    parser.add_argument("--resume", action="store_true", help="continue the run in --out, bit for bit")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no table")
    parser.add_argument("--json", action="store_true", help="print the final numbers as JSON")


def given(options: Namespace) -> dict:
    """The fields of a configuration that the user named, as a configuration has them: of no penalty None."""
    named = {f.name: getattr(options, f.name) for f in fields(Config) if getattr(options, f.name, None) is not None}
    return {name: None if (name, value) == ("penalty", "none") else value for name, value in named.items()}


def configuration(options: Namespace) -> Config:
    """The preset of the data set, with what the user named on top."""
    named = given(options)
    name = named.setdefault("dataset", "file" if "data" in named else None)
    if name is None:
        raise InputError(f"name a data set, one of {', '.join(DATASETS)}, or give --data FILE")
    config = Config(**{**preset(name, named), **named})
    if config.arch == "dcgan" and (fixed := named.keys() & {"activation", "activation_d"}):
        raise InputError(f"--arch dcgan has activations of its own: leave {flag(fixed.pop())} out")
    return config


def continued(options: Namespace) -> Run:
    """The run in --out. Raises InputError where the user asks for another configuration than it has."""
    if options.out is None:
        raise InputError("--resume needs --out FOLDER, the run to continue")
    config = Config.read(options.out / "config.json")
    for name, value in given(options).items():
        before = getattr(config, name)
        if name == "device" or before == value or (name in ("data", "labels") and same_path(before, value)):
            continue
        why = f"; the schedule of this run ends at step {before}" if name == "steps" else ""
        raise InputError(
            f"cannot resume {options.out} with another configuration: {flag(name)} was {before!r}, got {value!r}{why}"
        )
    device = config.device if options.device is None else options.device
    OneOf(DEVICES).check("--device", device)
    if config.noise == "device" and device != config.device:
        raise InputError(f"cannot resume {options.out} on {device}: its random numbers are those of {config.device}")
    return resume(options.out, device)


def same_path(before: str | None, now: str) -> bool:
    """True for two ways of naming one place; a run's own is absolute."""
    return before is not None and os.path.abspath(before) == os.path.abspath(now)


def free_folder(dataset: str) -> Path:
    """runs/DATASET, or the first of runs/DATASET-2, -3, … that does not exist."""
    number = 1
    while (folder := Path("runs", dataset if number == 1 else f"{dataset}-{number}")).exists():
        number += 1
    return folder


def run(options: Namespace) -> int:
    """Train, then draw and tell. Returns the exit status."""
    keep_memory()
    if options.resume:
        training = continued(options)
    else:
        config = configuration(options)
        training = start(config, options.out or free_folder(config.dataset), fit=options.batch is None)
        if training.data.account and not (options.quiet or options.json):
            print(account_text(training.data.account), flush=True)
    try:
        finished = progress(training, options.quiet)
    except Diverged as failure:
        print(f"numgan: {failure}", file=sys.stderr)
        return 1
    except (InputError, MemoryError):
        if not options.resume and training.saved == 0:  # beginning anew loses nothing, and --out is free for it
            withdraw(training)
        raise
    if not finished:
        elsewhere = "" if training.device == training.config.device else f" --device {training.device}"
        print(
            f"numgan: interrupted after step {training.training.iterations}; continue with: "
            f"numgan train --out {training.folder} --resume{elsewhere}",
            file=sys.stderr,
        )
        return 130
    files = draw(training)
    summary = summarize(training)
    if options.json:
        print(json.dumps(summary.json() | {"folder": str(training.folder)}))
    elif not options.quiet:
        print(summary.table("written: " + ", ".join(str(path) for path in files)))
    return 0


def progress(training: Run, quiet: bool) -> bool:
    """Train under a progress bar with V, the mean D on both sides, and the metric."""
    from tqdm import tqdm

    with tqdm(total=training.config.steps, initial=training.training.iterations, disable=quiet or None,
              unit="it", dynamic_ncols=True) as bar:  # fmt: skip
        shown: dict[str, str] = {}

        def watch(row: dict[str, float]) -> None:
            if row:
                shown.update({"V": f"{row['V']:.3f}", "D(x)": f"{row['D_real']:.2f}", "D(G)": f"{row['D_fake']:.2f}"})
                if row[training.metric] == row[training.metric]:
                    shown[training.metric] = f"{row[training.metric]:.4g}"
                bar.set_postfix(shown, refresh=False)
            bar.update()

        return proceed(training, watch)

"""Train a generator against a discriminator by Algorithm 1, every gradient derived by hand.

Writes a run folder: config.json, metrics.csv, checkpoint.npz, samples.png, training.png, training.gif.
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
from numgan.errors import InputError
from numgan.files import named, writable
from numgan.run.claim import claimed, held
from numgan.run.config import Config
from numgan.run.finite import Diverged
from numgan.run.loop import FILES, VERSIONS, Run, complete, configuration_of, proceed, resume, start, withdraw
from numgan.run.options import OneOf, add_fields, flag
from numgan.run.picture import draw
from numgan.run.presets import preset
from numgan.run.summary import summarize


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan train`. What is not given comes from the data set's preset."""
    add_fields(parser, Config, "dataset")
    parser.add_argument("--out", type=named, metavar="FOLDER", help="the run folder (default runs/DATASET)")
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


def continued(options: Namespace) -> str:
    """The device on which the run in --out goes on. Raises InputError where there is none, or where the user asks for
    another configuration than it has."""
    if options.out is None:
        raise InputError("--resume needs --out FOLDER, the run to continue")
    config = configuration_of(options.out)
    for name, value in given(options).items():
        before = getattr(config, name)
        if name == "device" or before == value or (name == "data" and same_path(before, value)):
            continue
        why = f"; the schedule of this run ends at step {before}" if name == "steps" else ""
        raise InputError(
            f"cannot resume {options.out} with another configuration: {flag(name)} was {before!r}, got {value!r}{why}"
        )
    device = config.device if options.device is None else options.device
    OneOf(DEVICES).check("--device", device)
    if config.noise == "device" and device != config.device:
        raise InputError(f"cannot resume {options.out} on {device}: its random numbers are those of {config.device}")
    return device


def same_path(before: str | None, now: str) -> bool:
    """True for two ways of naming one place; a run's own is absolute."""
    return before is not None and os.path.abspath(before) == os.path.abspath(now)


def run(options: Namespace) -> int:
    """Train, then draw and tell. Returns the exit status."""
    keep_memory()
    if options.resume:
        device = continued(options)
        with held(options.out):
            training = resume(options.out, device)
            check_writable(options.out)
            complete(training)
            tell_versions(training)
            return carry_out(training, options)
    config = configuration(options)
    with claimed(options.out, config.dataset) as folder:
        check_writable(folder)
        return carry_out(start(config, folder), options)


def check_writable(folder: Path) -> None:
    """Raise InputError, before hours of training, where a file of the run could not be written at its end."""
    for name in FILES:
        writable(folder / name)


def tell_versions(training: Run) -> None:
    """Say where the run was saved by other versions, whose numbers may differ in the last bits."""
    before = {name: version for name, version in training.versions.items() if version != VERSIONS[name]}
    if before:
        was, now = (
            ", ".join(f"{name} {' '.join(versions[name].split())[:20]}" for name in before)
            for versions in (before, VERSIONS)
        )
        print(
            f"numgan: this run was saved by {was}, and goes on with {now}: its numbers may differ in their last bits "
            f"from those of one that was not stopped",
            file=sys.stderr,
        )


def carry_out(training: Run, options: Namespace) -> int:
    """Train to the end, then draw and tell. Returns the exit status."""
    try:
        finished = progress(training, options.quiet)
    except Diverged as failure:
        print(
            f"numgan: {failure}; the last good checkpoint, of step {training.saved}, is in {training.folder}; "
            "try a smaller --lr",
            file=sys.stderr,
        )
        return 1
    except (InputError, MemoryError) as error:
        if not options.resume and training.saved == 0:  # beginning anew loses nothing, and --out is free for it
            withdraw(training)
        elif isinstance(error, InputError):
            raise InputError(f"{error}; what was saved, up to step {training.saved}, goes on with --resume") from None
        raise
    if not finished:
        elsewhere = "" if training.device == training.config.device else f" --device {training.device}"
        print(
            f"numgan: interrupted after step {training.training.iterations}; continue with: "
            f"numgan train --out {training.folder} --resume{elsewhere}",
            file=sys.stderr,
        )
        return 130
    try:
        files = draw(training)
        summary = summarize(training)
    except KeyboardInterrupt:
        print(
            f"numgan: interrupted while drawing; the run is whole, and drawn by: "
            f"numgan train --out {training.folder} --resume",
            file=sys.stderr,
        )
        return 130
    if doubt := summary.doubt():
        print(f"numgan: {doubt}", file=sys.stderr)
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

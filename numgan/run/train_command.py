"""Train a generator against a discriminator by Algorithm 1, every gradient derived by hand.

Writes a run folder: config.json, metrics.csv, checkpoint.npz, samples.png, training.png, training.gif.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import fields
from pathlib import Path

from numgan.backend import DEVICES, NOISE, keep_memory
from numgan.data import DATASETS
from numgan.errors import InputError
from numgan.layers import ACTIVATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, SCHEDULES
from numgan.penalties import PENALTIES
from numgan.run.config import ARCHITECTURES, DTYPES, Config, one_of, option
from numgan.run.loop import Diverged, Run, proceed, resume, start, withdraw
from numgan.run.picture import draw
from numgan.run.presets import preset
from numgan.run.summary import summarize


def widths(text: str) -> tuple[int, ...]:
    """128,128 → (128, 128)"""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"must be widths like 128,128, got {text!r}") from None


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan train`. What is not given comes from the data set's preset."""
    objectives = "; ".join(f"{o.name}: G minimises {o.says}" for o in OBJECTIVES.values()).replace("%", "%%")
    sets = "; ".join(f"{name}: {entry.says}" for name, entry in DATASETS.items())
    parser.add_argument("dataset", metavar="DATASET", nargs="?", help=sets)
    yours = "your own .npy, .npz, .csv, or folder of .png; for idx a folder of IDX files"
    parser.add_argument("--data", metavar="PATH", help=yours)
    parser.add_argument("--objective", metavar="NAME", help=objectives)
    parser.add_argument("--smoothing", type=float, metavar="ε", help="the label of data is 1 − ε (one-sided smoothing)")
    penalties = "; ".join(f"{p.name}: {p.says}, weight {p.weight:g}" for p in PENALTIES.values())
    parser.add_argument("--penalty", metavar="NAME", help=f"what D pays for its slope (E46): {penalties}; none")
    parser.add_argument("--weight", type=float, help="weight λ (γ) of the penalty where it differs from the above")
    parser.add_argument("--every", type=int, metavar="N", help="the penalty at every N-th step of D, N times as strong")
    parser.add_argument("--clip", type=float, metavar="C", help="keep the weights of D in [−C, C] (wasserstein)")
    parser.add_argument("--pack", type=int, metavar="M", help="D judges M samples together (PacGAN)")
    parser.add_argument("--steps", type=int, help="iterations of Algorithm 1")
    parser.add_argument("--k", type=int, help="discriminator steps an iteration (E31)")
    parser.add_argument("--batch", type=int, help="minibatch size m")
    parser.add_argument("--lr", type=float, help="learning rate η of both players at the start")
    parser.add_argument("--lr-d", type=float, help="learning rate of the discriminator where it differs")
    parser.add_argument("--schedule", metavar="NAME", help=f"how η falls to 0: {', '.join(SCHEDULES)}")
    parser.add_argument("--optimizer", metavar="NAME", help=", ".join(OPTIMIZERS))
    parser.add_argument("--beta1", type=float, help="β₁ of Adam, β of momentum")
    architectures = "; ".join(f"{name}: {says}" for name, says in ARCHITECTURES.items())
    parser.add_argument("--arch", metavar="NAME", help=architectures)
    classes = "tell G a class and D the class of what it judges, where the data have labels"
    parser.add_argument("--conditional", action="store_true", default=None, help=classes)
    parser.add_argument("--latent", type=int, help="dimensions of the latent z")
    parser.add_argument("--hidden", type=widths, metavar="W,W,…", help="hidden widths of G; D has them reversed")
    parser.add_argument("--activation", metavar="NAME", help="of an mlp: " + ", ".join(ACTIVATIONS))
    parser.add_argument("--activation-d", metavar="NAME", help="activation of the discriminator where it differs")
    parser.add_argument("--ema", type=float, help="decay of the generator's moving average, 0 for none")
    eigenvalues = "record the leading eigenvalues of the game's Jacobian every N steps (E38), and draw spectrum.png"
    parser.add_argument("--spectrum", type=int, metavar="N", help=eigenvalues)
    parser.add_argument("--seed", type=int, help="same seed, same machine: the same bits")
    parser.add_argument("--dtype", metavar="NAME", help=", ".join(DTYPES))
    parser.add_argument("--device", metavar="NAME", help=f"{', '.join(DEVICES)}; a run may be resumed on another")
    noises = "; ".join(f"{name}: {says}" for name, says in NOISE.items())
    parser.add_argument("--noise", metavar="NAME", help=f"where random numbers are drawn: {noises}")
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
        raise InputError(f"--arch dcgan has activations of its own: leave {option(fixed.pop())} out")
    return config


def continued(options: Namespace) -> Run:
    """The run in --out. Raises InputError where the user asks for another configuration than it has."""
    if options.out is None:
        raise InputError("--resume needs --out FOLDER, the run to continue")
    config = Config.read(options.out / "config.json")
    for name, value in given(options).items():
        before = getattr(config, name)
        if name == "device" or before == value or (name == "data" and same_path(before, value)):
            continue
        why = f"; the schedule of this run ends at step {before}" if name == "steps" else ""
        raise InputError(
            f"cannot resume {options.out} with another configuration: {option(name)} was {before!r}, got {value!r}{why}"
        )
    device = config.device if options.device is None else options.device
    one_of("device", device, DEVICES)
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
        training = start(config, options.out or free_folder(config.dataset))
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

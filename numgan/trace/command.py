"""Follow one iteration of Algorithm 1 line by line, on a GAN small enough to check by hand.

Every stage shows its equation, the source line that computes it, the numbers, and the same quantity
by other means: the complex step (E48), or the formula evaluated apart. Exit status 0: all agree, 1:
something differs, 2: bad input.

The default optimizer is SGD, so that the step is E31 as it is written. At its first step Adam moves
every parameter by η, up or down (E36: m̂/√v̂ = ±1), and its averages do not show. An optimizer with
a state is therefore shown at its second iteration; --iteration chooses another.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Any

from numgan.costs import COSTS
from numgan.data import DATASETS, dataset
from numgan.errors import InputError
from numgan.files import nonempty_path, writable, write_whole
from numgan.layers import ACTIVATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES
from numgan.run.build import build
from numgan.run.config import Config
from numgan.run.folders import run_folder
from numgan.run.loop import resume
from numgan.run.options import OneOf, Whole, Widths, add_positional, flag, kind_of
from numgan.trace import html, text
from numgan.trace.language import LANGUAGES, Say, speaker, spoken
from numgan.trace.opening import Opening, opening
from numgan.trace.record import record
from numgan.trace.stage import Stage, ending
from numgan.training import Training

BATCH = 3
WHICH = Whole(1, 10_001)  # earlier iterations run without a trace
DEFAULTS: dict[str, Any] = {
    "dataset": "gaussian",
    "objective": "minimax",
    "k": 1,
    "hidden": (3,),
    "activation": "leaky_relu",
    "optimizer": "sgd",
    "penalty": None,
    "weight": None,
    "cost": None,
    "cost_weight": None,
    "seed": 0,
}


OF_A_RUN = dict.fromkeys(
    ("file", "idx"), "train on your data, then trace the run with --run FOLDER"
)


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan trace`."""
    kinds = {name: kind_of(Config, name) for name in DEFAULTS}
    data = (
        f"the data, default gaussian: {', '.join(shipped())}; or the folder of a run, as with --run"
    )
    add_positional(parser, "dataset", kinds["dataset"], "DATASET", data)

    def add_name(name: str, says: str) -> None:
        parser.add_argument(flag(name), type=kinds[name].read, metavar="NAME", help=says)

    add_name("objective", f"default minimax: {', '.join(OBJECTIVES)}")
    add_name("penalty", f"what D pays for its slope (E46): {', '.join(PENALTIES)}")
    add_name("cost", f"what G pays beside its value (E55): {', '.join(COSTS)}")
    for name in ("weight", "cost_weight"):
        of = "penalty" if name == "weight" else "cost"
        says = f"of the {of}, where it differs from the table's"
        parser.add_argument(flag(name), type=kinds[name].read, metavar="λ,…", help=says)
    parser.add_argument(
        "--batch", type=int, default=BATCH, help=f"minibatch size m (default {BATCH})"
    )
    widths = "hidden widths of G, in reverse D's (default 3)"
    parser.add_argument("--hidden", type=Widths.read, metavar="W,W,…", help=widths)
    add_name("activation", f"default leaky_relu: {', '.join(ACTIVATIONS)}")
    add_name("optimizer", f"default sgd: {', '.join(OPTIMIZERS)}")
    parser.add_argument("--k", type=int, help="discriminator steps (default 1)")
    parser.add_argument(
        "--iteration",
        type=int,
        metavar="N",
        help="the iteration to show; those before it run unseen (default 1; 2 for an optimizer "
        "that remembers)",
    )
    parser.add_argument("--seed", type=int, help="of everything that is drawn (default 0)")
    parser.add_argument(
        "--run",
        type=nonempty_path,
        metavar="RUN",
        dest="folder",
        help="a run's next iteration, by its folder",
    )
    parser.add_argument(
        "--layer",
        metavar="D:2",
        help="one layer alone, and one entry of its dW written out as a sum",
    )
    parser.add_argument(
        "--step", action="store_true", help="wait after every stage: Enter goes on, q quits"
    )
    parser.add_argument(
        "--lang", default="en", metavar="LANGUAGE", help="en (the default) or zh: Chinese"
    )
    parser.add_argument(
        "--html", type=nonempty_path, metavar="FILE", help="write a page to FILE instead"
    )


def shipped() -> list[str]:
    """The names of the data sets that need no path."""
    return [name for name, entry in DATASETS.items() if not entry.needs_path]


def run(options: Namespace) -> int:
    """Record, then print or write. Returns the exit status."""
    OneOf(LANGUAGES).check("--lang", options.lang)
    say = speaker(options.lang)
    if options.html is not None and options.step:
        raise InputError("--step waits in the terminal; it does not go with --html")
    if options.html is not None:
        writable(options.html)
    Whole(1).check("--batch", options.batch)
    if options.dataset is not None and os.path.exists(os.path.join(options.dataset, "config.json")):
        options.folder, options.dataset = nonempty_path(options.dataset), None
    if options.iteration is not None:
        WHICH.check("--iteration", options.iteration)
    training, about = of_run(options) if options.folder is not None else of_options(options)
    layer = named_layer(options.layer, training)
    stages, before = record(training), opening(training, about)
    if options.html is not None:
        page = html.page(stages, before, layer, options.lang)
        write_whole(options.html, page.encode(errors="backslashreplace"))  # of a run's name
        print(say(f"wrote {options.html}"))
    elif not print_stages(stages, before, layer, options.step, say):
        return 0
    paint = text.painter(sys.stdout)
    ok = all(stage.ok for stage in stages)
    for line in map(say, ending(spoken(stages, say))):
        print("\n".join(paint(part, "ok" if ok else "wrong") for part in text.wrap(line)))
    return 0 if ok else 1


def print_stages(stages: list[Stage], before: Opening, layer: str, wait: bool, say: Say) -> bool:
    """Print stage after stage; False if the reader stopped."""
    paint = text.painter(sys.stdout)
    print("\n".join(text.opening_lines(before, say)))
    for stage in text.stage_texts(stages, paint, layer, say):
        print(stage)
        if wait:
            try:
                answer = input(f"   {say('Enter goes on, q quits:')} ")
            except EOFError:
                answer = "q"
            if not sys.stdin.isatty():
                print()  # no Enter was echoed
            if answer.strip().lower().startswith("q"):
                return False
    return True


def of_options(options: Namespace) -> tuple[Training, str]:
    """A tiny GAN at its first iteration, in float64."""
    given = {name: value for name in DEFAULTS if (value := getattr(options, name)) is not None}
    choices = DEFAULTS | {name: None if value == "none" else value for name, value in given.items()}
    OneOf(shipped(), hints=OF_A_RUN).check("the data set", choices["dataset"])
    data = dataset(choices["dataset"], "float64")
    config = Config(
        **choices,
        batch=options.batch,
        latent=min(data.dim, 2),
        lr=0.01,
        ema=0.0,
        schedule="constant",
        dtype="float64",
    )
    training = build(config, data, data)
    first = 2 if training.optimizer_d.remembers else 1
    number = first if options.iteration is None else options.iteration
    for _ in range(number - 1):
        training.iteration()
    penalty = f", penalty {config.penalty}" if config.penalty else ""
    penalty += f", cost of G {config.cost}" if config.cost else ""
    about = (
        f"Here iteration {number}: the data are {config.dataset}, the objective is "
        f"{config.objective}{penalty}, m = {config.batch}, "
        f"{config.optimizer} with η = {config.lr:g}, seed {config.seed}, all in float64"
    )
    return training, about


def of_run(options: Namespace) -> tuple[Training, str]:
    """A run at its saved step, in float64, with a small batch."""
    if clash := [name for name in (*DEFAULTS, "iteration") if getattr(options, name) is not None]:
        raise InputError(f"a run has its own choices: --{clash[0]} does not go with --run")
    folder = run_folder(options.folder)
    run = resume(folder)
    training = run.training
    if run.config.rule != "alternating":
        raise InputError(
            f"{folder} was trained by --rule {run.config.rule}, and the trace follows Algorithm 1: "
            f"choose a run without --rule"
        )
    for optimizer in (training.optimizer_d, training.optimizer_g):
        optimizer.theta = None  # for a θ of float64
        optimizer.state = {name: array.astype("float64") for name, array in optimizer.state.items()}
    theta = {
        name: getattr(training, name).astype("float64")
        for name in ("theta_d", "theta_g", "theta_bar")
    }
    about = (
        f"Here of {folder} at step {training.iterations}, with m = {options.batch} and in float64"
    )
    return replace(training, m=options.batch, **theta), about


def named_layer(layer: str | None, training: Training) -> str:
    """The layer by its name in the stages. Raises InputError if there is no such layer."""
    if layer is None:
        return ""
    player, _, number = layer.upper().partition(":")
    networks = {"D": training.game.D, "G": training.game.G}
    if (
        player not in networks
        or not number.isdecimal()
        or int(number) >= len(networks[player].layers)
    ):
        last = {name: len(network.layers) - 1 for name, network in networks.items()}
        raise InputError(
            f"--layer must be one of D:0 to D:{last['D']} or G:0 to G:{last['G']}, got {layer!r}"
        )
    return f"{player}:{int(number)}"

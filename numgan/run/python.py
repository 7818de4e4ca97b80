"""The functions for Python, such as `numgan.train`, which make and control the same runs as the
command line.

Each field of the configuration is a keyword, with the same presets and checks, so the same seed
gives the same bits.
"""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from inspect import Parameter, signature
from pathlib import Path
from textwrap import fill
from typing import Any

from numgan.backend import keep_memory
from numgan.data.content import account_text
from numgan.errors import InputError
from numgan.progress import Progress
from numgan.run import begin, loop
from numgan.run.choose import configuration, remarks
from numgan.run.claim import claimed
from numgan.run.config import Config
from numgan.run.folders import run_folder
from numgan.run.inmemory import InMemory
from numgan.run.options import fields_by_keyword
from numgan.run.picture import draw
from numgan.run.run import Run
from numgan.run.watch import watcher
from numgan.streams import complain


def with_choices(function: Callable) -> Callable:
    """The function, which takes **choices, with all fields of the configuration in its signature
    and in its help. None means no choice: then the data set's preset decides, or the default.
    """
    own = signature(function)
    names = [name for name in own.parameters if name != "choices"]
    fields = [f for f in dataclasses.fields(Config) if f.name != "dataset"]
    parameters = [own.parameters[name] for name in names]
    parameters += [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=None, annotation=f.type) for f in fields
    ]
    function.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    lines = [help_line(f.name, f.metadata["says"], f.default) for f in fields]
    function.__doc__ = "\n".join([f"{function.__doc__}\n    The choices:\n", *lines, "    "])
    return function


def help_line(name: str, says: Any, default: Any) -> str:
    """The help of a keyword; options in it are written as keywords too."""
    text = says() if callable(says) else says
    text = re.sub(r"--([a-z][\w-]*)", lambda found: found[1].replace("-", "_"), text)
    usual = "" if default is None else f" ({default!r} unless the data set's preset says otherwise)"
    return fill(f"{name}: {text}{usual}", 96, initial_indent="    ", subsequent_indent=8 * " ")


@with_choices
def train(
    dataset: Any = None,
    *,
    out: str | Path | None = None,
    epochs: float | None = None,
    callback: Callable[[Run], Any] | None = None,
    quiet: bool = False,
    **choices: Any,
) -> Run:
    """A run, trained by Algorithm 1: `numgan train`, to the bit.

    `dataset` is the name of a data set, the path of your own data, an array (R, dim) or (R, H, W),
    a pandas or Polars frame, or a Dataset. Every option of the command is a keyword, and what is
    not given comes from the data set's preset. `labels` may also be an array, a label a row.

    Without `out` nothing is written; with it, the run folder of the command. `callback(run)` is
    called after every iteration; Ctrl-C returns the run as it stands. What was read of your own
    data is printed, unless the run is `quiet`. Raises InputError for what cannot be, and Diverged
    where a quantity of a player is no longer finite.

        >>> run = train("ring", steps=5, hidden=(8,), seed=1, quiet=True)
        >>> run.training.iterations, run.sample(2).shape
        (5, (2, 2))
    """
    place = None if out is None else folder_named("out", out)
    config, given, named = chosen(dataset, epochs, choices)
    with nullcontext() if place is None else claimed(place, config.dataset) as folder:
        run = begin.start(config, folder, named, given)
        if run.data.account and not quiet:
            print(account_text(run.data.account), flush=True)
        return drive(run, run.config.steps, callback, quiet)


@with_choices
def start(dataset: Any = None, *, epochs: float | None = None, **choices: Any) -> Run:
    """A run at step 0, in memory, to be driven by hand: `run.step()` is an iteration,
    `run.step_d()` and `run.step_g()` are its halves, `run.more(n)` trains on. Arguments as for
    `train`.

        >>> run = start("moons", steps=100, hidden=(8,))
        >>> step = run.step_d()  # E31, of D alone
        >>> row = run.step()  # an iteration: E31 and E32
        >>> run.training.iterations, run.training.optimizer_d.t, run.training.optimizer_g.t
        (1, 2, 1)
    """
    config, given, named = chosen(dataset, epochs, choices)
    return begin.start(config, None, named, given)


@with_choices
def iterations(
    dataset: Any = None, *, epochs: float | None = None, **choices: Any
) -> Iterator[Run]:
    """An iterator over a training: the run, after each of its iterations. Arguments as for `train`.

    >>> for run in iterations("ring", steps=3, hidden=(8,)):
    ...     print(run.training.iterations, run.training.optimizer_d.rate() < 1e-3)
    1 True
    2 True
    3 True
    """
    return each(start(dataset, epochs=epochs, **choices))


def each(run: Run) -> Iterator[Run]:
    """The run, after each of its remaining iterations."""
    while run.training.iterations < run.config.steps:
        run.step()
        yield run


def load(folder: str | Path, device: str = "cpu") -> Run:
    """The run in a folder, or the newest of that name in runs/, as it stands at its checkpoint.
    Raises InputError for anything but a whole run.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place:
        ...     saved = start("ring", steps=100, hidden=(8,)).save(place + "/run")
        ...     load(saved)
        <Run of ring: 0 of 100 iterations>
    """
    return loop.resume(run_folder(folder_named("folder", folder)), device)


class GANSampler:
    """A generator with the habits of scikit-learn, of which it imports nothing.

    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(5, 2, (200, 3))
    >>> sampler = GANSampler(steps=20, hidden=(8,), seed=0).fit(X)
    >>> sampler.sample(4).shape
    (4, 3)
    """

    def __init__(self, **choices: Any):
        self.choices = choices

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The choices, as for `train`."""
        return dict(self.choices)

    def set_params(self, **choices: Any) -> GANSampler:
        """Change choices, and return the sampler."""
        self.choices |= choices
        return self

    def fit(self, X: Any, y: Any = None) -> GANSampler:
        """Train on the rows X (R, dim); by class if y (R,) is given."""
        by_class = {} if y is None else {"labels": y, "conditional": True}
        self.run_ = train(X, **{"quiet": True, **by_class, **self.choices})
        return self

    def sample(self, n_samples: int = 1, seed: int = 0, classes: Any = None) -> Any:
        """Samples (n_samples, dim), in the units of X. Raises InputError before `fit`."""
        if not hasattr(self, "run_"):
            raise InputError("this GANSampler has not been fitted: call fit(X) first")
        return self.run_.sample(n_samples, seed, classes)

    def __repr__(self) -> str:
        return f"GANSampler({', '.join(f'{k}={v!r}' for k, v in self.choices.items())})"


def named_in(choices: dict[str, Any]) -> dict[str, Any]:
    """The fields that the keywords name. None means no choice, except for the penalty, where it
    means no penalty. Raises InputError for an unknown keyword.
    """
    named = fields_by_keyword(Config, choices)
    return {name: value for name, value in named.items() if value is not None or name == "penalty"}


def chosen(
    data: Any, epochs: float | None, choices: dict[str, Any]
) -> tuple[Config, InMemory | None, set[str]]:
    """The configuration of the arguments, the data that no file holds, and the names of the fields
    that the data may not decide. Warns about choices that are allowed but rarely intended.
    """
    keep_memory()
    named = named_in({**choices, "labels": None})
    labels = choices.get("labels")
    own = named.get("data")
    if data is not None and own is not None:
        raise InputError("your own data are given twice: leave data= out")
    at_hand = own if own is not None else data
    if at_hand is None or isinstance(at_hand, (str, os.PathLike)):
        if labels is not None and not isinstance(labels, (str, os.PathLike)):
            raise InputError(
                "labels that are an array are for data that are one: expected the name of a "
                "column, of an array or of a file"
            )
        named |= {} if labels is None else {"labels": os.fspath(labels)}
        if own is not None:
            named["data"] = os.fspath(own)
        elif data is not None:
            named |= fields_by_keyword(Config, {"dataset": os.fspath(data)})
        given = None
    else:
        named.pop("data", None)
        named |= {"labels": labels} if isinstance(labels, str) else {}
        given = InMemory(at_hand, None if isinstance(labels, str) else labels)
    config = configuration(named, epochs, given)
    for remark in remarks(config):
        complain(remark)
    return config, given, {*named, *(["steps"] if epochs is not None else [])}


def drive(run: Run, until: int, callback: Callable[[Run], Any] | None, quiet: bool) -> Run:
    """Train to step `until` with a progress bar, and draw the pictures in the run's folder. Ctrl-C
    returns the run at its current step, and a line says how to continue.
    """
    if callback is not None and not callable(callback):
        raise InputError(f"callback must be a function of the run, got {callback!r}")
    with Progress(until, "step", run.training.iterations, quiet, notebook=in_notebook()) as bar:
        watch = watcher(run, bar)

        def tell(row: dict[str, float]) -> None:
            watch(row)
            if callback is not None:
                callback(run)

        try:
            finished = loop.proceed(run, tell, signal.SIGINT, until=until)
        except KeyboardInterrupt:  # of a callback
            finished = False
    if not finished:
        done = run.training.iterations
        complain(f"interrupted after step {done}: run.more({until - done}) goes on")
    elif run.folder is not None:
        draw(run)
    return run


def folder_named(name: str, folder: Any) -> Path:
    """The path of a folder. Raises InputError for anything else, and for an empty name, which would
    be the current folder.
    """
    if not isinstance(folder, (str, os.PathLike)) or not os.fspath(folder):
        raise InputError(f"{name} must be the path of a folder, got {folder!r}")
    return Path(folder)


def in_notebook() -> bool:
    """True in a Jupyter kernel, which shows the bar as a widget."""
    return "ipykernel" in sys.modules

"""From the user's options to the configuration of a run, for the command line and for Python."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from math import ceil
from typing import Any

from numgan.data import DATASETS
from numgan.errors import InputError
from numgan.run.build import data_of, penalty
from numgan.run.config import Config
from numgan.run.inmemory import InMemory
from numgan.run.options import Real, flag
from numgan.run.plan import planned
from numgan.run.presets import preset

ABSENT = (("penalty", "none"), ("cost", "none"), ("columns", "plain"))  # None in a configuration


def configuration(
    named: dict[str, Any], epochs: float | None = None, given: InMemory | None = None
) -> Config:
    """The preset of the data set, with the user's fields in place of its own. `given` are data that
    no file holds. Raises InputError for fields that do not fit together.
    """
    named = with_data_path(named) if given is None else with_given_data(named, given)
    name = named.setdefault("dataset", "file" if "data" in named else None)
    if name is None:
        raise InputError(f"name a data set, one of {', '.join(DATASETS)}, or give --data FILE")
    config = Config(**{**preset(name, named), **named})
    if config.arch != "mlp" and (fixed := named.keys() & {"activation", "activation_d"}):
        raise InputError(
            f"--arch {config.arch} has activations of its own: leave {flag(fixed.pop())} out"
        )
    return (
        config if epochs is None else replace(config, steps=in_steps(epochs, named, config, given))
    )


def with_data_path(named: dict[str, Any]) -> dict[str, Any]:
    """The same fields, but a path in the place of a data set's name becomes --data; and no penalty,
    no cost and plain columns become None, as in a configuration.
    """
    if is_path(named.get("dataset")):
        if "data" in named:
            raise InputError(
                f"your own data are given twice: {named['dataset']!r} and --data {named['data']!r}"
            )
        named = named | {"dataset": "file", "data": named["dataset"]}
    return {name: None if (name, value) in ABSENT else value for name, value in named.items()}


def with_given_data(named: dict[str, Any], given: InMemory) -> dict[str, Any]:
    """The fields for data that no file holds: their description takes the place of the path."""
    twice = given.choices().keys() & named.keys()
    if twice:
        raise InputError(f"{flag(min(twice))} says nothing about {given}: leave it out")
    return with_data_path(named) | given.choices() | {"dataset": "file", "data": str(given)}


def is_path(text: str | None) -> bool:
    """True if the name of the data set is a path: it exists, or looks like a file."""
    if not text or text in DATASETS:
        return False
    return (
        os.path.exists(text) or os.path.basename(text) != text or bool(re.search(r"\.\w+$", text))
    )


def in_steps(
    epochs: float, named: dict[str, Any], config: Config, given: InMemory | None = None
) -> int:
    """The number of iterations in which D, with k·m rows in each, sees R rows --epochs times:
    ⌈E·R/(k·m)⌉. Raises InputError if the data have no rows, or if --steps is given too.
    """
    if "steps" in named:
        raise InputError("--epochs and --steps both say how long: leave one of them out")
    Real(0, strict=True).check("--epochs", epochs)
    data = data_of(config) if given is None else given.dataset(config.dtype, config.choices())
    if data.rows is None:
        raise InputError(
            f"--epochs is for data that end: {config.dataset!r} is drawn afresh, so say --steps N"
        )
    batch = planned(config, data, named)[0].batch
    return max(1, ceil(epochs * data.rows / (config.k * batch)))


def remarks(config: Config) -> list[str]:
    """Warnings about choices that are allowed but rarely intended."""
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

"""From a configuration back to its command: the inverse of the way in which `numgan train` reads
its options.
"""

from __future__ import annotations

import shlex
from dataclasses import MISSING, fields
from typing import Any

from numgan.penalties import PENALTIES
from numgan.run.config import Config
from numgan.run.options import flag
from numgan.run.presets import PRESETS, preset


def defaults(config: Config) -> dict[str, Any]:
    """The fields of a run on the data set with this penalty and no other choices."""
    plain = {field.name: field.default for field in fields(Config) if field.default is not MISSING}
    usual = {**plain, **preset(config.dataset, {"penalty": config.penalty})}
    return usual | {"penalty": PRESETS.get(config.dataset, {}).get("penalty")}


def instead(config: Config, name: str) -> Any:
    """The text of an option for the value None."""
    if name == "weight" and config.penalty is not None:
        weights = tuple(PENALTIES[penalty].weight for penalty in config.penalty.split(","))
        return weights[0] if len(weights) == 1 else weights
    return {
        "activation_d": config.activation,
        "lr_d": config.lr,
        "penalty": "none",
        "cost": "none",
        "columns": "plain",
    }[name]


def chosen(config: Config) -> dict[str, Any]:
    """The fields that differ from the defaults of the data set."""
    usual = defaults(config)
    return {name: value for name in usual if (value := getattr(config, name)) != usual[name]}


def command(config: Config) -> str:
    """numgan train DATASET --option value …, for a shell, with only the options that are needed."""
    words = ["numgan", "train", config.dataset]
    for name, value in chosen(config).items():
        value = instead(config, name) if value is None else value
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if value is True:
            words.append(flag(name))
        elif text.startswith("-"):  # it would look like an option
            words.append(f"{flag(name)}={text}")
        else:
            words += [flag(name), text]
    return shlex.join(words)

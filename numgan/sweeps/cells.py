"""The runs of a sweep: one for each combination of choices and each seed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from numgan.data.labels import is_label_file
from numgan.errors import InputError
from numgan.names import guess
from numgan.run.choose import ABSENT, configuration
from numgan.run.config import Config
from numgan.run.options import Switch, Text, field_names, flag, kind_of, read

MOST = 10_000  # runs at most: more are probably a typing error
MOST_COMBINATIONS = 1_000_000  # from which --sample draws


class Cell(NamedTuple):
    """One run: the choices that distinguish it from the others, its seed, and all named choices."""

    choices: tuple[tuple[str, str], ...]  # ("objective", "hinge"), …, as text
    seed: int
    named: dict[str, Any]  # fields of a Config; the data set's preset gives the rest

    @property
    def name(self) -> str:
        """The folder of the run below that of the sweep.

        >>> Cell((("objective", "hinge"), ("lr", "0.001")), 3, {}).name
        'objective=hinge,lr=0.001/seed-3'
        """
        return "/".join(filter(None, (folder_name(label(self.choices)), f"seed-{self.seed}")))


def label(choices: Sequence[tuple[str, str]]) -> str:
    """The choices in one word.

    >>> label([("objective", "hinge"), ("hidden", "64,64")])
    'objective=hinge,hidden=64,64'
    """
    return ",".join(f"{name}={text}" for name, text in choices)


def folder_name(text: str) -> str:
    """The text as a folder's name: what a file system may refuse becomes _.

    >>> folder_name("data=a/b")
    'data=a_b'
    """
    return "".join(c if c.isalnum() or c in "=,.+-_" else "_" for c in text)


def read_seeds(text: str) -> list[int]:
    """`10` is the seeds 0 … 9; `3,5,8` are these three.

    Raises InputError for other texts, for none, and for a seed that is there twice.

    >>> read_seeds("3"), read_seeds("3,5,8"), read_seeds("7,")
    ([0, 1, 2], [3, 5, 8], [7])
    """
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        numbers = []
    seeds = range(numbers[0]) if len(numbers) == 1 and "," not in text else numbers
    if not seeds or min(seeds) < 0:
        raise InputError(
            f"--seeds is how many, such as 10, or which, such as 3,5,8 or 7,; got {text!r}"
        )
    if len(seeds) > MOST:
        raise InputError(f"--seeds {text}: expected at most {MOST:,} seeds")
    if len(set(seeds)) < len(seeds):
        raise InputError(f"--seeds names a seed twice: {text!r}")
    return list(seeds)


def read_over(text: str) -> tuple[str, list[str]]:
    """`objective=hinge,minimax`: the option and its values. Values that have commas of their own
    are separated by semicolons.

    Raises InputError, with the nearest option, where there is no such option or no value.

    >>> read_over("hidden=64,64;128,128")
    ('hidden', ['64,64', '128,128'])
    """
    option, sign, values = text.partition("=")
    name = choice_named(option)
    split = [part.strip() for part in values.split(";" if ";" in values else ",")]
    if not sign or not all(split):
        raise InputError(f"--over {text}: expected OPTION=VALUE,VALUE,…")
    return name, split


def choice_named(option: str) -> str:
    """The field of a configuration that the option means. Raises InputError, with the nearest
    option, for none, and for one that is the same in all runs.

    >>> choice_named("lr"), choice_named("--learning-rate")
    ('lr', 'lr')
    """
    known, name = field_names(Config), option.strip().lstrip("-").replace("-", "_")
    if name not in known:
        raise InputError(
            f"--over {option}: there is no option {flag(name)} of a run"
            f"{guess(flag(name), map(flag, known))} (see numgan sweep --help)"
        )
    if name in ("seed", "dataset"):
        hint = "--seeds gives seeds" if name == "seed" else "a sweep has one data set"
        raise InputError(f"--over {name}: {hint}")
    return known[name]


def values_of(name: str, given: Iterable[Any]) -> list[Any]:
    """The values of a field, read from texts where they are texts. Raises InputError for what is no
    list, for an empty one, for a text that the field cannot have, and for a value that is there
    twice.

    >>> values_of("lr", ["1e-3", 3e-4]), values_of("hidden", ["64,64"])
    ([0.001, 0.0003], [(64, 64)])
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"over {name}: expected a list of values, got {given!r}")
    values = [value_of(name, value) for value in given]
    if not values:
        raise InputError(f"over {name}: expected at least one value")
    if twice := [value for i, value in enumerate(values) if value in values[:i]]:
        raise InputError(f"--over {name}: {as_text(twice[0])} is there twice")
    return values


def value_of(name: str, given: Any) -> Any:
    """One value: `none` is no choice, except where a text is asked for."""
    kind = kind_of(Config, name)
    if isinstance(given, str):
        if given == "none" and not isinstance(kind, Text):
            return None
        if isinstance(kind, Switch):
            if given not in ("yes", "no"):
                raise InputError(f"--over {name}: expected yes or no, got {given!r}")
            return given == "yes"
    return read(kind, flag(name), given)


def cells(
    named: Mapping[str, Any],
    over: Sequence[tuple[str, Iterable[Any]]],
    seeds: Sequence[int],
    sample: int | None = None,
) -> list[Cell]:
    """All combinations of the choices, each with every seed. `sample` draws so many combinations.

    Every configuration is checked here, before the first run begins: raises InputError for one that
    cannot be, and for too many runs.

    >>> [cell.name for cell in cells({"dataset": "ring"}, [("k", [1, 5])], [0])]
    ['k=1/seed-0', 'k=5/seed-0']
    """
    options = [name for name, _ in over]
    if len(set(options)) < len(options):
        raise InputError(f"--over names {max(options, key=options.count)!r} twice")
    if both := [name for name in options if name in named]:
        raise InputError(f"{flag(both[0])} and --over {both[0]}: leave one of them out")
    values = [values_of(name, given) for name, given in over]
    if prod(map(len, values)) > MOST_COMBINATIONS:
        raise InputError(f"--over has more than {MOST_COMBINATIONS:,} combinations")
    combinations = list(product(*values))
    if sample is not None:
        if sample < 1:
            raise InputError(f"--sample must be at least 1, got {sample}")
        rng = np.random.default_rng(0)
        kept = rng.permutation(len(combinations))[:sample]
        combinations = [combinations[i] for i in sorted(kept)]
    if len(combinations) * len(seeds) > MOST:
        raise InputError(
            f"{len(combinations)} combinations with {len(seeds)} seeds are more than {MOST:,} runs"
        )
    found = []
    for combination in combinations:
        chosen = dict(zip(options, combination, strict=True))
        text = tuple((name, as_text(value)) for name, value in chosen.items())
        for seed in seeds:
            all_named = {**named, **chosen, "seed": seed}
            configuration(dict(all_named))  # it refuses wrong choices
            found.append(Cell(text, seed, all_named))
    names = [cell.name for cell in found]
    if len(set(names)) < len(names):
        raise InputError(
            "two combinations have the same folder: their values differ in signs alone"
        )
    return found


def as_text(value: Any) -> str:
    """The value as a user writes it.

    >>> as_text((64, 64)), as_text(None), as_text(0.001), as_text(True)
    ('64,64', 'none', '0.001', 'yes')
    """
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, float) and float(short := f"{value:g}") == value:
        return short
    return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def words(named: Mapping[str, Any]) -> list[str]:
    """The options of `numgan train` for these choices.

    >>> words({"dataset": "ring", "k": 2, "penalty": None, "conditional": True})
    ['ring', '--k', '2', '--penalty', 'none', '--conditional']
    """
    found = [named["dataset"]]
    for name, value in named.items():
        if value is None:
            value = dict(ABSENT).get(name)
        if name == "data" or (name == "labels" and is_label_file(value)):
            value = os.path.abspath(value)
        if name == "dataset" or value is False or value is None:
            continue
        if value is True:
            found.append(flag(name))
        elif (text := as_text(value)).startswith("-"):  # it would look like an option
            found.append(f"{flag(name)}={text}")
        else:
            found += [flag(name), text]
    return found

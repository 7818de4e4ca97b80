"""Random command lines: a good one of some subcommand, then a few changes to it. Options are the
parser's own.
"""

from __future__ import annotations

import argparse
from random import Random

from tests.storm.words import BASES, ENDINGS, GOOD, NEVER, ODD, PATHS, TAKES_PATH

CHANGES = {  # how often each is made
    "path": 3,
    "option": 3,
    "value": 2,
    "drop": 1,
    "twice": 1,
    "swap": 1,
    "insert": 1,
    "command": 1,
}


def options() -> dict[str, list[argparse.Action]]:
    """The options of each subcommand, from the parser itself."""
    from numgan.cli import parser

    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: [a for a in sub._actions if a.option_strings]
        for name, sub in commands.choices.items()
    }


def value(random: Random, dest: str) -> str:
    """A good value of an option, or an odd one."""
    return random.choice(GOOD.get(dest, ODD)) if random.random() < 0.5 else random.choice(ODD)


def line(random: Random, known: dict[str, list[argparse.Action]]) -> list[str]:
    """One command line."""
    words = list(
        random.choice(random.choices((BASES[:4], BASES), (2, 1))[0])
    )  # the quick ones more often
    for _ in range(random.randrange(4)):
        change(words, random, known)
    heavy = (
        words[:1] == ["book"]
        and "--source" not in words
        or words[:1] == ["check"]
        and len(words) < 2
    )
    slow = any(
        len(word) > 1 and name.startswith(word.split("=")[0]) and word.startswith("--")
        for word in words
        for name in NEVER
        if not (name == "--run" and words[0] == "trace")
    )
    return ["trace", "--k", "1"] if heavy or slow else words


def change(words: list[str], random: Random, known: dict[str, list[argparse.Action]]) -> None:
    """One change in place."""
    how = random.choices(list(CHANGES), list(CHANGES.values()))[0]
    at = random.randrange(len(words)) if words else 0
    if how == "option" and words and words[0] in known:
        action = random.choice(known[words[0]])
        name = random.choice(action.option_strings)
        if name.startswith("--") and random.random() < 0.1:
            name = name[
                : random.randrange(3, len(name) + 1)
            ]  # argparse takes a beginning for the whole
        if action.nargs == 0:
            words.append(name)
        elif random.random() < 0.2:
            words.append(f"{name}={value(random, action.dest)}")
        else:
            words += [name, value(random, action.dest)]
    elif how == "path" and (places := paths(words)):
        words[random.choice(places)] = random.choice(PATHS) + random.choice(ENDINGS)
    elif how == "value" and at and not words[at].startswith("-"):
        words[at] = random.choice(ODD)
    elif how == "drop" and words and at:
        del words[at]
    elif how == "twice" and words and at:
        words.insert(at, words[at])
    elif how == "swap" and len(words) > 2 and at:
        other = random.randrange(1, len(words))
        words[at], words[other] = words[other], words[at]
    elif how == "insert":
        words.insert(at + bool(words), random.choice(ODD))
    elif how == "command" and words and random.random() < 0.3:
        words[0] = random.choice(("trian", "TRAIN", "", "\udcff", "sample", "report", "trace"))


def paths(words: list[str]) -> list[int]:
    """Where in a line a path stands."""
    after = [n + 1 for n, word in enumerate(words[:-1]) if word in TAKES_PATH]
    return after + ([1] if words[:1] in (["sample"], ["report"]) and len(words) > 1 else [])

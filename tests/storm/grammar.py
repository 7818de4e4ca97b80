"""Random command lines: a good one of some subcommand, then a few changes to it. Options are the
parser's own.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from random import Random

ODD = (
    "",
    " ",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1",
    "0",
    "1",
    "2",
    "1.5",
    "0x10",
    "１２",
    "1_0",
    "ε",
    "日本",
    "\udcff",
    "\udcc3(",
    "a\udc80b.npy",
    "a" * 300,
    "a" * 5000,
    "b/" * 3000,
    "line\nbreak",
    "tab\t",
    "\x1b[31m",
    "\r",
    "\u2028",
    "-",
    "--",
    "=",
    "%s",
    "%",
    "{}",
    "'",
    '"',
    "*",
    "[",
    "None",
    "True",
    "1,2",
    ",",
    "4,",
    ",4",
    "4,4,4,4",
    "9" * 30,
    "9" * 5000,
    "9999999999999",
    "-9223372036854775809",
    "1e-320",
    "1e39",
    "+3",
    "4 4",
    ".",
    "..",
    "/",
    "~",
    "$HOME",
    "-h",
    "--help",
    "--version",
    "--out",
    "-n",
    "train",
    "rows.csv",
    "rows.npy",
    "text.npy",
    "empty.csv",
    "folder",
    "folder/",
    "run",
    "run/checkpoint.npz",
    "run/config.json",
    "notes.txt",
    "notes.txt/x",
    "missing/x.npy",
    "loop",
    "full.npy",
    "null.npy",
    "own.py:Good",
    "own.py:raises",
)
GOOD = {
    "dataset": ("ring", "gaussian", "grid"),
    "data": ("rows.csv", "rows.npy"),
    "penalty": ("r1", "wgan-gp", "none"),
    "objective": ("minimax", "hinge", "f-kl", "wasserstein", "relativistic"),
    "smoothing": ("0.1",),
    "weight": ("2",),
    "every": ("2",),
    "clip": ("0.1",),
    "pack": ("2",),
    "steps": ("1", "3"),
    "k": ("2",),
    "batch": ("4", "8"),
    "lr": ("1e-3",),
    "lr_d": ("2e-3", "0"),
    "schedule": ("cosine", "constant"),
    "optimizer": ("sgd", "adam", "rmsprop"),
    "beta1": ("0.9",),
    "arch": ("mlp", "dcgan"),
    "latent": ("3",),
    "hidden": ("4", "3,5"),
    "activation": ("relu", "tanh"),
    "activation_d": ("gelu",),
    "ema": ("0.9", "0"),
    "spectrum": ("1",),
    "seed": ("0", "5"),
    "dtype": ("float64",),
    "device": ("cpu", "cuda"),
    "noise": ("host", "device"),
    "out": ("new", "run", "folder"),
    "n": ("1", "5"),
    "klass": ("0",),
    "output": ("o.npy", "o.npz", "o.png", "o.html", "o.csv"),
    "folder": ("run",),
    "layer": ("D:0", "G:1"),
    "html": ("o.html",),
    "json": ("o.json",),
    "only": ("Dense", "adam"),
    "rule": ("adam",),
    "exercise": ("3",),
    "target": ("own.py:Good", "own.py:Wrong", "own.py:raises", "own.py:missing"),
    "input_shape": ("4,3",),
    "source": ("folder",),
}
BASES = (
    ("train", "ring", "--steps", "2", "--batch", "8", "--hidden", "4", "--quiet", "--out", "new"),
    (
        "train",
        "--data",
        "rows.csv",
        "--steps",
        "2",
        "--batch",
        "8",
        "--hidden",
        "4",
        "--out",
        "new",
    ),
    ("train", "--out", "half", "--resume"),
    ("sample", "run", "-n", "4", "-o", "o.npy"),
    ("report", "run"),
    ("trace", "--hidden", "2"),
    ("trace", "--run", "run", "--html", "o.html"),
    ("check", "own.py:Good", "--input-shape", "4,3"),
    ("check", "--exercise", "3"),
    ("check", "--only", "Dense", "--json", "o.json"),
    ("book", "--out", "book", "--source", "notes.txt"),
    ("--version",),
    ("train", "--help"),
    (),
)
NEVER = (
    "--thorough",
    "--run",
    "--step",
)  # minutes; a program of the user's; what waits for an answer


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
    how = random.choice(
        (
            "option",
            "option",
            "option",
            "value",
            "value",
            "drop",
            "twice",
            "swap",
            "insert",
            "command",
        )
    )
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


def furnish(folder) -> None:
    """The files that command lines speak of; device nodes only where they can be made, and only
    here.
    """
    import stat

    import numpy as np

    rows = np.random.default_rng(0).standard_normal((12, 2))
    np.save(folder / "rows.npy", rows)
    np.savetxt(folder / "rows.csv", rows, delimiter=",")
    np.save(folder / "text.npy", np.array(["a", "b"]))
    (folder / "empty.csv").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "own.py").write_text(OWN)
    for name, device in (("null.npy", "/dev/null"), ("full.npy", "/dev/full")):
        with contextlib.suppress(OSError, AttributeError):
            os.mknod(folder / name, stat.S_IFCHR | 0o666, os.stat(device).st_rdev)


OWN = """import numpy as np
from numgan.layers import Layer


class Good(Layer):
    def forward(self, P, x):
        return x**2, x

    def backward(self, P, x, dy):
        return 2 * x * dy


class Wrong(Good):
    def backward(self, P, x, dy):
        return x * dy


def raises(x):
    raise RuntimeError("a mistake\\\\nof two lines")
"""

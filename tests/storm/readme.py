"""The commands that README.md and the guide show, each with a budget of a second."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = {
    "train": ("--steps", "2", "--batch", "8", "--hidden", "4"),
    "check": ("--only", "Dense"),
    "trace": ("--hidden", "2"),
    "book": ("--source", "notes.txt"),
    "lab": ("--lesson", "99"),  # it would serve until it is ended
}
RUNS = {"runs/digits": "run"}  # a trained run's name there, and here


def commands() -> list[list[str]]:
    """The words after `numgan` of every line of its shell blocks; `a | b` stands for two
    commands.
    """
    pages = (ROOT / "README.md", ROOT / "numgan" / "study" / "guide.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    lines = "\n".join(re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.DOTALL)).splitlines()
    found = []
    for words in (shlex.split(line, comments=True) for line in lines):
        if "numgan" in words:
            words = words[words.index("numgan") + 1 :]
            alternatives = [word for word in words[1:] if word != "|"] if "|" in words else [None]
            found += [
                budgeted(words if choice is None else [words[0], choice]) for choice in alternatives
            ]
    return found


def budgeted(words: list[str]) -> list[str]:
    """The same command, small, on what the sandbox has."""
    words = [RUNS.get(word, word) for word in words]
    own = words[0] == "check" and len(words) > 1
    if words[0] == "train" and words[1] in ("moons", "swissroll", "digits", "fashion-small"):
        words = [
            "train",
            "ring",
            *(word for word in words[2:] if word != "--conditional"),
        ]  # measured in seconds
    if "--seeds" in words:  # many runs are many processes: refused in a line, on any stream
        return [*words, "--seeds", "0"]
    slow = words[0] == "train" and "--spectrum" in words
    return [*words, *(() if own else TINY.get(words[0], ())), *(("--k", "1") if slow else ())]

"""The commands that the guide shows, to be run by tests as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "numgan" / "study" / "guide.md"
BESIDE = Path(sys.executable).parent


def command(begin: str, instead: dict) -> list[str]:
    """The words of the guide's command that begins so, each word in `instead` replaced by others.

    A program is taken from beside this Python, else from the path; the test is skipped where it is
    missing.
    """
    shown = re.findall(rf"`({re.escape(begin)}[^`]*)`", GUIDE.read_text(encoding="utf-8"))
    assert len(shown) == 1, f"expected one command in the guide that begins {begin!r}: {shown}"
    words: list[str] = []
    for word in shown[0].split():
        other = instead.get(word, word)
        words += map(str, other) if isinstance(other, (list, tuple)) else [str(other)]
    before = ["", *words]
    return [
        program(word) if word in PROGRAMS and last != "-m" else word
        for last, word in zip(before, words, strict=False)
    ]


PROGRAMS = ("numgan", "dask", "mpiexec", "python")


def program(name: str) -> str:
    """Where it is."""
    if name == "python":
        return sys.executable
    found = shutil.which(name, path=os.fspath(BESIDE) + os.pathsep + os.environ["PATH"])
    if found is None:
        pytest.skip(f"no {name} here")
    return found

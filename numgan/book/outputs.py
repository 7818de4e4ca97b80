"""Collect: what the chapters print and draw. Each is run in a process of its own, cell by cell, by
runner.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from numgan.book import runner
from numgan.book.source import Source
from numgan.errors import InputError
from numgan.progress import Progress


@dataclass(frozen=True)
class Picture:
    """A file that a chapter drew."""

    name: str
    content: bytes

    @property
    def kind(self) -> str:
        return "Animation" if self.name.endswith(".gif") else "Figure"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the header of a PNG or of a GIF tells them."""
        if self.kind == "Animation":
            return int.from_bytes(self.content[6:8], "little"), int.from_bytes(
                self.content[8:10], "little"
            )
        return int.from_bytes(self.content[16:20], "big"), int.from_bytes(
            self.content[20:24], "big"
        )


@dataclass(frozen=True)
class Output:
    """What each cell of code printed, and the pictures."""

    printed: tuple[str, ...]
    pictures: tuple[Picture, ...]


def outputs(source: Source) -> dict[str, Output]:
    """{path of the chapter: its output}, under a progress bar. Raises InputError where a chapter
    fails.
    """
    found = {}
    with Progress(len(source.chapters), "chapter") as bar:
        for chapter in source.chapters:
            found[chapter.path] = output(source.root.resolve(), chapter.path)
            bar.advance(chapter.path)
    return found


def output(root: Path, path: str) -> Output:
    """Run one chapter with --quick, in an empty folder, with the package that lies beside it."""
    with TemporaryDirectory() as folder:
        command = [
            sys.executable,
            str(Path(runner.__file__)),
            str(root / path),
            "--quick",
            "--out",
            folder,
        ]
        environment = os.environ | {
            "PYTHONPATH": str(root),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise InputError(f"{path} does not run: {last}")
        drawn = (
            each for ending in ("png", "gif") for each in sorted(Path(folder).glob(f"*.{ending}"))
        )
        pictures = tuple(Picture(each.name, each.read_bytes()) for each in drawn)
        return Output(tuple(done.stdout.split(runner.END)[:-1]), pictures)

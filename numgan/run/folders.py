"""Run folders by name: `digits` is the newest of runs/digits, runs/digits-2, …"""

from __future__ import annotations

import os
import re
from pathlib import Path

from numgan.run.config import Config
from numgan.run.options import kind_of
from numgan.streams import complain

RUNS = Path("runs")


def run_folder(path: Path) -> Path:
    """The folder of a run: the path itself if it exists or has more than one part; else the newest
    run of this name in runs/, which a line on standard error reports.
    """
    if path.name != str(path) or os.path.exists(path):
        return path
    found = runs_called(path.name) or runs_called(canonical_dataset(path.name))
    if not found:
        return path
    newest = max(found, key=age)
    complain(f"the run is {newest}" + (f", the newest of {len(found)}" if len(found) > 1 else ""))
    return newest


def runs_called(name: str) -> list[Path]:
    """The folders among runs/NAME, runs/NAME-2, … that hold a configuration."""
    numbered = re.compile(re.escape(name) + r"(-\d+)?")
    try:
        folders = sorted(RUNS.iterdir())
    except OSError:  # the folder is missing, or may not be read
        return []
    return [
        folder
        for folder in folders
        if numbered.fullmatch(folder.name) and os.path.exists(folder / "config.json")
    ]


def age(folder: Path) -> tuple[int, int]:
    """The time at which the run began, and its number to break ties; the newest is the greatest."""
    number = re.search(r"-(\d+)$", folder.name)
    return (folder / "config.json").stat().st_mtime_ns, int(number[1]) if number else 1


def canonical_dataset(name: str) -> str:
    """The name of the data set, with the usual spelling."""
    return kind_of(Config, "dataset").read(name)

"""The process in which students' files run: `python -m numgan.course.worker NAME=FILE …`.

One line of JSON for each file leaves by the standard output, after a first line that says it is
ready. What the files print is kept, and comes with the verdict.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

from numgan.course.exercises import find
from numgan.course.load import verdict_of
from numgan.course.verdict import Verdict

KEPT = 2000  # characters of what a file prints


class Kept(io.TextIOBase):
    """A stream that keeps the beginning."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text[: KEPT - len(self.text)]
        return len(text)


def run(name: str, path: Path) -> Verdict:
    """The verdict on one file, with what it printed."""
    kept = Kept()
    try:
        with redirect_stdout(kept), redirect_stderr(kept):
            found = verdict_of(find(name), path)
    except SystemExit:
        found = Verdict(name, "broken", "exits")
    except (KeyboardInterrupt, MemoryError, RecursionError) as error:
        found = Verdict(name, "broken", "raises", {"error": type(error).__name__})
    return replace(found, printed=kept.text)


def main(arguments: list[str]) -> None:
    """Judge the files in turn."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a library prints past Python's streams
    print(json.dumps("ready"), file=out, flush=True)
    for argument in arguments:
        name, _, path = argument.partition("=")
        print(json.dumps(run(name, Path(path)).as_dict()), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

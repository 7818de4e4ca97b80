"""Judge a student's files in a process of their own, with a limit of time for each.

A file that does not come back, or that ends the process, costs its own verdict alone: the next one
gets a fresh process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from numgan.course.verdict import Verdict

LIMIT = 10.0  # seconds for one file; a right answer takes a hundredth of one
START = 120.0  # seconds for Python and NumPy to start, on a slow disk


def grade(files: Sequence[tuple[str, Path]], limit: float = LIMIT) -> Iterator[Verdict]:
    """The verdicts on the files of these exercises, in their order."""
    rest = list(files)
    while rest:
        with Worker(rest) as worker:
            if worker.line(START) is None:
                raise RuntimeError("Python did not start")
            while rest:
                said = worker.line(limit)
                if said is None:
                    break
                yield Verdict.of_dict(said)
                del rest[0]
            if rest:
                name = rest.pop(0)[0]
                key = "crash" if worker.has_ended() else "endless"
                yield Verdict(name, "broken", key, {"seconds": f"{limit:g}"})


class Worker:
    """A process that judges files, as a context: it ends with it."""

    def __init__(self, files: Sequence[tuple[str, Path]]):
        arguments = [f"{name}={path}" for name, path in files]
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "numgan.course.worker", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=os.environ | one_thread,
        )
        self.lines: Queue[str] = Queue()
        self.reader = Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        """Put each line into the queue, and an empty one at the end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def line(self, limit: float) -> Any:
        """What the next line says; None if none comes in time, or the process has ended."""
        try:
            line = self.lines.get(timeout=limit)
        except Empty:
            return None
        return json.loads(line) if line.strip() else None

    def has_ended(self) -> bool:
        """Whether the process ended by itself."""
        try:
            self.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            return False
        return True

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

"""One run of a sweep, in its own process: `numgan train`, with one thread for BLAS.

A process that dies is restarted from its last checkpoint. A resumed run has the bits of an
undisturbed one, so the numbers of a sweep do not depend on failures of processes.
"""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from numgan import __version__

CHECKPOINT = "checkpoint.npz"
DEATHS = 3  # deaths of a process without a new checkpoint, after which the run has failed
LIBRARIES = ("OPENBLAS", "OMP", "MKL", "BLIS")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in LIBRARIES}


class Outcome(NamedTuple):
    """The outcome of a run: its final numbers, or the reason why there are none."""

    status: str  # done, diverged, stopped, or failed
    numbers: dict[str, Any]  # as `numgan train --json` prints them
    says: str  # the run's last line of errors, "" if it is done
    seconds: float


def train(words: Sequence[str], folder: Path, stop: threading.Event | None = None) -> Outcome:
    """Train into the folder, or continue the run that is there; `stop` makes it save and end."""
    stop, began, deaths = stop or threading.Event(), time.monotonic(), 0
    while not stop.is_set():
        before = written(folder)
        status, out, err = ended(command(words, folder), stop)
        if status >= 0:
            return outcome(status, out, err, time.monotonic() - began)
        deaths = 1 if written(folder) != before else deaths + 1
        if deaths >= DEATHS:
            says = f"its process was killed {deaths} times (signal {-status})"
            return Outcome("failed", {}, says, time.monotonic() - began)
    return Outcome("stopped", {}, "", time.monotonic() - began)


def command(words: Sequence[str], folder: Path) -> list[str]:
    """The command that starts the run, or continues it if there is a checkpoint."""
    numgan = [sys.executable, "-m", "numgan.sweeps.child", "train"]
    there = ["--out", str(folder), "--quiet", "--json"]
    resumed = (folder / CHECKPOINT).exists()
    return [*numgan, *there, "--resume"] if resumed else [*numgan, *words, *there]


def written(folder: Path) -> int:
    """The time of the checkpoint, in nanoseconds; 0 for none."""
    try:
        return (folder / CHECKPOINT).stat().st_mtime_ns
    except OSError:
        return 0


def ended(arguments: Sequence[str], stop: threading.Event) -> tuple[int, str, str]:
    """Run a process to its end; its status, and its output. On `stop` it is asked to save.

    It has its own session, so Ctrl-C reaches only the sweep, which then ends it. Its standard input
    closes when this process is gone, and then it ends by itself (child.py).
    """
    # without MPI's environment the child does not become a rank
    here = {k: v for k, v in os.environ.items() if not k.startswith(("PMI", "OMPI_", "PMIX_"))}
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb"):
        process = subprocess.Popen(
            arguments,
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**here, **ONE_THREAD},
            start_new_session=True,
        )
        asked = False
        while True:
            with suppress(subprocess.TimeoutExpired):
                out, err = process.communicate(timeout=0.2)
                return process.returncode, out, err
            if stop.is_set() and not asked:
                process.terminate()
                asked = True


def outcome(status: int, out: str, err: str, seconds: float) -> Outcome:
    """The outcome of a process that ended by itself."""
    lines = [line.removeprefix("numgan: ") for line in err.splitlines() if line.strip()]
    last = lines[-1] if lines else f"it ended with status {status}"
    if status == 0:
        try:
            return Outcome("done", json.loads(out), "", seconds)
        except ValueError:
            return Outcome("failed", {}, "it printed no numbers", seconds)
    name = {1: "diverged", 130: "stopped"}.get(status, "failed")
    return Outcome(name, {}, last, seconds)


# ── on another machine: the run folder goes there and comes back as bytes ────────────────────────


def train_elsewhere(words: Sequence[str], packed: bytes, version: str) -> tuple[Outcome, bytes]:
    """The outcome of a run, and its folder as a zip file, from a worker that may share no disk.

    `packed` is the folder from earlier attempts, so a lost run continues on another worker.
    """
    node = platform.node()
    if version != __version__:
        says = f"worker {node} has numgan {__version__}, this is {version}: install the same there"
        return Outcome("failed", {}, says, 0.0), b""
    try:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "run")
            unpack(packed, folder)
            found = train(words, folder)
            if found.status == "failed":
                found = found._replace(says=f"worker {node}: {found.says}")
            return found, pack(folder)
    except OSError as error:  # a full disk of the worker, for one
        says = f"worker {node} cannot write the run: {error.strerror or error}"
        return Outcome("failed", {}, says, 0.0), b""


def pack(folder: Path) -> bytes:
    """The files of a folder as a zip file; b"" if there is no folder."""
    if not folder.is_dir():
        return b""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            archive.write(path, path.name)
    return memory.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Write these files into a folder. Names that contain a path are refused."""
    if not packed:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        # the checkpoint last: until it is there, the folder holds no run
        for name in sorted(archive.namelist(), key=lambda name: name == CHECKPOINT):
            if Path(name).name == name:
                temporary = folder / f".{name}.part"
                temporary.write_bytes(archive.read(name))
                temporary.replace(folder / name)

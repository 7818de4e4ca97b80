"""Random kills of a sweep's workers: every run must end with the bytes of an undisturbed one.

    python -m tests.storm.kills --kills 50                  # processes of `numgan train`
    python -m tests.storm.kills --kills 50 --cluster        # workers of a Dask cluster
    python -m tests.storm.kills --kills 10 --ranks          # ranks of one run, which then goes on

A sweep of tiny runs is done once in peace. Then it is done again and again, each time in a new
folder, while a process that works for it is killed at random moments, by SIGKILL. A sweep that
gives a run up, after several deaths without a new checkpoint, is finished with --resume. At the end
every file of every run folder is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PYTHON = [sys.executable, "-m"]
RUN = ["ring", "--batch", "16", "--hidden", "8", "--latent", "2"]
MPIEXEC = [shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")]
MPIEXEC += ["-n", "2"]
RESUMED = 60  # times that one sweep may be taken up again


def processes(*words: str) -> list[int]:
    """The processes in whose command line all the words stand."""
    listed = subprocess.run(["ps", "-Aww", "-o", "pid=,args="], capture_output=True, text=True)
    lines = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return [int(pid) for pid, *line in lines if all(word in " ".join(line) for word in words)]


class Cluster:
    """A Dask scheduler and two workers; a killed worker is replaced."""

    def __init__(self, folder: Path):
        self.file, self.folder = folder / "scheduler.json", folder
        where = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file)]
        scheduler = [*PYTHON, "distributed.cli.dask_scheduler", *where, "--no-dashboard"]
        many = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "100"}
        self.scheduler = subprocess.Popen(scheduler, env=many, **QUIET)
        self.workers: list[subprocess.Popen] = []
        while not self.file.exists():
            time.sleep(0.1)
        self.replace()

    def command(self, out: Path, limits: argparse.Namespace, again: bool) -> list[str]:
        where = ["--cluster", json.loads(self.file.read_text())["address"]]
        return sweep(out, limits, *where, *["--resume"] * again)

    def replace(self) -> None:
        """Two workers that live."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        work = ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--scheduler-file", self.file]
        command = [*PYTHON, "distributed.cli.dask_worker", *map(str, work)]
        while len(self.workers) < 2:
            here = ["--local-directory", str(self.folder)]
            self.workers.append(subprocess.Popen([*command, *here], **QUIET))

    def victims(self, out: Path) -> list[int]:
        self.replace()
        return [worker.pid for worker in self.workers]

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


class Here:
    """Two processes at a time on this machine."""

    def command(self, out: Path, limits: argparse.Namespace, again: bool) -> list[str]:
        return sweep(out, limits, "--jobs", "2", *["--resume"] * again)

    def victims(self, out: Path) -> list[int]:
        return processes("numgan.sweeps.child train", str(out) + os.sep)


class Ranks:
    """One run on two ranks of MPI, which all end where one is killed."""

    def command(self, out: Path, limits: argparse.Namespace, again: bool) -> list[str]:
        place = out / "seed-0"
        how = ["--parallel", "--quiet", "--out", str(place)]
        if (place / "checkpoint.npz").exists():
            return [*MPIEXEC, *PYTHON, "numgan", "train", *how, "--resume"]
        return [*MPIEXEC, *PYTHON, "numgan", "train", *RUN, "--steps", str(limits.steps), *how]

    def victims(self, out: Path) -> list[int]:
        everyone = set(processes("numgan train", str(out) + os.sep))
        return sorted(everyone - set(processes("mpiexec", str(out) + os.sep)))


def sweep(out: Path, limits: argparse.Namespace, *options: str) -> list[str]:
    """The command of a sweep of tiny runs."""
    tiny = [*RUN, "--steps", str(limits.steps), "--seeds", str(limits.seeds), "--quiet"]
    return [*PYTHON, "numgan", "sweep", *tiny, "--out", str(out), *options]


def disturbed(engine, out: Path, limits: argparse.Namespace, rng, told: Counter) -> None:
    """One sweep to its end, its workers killed meanwhile, until there were kills enough."""
    for attempt in range(RESUMED):
        process = subprocess.Popen(engine.command(out, limits, attempt > 0), **QUIET)
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.expovariate(1 / limits.every))
            victims = engine.victims(out) if process.poll() is None else []
            if victims and told["kills"] < limits.kills:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(victims), signal.SIGKILL)
                    told["kills"] += 1
        if process.returncode == 0:
            return
        told["resumed"] += 1
    raise SystemExit(f"{out} is not finished after {RESUMED} attempts")


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a run folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=4, help="runs of a sweep")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument(
        "--every", type=float, default=4.0, help="seconds between kills, on average"
    )
    parser.add_argument("--cluster", action="store_true", help="workers of Dask, not processes")
    parser.add_argument("--ranks", action="store_true", help="one run on two ranks of MPI")
    parser.add_argument("--seed", type=int, default=0)
    limits = parser.parse_args()
    rng, told, began = random.Random(limits.seed), Counter(), time.monotonic()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        calm = place / "calm"
        engine = Here()
        if limits.ranks:
            engine, limits.seeds = Ranks(), 1
        subprocess.run(engine.command(calm, limits, False), check=True, **QUIET)
        if limits.cluster:
            engine = Cluster(place)
            stack.callback(engine.close)
        while told["kills"] < limits.kills:
            out = place / f"storm-{told['sweeps']}"
            disturbed(engine, out, limits, rng, told)
            told["sweeps"] += 1
            for seed in range(limits.seeds):
                same = contents(out / f"seed-{seed}") == contents(calm / f"seed-{seed}")
                told["identical" if same else "other"] += 1
    print(
        f"{told['kills']} kills in {told['sweeps']} sweeps of {limits.seeds} runs, "
        f"{told['resumed']} times --resume, {time.monotonic() - began:.0f} s: "
        f"{told['identical']} of {told['identical'] + told['other']} runs have the bytes of "
        f"undisturbed ones"
    )
    return 1 if told["other"] else 0


if __name__ == "__main__":
    sys.exit(main())

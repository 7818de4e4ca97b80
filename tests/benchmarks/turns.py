"""Contenders in turn (A B C A B C …), each in a process of its own, so that a machine that drifts
drifts for all, and no library's threads stand in the way of another's.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from typing import Any

from numgan.backend import keep_memory
from tests.benchmarks.clock import clock

# every library reads its number of threads as it loads
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def set_threads(threads: int) -> None:
    """The threads of every library in the processes that are started from now on, and as many
    cores: JAX 0.10 heeds no option for its threads, only the cores that it may use.
    """
    os.environ |= {name: str(threads) for name in THREADS}
    if hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def again_with_threads(threads: int, module: str) -> None:
    """Start this very command again, `python -m module …`, unless it has its threads already."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != str(threads):
        set_threads(threads)
        os.execv(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]])


def serve(pipe: Any, module: str, name: str, given: tuple, device: str, keep: bool) -> None:
    """In the contender's process: build it, then answer each n by the seconds that n iterations
    took, and the seconds of all its threads.
    """
    if keep:
        keep_memory()
    try:
        run = getattr(import_module(module), name)(*given)
    except ImportError:
        pipe.send(None)
        return
    pipe.send(os.getpid())
    while n := pipe.recv():
        before = time.process_time()
        wall = clock(name, device)(run, n)
        pipe.send((wall, time.process_time() - before))


class Contender:
    """One of them: `module` has a function of that name, which takes `given` and returns a run.
    With `keep` its process keeps memory that it freed.
    """

    def __init__(
        self, module: str, name: str, given: tuple, device: str = "cpu", keep: bool = False
    ):
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(
            target=serve, args=(theirs, module, name, given, device, keep), daemon=True
        )
        self.process.start()
        self.there = self.pipe.recv() is not None

    def take(self, n: int) -> tuple[float, float]:
        """Seconds of n iterations: by the clock, and of its processor time."""
        self.pipe.send(n)
        return self.pipe.recv()

    def leave(self) -> None:
        if self.there:
            self.pipe.send(0)
        self.process.join()


def in_turn(
    contenders: dict[str, Contender], rounds: int, seconds: float, warm: int = 20
) -> dict[str, list[tuple[float, float]]]:
    """(seconds, processor seconds) of an iteration, for every contender and round."""
    counts = {}
    for name, contender in contenders.items():
        contender.take(warm)  # caches, threads, compilation
        counts[name] = max(1, round(warm * seconds / contender.take(warm)[0]))
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            n = counts[name]
            wall, cpu = contender.take(n)
            times[name].append((wall / n, cpu / n))
    return times


def table(title: str, times: dict[str, list[tuple[float, float]]], by: int = 0) -> None:
    """Print microseconds, and ratios of the first contender to each: the median over the rounds,
    and the quartiles. `by` is 0 for the clock, 1 for processor time.
    """
    first, *_ = times
    print(f"{title:10}" + "".join(f"{name:>19}" for name in times))
    micro = {name: 1e6 * median(pair[by] for pair in kept) for name, kept in times.items()}
    print(f"{'  µs':10}" + "".join(f"{value:19.0f}" for value in micro.values()))
    cells = []
    for kept in times.values():
        ratios = sorted(a[by] / b[by] for a, b in zip(times[first], kept, strict=True))
        low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
        cells.append(f"{median(ratios):.3f} ({low:.2f}–{high:.2f})")
    print(f"{f'  {first}/':10}" + "".join(f"{cell:>19}" for cell in cells), flush=True)


def spin(_: Any) -> None:
    """Keep a core busy, any of the machine's."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    while True:
        pass


@contextmanager
def busy(cores: int) -> Any:
    """While it lasts, so many other processes keep a core busy each."""
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=spin, args=(n,), daemon=True) for n in range(cores)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.terminate()
            other.join()

"""Speed beside the peers, in one run:
    python -m tests.benchmarks [WORKLOAD …] [--rounds R] [--seconds S] [--device D].

Contenders take turns (A B C A B C …), so that a machine that drifts drifts for all of them. Each
figure is the median over the rounds; each ratio is the median of the ratios within a round. No
test: run it by hand on a quiet machine. Peers that are not installed are left out, and the table
says so. `pip install torch==2.13.0 jax` brings them. With --device cuda everything is on the GPU,
timed by its events, and JAX is left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from statistics import median

from numgan.backend import DEVICES, require
from numgan.errors import InputError
from tests.benchmarks import contenders
from tests.benchmarks.clock import clock

PEERS = ("floor", "torch", "torch_fused", "jax")


def measure(name: str, rounds: int, seconds: float, device: str) -> None:
    """Print one row of microseconds and one of ratios for a workload."""
    workload = contenders.WORKLOADS[name]
    runs = {}
    for contender in ("numgan", *PEERS):
        if contender == "jax" and device == "cuda":
            continue
        try:
            runs[contender] = getattr(contenders, contender)(workload, device)
        except ImportError:
            print(f"{contender} is not installed and is left out")
    clocks = {contender: clock(contender, device) for contender in runs}
    counts = {}
    for contender, run in runs.items():
        run(20)  # warm up: caches, threads, compilation
        counts[contender] = max(1, round(20 * seconds / clocks[contender](run, 20)))
    times: dict[str, list[float]] = {contender: [] for contender in runs}
    for _ in range(rounds):
        for contender, run in runs.items():
            times[contender].append(clocks[contender](run, counts[contender]) / counts[contender])
    print(f"{name:10}" + "".join(f"{c:>14}" for c in runs))
    print(f"{'  µs':10}" + "".join(f"{1e6 * median(times[c]):14.0f}" for c in runs))
    ratios = {
        c: median(ours / theirs for ours, theirs in zip(times["numgan"], times[c], strict=True))
        for c in runs
    }
    print(f"{'  numgan/':10}" + "".join(f"{ratios[c]:14.2f}" for c in runs), flush=True)


def imports(rounds: int) -> None:
    """Print how long `import numgan` takes beside `import numpy`, each in a fresh interpreter."""
    times: dict[str, list[float]] = {"numpy": [], "numgan": []}
    for _ in range(rounds):
        for module, kept in times.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            kept.append(time.perf_counter() - start)
    ratio = median(a / b for a, b in zip(times["numgan"], times["numpy"], strict=True))
    ours, theirs = (1e3 * median(times[module]) for module in ("numgan", "numpy"))
    print(f"import     numgan {ours:.0f} ms, numpy {theirs:.0f} ms, ratio {ratio:.2f}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", default=[], help=", ".join(contenders.WORKLOADS)
    )
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument(
        "--seconds", type=float, default=0.5, help="how long each contender runs in a round"
    )
    arguments.add_argument("--device", choices=DEVICES, default="cpu")
    options = arguments.parse_args()
    try:
        require(options.device)
    except InputError as error:
        arguments.error(str(error))
    for workload in options.workloads or contenders.WORKLOADS:
        measure(workload, options.rounds, options.seconds, options.device)
    imports(options.rounds)

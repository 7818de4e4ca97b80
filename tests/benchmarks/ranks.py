"""What ranks gain:
    OPENBLAS_NUM_THREADS=1 mpiexec -n 2 python -m tests.benchmarks.ranks [--rounds R] [--write]

One iteration of Algorithm 1 on 1, 2, … of the ranks, at several global minibatches, in turn: of
mlp784 (64-256-512-784) and of fashion (the networks and the lazy R1 of its preset), Adam, float32,
one thread for BLAS. And one all-reduce of vectors of several lengths on all ranks. Medians over the
rounds. Ranks that do not take part sleep. No test: run it by
hand on a quiet machine with a core for each rank. --write puts the figures into the chapter that
fits the α-β model to them.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from mpi4py import MPI

from numgan.architectures import dcgan, mlp784
from numgan.backend import keep_memory
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import PENALTIES
from numgan.ranks import ranked
from numgan.synced import all_reduce
from numgan.training import Training

BATCHES = {"mlp784": (64, 128, 256, 512), "fashion": (64, 256)}
EVERY = 4  # steps of D for one with R1, fashion's preset
LENGTHS = (2, 1 << 10, 1 << 14, 1 << 17, 1 << 19, 1 << 20)  # of float32 vectors
CHAPTERS = Path(__file__).parents[2] / "demos"


def training(comm: MPI.Comm, name: str, m: int) -> Training:
    """The game on the ranks of comm, on one fixed batch, so that no sampler is timed."""
    rng = np.random.default_rng(0)
    if name == "mlp784":
        (G, D), more = mlp784(), {}
    else:
        (G, D), more = dcgan((28, 28, 1), (64, 32), 64), {"penalty": PENALTIES["r1"]}  # of weight 1
    x = rng.uniform(-1, 1, (m, 784)).astype(np.float32)

    class Fixed:
        def batch(self, m, rng):
            return x

    game = Game(G, D, OBJECTIVES["nonsaturating"], **more)
    game = ranked(game, comm, m) if comm.size > 1 else game
    theta_d, theta_g = D.initial(rng), G.initial(rng)
    adam = Adam(2e-4, 0.5), Adam(2e-4, 0.5)
    return Training(game, Fixed(), rng, theta_d, theta_g, *adam, m=m, every=EVERY)


def in_turn(one: Training) -> None:
    """EVERY iterations, of which one has the penalty."""
    for _ in range(EVERY):
        one.iteration()


def seconds(comm: MPI.Comm, once, budget: float) -> float:
    """Of one call, on the slowest rank; so many calls that they take about `budget`."""
    once()
    comm.Barrier()
    start = time.perf_counter()
    once()
    n = comm.allreduce(max(2, int(budget / (time.perf_counter() - start))), MPI.MIN)
    comm.Barrier()
    start = time.perf_counter()
    for _ in range(n):
        once()
    return comm.allreduce((time.perf_counter() - start) / n, MPI.MAX)


def asleep(comm: MPI.Comm) -> None:
    """Until all ranks are here; MPI's own waiting would take a core."""
    request = comm.Ibarrier()
    while not request.Test():
        time.sleep(0.001)


def measured(rounds: int, budget: float) -> dict:
    """{game: {(R, m): seconds}, …, "all-reduce": {bytes: seconds}}, medians, on rank 0."""
    world = MPI.COMM_WORLD
    found: dict = {**{name: {} for name in BATCHES}, "all-reduce": {}}
    for _ in range(rounds):
        for R in range(1, world.size + 1):
            part = world.Split(0 if world.rank < R else 1, world.rank)
            if world.rank < R:
                for name, m in ((name, m) for name, ms in BATCHES.items() for m in ms):
                    one = training(part, name, m)
                    t = seconds(part, lambda one=one: in_turn(one), budget) / EVERY
                    found[name].setdefault((R, m), []).append(t)
            part.Free()
            asleep(world)
        for n in LENGTHS:
            x = np.ones(n, np.float32)
            t = seconds(world, lambda x=x: all_reduce(x, world), budget / 4)
            found["all-reduce"].setdefault(x.nbytes, []).append(t)
    return {
        kind: {key: float(f"{median(times):.3g}") for key, times in by.items()}
        for kind, by in found.items()
    }


def write(found: dict) -> None:
    """Put the figures into the chapter."""
    (chapter,) = CHAPTERS.glob("[0-9][0-9]_a_gradient_is_a_mean.py")
    text = chapter.read_text(encoding="utf-8")
    names = {"mlp784": "ITERATION", "fashion": "FASHION", "all-reduce": "ALL_REDUCE"}
    for kind, name in names.items():
        rows = "".join(f"    {key}: {t},\n" for key, t in found[kind].items())
        text, n = re.subn(
            rf"(?m)^{name} = \{{[^}}]*\}}", lambda _, r=rows, k=name: f"{k} = {{\n{r}}}", text
        )
        assert n == 1, f"{chapter}: expected one {name} = {{…}}"
    chapter.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one measurement")
    parser.add_argument("--write", action="store_true", help="into the chapter")
    options = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        sys.exit("set OPENBLAS_NUM_THREADS=1: a rank that uses all cores leaves nothing to gain")
    keep_memory()
    found = measured(options.rounds, options.seconds)
    if MPI.COMM_WORLD.rank:
        return
    print("game        m  ranks   ms/iteration   speed-up")
    for name in BATCHES:
        for (R, m), t in sorted(found[name].items(), key=lambda row: row[0][::-1]):
            print(f"{name:9}{m:4}{R:7}{1e3 * t:15.2f}{found[name][1, m] / t:11.2f}")
    print(f"   bytes   µs of an all-reduce on {MPI.COMM_WORLD.size}")
    for size, t in found["all-reduce"].items():
        print(f"{size:8}{1e6 * t:15.1f}")
    if options.write:
        write(found)


if __name__ == "__main__":
    main()

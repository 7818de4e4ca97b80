"""Speed beside the peers, in one run:
    python -m tests.benchmarks [WORKLOAD …] [--threads T] [--rounds R] [--seconds S] [--device D].

Contenders take turns (A B C A B C …), each in a process of its own. Each figure is the median over
the rounds; each ratio is the median of the ratios within a round, in brackets its quartiles.
`limit` is the same iteration written out in NumPy by hand. No test: run it by hand on a quiet
machine. Peers that are not installed are left out, and the table says so. `pip install
torch==2.13.0 jax` brings them. With --device cuda everything is on the GPU, timed by its events,
and limit and JAX are left out.

--batch and --width change a workload: growth with m, and with the hidden layers. --busy N keeps N
cores busy meanwhile. --memory prints by how many MiB a fresh process grows at its peak.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from statistics import median

from numgan.backend import DEVICES, require
from numgan.errors import InputError
from tests.benchmarks.turns import Contender, busy, in_turn, set_threads, table
from tests.benchmarks.workloads import WORKLOADS, Workload

CONTENDERS = {
    "numgan": "tests.benchmarks.contenders",
    "limit": "tests.benchmarks.limit",
    "torch": "tests.benchmarks.contenders",
    "torch_fused": "tests.benchmarks.contenders",
    "jax": "tests.benchmarks.contenders",
}
ON_GPU = ("numgan", "torch", "torch_fused")


def measure(title: str, w: Workload, options: argparse.Namespace) -> None:
    """Print the table of a workload."""
    contenders = {}
    for name in options.contenders:
        if options.device == "cuda" and name not in ON_GPU:
            continue
        given = (w, options.device) if name != "limit" else (w,)
        contender = Contender(CONTENDERS[name], name, given, options.device)
        if contender.there:
            contenders[name] = contender
        else:
            print(f"{name} is not installed and is left out")
    with busy(options.busy):
        table(title, in_turn(contenders, options.rounds, options.seconds), int(options.cpu))
    for contender in contenders.values():
        contender.leave()


def memory(name: str, title: str, w: Workload) -> None:
    """Print the growth of a fresh process over 10 iterations, from just after its imports."""
    code = f"from tests.benchmarks.__main__ import grow; grow({name!r}, {title!r}, {w!r})"
    code = "from tests.benchmarks.workloads import Workload; " + code
    subprocess.run([sys.executable, "-c", code], check=True)


def grow(name: str, title: str, w: Workload) -> None:
    """In the fresh process."""
    import numgan.architectures  # noqa: F401

    if name.startswith("torch"):
        import torch  # noqa: F401
    if name == "jax":
        import jax  # noqa: F401
    from importlib import import_module

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    getattr(import_module(CONTENDERS[name]), name)(w)(10)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{title:10}{name:14}{grown:8.1f} MiB", flush=True)


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


def numbers(text: str) -> list[int]:
    """32,256 as [32, 256]."""
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", default=[], help=", ".join(WORKLOADS)
    )
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--threads", type=int, help="of every library; else its own choice")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--seconds", type=float, default=0.5, help="how long each contender runs in a round"
    )
    parser.add_argument("--batch", type=numbers, default=[None], help="m, or several: 32,256")
    parser.add_argument("--width", type=numbers, default=[None], help="of the hidden layers")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="cores that others use")
    parser.add_argument("--cpu", action="store_true", help="processor time, not the clock's")
    parser.add_argument("--memory", action="store_true", help="peak memory in place of time")
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    options = parser.parse_args()
    try:
        require(options.device)
    except InputError as error:
        parser.error(str(error))
    if options.threads:
        set_threads(options.threads)
    for name in options.workloads or WORKLOADS:
        for m in options.batch:
            for width in options.width:
                what = [name, *([f"m={m}"] if m else []), *([f"w={width}"] if width else [])]
                w = WORKLOADS[name].resized(m, width)
                if options.memory:
                    for contender in options.contenders:
                        memory(contender, " ".join(what), w)
                else:
                    measure(" ".join(what), w, options)
    if not options.memory:
        imports(options.rounds)

"""What an edit gains: revisions of numgan in turn, in one process.

    python -m tests.benchmarks.versions REVISION [REVISION …] [--only WORKLOAD …] [--threads T]

Each revision is taken from git into a folder of its own and imported beside the others; `.` is the
working tree. Ratios are to the first, by the processor time of all threads, so that another process
on the machine counts little; with --clock, by the clock. The workloads are those of
`tests.benchmarks`, and dcgan28.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median

from tests.benchmarks.turns import again_with_threads
from tests.benchmarks.workloads import WORKLOADS, Run


def build(workload: str, root: Path) -> Run:
    """The run of a workload by the numgan that lies in `root`, whatever was imported before."""
    for name in [name for name in sys.modules if name.split(".")[0] == "numgan"]:
        del sys.modules[name]
    sys.path.insert(0, str(root))
    try:
        if workload == "dcgan28":
            sys.modules.pop("tests.benchmarks.dcgan28", None)
            return import_module("tests.benchmarks.dcgan28").numgan(64, "cpu")
        sys.modules.pop("tests.benchmarks.contenders", None)
        return import_module("tests.benchmarks.contenders").numgan(WORKLOADS[workload])
    finally:
        sys.path.remove(str(root))


def extract(revision: str, folder: Path) -> Path:
    """numgan/ as it was; the working tree itself for `.`"""
    if revision == ".":
        return Path.cwd()
    root = folder / revision.replace("/", "-")
    root.mkdir()
    archive = subprocess.run(
        ["git", "archive", revision, "numgan"], check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", str(root)], check=True, input=archive.stdout)
    return root


def measure(workload: str, roots: dict[str, Path], options: argparse.Namespace) -> None:
    """Print the row of a workload."""
    clock = time.perf_counter if options.clock else time.process_time
    runs = {revision: build(workload, root) for revision, root in roots.items()}
    times: dict[str, list[float]] = {revision: [] for revision in runs}
    for run in runs.values():
        run(20 if workload != "dcgan28" else 2)
    start = time.perf_counter()
    next(iter(runs.values()))(5)
    n = max(1, round(5 * options.seconds / (time.perf_counter() - start)))
    gc.collect()
    for _ in range(options.rounds):
        for revision, run in runs.items():
            before = clock()
            run(n)
            times[revision].append((clock() - before) / n)
    first, *_ = times
    cells = []
    for kept in times.values():
        ratios = sorted(a / b for a, b in zip(kept, times[first], strict=True))
        low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
        least = min(kept) / min(times[first])
        cells.append(f"{median(ratios):.3f} ({low:.2f}–{high:.2f}) {least:.3f}")
    print(f"{workload:10}{1e6 * median(times[first]):10.0f} µs " + "   ".join(cells), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revisions", nargs="+", metavar="REVISION")
    parser.add_argument("--only", nargs="+", default=[*WORKLOADS, "dcgan28"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--seconds", type=float, default=0.03, help="of each in a round")
    parser.add_argument("--clock", action="store_true", help="the clock's time")
    options = parser.parse_args()
    again_with_threads(options.threads, "tests.benchmarks.versions")
    with tempfile.TemporaryDirectory() as folder:
        roots = {revision: extract(revision, Path(folder)) for revision in options.revisions}
        print(f"{'':10}{'':14}" + "   ".join(f"{r + ' (quartiles) least':28}" for r in roots))
        for workload in options.only:
            measure(workload, roots, options)

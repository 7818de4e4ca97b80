"""Results over seeds:
    python -m tests.benchmarks.results ring --seeds 10 [--out FOLDER] [options of numgan train].

One line a seed, as `numgan train DATASET --seed S` ends, then the mean and its standard error over
the seeds, the form of the published tables. Runs that a folder already holds are read from it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def one(dataset: str, seed: int, folder: Path, options: list[str]) -> dict:
    """The final numbers of a run, with the seconds that it took."""
    kept = folder / f"{dataset}-{seed}.json"
    if not kept.exists():
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "numgan",
            "train",
            dataset,
            "--seed",
            str(seed),
            "--quiet",
            "--json",
            "--out",
            str(folder / f"{dataset}-{seed}"),
            *options,
        ]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        kept.write_text(
            json.dumps(json.loads(said) | {"seconds": {"value": time.perf_counter() - start}})
        )
    return json.loads(kept.read_text())


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("dataset")
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--out", type=Path, default=None)
    options, of_train = arguments.parse_known_args()
    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    table = []
    for seed in range(options.seeds):
        run = one(options.dataset, seed, folder, of_train)
        names = [name for name, entry in run.items() if isinstance(entry, dict)]
        if not table:
            print(f"{'seed':6}" + "".join(f"{name:>16}" for name in names))
        table.append([run[name]["value"] for name in names])
        print(f"{seed:<6}" + "".join(f"{value:16.4f}" for value in table[-1]), flush=True)
    values = np.array(table)
    error = values.std(0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0 * values[0]
    print(f"{'mean':6}" + "".join(f"{value:16.4f}" for value in values.mean(0)))
    print(f"{'± s.e.':6}" + "".join(f"{value:16.4f}" for value in error))

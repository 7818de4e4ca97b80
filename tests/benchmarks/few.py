"""Pictures with few rows, with augmentation (L20) and without:
    python -m tests.benchmarks.few [digits|fashion-small] [--rows N] [--steps N]

Both runs train on the same N of the rows (digits have 1,797, fashion-small 3,000), and are measured
against all of them by the classifier of the results. Each takes a few minutes of a core.
"""

from __future__ import annotations

import argparse

import numpy as np

import numgan
from numgan.data import Dataset
from numgan.data.sources import Shuffled
from numgan.run import loop
from numgan.run.measure import image_quality

STEPS = {"digits": 8_000, "fashion-small": 4_000}


def few(data: Dataset, count: int) -> Shuffled:
    """That many rows of the data, drawn by seed 0."""
    rows = data.all_rows()
    chosen = np.random.default_rng(0).permutation(len(rows))[:count]
    return Shuffled(rows[chosen].astype("float32"), "float32")


def measured(dataset: str, count: int, steps: int, augment: str | None) -> dict:
    """The quality of 20,000 samples of the data set's preset on the few rows."""
    run = numgan.start(dataset, steps=steps, augment=augment)
    data = run.data
    run.training.data = few(data, count)
    loop.proceed(run)
    x = run.samples(20_000, 2)
    return image_quality(x, data.all_rows(), data.labels, np.random.default_rng(0), None)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("dataset", nargs="?", default="digits", choices=STEPS)
    arguments.add_argument("--rows", type=int, default=500)
    arguments.add_argument("--steps", type=int)
    options = arguments.parse_args()
    for augment in (None, "translation"):
        found = measured(
            options.dataset, options.rows, options.steps or STEPS[options.dataset], augment
        )
        shown = ", ".join(f"{name} {e.value:.3f} ± {e.error:.3f}" for name, e in found.items())
        print(f"{options.rows} rows, augment {augment}: {shown}", flush=True)

"""Digits with few rows, with augmentation (L20) and without:  python -m tests.benchmarks.few

Both runs train on the same 500 of the 1,797 rows, and are measured against all of them by the
classifier of the results. Each takes a minute or two of a core.
"""

from __future__ import annotations

import sys

import numpy as np

import numgan
from numgan.data import Dataset
from numgan.data.sources import Shuffled
from numgan.run import loop
from numgan.run.measure import image_quality

ROWS, STEPS = 500, 8_000


def few(data: Dataset, count: int) -> Shuffled:
    """That many rows of the data, drawn by seed 0."""
    rows = data.all_rows()
    chosen = np.random.default_rng(0).permutation(len(rows))[:count]
    return Shuffled(rows[chosen].astype("float32"), "float32")


def measured(steps: int, augment: str | None) -> dict:
    """The quality of 20,000 samples of digits' preset on the few rows."""
    run = numgan.start("digits", steps=steps, augment=augment)
    data = run.data
    run.training.data = few(data, ROWS)
    loop.proceed(run)
    x = run.samples(20_000, 2)
    return image_quality(x, data.all_rows(), data.labels, np.random.default_rng(0), None)


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    for augment in (None, "translation"):
        found = measured(steps, augment)
        shown = ", ".join(f"{name} {e.value:.3f} ± {e.error:.3f}" for name, e in found.items())
        print(f"{ROWS} rows, augment {augment}: {shown}", flush=True)

"""The quality of a generator on its data set: which metrics apply, and their optima."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data import Dataset
from numgan.errors import InputError
from numgan.metrics import (
    SAMPLES,
    Estimate,
    TableQuality,
    gaussian_distance,
    histogram_jsd,
    image_quality,
    kernel_distance,
    mode_coverage,
    near_copies,
    table_quality,
)

MANY = 100_000  # samples for a histogram on the line; elsewhere SAMPLES, as in the literature
LEAST = 6  # rows at least: two halves with a spread, to measure samples by

Sampler = Callable[[int], Array]


def headline(data: Dataset) -> str:
    """The name of the one metric that is recorded during training."""
    if data.modes is not None:
        return "high quality"
    return "JSD" if histogrammed(data) else "MMD²"


def histogrammed(data: Dataset) -> bool:
    """True if the metric is a histogram's: for a density on a line or in a plane."""
    return data.density is not None and data.dim <= 2


def filling(data: Dataset) -> int:
    """The number of samples in a histogram on a line or in a plane. It is fixed, because JSD
    depends on it.
    """
    return MANY if data.dim == 1 else 10 * SAMPLES


def measure(
    data: Dataset, sampler: Sampler, rng: Any, asked: Sampler | None = None
) -> dict[str, Estimate]:
    """The metrics, the headline first. The floor of each is the value of real data.

    In a conditional run, `asked(n)` gives the classes requested from sampler(n).
    """
    if data.modes is not None and data.std is not None:
        coverage = mode_coverage(sampler(SAMPLES), data.modes, data.std)
        modes = Estimate(float(coverage.covered), 0.0, float(coverage.modes), 0.0)
        return {
            "high quality": coverage.high_quality,
            "modes": modes,
            "reverse KL": coverage.reverse_kl,
        }
    if histogrammed(data):
        return {"JSD": histogram_jsd(sampler(filling(data)), data.density, rng)}
    if data.columns is not None:
        return measure_table(data, sampler, rng).metrics()
    samples, kept = sampler(SAMPLES), real_samples(data, 2 * SAMPLES, rng)
    metrics = {
        "MMD²": kernel_distance(samples, kept, rng),
        "near copies": near_copies(samples, kept),
    }
    if data.image_shape is not None and data.labels is not None:
        classes = None if asked is None else asked(SAMPLES)
        # too few rows, or only one class: no classifier can be trained
        with suppress(InputError):
            metrics |= image_quality(
                samples, data.all_rows(), data.labels, np.random.default_rng(0), classes
            )
    return metrics


def measure_table(data: Dataset, sampler: Sampler, rng: Any) -> TableQuality:
    """The quality of samples of rows whose columns have kinds, in the user's units."""
    columns = data.columns
    assert columns is not None
    return table_quality(columns, columns.inverse(sampler(SAMPLES)), rng)


def measure_headline(data: Dataset, sampler: Sampler, rng: Any) -> float:
    """The headline alone, for the curve of a run. It equals the value in `measure` for densities
    and modes; for rows and images it is MMD² from fewer samples, which is unbiased.
    """
    if data.modes is not None and data.std is not None:
        return mode_coverage(sampler(SAMPLES), data.modes, data.std).high_quality.value
    if histogrammed(data):
        # the error is not needed
        return histogram_jsd(sampler(filling(data)), data.density, rng, repeats=2).value
    if data.columns is not None:
        x = data.columns.forward(data.columns.train[:1000], "float64")
        return gaussian_distance(sampler(1000), x, rng).value
    return kernel_distance(sampler(1000), data.sample(min(data.rows or 1000, 1000), rng), rng).value


def real_samples(data: Dataset, n: int, rng: Any) -> Array:
    """n real samples, or all of them if there are fewer."""
    return data.sample(n if data.rows is None else min(n, data.rows), rng)


def estimate_text(estimate: Estimate) -> str:
    """value ± error, with the number of digits that the error allows."""
    if estimate.error == 0:
        return f"{estimate.value:g}"
    digits = max(0, 1 - int(np.floor(np.log10(estimate.error))))
    return f"{estimate.value:.{digits}f} ± {estimate.error:.{digits}f}"

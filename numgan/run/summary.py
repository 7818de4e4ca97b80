"""The final numbers of a run: the game at its last step compared with its theoretical optimum, and
the metrics.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log, sqrt
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.layers.functions import sigmoid
from numgan.metrics import Estimate, TableQuality
from numgan.run.measure import estimate_text, measure, measure_table, real_samples
from numgan.run.run import Run


@dataclass(frozen=True, repr=False)
class Summary:
    """The game of D against the averaged generator, and the metrics. The floors are the optimum,
    nan if it is unknown.

    If σ(a) is a probability, the numbers of D are beliefs; otherwise they are logits.
    """

    V: Estimate
    on_data: Estimate  # mean D, or mean logit
    on_samples: Estimate
    # max |D(x) − ½| over the central 99 % of the data by D's own value; nan without D
    farthest: float
    metrics: dict[str, Estimate]
    logistic: bool
    blind: float  # V of a D whose logit is 0 everywhere
    quality: TableQuality | None = None  # of rows whose columns have kinds

    def doubt(self) -> str:
        """One line if V is too low for a D that has learned anything; else the empty text.

        Each optimal D has V ≥ `blind`, because it could have logit 0 everywhere. Values down to one
        and a half times `blind` can be chance, or an average that lags; V below twice `blind`
        cannot.
        """
        if self.blind >= 0 or self.V.value >= 2 * self.blind:
            return ""
        return (
            f"V = {self.V.value:.4g} is far below {self.blind:.4g}, that of a D which does not "
            f"look at x at all: the "
            "players have run away from each other; try a smaller --lr"
        )

    def json(self) -> dict:
        """All numbers, ready for JSON."""
        names = ("V", "D_real", "D_fake") if self.logistic else ("V", "a_real", "a_fake")
        values = {
            **dict(zip(names, (self.V, self.on_data, self.on_samples), strict=True)),
            **self.metrics,
        }
        told: dict[str, Any] = {
            name: {"value": e.value, "error": e.error, "optimum": number_or_none(e.floor)}
            for name, e in values.items()
        }
        if self.quality is not None:
            told |= {"columns": [asdict(column) for column in self.quality.columns]}
            told |= {"normal": asdict(self.quality.normal), "verdict": self.quality.verdict()}
        return told | {"D_farthest": self.farthest} if self.logistic else told

    def rows(self) -> list[tuple[str, str, str]]:
        """What was measured, its value, and the value of the theory or of real data."""
        if self.logistic:
            rows = [
                ("V with averaged G (nats)", estimate_text(self.V), "−log 4 = −1.3863   E20"),
                ("D(x), mean over data", estimate_text(self.on_data), "½   E19"),
                ("D(G(z)), mean over samples", estimate_text(self.on_samples), "½   E19"),
                ("|D(x) − ½|, largest on 99 %", f"{self.farthest:.4f}", "0   E19"),
            ]
        else:
            rows = [
                ("V with averaged G", estimate_text(self.V), ""),
                ("a(x), mean over data", estimate_text(self.on_data), ""),
                ("a(G(z)), mean over samples", estimate_text(self.on_samples), "that over data"),
            ]
        rows += [
            (name, estimate_text(e), f"{e.floor:.4g}   real data")
            for name, e in self.metrics.items()
        ]
        return rows

    def __str__(self) -> str:
        lines = [f"{'':28}{'reached':>20}   at the optimum"]
        told = (f"{name:28}{reached:>20}   {best}".rstrip() for name, reached, best in self.rows())
        quality = self.quality
        of_table = [] if quality is None else ["", quality.table(), "", quality.verdict()]
        return "\n".join([*lines, *told, *of_table])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from numgan.html import of_summary

        return of_summary(self)


def number_or_none(number: float) -> float | None:
    """The number, but None for nan: null in JSON."""
    return None if number != number else number


def summarize(run: Run, n: int = 20_000) -> Summary:
    """Measure n fresh samples and at most n data. The run is not changed."""
    objective = run.training.game.objective
    rng = np.random.default_rng([run.config.seed, 2])
    a_real = run.logits(real_samples(run.pairs, n, rng)).astype("float64")
    a_fake = run.logits(run.generate(run.latents(n, part=3))).astype("float64")
    if objective.paired:  # equally many of both
        a_fake = a_fake[: len(a_real)]

    of_data, of_samples = (
        a.size * summands
        for a, summands in zip((a_real, a_fake), objective.summands(a_real, a_fake), strict=True)
    )  # E29
    parts = mean(of_data), mean(of_samples)
    best = -log(4) if objective.logistic else float("nan")  # E20
    V = Estimate(
        parts[0].value + parts[1].value, sqrt(parts[0].error ** 2 + parts[1].error ** 2), best
    )
    blind = float(objective.value(np.zeros((1, 1)), np.zeros((1, 1))))
    quality, sampler = None, lambda n: run.samples(n, part=1)
    if run.data.columns is None:
        metrics = measure(run.data, sampler, rng, run.asked(part=1))
    else:
        quality = measure_table(run.data, sampler, rng)
        metrics = quality.metrics()
    if not objective.logistic:
        return Summary(V, mean(a_real), mean(a_fake), float("nan"), metrics, False, blind, quality)
    D_real, D_fake = sigmoid(a_real), sigmoid(a_fake)
    farthest = float(np.quantile(abs(D_real - 0.5), 0.99))
    beliefs = half(mean(D_real)), half(mean(D_fake))  # E19
    return Summary(V, *beliefs, farthest, metrics, True, blind, quality)


def mean(values: Array) -> Estimate:
    """The mean and its standard error s/√n."""
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / sqrt(values.size))


def half(estimate: Estimate) -> Estimate:
    """The estimate with ½, the value of a fully confused discriminator (E19), as its floor."""
    return Estimate(estimate.value, estimate.error, 0.5)

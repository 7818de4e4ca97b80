"""The end of a run in numbers: the game at its last step beside the optimum of the theory, and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from numgan.backend import Array
from numgan.layers.functions import sigmoid, softplus
from numgan.metrics import Estimate
from numgan.run.loop import Run
from numgan.run.measure import measure, real_samples, shown


@dataclass(frozen=True)
class Summary:
    """V, D on data and D on samples, of D against the averaged generator, and the metrics. Floors are the optimum."""

    V: Estimate
    D_real: Estimate
    D_fake: Estimate
    D_farthest: float  # max |D(x) − ½| over the central 99 % of the data by D's own value
    metrics: dict[str, Estimate]

    def json(self) -> dict:
        """Everything as JSON-able numbers."""
        values = {"V": self.V, "D_real": self.D_real, "D_fake": self.D_fake, **self.metrics}
        return {name: {"value": e.value, "error": e.error, "optimum": e.floor} for name, e in values.items()} | {
            "D_farthest": self.D_farthest
        }

    def table(self, folder: str) -> str:
        """For people: what was reached, what the theory or real data would give, and where the files are."""
        rows = [
            ("V (nats), E29", shown(self.V), "−log 4 = −1.3863   E20"),
            ("D(x), mean over data", shown(self.D_real), "½   E19"),
            ("D(G(z)), mean over samples", shown(self.D_fake), "½   E19"),
            ("|D(x) − ½|, largest on 99 %", f"{self.D_farthest:.4f}", "0   E19"),
        ]
        rows += [(name, shown(e), f"{e.floor:.4g}   real data") for name, e in self.metrics.items()]
        lines = [f"{'':28}{'reached':>20}   at the optimum"]
        return "\n".join([*lines, *(f"{name:28}{reached:>20}   {best}" for name, reached, best in rows), "", folder])


def summarize(run: Run, n: int = 20_000) -> Summary:
    """Measure on n fresh samples and on as many data as there are, up to n. Changes nothing of the run."""
    training = run.training
    rng = np.random.default_rng([run.config.seed, 2])
    D = training.game.D.evaluation()
    a_real = D(training.theta_d, real_samples(run.data, n, rng)).astype("float64")
    a_fake = D(training.theta_d, run.samples(n, part=3)).astype("float64")

    on_data, on_samples = mean(-softplus(-a_real)), mean(-softplus(a_fake))                        # E29
    V = Estimate(on_data.value + on_samples.value, sqrt(on_data.error**2 + on_samples.error**2), -log(4))
    D_real, D_fake = mean(sigmoid(a_real)), mean(sigmoid(a_fake))
    farthest = float(np.quantile(abs(sigmoid(a_real) - 0.5), 0.99))
    return Summary(
        V, half(D_real), half(D_fake), farthest, measure(run.data, lambda n: run.samples(n, part=1), rng)
    )


def mean(values: Array) -> Estimate:
    """The mean and its standard error s/√n."""
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / sqrt(values.size))


def half(estimate: Estimate) -> Estimate:
    """The same beside the ½ of a fully confused discriminator (E19)."""
    return Estimate(estimate.value, estimate.error, 0.5)

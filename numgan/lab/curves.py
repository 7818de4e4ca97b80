"""The curves of a game and the levels of the theory that are drawn into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, log
from typing import Any

import numpy as np

from numgan.data import Dataset
from numgan.lab.observe import Observer, View
from numgan.lab.protocol import array
from numgan.metrics import histogram_jsd, mode_coverage
from numgan.metrics.histogram import Histogram, bin_edges
from numgan.objectives import MINUS_LOG_D, Objective
from numgan.run.run import COLUMNS
from numgan.theory.pull import best_logit
from numgan.values import BaseObjective

MEASURED = ("JSD", "JSD_error", "modes", "quality", "quality_error")
MOST = 500  # rows; of more, every second one goes
DRAWS = {1: 20_000, 2: 5_000}  # samples of a histogram on a line, in a plane
REAL = 50_000  # data that fill its cells


@dataclass
class Curves:
    """Rows of numbers, `spacing` iterations apart, and what was measured now and then.

    The rows depend on the iterations alone; when something is measured depends on the clock.
    """

    rows: dict[int, dict[str, float]] = field(default_factory=dict)
    measured: dict[int, dict[str, float]] = field(default_factory=dict)
    spacing: int = 4

    def add(self, iteration: int, numbers: dict[str, float]) -> None:
        """Keep the numbers of an iteration."""
        self.rows[iteration] = numbers
        if len(self.rows) > MOST:
            self.spacing *= 2
            self.rows = {n: row for n, row in self.rows.items() if n % self.spacing == 0}

    def measure(self, iteration: int, found: dict[str, float]) -> None:
        """Keep what was measured."""
        self.measured[iteration] = found
        if len(self.measured) > MOST:
            self.measured = dict(list(self.measured.items())[::2])

    def cut(self, iteration: int) -> None:
        """Forget what lies after an iteration: it is another future now."""
        self.rows = {n: row for n, row in self.rows.items() if n <= iteration}
        self.measured = {n: row for n, row in self.measured.items() if n <= iteration}

    def table(self) -> dict[str, Any]:
        """All of it, as a message has it."""
        columns = (*COLUMNS[1:], *MEASURED)
        steps = sorted(self.rows.keys() | self.measured.keys())
        lines = [
            [
                n,
                *(
                    {**self.rows.get(n, {}), **self.measured.get(n, {})}.get(c, np.nan)
                    for c in columns
                ),
            ]
            for n in steps
        ]
        table = np.array(lines, dtype="float64").reshape(len(lines), len(columns) + 1)
        return {"whole": True, "columns": ["iteration", *columns], "rows": array(table)}


class Meter:
    """JSD with its error (E24), and modes, of data on a line or in a plane."""

    def __init__(self, data: Dataset, observer: Observer):
        self.data, self.observer = data, observer
        self.real: Histogram | None = None

    def measure(self, view: View) -> dict[str, float]:
        """What can be measured of a game; nothing of pictures."""
        data, dim = self.data, self.data.dim
        if data.image_shape is not None or dim > 2:
            return {}
        n = DRAWS[dim]
        with np.errstate(all="ignore"):
            x = self.observer.G.each(view.training.theta_g, self.observer.latents(n, 2), 2048)
        if not np.isfinite(x).all():
            return {}
        if self.real is None:
            self.real = Histogram.of(data.peek(REAL), bin_edges(data.peek(n)))
        found = histogram_jsd(x, self.real, np.random.default_rng(0), repeats=20)
        numbers = {"JSD": found.value, "JSD_error": found.error}
        if data.modes is not None and data.std is not None:
            modes = mode_coverage(x[:2500], data.modes, data.std)
            share = modes.high_quality
            names = ("modes", "quality", "quality_error")
            numbers |= dict(zip(names, (modes.covered, share.value, share.error), strict=True))
        return numbers


def levels(objective: BaseObjective) -> list[dict[str, Any]]:
    """What theory says of the curves where P_G = P_data and D is at its best.

    >>> from numgan.objectives import OBJECTIVES
    >>> [level["text"] for level in levels(OBJECTIVES["minimax"])]
    ['−log 4', '−log 2', '½', '½', '0', 'log 2']
    """

    def level(curve: str, value: float, text: str, label: str) -> dict[str, Any]:
        return {"curve": curve, "value": value, "text": text, "label": label}

    always = [level("JSD", 0.0, "0", "E24"), level("JSD", log(2), "log 2", "E24")]
    if objective.logistic:
        pulled = getattr(objective, "generator", None) == MINUS_LOG_D
        G = ("V_g", log(2), "log 2", "E34") if pulled else ("V_g", -log(2), "−log 2", "E32")
        half = [level(name, 0.5, "½", "E18") for name in ("D_real", "D_fake")]
        return [level("V", -log(4), "−log 4", "E20"), level(*G), *half, *always]
    if objective.paired:  # f(0), the least that the best D has
        a = np.zeros((1, 1))
        f = objective.value(a, a), objective.generator_value(a, a)
        best = zip(("V", "V_g"), f, strict=True)
        return [*(level(name, float(x), f"{x:.4g}", "E54") for name, x in best), *always]
    if not isinstance(objective, Objective) or objective.name == "wasserstein":
        return always
    a = best_logit(objective, np.zeros(1))[:, None]
    at_best = {"V": float(objective.value(a, a)), "V_g": float(objective.generator_value(a, a))}
    label = objective.label
    return [*(level(n, x, f"{x:.4g}", label) for n, x in at_best.items() if isfinite(x)), *always]

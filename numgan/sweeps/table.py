"""The results of a sweep as numbers. For each combination: the mean over the seeds, its standard
error s/√n, the least and the greatest; between combinations: the differences on the same seeds.

A difference on the same seed has less noise than the difference of two means, because the two runs
share their data, their latents and, if the shapes agree, their initial weights.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from math import inf, nan, sqrt
from typing import Any, NamedTuple

import numpy as np

from numgan.errors import InputError
from numgan.names import guess
from numgan.sweeps.cells import Cell, label
from numgan.sweeps.work import Outcome

GAME = ("V", "D_real", "D_fake", "a_real", "a_fake", "D_farthest")  # of the game, not of G alone


class Spread(NamedTuple):
    """A number over the seeds: mean ± error, least and greatest; nan if there is none."""

    mean: float
    error: float
    least: float
    greatest: float
    n: int


class Row(NamedTuple):
    """A combination of choices, and all numbers of its runs by seed."""

    choices: tuple[tuple[str, str], ...]
    runs: dict[int, dict[str, float]]  # of finished runs
    failed: dict[int, str]  # the reasons, of the others

    @property
    def name(self) -> str:
        return label(self.choices) or "all seeds"

    def spread(self, metric: str) -> Spread:
        """The metric over the seeds.

        >>> Row((), {0: {"JSD": 1.0}, 1: {"JSD": 3.0}}, {}).spread("JSD")
        Spread(mean=2.0, error=1.0, least=1.0, greatest=3.0, n=2)
        """
        return spread([run[metric] for run in self.runs.values() if metric in run])


def spread(values: Sequence[float]) -> Spread:
    """The mean of n values, and its standard error s/√n, which is nan for one value.

    >>> spread([5.0])
    Spread(mean=5.0, error=nan, least=5.0, greatest=5.0, n=1)
    """
    n = len(values)
    if n == 0:
        return Spread(nan, nan, nan, nan, 0)
    error = float(np.std(values, ddof=1)) / sqrt(n) if n > 1 else nan
    return Spread(float(np.mean(values)), error, min(values), max(values), n)


class Table(NamedTuple):
    """The rows, the best first, by the distance of one metric to its optimum; and the optima."""

    rows: list[Row]
    metrics: list[str]
    optima: dict[str, float]  # the values of real data, if they are known
    by: str

    def difference(self, row: Row, metric: str) -> Spread:
        """row − first row, on the seeds for which both have the metric."""
        pairs = [(run, self.rows[0].runs.get(seed, {})) for seed, run in sorted(row.runs.items())]
        return spread([a[metric] - b[metric] for a, b in pairs if metric in a and metric in b])

    def text(self) -> str:
        """The table for a terminal; lines of failures alone where no run is done."""
        if not self.metrics:
            return "\n".join(failures(self))
        return seeds_text(self) if len(self.rows) == 1 else choices_text(self)

    def dicts(self) -> list[dict[str, Any]]:
        """One dict for each run: its choices, seed, status, and numbers."""
        found: list[dict[str, Any]] = []
        for row in self.rows:
            for seed, numbers in row.runs.items():
                found.append({**dict(row.choices), "seed": seed, "status": "done", **numbers})
            for seed, why in row.failed.items():
                found.append({**dict(row.choices), "seed": seed, "status": why})
        return found

    def csv(self) -> str:
        """The same as CSV text."""
        rows, memory = self.dicts(), io.StringIO()
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(memory, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return memory.getvalue()


def table(cells: Sequence[Cell], outcomes: Mapping[str, Outcome], by: str | None = None) -> Table:
    """The table of a sweep, sorted by the metric `by`: the distance of its mean to what real data
    give, or the mean itself where that is not known. By default the first metric of the samples.

    Raises InputError, with the nearest name, for a metric that the runs do not have.
    """
    rows: dict[tuple, Row] = {}
    floors: dict[str, list[float]] = {}
    for cell in cells:
        row = rows.setdefault(cell.choices, Row(cell.choices, {}, {}))
        outcome = outcomes[cell.name]
        if outcome.status != "done":
            row.failed[cell.seed] = ": ".join(filter(None, (outcome.status, outcome.says)))
            continue
        check_metric(by, outcome)
        row.runs[cell.seed] = metrics_of(outcome)
        for name, entry in estimates(outcome).items():
            floors.setdefault(name, []).append(number(entry.get("optimum")))
    # nan, and left out, where one run has none: V has an optimum with some objectives only
    means = {name: float(np.mean(found)) for name, found in floors.items()}
    optima = {name: mean for name, mean in means.items() if mean == mean}
    metrics = list(
        dict.fromkeys(m for row in rows.values() for run in row.runs.values() for m in run)
    )
    usual = [m for m in metrics if m not in (*GAME, "seconds")] or metrics or ["V"]
    by = by or usual[0]
    ordered = sorted(rows.values(), key=lambda row: distance(row.spread(by).mean, optima.get(by)))
    return Table(ordered, metrics, optima, by)


def estimates(outcome: Outcome) -> dict[str, Mapping[str, Any]]:
    """The numbers of a run that have a value, an error and an optimum."""
    return {name: entry for name, entry in outcome.numbers.items() if isinstance(entry, dict)}


def metrics_of(outcome: Outcome) -> dict[str, float]:
    """The metrics of a finished run, and the seconds that it took."""
    found = {name: number(entry["value"]) for name, entry in estimates(outcome).items()}
    return {**found, "seconds": outcome.seconds}


def number(entry: float | None) -> float:
    """The number; nan for null in JSON."""
    return nan if entry is None else float(entry)


def check_metric(by: str | None, outcome: Outcome) -> None:
    """Raise InputError, with the nearest name, if a finished run has no such metric."""
    metrics = metrics_of(outcome)
    if by is not None and outcome.status == "done" and by not in metrics:
        raise InputError(
            f"--by: there is no metric {by!r}{guess(by, metrics)}: {', '.join(metrics)}"
        )


def distance(value: float, optimum: float | None) -> float:
    """The distance to the optimum; nan sorts last."""
    d = value if optimum is None else abs(value - optimum)
    return inf if d != d else d


def estimate_text(value: float, error: float = nan) -> str:
    """The value to the digits that its error allows.

    >>> estimate_text(0.98642, 0.0013), estimate_text(8.0, 0.0), estimate_text(41.27)
    ('0.9864 ± 0.0013', '8 ± 0', '41.27')
    """
    if error != error or error == 0:
        return f"{value:.4g}" + (" ± 0" if error == 0 else "")
    if error >= 1000:
        return f"{value:.3g} ± {error:.2g}"
    digits = max(0, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first to the left, the others to the right."""
    width = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width[i]) if i else cell.ljust(width[i]) for i, cell in enumerate(line)
        ).rstrip()
        for line in lines
    )


def columns(found: Table) -> list[str]:
    """The metrics in the terminal's table: those of the samples, V, and the seconds."""
    samples = [m for m in found.metrics if m not in (*GAME, "seconds")]
    return [*samples, *[m for m in ("V", "seconds") if m in found.metrics]]


def optimum_line(found: Table) -> list[str]:
    """The last line of the table: what real data would get."""
    return [
        "real data",
        *[estimate_text(found.optima[m]) if m in found.optima else "" for m in columns(found)],
    ]


def seeds_text(found: Table) -> str:
    """One line for each seed, then the mean, its error, the least and the greatest."""
    (row,) = found.rows
    names = columns(found)
    lines = [["seed", *names]]
    lines += [
        [str(s), *[estimate_text(run[m]) for m in names]] for s, run in sorted(row.runs.items())
    ]
    lines += [*spread_lines(row, names), optimum_line(found)]
    return "\n".join([aligned(lines), *failures(found)])


def spread_lines(row: Row, names: Sequence[str]) -> list[list[str]]:
    """The mean over the seeds, its standard error, the least and the greatest, a line each."""
    spreads = [row.spread(m) for m in names]
    return [
        ["mean", *[estimate_text(s.mean) for s in spreads]],
        ["± s.e.", *["" if s.n < 2 else f"{s.error:.2g}" for s in spreads]],
        ["least", *[estimate_text(s.least) for s in spreads]],
        ["greatest", *[estimate_text(s.greatest) for s in spreads]],
    ]


def choices_text(found: Table) -> str:
    """One line for each combination, and below it its difference from the first, seed by seed."""
    names = columns(found)
    lines = [["mean ± standard error", "runs", *names]]
    for number, row in enumerate(found.rows):
        total = len(row.runs) + len(row.failed)
        spreads = [row.spread(m) for m in names]
        lines.append(
            [row.name, f"{len(row.runs)} of {total}"]
            + [estimate_text(s.mean, s.error) if s.n else "" for s in spreads]
        )
        if number and row.runs:
            gaps = [found.difference(row, m) for m in names]
            lines.append(
                [
                    "  minus the first",
                    "",
                    *[estimate_text(g.mean, g.error) if g.n else "" for g in gaps],
                ]
            )
    real = optimum_line(found)
    lines.append([real[0], "", *real[1:]])
    return "\n".join([aligned(lines), *failures(found)])


def failures(found: Table) -> list[str]:
    """One line for each run that did not reach its end."""
    return [
        f"{label(row.choices)}{', ' * bool(row.choices)}seed {seed}: {why}"
        for row in found.rows
        for seed, why in sorted(row.failed.items())
    ]

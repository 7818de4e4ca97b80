"""The quality of samples of a table: of each column, of all pairs, and of the whole. Each number
stands beside that of real rows; the whole also beside that of a fitted normal distribution, which a
GAN must beat to be worth its training.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.data.columns import Column, Columns
from numgan.metrics.copies import near_copies
from numgan.metrics.estimate import Estimate
from numgan.metrics.kernel import gaussian_distance
from numgan.metrics.two_sample import kolmogorov_smirnov, total_variation, two_sample_auc

ENOUGH, ROWS = 300, 1000  # held-out rows that suffice alone; rows for the classifier at most
GOOD, FAIR = 0.60, 0.75  # the largest AUC of good and of fair samples
LEAST = 8  # held-out rows for floors
FAR = 0.15  # the least distance of a column in the verdict


@dataclass(frozen=True)
class ColumnQuality:
    """One column of real rows and of samples: means, deviations, and the distance of the two laws,
    Kolmogorov-Smirnov's or of categories the total variation, beside that of held-out rows from
    training rows. Of words, means are nan.

        >>> ColumnQuality("age", "integer", (40.0, 41.0), (9.0, 9.5), 0.03, 0.02).distance
        0.03
    """

    name: str
    kind: str
    mean: tuple[float, float]
    std: tuple[float, float]
    distance: float
    floor: float


@dataclass(frozen=True)
class TableQuality:
    """The whole of it. `auc` is of samples against real rows, `auc.floor` of held-out against
    training rows, `normal` of a fitted normal against real rows. Correlations are those of normal
    scores.

        >>> age = ColumnQuality("age", "integer", (40.0, 41.0), (9.0, 9.5), 0.03, 0.02)
        >>> half, none = Estimate(0.5, 0.02, 0.5), Estimate(0.0, 0.01)
        >>> print(TableQuality((age,), half, half, none, none, none).verdict()[:4])
        good
    """

    columns: tuple[ColumnQuality, ...]
    auc: Estimate
    normal: Estimate
    mmd2: Estimate
    correlation: Estimate
    copies: Estimate

    def metrics(self) -> dict[str, Estimate]:
        """The numbers by name, each with its floor."""
        worst = max(self.columns, key=lambda column: column.distance)
        floor = max(column.floor for column in self.columns)
        return {
            "MMD²": self.mmd2,
            "AUC, samples or real": self.auc,
            "farthest column (KS)": Estimate(worst.distance, 0.0, floor),
            "correlations off by": self.correlation,
            "near copies": self.copies,
        }

    def copied(self) -> bool:
        """True if more samples are near copies than is likely by chance for real rows."""
        copies = self.copies
        chance = 3 * sqrt(copies.error**2 + copies.floor_error**2)
        return copies.value > copies.floor + max(chance, 0.02)

    def verdict(self) -> str:
        """Good, fair or poor, and what to try next."""
        auc = self.auc.value
        grade = "good" if auc <= GOOD else "fair" if auc <= FAIR else "poor"
        says = f"{grade}: a classifier tells samples from real rows with AUC {auc:.2f} (½ is chance"
        says += f", a fitted normal gets {self.normal.value:.2f})"
        advice = []
        if self.copied():
            says += f"; {self.copies.value:.0%} are near copies of training rows"
            advice.append("more noise (--smooth) or fewer --steps")
        worst = max(self.columns, key=lambda column: column.distance - column.floor)
        if grade != "good":
            if worst.distance > FAR + worst.floor:
                advice.append(f"another kind for column {worst.name} (--columns)")
            advice.append("twice the --steps, then wider layers (--hidden)")
        return says + (f"; try {', or '.join(advice)}" if advice else "")

    def table(self) -> str:
        """The columns, one line for each."""
        head = f"{'column':24}{'mean, real':>12}{'samples':>12}{'std, real':>12}{'samples':>12}"
        lines = [head + f"{'KS':>8}{'real':>8}"]
        for c in self.columns:
            numbers = (c.mean[0], c.mean[1], c.std[0], c.std[1])
            cells = "".join(f"{'–' if v != v else f'{v:.4g}':>12}" for v in numbers)
            lines.append(f"{c.name[:23]:24}{cells}{c.distance:>8.3f}{c.floor:>8.3f}")
        return "\n".join(lines)


def table_quality(columns: Columns, samples: Array, rng: Any) -> TableQuality:
    """The quality of samples (n, len(columns)), in the data's numbers, against the rows that
    `columns` keeps.

    Real rows are the held-out ones where there are 300 at least; of fewer rows nothing could be
    said by them alone, so all stand in, and near copies say whether training rows came back.

        >>> from numgan.data.columns import Column, Columns
        >>> rows = np.array([[0.0], [1.0]]).repeat(8, axis=0)
        >>> coin = Columns((Column("coin", "category", levels=np.array([0.0, 1.0])),), True,
        ...                train=rows, held=rows)
        >>> table_quality(coin, rows, np.random.default_rng(0)).columns[0].distance
        0.0
    """
    train, held = columns.train, columns.held
    if len(held) < LEAST:  # no row is held out: halves of the training rows give the floors
        order = rng.permutation(len(train))
        held, others = train[order[: len(train) // 2]], train[order[len(train) // 2 :]]
    else:
        others = train
    real = held if len(held) >= ENOUGH else np.concatenate([train, columns.held])
    real = real[rng.permutation(len(real))[: 10 * ROWS]]
    x, y, h, t = (columns.forward(rows, "float64") for rows in (real, samples, held, others))
    n = min(ROWS, len(x))
    normal = columns.forward(fitted_normal(columns, n, rng), "float64")
    some = y[: max(n, LEAST)]
    auc, floor, normal_auc = (
        two_sample_auc(a, b, rng) for a, b in ((x[:n], some), (h[:ROWS], t[:ROWS]), (x[:n], normal))
    )
    return TableQuality(
        tuple(
            column_quality(column, real[:, j], samples[:, j], held[:, j], others[:, j])
            for j, column in enumerate(columns.columns)
        ),
        Estimate(auc.value, auc.error, floor.value, floor.error),
        normal_auc,
        gaussian_distance(y, x, rng),
        correlation_change(y, x, h, t),
        near_copies(y, columns.forward(train, "float64")),
    )


def column_quality(
    column: Column, real: Array, fake: Array, held: Array, train: Array
) -> ColumnQuality:
    """One column's numbers.

    >>> from numgan.data.kinds import make_column
    >>> v = np.array([0.0, 0.5, 1.5, 2.0])
    >>> column_quality(make_column("x", v, v, None, None), v, v + 1, v, v).mean
    (1.0, 2.0)
    """
    distance = total_variation if column.kind == "category" else kolmogorov_smirnov
    sides = (real, fake) if column.words is None else (np.array([np.nan]),) * 2
    return ColumnQuality(
        column.name,
        column.kind,
        (float(sides[0].mean()), float(sides[1].mean())),
        (float(sides[0].std()), float(sides[1].std())),
        distance(real, fake),
        distance(held, train),
    )


def correlations(x: Array) -> Array:
    """All pairs' correlations of encoded rows (n, d), those of a column without a spread 0.

    >>> correlations(np.array([[0.0, 0.0], [1.0, 2.0]])).round(6).tolist()
    [1.0]
    """
    z = (x - x.mean(0)) / np.maximum(x.std(0), 1e-12)
    return (z.T @ z / len(z))[np.triu_indices(x.shape[1], 1)]


def correlation_change(y: Array, x: Array, held: Array, train: Array) -> Estimate:
    """The mean of |ρ_samples − ρ_real| over all pairs, and of held-out against training rows.
    Error: the spread of those differences over √pairs.

        >>> x = np.array([[0.0, 0.0], [1.0, 2.0]])
        >>> round(correlation_change(x * [1, -1], x, x, x).value, 6)
        2.0
    """
    if x.shape[1] < 2:
        return Estimate(0.0, 0.0, 0.0)
    change = abs(correlations(y) - correlations(x))
    floor = abs(correlations(held) - correlations(train))
    return Estimate(
        float(change.mean()), float(change.std()) / sqrt(len(change)), float(floor.mean())
    )


def fitted_normal(columns: Columns, n: int, rng: Any) -> Array:
    """n rows of the normal distribution with the training rows' mean and covariance, brought to
    what the columns can hold: their decimals, their categories.

        >>> from numgan.data.columns import Column, Columns
        >>> rows = np.array([[0.0], [1.0]])
        >>> coin = Column("coin", "category", levels=np.array([0.0, 1.0]))
        >>> x = fitted_normal(Columns((coin,), True, train=rows), 50, np.random.default_rng(0))
        >>> np.unique(x).tolist()
        [0.0, 1.0]
    """
    train = columns.train
    rows = rng.multivariate_normal(train.mean(0), np.atleast_2d(np.cov(train.T)), size=n)
    for j, column in enumerate(columns.columns):
        if column.kind in ("category", "constant"):
            rows[:, j] = column.levels[abs(np.subtract.outer(rows[:, j], column.levels)).argmin(1)]
        elif column.decimals is not None:
            rows[:, j] = np.round(rows[:, j], column.decimals)
        if column.kind == "log":
            rows[:, j] = np.maximum(rows[:, j], train[:, j].min())
    return rows

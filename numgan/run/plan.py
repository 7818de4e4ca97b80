"""The choices for a run on the user's rows, made from the rows, with their reasons. They were found
by trial on tables of 150 to 5,000 rows and 2 to 31 columns. The user's own choices are never
changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from numgan.data import Dataset
from numgan.data.content import quantity
from numgan.data.smooth import effective_dimension, neighbour_width
from numgan.run.config import Config

FEW, MANY = 1_000, 64  # rows of a long run; entries of a row for wide networks
THIN = 4  # entries of a row up to which networks are deep
FEWEST, NOISE = 300, {True: 1.5, False: 1.0}  # noise of few rows, of others, in neighbour_width
STEPS = {True: 6_000, False: 8_000}  # of few rows, and of others
WIDEST_NOISE = 0.8  # h at most, so that a drawn row is more row than noise


def planned(config: Config, data: Dataset, named: Collection[str]) -> tuple[Config, Dataset]:
    """The configuration with all choices that the user did not name, and the data, whose account
    explains the choices. If the data's columns have no kinds, only the batch is adapted.
    """
    if data.columns is None:
        return (config, data) if "batch" in named else fitted(config, data)
    chosen, lines = choices(data, named)
    told = [("chosen", line) for line in lines]
    data = replace(data, account=(*data.account, *told))
    return replace(config, **chosen), data


def choices(data: Dataset, named: Collection[str]) -> tuple[dict[str, Any], list[str]]:
    """The fields that the rows decide, and a sentence for each group of fields."""
    columns, R = data.columns, data.rows or 0
    assert columns is not None
    x = data.all_rows()
    learnt = sum(column.width > 0 for column in columns.columns)
    what = quantity(learnt, "column")
    chosen: dict[str, Any] = {"latent": latents(learnt)}
    why = {"latent": f"{what}: {quantity(chosen['latent'], 'latent')} (--latent)"}
    if columns.free > 1:
        dimension = effective_dimension(x[:, : columns.free].astype("float64"))
        why["latent"] = (
            f"{what} of effective dimension {dimension:.1f}: " + why["latent"][len(what) + 2 :]
        )
    if data.dim <= THIN:
        chosen |= {"hidden": (128,) * 3, "activation": "relu", "activation_d": "leaky_relu"}
        why["hidden"] = f"{data.dim} numbers in a row may lie on curves: three layers (--hidden)"
    if data.dim > MANY:
        chosen |= {"hidden": (256, 256), "lr": 5e-4}
        why["hidden"] = f"{data.dim} numbers in a row: hidden widths 256,256 (--hidden)"
        why["lr"] = "and a learning rate of 5e-4 (--lr)"
    batch = min(128, 1 << R.bit_length() - 1)
    steps = STEPS[R < FEW]
    chosen |= {"batch": batch, "steps": steps}
    why["batch"] = f"{quantity(R, 'row')} to train on: minibatches of {batch} (--batch)"
    why["steps"] = f"{steps:,} iterations, {steps * batch / R:,.0f} epochs (--steps)"
    if not {"penalty", "clip"} & set(named):
        chosen |= {"penalty": "r1", "weight": 1.0, "every": 4}
        why["penalty"] = "R1 of weight 1 at every 4th step, so that D stays smooth (--penalty)"
    if columns.free > 0:
        apart = neighbour_width(x[:, : columns.free].astype("float64"))
        h = round(min(NOISE[R < FEWEST] * apart, WIDEST_NOISE), 3)
        chosen["smooth"] = h
        why["smooth"] = (
            f"neighbours are {apart:.2g} deviations apart: rows are drawn with noise of {h:g}, so "
            f"that none is learnt by heart (--smooth)"
        )
    return (
        {name: value for name, value in chosen.items() if name not in named},
        [line for name, line in why.items() if name not in named],
    )


def latents(learnt: int) -> int:
    """The number of latents: one for each column to learn, at least 2 and at most 64."""
    return min(max(learnt, 2), 64)


def fitted(config: Config, data: Dataset) -> tuple[Config, Dataset]:
    """A configuration whose batch is at most as large as the data: a larger one becomes the largest
    power of two that fits, and the data's account says so.
    """
    if data.rows is None or config.batch <= data.rows:
        return config, data
    batch = 1 << data.rows.bit_length() - 1
    line = (
        "batch",
        f"{batch} in place of {config.batch}, for there are {data.rows} rows (--batch decides)",
    )
    return replace(config, batch=batch), replace(data, account=(*data.account, line))

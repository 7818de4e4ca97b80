"""The samples of a run that a user requests, and the user's rows as inputs of D."""

from __future__ import annotations

from math import inf, prod
from typing import Any

import numpy as np

from numgan.arguments import kind_of
from numgan.data.content import listing, require_finite
from numgan.errors import InputError
from numgan.run.inmemory import is_frame
from numgan.run.memory import enough
from numgan.run.options import Whole
from numgan.run.run import Run, plain_number

ASKED = ("n", "seed", "classes")  # the names of a sample's choices in Python


def latents_of(
    run: Run, n: int, seed: int, classes: Any = None, asked: tuple[str, str, str] = ASKED
) -> np.ndarray:
    """n latents of a seed, with the requested classes c. Raises InputError, with the names of the
    three choices in `asked`, for a wrong value, and if the samples exceed memory.
    """
    n, seed = plain_number(n), plain_number(seed)
    Whole(1).check(asked[0], n)
    Whole(0, below=inf).check(asked[1], seed)
    # z, and the samples twice: in blocks and joined
    both = prod(run.training.game.G.input_shape) + 2 * run.data.dim
    enough(f"{asked[0]} {n}", n * both, run.config.dtype)
    z = run.drawn(n, seed)
    if classes is not None:
        c = one_hot_of(run, n, classes, asked[2])
        z[:, -c.shape[1] :] = c
    return z


def one_hot_of(run: Run, n: int, classes: Any, says: str = "classes") -> np.ndarray:
    """c (n, K) of one class for all, or of one for each, as the data name them. Raises InputError
    for an unknown class.
    """
    if run.training.classes is None:
        raise InputError(
            f"{says} is for conditional runs: this one was not trained with --conditional"
        )
    names = [str(value) for value in run.data.classes or ()]
    asked = [str(value) for value in np.ravel(np.asarray(classes)).tolist()]
    if len(asked) not in (1, n):
        raise InputError(f"{len(asked)} classes for {n} samples: expected one, or one for each")
    if unknown := [value for value in asked if value not in names]:
        raise InputError(f"{says} must be one of {listing(names)}, got {unknown[0]!r}")
    places = [names.index(value) for value in asked] * (n if len(asked) == 1 else 1)
    return np.eye(len(names), dtype=run.config.dtype)[places]


def frame_of(run: Run, n: int, seed: int, classes: Any) -> Any:
    """Samples as a frame, with the columns of the data."""
    data, form = run.data, run.data.form
    if data.image_shape is not None or form is None:
        raise InputError("a frame is for rows of your own: run.sample(n) gives these as an array")
    make = frame_type(run)
    z = latents_of(run, n, seed, classes)
    rows = data.stored(run.generate(z)[:, : data.dim])
    names = form.names or tuple(f"column {j + 1}" for j in range(len(form.whole)))
    columns = {}
    for j, name in enumerate(names):
        values = rows[name] if rows.dtype.names else rows[:, j]
        columns[name] = (values.astype(np.int64) if form.whole[j] else values).tolist()
    if run.training.classes is not None:
        known, K = np.array(data.classes), len(data.classes or ())
        columns[form.label_name] = known[z[:, -K:].argmax(axis=1)].tolist()
    return make(columns)


def frame_type(run: Run) -> Any:
    """The type of the frame that the run was trained on, else that of pandas."""
    given = None if run.given is None else run.given.given
    if is_frame(given):
        return type(given)
    try:
        from pandas import DataFrame
    except ModuleNotFoundError:
        raise InputError("run.frame needs pandas: pip install pandas") from None
    return DataFrame


def judged(run: Run, x: Any, classes: Any = None) -> np.ndarray:
    """Rows or images in the units of the data as inputs of D, x or [x | c], (n, …)."""
    data, columns = run.data, run.data.columns
    width = data.dim if columns is None else len(columns.columns)
    shape = data.image_shape or (width,)
    x = x.to_numpy() if hasattr(x, "to_numpy") else np.asarray(x)
    if x.dtype.kind not in "biuf" or x.ndim == 0 or x.size != len(x) * width or not x.size:
        expected = ", ".join(map(str, shape))
        raise InputError(f"D judges numbers of shape (n, {expected}), got {kind_of(x)}")
    x = x.reshape(len(x), width)
    require_finite(x, "x")
    if columns is None:
        x = ((x - data.offset) / data.scale).astype(run.config.dtype)
    else:
        x = columns.forward(x, run.config.dtype)
    if run.training.classes is None:
        if classes is not None:
            one_hot_of(run, len(x), classes)  # it refuses them
        return x
    if classes is None:
        raise InputError("D of a conditional run judges pairs: give the classes of x, classes=…")
    return np.concatenate([x, one_hot_of(run, len(x), classes)], axis=1)

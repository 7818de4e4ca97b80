"""Labels as files have them: whole numbers, words, or ones among zeros."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

FILES = (".npy", ".csv", ".tsv", ".txt")  # a name with one of these endings is a file of labels


def is_file(labels: str | None) -> bool:
    """True for a --labels that is no column and no array."""
    return labels is not None and (
        labels.lower().endswith(FILES) or "idx1-ubyte" in os.path.basename(labels)
    )


def as_labels(values: Array, R: int, where: object) -> Array:
    """Labels (R,), integers or text, of an array (R,), (R, 1) or one-hot (R, K). Raises InputError,
    naming `where`, for what are no classes of R rows."""
    x = np.asarray(values)
    if x.ndim == 2 and x.shape[1] > 1 and x.dtype.kind in "biuf" and len(x) and is_one_hot(x):
        x = x.argmax(1)
    if x.shape not in ((R,), (R, 1)):
        raise InputError(
            f"{where} has shape {x.shape}: expected a label for each of {R:,} rows, ({R},)"
        )
    x = x.reshape(R)
    if x.dtype.kind == "S":
        x = np.char.decode(x, "utf-8", "replace")
    if x.dtype.kind == "f" and np.isfinite(x).all() and (x == np.rint(x)).all():
        x = x.astype(np.int64)
    if x.dtype.kind not in "biuU":
        raise InputError(
            f"{where} holds {x.dtype} values that are not whole: expected classes, "
            f"integers or words"
        )
    K = len(np.unique(x))
    if K > max(R // 2, 1):
        raise InputError(
            f"{where} holds {K:,} different values in {R:,} rows: expected classes that occur often"
        )
    return x.astype(np.int64) if x.dtype.kind == "b" else x


def is_one_hot(x: Array) -> bool:
    """True for rows of zeros with a single 1 in each."""
    return bool(((x == 0) | (x == 1)).all() and (x.sum(1) == 1).all())


def read_labels(path: Path, R: int) -> Array:
    """The labels of R rows in a file: an array, or a line for each, of which the last cell is the
    label.
    """
    from numgan.data.idx import read_idx  # which reads labels too
    from numgan.data.npy import read_array

    if not path.is_file():
        raise InputError(f"--labels: no such file: {path}")
    if path.suffix.lower() == ".npy":
        return as_labels(read_array(path), R, path)
    if "idx1-ubyte" in path.name:
        return as_labels(read_idx(path), R, path)
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(f"cannot read {path}: {why}") from None
    words = [
        line.replace(";", ",").replace("\t", ",").split(",")[-1].strip().strip('"')
        for line in lines
        if line
    ]
    if len(words) == R + 1:  # a header
        words = words[1:]
    return as_labels(from_words(words), R, path)


def from_words(words: list[str]) -> Array:
    """Labels of text: numbers where all of them are, else words."""
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        return np.array(words)

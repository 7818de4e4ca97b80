"""The labels in files: whole numbers, words, or one-hot rows."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

FILES = (".npy", ".csv", ".tsv", ".txt")  # a name with one of these endings is a file of labels


def is_label_file(labels: str | None) -> bool:
    """True if a value of --labels names a file, not a column or an array.

    >>> is_label_file("y.csv"), is_label_file("kind")
    (True, False)
    """
    return labels is not None and (
        labels.lower().endswith(FILES) or "idx1-ubyte" in os.path.basename(labels)
    )


def as_labels(values: Array, R: int, where: object) -> Array:
    """Labels (R,), integers or text, from an array (R,), (R, 1) or one-hot (R, K). Raises
    InputError, with `where` in the message, if the values are no classes of R rows.

    >>> as_labels(np.array([[0, 1], [1, 0], [0, 1], [1, 0]]), 4, "y.npy")
    array([1, 0, 1, 0])
    >>> as_labels(np.array([2.0, 3.0, 2.0, 3.0]), 4, "y.npy")
    array([2, 3, 2, 3])
    """
    x = np.asarray(values)
    if x.ndim == 2 and x.shape[1] > 1 and x.dtype.kind in "biuf" and len(x) and _is_one_hot(x):
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


def _is_one_hot(x: Array) -> bool:
    """True for rows of zeros with a single 1 in each."""
    return bool(((x == 0) | (x == 1)).all() and (x.sum(1) == 1).all())


def read_labels(path: Path, R: int) -> Array:
    """The labels of R rows from a file: an array, or text with one line for each row, whose last
    cell is the label.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "y.csv"
    ...     _ = path.write_text("name,kind\\nTom,cat\\nRex,dog\\nMia,cat\\nAce,dog\\n")
    ...     read_labels(path, 4).tolist()
    ['cat', 'dog', 'cat', 'dog']
    """
    from numgan.data.idx import read_idx  # idx.py imports this module
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
    return as_labels(labels_from_words(words), R, path)


def labels_from_words(words: list[str]) -> Array:
    """The labels in words: numbers if all words are numbers.

    >>> labels_from_words(["3", "5"]).tolist(), labels_from_words(["3", "x"]).tolist()
    ([3.0, 5.0], ['3', 'x'])
    """
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        return np.array(words)

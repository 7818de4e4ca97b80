"""NumPy's own files: the array of a .npy, and of an .npz the one that is meant, with the labels
that belong to it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.content import Content, finite, listed, number_of
from numgan.data.labels import as_labels, is_file
from numgan.data.pixels import images
from numgan.errors import InputError

# Names that an array of data has by custom, and those of its labels. Of the first column one may be
# there alone.
CUSTOM = {
    "x": ("y", "labels", "label", "target", "targets", "classes"),
    "data": ("labels", "label", "target", "targets", "classes", "y"),
    "samples": ("classes", "labels"),
    "images": ("labels", "label", "classes", "y"),
    "x_train": ("y_train", "labels_train"),
    "train_x": ("train_y", "train_labels"),
    "train_images": ("train_labels",),
    "train_data": ("train_labels", "train_target"),
    "features": ("labels", "label", "target", "targets"),
}
# what SciPy writes of a sparse matrix, with indices or row and col
SPARSE = {"format", "shape", "data"}


def read(path: Path, choices: Choices) -> Content:
    """The rows or images of a .npy or .npz. Raises InputError, in a line, for what it cannot be
    used as.
    """
    choices.refuse_others(
        f"{path.name}, an array", "axes", "range", "array", "labels", "columns", "held"
    )
    asked = None if choices.labels == "none" or is_file(choices.labels) else choices.labels
    with opened(path) as held:
        if not isinstance(held, np.ndarray):
            return of_several(held, path, choices, asked)
        if choices.array is not None:
            raise InputError(f"--array is for .npz files, which hold several: {path} holds one")
        return content(held, path, choices, asked)


def of_several(held: Any, path: Path, choices: Choices, asked: str | None) -> Content:
    """The content of an .npz, with the labels that the user named or that have a customary name."""
    names = held.files
    if set(names) >= SPARSE:
        raise InputError(
            f"{path} holds a sparse matrix of SciPy's: write it out with "
            f"numpy.save('rows.npy', scipy.sparse.load_npz({path.name!r}).toarray())"
        )
    name = chosen_array(names, path, choices.array)
    x = member(held, name, path)
    of_name = asked in names
    found = content(
        x, path if len(names) == 1 else f"{path}, array {name}", choices, None if of_name else asked
    )
    label_name = asked if of_name else None
    if asked is not None and of_name:
        found.labels = as_labels(member(held, asked, path), len(found.x), f"{path}, array {asked}")
        found.say("labels", f"the array {asked}")
    elif choices.labels is None:
        label_name = customary_labels(found, held, name, path)
    found.label_name = label_name or found.label_name
    over = [other for other in names if other not in (name, label_name)]
    hint = f"; passed over: {listed(over)} (--array NAME reads another)" if over else ""
    found.account.insert(0, ("array", name + hint))
    return found


def chosen_array(names: list[str], path: Path, asked: str | None) -> str:
    """The array that the user named, the only one, or the one with a customary name. Raises
    InputError for none or several.
    """
    if asked is not None:
        if asked not in names:
            raise InputError(f"--array {asked}: {path} holds {listed(names) or 'nothing'}")
        return asked
    if len(names) == 1:
        return names[0]
    found = [name for name in names if name.lower() in CUSTOM]
    if len(found) == 1:
        return found[0]
    kinds = (
        f"{' and '.join(found)}, of which either may be meant"
        if found
        else listed(names) or "nothing"
    )
    raise InputError(f"{path} holds {kinds}: expected one array of data; name it with --array NAME")


def customary_labels(found: Content, held: Any, name: str, path: Path) -> str | None:
    """Give the content the labels that belong to the array by their name, or say why not; that
    name.
    """
    for other in held.files:
        if other.lower() in CUSTOM.get(name.lower(), ()):
            try:
                found.labels = as_labels(
                    member(held, other, path), len(found.x), f"the array {other}"
                )
            except InputError as refused:
                found.say("labels", f"none: {refused}")
                return None
            found.say("labels", f"the array {other} (--labels none passes it over)")
            return other
    return None


def content(x: Array, where: object, choices: Choices, column: str | None) -> Content:
    """Rows, or images where the array has three axes or four.
    `column` of rows holds their labels."""
    check(x, where)
    if x.ndim > 2:
        if column is not None:
            raise InputError(
                f"--labels {column}: {where} has no such array; a file of labels has "
                f"a name like y.npy"
            )
        return images(x, where, choices.axes, choices.black_and_white())
    for option in ("axes", "range"):
        if getattr(choices, option):
            raise InputError(
                f"--{option} is for images: {where} has shape {x.shape}, which are rows"
            )
    x = x.reshape(len(x), -1)
    found = Content(x)
    if column is not None:
        found.x, found.labels = without_labels(x, column, where)
        found.label_name = f"column {column}"
        found.say("labels", found.label_name)
    finite(found.x, where)
    R, dim = found.x.shape
    found.account.insert(
        0, ("rows", f"{number_of(R, 'row')} × {number_of(dim, 'column')}, {x.dtype}")
    )
    return found


def without_labels(x: Array, column: str, where: object) -> tuple[Array, Array]:
    """The rows without a column, which counts from 1, and that column as labels."""
    if not column.isdigit() or not 1 <= int(column) <= x.shape[1] or x.shape[1] == 1:
        raise InputError(
            f"--labels {column}: {where} has columns 1 to {x.shape[1]}, one of them, "
            f"or a file of labels"
        )
    j = int(column) - 1
    return np.delete(x, j, axis=1), as_labels(x[:, j], len(x), f"{where}, column {column}")


def check(x: Array, where: object) -> None:
    """Raise InputError unless x is an array of real numbers with 1 to 4 axes, not empty."""
    if x.dtype.names:
        raise InputError(
            f"{where} holds records with the fields {listed(x.dtype.names)}: expected real "
            f"numbers; "
            "numpy.lib.recfunctions.structured_to_unstructured makes columns of them"
        )
    if x.dtype.kind not in "biuf":
        raise InputError(
            f"{where} holds {x.dtype} values: expected real numbers; convert them with .astype"
        )
    if not 1 <= x.ndim <= 4:
        raise InputError(
            f"{where} has shape {x.shape}: expected rows (R, dim) or images (R, H, W) "
            f"or (R, H, W, C)"
        )
    if x.size == 0:
        raise InputError(
            f"{where} is empty, of shape {x.shape}: expected at least one row of at "
            f"least one number"
        )


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The array of a .npy, which stays on the disk, or the open .npz."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    with file:
        held = load(path, file)
        with nullcontext() if isinstance(held, np.ndarray) else held:
            yield held


def load(path: Path, file: IO[bytes]) -> Any:
    """What NumPy makes of an open file. Nothing is unpickled."""
    start = file.read(2)
    file.seek(0)
    if not start:
        raise InputError(f"{path} is empty: expected a {path.suffix} file of numbers")
    try:
        if start == b"PK":  # an archive, as an .npz is
            return np.load(file, allow_pickle=False)
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError:  # what cannot be mapped: objects, no numbers at all, damage
            return np.load(file, allow_pickle=False)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    # damage shows as ValueError, EOFError, BadZipFile, KeyError, MemoryError, …
    except Exception as error:
        raise damaged(path, error) from None


def read_array(path: Path) -> Array:
    """The array of a .npy, in memory."""
    with opened(path) as held:
        if not isinstance(held, np.ndarray):
            raise InputError(f"{path} holds several arrays: expected one")
        return np.array(held)


def member(held: Any, name: str, path: Path) -> Array:
    """An array of an .npz."""
    try:
        found = held[name]
    except Exception as error:  # as above
        raise damaged(path, error) from None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{path} holds {name}: expected an array")
    return found


def damaged(path: Path, error: Exception) -> InputError:
    """The line for a file that NumPy cannot read."""
    if "allow_pickle" in str(error) and "Object" in str(error):
        return InputError(
            f"{path} holds Python objects: expected an array of real numbers; save it again with "
            f".astype(float)"
        )
    if "pickle" in str(error) and not isinstance(error, zipfile.BadZipFile):
        return InputError(
            f"{path} is damaged or is not really a {path.suffix} file of numbers; numpy.save "
            f"writes one"
        )
    return InputError(f"{path} is damaged or is not really a {path.suffix} file of numbers")

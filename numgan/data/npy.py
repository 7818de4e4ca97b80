"""NumPy's own files: the array of a .npy, or the array of data in an .npz with its labels."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.content import Content, listing, quantity, require_finite
from numgan.data.labels import as_labels, is_label_file
from numgan.data.pixels import image_content
from numgan.errors import InputError

# Customary names of an array of data, and of its labels. A file may hold only one of the former.
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
# arrays of SciPy's file for a sparse matrix, beside indices or row and col
SPARSE = {"format", "shape", "data"}


def read(path: Path, choices: Choices) -> Content:
    """The rows or images of a .npy or .npz. Raises InputError, in one line, if the file holds no
    such array.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.npz"
    ...     np.savez(path, x=np.eye(4), y=np.array([0, 1, 0, 1]))
    ...     content = read(path, Choices())
    >>> content.x.shape, content.labels.tolist()
    ((4, 4), [0, 1, 0, 1])
    """
    choices.refuse_others(
        f"{path.name}, an array", "axes", "range", "array", "labels", "columns", "held"
    )
    asked = None if choices.labels == "none" or is_label_file(choices.labels) else choices.labels
    with _open_arrays(path) as held:
        if not isinstance(held, np.ndarray):
            return _read_archive(held, path, choices, asked)
        if choices.array is not None:
            raise InputError(f"--array is for .npz files, which hold several: {path} holds one")
        return array_content(held, path, choices, asked)


def _read_archive(held: Any, path: Path, choices: Choices, asked: str | None) -> Content:
    """The content of an .npz, with the labels that the user chose or that have a customary name."""
    names = held.files
    if set(names) >= SPARSE:
        raise InputError(
            f"{path} holds a sparse matrix of SciPy's: write it out with "
            f"numpy.save('rows.npy', scipy.sparse.load_npz({path.name!r}).toarray())"
        )
    name = _choose_array(names, path, choices.array)
    x = _read_member(held, name, path)
    of_name = asked in names
    found = array_content(
        x, path if len(names) == 1 else f"{path}, array {name}", choices, None if of_name else asked
    )
    label_name = asked if of_name else None
    if asked is not None and of_name:
        found.labels = as_labels(
            _read_member(held, asked, path), len(found.x), f"{path}, array {asked}"
        )
        found.note("labels", f"the array {asked}")
    elif choices.labels is None:
        label_name = _add_customary_labels(found, held, name, path)
    found.label_name = label_name or found.label_name
    over = [other for other in names if other not in (name, label_name)]
    hint = f"; passed over: {listing(over)} (--array NAME reads another)" if over else ""
    found.account.insert(0, ("array", name + hint))
    return found


def _choose_array(names: list[str], path: Path, asked: str | None) -> str:
    """The name of the array that the user chose, of the only array, or of the one with a customary
    name. Raises InputError if there is no such array, or more than one.
    """
    if asked is not None:
        if asked not in names:
            raise InputError(f"--array {asked}: {path} holds {listing(names) or 'nothing'}")
        return asked
    if len(names) == 1:
        return names[0]
    found = [name for name in names if name.lower() in CUSTOM]
    if len(found) == 1:
        return found[0]
    kinds = f"{' and '.join(found)}; either may be meant" if found else listing(names) or "nothing"
    raise InputError(f"{path} holds {kinds}: expected one array of data; name it with --array NAME")


def _add_customary_labels(found: Content, held: Any, name: str, path: Path) -> str | None:
    """Add the labels with a customary name to the content, or note why not. The name, or None."""
    for other in held.files:
        if other.lower() in CUSTOM.get(name.lower(), ()):
            try:
                found.labels = as_labels(
                    _read_member(held, other, path), len(found.x), f"the array {other}"
                )
            except InputError as refused:
                found.note("labels", f"none: {refused}")
                return None
            found.note("labels", f"the array {other} (--labels none passes it over)")
            return other
    return None


def array_content(x: Array, where: object, choices: Choices, column: str | None) -> Content:
    """The content of an array: images if it has three or four axes, else rows. `column` is the
    column of rows that holds their labels.

    >>> content = array_content(np.eye(4), "rows.npy", Choices(), column=None)
    >>> content.x.shape, content.account
    ((4, 4), [('rows', '4 rows × 4 columns, float64')])
    """
    _require_real(x, where)
    if x.ndim > 2:
        if column is not None:
            raise InputError(
                f"--labels {column}: {where} has no such array; a file of labels has "
                f"a name like y.npy"
            )
        return image_content(x, where, choices.axes, choices.black_and_white())
    for option in ("axes", "range"):
        if getattr(choices, option):
            raise InputError(
                f"--{option} is for images: {where} has shape {x.shape}, which are rows"
            )
    x = x.reshape(len(x), -1)
    found = Content(x)
    if column is not None:
        found.x, found.labels = _split_label_column(x, column, where)
        found.label_name = f"column {column}"
        found.note("labels", found.label_name)
    require_finite(found.x, where)
    R, dim = found.x.shape
    found.account.insert(
        0, ("rows", f"{quantity(R, 'row')} × {quantity(dim, 'column')}, {x.dtype}")
    )
    return found


def _split_label_column(x: Array, column: str, where: object) -> tuple[Array, Array]:
    """The rows without a column, which counts from 1, and that column as labels."""
    if not column.isdigit() or not 1 <= int(column) <= x.shape[1] or x.shape[1] == 1:
        raise InputError(
            f"--labels {column}: {where} has columns 1 to {x.shape[1]}, one of them, "
            f"or a file of labels"
        )
    j = int(column) - 1
    return np.delete(x, j, axis=1), as_labels(x[:, j], len(x), f"{where}, column {column}")


def _require_real(x: Array, where: object) -> None:
    """Raise InputError unless x is an array of real numbers with 1 to 4 axes, not empty."""
    if x.dtype.names:
        raise InputError(
            f"{where} holds records with the fields {listing(x.dtype.names)}: expected real "
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
def _open_arrays(path: Path) -> Iterator[Any]:
    """The array of a .npy, mapped from the disk, or the open .npz."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    with file:
        held = _load(path, file)
        with nullcontext() if isinstance(held, np.ndarray) else held:
            yield held


def _load(path: Path, file: IO[bytes]) -> Any:
    """The array or archive in an open file. Nothing is unpickled."""
    start = file.read(2)
    file.seek(0)
    if not start:
        raise InputError(f"{path} is empty: expected a {path.suffix} file of numbers")
    try:
        if start == b"PK":  # an archive, as an .npz is
            return np.load(file, allow_pickle=False)
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError:  # it cannot be mapped: objects, no numbers, damage
            return np.load(file, allow_pickle=False)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    # damage shows as ValueError, EOFError, BadZipFile, KeyError, MemoryError, …
    except Exception as error:
        raise _damage_error(path, error) from None


def read_array(path: Path) -> Array:
    """The array of a .npy, in memory.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "y.npy", np.array([1, 2]))
    ...     read_array(Path(folder) / "y.npy")
    array([1, 2])
    """
    with _open_arrays(path) as held:
        if not isinstance(held, np.ndarray):
            raise InputError(f"{path} holds several arrays: expected one")
        return np.array(held)


def _read_member(held: Any, name: str, path: Path) -> Array:
    """An array of an .npz."""
    try:
        found = held[name]
    except Exception as error:  # as above
        raise _damage_error(path, error) from None
    if not isinstance(found, np.ndarray):
        raise InputError(f"{path} holds {name}: expected an array")
    return found


def _damage_error(path: Path, error: Exception) -> InputError:
    """The error for a file that NumPy cannot read."""
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

"""The IDX format of MNIST's files: a header of a few bytes, then the numbers.

    0 0 type rank   dimension 1 … dimension rank   the numbers, the last index fastest

Type and rank are one byte each, and a dimension is four bytes; all are big-endian. The file may be
compressed (.gz).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.content import Content, listing
from numgan.data.dataset import Dataset
from numgan.data.labels import is_label_file, read_labels
from numgan.data.paths import require_path
from numgan.data.pixels import image_content
from numgan.errors import InputError

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PIECE = 1 << 20  # bytes at a time, so that a wrong size in a header costs no memory


def read_idx(path: Path) -> Array:
    r"""The array in an IDX file. Raises InputError that names the damage: a wrong start, an unknown
    type, too few or too many bytes.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels-idx1-ubyte"
    ...     _ = path.write_bytes(b"\0\0\x08\x01" + b"\0\0\0\x03" + b"\7\2\1")
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    try:
        stream: Any = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
        with stream as file:
            dtype, shape = _read_header(file, path)
            size = dtype.itemsize * prod(shape)
            content = _read_at_most(file, size + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged or cut short: {str(error).rstrip('.')}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    if len(content) != size:
        found = f"{len(content)} bytes" if len(content) < size else "more"
        raise InputError(
            f"{path} holds {found} after its header: expected {size} for {dtype.name} "
            f"of shape {shape}"
        )
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _read_header(file: IO[bytes], path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    """The type and the shape in the header of an IDX file."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise InputError(
            f"{path} begins with {magic.hex(' ') or 'nothing'}: expected 00 00, a "
            f"type and a rank (IDX)"
        )
    if magic[2] not in TYPES or magic[3] == 0:
        types = ", ".join(f"{code:02x}" for code in TYPES)
        raise InputError(
            f"{path} has type {magic[2]:02x} and rank {magic[3]}: expected one of "
            f"{types} and at least 1"
        )
    dimensions = file.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise InputError(f"{path} ends in its header: expected {magic[3]} dimensions of four bytes")
    return np.dtype(TYPES[magic[2]]), struct.unpack(f">{magic[3]}I", dimensions)


def _read_at_most(file: IO[bytes], size: int) -> bytes:
    """The next `size` bytes, or fewer if the file ends."""
    content = bytearray()
    while len(content) < size and (piece := file.read(min(PIECE, size - len(content)))):
        content += piece
    return bytes(content)


def is_idx(path: Path) -> bool:
    """True for a file with a name like those of MNIST's images, and for one that starts as IDX
    does.

    >>> is_idx(Path("train-images-idx3-ubyte.gz"))
    True
    """
    if "ubyte" in path.name.lower() or "idx3" in path.name:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return False
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in TYPES and 1 <= start[3] <= 4


def image_files(folder: Path) -> list[Path]:
    """The files of a folder with names like those of MNIST's images: …images-idx3-ubyte, with or
    without .gz.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
    ...         (Path(folder) / name).touch()
    ...     [path.name for path in image_files(Path(folder))]
    ['t10k-images-idx3-ubyte']
    """
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if "images" in path.name and "idx3" in path.name and path.name[0] != "."
        )
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from None


def choose_images_file(folder: Path) -> Path:
    """The one file of images in a folder like MNIST's; the training set's if there are several.
    Raises InputError if that does not single out one file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for part in ("t10k", "train"):
    ...         (Path(folder) / f"{part}-images-idx3-ubyte").touch()
    ...     choose_images_file(Path(folder)).name
    'train-images-idx3-ubyte'
    """
    found = image_files(folder)
    if len(found) > 1:
        found = [path for path in found if "train" in path.name] or found
    if len({path.name.removesuffix(".gz") for path in found}) != 1:
        names = ", ".join(path.name for path in found) or "none"
        which = f"; name one of them, as in --data {found[0]}" if found else ""
        raise InputError(
            f"{folder}: expected one file of images like train-images-idx3-ubyte.gz, found "
            f"{names}{which}"
        )
    return found[0]


def read_images(path: Path) -> tuple[Array, Array, Path | None]:
    r"""The images of a file, (R, H, W) or (R, H, W, C); their labels (R,); and the path of the
    labels' file. Labels and path are None if there is no such file beside the images.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     images = Path(folder) / "images-idx3-ubyte"
    ...     labels = Path(folder) / "labels-idx1-ubyte"
    ...     _ = images.write_bytes(b"\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2" b"\0\x09\x09\0")
    ...     _ = labels.write_bytes(b"\0\0\x08\1" b"\0\0\0\1" b"\7")
    ...     x, y, path = read_images(images)
    >>> x.tolist(), y.tolist(), path.name
    ([[[0, 9], [9, 0]]], [7], 'labels-idx1-ubyte')
    """
    images = read_idx(path)
    if images.ndim not in (3, 4) or images.dtype != np.uint8 or images.size == 0:
        raise InputError(
            f"{path} holds {images.dtype} of shape {images.shape}: expected uint8 images (R, H, W)"
        )
    name = path.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    beside = [
        path.with_name(name + end) for end in (".gz", "") if path.with_name(name + end).exists()
    ]
    if not beside or name == path.name.removesuffix(".gz"):
        return images, None, None
    labels = read_idx(beside[0])
    if labels.shape != images.shape[:1]:
        raise InputError(
            f"{beside[0]} holds labels of shape {labels.shape}: expected "
            f"({len(images)},), one an image"
        )
    if labels.dtype.kind not in "iu":
        held = f"{labels.dtype} labels from {labels.min()} to {labels.max()}"
        raise InputError(f"{beside[0]} holds {held}: expected whole numbers")
    return images, labels, beside[0]


def read(path: Path, choices: Choices) -> Content:
    r"""The images of a file, or of a folder like MNIST's, with the labels in the file beside them.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "images-idx3-ubyte"
    ...     _ = path.write_bytes(b"\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2" b"\0\xff\xff\0")
    ...     content = read(path, Choices())
    >>> content.x.shape, content.white, content.labels
    ((1, 2, 2), 255, None)
    """
    choices.refuse_others(f"{path.name}, in MNIST's format", "axes", "range", "labels")
    file = choose_images_file(path) if require_path(path).is_dir() else path
    x, labels, where = read_images(file)
    found = image_content(x, file, choices.axes or "NHWC"[: x.ndim], choices.black_and_white())
    if choices.axes is None:
        # the format has one order
        found.account = [line for line in found.account if line[0] != "axes"]
    found.account.insert(0, ("file", file.name))
    if choices.labels is None:
        found.labels = labels
        none = "none: there is no file of them beside the images"
        found.note(
            "labels",
            none if where is None else f"the file {where.name} (--labels none passes it over)",
        )
    elif not is_label_file(choices.labels) and choices.labels != "none":
        raise InputError(
            f"--labels {choices.labels}: expected a file of labels, such as y.npy, or none"
        )
    name = file.name.removesuffix(".gz")
    others = [
        other.name for other in image_files(file.parent) if other.name.removesuffix(".gz") != name
    ]
    if others:
        found.note("passed over", f"{listing(others)} (--data FILE names a file)")
    return found


def from_idx(path: Path, dtype: str = "float32", choices: Choices | None = None) -> Dataset:
    r"""The data set of images of a folder in IDX format, or of a file, scaled to [−1, 1].

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "images-idx3-ubyte"
    ...     _ = path.write_bytes(b"\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2" b"\0\xff\xff\0")
    ...     from_idx(path).all_rows().tolist()
    [[-1.0, 1.0, 1.0, -1.0]]
    """
    choices = choices or Choices()
    found = read(path, choices)
    if is_label_file(choices.labels):
        found.labels = read_labels(Path(str(choices.labels)), len(found.x))
    found.account.insert(0, ("data", str(path)))
    return found.dataset(dtype)

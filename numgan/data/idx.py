"""The IDX format, in which MNIST and its likes are kept: a few bytes that say what follows, then the numbers.

    0 0 type rank   dimension 1 … dimension rank   the numbers, the last index fastest

type and rank are one byte each, a dimension is four bytes, and everything is written with its most significant byte
first. The file may be compressed (.gz).
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
from numgan.data.dataset import Dataset, from_images
from numgan.errors import InputError

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
PIECE = 1 << 20  # bytes at a time, so that a header that lies costs no memory


def read_idx(path: Path) -> Array:
    """The array of an IDX file. Raises InputError naming the damage: wrong magic, unknown type, short, long, cut."""
    try:
        opened: Any = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
        with opened as file:
            dtype, shape = read_header(file, path)
            size = dtype.itemsize * prod(shape)
            content = read_at_most(file, size + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged or cut short: {str(error).rstrip('.')}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    if len(content) != size:
        found = f"{len(content)} bytes" if len(content) < size else "more"
        raise InputError(f"{path} holds {found} after its header: expected {size} for {dtype.name} of shape {shape}")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def read_header(file: IO[bytes], path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    """The type and the shape that an IDX file says it has."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise InputError(f"{path} begins with {magic.hex(' ') or 'nothing'}: expected 00 00, a type and a rank (IDX)")
    if magic[2] not in TYPES or magic[3] == 0:
        types = ", ".join(f"{code:02x}" for code in TYPES)
        raise InputError(f"{path} has type {magic[2]:02x} and rank {magic[3]}: expected one of {types} and at least 1")
    dimensions = file.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise InputError(f"{path} ends in its header: expected {magic[3]} dimensions of four bytes")
    return np.dtype(TYPES[magic[2]]), struct.unpack(f">{magic[3]}I", dimensions)


def read_at_most(file: IO[bytes], size: int) -> bytes:
    """The next `size` bytes, or what there is."""
    content = bytearray()
    while len(content) < size and (piece := file.read(min(PIECE, size - len(content)))):
        content += piece
    return bytes(content)


def images_file(folder: Path) -> Path:
    """The file of images in a folder like MNIST's: the one named …images-idx3-ubyte, with or without .gz; the training
    set's where there are several."""
    try:
        found = sorted(path for path in folder.iterdir() if "images" in path.name and "idx3" in path.name)
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from None
    if len(found) > 1:
        found = [path for path in found if "train" in path.name] or found
    if len({path.name.removesuffix(".gz") for path in found}) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise InputError(f"{folder}: expected one file of images like train-images-idx3-ubyte.gz, found {names}")
    return found[0]


def read_idx_folder(folder: Path) -> tuple[Array, Array]:
    """The images of a folder, (R, H, W) or (R, H, W, C), and their labels (R,), or None where no file has them."""
    path = images_file(folder)
    images = read_idx(path)
    if images.ndim not in (3, 4) or images.dtype != np.uint8 or images.size == 0:
        raise InputError(f"{path} holds {images.dtype} of shape {images.shape}: expected uint8 images (R, H, W)")
    name = path.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    beside = [folder / (name + ending) for ending in (".gz", "") if (folder / (name + ending)).exists()]
    if not beside:
        return images, None
    labels = read_idx(beside[0])
    if labels.shape != images.shape[:1]:
        raise InputError(f"{beside[0]} holds labels of shape {labels.shape}: expected ({len(images)},), one an image")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > 255:
        held = f"{labels.dtype} labels from {labels.min()} to {labels.max()}"
        raise InputError(f"{beside[0]} holds {held}: expected whole numbers from 0 to 255")
    return images, labels


def from_idx(folder: Path, dtype: str = "float32") -> Dataset:
    """The images of a folder in IDX format, pixels 0 … 255 brought to [−1, 1]."""
    images, labels = read_idx_folder(folder)
    return from_images(images, 0, 255, dtype, labels)

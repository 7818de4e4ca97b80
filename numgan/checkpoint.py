"""A checkpoint: named arrays and a little text in one .npz, with a format version and a checksum,
and no pickle.

Everything that Algorithm 1 changes is a flat vector or a number, so a checkpoint is a handful of
them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from numgan.errors import InputError
from numgan.files import kind, write_whole

MEANS = "numgan checkpoint 1"  # of 0.1, where Adam kept means
FORMAT = "numgan checkpoint 2"
TEXTS = ("format", "about", "checksum")
LONGEST = 1 << 20  # bytes of a text; a run's takes some ten thousand
DAMAGE = (
    ValueError,
    TypeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    OverflowError,
    SyntaxError,
    KeyError,
    IndexError,
    Warning,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class Header(NamedTuple):
    """What an array is, before it is read."""

    dtype: np.dtype
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Stored:
    """A checkpoint that is open: its text, the headers of its arrays, and the way to read them.

    Nothing of it is trusted yet: `about` may be any JSON object. What `arrays` returns belongs to
    it by the checksum.
    """

    path: Path
    about: dict
    headers: dict[str, Header]
    texts: dict[str, str]
    file: zipfile.ZipFile

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays. Raises InputError where they do not match the checksum."""
        with whole(self.path):
            arrays = {name: content(self.file, f"array.{name}.npy") for name in self.headers}
        if self.texts["checksum"] != checksum(arrays, self.texts["about"]):
            raise InputError(f"{self.path} is damaged: its content does not match its checksum")
        return arrays


def save(path: Path, arrays: dict[str, np.ndarray], about: dict) -> None:
    """Write `arrays` and the JSON-able `about` to `path`, whole or not at all (InputError where the
    disk refuses)."""
    text = json.dumps(about, sort_keys=True)
    content = io.BytesIO()
    entries: dict[str, Any] = {"format": FORMAT, "about": text, "checksum": checksum(arrays, text)}
    # the same bytes each time
    entries |= {f"array.{name}": arrays[name] for name in sorted(arrays)}
    with zipfile.ZipFile(content, "w") as file:
        for name, value in entries.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(value), allow_pickle=False)
    write_whole(path, content.getvalue())


def load(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and the text of a checkpoint.

    Raises InputError for a file that is missing, foreign, cut short, altered, or of another format.
    """
    with reading(path) as stored:
        return stored.arrays(), stored.about


@contextmanager
def reading(path: Path) -> Iterator[Stored]:
    """A checkpoint with its headers read, and no array yet, so that sizes can be compared with what
    is expected first.

    The members together are no longer than the file itself, as `save` does not compress them: what
    would grow is refused. Raises InputError as `load` does.
    """
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):  # a pipe would keep us waiting
            raise InputError(f"cannot read {path}: {kind(mode)} is there, expected a file")
        opened = open(path, "rb")
    except FileNotFoundError:
        raise InputError(f"no checkpoint at {path}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    with opened:
        with whole(path):
            file = zipfile.ZipFile(opened)
            listed = file.infolist()
            members = {member.filename for member in listed}
            length = sum(member.file_size for member in listed)
            if len(members) < len(listed) or length > os.fstat(opened.fileno()).st_size:
                raise ValueError
            texts = {
                name: text(file, f"{name}.npy") if f"{name}.npy" in members else ""
                for name in TEXTS
            }
        if texts["format"] not in (MEANS, FORMAT):
            found = texts["format"] or "no format"
            raise InputError(
                f"{path} is no checkpoint of this version: expected {FORMAT!r}, got {found!r}"
            )
        with whole(path):
            names = members - {f"{name}.npy" for name in TEXTS}
            if any(not (name.startswith("array.") and name.endswith(".npy")) for name in names):
                raise ValueError
            headers = {
                name.removeprefix("array.").removesuffix(".npy"): header(file, name)
                for name in names
            }
            about = json.loads(texts["about"])
            if not isinstance(about, dict):
                raise ValueError
        yield Stored(path, about, headers, texts, file)


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """A context in which every error and warning of a parser becomes one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    except InputError:
        raise
    except DAMAGE:
        raise InputError(f"{path} is damaged or is no numgan checkpoint") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def header(file: zipfile.ZipFile, name: str) -> Header:
    """The type and shape of a member, which is a .npy file. Raises ValueError unless its length is
    theirs."""
    with file.open(name) as member:
        dtype, shape = read_header(member)
        length = member.tell() + dtype.itemsize * prod(shape)
    if dtype.hasobject or min(shape, default=0) < 0 or length != file.getinfo(name).file_size:
        raise ValueError
    return Header(dtype, shape)


def read_header(member: IO[bytes]) -> Header:
    """What a .npy file says it holds."""
    if np.lib.format.read_magic(member) != (1, 0):  # a later version may have a header of gigabytes
        raise ValueError
    shape, _, dtype = np.lib.format.read_array_header_1_0(member)
    return Header(dtype, shape)


def text(file: zipfile.ZipFile, name: str) -> str:
    """A member that is one text, not too long."""
    dtype, shape = header(file, name)
    if dtype.kind != "U" or shape != () or dtype.itemsize > LONGEST:
        raise ValueError
    return str(content(file, name))


def content(file: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array. Never unpickles."""
    return np.lib.format.read_array(io.BytesIO(file.read(name)), allow_pickle=False)


def checksum(arrays: dict[str, np.ndarray], text: str) -> str:
    """SHA-256 over every name, type, shape and byte."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()

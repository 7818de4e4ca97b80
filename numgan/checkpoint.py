"""A checkpoint: named arrays and a little text in one .npz, with a format version and a checksum, and no pickle.

Everything that Algorithm 1 changes is a flat vector or a number, so a checkpoint is a handful of them.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from numgan.errors import InputError
from numgan.files import write_whole

FORMAT = "numgan checkpoint 1"


def save(path: Path, arrays: dict[str, np.ndarray], about: dict) -> None:
    """Write `arrays` and the JSON-able `about` to `path`, whole or not at all (InputError where the disk refuses)."""
    text = json.dumps(about, sort_keys=True)
    content = io.BytesIO()
    entries = {"format": FORMAT, "about": text, "checksum": checksum(arrays, text)}
    np.savez(content, allow_pickle=False, **entries, **{f"array.{name}": array for name, array in arrays.items()})
    write_whole(path, content.getvalue())


def load(path: Path) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and the text of a checkpoint.

    Raises InputError for a file that is missing, foreign, cut short, altered, or of another format.
    """
    try:
        with zipfile.ZipFile(path) as file:
            entries = {name.removesuffix(".npy"): entry(file, name) for name in file.namelist()}
    except FileNotFoundError:
        raise InputError(f"no checkpoint at {path}") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, MemoryError):
        raise InputError(f"{path} is damaged or is no numgan checkpoint") from None
    found = entries.get("format", np.array("no format"))
    if found.shape != () or str(found) != FORMAT:
        raise InputError(f"{path} is no checkpoint of this version: expected {FORMAT!r}, got {str(found)!r}")
    arrays = {name.removeprefix("array."): value for name, value in entries.items() if name.startswith("array.")}
    text = str(entries.get("about", ""))
    if str(entries.get("checksum")) != checksum(arrays, text):
        raise InputError(f"{path} is damaged: its content does not match its checksum")
    return arrays, json.loads(text)


def entry(file: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array of an .npz, which is a zip of .npy files. Never unpickles."""
    return np.lib.format.read_array(io.BytesIO(file.read(name)), allow_pickle=False)


def checksum(arrays: dict[str, np.ndarray], text: str) -> str:
    """SHA-256 over every name, type, shape and byte."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()

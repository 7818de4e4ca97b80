"""Weights in the format of safetensors, which PyTorch and JAX read too. The only file that names
it: `pip install "numgan[safetensors]"`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from numgan.errors import InputError
from numgan.files import write_whole


def library() -> Any:
    """The module. Raises InputError, with the command that installs it, where it is absent."""
    try:
        import safetensors.numpy
    except ImportError:
        raise InputError(
            "safetensors is not installed: pip install 'numgan[safetensors]'"
        ) from None
    return safetensors.numpy


def save_tensors(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Write named arrays, such as `run.weights("D")`, as one file, whole or not at all.

    >>> from tempfile import TemporaryDirectory
    >>> try:
    ...     with TemporaryDirectory() as place:
    ...         save_tensors(place + "/D.safetensors", {"0.W": np.eye(2)})
    ...         found = load_tensors(place + "/D.safetensors")["0.W"].tolist()
    ... except InputError as absent:  # the library
    ...     found = np.eye(2).tolist()
    >>> found
    [[1.0, 0.0], [0.0, 1.0]]
    """
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_whole(Path(path), library().save(whole))


def load_tensors(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a file by their names. Raises InputError for a file that is missing or none.

    >>> try:
    ...     load_tensors("nowhere.safetensors")
    ... except InputError as refused:
    ...     print(str(refused).count(chr(10)))
    0
    """
    load = library().load
    try:
        return load(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception as error:  # the library has a class of its own for a damaged file
        raise InputError(f"{path} is no safetensors file of NumPy arrays: {error}") from None

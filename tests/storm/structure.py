"""Checkpoints of a wrong structure behind a checksum that is right: the ways, and how to write
them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

Parts = tuple[dict[str, np.ndarray], dict]
SCALARS = (None, 5, -1, 2**63, 10**30, 1e300, float("nan"), "x", [], {}, [1], True, [[]], {"a": 1})
DTYPES = ("c16", "f2", "f8", "i4", "u1", "?", "U3", "S3", "M8[s]")


def read(path: Path) -> Parts:
    """The arrays and the text of a checkpoint, by its format alone."""
    with np.load(path) as file:
        arrays = {
            name.removeprefix("array."): file[name]
            for name in file.files
            if name.startswith("array.")
        }
        return arrays, json.loads(str(file["about"]))


def write(path: Path, whole: Path, arrays: dict[str, np.ndarray], about) -> None:
    """The same file as `whole` with other arrays and another text, and the checksum of these."""
    from numgan.checkpoint import checksum

    with np.load(whole) as file:
        rest = {name: file[name] for name in file.files if not name.startswith("array.")}
    text = json.dumps(about, sort_keys=True)
    rest |= {"about": np.array(text), "checksum": np.array(checksum(arrays, text))}
    np.savez(
        path,
        allow_pickle=False,
        **rest,
        **{f"array.{name}": array for name, array in arrays.items()},
    )


def wrong_arrays(arrays: dict[str, np.ndarray]) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Each array missing, of other shapes, of other types, with values that no training leaves."""
    for name, array in arrays.items():
        others = {
            "missing": None,
            "a number": np.array(1.0),
            "empty": np.empty(0, array.dtype),
            "longer": np.concatenate([array, array]) if array.ndim else np.array([1, 2]),
            "shorter": array[:-1] if array.ndim else np.array([]),
            "of one more axis": array[None],
            "of many axes": array.reshape((1,) * 20 + array.shape),
        }
        if array.ndim > 1:
            others["transposed"] = np.ascontiguousarray(array.T)
            others["flat"] = array.ravel()
        for dtype in (d for d in map(np.dtype, DTYPES) if d != array.dtype):
            whole = np.nan_to_num(array.real).astype("i8")
            others[f"as {dtype}"] = array + 1j if dtype.kind == "c" else whole.astype(dtype)
        if array.dtype.kind == "f" and array.ndim:
            for value in (np.nan, np.inf):
                others[f"with {value}"] = np.where(
                    np.arange(array.size).reshape(array.shape) == 0, value, array
                )
                others[f"with {value}"] = others[f"with {value}"].astype(array.dtype)
        if (
            name == "rows"
        ):  # the metric is nan between measurements; norms may be anything that is no nan
            others.pop("with inf")
            others.pop("with nan")
        for how, other in others.items():
            yield (
                f"{name} {how}",
                {k: v for k, v in (arrays | {name: other}).items() if v is not None},
            )
    yield "no arrays", {}


def wrong_texts(about: dict, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Each entry of the text missing, or of another type or size, at every depth."""
    if not path:
        yield from ((f"the text is {value!r}", value) for value in SCALARS)
    for key, entry in about.items():
        where = ".".join((*path, key))
        # a field that is younger than the checkpoint has its default, and the first checkpoints
        # have neither versions nor a digest
        if path != ("config",) and key not in ("digest", "numgan", "numpy"):
            yield f"{where} missing", {k: v for k, v in about.items() if k != key}
        for value in SCALARS:
            if value != entry and not possible(path, value):
                yield f"{where} = {value!r}", about | {key: value}
        if isinstance(entry, dict):
            yield from (
                (how, about | {key: inner}) for how, inner in wrong_texts(entry, (*path, key))
            )


def possible(path: tuple[str, ...], value) -> bool:
    """True for a number where the generator has one: its state may be any."""
    return path[:1] == ("rng",) and isinstance(value, int) and value >= 0


def wrong_headers(whole: Path) -> Iterator[tuple[str, bytes]]:
    """Files whose sizes are lies, which no checksum can vouch for: arrays that are announced and
    not there, bombs.
    """
    with zipfile.ZipFile(whole) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    for size in (
        "9" * 30,
        "-1",
        "1" * 5000,
        "1000000000000",
        "4000000000",
        "1.5",
        "True",
        "2, " * 40 + "2",
    ):
        for name in ("array.theta_d.npy", "about.npy", "checksum.npy", "format.npy"):
            header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size},), }}\n".encode()
            yield f"{name} of shape ({size[:30]})", packed(entries | {name: npy(header)})
    for text in (
        b"{}",
        b"5",
        b"__import__('os')",
        b"(" * 2000,
        b"{'descr': '|O', 'fortran_order': False, 'shape': ()}",
    ):
        yield f"a header {text[:20]!r}", packed(entries | {"array.theta_d.npy": npy(text)})
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (300000000,), }\n"
    yield (
        "a bomb of 300 MB",
        packed(entries | {"array.theta_d.npy": npy(header) + bytes(300_000_000)}, deflated=True),
    )
    yield "20,000 entries", packed(entries | {f"array.{n}.npy": b"" for n in range(20_000)})
    yield "no file in it", packed({})


def npy(header: bytes) -> bytes:
    """An .npy that ends after its header."""
    return b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header


def packed(entries: dict[str, bytes], deflated: bool = False) -> bytes:
    """A zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(
        content, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED, compresslevel=1
    ) as file:
        for name, entry in entries.items():
            file.writestr(name, entry)
    return content.getvalue()

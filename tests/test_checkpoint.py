"""A checkpoint comes back whole, or is refused with one line; writing leaves the old file or the
new one.
"""

import os
import pickle

import numpy as np
import pytest

from numgan import checkpoint
from numgan.errors import InputError
from numgan.files import write_whole

ARRAYS = {
    "theta": np.arange(7, dtype=np.float32),
    "empty": np.zeros((0, 3)),
    "position": np.array(5),
}
ABOUT = {"step": 12, "state": 2**127 + 1, "text": "θ"}


def test_round_trip(tmp_path):
    checkpoint.save(tmp_path / "c.npz", ARRAYS, ABOUT)
    arrays, about = checkpoint.load(tmp_path / "c.npz")
    assert about == ABOUT and arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].tobytes() == array.tobytes() and arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape


def test_every_truncation_and_every_flipped_byte_is_refused_or_harmless(tmp_path):
    """Whatever happens to a byte, the file is refused with an InputError or gives exactly what was
    saved.
    """
    good, bad = tmp_path / "good.npz", tmp_path / "bad.npz"
    checkpoint.save(good, ARRAYS, ABOUT)
    content = good.read_bytes()
    refused = 0
    for i in range(0, len(content), 7):
        for damaged in (content[:i], content[:i] + bytes([content[i] ^ 0xFF]) + content[i + 1 :]):
            bad.write_bytes(damaged)
            try:
                arrays, about = checkpoint.load(bad)
            except InputError as error:
                refused += 1
                assert "\n" not in str(error) and "bad.npz" in str(error)
            else:
                assert about == ABOUT
                assert all(
                    arrays[name].tobytes() == array.tobytes() for name, array in ARRAYS.items()
                )
    assert refused > len(content) / 7  # every truncation, and flips in the data


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "c.npz"
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoint.load(path)
    np.savez(path, theta=np.zeros(3))
    with pytest.raises(InputError, match="expected 'numgan checkpoint 2', got 'no format'"):
        checkpoint.load(path)
    with pytest.raises(InputError, match="cannot read"):
        checkpoint.load(tmp_path)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(InputError, match="no numgan checkpoint"):
        checkpoint.load(tmp_path / "array.npy")


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    path = tmp_path / "c.npz"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError):
        checkpoint.load(path)
    np.savez(path, theta=np.array([Trap()], dtype=object))
    (tmp_path / "sprung").rmdir() if (tmp_path / "sprung").exists() else None
    with pytest.raises(InputError):
        checkpoint.load(path)
    assert not (tmp_path / "sprung").exists()


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write .*file: No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["file"]

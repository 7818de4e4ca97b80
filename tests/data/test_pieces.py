"""A piece at a time: the same bits as of the whole, and no more memory than the result takes."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from numgan.checkpoint import checksum
from numgan.data import pieces
from numgan.data.dataset import from_images, from_rows
from numgan.data.files import from_file


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 1 << 10)


@pytest.mark.parametrize("shape", [(1000, 1), (1001, 2), (999, 7), (50, 300)])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2"])
def test_rows_have_the_bits_of_the_whole(shape, order, dtype):
    """The formulas on the whole array, as they stand in the docstring of from_rows."""
    x = np.asarray(1000 * np.random.default_rng(0).standard_normal(shape), dtype, order)
    rows = x.astype(np.float64)
    largest = abs(rows).max(0)
    unit = rows / largest
    mean, spread = unit.mean(0), np.maximum(unit.std(0), 1e-12)
    data = from_rows(x, "float32")
    assert np.array_equal(data.source.rows, ((unit - mean) / spread).astype("float32"))
    assert np.array_equal(data.offset, largest * mean) and np.array_equal(
        data.scale, largest * spread
    )
    assert data.digest == checksum({"rows": rows}, "")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
def test_images_have_the_bits_of_the_whole(order, dtype):
    images = np.asarray(np.random.default_rng(0).integers(0, 256, (70, 5, 4, 3)), dtype, order)
    labels = np.arange(70) % 7 + 1
    x = images.reshape(70, -1).astype("float32")
    x -= 127.5
    x /= 127.5
    data = from_images(images, 0, 255, "float32", labels)
    assert np.array_equal(data.source.rows, x) and np.array_equal(
        data.source.take(np.array([7, 3])), x[[7, 3]]
    )
    assert data.digest == checksum({"images": images, "labels": labels}, "")
    assert data.digests == {from_images(images, 0, 255, "float32").digest}


LARGE = [("f4", (8000, 64)), ("f8", (8000, 64)), ("f4", (2000, 16, 16)), ("u1", (8000, 16, 16))]


@pytest.mark.parametrize(("dtype", "shape"), LARGE)
def test_reading_makes_no_copy_of_the_whole(tmp_path, dtype, shape, monkeypatch):
    """Beside the data set's own array there are pieces, here of 64 KiB, and their temporary copies.
    A copy of the whole would take as much again at least."""
    monkeypatch.setattr(pieces, "PIECE", 1 << 16)
    x = np.random.default_rng(0).random(shape, np.float32).astype(dtype)
    np.save(tmp_path / "a.npy", x)
    from_file(tmp_path / "a.npy")  # what is imported at the first call
    tracemalloc.start()
    try:
        data = from_file(tmp_path / "a.npy")
        kept = data.source.stored.nbytes if dtype == "u1" else data.source.rows.nbytes
        assert tracemalloc.get_traced_memory()[1] <= kept + 600_000 <= 1.6 * kept
    finally:
        tracemalloc.stop()


PROGRAM = """
import resource, sys
import numpy as np
from numgan.data.files import from_file
np.save(sys.argv[1] + "/small.npy", np.ones((8, 2)))
from_file(sys.argv[1] + "/small.npy")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data = from_file(sys.argv[1] + "/a.npy")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is counted in KiB on Linux alone")
def test_reading_takes_no_more_than_twice_the_file(tmp_path):
    """The memory of the process, mapped pages included, for 30 MB of float32: the data set is as
    large itself, and pieces of 4 MiB with their temporary copies take some 20 MB, whatever the
    file."""
    x = np.ones((30_000, 256), np.float32)
    x[::2] = 0
    np.save(tmp_path / "a.npy", x)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(said.stdout) <= 2 * x.nbytes

"""The table of data sets, the digits among them, and the units that data are trained in."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from numgan.data import DATASETS, dataset
from numgan.data.dataset import from_images, from_rows
from numgan.data.make_digits import write_digits
from numgan.errors import InputError

NO_PATH = [name for name, entry in DATASETS.items() if not entry.needs_path]


@pytest.mark.parametrize("name", [name for name in NO_PATH if name != "fashion"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_data_set_gives_batches(name, dtype):
    data = dataset(name, dtype)
    x = data.batch(64, np.random.default_rng(0))
    assert x.shape == (64, data.dim) and x.dtype == dtype and np.isfinite(x).all()
    assert (data.density is None) == (data.rows is not None) == data.bounded
    assert data.sample(5, np.random.default_rng(0)).shape == (5, data.dim)


def test_modes_are_those_of_the_density():
    for name, K, std in (("ring", 8, 0.01), ("grid", 25, 0.05)):
        data = dataset(name)
        assert data.modes.shape == (K, 2) and data.std == std
    assert dataset("gaussian").modes is None


def test_digits():
    data = dataset("digits", "float64")
    assert (data.rows, data.dim, data.image_shape) == (1797, 64, (8, 8, 1))
    x = data.source.rows
    assert x.min() == -1 and x.max() == 1
    pixels = data.original(x)
    assert np.array_equal(pixels, np.round(pixels)) and pixels.min() == 0 and pixels.max() == 16
    # as published
    assert np.array_equal(
        np.bincount(data.labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )
    # of the original file, a zero
    first_line = [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert np.array_equal(pixels[0, :16], first_line) and data.labels[0] == 0


def test_sampling_leaves_the_epoch_alone():
    data, rng = dataset("digits"), np.random.default_rng(0)
    data.batch(100, rng)
    before = {k: v.copy() for k, v in data.state().items()}
    x = data.sample(1797, rng)
    assert all(np.array_equal(before[k], v) for k, v in data.state().items())
    assert np.array_equal(np.sort(x, axis=0), np.sort(data.source.rows, axis=0))  # each row once


@pytest.mark.parametrize(("name", "rows"), [("ring", 2000), ("digits", 1797)])
def test_peeking_is_always_the_same(name, rows):
    data = dataset(name)
    assert data.peek(2000).shape == (rows, data.dim)
    assert np.array_equal(data.peek(2000), dataset(name).peek(2000))


def test_dataset_state_is_the_sources():
    data, rng = dataset("digits"), np.random.default_rng(0)
    data.batch(100, rng)
    again = dataset("digits")
    again.restore(data.state())
    x, y = (d.batch(128, np.random.default_rng(1)) for d in (data, again))
    assert np.array_equal(x, y)


def test_making_the_digits_again(tmp_path):
    """The script gives the shipped arrays back from lines of pixels and a digit."""
    data = dataset("digits", "float64")
    pixels = data.original(data.source.rows)
    source = tmp_path / "digits.csv"
    np.savetxt(source, np.column_stack([pixels, data.labels]), fmt="%d", delimiter=",")
    write_digits(source, tmp_path / "digits.npz")
    with np.load(tmp_path / "digits.npz") as file:
        assert file["images"].dtype == file["labels"].dtype == np.uint8
        assert np.array_equal(file["images"].reshape(1797, 64), pixels)
        assert np.array_equal(file["labels"], data.labels)
    source.write_text("1,2,3\n")
    with pytest.raises(SystemExit, match="expected 1797 lines"):
        write_digits(source, tmp_path / "digits.npz")


def test_rows_are_standardised_and_come_back():
    rows = np.random.default_rng(0).normal([1e6, -3, 0], [1e3, 0.1, 0], (50, 3)) + [0, 0, 7]
    data = from_rows(rows, "float64")
    x = data.source.rows
    # offset/scale = 1e3 roundings of 1e-16, 50 of them
    assert x.mean(0) == pytest.approx(np.zeros(3), abs=1e-10)
    assert x.std(0)[:2] == pytest.approx(np.ones(2), abs=1e-10)
    assert np.all(np.abs(x[:, 2]) < 1e-3)  # the constant column
    assert data.original(x) == pytest.approx(rows, rel=1e-14, abs=0)
    assert not data.bounded


@pytest.mark.parametrize("constant", [0.0, 5.0, 1e300, -1e-300, 0.1])
def test_constant_columns_stay_small(constant):
    data = from_rows(np.full((1000, 1), constant), "float32")
    assert np.all(np.abs(data.source.rows) < 1e-3)
    assert data.original(data.source.rows.astype(np.float64)) == pytest.approx(constant, rel=1e-12)


def test_rows_of_the_largest_numbers_there_are():
    rows = np.array([[1e-308, 1e308], [2e-308, 1e308], [3e-308, -1e308]])
    data = from_rows(rows, "float64")
    expected = np.array([[-np.sqrt(1.5), 0.5**0.5], [0, 0.5**0.5], [np.sqrt(1.5), -(2**0.5)]])
    assert data.source.rows == pytest.approx(expected, abs=1e-14)  # a few roundings
    assert data.original(data.source.rows) == pytest.approx(rows, rel=1e-14, abs=0)


def test_images_are_scaled_and_come_back():
    images = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    data = from_images(images, 0, 255, "float64")
    assert data.image_shape == (8, 8, 1) and data.bounded and data.dim == 64
    assert data.source.rows.min() == -1 and data.source.rows.max() == 1
    assert data.original(data.source.rows).reshape(images.shape) == pytest.approx(images, abs=1e-12)
    assert from_images(np.zeros((2, 4, 5, 3)), 0, 1, "float32").image_shape == (4, 5, 3)


def test_a_digest_is_that_of_the_data_as_they_came():
    """Neither the precision of training nor the way to networks' units matters; units, order and
    labels do.
    """
    rows, images = (
        np.random.default_rng(0).standard_normal((20, 3)),
        np.arange(48, dtype=np.uint8).reshape(3, 4, 4),
    )
    digest = from_rows(rows, "float32").digest
    assert digest == from_rows(rows.copy(order="F"), "float64").digest
    assert (
        len(
            {
                digest,
                *(
                    from_rows(x, "float32").digest
                    for x in (3 * rows + 7, rows[::-1], rows[1:], rows.T)
                ),
            }
        )
        == 5
    )
    kinds = [
        from_images(images, 0, 255, "float32", labels).digest
        for labels in (None, np.zeros(3), np.ones(3))
    ]
    assert len({*kinds, from_images(images + 1, 0, 255, "float32").digest}) == 4
    assert (
        dataset("digits").conditional().digest == dataset("digits").digest
        and dataset("ring").digest is None
    )


@pytest.mark.parametrize(
    ("name", "path", "says"),
    [
        (
            "rings",
            None,
            "unknown data set 'rings', did you mean ring\\? There are gaussian, ring, grid",
        ),
        ("file", None, "the data set 'file' needs a path of your own data"),
        ("ring", "x.npy", "the data set 'ring' needs no path of your own data"),
    ],
)
def test_wrong_names_are_refused(name, path, says):
    with pytest.raises(InputError, match=says):
        dataset(name, "float32", path)


def test_importing_reads_no_data_and_no_plotting():
    """A fresh interpreter that may not open a data file, and what it has imported."""
    program = (
        "import sys, numpy\n"
        "BEFORE, numpy.load = set(sys.modules), None\n"
        "import numgan.data, numgan.metrics\n"
        "print(sorted({'matplotlib', 'tqdm', 'cupy', 'PIL'} & set(sys.modules) - BEFORE))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_attribution_is_beside_the_file():
    notice = (Path(sys.modules["numgan.data"].__file__).parent / "digits.txt").read_text(
        encoding="utf-8"
    )
    assert all(words in notice for words in ("Alpaydin", "Kaynak", "CC BY 4.0", "10.24432/C50P49"))

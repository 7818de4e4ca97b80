"""MNIST's format: what is written is read back, and every damage has its line."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numgan.data import Choices, dataset
from numgan.data.fashion import FOLDER, KINDS, fashion
from numgan.data.idx import TYPES, from_idx, read_idx
from numgan.data.make_fashion import write_fashion
from numgan.errors import InputError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 3, 4), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 1, 0], dtype=np.uint8)


def idx(array, code=0x08):
    """The bytes of an IDX file."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(TYPES[code]).tobytes()


def packed(content):
    """gzip, without the time: a test has the same name in every process."""
    return gzip.compress(content, mtime=0)


GOOD = idx(IMAGES)


@pytest.mark.parametrize("code", TYPES)
@pytest.mark.parametrize("shape", [(7,), (2, 3), (2, 3, 4), (0, 3)])
@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_every_type_and_rank_comes_back(tmp_path, code, shape, name):
    array = np.random.default_rng(0).integers(-100, 100, shape).astype(TYPES[code])
    path = tmp_path / name
    path.write_bytes(packed(idx(array, code)) if name.endswith(".gz") else idx(array, code))
    read = read_idx(path)
    assert np.array_equal(read, array) and read.shape == shape
    assert read.dtype == np.dtype(TYPES[code]).newbyteorder("=") and read.flags.writeable


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a", b"", "begins with nothing: expected 00 00, a type and a rank"),
        ("a", b"\0\0\x08", "begins with 00 00 08: expected 00 00"),
        ("a", b"\x89PNG" + GOOD, "begins with 89 50 4e 47: expected 00 00"),
        ("a", packed(GOOD), "begins with 1f 8b .*: expected 00 00"),
        (
            "a",
            b"\0\0\x07\x03" + GOOD[4:],
            "has type 07 and rank 3: expected one of 08, 09, 0b, 0c, 0d, 0e",
        ),
        ("a", b"\0\0\x08\0", "has type 08 and rank 0: expected .* and at least 1"),
        ("a", GOOD[:14], "ends in its header: expected 3 dimensions of four bytes"),
        (
            "a",
            GOOD[:-1],
            r"holds 59 bytes after its header: expected 60 for uint8 of shape \(5, 3, "
            r"4\)",
        ),
        ("a", GOOD + b"!", "holds more after its header: expected 60"),
        (
            "a",
            GOOD[:4] + b"\xff" * 12 + GOOD[16:],
            "holds 60 bytes after its header: expected 79228162458924105385300",
        ),
        ("a.gz", GOOD, "is damaged or cut short: Not a gzipped file"),
        ("a.gz", packed(GOOD)[:-9], "is damaged or cut short: Compressed file ended before"),
        ("a.gz", packed(GOOD)[:-1], "is damaged or cut short: Compressed file ended before"),
        ("a.gz", packed(GOOD)[:-8] + b"\0" * 8, "is damaged or cut short: CRC check failed"),
        ("a.gz", packed(GOOD)[:20] + b"\xff" * 40, "is damaged or cut short: "),
        ("a.gz", packed(GOOD[:-1]), "holds 59 bytes after its header: expected 60"),
        ("a.gz", packed(GOOD + b"!"), "holds more after its header: expected 60"),
        ("a.gz", b"", "begins with nothing"),
    ],
)
def test_damage_is_named(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as refused:
        read_idx(path)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None
)
@given(data=st.data(), name=st.sampled_from(["a", "a.gz"]))
def test_any_damage_is_refused_or_harmless(tmp_path, data, name):
    content = bytearray(packed(GOOD) if name == "a.gz" else GOOD)
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read_idx(tmp_path / name)
    except InputError as refused:
        assert "\n" not in str(refused)


def write(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(packed(content) if name.endswith(".gz") else content)
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"train-images-idx3-ubyte": GOOD, "train-labels-idx1-ubyte": idx(LABELS)},
        {"train-images-idx3-ubyte.gz": GOOD, "train-labels-idx1-ubyte.gz": idx(LABELS)},
        {"train-images-idx3-ubyte.gz": GOOD, "train-labels-idx1-ubyte": idx(LABELS)},
        {
            "train-images.idx3-ubyte": GOOD,
            "train-labels.idx1-ubyte": idx(LABELS),
            "readme.txt": b"",
        },
        {
            "train-images-idx3-ubyte": GOOD,
            "train-images-idx3-ubyte.gz": GOOD,
            "train-labels-idx1-ubyte": idx(LABELS),
        },
        {
            "t10k-images-idx3-ubyte": idx(IMAGES[:2]),
            "train-images-idx3-ubyte": GOOD,
            "train-labels-idx1-ubyte": idx(LABELS),
        },
    ],
)
def test_a_folder(tmp_path, files):
    data = dataset("idx", "float64", write(tmp_path, files))
    assert (data.rows, data.dim, data.image_shape) == (5, 12, (3, 4, 1))
    assert np.array_equal(data.labels, LABELS)
    # roundings of 255
    assert data.original(data.source.rows) == pytest.approx(IMAGES.reshape(5, 12), abs=1e-12)


@pytest.mark.parametrize("name", ["", "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"])
def test_as_a_file_of_ones_own(tmp_path, name):
    """A folder of MNIST's, or a file of it, is read where any file may be; the labels are those
    beside it.
    """
    write(
        tmp_path,
        {
            "train-images-idx3-ubyte": GOOD,
            "train-labels-idx1-ubyte": idx(LABELS),
            "t10k-images-idx3-ubyte": idx(IMAGES[:2]),
            "t10k-labels-idx1-ubyte": idx(LABELS[:2] + 7),
        },
    )
    data = dataset("file", "float64", tmp_path / name)
    test = name.startswith("t10k")
    assert data.rows == (2 if test else 5) and data.classes == ((7, 8) if test else (0, 1, 2))
    assert data.digest == dataset("idx", "float64", tmp_path / name).digest
    other = "train" if test else "t10k"
    assert ("passed over", f"{other}-images-idx3-ubyte (--data FILE names a file)") in data.account


@pytest.mark.parametrize("values", [[1, 2, 26], [0, 5, 200], [7, 8, 9]])
def test_classes_are_the_labels_that_occur(tmp_path, values):
    labels = np.array(values, dtype=np.uint8)[[0, 1, 2, 1, 0]]
    data = dataset(
        "idx",
        "float32",
        write(tmp_path, {"images-idx3-ubyte": GOOD, "labels-idx1-ubyte": idx(labels)}),
    )
    assert data.classes == tuple(values) and np.array_equal(data.labels, [0, 1, 2, 1, 0])
    assert data.conditional().dim == 12 + 3
    a, b, c = values
    assert ("classes", f"3: {a} (2), {b} (2), {c} (1)") in data.account
    assert dataset("idx", "float32", tmp_path, Choices(labels="none")).classes is None


def test_a_folder_without_labels(tmp_path):
    assert from_idx(write(tmp_path, {"images-idx3-ubyte": GOOD})).labels is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "expected one file of images like train-images-idx3-ubyte.gz, found none"),
        ({"a-images-idx3": GOOD, "b-images-idx3": GOOD}, "found a-images-idx3, b-images-idx3"),
        ({"images-idx3-ubyte": idx(LABELS)}, r"holds uint8 of shape \(5,\): expected uint8 images"),
        (
            {"images-idx3-ubyte": idx(IMAGES, 0x0D)},
            r"holds float32 of shape \(5, 3, 4\): expected "
            r"uint8 images",
        ),
        ({"images-idx3-ubyte": idx(IMAGES[:0])}, r"holds uint8 of shape \(0, 3, 4\): expected"),
        (
            {"images-idx3-ubyte": GOOD, "labels-idx1-ubyte": idx(LABELS[:4])},
            r"labels-idx1-ubyte holds labels of shape \(4,\): expected \(5,\), one an image",
        ),
        (
            {"images-idx3-ubyte": GOOD, "labels-idx1-ubyte": idx(LABELS / 2, 0x0D)},
            r"labels-idx1-ubyte holds float32 labels from .* to .*: expected whole numbers",
        ),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path, files, says):
    with pytest.raises(InputError, match=says) as refused:
        from_idx(write(tmp_path, files))
    assert "\n" not in str(refused.value)


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="no such file: .*nowhere"):
        from_idx(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(
        InputError, match="file begins with nothing: expected 00 00, a type and a rank"
    ):
        from_idx(tmp_path / "file")


def test_a_file_in_a_folder_that_is_a_folder(tmp_path):
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    with pytest.raises(InputError, match="cannot read .*: Is a directory"):
        from_idx(tmp_path)


def test_the_small_fashion():
    data = dataset("fashion-small")
    assert (data.rows, data.dim, data.image_shape) == (3000, 784, (28, 28, 1))
    assert np.array_equal(np.bincount(data.labels), [300] * len(KINDS))
    assert data.source.rows.dtype == np.float32
    assert data.source.rows.min() == -1 and data.source.rows.max() == 1


def test_making_the_small_fashion(tmp_path):
    """300 of each of ten kinds, the first ones, in the original's order."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(10, dtype=np.uint8), 310))
    # each says which it is
    images = np.arange(3100, dtype=np.int64)[:, None, None] // [[1, 256]] % 256
    write(
        tmp_path,
        {"train-images-idx3-ubyte.gz": idx(images), "train-labels-idx1-ubyte.gz": idx(labels)},
    )
    write_fashion(tmp_path, tmp_path / "small.npz")
    with np.load(tmp_path / "small.npz") as file:
        number = file["images"][:, 0, 0].astype(int) + 256 * file["images"][:, 0, 1].astype(int)
        assert np.all(np.diff(number) > 0) and np.array_equal(labels[number], file["labels"])
        assert np.array_equal(np.bincount(file["labels"]), [300] * 10)
        assert all(
            number[file["labels"] == k].max() == np.flatnonzero(labels == k)[299] for k in range(10)
        )
    write(
        tmp_path,
        {
            "train-images-idx3-ubyte.gz": idx(images[:9]),
            "train-labels-idx1-ubyte.gz": idx(labels[:9]),
        },
    )
    with pytest.raises(SystemExit, match="expected at least 300 images of each of 10 kinds"):
        write_fashion(tmp_path, tmp_path / "small.npz")


def test_fashion_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(fashion.__globals__, "FOLDER", tmp_path / "absent")
    with pytest.raises(
        InputError, match="install Debian's package dataset-fashion-mnist"
    ) as refused:
        dataset("fashion")
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(
    not FOLDER.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed"
)
def test_the_whole_fashion():
    """The small one is in it, image by image."""
    whole, small = fashion("float32"), dataset("fashion-small")
    assert (whole.rows, whole.dim) == (60_000, 784) and np.array_equal(
        np.bincount(whole.labels), [6000] * 10
    )
    chosen = np.sort(np.concatenate([np.flatnonzero(whole.labels == k)[:300] for k in range(10)]))
    assert np.array_equal(whole.source.rows[chosen], small.source.rows)

"""A user's files: what is read, and the one line for whatever cannot be."""

import io
import os
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numgan.data import dataset, load_rows
from numgan.data.files import from_file
from numgan.errors import InputError

GOOD = np.array([[1.0, 2.0], [3.0, 4.5], [-1e-3, 6.0]])


def csv(text):
    return lambda path: path.write_text(text, encoding="utf-8")


def npy(array, **options):
    return lambda path: np.save(path, np.asarray(array), **options)


def npz(**arrays):
    return lambda path: np.savez(path, **arrays)


def raw(content):
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("a.npy", npy(GOOD), GOOD),
        ("a.NPY", lambda p: p.write_bytes(npy_bytes(GOOD)), GOOD),
        ("a.npy", npy(GOOD[:, 0]), GOOD[:, :1]),  # a vector: rows of one number
        ("a.npy", npy(np.asfortranarray(GOOD)), GOOD),
        ("a.npy", npy([[1, 2]]), [[1, 2]]),
        ("a.npy", npy([[True, False]]), [[1, 0]]),
        ("a.npy", npy(GOOD.astype(">f4")), GOOD.astype("f4")),
        ("a.npz", npz(anything=GOOD), GOOD),
        ("a.npz", npz(x=GOOD, y=GOOD[:1]), GOOD),
        ("a.npz", npz(data=GOOD, labels=GOOD[:1]), GOOD),
        ("a.npz", lambda p: np.savez_compressed(p, GOOD), GOOD),
        ("a.csv", csv("1,2\n3,4.5\n-1e-3,6\n"), GOOD),
        ("a.csv", csv("width,height\n1,2\n3,4.5\n-.001,6"), GOOD),
        ("a.csv", csv('"width","height, cm"\r\n1,2\r\n\r\n 3 ,"4.5"\r\n-0.001,6\r\n'), GOOD),
        ("a.csv", csv("\ufeff1,2\n"), [[1, 2]]),  # with a byte order mark
        ("a.csv", csv("7\n8\n"), [[7], [8]]),
    ],
)
def test_reads(tmp_path, name, write, expected):
    write(tmp_path / name)
    rows = load_rows(tmp_path / name)
    assert rows.dtype == np.float64 and np.array_equal(rows, expected)


def npy_bytes(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def zipped(name, content):
    def write(path):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(name, content)

    return write


@pytest.mark.parametrize(
    ("name", "write", "says"),
    [
        ("a.npy", lambda p: None, r"no such file: .*a.npy"),
        (
            "a.npy",
            lambda p: np.save(p.with_name("A.npy"), GOOD),
            r"no such file: .*a.npy; there is "
            r"A.npy",
        ),
        ("b/a.npy", lambda p: None, r"no such file: .*a.npy \(there is no folder .*b\)"),
        ("a.npy", lambda p: p.mkdir(), r"the folder .*a.npy is empty: expected pictures"),
        ("a.csv", lambda p: p.mkdir(), r"the folder .*a.csv is empty: expected pictures"),
        (
            "a",
            csv("1,2"),
            "expected a file that ends in .npy, .npz, .csv, .tsv or .txt, a folder of pictures",
        ),
        ("a.npy", raw(b""), "a.npy is empty: expected a .npy file of numbers"),
        ("a.npy", raw(b"1,2\n3,4\n"), "is damaged or is not really a .npy file"),
        ("a.npy", raw(npy_bytes(GOOD)[:-1]), "is damaged or is not really a .npy file"),
        ("a.npy", raw(npy_bytes(GOOD)[:30]), "is damaged or is not really a .npy file"),
        (
            "a.npy",
            raw(b"PK\x03\x04 and then not a zip file"),
            "is damaged or is not really a .npy file",
        ),
        ("a.npy", raw(npy_bytes(GOOD).replace(b"(3, 2)", b"(3, 9)")), "is damaged"),
        ("a.npz", raw(b"\x80\x04K\x05."), "is damaged or is not really a .npz file"),
        ("a.npz", zipped("x.npy", b"nonsense"), "holds x: expected an array"),
        ("a.npz", zipped("readme.txt", b"no array"), "holds readme.txt: expected an array"),
        ("a.npz", npz(), "holds nothing: expected one array of data"),
        (
            "a.npz",
            npz(first=GOOD, second=GOOD),
            "holds first, second: expected one array of data; name it with",
        ),
        (
            "a.npy",
            npy(np.array([1, "a"], dtype=object), allow_pickle=True),
            "holds Python objects: expected an array",
        ),
        ("a.npz", lambda p: np.savez(p, x=np.array([{}], dtype=object)), "holds Python objects"),
        ("a.npy", npy(GOOD + 1j), "holds complex128 values: expected real numbers"),
        ("a.npy", npy(["a", "b"]), "holds <U1 values: expected real numbers"),
        ("a.npy", npy(np.zeros(2, dtype="M8[s]")), "expected real numbers"),
        ("a.npy", npy(np.zeros(2, dtype=[("a", "f8")])), "expected real numbers"),
        ("a.npy", npy(3.0), r"has shape \(\): expected rows"),
        ("a.npy", npy(np.zeros((1, 1, 1, 1, 1))), r"has shape \(1, 1, 1, 1, 1\): expected rows"),
        ("a.npy", npy(np.zeros((2, 3, 3))), r"has shape \(2, 3, 3\): expected rows \(R, dim\)"),
        ("a.npy", npy(np.zeros((0, 3))), r"is empty, of shape \(0, 3\): expected at least one row"),
        ("a.npy", npy(np.zeros((3, 0))), r"is empty, of shape \(3, 0\)"),
        ("a.npy", npy([[1, 2], [3, np.nan]]), "row 2, column 2: nan, expected a finite number"),
        ("a.npy", npy([1, 2, -np.inf]), "row 3, column 1: -inf, expected a finite number"),
        ("a.csv", csv(""), "a.csv is empty: expected rows of numbers"),
        ("a.csv", csv("# only a comment\n\n"), "a.csv is empty: expected rows of numbers"),
        (
            "a.csv",
            csv("width,height\n"),
            "a.csv is empty below its header: expected at least one row",
        ),
        ("a.csv", csv("1,2\n3\n"), "line 2: 1 columns, expected 2 as in line 1; --separator names"),
        ("a.csv", csv("a,b\n\n1,2,3\n"), "line 3: 3 columns, expected 2 as in line 1"),
        ("a.csv", csv("1,2\n3,four\n"), "line 2, column 2: 'four', expected a number"),
        (
            "a.csv",
            csv("1,height\n3,4\n"),
            "line 1, column 2: 'height', expected a number; .*--header yes",
        ),
        (
            "a.csv",
            csv("1,2\n,4\n"),
            "column 1: 1 missing value in 2 rows, the first in line 2: fill them, or leave",
        ),
        (
            "a.csv",
            csv("a,b\nc,d\n"),
            r"line 2, column 1 \(a\): 'c', expected a number; leave the "
            r"column out",
        ),
        ("a.csv", csv("1,nan\n"), "column 2: 1 missing value in 1 row, the first in line 1"),
        ("a.csv", csv("1,1e999\n"), "line 1, column 2: inf, expected a finite number"),
        ("a.csv", raw(b"1,\xff\xfe\n"), "is not text in UTF-8"),
        ("a.csv", csv("1,2," + "2" * 200_000 + "\n"), "line 1: field larger than field limit"),
    ],
)
def test_refuses_in_one_line(tmp_path, name, write, says):
    path = tmp_path / name
    write(path)
    with pytest.raises(InputError, match=says) as refused:
        load_rows(path)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_unreadable_file(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, GOOD)
    path.chmod(0)
    with pytest.raises(InputError, match="cannot read .*: Permission denied"):
        load_rows(path)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None
)
@given(data=st.data(), suffix=st.sampled_from([".npy", ".npz", ".csv"]))
def test_damage_is_refused_or_harmless(tmp_path, data, suffix):
    """Any bytes changed, any end cut off: finite rows or an InputError, never another exception."""
    path = tmp_path / f"a{suffix}"
    {
        ".npy": np.save,
        ".npz": np.savez_compressed,
        ".csv": lambda p, x: np.savetxt(p, x, delimiter=","),
    }[suffix](path, GOOD)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        rows = load_rows(path)
    except InputError as refused:
        assert "\n" not in str(refused)
    else:
        assert rows.ndim == 2 and rows.size and np.isfinite(rows).all()


@pytest.mark.parametrize(
    ("images", "shape", "low", "high"),
    [
        (np.array([[[0, 255], [51, 102]]], dtype=np.uint8), (2, 2, 1), 0, 255),
        (np.array([[[0, 255], [51, 102]]], dtype=np.int64), (2, 2, 1), 0, 255),
        (np.array([[[0, 0.5], [1, 0.25]]]), (2, 2, 1), 0, 1),
        (np.array([[[-0.5, 0.5], [1, 0.25]]], dtype=np.float32), (2, 2, 1), -1, 1),
        (np.zeros((2, 4, 5, 3), dtype=np.uint8), (4, 5, 3), 0, 255),
    ],
)
def test_images(tmp_path, images, shape, low, high):
    np.save(tmp_path / "a.npy", images)
    data = from_file(tmp_path / "a.npy", "float64")
    assert data.image_shape == shape and data.rows == len(images)
    expected = (2.0 * images - low - high) / (high - low)
    # a rounding of numbers ≤ 1
    assert data.source.rows == pytest.approx(expected.reshape(len(images), -1), abs=1e-15)


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (
            np.full((1, 2, 2), 65536),
            "pixels from 65536 to 65536: expected .* for int64 images; say .* with --range",
        ),
        (
            np.full((1, 2, 2), -1.5),
            "pixels from -1.5 to -1.5: expected .* for float64 images; say .* with --range",
        ),
        # overshoot, no −1 to 1
        (np.full((1, 2, 2), -0.001), "pixels from -0.001 to -0.001: expected 0 to 1, −1 to 1"),
        (np.full((1, 2, 2), np.nan), "row 1: nan, expected a finite number"),
    ],
)
def test_impossible_images(tmp_path, images, says):
    np.save(tmp_path / "a.npy", images)
    with pytest.raises(InputError, match=says):
        from_file(tmp_path / "a.npy")


def test_rows_of_a_file_as_a_data_set(tmp_path):
    np.save(tmp_path / "a.npy", GOOD)
    data = dataset("file", "float64", str(tmp_path / "a.npy"))
    assert (data.rows, data.dim, data.image_shape) == (3, 2, None)
    # a rounding of numbers of size 1
    assert data.original(data.source.rows) == pytest.approx(GOOD, abs=1e-15)

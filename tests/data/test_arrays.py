"""Arrays of a user's own: which one of an .npz, which axis is which, what black and white are,
whose the labels.
"""

import numpy as np
import pytest

from numgan.data import dataset
from numgan.data.choices import Choices
from numgan.data.files import from_file
from numgan.errors import InputError

RNG = np.random.default_rng(0)
ROWS = RNG.standard_normal((30, 3))
Y = np.arange(30) % 3


def read(folder, array=None, /, choices=None, **arrays):
    """The data set of a .npy with the array, or of an .npz with several."""
    path = folder / ("a.npz" if array is None else "a.npy")
    np.savez(path, **arrays) if array is None else np.save(path, array)
    return from_file(path, "float64", Choices(**(choices or {})))


def told(data, topic):
    return "; ".join(sentence for what, sentence in data.account if what == topic)


def images(N=30, H=6, W=6, C=None):
    """Images whose pixels say where they are: 100 n + 10 h + w + c/10, brought to [0, 1]."""
    shape = (N, H, W) if C is None else (N, H, W, C)
    x = sum(weight * i for weight, i in zip((100, 10, 1, 0.1), np.indices(shape), strict=False))
    return x / x.max()


@pytest.mark.parametrize(
    ("shape", "axes", "choice"),
    [
        ((30, 6, 6), "NHW", None),
        ((30, 6, 5), "NHW", None),
        ((30, 6, 6), "HWN", None),
        ((30, 6, 5), "HWN", "HWN"),
        ((30, 6, 6), "WHN", "whn"),
        ((30, 6, 6, 3), "NHWC", None),
        ((30, 6, 5, 1), "NHWC", None),
        ((30, 6, 6, 3), "NCHW", None),
        ((30, 6, 5, 4), "NCHW", None),
        ((30, 6, 6, 1), "NCHW", None),
        ((30, 4, 4, 3), "NCHW", None),  # which as NHWC would be of 3×4 pixels and 4 channels
        ((30, 6, 6, 2), "NHWC", None),
        ((30, 4, 3, 2), "NHWC", None),
        ((30, 6, 6, 2), "NCHW", None),
        ((30, 6, 6, 7), "NCHW", None),
        ((30, 6, 6, 3), "HWCN", None),
        ((30, 6, 5, 2), "CHWN", "CHWN"),
    ],
)
def test_the_order_of_the_axes(tmp_path, shape, axes, choice):
    x, usual = images(*shape), "NHWC"[: len(shape)]
    file = x.transpose([usual.index(letter) for letter in axes.upper()])
    data = read(tmp_path, file, choices={"axes": choice})
    assert data.image_shape == (*shape[1:], 1)[:3] and data.rows == 30
    # a rounding or two
    assert data.original(data.source.rows) == pytest.approx(x.reshape(30, -1), abs=1e-15)
    assert told(data, "axes").startswith(f"{axes} of shape {file.shape}")
    assert ("as --axes says" if choice else "--axes says otherwise") in told(data, "axes")


@pytest.mark.parametrize(
    ("x", "ends"),
    [
        (RNG.integers(0, 2, (20, 4, 4)), (0, 1)),
        (RNG.integers(0, 2, (20, 4, 4)).astype(np.uint8), (0, 1)),
        (RNG.integers(0, 2, (20, 4, 4)).astype(bool), (0, 1)),
        (RNG.integers(0, 17, (20, 4, 4)), (0, 16)),
        (RNG.integers(0, 17, (20, 4, 4)).astype(float), (0, 16)),
        (RNG.integers(0, 4, (20, 4, 4)), (0, 3)),
        (RNG.integers(0, 200, (20, 4, 4)), (0, 255)),
        (RNG.integers(0, 200, (20, 4, 4)).astype(np.float32), (0, 255)),
        (RNG.uniform(0, 200, (20, 4, 4)), (0, 255)),
        (RNG.integers(0, 1000, (20, 4, 4)), (0, 1023)),
        (RNG.integers(0, 4096, (20, 4, 4)).astype(np.uint16), (0, 4095)),
        (RNG.integers(0, 65000, (20, 4, 4)).astype(np.uint16), (0, 65535)),
        (np.zeros((20, 4, 4), np.uint8), (0, 255)),
        (RNG.random((20, 4, 4)), (0, 1)),
        (RNG.uniform(-1, 1, (20, 4, 4)), (-1, 1)),
    ],
)
def test_black_and_white_are_those_of_the_values(tmp_path, x, ends):
    data = read(tmp_path, x)
    assert (data.original(-1.0), data.original(1.0)) == ends
    assert told(data, "range").startswith(f"{ends[0]} is black and {ends[1]} is white")
    assert "--range LOW,HIGH says otherwise" in told(data, "range")
    # a rounding of 65,535
    assert data.original(data.source.rows) == pytest.approx(1.0 * x.reshape(20, -1), abs=1e-11)
    assert np.array_equal(data.stored(data.source.rows), x.reshape(20, -1)) or x.dtype.kind == "f"
    assert data.stored(data.source.rows).dtype == x.dtype


def test_a_named_range(tmp_path):
    x = RNG.integers(0, 17, (20, 4, 4))
    data = read(tmp_path, x, choices={"range": "0,255"})
    assert (data.original(-1.0), data.original(1.0)) == (0, 255) and "as --range says" in told(
        data, "range"
    )
    data = read(tmp_path, x - 1000, choices={"range": "-1024,3071"})
    assert (data.original(-1.0), data.original(1.0)) == (-1024, 3071)
    for values in (x - 1000, x * 1.5 - 0.1, -0.001 * x):
        with pytest.raises(
            InputError, match="has pixels from .* to .*: expected .* with --range=BLACK,WHITE"
        ):
            read(tmp_path, values)
    with pytest.raises(
        InputError, match="has pixels from 0 to 16, outside --range 0,10: name a wider range"
    ):
        read(tmp_path, x, choices={"range": "0,10"})
    with pytest.raises(
        InputError,
        match=r"--range is for images: .* shape \(30, 3\), which are "
        r"rows",
    ):
        read(tmp_path, ROWS, choices={"range": "0,10"})


def test_channels_that_are_no_colours_are_said_to_be_drawn_in_grey(tmp_path):
    for C, says in (
        (1, ""),
        (3, ""),
        (2, "each of the 2 channels as a grey picture"),
        (7, "each of the 7 channels"),
    ):
        assert told(read(tmp_path, images(C=C)), "drawn").startswith(says)


@pytest.mark.parametrize(
    ("arrays", "taken", "classes", "over"),
    [
        ({"x": ROWS, "y": Y}, "x", (0, 1, 2), ""),
        ({"X": ROWS, "y": Y + 5.0}, "X", (5, 6, 7), ""),
        ({"data": ROWS, "target": Y, "names": np.array(["a", "b"])}, "data", (0, 1, 2), "names"),
        ({"samples": ROWS, "classes": Y}, "samples", (0, 1, 2), ""),
        (
            {"images": ROWS, "labels": np.array(["cat", "dog", "eel"])[Y]},
            "images",
            ("cat", "dog", "eel"),
            "",
        ),
        (
            {"x_train": ROWS, "y_train": Y[:, None], "x_test": ROWS[:5], "y_test": Y[:5]},
            "x_train",
            (0, 1, 2),
            "x_test",
        ),
        (
            {"x_train": ROWS, "y_train": np.eye(3)[Y], "x_test": ROWS[:5]},
            "x_train",
            (0, 1, 2),
            "x_test",
        ),
        (
            {"train_images": ROWS, "train_labels": Y, "val_images": ROWS[:9]},
            "train_images",
            (0, 1, 2),
            "val_images",
        ),
        ({"x": ROWS, "y": Y[:4]}, "x", None, "y"),  # not one each
        ({"x": ROWS, "y": ROWS[:, 0]}, "x", None, "y"),  # no classes
        ({"x": ROWS, "y": np.arange(30)}, "x", None, "y"),
        ({"anything": ROWS}, "anything", None, ""),
    ],
)
def test_which_array_of_an_npz(tmp_path, arrays, taken, classes, over):
    data = read(tmp_path, **arrays)
    assert data.original(data.source.rows) == pytest.approx(ROWS, abs=1e-14)
    assert told(data, "array").split(";")[0] == taken and over in told(data, "array")
    assert data.classes == classes and (classes is None or np.array_equal(data.labels, Y))
    if classes is not None:
        none = read(tmp_path, choices={"labels": "none"}, **arrays)
        assert none.labels is None and data.same_as(none.digest) and not none.same_as(data.digest)


def test_an_array_and_labels_that_are_named(tmp_path):
    arrays = {"one": ROWS, "two": 2 * ROWS, "kinds": Y}
    data = read(tmp_path, choices={"array": "two", "labels": "kinds"}, **arrays)
    assert data.original(data.source.rows) == pytest.approx(
        2 * ROWS, abs=1e-14
    ) and data.classes == (0, 1, 2)
    rows = np.column_stack([ROWS, Y + 1])
    data = read(tmp_path, rows, choices={"labels": "4"})
    assert data.dim == 3 and data.classes == (1, 2, 3) and np.array_equal(data.labels, Y)
    hwn = images().transpose(1, 2, 0)
    assert np.array_equal(read(tmp_path, choices={"axes": "HWN"}, x_train=hwn, y_train=Y).labels, Y)


@pytest.mark.parametrize(
    ("arrays", "choices", "says"),
    [
        ({"x": ROWS, "data": ROWS}, {}, "holds x and data; either may be meant: .* --array NAME"),
        (
            {"one": ROWS, "two": ROWS},
            {},
            "holds one, two: expected one array of data; name it with --array NAME",
        ),
        ({"one": ROWS, "two": ROWS}, {"array": "three"}, "--array three: .* holds one, two"),
        (
            {"one": ROWS, "two": ROWS},
            {"array": "one", "labels": "y"},
            "--labels y: .* columns 1 to 3, one of them",
        ),
        (
            {"x": ROWS, "y": ROWS},
            {"labels": "y"},
            r"array y has shape \(30, 3\): expected a label "
            r"for each of 30 rows",
        ),
        (
            {
                "data": ROWS,
                "indices": Y,
                "indptr": Y,
                "format": np.array("csr"),
                "shape": np.array([30, 3]),
            },
            {},
            r"sparse matrix of SciPy's: write it out with numpy.save\('rows.npy', "
            r"scipy.sparse.load_npz\('a.npz'\)",
        ),
    ],
)
def test_arrays_that_cannot_be_told(tmp_path, arrays, choices, says):
    with pytest.raises(InputError, match=says) as refused:
        read(tmp_path, choices=choices, **arrays)
    assert "\n" not in str(refused.value)


def test_an_array_alone_takes_no_name_of_one(tmp_path):
    with pytest.raises(
        InputError, match="--array is for .npz files, which hold several: .*a.npy holds one"
    ):
        read(tmp_path, ROWS, choices={"array": "x"})
    with pytest.raises(
        InputError, match="holds records with the fields a, b: expected real numbers; numpy.lib"
    ):
        read(tmp_path, np.zeros(3, [("a", "f8"), ("b", "f8")]))


@pytest.mark.parametrize(
    "ending", ["xlsx", "parquet", "pkl", "h5", "mat", "pt", "zip", "json", "png", "tiff"]
)
def test_what_is_not_read_has_its_next_step(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"something")
    with pytest.raises(InputError, match=f"a file that ends in .{ending} is not read; ") as refused:
        dataset("file", "float32", path)
    assert "\n" not in str(refused.value)


def test_integers_come_back_as_integers(tmp_path):
    x = RNG.integers(-5, 300, (40, 2)).astype(np.int16)
    data = read(tmp_path, x)
    back = data.stored(np.array([[-99.0, 99.0], [0.01, 0.02]]))
    assert back.dtype == np.int16 and back[0, 0] == x[:, 0].min() and back[0, 1] == x[:, 1].max()
    assert np.array_equal(data.stored(data.source.rows), x)
    large = read(tmp_path, np.array([[2**62], [2**62 + 2**60], [1], [2]]))
    assert large.stored(large.source.rows).dtype == np.float64  # not whole to the last digit

"""Folders of pictures."""

import struct
import zlib

import numpy as np
import pytest
from matplotlib.image import imsave
from PIL import Image

from numgan.data import dataset
from numgan.data.choices import Choices
from numgan.data.folder import read
from numgan.errors import InputError

GREY = np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4)
COLOUR = np.arange(0, 252, 7, dtype=np.uint8).reshape(3, 4, 3)


def read_folder(folder, **choices):
    """The pictures as an array."""
    return read(folder, Choices(**choices)).x


def save(folder, **pictures):
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
    return folder


def test_grey_pictures_in_the_order_of_their_names(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    data = dataset("file", "float64", save(tmp_path, b=GREY, a=GREY.T.reshape(3, 4).copy()))
    assert (data.rows, data.image_shape) == (2, (3, 4, 1)) and data.bounded
    # matplotlib's float32
    assert data.source.rows[1] == pytest.approx(GREY.ravel() / 127.5 - 1, abs=1e-6)
    assert data.source.rows[0] == pytest.approx(GREY.T.ravel() / 127.5 - 1, abs=1e-6)


def test_grey_beside_colour_becomes_colour(tmp_path):
    images = read_folder(save(tmp_path, a=GREY, b=COLOUR))
    assert images.shape == (2, 3, 4, 3) and images.dtype == np.float32
    # float32
    assert images[0] == pytest.approx(np.repeat(GREY[:, :, None] / 255, 3, axis=2), abs=1e-7)
    assert images[1] == pytest.approx(COLOUR / 255, abs=1e-7)


def test_transparency_is_laid_on_white(tmp_path):
    opacity = np.array([[0, 255, 51, 255]] * 3, dtype=np.uint8)
    image = read_folder(save(tmp_path, a=np.dstack([COLOUR, opacity])))[0]
    expected = COLOUR / 255 * (opacity / 255)[:, :, None] + 1 - (opacity / 255)[:, :, None]
    assert image == pytest.approx(expected, abs=1e-6)  # float32, three operations
    assert np.all(image[:, 0] == 1)


def test_what_matplotlib_saves(tmp_path):
    # opaque, with the opacity written all the same
    imsave(tmp_path / "a.PNG", COLOUR, format="png")
    # float32, three operations
    assert read_folder(tmp_path)[0] == pytest.approx(COLOUR / 255, abs=1e-6)


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(path, rows, depth, colour, *more):
    """A PNG file of raw rows of bytes, of a depth and a kind of colour as its standard numbers
    them.
    """
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, len(rows), depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    path.write_bytes(PNG + head + b"".join(more) + body + chunk(b"IEND", b""))


WORDS = struct.pack(">2H", 0, 4095), struct.pack(">2H", 256, 4095)


@pytest.mark.parametrize(
    ("rows", "depth", "colour", "more", "expected"),
    [
        ([b"\x40", b"\x80"], 1, 0, [], [[0, 1], [1, 0]]),
        ([b"\x40", b"\x80"], 1, 0, [chunk(b"tRNS", b"\0\0")], [[1, 1], [1, 1]]),
        ([b"\x10", b"\xb0"], 2, 0, [], [[0, 1 / 3], [2 / 3, 1]]),
        ([b"\x10", b"\xb0"], 2, 0, [chunk(b"tRNS", b"\0\1")], [[0, 1], [2 / 3, 1]]),
        ([b"\x0f", b"\x35"], 4, 0, [chunk(b"tRNS", b"\0\3")], [[0, 1], [1, 1 / 3]]),
        ([b"\x00\xff", b"\x33\x66"], 8, 0, [], [[0, 1], [0.2, 0.4]]),
        ([b"\x00\xff", b"\x33\x66"], 8, 0, [chunk(b"tRNS", b"\0\x33")], [[0, 1], [1, 0.4]]),
        (WORDS, 16, 0, [], [[0, 1], [256 / 4095, 1]]),  # 12 bits in 16
        (WORDS, 16, 0, [chunk(b"tRNS", struct.pack(">H", 256))], [[0, 1], [1, 1]]),
        # grey and opacity
        ([b"\x00\xff\xff\xff", b"\x00\x00\x33\xff"], 8, 4, [], [[0, 1], [1, 0.2]]),
        (
            [b"\x00\x01", b"\x02\x01"],
            8,
            3,
            [chunk(b"PLTE", bytes([0, 0, 0, 255, 0, 0, 0, 0, 255])), chunk(b"tRNS", b"\xff\x00")],
            # a palette, its second colour transparent
            [[[0, 0, 0], [1, 1, 1]], [[0, 0, 1], [1, 1, 1]]],
        ),
        (
            [b"\xff\0\0\0\0\xff", b"\0\xff\0\0\0\0"],
            8,
            2,
            [chunk(b"tRNS", b"\0\0\0\0\0\xff")],
            [[[1, 0, 0], [1, 1, 1]], [[0, 1, 0], [0, 0, 0]]],
        ),
    ],
)
def test_every_kind_of_png(tmp_path, rows, depth, colour, more, expected):
    png(tmp_path / "a.png", rows, depth, colour, *more)
    expected = np.array(expected, dtype=np.float32)
    expected = expected[:, :, None] if expected.ndim == 2 else expected
    # float32, three operations
    assert read_folder(tmp_path)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("levels", "white", "says"),
    [
        (
            np.array([[0, 3000]], np.uint16),
            4095,
            "level 4095 of 16 bits is white; the largest is 3000",
        ),
        (np.array([[0, 200]], np.uint16), 255, "level 255 of 16 bits"),
        (np.array([[0, 60000]], np.uint16), 65535, "level 65535 of 16 bits"),
        (np.array([[0, 1]], np.uint8), 1, "level 1 of 8 bits is white"),  # a mask
        (np.array([[0, 100]], np.uint8), 255, "level 255 of 8 bits is white; the largest is 100"),
        (np.array([[0, 0]], np.uint8), 255, "level 255 of 8 bits is white; the largest is 0"),
    ],
)
def test_white_is_the_level_of_the_bits_that_are_used(tmp_path, levels, white, says):
    save(tmp_path, a=levels)
    found = read(tmp_path, Choices())
    assert found.x[0, :, :, 0] == pytest.approx(levels / white, abs=1e-7)
    assert says in dict(found.account)["range"] and "--range" in dict(found.account)["range"]
    assert read_folder(tmp_path, range="0,65535")[0, :, :, 0] == pytest.approx(
        levels / 65535, abs=1e-7
    )


def test_jpeg_beside_png(tmp_path):
    grey = np.full((8, 8), 200, np.uint8)
    save(tmp_path, b=grey)
    Image.fromarray(grey).save(tmp_path / "a.jpg")
    Image.fromarray(np.dstack([grey] * 3)).save(tmp_path / "c.JPEG")
    Image.fromarray(grey).save(tmp_path / "d.bmp")
    found = read(tmp_path, Choices())
    assert found.x.shape == (4, 8, 8, 3)
    assert found.x == pytest.approx(200 / 255, abs=2 / 255)  # a level or two of JPEG's own rounding
    assert "(1 .jpg, 1 .png, 1 .jpeg, 1 .bmp)" in dict(found.account)["images"]


def test_a_jpeg_is_held_as_the_camera_was(tmp_path):
    turned = Image.fromarray(np.tile(np.arange(0, 256, 16, dtype=np.uint8), (8, 1)))
    turned.getexif()[0x0112] = 6
    turned.save(tmp_path / "a.jpg", exif=turned.getexif())
    assert read_folder(tmp_path).shape == (1, 16, 8, 1)


JUNK = ("._a.png", ".DS_Store", "Thumbs.db", "desktop.ini")


def test_what_is_passed_over_is_counted_and_named(tmp_path):
    save(tmp_path, a=GREY)
    for name in JUNK:
        (tmp_path / name).write_bytes(b"no picture")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "readme.txt").write_text("no picture")
    (tmp_path / "b.tiff").write_text("no picture")
    (tmp_path / "old").mkdir()
    save(tmp_path / "old", x=GREY)
    data = dataset("file", "float32", tmp_path)
    told = [sentence for topic, sentence in data.account if topic == "passed over"]
    assert data.rows == 1 and data.labels is None
    assert told[0] == "2 other files: b.tiff, readme.txt" and told[1] == "1 folder: old"
    assert told[2].startswith("5 files of the system's")


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("cat", "dog"), ("cat", "dog")),
        (("10", "9", "0"), (0, 9, 10)),
        (("a", "b c", "ü"), ("a", "b c", "ü")),
    ],
)
def test_folders_are_classes(tmp_path, names, classes):
    for n, name in enumerate(names):
        (tmp_path / name).mkdir()
        save(tmp_path / name, **{f"p{k}": GREY + n for k in range(2 + n)})
        (tmp_path / name / ".DS_Store").write_bytes(b"")
    data = dataset("file", "float32", tmp_path)
    assert data.classes == classes and data.rows == sum(2 + n for n in range(len(names)))
    for n, name in enumerate(names):
        k = [str(value) for value in classes].index(name)
        assert (data.labels == k).sum() == 2 + n
        assert data.source.rows[data.labels == k][0] == pytest.approx(
            (GREY + n).ravel() / 127.5 - 1, abs=1e-6
        )
    assert dataset("file", "float32", tmp_path, Choices(labels="none")).labels is None


def test_one_folder_in_a_folder_is_no_class(tmp_path):
    (tmp_path / "pictures").mkdir()
    save(tmp_path / "pictures", a=GREY, b=GREY)
    data = dataset("file", "float32", tmp_path)
    assert data.rows == 2 and data.labels is None
    assert dict(data.account)["labels"] == "none: all pictures are in the one folder pictures"


@pytest.mark.parametrize("deep", [True, False])
def test_parts_of_a_data_set_are_no_classes(tmp_path, deep):
    for part in ("train", "Test"):
        for kind in ("cat", "dog") if deep else ("",):
            (tmp_path / part / kind).mkdir(parents=True)
            save(tmp_path / part / kind, a=GREY)
    with pytest.raises(
        InputError,
        match="holds the parts Test, train of a data set: name one of them, as in --data",
    ):
        dataset("file", "float32", tmp_path)
    assert dataset("file", "float32", tmp_path / "train").rows == (2 if deep else 1)


def test_a_folder_of_tables_names_the_file(tmp_path):
    (tmp_path / "rows.csv").write_text("1,2\n")
    with pytest.raises(
        InputError, match="holds no picture, but rows.csv: name the file, as in --data .*rows.csv"
    ):
        dataset("file", "float32", tmp_path)


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (lambda f: None, "the folder .* is empty: expected pictures, .png, .jpg, .jpeg, .bmp"),
        (
            lambda f: save(f, a=GREY, b=GREY[:2]),
            "b.png has 2×4 pixels: expected 3×4 as in a.png; resize them",
        ),
        (lambda f: (f / "a.png").write_bytes(b""), "a.png is damaged or is not really a PNG file"),
        (
            lambda f: (f / "a.png").write_bytes(b"GIF89a"),
            "a.png is damaged or is not really a PNG file",
        ),
        (lambda f: (f / "a.png").write_bytes(PNG), "a.png is damaged or is not really a PNG file"),
        (lambda f: (f / "a.png").mkdir(), "cannot read .*a.png: Is a directory"),
        (
            lambda f: cut(save(f, a=COLOUR) / "a.png"),
            "a.png is damaged or is not really a PNG file",
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, fill, says):
    fill(tmp_path)
    with pytest.raises(InputError, match=says) as refused:
        dataset("file", "float32", tmp_path)
    assert "\n" not in str(refused.value)


def cut(path):
    path.write_bytes(path.read_bytes()[:60])


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="cannot read the folder .*: No such file"):
        read_folder(tmp_path / "nowhere")

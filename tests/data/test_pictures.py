"""Folders of pictures."""

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
    assert data.source.rows[1] == pytest.approx(GREY.ravel() / 127.5 - 1, abs=1e-6)  # matplotlib's float32
    assert data.source.rows[0] == pytest.approx(GREY.T.ravel() / 127.5 - 1, abs=1e-6)


def test_grey_beside_colour_becomes_colour(tmp_path):
    images = read_folder(save(tmp_path, a=GREY, b=COLOUR))
    assert images.shape == (2, 3, 4, 3) and images.dtype == np.float32
    assert images[0] == pytest.approx(np.repeat(GREY[:, :, None] / 255, 3, axis=2), abs=1e-7)  # float32
    assert images[1] == pytest.approx(COLOUR / 255, abs=1e-7)


def test_transparency_is_laid_on_white(tmp_path):
    opacity = np.array([[0, 255, 51, 255]] * 3, dtype=np.uint8)
    image = read_folder(save(tmp_path, a=np.dstack([COLOUR, opacity])))[0]
    expected = COLOUR / 255 * (opacity / 255)[:, :, None] + 1 - (opacity / 255)[:, :, None]
    assert image == pytest.approx(expected, abs=1e-6)  # float32, three operations
    assert np.all(image[:, 0] == 1)


def test_what_matplotlib_saves(tmp_path):
    imsave(tmp_path / "a.PNG", COLOUR, format="png")  # opaque, with the opacity written all the same
    assert read_folder(tmp_path)[0] == pytest.approx(COLOUR / 255, abs=1e-6)  # float32, three operations


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (lambda f: None, "the folder .* is empty: expected pictures, .png, .jpg, .jpeg, .bmp"),
        (lambda f: save(f, a=GREY, b=GREY[:2]), "b.png has 2×4 pixels: expected 3×4 as in a.png"),
        (lambda f: (f / "a.png").write_bytes(b""), "a.png is damaged or is not really a PNG file"),
        (lambda f: (f / "a.png").write_bytes(b"GIF89a"), "a.png is damaged or is not really a PNG file"),
        (lambda f: (f / "a.png").write_bytes(PNG), "a.png is damaged or is not really a PNG file"),
        (lambda f: (f / "a.png").mkdir(), "cannot read .*a.png: Is a directory"),
        (lambda f: cut(save(f, a=COLOUR) / "a.png"), "a.png is damaged or is not really a PNG file"),
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

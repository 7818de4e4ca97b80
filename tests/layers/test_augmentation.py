"""L18, L20: what attention and augmentation are beside their gradients."""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.layers import (
    AUGMENTATIONS,
    Brightness,
    Cutout,
    Dense,
    Flatten,
    PixelNorm,
    Reshape,
    SelfAttention,
    Translation,
)
from numgan.network import Network

rng = np.random.default_rng(0)
images = rng.standard_normal((400, 4, 6, 2))


def test_a_translation_moves_by_whole_pixels_all_of_them_alike():
    """Every image is found in a frame of zeros at its own shift; all 3·5 shifts occur."""
    y, (a, b) = Translation(0.3).forward((), images, np.random.default_rng(1))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == {
        (i, j) for i in range(-1, 2) for j in range(-2, 3)
    }
    framed = np.pad(images, ((0, 0), (1, 1), (2, 2), (0, 0)))
    for n in range(20):
        i, j = 1 - a[n], 2 - b[n]
        assert np.array_equal(y[n], framed[n, i : i + 4, j : j + 6])


def test_cutout_zeroes_one_box_and_keeps_the_rest():
    y, k = Cutout().forward((), images, np.random.default_rng(1))
    gone = ~k[..., 0]
    assert np.array_equal(y, np.where(k, images, 0)) and gone.any(axis=(1, 2)).all()
    assert gone.sum(axis=(1, 2)).max() == 2 * 3
    rows, columns = gone.any(axis=2), gone.any(axis=1)
    assert np.array_equal(gone, rows[:, :, None] & columns[:, None, :])


def test_brightness_adds_one_number_to_an_image():
    y, _ = Brightness(0.4).forward((), images, np.random.default_rng(1))
    b = (y - images).mean(axis=(1, 2, 3))
    assert np.allclose(y - images, b[:, None, None, None], atol=1e-15)
    assert -0.2 <= b.min() < -0.15 and 0.15 < b.max() <= 0.2


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_outside_training_there_is_no_augmentation(name):
    net = Network([Reshape((4, 6, 2)), AUGMENTATIONS[name], Flatten(), Dense(48, 1)], (48,))
    plain = Network([Reshape((4, 6, 2)), Flatten(), Dense(48, 1)], (48,))
    theta, x = net.initial(rng, "float64"), images.reshape(400, 48)
    assert np.array_equal(net.evaluation()(theta, x), plain(theta, x))
    assert not np.array_equal(net(theta, x, np.random.default_rng(0)), plain(theta, x))


def test_attention_does_not_know_the_order_of_positions():
    """Positions in another order give y in that order; a constant X is its own mean."""
    layer, order = SelfAttention(3, 2, 4), np.array([2, 0, 4, 1, 3])
    P, x = layer.initial(rng), rng.standard_normal((2, 5, 3))
    y, cache = layer.forward(P, x)
    assert np.allclose(layer.forward(P, x[:, order])[0], y[:, order], atol=1e-14)
    assert np.allclose(cache.A.sum(axis=2), 1, atol=1e-15)
    flat, _ = layer.forward(P, np.ones((1, 5, 3)))
    assert np.allclose(flat, np.ones((1, 5, 3)) @ P[2], atol=1e-14)
    big, _ = layer.forward(P, 1e4 * x)  # logits of 1e8 do not overflow
    assert np.isfinite(big).all()


def test_pixel_norm_takes_the_length_and_leaves_the_direction():
    x = rng.standard_normal((5, 3))
    y, _ = PixelNorm().forward((), x)
    assert np.allclose((y * y).mean(axis=1), 1, atol=1e-6)
    assert np.allclose(PixelNorm().forward((), 7 * x)[0], y, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Translation().output_shape((12,)), "expected images of shape (H, W, C)"),
        (lambda: Translation(1.0), "share must be below 1, the whole side, got 1.0"),
        (lambda: Cutout(-0.1), "share must be"),
        (lambda: Brightness(float("nan")), "width must be"),
        (lambda: Cutout().forward((), images), "forward needs a generator rng"),
        (lambda: SelfAttention(3, 2, 4).output_shape((3,)), "expected positions of 3 numbers"),
        (lambda: SelfAttention(3, 2, 0), "d must be a whole number of at least 1, got 0"),
    ],
)
def test_bad_input_is_one_line(make, said):
    with pytest.raises(InputError) as raised:
        make()
    assert said in str(raised.value) and "\n" not in str(raised.value)

"""L8: pairs (x, c) as rows, and the two discriminators that judge them."""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.layers import (
    BatchNorm,
    ClassPlanes,
    Conditioned,
    Dense,
    Embedding,
    Flatten,
    Projection,
    Reshape,
    Tanh,
    one_hot,
)
from numgan.network import Network

rng = np.random.default_rng(0)


def test_one_hot():
    assert (
        one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
        and one_hot([2, 0], 3).dtype == np.float32
    )
    with pytest.raises(InputError, match="labels must lie between 0 and 2, got 0 to 3"):
        one_hot([0, 3], 3)


def test_an_embedding_picks_the_row_of_the_class():
    (E,) = Embedding(3, 4).initial(rng)
    y, cache = Embedding(3, 4).forward((E,), one_hot([2, 0, 2], 3, "float64"))
    np.testing.assert_array_equal(y, E[[2, 0, 2]])
    (dE,) = Embedding(3, 4).gradient((E,), cache, np.ones((3, 4)))
    assert dE[:, 0].tolist() == [1, 0, 2]  # as often as the class was picked


@pytest.mark.parametrize("seen", [True, False])
def test_the_class_is_carried_past_the_layers(seen):
    layer = Conditioned((Dense(5 if seen else 2, 4), Tanh()), 3, seen)
    P, row = (
        layer.initial(rng),
        np.concatenate([rng.standard_normal((6, 2)), one_hot([0, 1, 2, 0, 1, 2], 3)], 1),
    )
    y, _ = layer.forward(P, row)
    np.testing.assert_array_equal(y[:, -3:], row[:, -3:])
    other, _ = layer.forward(P, np.concatenate([row[:, :2], one_hot([1] * 6, 3)], 1))
    assert np.array_equal(y[:, :-3], other[:, :-3]) != seen


def test_class_planes_say_the_class_at_every_pixel():
    x = np.concatenate([np.arange(8.0).reshape(1, 8), [[0, 1, 0]]], 1)
    y, _ = ClassPlanes((2, 2, 2), 3).forward((), x)
    np.testing.assert_array_equal(y[0, :, :, :2], np.arange(8.0).reshape(2, 2, 2))
    assert (y[0, :, :, 2:] == [0, 1, 0]).all()


def test_projection_gives_each_class_weights_of_its_own():
    layer, h = Projection(4, 3), rng.standard_normal((3, 4))
    w, b, E = layer.initial(rng)
    b = b + 0.5
    a, _ = layer.forward((w, b, E), np.concatenate([h, np.eye(3)], 1))
    np.testing.assert_allclose(a[:, 0], [h[k] @ (w + E[k]) + 0.5 for k in range(3)], rtol=1e-13)
    plain, _ = Dense(4, 1).forward((w[:, None], b), h)
    np.testing.assert_allclose(
        layer.forward((w, b, 0 * E), np.concatenate([h, np.eye(3)], 1))[0], plain, rtol=1e-13
    )


@pytest.mark.parametrize(
    ("layers", "shape", "says"),
    [
        (
            [Conditioned((Tanh(),), 3)],
            (3,),
            "expected rows that end in 3 numbers for the class, got (3,)",
        ),
        ([Conditioned((Reshape((2, 2)),), 3, seen=False)], (7,), "the layers must end in rows"),
        (
            [Conditioned((Dense(4, 2),), 3)],
            (7,),
            "layer 0, Dense(I=4, O=2, init='he'): expected rows",
        ),
        ([ClassPlanes((2, 2, 1), 3)], (8,), "expected rows of 4 + 3 numbers, got (8,)"),
        ([Projection(4, 3)], (8,), "expected rows of 4 + 3 numbers, got (8,)"),
        ([Embedding(3, 2)], (4,), "expected rows of shape (3,), got (4,)"),
        (
            [Flatten(), Tanh(), Dense(9, 1)],
            (2, 4),
            "layer 2, Dense(I=9, O=1, init='he'): expected rows of shape (9,)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(layers, shape, says):
    with pytest.raises(InputError) as error:
        Network(layers, shape)
    assert says in str(error.value)


def test_what_is_remembered_inside_is_brought_up_to_date():
    layer = Conditioned((Dense(2, 4), BatchNorm(4)), 3, seen=False)
    P, row = (
        layer.initial(rng),
        np.concatenate([rng.standard_normal((6, 2)), one_hot([0, 1, 2, 0, 1, 2], 3)], 1),
    )
    assert layer.fixed == ("f.1.mean", "f.1.var")
    layer.observe(P, layer.forward(P, row)[1])
    assert P[4].any() and not np.array_equal(P[5], np.ones(4))
    outside = layer.evaluation()
    y, _ = outside.forward(P, row)
    np.testing.assert_allclose(outside.forward(P, row[:1])[0], y[:1], rtol=1e-13)

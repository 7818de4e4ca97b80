"""L3 and L4: the sum that defines them, the adjoints, the sizes, and that nothing is computed that
nobody asked for.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.errors import InputError
from numgan.layers import Convolution, Flatten, Reshape, TransposedConvolution, convolution
from numgan.layers.conv import conv, conv_transpose, conv_weight
from numgan.network import Network

# K, s, p, h, w, C, O and the remainder of H and W that a stride leaves unread
geometry = st.tuples(
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from((1, 3, 20)),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(0, 3),
)


def drawn(numbers, seed):
    """x, W and y of one convolution; None where the padding leaves no image."""
    K, s, p, h, w, C, O, q, r = numbers
    H, W = s * (h - 1) + K - 2 * p + q % s, s * (w - 1) + K - 2 * p + r % s
    rng = np.random.default_rng(seed)
    if min(H, W) < 1:
        return None
    return (
        rng.standard_normal((2, H, W, C)),
        rng.standard_normal((K, K, C, O)),
        rng.standard_normal((2, h, w, O)),
    )


@settings(max_examples=60, deadline=None)
@given(geometry, st.integers(0, 10**6))
def test_the_sum_that_defines_it(numbers, seed):
    """L3 term by term, in Python: only the order of at most 500 additions differs."""
    K, s, p, *_ = numbers
    if (arrays := drawn(numbers, seed)) is None:
        return
    x, W, y = arrays
    for n, i, j in product(*map(range, y.shape[:3])):
        y[n, i, j] = 0
        for u, v in product(range(K), range(K)):
            a, b = s * i + u - p, s * j + v - p
            if 0 <= a < x.shape[1] and 0 <= b < x.shape[2]:
                y[n, i, j] += x[n, a, b] @ W[u, v]
    assert np.abs(conv(x, W, s, p) - y).max() <= 1e-12 * max(1, np.abs(y).max())


@settings(max_examples=200, deadline=None)
@given(geometry, st.integers(0, 10**6))
def test_the_three_adjoints(numbers, seed):
    """⟨conv(x, W), y⟩ = ⟨x, convᵀ(y, W)⟩ = ⟨W, convʷ(x, y)⟩, relative to the sum of the terms'
    sizes.
    """
    K, s, p, *_ = numbers
    if (arrays := drawn(numbers, seed)) is None:
        return
    x, W, y = arrays
    products = (
        conv(x, W, s, p) * y,
        x * conv_transpose(y, W, s, p, x.shape[1:3]),
        W * conv_weight(x, y, K, s, p),
    )
    scale = max(1, *(np.abs(terms).sum() for terms in products))
    assert np.ptp([terms.sum() for terms in products]) <= 1e-12 * scale


@settings(max_examples=200, deadline=None)
@given(geometry)
def test_the_transposed_layer_has_the_sizes_of_its_convolution(numbers):
    """What a convolution maps to (h, w) is what the transposed one with the same numbers maps (h,
    w) to.
    """
    K, s, p, h, w, C, O, q, _ = numbers
    up = TransposedConvolution(O, C, K, s, p, q % s)
    try:
        large = up.output_shape((h, w, O))
    except InputError:
        return
    assert Convolution(C, O, K, s, p).output_shape(large) == (h, w, O)
    rng = np.random.default_rng(0)
    assert up.forward(up.initial(rng), np.ones((1, h, w, O)))[0].shape == (1, *large)


def test_three_by_three_by_hand():
    """A 2×2 kernel on a 3×3 image: four windows, so each weight meets four pixels."""
    x, W = np.arange(9.0).reshape(1, 3, 3, 1), np.array([[1.0, 2], [3, 4]]).reshape(2, 2, 1, 1)
    layer, dy = Convolution(1, 1, 2), np.ones((1, 2, 2, 1))
    y, cache = layer.forward((W, np.array([10.0])), x)
    assert y.ravel().tolist() == [
        0 + 2 + 9 + 16 + 10,
        1 + 4 + 12 + 20 + 10,
        3 + 8 + 18 + 28 + 10,
        4 + 10 + 21 + 32 + 10,
    ]
    dW, db = layer.gradient((W, np.zeros(1)), cache, dy)
    assert dW.ravel().tolist() == [
        0 + 1 + 3 + 4,
        1 + 2 + 4 + 5,
        3 + 4 + 6 + 7,
        4 + 5 + 7 + 8,
    ] and db.tolist() == [4]
    dx = layer.backward((W, np.zeros(1)), cache, dy)
    assert dx[0, :, :, 0].tolist() == [[1, 3, 2], [4, 10, 6], [3, 7, 4]]


def test_a_network_stops_at_its_first_weights(monkeypatch):
    """The D step folds rows into images and asks for no gradient to them."""
    net, rng = (
        Network([Reshape((3, 3, 1)), Convolution(1, 2, 3), Flatten()], (9,)),
        np.random.default_rng(0),
    )
    theta = net.initial(rng, "float64")
    y, tape = net.forward(theta, rng.standard_normal((2, 9)))
    monkeypatch.setattr(convolution, "conv_transpose", None)
    assert net.gradient(theta, tape, y).any()
    with pytest.raises(TypeError):
        net.backward(theta, tape, y)


@pytest.mark.parametrize(
    "layer", [Convolution(2, 3, 4, 2, 1), TransposedConvolution(2, 3, 4, 2, 1)]
)
def test_backward_computes_no_dW_and_gradient_no_dx(layer, monkeypatch):
    rng = np.random.default_rng(0)
    P, x = layer.initial(rng), rng.standard_normal((2, 4, 4, 2))
    y, cache = layer.forward(P, x)

    def unasked(*arguments):
        raise AssertionError("nobody asked for this")

    monkeypatch.setattr(convolution, "conv_weight", unasked)
    layer.backward(P, cache, y)
    monkeypatch.undo()
    monkeypatch.setattr(convolution, "conv", unasked)
    monkeypatch.setattr(convolution, "conv_transpose", unasked)
    layer.gradient(P, cache, y)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Convolution(0, 3, 3), "I must be a whole number of at least 1, got 0"),
        (lambda: Convolution(1, 3, 3, 1.5), "stride must be a whole number of at least 1, got 1.5"),
        (
            lambda: Convolution(1, 3, 3, 1, -1),
            "padding must be a whole number of at least 0, got -1",
        ),
        (lambda: Convolution(1, 3, 3, init="magic"), "unknown initialisation 'magic'"),
        (
            lambda: TransposedConvolution(1, 1, 4, 2, 1, 2),
            "output_padding must be below the stride 2, got 2",
        ),
        (lambda: Convolution(1, 1, 5).output_shape((4, 9, 1)), "a kernel of 5 does not fit"),
        (
            lambda: Convolution(2, 1, 5).output_shape((9, 9, 1)),
            "expected images of shape (H, W, 2), got (9, 9, 1)",
        ),
        (
            lambda: Convolution(2, 1, 5).output_shape((9,)),
            "expected images of shape (H, W, 2), got (9,)",
        ),
        (
            lambda: TransposedConvolution(1, 1, 2, 1, 2).output_shape((2, 2, 1)),
            "a padding of 2 leaves nothing",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, says):
    with pytest.raises(InputError) as error:
        make()
    assert says in str(error.value)


@pytest.mark.parametrize(("G", "c", "o"), [(2, 3, 1), (3, 1, 2), (5, 1, 1)])
def test_L17_groups_are_a_kernel_with_zeros_between_them(G, c, o):
    """The other sums of the whole kernel have a factor 0: only the order of additions differs."""
    rng = np.random.default_rng(G)
    x, y = rng.standard_normal((2, 5, 4, G * c)), rng.standard_normal((2, 3, 2, G * o))
    W, whole = rng.standard_normal((3, 3, c, G * o)), np.zeros((3, 3, G * c, G * o))
    for g in range(G):
        whole[:, :, g * c : (g + 1) * c, g * o : (g + 1) * o] = W[..., g * o : (g + 1) * o]
    dW = conv_weight(x, y, 3, 2, 1)
    within = np.stack(
        [dW[:, :, g * c : (g + 1) * c, g * o : (g + 1) * o] for g in range(G)], axis=3
    )
    for ours, theirs in (
        (conv(x, W, 2, 1, 0.5, G), conv(x, whole, 2, 1, 0.5)),
        (conv_transpose(y, W, 2, 1, (5, 4), 0.5, G), conv_transpose(y, whole, 2, 1, (5, 4), 0.5)),
        (conv_weight(x, y, 3, 2, 1, G), within.reshape(3, 3, c, G * o)),
    ):
        assert np.abs(ours - theirs).max() <= 1e-13


@pytest.mark.parametrize("layer", [Convolution, TransposedConvolution])
def test_groups_that_do_not_divide_the_channels_are_refused(layer):
    with pytest.raises(InputError, match=r"groups must divide .* groups = 2, I = 4 and O = 3"):
        layer(4, 3, 3, groups=2)

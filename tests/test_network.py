"""One flat θ, and the walk through the layers."""

import numpy as np
import pytest

from numgan.architectures import mlp
from numgan.errors import InputError
from numgan.layers import Dense, Tanh
from numgan.network import Network


def by_hand(theta, x):
    """The network 2-3-1 with tanh, written out."""
    W1, b1, W2, b2 = theta[:6].reshape(2, 3), theta[6:9], theta[9:12].reshape(3, 1), theta[12:]
    return np.tanh(x @ W1 + b1) @ W2 + b2


@pytest.fixture
def net():
    return Network([Dense(2, 3), Tanh(), Dense(3, 1)], (2,))


def test_theta_is_what_the_layers_hold_one_after_the_other(net):
    rng = np.random.default_rng(0)
    theta, x = rng.standard_normal(13), rng.standard_normal((5, 2))
    assert net.size == 13 and net.output_shape == (1,)
    # the same operations in the same order: the same bits
    assert np.array_equal(net(theta, x), by_hand(theta, x))
    y, tape = net.forward(theta, x)
    assert np.array_equal(y, net(theta, x)) and len(tape) == 3


def test_initial_theta_is_the_seeds_and_has_the_precision_asked_for(net):
    a, b, c = (net.initial(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a, b) and not np.array_equal(a, c) and a.dtype == np.float32
    assert net.initial(np.random.default_rng(1), "float64").dtype == np.float64
    biases = np.r_[6:9, 12:13]
    assert not a[biases].any() and np.delete(a, biases).all()


def test_a_step_on_theta_is_a_step_of_every_layer(net):
    theta = net.initial(np.random.default_rng(0), "float64")
    before = [[p.copy() for p in P] for P in net.views(theta)]
    theta += 1.0
    for P, old in zip(net.views(theta), before, strict=True):
        assert all(np.array_equal(p, o + 1) for p, o in zip(P, old, strict=True))


def test_the_gradient_changes_nothing_and_is_a_new_vector(net):
    rng = np.random.default_rng(0)
    theta, x, dy = rng.standard_normal(13), rng.standard_normal((5, 2)), rng.standard_normal((5, 1))
    kept = theta.copy(), x.copy(), dy.copy()
    _, tape = net.forward(theta, x)
    first, second = net.gradient(theta, tape, dy), net.gradient(theta, tape, dy)
    net.backward(theta, tape, dy)
    assert np.array_equal(first, second) and first is not second and first.shape == theta.shape
    assert all(np.array_equal(a, b) for a, b in zip(kept, (theta, x, dy), strict=True))


def test_bad_input_is_one_line(net):
    theta = np.zeros(13)
    for call, said in (
        (
            lambda: Network([Dense(2, 3), Dense(4, 1)], (2,)),
            "layer 1, Dense(I=4, O=1, init='he'): expected rows",
        ),
        (lambda: net(np.zeros(12), np.zeros((5, 2))), "expected theta of shape (13,)"),
        (lambda: net(theta, np.zeros((5, 3))), "(5, 3)"),
        (lambda: net(theta, np.zeros(())), "()"),
    ):
        with pytest.raises(InputError) as raised:
            call()
        assert said in str(raised.value) and "\n" not in str(raised.value)


def test_it_shows_its_layers_and_counts_its_parameters(net):
    text = repr(net)
    assert "Dense" in text and "Tanh" in text and text.rstrip().endswith("13")


def test_mlp_has_activations_between_and_what_is_asked_for_last():
    kinds = [type(layer).__name__ for layer in mlp([2, 8, 8, 3], "silu", [Tanh()]).layers]
    assert kinds == ["Dense", "SiLU", "Dense", "SiLU", "Dense", "Tanh"]


def test_a_network_without_layers_is_the_identity():
    empty, x = Network([], (2,)), np.ones((3, 2))
    assert np.array_equal(empty(np.empty(0), x), x) and "input" in repr(empty)
    with pytest.raises(InputError, match=r"^expected a batch \(N, 2\), got \(3, 5\)"):
        empty(np.empty(0), np.ones((3, 5)))


def test_slips_of_a_first_network_are_named():
    with pytest.raises(InputError, match=r"layer 1 is the class Tanh: expected a layer, Tanh\(…\)"):
        Network([Dense(2, 3), Tanh], (2,))
    with pytest.raises(InputError, match=r"shape of one sample, such as \(2,\), got 2"):
        Network([Dense(2, 3)], 2)
    with pytest.raises(InputError, match="float32 or float64, got int32"):
        Network([Dense(2, 3)], (2,)).initial(np.random.default_rng(0), "int32")
    assert Network([Dense(np.int64(2), 3)], (2,)).size == 9

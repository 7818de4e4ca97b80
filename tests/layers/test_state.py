"""What layers remember, what they draw, and what they are outside training, in whole networks."""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.layers import (
    BatchNorm,
    Conditioned,
    Dense,
    Dropout,
    InstanceNoise,
    LeakyReLU,
    Residual,
    SpectralNorm,
    Tanh,
)
from numgan.network import Network
from numgan.optimizers import Adam


def network():
    """Everything that remembers or draws, once on the surface and once inside another layer."""
    block = Residual((SpectralNorm(Dense(4, 4)), BatchNorm(4), Dropout(0.25), Tanh()))
    return Network(
        [SpectralNorm(Dense(5, 4)), BatchNorm(4), LeakyReLU(), block, Dropout(0.5), Dense(4, 2)],
        (5,),
    )


def test_fixed_marks_what_is_remembered():
    net = network()
    names = {
        name
        for layer, places in zip(net.layers, net.layout, strict=True)
        for name, place, _ in places
        if net.fixed[place].all()
    }
    assert names == {"u", "v", "mean", "var", "f.0.u", "f.0.v", "f.1.mean", "f.1.var"}
    assert net.fixed.sum() == (5 + 4) + (4 + 4) + (4 + 4) + (4 + 4) and net.fixed.shape == (
        net.size,
    )


def test_only_observe_moves_what_is_remembered_and_nothing_else():
    net, rng = network(), np.random.default_rng(0)
    theta = net.initial(rng, "float64")
    before, x = theta.copy(), rng.standard_normal((6, 5))
    y, tape = net.forward(theta, x, rng)
    dtheta = net.gradient(theta, tape, y)
    assert (
        np.array_equal(theta, before) and not dtheta[net.fixed].any() and dtheta[~net.fixed].any()
    )
    adam = Adam(0.1)
    for _ in range(3):
        adam.descend(theta, dtheta)
    assert np.array_equal(theta[net.fixed], before[net.fixed]) and not np.array_equal(theta, before)
    before = theta.copy()
    net.observe(theta, tape)
    assert np.array_equal(theta[~net.fixed], before[~net.fixed])
    assert not np.array_equal(theta[net.fixed], before[net.fixed])


def test_outside_training_theta_is_the_same_and_nothing_is_drawn():
    net, rng = network(), np.random.default_rng(0)
    theta, outside = net.initial(rng, "float64"), net.evaluation()
    assert (
        outside.size == net.size
        and outside.layout == net.layout
        and np.array_equal(outside.fixed, net.fixed)
    )
    x = rng.standard_normal((6, 5))
    y = outside(theta, x)
    # a product of other size rounds otherwise
    np.testing.assert_allclose(outside(theta, x[:1]), y[:1], rtol=1e-13)
    _, tape = outside.forward(theta, x)
    before = theta[: net.layout[1][0][1].start].copy(), net.views(theta)[1][2].copy()
    outside.observe(theta, tape)
    assert np.array_equal(net.views(theta)[1][2], before[1])


def test_running_averages_come_to_agree_with_the_batches():
    """Many batches from one law: outside training the network does what it does in training, but
    for batch noise.
    """
    net, rng = Network([Dense(3, 4), BatchNorm(4), Tanh()], (3,)), np.random.default_rng(0)
    theta = net.initial(rng, "float64")
    for _ in range(200):
        _, tape = net.forward(theta, 2 + rng.standard_normal((500, 3)))
        net.observe(theta, tape)
    x = 2 + rng.standard_normal((500, 3))
    # 3 standard errors of the mean of 500: 0.13
    assert np.abs(net(theta, x) - net.evaluation()(theta, x)).max() < 0.2


def test_a_missing_generator_is_named():
    net, rng = network(), np.random.default_rng(0)
    theta, x = net.initial(rng, "float64"), rng.standard_normal((6, 5))
    with pytest.raises(
        InputError,
        match=r"Dropout\(p=0.25\) draws random numbers: forward needs a "
        r"generator rng",
    ):
        net.forward(theta, x)
    assert Conditioned((Dropout(0.5),), 1).random and not Conditioned((Tanh(),), 1).random


def test_the_same_generator_draws_the_same_mask_and_backward_uses_that_mask():
    layer, x, dy = Dropout(0.3), np.ones((50, 4)), np.ones((50, 4))
    y, k = layer.forward((), x, np.random.default_rng(1))
    again, _ = layer.forward((), x.astype("float32"), np.random.default_rng(1))
    assert np.array_equal(y > 0, again > 0) and again.dtype == np.float32
    layer.forward((), x, np.random.default_rng(2))
    np.testing.assert_array_equal(layer.backward((), k, dy), y)


def test_dropout_keeps_the_mean():
    """E[y] = x: over 40,000 draws the mean of y is 1 within 5 standard errors,
    √(p/(1−p))/200 each."""
    y, _ = Dropout(0.8).forward((), np.ones((40_000, 1)), np.random.default_rng(0))
    assert set(np.unique(y).round(12)) == {0.0, 5.0}
    assert abs(y.mean() - 1) < 5 * 2 / 200
    for p in (-0.1, 1, "half", True):
        with pytest.raises(InputError, match="p must be a probability below 1"):
            Dropout(p)


def test_instance_noise_falls_to_nothing_and_is_nothing_outside_training():
    """L19. The deviation of y − x is σ(1 − t/T): 20,000 draws know it to 1/√40,000, six of them."""
    net, rng = Network([InstanceNoise(0.5, 4)], (20_000,)), np.random.default_rng(0)
    theta, x = net.initial(rng, "float32"), np.zeros((1, 20_000), "float32")
    for t in range(6):
        assert theta == t
        y, tape = net.forward(theta, x, rng)
        s = 0.5 * max(0, 1 - t / 4)
        assert abs(y.std() - s) <= 6 * s / 200 and y.dtype == np.float32
        assert np.array_equal(net.evaluation()(theta, x + 3), x + 3)
        net.observe(theta, tape)
    net.clip(theta, 0.01)
    assert theta == 6 and net.fixed.all()

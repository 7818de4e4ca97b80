"""Data and samples through D: one pass of 2m rows (E30), or two where rows are not separate."""

import numpy as np
import pytest

from numgan import Game, InputError, Network
from numgan.architectures import mlp
from numgan.layers import LAYERS, BatchNorm, Dense, Dropout, LeakyReLU, Residual, SpectralNorm
from numgan.objectives import OBJECTIVES
from numgan.trace.recorder import RecordingNetwork

EPS = np.finfo(float).eps
M = 6
KINDS = {
    "separate": [Dense(2, 5), LeakyReLU(), Dense(5, 1)],
    "batch norm": [Dense(2, 5), BatchNorm(5), LeakyReLU(), Dense(5, 1)],
    "batch norm within": [Dense(2, 5), Residual((Dense(5, 5), BatchNorm(5))), Dense(5, 1)],
    "dropout": [Dense(2, 5), Dropout(0.5), Dense(5, 1)],
    "spectral norm": [SpectralNorm(Dense(2, 5)), LeakyReLU(), Dense(5, 1)],
}


class Counted(Network):
    """Notes how many rows each forward pass has."""

    def forward(self, theta, x, rng=None):
        self.__dict__.setdefault("rows", []).append(len(x))
        return super().forward(theta, x, rng)


def setting(kind, objective="nonsaturating"):
    rng = np.random.default_rng(0)
    game = Game(mlp([3, 4, 2], "tanh"), Counted(KINDS[kind], (2,)), OBJECTIVES[objective])
    theta_d, theta_g = game.D.initial(rng, "float64"), game.G.initial(rng, "float64")
    # samples far from the data: shared statistics would be other statistics
    return game, theta_d, theta_g, 3 + rng.standard_normal((M, 2)), rng.standard_normal((M, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_E31_is_the_sum_of_two_passes_whatever_d_is(kind):
    """To rounding: 6 rows, three layers. Where batch norm mixed data and samples, the gradient
    would be another one altogether."""
    game, theta_d, theta_g, x, z = setting(kind)
    D, rng = game.D, np.random.default_rng(1)
    step = game.discriminator_step(theta_d, theta_g, x, z, np.random.default_rng(1))
    assert D.rows == ([2 * M] if kind == "separate" else [M, M])
    assert D.separate == (kind == "separate")

    samples = game.G(theta_g, z)
    a_real, tape_real = D.forward(theta_d, x, rng)
    a_fake, tape_fake = D.forward(theta_d, samples, rng)
    da_real, da_fake = game.objective.gradient(a_real, a_fake)
    apart = D.gradient(theta_d, tape_real, da_real) + D.gradient(theta_d, tape_fake, da_fake)
    np.testing.assert_allclose(step.dtheta_d, apart, rtol=0, atol=64 * EPS * abs(apart).max())
    np.testing.assert_allclose(step.a_real, a_real, rtol=64 * EPS)
    np.testing.assert_allclose(step.a_fake, a_fake, rtol=64 * EPS)


def test_one_pass_would_mix_data_and_samples_under_batch_norm():
    """What the test above would see: the mean of 2m rows is not that of m."""
    game, theta_d, theta_g, x, z = setting("batch norm")
    a_real, a_fake = game.D.forward_all(theta_d, (x, game.G(theta_g, z)))[0]
    mixed = game.D(theta_d, np.concatenate([x, game.G(theta_g, z)]))
    assert abs(mixed - np.concatenate([a_real, a_fake])).max() > 0.1


def test_what_d_remembers_it_learns_from_the_data_alone():
    game, theta_d, theta_g, x, z = setting("batch norm")
    other = theta_d.copy()
    game.D.observe(theta_d, game.discriminator_step(theta_d, theta_g, x, z).tape)
    game.D.observe(other, game.D.forward(other, x)[1])
    assert np.array_equal(theta_d, other) and game.D.fixed.any()


@pytest.mark.parametrize("kind", LAYERS, ids=lambda layer: layer.__name__)
def test_rows_of_separate_layers_are_separate(kind):
    """Around and inside other layers too: other rows below change nothing in those above."""
    for layer, shape in kind.examples():
        network = Network([layer], tuple(shape[1:]))
        recording = RecordingNetwork("D", network, [])
        assert network.separate == recording.separate
        if not network.separate:
            assert layer.couples or layer.random or layer.fixed
            continue
        rng = np.random.default_rng(0)
        theta = network.initial(rng, "float64")
        x, other = rng.standard_normal(shape), rng.standard_normal(shape)
        (y, _), _ = network.forward_all(theta, (x, other))
        alone = network(theta, x)
        np.testing.assert_allclose(y, alone, rtol=0, atol=64 * EPS * max(abs(alone).max(), 1))


def test_a_batch_of_another_shape_is_refused_before_the_pass():
    game, theta_d, theta_g, _, z = setting("separate")
    with pytest.raises(InputError, match=r"expected a batch \(N, 2\), got \(6, 3\)"):
        game.discriminator_step(theta_d, theta_g, np.zeros((M, 3)), z)


def test_the_value_and_the_step_draw_in_one_order():
    """Of a G and a D with dropout: samples, D on data, D on samples."""
    game, theta_d, _, x, z = setting("dropout")
    G = Network([Dense(3, 4), Dropout(0.5), Dense(4, 2)], (3,))
    theta_g = G.initial(np.random.default_rng(2), "float64")
    game = Game(G, game.D, game.objective)
    step = game.discriminator_step(theta_d, theta_g, x, z, np.random.default_rng(3))
    value = game.value(theta_d, theta_g, x, z, np.random.default_rng(3))
    assert value == game.objective.value(step.a_real, step.a_fake)

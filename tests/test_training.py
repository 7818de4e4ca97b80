"""Algorithm 1 (E31, E32): who moves when, on what, and by how much."""

import numpy as np
import pytest

from numgan import Adam, Dense, Game, LeakyReLU, Network, Optimizer, Tanh, Training
from numgan.errors import InputError
from numgan.objectives import OBJECTIVES


class Plane:
    """Standard normal data in the plane, and a note of every batch that was asked for."""

    def __init__(self):
        self.given = []

    def batch(self, m, rng):
        self.given.append(rng.standard_normal((m, 2), dtype=np.float32))
        return self.given[-1]


def training(objective="minimax", k=1, optimizer=Optimizer, m=16, average=0.0):
    rng = np.random.default_rng(3)
    G = Network([Dense(2, 8), Tanh(), Dense(8, 2)], (2,))
    D = Network([Dense(2, 8), LeakyReLU(), Dense(8, 1)], (2,))
    return Training(Game(G, D, OBJECTIVES[objective]), Plane(), rng, D.initial(rng), G.initial(rng),
                    optimizer(0.05), optimizer(0.05), m=m, k=k, average=average)  # fmt: skip


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_discriminators_step_changes_nothing_of_the_generator(objective):
    t = training(objective, optimizer=Adam)
    theta_g, theta_bar, theta_d = t.theta_g.copy(), t.theta_bar.copy(), t.theta_d.copy()
    t.discriminator_step()
    assert t.theta_g.tobytes() == theta_g.tobytes() and t.theta_bar.tobytes() == theta_bar.tobytes()
    assert not t.optimizer_g.state
    assert not np.array_equal(t.theta_d, theta_d)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_generators_step_changes_nothing_of_the_discriminator(objective):
    t = training(objective, optimizer=Adam)
    theta_d, theta_g = t.theta_d.copy(), t.theta_g.copy()
    t.generator_step()
    assert t.theta_d.tobytes() == theta_d.tobytes() and not t.optimizer_d.state
    assert not np.array_equal(t.theta_g, theta_g)


def test_one_iteration_is_k_ascents_on_fresh_batches_and_one_descent():
    """E31 and E32 written out with the game's own gradients; plain steps, so the bits must agree."""
    t, k, eta = training(k=3), 3, 0.05
    twin = training(k=3)
    theta_d, theta_g = twin.theta_d, twin.theta_g
    for _ in range(k):
        x, z = twin.data.batch(16, twin.rng), twin.latents(16)
        theta_d += eta * twin.game.discriminator_step(theta_d, theta_g, x, z).dtheta_d
    theta_g -= eta * twin.game.generator_step(theta_d, theta_g, twin.latents(16)).dtheta_g

    t.iteration()
    assert t.theta_d.tobytes() == theta_d.tobytes() and t.theta_g.tobytes() == theta_g.tobytes()
    assert len(t.data.given) == k
    assert not np.array_equal(t.data.given[0], t.data.given[1])


def test_small_steps_go_the_right_way():
    """D's step raises Ṽ and G's step lowers Ṽ_g on the batch that they were computed on, for η small enough."""
    t = training()
    x, z = t.data.batch(64, t.rng), t.latents(64)
    game = t.game
    before = game.value(t.theta_d, t.theta_g, x, z)
    up = t.theta_d + np.float32(1e-2) * game.discriminator_step(t.theta_d, t.theta_g, x, z).dtheta_d
    assert game.value(up, t.theta_g, x, z) > before
    before = game.generator_value(t.theta_d, t.theta_g, z)
    down = t.theta_g - np.float32(1e-2) * game.generator_step(t.theta_d, t.theta_g, z).dtheta_g
    assert game.generator_value(t.theta_d, down, z) < before


def test_the_moving_average_is_the_geometric_sum_of_the_generators():
    """θ̄_n = βⁿ θ_0 + (1−β) Σ_i β^{n−i} θ_i; float32 sums of eight terms agree to about 8·2⁻²⁴ ≈ 5e−7 of their size."""
    t, beta = training(average=0.7), 0.7
    history = [t.theta_g.copy()]
    for _ in range(8):
        t.iteration()
        history.append(t.theta_g.copy())
    expected = beta**8 * history[0] + (1 - beta) * sum(beta ** (8 - i) * history[i] for i in range(1, 9))
    np.testing.assert_allclose(t.theta_bar, expected, rtol=0, atol=5e-7 * np.abs(expected).max())


def test_same_seed_same_bits():
    a, b = training(optimizer=Adam), training(optimizer=Adam)
    for _ in range(5):
        a.iteration()
        b.iteration()
    assert a.theta_d.tobytes() == b.theta_d.tobytes() and a.theta_g.tobytes() == b.theta_g.tobytes()


@pytest.mark.parametrize("m", [1, 2, 7])
def test_any_batch_size(m):
    t = training(m=m)
    discriminator, generator = t.iteration()
    assert discriminator.a_real.shape == generator.a_fake.shape == (m, 1)
    assert np.isfinite(t.theta_d).all() and np.isfinite(t.theta_g).all()


def test_what_a_game_cannot_do_without_is_asked_for():
    G, D = Network([Dense(2, 3)], (2,)), Network([Dense(3, 1)], (3,))
    rng = np.random.default_rng(0)
    game, z = Game(G, D, OBJECTIVES["relativistic"]), rng.standard_normal((4, 2))
    with pytest.raises(InputError, match="compares samples with data: pass x"):
        game.generator_step(D.initial(rng), G.initial(rng), z)
    with pytest.raises(InputError, match=r"expected an objective such as OBJECTIVES\['minimax'\], got 'minimax'"):
        Game(G, D, "minimax")
    with pytest.raises(InputError, match="k must be a whole number of at least 1, got 0"):
        Training(game, None, rng, D.initial(rng), G.initial(rng), Optimizer(0.1), Optimizer(0.1), k=0)

"""E61, E62: what a run says of its own convergence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numgan.architectures import mlp
from numgan.costs import COSTS
from numgan.dynamics import Jacobian, OwnBlock, columns, dense, duality_gap, path_angle
from numgan.dynamics.convergence import mean_field
from numgan.errors import InputError
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from tests.dynamics.games import at_random, close, small

ALPHAS = np.linspace(0, 1.5, 31)


def cosine(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def test_of_a_linear_field_the_cosine_changes_its_sign_at_the_zero():
    """E61: −s before and s after, with s = cos ∠(d, Jd)."""
    rng = np.random.default_rng(0)
    J, start, zero = rng.standard_normal((5, 5)) - 2 * np.eye(5), *rng.standard_normal((2, 5))
    path = path_angle(lambda w: J @ (w - zero), start, zero, ALPHAS)
    s = cosine(zero - start, J @ (zero - start))
    away = abs(ALPHAS - 1) > 1e-9
    # a field of size 1e-2 beside its zero has lost two of sixteen digits
    np.testing.assert_allclose(path.cosines[away], (np.sign(ALPHAS - 1) * s)[away], atol=1e-12)
    before, after = path.change()
    assert s < 0 and before == pytest.approx(-s) and after == pytest.approx(s)


def test_of_a_rotation_that_ends_beside_its_zero_there_is_a_bump_and_one_sign():
    """E61 for a skew J: ⟨d, Je⟩ over a length that is least near the end."""
    J, end, e = np.array([[0.0, -1.0], [1.0, 0.0]]), np.zeros(2), np.array([0.0, -0.05])
    path = path_angle(lambda w: J @ (w - end + e), np.array([1.0, 0.0]), end, ALPHAS)
    d = np.array([-1.0, 0.0])
    exact = [d @ J @ e / np.linalg.norm(J @ ((a - 1) * d + e)) for a in ALPHAS]
    np.testing.assert_allclose(path.cosines, exact, atol=1e-15)  # a few roundings
    assert np.all(path.cosines < 0) and abs(path.cosines).argmax() == list(ALPHAS).index(1.0)


def test_a_path_without_length_has_no_angle():
    with pytest.raises(InputError, match="no length"):
        path_angle(lambda w: w, np.ones(2), np.ones(2), ALPHAS)


@pytest.mark.parametrize("normal", [False, True])
def test_the_own_blocks_are_those_of_the_whole_jacobian_and_symmetric(normal):
    """E38: the complex step of the whole field, its diagonal blocks."""
    field, w = at_random(small("tanh", normal), "nonsaturating", PENALTIES["r1"])
    whole, d = dense(field, w), field.game.D.size
    J = Jacobian(field, w)
    for player, block in (("D", whole[:d, :d]), ("G", whole[d:, d:])):
        own = columns(OwnBlock(J, player))
        close(own, block, 1e-11)  # the roundings of second derivatives through two networks
        close(own, own.T, 1e-11)
    with pytest.raises(InputError, match="D or G"):
        OwnBlock(J, "H")


def linear_game(gamma, decay):
    """D(x) = sx + r with R1, G(z) = uz + t with weight decay: all best responses are known."""
    penalty = replace(PENALTIES["r1"], weight=gamma)
    cost = replace(COSTS["decay"], weight=decay)
    return Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"], penalty, cost=cost)


def test_the_gap_of_a_game_whose_best_responses_are_known():
    """E62: V_d = s·(x̄ − uz̄ − t) − γs²/2 and V_g = −s(uz̄ + t) − r + λ(u² + t²)/2."""
    gamma, decay, x, z = 0.5, 0.25, np.array([[2.0], [3.0]]), np.array([[1.0], [-0.5]])
    game = linear_game(gamma, decay)
    s, r, u, t = w = np.array([0.3, 0.1, -0.4, 0.2])
    mean_x, mean_z = x.mean(), z.mean()
    reach = mean_x - u * mean_z - t
    of_d = reach**2 / (2 * gamma) - (s * reach - gamma * s**2 / 2)
    best = -(s**2) * (mean_z**2 + 1) / (2 * decay)
    of_g = -s * (u * mean_z + t) + decay * (u**2 + t**2) / 2 - best
    gap = duality_gap(game, w, lambda: (x, z), [(x, z)] * 3, steps=800, eta=0.1)
    # Adam's distance from the optimum after its η has fallen to 0, squared
    assert gap.of_d.value == pytest.approx(of_d, rel=1e-5)
    assert gap.of_g.value == pytest.approx(of_g, rel=1e-5)
    assert gap.of_d.error == gap.of_g.error == 0
    assert gap.total.value == pytest.approx(of_d + of_g, rel=1e-5)


def test_what_a_response_finds_is_less_than_the_best_response_and_grows_with_its_steps():
    """E62: a lower bound."""
    game, x, z = linear_game(0.5, 0.25), np.array([[2.0]]), np.array([[1.0]])
    w, best = np.array([0.0, 0.0, 0.0, 0.0]), 2.0**2 / (2 * 0.5)
    found = [
        duality_gap(game, w, lambda: (x, z), [(x, z)] * 2, steps, 0.1).of_d.value
        for steps in (5, 20, 80, 320)
    ]
    assert found == sorted(found) and found[-1] <= best


def test_of_tables_the_gap_is_at_least_twice_the_jsd():
    """E62 over functions: max_D V − min_q V(D, q), for random tables D."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        p, q = rng.dirichlet(np.ones(6), 2)
        D = rng.uniform(0.01, 0.99, 6)
        least = p @ np.log(D) + np.log(1 - D).min()  # all of q where log(1 − D) is least
        best = p / (p + q)
        most = p @ np.log(best) + q @ np.log(1 - best)
        m = (p + q) / 2
        twice_jsd = p @ np.log(p / m) + q @ np.log(q / m)
        assert most - least >= twice_jsd - 1e-14  # rounding


def test_what_sampling_adds_to_the_length_of_a_mean_field():
    """The root of an unbiased estimate of E‖v̄ − v‖²: over many draws its square has that mean."""
    rng = np.random.default_rng(2)
    v, sigma, n = np.array([1.0, -2.0, 0.5]), 0.3, 8
    draws = [mean_field(list(v + sigma * rng.standard_normal((n, 3)))) for _ in range(2000)]
    squares = np.array([sampling**2 for _, sampling in draws])
    exact = 3 * sigma**2 / n
    assert squares.mean() == pytest.approx(exact, abs=4 * squares.std() / np.sqrt(2000))


def test_few_minibatches_and_no_steps_are_refused():
    game, batch = linear_game(1.0, 1.0), (np.ones((1, 1)), np.ones((1, 1)))
    with pytest.raises(InputError, match="at least 2"):
        duality_gap(game, np.zeros(4), lambda: batch, [batch])
    with pytest.raises(InputError, match="steps"):
        duality_gap(game, np.zeros(4), lambda: batch, [batch] * 2, steps=0)

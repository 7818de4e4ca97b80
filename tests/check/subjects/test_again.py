"""A network with a memory is the same network: the checker finds the same, bit for bit."""

import numpy as np
import pytest

from numgan.architectures import dcgan, mlp
from numgan.check.subjects.again import Remembering, remembering
from numgan.check.subjects.games import game_findings
from numgan.game import Game
from numgan.layers import Dropout
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES


def test_all_games_of_one_architecture_find_the_same_with_and_without_memory():
    G, D = dcgan((4, 4, 1), (2, 3), 2)
    with_memory = remembering(G), remembering(D)
    for objective, penalty in (("minimax", None), ("paired", "r1"), ("wasserstein", "wgan-gp")):
        rest = OBJECTIVES[objective], None if penalty is None else PENALTIES[penalty]
        assert game_findings(Game(*with_memory, *rest), "game") == game_findings(
            Game(G, D, *rest), "game"
        )


def test_a_point_is_theta_and_x_in_their_precision():
    net = mlp([2, 3, 1])
    D, rng = Remembering(net), np.random.default_rng(0)
    theta, x = net.initial(rng, "float64"), rng.standard_normal((4, 2))
    moved = theta.astype(complex)
    moved[0] += 1e-200j  # of the complex step: no other number sees it
    points = [
        (theta, x),
        (theta + 2.0**-52, x),
        (theta, x + 2.0**-52),
        (theta, x[:2]),
        (theta.astype("float32"), x.astype("float32")),
        (theta.astype(complex), x),
        (moved, x),
    ]
    for _ in range(2):
        for point in points:
            y = D(*point)
            assert y.tobytes() == net(*point).tobytes() and y.dtype == net(*point).dtype
            y[:] = 7  # of the caller alone
    assert len(D.met) == len(points)


def test_what_draws_has_no_memory():
    net = Network([Dropout(0.5)], (2,))
    assert remembering(net) is net


@pytest.mark.parametrize("most", [1, 2])
def test_the_memory_is_bounded(most, monkeypatch):
    monkeypatch.setattr("numgan.check.subjects.again.MOST", most)
    net = mlp([1, 2])
    D, theta = Remembering(net), np.arange(float(net.size))
    for value in range(5):
        x = np.array([[float(value)]])
        assert np.array_equal(D(theta, x), net(theta, x)) and len(D.met) <= most

"""E37 in continuous time and in parameters; E38 for a game on a finite space."""

import numpy as np
import pytest

from numgan.dynamics import (
    coins,
    curve_flow,
    dense,
    kind,
    largest_step,
    mirror_flow,
    rate,
    runge_kutta,
    simultaneous,
    softmax,
    softmax_flow,
    table_eigenvalues,
    table_game,
    trajectory,
)
from numgan.dynamics.simplex import slope
from numgan.theory import LOG4, C, Discrete, kl, simplex_gradient, simplex_step


def C_of(p, q):
    return C(Discrete(p), Discrete(q / q.sum()))


def pairs(K, count=4):
    rng = np.random.default_rng(K)
    return [(rng.dirichlet(2 * np.ones(K)), rng.dirichlet(np.ones(K))) for _ in range(count)]


@pytest.mark.parametrize("K", [2, 4, 7])
def test_E37_the_mirror_flow_reaches_the_data_from_everywhere_at_the_promised_rate(K):
    h = 0.25
    for p, q in pairs(K):
        assert np.allclose(slope(p, q), simplex_gradient(Discrete(p), Discrete(q)), rtol=1e-13)
        path = trajectory(mirror_flow(p), runge_kutta, q, h, 240)
        above = np.array([C_of(p, q) for q in path[:60]]) + LOG4
        t = h * np.arange(1, 60)
        assert np.all(np.diff(above) <= 1e-14) and np.all(
            above[1:] <= kl(Discrete(p), Discrete(q)) / t + 1e-14
        )
        assert np.abs(path[-1] - p).max() <= 1e-10  # e^{−t/2} at the end, t = 60: 1e-13
        assert np.abs(path.sum(1) - 1).max() <= 1e-13


def test_E37_the_mirror_flow_is_the_limit_of_mirror_steps():
    (p, q), *_ = pairs(4)
    ends = []
    for n in (50, 100):
        Q = Discrete(q)
        for _ in range(n):
            Q = simplex_step(Discrete(p), Q, 1.0 / n)
        ends.append(np.abs(Q.p - trajectory(mirror_flow(p), runge_kutta, q, 1.0 / n, n)[-1]).max())
    # steps of first order: half the step, half the error
    assert ends[0] / ends[1] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("K", [2, 4, 6])
def test_E37_softmax_parameters_reach_the_data(K):
    for p, _ in pairs(K):
        theta = 2 * np.random.default_rng(K).standard_normal(K)
        path = trajectory(softmax_flow(p), runge_kutta, theta, 4.0, 1000)
        values = np.array([C_of(p, softmax(theta)) for theta in path[::50]])
        # near p the flow is −½(diag p − ppᵀ)θ: the rarest point comes last, at a rate of p_k/2 or
        # so, here e^{−11}
        assert np.all(np.diff(values) <= 1e-14) and np.abs(softmax(path[-1]) - p).max() <= 1e-5
        # no force along what changes nothing
        assert np.abs(path.sum(1) - theta.sum()).max() <= 1e-10


def test_E37_the_softmax_flow_is_the_gradient_of_C():
    (p, _), *_ = pairs(5)
    theta = np.random.default_rng(0).standard_normal(5)

    def by_hand(theta):
        """C as a sum, for the complex step."""
        q = np.exp(theta) / np.exp(theta).sum()
        return np.array([(p * np.log(p / (p + q)) + q * np.log(q / (p + q))).sum()])

    assert np.allclose(softmax_flow(p)(theta), -dense(by_hand, theta)[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("p", [(0.45, 0.1, 0.45), (0.6, 0.1, 0.3), (0.1, 0.1, 0.8)])
def test_E37_a_generator_that_is_too_small_stops_at_the_best_of_its_points(p):
    """Two throws of one coin make a curve in the triangle. It misses the data, and the gradient
    stands across it.
    """
    p = np.array(p)
    starts = np.array([[-2.0], [0.5], [3.0]])
    ends = [trajectory(curve_flow(p, coins), runge_kutta, start, 2.0, 400)[-1] for start in starts]
    assert np.ptp(ends) <= 1e-10
    q, dq = coins(ends[0])
    grid = [C_of(p, coins(np.array([t]))[0]) for t in np.linspace(-6, 6, 601)]
    assert C_of(p, q) <= min(grid) + 1e-14
    assert C_of(p, q) + LOG4 > 0.01  # not the data
    # though in the triangle it could go down
    assert abs(slope(p, q) @ dq) <= 1e-12 and np.ptp(slope(p, q)) > 0.1
    assert trajectory(
        curve_flow(coins(np.array([0.4]))[0], coins), runge_kutta, np.array([-2.0]), 1.0, 300
    )[-1] == (pytest.approx(0.4, abs=1e-10))  # data that lie on the curve are found


@pytest.mark.parametrize("K", [2, 3, 5])
def test_E38_a_game_on_tables_has_the_eigenvalues_of_its_closed_form(K):
    values = np.linalg.eigvals(dense(table_game(np.full(K, 1 / K)), np.zeros(2 * K)))
    closed = table_eigenvalues(K)
    assert np.abs(values[:, None] - closed).min(1).max() <= 1e-12
    counts = [np.sum(np.abs(values - z) < 1e-9) for z in closed]
    assert counts == [K - 1, K - 1, 1, 1]


def test_E38_a_game_on_tables_converges_with_plain_simultaneous_steps():
    """Where the Dirac-GAN spirals outward: here D's own curvature is negative, as the data have
    mass everywhere.
    """
    p = np.array([0.1, 0.2, 0.3, 0.4])
    equilibrium = np.concatenate([np.zeros(4), np.log(p)])
    values = np.linalg.eigvals(dense(table_game(p), equilibrium))
    moving = values[np.abs(values) > 1e-9]  # all but the direction in which softmax does not change
    assert len(moving) == 7 and kind(moving) == "stable spiral"
    w = equilibrium + 0.5 * np.random.default_rng(0).standard_normal(8)
    h = 0.5 * largest_step(moving)
    path = trajectory(table_game(p), simultaneous, w, h, 300)  # before rounding ends it, at 1e-16
    errors = np.stack(
        [np.abs(path[:, :4]).max(1), np.abs([softmax(w[4:]) - p for w in path]).max(1)], axis=1
    )
    assert errors[-1].max() <= 1e-5
    assert rate(errors) == pytest.approx(np.abs(1 + h * moving).max(), abs=1e-3)

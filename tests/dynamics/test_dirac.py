"""E39, E40: the Dirac-GAN. Eigenvalues against closed forms, methods against theory and against
what is claimed.
"""

from functools import partial

import numpy as np
import pytest

from numgan.dynamics import (
    METHODS,
    GameField,
    alternating,
    consensus,
    dense,
    dirac_eigenvalues,
    dirac_field,
    dirac_jacobian,
    gradient_penalty,
    instance_noise,
    invariant,
    largest_step,
    measured_rate,
    minimax,
    nonsaturating,
    optimistic,
    optimistic_factor,
    predicted_rate,
    r1,
    radius,
    rate,
    runge_kutta,
    simultaneous,
    trajectory,
    wasserstein,
)
from numgan.dynamics.methods import CONVERGED
from numgan.game import Game
from numgan.layers import Dense
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from tests.dynamics.games import close

EXACT = 1e-12
AT_0 = np.zeros(2)
POINTS = np.random.default_rng(0).standard_normal((6, 2))
TURNING = {  # c = √(V_d,a · V_g,a) at a = 0
    "minimax": 0.5,
    "nonsaturating": 0.5,
    "hinge": 1,
    "wasserstein": 1,
    "relativistic": 1,
    "paired": 0.5,
    "paired-saturating": 0.5,
    "paired-hinge": 1,
    "paired-hinge-saturating": 1,
    "paired-leastsquares": 1,
    "paired-leastsquares-saturating": 1,
    "f-kl": np.exp(-1),
    "f-reverse-kl": 1,
    "f-pearson": 1,
    "f-hellinger": 1,
    "f-js": 0.25,
    "f-variation": 0.5,
    "leastsquares": 0,
    "leastsquares-pearson": 0,  # one slope is 0: nothing turns, to first order
}


def same(values, others):
    assert np.abs(np.sort_complex(values) - np.sort_complex(others)).max() <= EXACT


def the_game(objective, penalty=None):
    """The same as two networks of one weight: G(z) = θz at z = 1, a(x) = ψx, data x = 0;
    biases 0."""
    one = Network([Dense(1, 1)], (1,))
    return GameField(
        Game(one, one, OBJECTIVES[objective], penalty), np.zeros((1, 1)), np.ones((1, 1))
    )


def turning(objective):
    """c on paper, or else from the two slopes at a = 0."""
    row, zero = OBJECTIVES[objective], np.zeros((1, 1))
    slopes = row.gradient(zero, zero)[1] * row.generator_gradient(zero, zero)
    return TURNING.get(objective, np.sqrt(slopes.item()))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E39_the_field_is_that_of_two_networks(objective):
    game = the_game(objective)
    for psi, theta in POINTS:
        v = game(np.array([psi, 0.0, theta, 0.0]))
        assert np.allclose(
            v[[0, 2]],
            dirac_field(OBJECTIVES[objective])(np.array([psi, theta])),
            rtol=0,
            atol=1e-14,
        )


@pytest.mark.parametrize(
    ("penalty", "field"),
    [
        ("r1", r1(minimax, 1.0)),
        ("r2", r1(minimax, 1.0)),
        ("wgan-gp", gradient_penalty(minimax, 10.0)),
        ("dragan", gradient_penalty(minimax, 10.0)),
        ("zero-gp", r1(minimax, 2.0)),
        ("r1 r2", r1(minimax, 2.0)),  # E55: γ₁ + γ₂
    ],
)
def test_E39_E40_the_penalties_are_those_of_two_networks(penalty, field):
    """The slope of the logit is ψ at every x, so where the penalty looks makes no difference."""
    first, *others = (PENALTIES[name] for name in penalty.split())
    game = the_game("minimax", sum(others, first))
    for psi, theta in POINTS:
        v = game(np.array([psi, 0.0, theta, 0.0]))
        assert np.allclose(v[[0, 2]], field(np.array([psi, theta])), rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "closed"),
    [("minimax", minimax), ("nonsaturating", nonsaturating), ("wasserstein", wasserstein)],
)
def test_E39_closed_forms_of_the_field(name, closed):
    for w in POINTS:
        assert np.allclose(closed(w), dirac_field(OBJECTIVES[name])(w), rtol=0, atol=1e-15)


def test_E54_logistic_pairs_are_the_ordinary_games():
    """The logit of the datum is 0, and softplus(−0) has no part in a gradient."""
    for w in POINTS:
        for name, ordinary in (("paired-saturating", minimax), ("paired", nonsaturating)):
            assert np.allclose(dirac_field(OBJECTIVES[name])(w), ordinary(w), rtol=0, atol=1e-15)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E39_eigenvalues_of_each_objective(objective):
    same(
        np.linalg.eigvals(dense(dirac_field(OBJECTIVES[objective]), AT_0)),
        dirac_eigenvalues(turning(objective)),
    )


@pytest.mark.parametrize("objective", ["leastsquares", "leastsquares-pearson"])
def test_E43_both_least_squares_games_have_a_nilpotent_jacobian(objective):
    J = dense(dirac_field(OBJECTIVES[objective]), AT_0)
    assert np.abs(J).max() > 0.5 and np.abs(J @ J).max() <= EXACT


@pytest.mark.parametrize(
    ("field", "J", "step"),
    [
        (
            consensus(minimax, partial(dense, minimax), 0.3),
            dirac_jacobian(0.5) - 0.3 * np.eye(2) / 4,
            0.15 / 0.255625,
        ),
        (r1(minimax, 0.3), dirac_jacobian(0.5, 0.3), 1.2),
        (instance_noise(0.5), dirac_jacobian(0.5, 0.125), 0.5),
    ],
)
def test_E39_E40_damping_helps_for_small_steps_only(field, J, step):
    """h < −2 Re λ/|λ|² (E38): just below it a path near the solution shrinks,
    just above it grows."""
    assert largest_step(np.linalg.eigvals(J)) == pytest.approx(step, rel=1e-12)
    for h, shrinks in ((0.98 * step, True), (1.02 * step, False)):
        path = trajectory(field, simultaneous, 1e-6 * np.array([1.0, 0.5]), h, 800)
        assert (np.hypot(*path[-1]) < np.hypot(*path[0])) == shrinks


def test_E38_a_game_without_a_penalty_whose_eigenvalues_are_all_left():
    """Data N(0, 1), samples θ + z, a = ψx: laws with densities (arXiv:1706.04156). D's own
    curvature is the damping.
    """
    one = Network([Dense(1, 1)], (1,))
    e = np.random.default_rng(0).standard_normal((4000, 1))
    e = np.concatenate([e, -e])
    game = GameField(Game(one, one, OBJECTIVES["minimax"]), e, e)
    # D's weight, G's bias: G(z) = z + θ
    J = dense(game, np.array([0.0, 0.0, 1.0, 0.0]))[np.ix_([0, 3], [0, 3])]
    assert J == pytest.approx(np.array([[-(e**2).mean() / 2, -0.5], [0.5, 0.0]]), abs=1e-12)
    assert np.all(np.linalg.eigvals(J).real < -0.2)


def test_E40_the_factor_of_optimistic_steps_on_both_sides_of_one_half():
    """|z|² = ½(1 + √(1 − 4k²)) up to k = ½, ¼[1 + (2k + √(4k² − 1))²] from there on, and 1 at
    k = 1/√3.
    """
    for k in (0.01, 0.3, 0.4999, 0.5, 0.5001, 0.55, 0.6, 1.0):
        assert optimistic_factor(k) == pytest.approx(
            radius(optimistic.factors(k * dirac_jacobian(1.0), 1.0)), abs=1e-7
        )
    assert optimistic_factor(3**-0.5) == pytest.approx(1, abs=1e-15)
    assert optimistic_factor(0.5) == pytest.approx(0.5**0.5, abs=1e-15)
    k = np.linspace(0, 0.7, 71)
    falls = np.diff([optimistic_factor(x) for x in k])
    assert np.all(falls[:50] < 0) and np.all(falls[50:] > 0)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.99, 1.5, 2.0, 7.0])
def test_E39_eigenvalues_with_R1(gamma):
    J = dense(r1(minimax, gamma), AT_0)
    close(J, dirac_jacobian(0.5, gamma), EXACT)
    same(np.linalg.eigvals(J), dirac_eigenvalues(0.5, gamma))
    assert np.all(dirac_eigenvalues(0.5, gamma).real < 0)


def test_E39_critical_damping():
    """At γ = 2c both eigenvalues are −c, and no γ decays faster."""
    assert np.array_equal(dirac_eigenvalues(0.5, 1.0), [-0.5, -0.5])
    slowest = [dirac_eigenvalues(0.5, gamma).real.max() for gamma in (0.2, 0.9, 1.0, 1.1, 5.0)]
    assert np.argmin(slowest) == 2
    # J + c is nilpotent there, so w_n = (1 − hc)ⁿ (1 + n h (J + c)/(1 − hc)) w_0, exactly, in the
    # linear game
    J, w, h, n = dirac_jacobian(0.5, 1.0), np.array([1.0, 0.5]), 0.2, 100
    path = trajectory(lambda w: J @ w, simultaneous, w, h, n)
    z = 1 - h / 2
    assert np.allclose(
        path[-1], z**n * (w + n * h / z * (J + 0.5 * np.eye(2)) @ w), rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("s", [0.3, 1.0, 2.0])
def test_E40_eigenvalues_with_instance_noise(s):
    same(np.linalg.eigvals(dense(instance_noise(s), AT_0)), dirac_eigenvalues(0.5, s**2 / 2))


def test_E40_instance_noise_away_from_the_solution():
    """Against a mean over 2·10⁵ pairs ±e: a mean of numbers of size 1 is right to
    1/√(4·10⁵) = 2·10⁻³ or so.
    """
    e = np.random.default_rng(0).standard_normal(200_000)
    e = np.concatenate([e, -e])[:, None]
    sigma = OBJECTIVES["minimax"].real.dt  # σ(−a)
    for psi, theta in POINTS:
        x = theta + e
        noisy = np.array(
            [
                (e * sigma(psi * e)).mean() - (x * sigma(-psi * x)).mean(),
                (psi * sigma(-psi * x)).mean(),
            ]
        )
        assert np.allclose(instance_noise(1.0)(np.array([psi, theta])), noisy, atol=1e-2)
        assert np.allclose(
            instance_noise(0.0)(np.array([psi, theta])), minimax(np.array([psi, theta])), atol=1e-15
        )
    fine, rough = instance_noise(1.0, 64), instance_noise(1.0)
    # the quadrature has converged
    assert all(np.allclose(fine(w), rough(w), atol=1e-7) for w in POINTS)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_E39_E40_the_table(method):
    """What is claimed is what happens, and at the rate of the theory.

    The slope over 500 steps of a line with a wave: 1e-6 of it is what the wave leaves. (k = 5 has
    the longest steps.)
    """
    measured, expected = measured_rate(method), predicted_rate(method)
    assert (measured < CONVERGED) == method.converges
    if expected is not None:
        assert measured == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "method", [m for m in METHODS if m.J is not None], ids=lambda method: method.name
)
def test_E39_E40_the_jacobians_of_the_table(method):
    """v(εw)/ε → Jw: along a line, since two of the fields are made with a complex step of their
    own. 1e-5: ε² r².
    """
    for w in POINTS:
        assert np.allclose(method.field(1e-5 * w) / 1e-5, method.J @ w, atol=1e-8)


# ── how the unregularised games go on
# ────────────────────────────────────────────────────────────────────────────────


def test_E39_continuous_time_keeps_the_radius():
    path = trajectory(minimax, runge_kutta, np.array([1.0, 1.0]), 0.05, 4000)
    # h⁵ per step, 4000 steps: 1e-3 h³ at worst
    assert np.abs(np.hypot(*path.T) - 2**0.5).max() <= 1e-6
    for psi, theta in POINTS:
        assert abs(minimax(np.array([psi, theta])) @ [psi, theta]) <= 1e-15


def test_E39_simultaneous_steps_spiral_outward_from_everywhere():
    h = 0.3
    for w in POINTS:
        r2 = (trajectory(minimax, simultaneous, w, h, 50) ** 2).sum(1)
        c = np.array(
            [
                1 / (1 + np.exp(-psi * theta))
                for psi, theta in trajectory(minimax, simultaneous, w, h, 49)
            ]
        )
        assert np.allclose(r2[1:] / r2[:-1], 1 + h**2 * c**2, rtol=1e-13)


@pytest.mark.parametrize("h", [0.1, 0.5, 1.9])
def test_E39_alternating_steps_of_the_linear_game_stay_on_an_ellipse(h):
    path = trajectory(wasserstein, alternating(1), np.array([1.0, 1.0]), h, 10_000)
    kept = invariant(path, h)
    # 10⁴ steps of rounding, enlarged where the ellipse is thin
    assert np.abs(kept / kept[0] - 1).max() <= 1e-11


def test_E39_alternating_steps_of_the_full_game_drift_outward():
    """A change of 1e-15 at the start changes the radius by 1e-12 after 5,000 steps and by 0.05
    after 10,000, so the value is tested at 5,000 and the growth up to 10,000."""
    r = np.hypot(*trajectory(minimax, alternating(1), np.array([1.0, 1.0]), 0.5, 10_000).T)
    # the largest radius in each 100 steps, several turns
    turns = r[: 10_000 // 100 * 100].reshape(-1, 100).max(1)
    assert turns[50] == pytest.approx(1.738212, abs=1e-6)
    assert np.all(np.diff(turns[::10]) > 0) and turns[-1] > 3


def test_E39_the_nonsaturating_flow_goes_in_but_at_no_geometric_rate():
    """r² ≈ 1/(1/r₀² + t/8), from the mean over a turn: right up to a part r² of it, and to where in
    a turn it is.
    """
    path = trajectory(nonsaturating, runge_kutta, np.array([0.1, 0.0]), 0.2, 20_000)
    r2, t = (path**2).sum(1), 0.2 * np.arange(20_001)
    assert np.all(np.diff(r2) <= 1e-15)
    assert np.allclose(r2, 1 / (100 + t / 8), rtol=2e-3)
    assert rate(path) > CONVERGED


@pytest.mark.parametrize("h", [0.05, 0.2])
def test_E39_simultaneous_nonsaturating_steps_end_on_a_circle(h):
    r2 = (trajectory(nonsaturating, simultaneous, np.array([0.3, 0.0]), h, int(600 / h)) ** 2).sum(
        1
    )
    assert r2[-200:].mean() == pytest.approx(2 * h, rel=h / 2)  # to first order in h
    assert np.ptp(r2[-200:]) <= h * r2[-1]  # nearly a circle


def test_E40_a_gradient_penalty_of_norm_one_stops_at_a_wrong_point_or_circles():
    for weight, base, c in ((1.5, wasserstein, 1.0), (1.0, minimax, 0.5)):
        path = trajectory(
            gradient_penalty(base, weight), alternating(1, k=5), np.array([1.0, 1.0]), 0.02, 10_000
        )
        assert np.allclose(np.abs(path[-1]), [0, 2 * weight / c], atol=1e-3)
    path = trajectory(
        gradient_penalty(wasserstein, 0.25),
        alternating(1, k=5),
        np.array([1e-3, 1e-3]),
        0.02,
        10_000,
    )
    late = path[-3000:]
    assert (
        np.all(late.max(0) > 0.5) and np.all(late.min(0) < -0.5) and np.hypot(*late.T).min() > 0.3
    )

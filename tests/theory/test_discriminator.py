"""E13-E18: the value function and the best discriminator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.theory import (
    LOG4,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    V,
    V_integral,
    V_through,
    maps,
    monte_carlo,
    optimal_discriminator,
    optimal_logit,
    pointwise,
    pointwise_best,
    pointwise_curvature,
    pointwise_slope,
    value_gap,
)
from numgan.theory.logarithms import log_sigmoid

quick = settings(deadline=None, max_examples=100, derandomize=True)
P, Q = Gaussian(0.5, 0.7), Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])
weights = st.floats(1e-3, 10)
inside = st.floats(0.01, 0.99)


@st.composite
def games(draw):
    """Two distributions on K points, zeros allowed, and a logit for each point."""
    K = draw(st.integers(2, 6))
    w = [
        draw(st.lists(weights | st.just(0.0), min_size=K, max_size=K).filter(lambda w: sum(w) > 0))
        for _ in range(2)
    ]
    logits = draw(st.lists(st.floats(-20, 20), min_size=K, max_size=K))
    return (
        Discrete(np.array(w[0]) / np.sum(w[0])),
        Discrete(np.array(w[1]) / np.sum(w[1])),
        np.array(logits),
    )


def test_E13_value_of_an_undecided_and_of_a_wrong_discriminator():
    assert V(lambda x: np.zeros(len(x)), P, Q) == pytest.approx(-LOG4, abs=1e-12)
    A, B = Discrete([1, 0]), Discrete([0, 1])
    assert V(A.table([np.inf, -np.inf]), A, B) == 0.0  # sure and right: the supremum
    assert V(A.table([-np.inf, np.inf]), A, B) == -np.inf  # sure and wrong
    # no log of a saturated D
    assert V(A.table([800, -800]), A, B) == 0.0 and V(A.table([-800, 800]), A, B) == -1600


@quick
@given(games())
def test_E13_E14_two_expectations_are_one_sum(game):
    P, Q, logits = game
    a = P.table(logits)
    assert V(a, P, Q) == pytest.approx(V_integral(a, P, Q), abs=1e-13)  # terms up to 20


def test_E13_E14_three_ways_to_the_value_by_quadrature():
    def a(x):
        return 1 - x[:, 0] ** 2

    P_G = maps.square(Gaussian(0))
    through_z = V_through(a, P, Gaussian(0), lambda z: z**2)
    assert through_z == pytest.approx(V(a, P, P_G), abs=1e-10)
    assert V(a, P, P_G) == pytest.approx(V_integral(a, P, P_G), abs=1e-10)


def test_E13_by_samples_within_4_standard_errors():
    def a(x):
        return np.sin(x[:, 0])

    rng = np.random.default_rng(0)
    real = monte_carlo(P, lambda x: log_sigmoid(a(x)), 20000, rng)
    fake = monte_carlo(Q, lambda x: log_sigmoid(-a(x)), 20000, rng)
    assert abs(real.value + fake.value - V(a, P, Q)) < 4 * np.hypot(real.error, fake.error)


@quick
@given(inside, weights, weights)
def test_E15_E16_E17_derivatives_of_the_integrand(y, a, b):
    # Im f(y + ih)/h is f' without cancellation: to rounding
    h = 1e-30
    f = a * np.log(y + 1j * h) + b * np.log(1 - (y + 1j * h))
    assert pointwise(np.array(y), a, b) == pytest.approx(f.real, rel=1e-13, abs=1e-13)
    assert pointwise_slope(y, a, b) == pytest.approx(f.imag / h, rel=1e-12, abs=1e-12)
    assert pointwise_curvature(y, a, b) == pytest.approx(
        pointwise_slope(y + 1j * h, a, b).imag / h, rel=1e-12
    )


@quick
@given(inside, weights, weights)
def test_E16_E17_one_maximum_at_a_over_a_plus_b(y, a, b):
    best = pointwise_best(a, b)
    # f''(y*) times the rounding of y*
    assert abs(pointwise_slope(best, a, b)) < 1e-10 * (a + b) ** 3 / (a * b)
    assert pointwise_curvature(best, a, b) == pytest.approx(-((a + b) ** 3) / (a * b), rel=1e-11)
    assert pointwise_curvature(y, a, b) < 0
    # roundings
    assert pointwise(np.array(y), a, b) <= pointwise(np.array(best), a, b) + 1e-13 * (a + b)


def test_E15_at_the_ends_where_a_density_is_zero():
    assert pointwise(np.array([0.0, 1.0]), 0.0, 2.0).tolist() == [0.0, -np.inf]  # 0·log 0 = 0
    assert pointwise(np.array([0.0, 1.0]), 2.0, 0.0).tolist() == [-np.inf, 0.0]


def test_E18_optimal_discriminator_and_its_logit():
    x = np.linspace(-3, 3, 13)[:, None]
    p, q = P.density(x), Q.density(x)
    assert np.allclose(optimal_discriminator(P, Q)(x), p / (p + q), rtol=1e-13)
    assert np.allclose(optimal_logit(P, Q)(x), np.log(p / q), rtol=1e-12, atol=1e-13)
    # two Gaussians of one width: the logit is a straight line, (μ_p − μ_q)x/σ² − (μ_p² − μ_q²)/2σ²
    assert np.allclose(
        optimal_logit(Gaussian(2), Gaussian(-1))(x), 3 * x[:, 0] - 1.5, rtol=1e-13, atol=1e-13
    )


def test_E18_the_logit_is_exact_where_D_has_long_saturated():
    far = np.array([[-60.0], [60.0]])
    assert np.allclose(optimal_logit(Gaussian(20), Gaussian(-20))(far), [-2400, 2400], rtol=1e-14)
    assert optimal_discriminator(Gaussian(20), Gaussian(-20))(far).tolist() == [0.0, 1.0]
    a = optimal_logit(Uniform(0, 1), Uniform(0.5, 2))
    assert a(np.array([[0.2], [1.5], [9.0]])).tolist() == [np.inf, -np.inf, 0.0]


@quick
@given(games())
def test_E18_any_other_discriminator_gives_a_smaller_value(game):
    P, Q, logits = game
    a, best = P.table(logits), optimal_logit(P, Q)
    # 1e-13: roundings of sums of terms up to 20
    assert V(a, P, Q) <= V(best, P, Q) + 1e-13
    assert value_gap(a, P, Q) == pytest.approx(V(best, P, Q) - V(a, P, Q), abs=1e-13)
    assert value_gap(best, P, Q) == 0.0
    # strictly: Pinsker pointwise, KL(Bernoulli(D*)‖Bernoulli(D)) ≥ 2(D* − D)²
    gap = optimal_discriminator(P, Q)(P.support) - 1 / (1 + np.exp(-logits))
    assert value_gap(a, P, Q) >= np.sum((P.p + Q.p) * 2 * gap**2) - 1e-13


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=4))
def test_E18_any_other_logit_on_the_line_gives_a_smaller_value(coefficients):
    def a(x):
        return np.polyval(coefficients, np.tanh(x[:, 0]))

    best = V(optimal_logit(P, Q), P, Q)
    assert V(a, P, Q) < best
    assert value_gap(a, P, Q) == pytest.approx(best - V(a, P, Q), abs=1e-10)


@quick
@given(games(), st.floats(-2, 2))
def test_E18_the_optimum_is_stationary_in_every_direction(game, step):
    P, Q, direction = game
    D, t = optimal_discriminator(P, Q)(P.support), 1e-7 * step * direction
    slope = np.sum(P.p * (1 - D) * t - Q.p * D * t)  # ∂V/∂a = p(1 − D) − q D, zero at D*
    assert abs(slope) < 1e-20  # t is below 4e-6, each term a rounding 1e-16 of it

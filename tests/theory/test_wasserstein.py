"""E43: the Wasserstein distance on the line, and the least-squares and hinge games."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from numgan.errors import InputError
from numgan.theory import (
    LOG2,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    best_lipschitz_critic,
    f_divergence,
    ftable,
    hinge_optimum,
    hinge_value,
    integral,
    jsd,
    least_squares_cost,
    least_squares_optimum,
    least_squares_value,
    lipschitz_value,
    midpoint,
    wasserstein,
)

quick = settings(deadline=None, max_examples=60, derandomize=True)
P, Q = Gaussian(0), Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])
points = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=1, max_size=8)


def test_E43_wasserstein_closed_forms():
    assert wasserstein(Gaussian(0), Gaussian(3)) == pytest.approx(3, abs=1e-12)
    assert wasserstein(Gaussian(1, 1), Gaussian(1, 3)) == pytest.approx(
        2 * np.sqrt(2 / np.pi), abs=1e-12
    )
    assert wasserstein(Uniform(0, 1), Uniform(2, 5)) == pytest.approx(3, abs=1e-12)
    # quantiles: ∫|x − (3x − 1)| dx
    assert wasserstein(Uniform(0, 1), Uniform(-1, 2)) == pytest.approx(0.5, abs=1e-12)
    assert wasserstein(Discrete([1.0], [0.0]), Gaussian(0)) == pytest.approx(
        np.sqrt(2 / np.pi), abs=1e-12
    )
    assert wasserstein(P, P) == 0.0


def test_E43_wasserstein_is_also_the_distance_between_quantiles():
    u = (np.arange(100_000) + 0.5) / 100_000
    exact = np.mean(np.abs(stats.norm.ppf(u) - (4 * u - 1)))  # ∫|F⁻¹ − G⁻¹| du by the midpoint rule
    # the rule: infinite ends
    assert wasserstein(Gaussian(0), Uniform(-1, 3)) == pytest.approx(exact, abs=1e-5)


@quick
@given(points, points)
def test_E43_wasserstein_of_samples_is_scipys(x, y):
    A, B = Discrete.empirical(np.array(x)), Discrete.empirical(np.array(y))
    exact = stats.wasserstein_distance(x, y)
    # a dozen roundings of numbers up to 200
    assert wasserstein(A, B) == pytest.approx(exact, abs=1e-12)
    assert lipschitz_value(best_lipschitz_critic(A, B), A, B) == pytest.approx(exact, abs=1e-12)


@quick
@given(points, points, points)
def test_E43_wasserstein_is_a_metric(x, y, z):
    A, B, D = (Discrete.empirical(np.array(s)) for s in (x, y, z))
    assert wasserstein(A, B) == wasserstein(B, A) and wasserstein(A, A) == 0
    assert wasserstein(A, D) <= wasserstein(A, B) + wasserstein(B, D) + 1e-12


def test_E43_wasserstein_of_samples_tends_to_that_of_the_densities():
    rng = np.random.default_rng(0)
    got = wasserstein(
        Discrete.empirical(P.sample(4000, rng)), Discrete.empirical(Q.sample(4000, rng))
    )
    # each empirical law is within ∫√(F(1−F)/n) of its density's; 4 of those for both
    spread = [
        integral(lambda x, R=R: np.sqrt(R.cdf(x) * (1 - R.cdf(x)) / 4000), R, tol=1e-6)
        for R in (P, Q)
    ]
    assert abs(got - wasserstein(P, Q)) < 4 * sum(spread)


def test_E43_the_dual_attains_it_and_no_other_critic_of_slope_one_exceeds_it():
    T, best = best_lipschitz_critic(P, Q), wasserstein(P, Q)
    assert lipschitz_value(T, P, Q) == pytest.approx(best, abs=1e-10)
    x = np.linspace(-8, 8, 400)
    assert np.abs(np.diff(T(x)) / np.diff(x)).max() <= 1 + 1e-12
    for other in (lambda x: x[:, 0], lambda x: np.sin(x[:, 0]), lambda x: -np.abs(x[:, 0] - 0.3)):
        assert lipschitz_value(other, P, Q) < best
    # shifted copies: the straight line is best, and its gradient is 1 everywhere
    assert lipschitz_value(lambda x: x[:, 0], Gaussian(3), Gaussian(0)) == pytest.approx(
        3, abs=1e-10
    )


def test_E43_it_sees_the_distance_where_jsd_is_stuck_at_log_2():
    for distance in (2.0, 1.0, 0.1):
        A, B = Uniform(0, 0.1), Uniform(distance, distance + 0.1)
        assert jsd(A, B) == pytest.approx(LOG2, abs=1e-12)
        assert wasserstein(A, B) == pytest.approx(distance, abs=1e-12)


def test_E43_wasserstein_needs_the_line():
    with pytest.raises(InputError, match="in 2 dimensions: expected 1"):
        wasserstein(Gaussian([0, 0]), Gaussian([1, 1]))


@pytest.mark.parametrize("labels", [(-1.0, 1.0), (0.0, 1.0)])
def test_E43_least_squares_optimum_beats_any_other(labels):
    best = least_squares_optimum(P, Q, *labels)
    top = least_squares_value(best, P, Q, *labels)
    for shift in (
        lambda x: 0.1,
        lambda x: 0.2 * np.sin(x[:, 0]),
        lambda x: -0.3 * np.tanh(x[:, 0]),
    ):
        value = least_squares_value(lambda x, s=shift: best(x) + s(x), P, Q, *labels)
        # V is a parabola in D: what is lost is exactly ½∫(p + q) shift²
        lost = 0.5 * integral(lambda x, s=shift: (P.density(x) + Q.density(x)) * s(x) ** 2, P, Q)
        assert value == pytest.approx(top - lost, abs=1e-10)


def test_E43_least_squares_cost_is_a_pearson_divergence():
    D = Discrete([0.2, 0.3, 0.5]), Discrete([0.6, 0.4, 0.0])
    # C = ½∫(p − q)²/(p + q) = ∫(q − m)²/m: χ² of Q against the midpoint M, in E41's order of
    # arguments
    for A, B in (D, (P, Q)):
        assert least_squares_cost(A, B) == pytest.approx(
            f_divergence(ftable.PEARSON, B, midpoint(A, B)), abs=1e-10
        )
        assert least_squares_cost(A, A) == pytest.approx(0, abs=1e-12)
    # the order exchanged: infinite, as q = 0 < m somewhere
    wrong = f_divergence(ftable.PEARSON, midpoint(*D), D[1])
    assert wrong == np.inf and least_squares_cost(*D) < 1
    # at most 1
    assert least_squares_cost(Uniform(0, 1), Uniform(2, 3)) == pytest.approx(1, abs=1e-12)


def test_E43_hinge_optimum_gives_the_total_variation():
    tv = f_divergence(ftable.TOTAL_VARIATION, P, Q)
    best = hinge_value(hinge_optimum(P, Q), P, Q)
    assert best == pytest.approx(-2 + 2 * tv, abs=1e-10)
    for other in (
        lambda x: np.tanh(x[:, 0]),
        lambda x: np.zeros(len(x)),
        lambda x: 2 * hinge_optimum(P, Q)(x),
    ):
        assert hinge_value(other, P, Q) < best + 1e-12

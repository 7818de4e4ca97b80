"""E1-E6: entropy and the Kullback-Leibler divergence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from numgan.errors import InputError
from numgan.theory import (
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    both_directions,
    covering_fit,
    cross_entropy,
    entropy,
    gibbs_gap,
    kl,
    monte_carlo,
    seeking_fit,
)

quick = settings(deadline=None, max_examples=100, derandomize=True)
P2 = Gaussian([0, 1], cov=[[2, 0.5], [0.5, 1]])
Q2 = Gaussian([1, -1], cov=[[1, -0.3], [-0.3, 2]])
TWO = Mixture([0.7, 0.3], [Gaussian(-4, 0.5), Gaussian(4, 0.4)])


@st.composite
def pairs(draw, zeros=False):
    """Two distributions on one space of 2 to 6 points."""
    K = draw(st.integers(2, 6))
    weight = st.floats(1e-6, 1) | st.just(0.0) if zeros else st.floats(1e-6, 1)
    rows = [
        draw(st.lists(weight, min_size=K, max_size=K).filter(lambda w: sum(w) > 0))
        for _ in range(2)
    ]
    return [Discrete(np.array(w) / np.sum(w)) for w in rows]


@quick
@given(pairs(zeros=True))
def test_E1_E2_discrete_are_scipys(pair):
    P, Q = pair
    # a sum of six terms: roundings
    assert entropy(P) == pytest.approx(stats.entropy(P.p), abs=1e-14)
    assert kl(P, Q) == pytest.approx(stats.entropy(P.p, Q.p), abs=1e-13)  # terms up to log 1e6


def test_E1_entropy_of_known_distributions():
    assert entropy(Discrete(np.full(8, 1 / 8))) == pytest.approx(3 * np.log(2), abs=1e-15)
    assert entropy(Discrete([1.0, 0.0])) == 0.0  # 0·log 0 = 0
    assert entropy(Uniform([0, 0], [2, 3])) == pytest.approx(np.log(6), abs=1e-15)
    assert entropy(Uniform(0, 0.1)) < 0  # a density can be above 1
    assert entropy(P2) == pytest.approx(
        stats.multivariate_normal(P2.mean, P2.cov).entropy(), abs=1e-14
    )
    assert entropy(Gaussian(np.zeros(5), 2.0)) == pytest.approx(
        5 * stats.norm(0, 2).entropy(), abs=1e-14
    )


def test_E1_E2_E6_closed_forms_agree_with_quadrature():
    for P, Q in (
        (P2, Q2),
        (Q2, P2),
        (Gaussian(0, 2), Gaussian(1, 0.7)),
        (Uniform(0, 1), Uniform(-1, 2)),
    ):
        assert entropy(P) == pytest.approx(entropy(P, closed=False), abs=1e-10)
        assert kl(P, Q) == pytest.approx(kl(P, Q, closed=False), abs=1e-10)
        assert cross_entropy(P, Q) == pytest.approx(cross_entropy(P, Q, closed=False), abs=1e-10)


def test_E1_mixture_entropy_of_separate_modes():
    # 20 standard deviations apart the modes do not overlap: H = H(weights) + Σ w_k H_k to e^{-50}
    P = Mixture.of_gaussians([[-1, -1], [-1, 1], [1, -1], [1, 1]], 0.1, [0.1, 0.2, 0.3, 0.4])
    exact = entropy(Discrete([0.1, 0.2, 0.3, 0.4])) + entropy(Gaussian([0, 0], 0.1))
    assert entropy(P) == pytest.approx(exact, abs=1e-10)


def test_E2_monte_carlo_agrees_within_4_standard_errors():
    P, Q = Mixture([0.5, 0.5], [P2, Q2]), Gaussian([0, 0], 2.0)
    got = monte_carlo(
        P, lambda x: P.log_density(x) - Q.log_density(x), 20000, np.random.default_rng(0)
    )
    assert abs(got.value - kl(P, Q)) < 4 * got.error


def test_E2_infinite_where_q_is_zero_and_p_is_not():
    assert kl(Discrete([0.5, 0.5]), Discrete([1, 0])) == np.inf
    assert kl(Discrete([1, 0]), Discrete([0.5, 0.5])) == pytest.approx(np.log(2), abs=1e-15)
    assert kl(Gaussian(0), Uniform(-1, 1)) == np.inf
    assert (
        kl(Uniform(0, 1), Uniform(0.5, 2))
        == kl(Uniform(0, 1), Uniform(0.5, 2), closed=False)
        == np.inf
    )
    assert kl(Mixture([0.5, 0.5], [Gaussian(0), Uniform(5, 6)]), Uniform(-99, 9)) == np.inf
    assert cross_entropy(Discrete([0.5, 0.5]), Discrete([1, 0])) == np.inf


def test_E2_far_apart_is_large_and_finite():
    # the density of Q underflows to 0 where P lives; its logarithm does not
    assert kl(Gaussian(0), Gaussian(1000), closed=False) == pytest.approx(500_000, rel=1e-12)


@quick
@given(pairs(zeros=True))
def test_E3_E4_kl_is_nonnegative_and_zero_only_for_equal(pair):
    P, Q = pair
    assert kl(P, P) == 0.0 and kl(Q, Q) == 0.0
    # Pinsker: KL ≥ ½(Σ|p−q|)², so 0 only if equal; 1e-14 for the roundings of the sum
    assert kl(P, Q) >= 0.5 * np.abs(P.p - Q.p).sum() ** 2 - 1e-14


@quick
@given(pairs())
def test_E3_pointwise_gap_is_nonnegative_and_sums_to_kl(pair):
    P, Q = pair
    gap = gibbs_gap(P, Q)(P.support)
    assert np.all(gap >= -1e-15)  # rounding of numbers up to 1
    assert gap.sum() == pytest.approx(kl(P, Q), abs=1e-14)


def test_E4_zero_for_densities_that_are_equal_almost_everywhere():
    assert kl(TWO, Mixture(TWO.weights[::-1], TWO.components[::-1])) == pytest.approx(0, abs=1e-12)
    assert kl(P2, P2) == pytest.approx(0, abs=1e-15)


def test_E5_the_two_directions_differ():
    forward, reverse = both_directions(Gaussian(0, 1), Gaussian(0, 2))
    assert forward == pytest.approx(np.log(2) - 3 / 8, abs=1e-15)
    assert reverse == pytest.approx(3 / 2 - np.log(2), abs=1e-15)
    assert both_directions(Discrete([0.5, 0.5]), Discrete([1, 0])) == (
        np.inf,
        pytest.approx(np.log(2)),
    )


@quick
@given(pairs())
def test_E6_cross_entropy_is_entropy_plus_kl(pair):
    P, Q = pair
    # terms up to log 1e6
    assert cross_entropy(P, Q) == pytest.approx(entropy(P) + kl(P, Q), abs=1e-13)
    assert cross_entropy(P2, Q2) == pytest.approx(entropy(P2) + kl(P2, Q2), abs=1e-14)


def test_E6_kl_from_P_is_least_at_its_mean_and_variance_and_covers_both_modes():
    Q = covering_fit(TWO)
    assert Q.mean[0] == pytest.approx(-1.6) and Q.cov[0, 0] == pytest.approx(
        0.7 * 0.25 + 0.3 * 0.16 + 0.21 * 64
    )
    best = kl(TWO, Q)
    for m, s in ((0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)):
        assert kl(TWO, Gaussian(Q.mean + m, Q.std + s)) > best
    # it holds both modes, and the desert between them
    assert Q.cdf([4.4])[0] - Q.cdf([-4.5])[0] > 0.7


def test_E6_kl_to_P_settles_on_one_mode():
    for start, mode in ((Gaussian(-1, 1), 0), (Gaussian(3, 1), 1)):
        Q = seeking_fit(TWO, start)
        # the modes are 16 standard deviations apart, so the other one shifts the optimum by less
        # than e^{-16²/8}
        assert Q.mean[0] == pytest.approx(TWO.means[mode, 0], abs=1e-8)
        assert Q.std[0] == pytest.approx(TWO.stds[mode, 0], abs=1e-8)
        assert kl(Q, TWO) == pytest.approx(-np.log(TWO.weights[mode]), abs=1e-10)
        for m, s in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
            assert kl(Gaussian(Q.mean + m, Q.std + s), TWO) > kl(Q, TWO)
    assert seeking_fit(Gaussian(1, 2), Gaussian(5, 0.1)).std[0] == pytest.approx(2, abs=1e-8)


@pytest.mark.parametrize(
    ("ratio", "one_mode"), [(1.0, False), (2.5, False), (2.79, False), (2.81, True), (4.0, True)]
)
def test_E6_from_which_distance_on_one_mode_is_nearer_than_both(ratio, one_mode):
    """½N(−c, 1) + ½N(c, 1): the best Gaussian over both modes against the best beside one. They tie
    at c = 2.80.
    """
    P = Mixture([0.5, 0.5], [Gaussian(-ratio, 1), Gaussian(ratio, 1)])
    spanning, beside = seeking_fit(P, Gaussian(0, ratio)), seeking_fit(P, Gaussian(ratio, 1))
    assert spanning.mean[0] == pytest.approx(0, abs=1e-8)
    assert (kl(beside, P) < kl(spanning, P) - 1e-4) == one_mode


def test_E6_every_gaussian_as_near_as_log_2_is_beside_a_mode():
    """The bound of the proof: KL(Q‖P) ≤ log 2 only with v ≤ 14 s² and ||μ| − c| ≤ 6 s, whatever c
    and μ are.
    """
    for c in (3.0, 7.0, 20.0):
        P = Mixture([0.5, 0.5], [Gaussian(-c, 1), Gaussian(c, 1)])
        for mu in np.linspace(0, 2 * c, 9):
            for std in np.geomspace(0.3, 2 * c, 9):
                near = kl(Gaussian(mu, std), P, tol=1e-6) <= np.log(2)
                assert not near or (std**2 <= 14 and abs(mu - c) <= 6)
                lowest = (1 - 2 / np.pi) * std**2 / 2 - np.log(std) - 0.5
                assert kl(Gaussian(mu, std), P, tol=1e-6) >= lowest  # Var|x| ≥ (1 − 2/π) v


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: kl(Discrete([0.5, 0.5]), Discrete([0.2, 0.3, 0.5])),
            "supports of 2 and 3 points differ",
        ),
        (
            lambda: kl(Discrete([0.5, 0.5]), Discrete([0.5, 0.5], [0, 2])),
            "supports of 2 and 2 points differ",
        ),
        (lambda: kl(Gaussian(0), Gaussian([0, 0])), "densities of 1 and 2 dimensions"),
        (lambda: kl(Gaussian(0), Discrete([1.0])), "expected densities of one kind"),
        (lambda: seeking_fit(P2, Q2), "in 2 dimensions: expected 1"),
        (lambda: seeking_fit(Uniform(0, 1), Gaussian(0)), "start within the support"),
        (lambda: seeking_fit(TWO, Gaussian(0, 3), most_steps=2), "still moves by"),
    ],
)
def test_bad_input_is_named_with_its_figure(call, says):
    with pytest.raises(InputError, match=says):
        call()

"""E19-E25: C(G), and why it is the Jensen-Shannon divergence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon
from scipy.stats import binom

from numgan.errors import InputError
from numgan.theory import (
    LOG2,
    LOG4,
    C,
    C_by_jsd,
    C_by_kl,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    V,
    confused_value,
    js_distance,
    jsd,
    jsd_by_entropy,
    kl,
    log_two_step,
    midpoint,
    optimal_discriminator,
    optimal_logit,
)

quick = settings(deadline=None, max_examples=150, derandomize=True)
P, Q = Gaussian(0), Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])
CONTINUOUS = [
    (P, Q),
    (Gaussian(0), Gaussian(3)),
    (Uniform(0, 1), Gaussian(0)),
    (Uniform(0, 2), Uniform(1, 4)),
    (
        Gaussian([0, 1], cov=[[1, 0.5], [0.5, 2]]),
        Mixture([0.5, 0.5], [Gaussian([1, 1], 0.5), Gaussian([-1, 0])]),
    ),
]
weight = st.floats(1e-6, 1) | st.just(0.0)


@st.composite
def triples(draw):
    """Three distributions on one space of 2 to 6 points, zeros allowed."""
    K = draw(st.integers(2, 6))
    rows = [
        draw(st.lists(weight, min_size=K, max_size=K).filter(lambda w: sum(w) > 0))
        for _ in range(3)
    ]
    return [Discrete(np.array(w) / np.sum(w)) for w in rows]


def test_E19_E20_a_fully_confused_discriminator_and_its_value():
    x = np.linspace(-5, 5, 11)[:, None]
    assert np.all(optimal_discriminator(Q, Q)(x) == 0.5)
    assert confused_value() == pytest.approx(-LOG4, abs=1e-15)
    assert V(optimal_logit(Q, Q), Q, Q) == pytest.approx(-LOG4, abs=1e-12)
    R = Discrete([0.1, 0.2, 0.7])
    assert V(optimal_logit(R, R), R, R) == C(R, R) == pytest.approx(-LOG4, abs=1e-15)


@quick
@given(triples())
def test_E21_E22_E23_E25_one_number_four_ways_on_a_finite_space(three):
    P, Q, _ = three
    exact = V(optimal_logit(P, Q), P, Q)
    step = log_two_step(P, Q)
    assert C(P, Q) == pytest.approx(exact, abs=1e-14)
    assert step.minus_log4 + step.data_term + step.model_term == pytest.approx(exact, abs=1e-14)
    assert C_by_kl(P, Q) == pytest.approx(exact, abs=1e-14)
    assert C_by_jsd(P, Q) == pytest.approx(exact, abs=1e-14)


@pytest.mark.parametrize(("P", "Q"), CONTINUOUS)
def test_E21_E22_E23_E25_one_number_four_ways_by_quadrature(P, Q):
    exact = V(optimal_logit(P, Q), P, Q)
    step = log_two_step(P, Q)
    assert C(P, Q) == pytest.approx(exact, abs=1e-10)
    assert step.minus_log4 + step.data_term + step.model_term == pytest.approx(exact, abs=1e-10)
    assert C_by_kl(P, Q) == pytest.approx(exact, abs=1e-10)
    assert C_by_jsd(P, Q) == pytest.approx(exact, abs=1e-10)


def test_E22_the_log_2_step_term_by_term():
    step = log_two_step(P, Q)
    M = midpoint(P, Q)
    assert step.mass_data == pytest.approx(1, abs=1e-12) and step.mass_model == pytest.approx(
        1, abs=1e-12
    )
    assert step.minus_log4 == pytest.approx(-LOG4, abs=1e-12)
    assert step.data_term == pytest.approx(kl(P, M), abs=1e-10)
    assert step.model_term == pytest.approx(kl(Q, M), abs=1e-10)
    x = np.linspace(-3, 3, 7)
    assert np.allclose(M.density(x), (P.density(x) + Q.density(x)) / 2, rtol=1e-14)


@quick
@given(triples())
def test_E23_E25_minus_log_4_is_the_least_value_and_only_at_the_data(three):
    P, Q, _ = three
    # JSD ≥ (Σ|p−q|)²/8 (Pinsker for each half): the minimum is unique. 1e-14: roundings
    assert C(P, Q) >= -LOG4 + 2 * np.abs(P.p - Q.p).sum() ** 2 / 8 - 1e-14
    assert C(P, P) == pytest.approx(-LOG4, abs=1e-15)


@quick
@given(triples())
def test_E24_jsd_is_scipys_symmetric_and_bounded(three):
    P, Q, _ = three
    assert jsd(P, Q) == pytest.approx(jensenshannon(P.p, Q.p) ** 2, abs=1e-14)
    assert jsd(P, Q) == pytest.approx(jsd(Q, P), abs=1e-16)
    assert jsd(P, Q) == pytest.approx(jsd_by_entropy(P, Q), abs=1e-14)
    assert jsd(P, Q) == pytest.approx(
        0.5 * kl(P, midpoint(P, Q)) + 0.5 * kl(Q, midpoint(P, Q)), abs=1e-14
    )
    assert -1e-15 <= jsd(P, Q) <= LOG2 + 1e-15
    assert jsd(P, P) == pytest.approx(0, abs=1e-16)


@quick
@given(triples())
def test_E24_the_root_of_jsd_satisfies_the_triangle_inequality(three):
    P, Q, R = three
    # 5e-8: a JSD is right to about 1e-15, and its root near zero to √1e-15
    assert js_distance(P, R) <= js_distance(P, Q) + js_distance(Q, R) + 5e-8


def test_E24_jsd_itself_does_not():
    A, M, B = Discrete([1, 0]), Discrete([0.5, 0.5]), Discrete([0, 1])
    assert jsd(A, B) > jsd(A, M) + jsd(M, B) + 0.2


@quick
@given(triples(), st.floats(0, 1))
def test_E24_jensen_mixing_brings_distributions_nearer(three, t):
    P, Q, R = three
    mixed = Discrete(t * Q.p + (1 - t) * R.p)
    # convex in its second argument; roundings
    assert jsd(P, mixed) <= t * jsd(P, Q) + (1 - t) * jsd(P, R) + 1e-14


def test_E24_log_2_for_disjoint_supports_at_any_distance_and_smooth_when_they_meet():
    assert (
        jsd(Uniform(0, 1), Uniform(1, 2))
        == jsd(Uniform(0, 1), Uniform(99, 100))
        == pytest.approx(LOG2, abs=1e-12)
    )
    assert jsd(Discrete([0.3, 0.7, 0, 0]), Discrete([0, 0, 0.5, 0.5])) == pytest.approx(
        LOG2, abs=1e-15
    )
    # half overlapping boxes: half of each is exclusive, half shared
    assert jsd(Uniform(0, 2), Uniform(1, 3)) == pytest.approx(LOG2 / 2, abs=1e-12)
    # Gaussians are never disjoint; their logits are exact long after both densities underflow
    values = [jsd(Gaussian(0), Gaussian(d)) for d in (0, 0.5, 1, 2, 4, 8)]
    assert (
        values[0] == pytest.approx(0, abs=1e-15)
        and np.all(np.diff(values) > 0)
        and values[-1] < LOG2
    )
    assert jsd(Gaussian(0), Gaussian(500)) == pytest.approx(LOG2, abs=1e-12)
    assert js_distance(Gaussian(0), Gaussian(500)) == pytest.approx(np.sqrt(LOG2), abs=1e-12)


def test_E24_log_2_for_singular_laws_of_one_support():
    """Binary digits, independent, each 1 with probability ½ or ⅓: two laws on [0, 1] whose supports
    are all of it.

    The share of ones tends to ½ or to ⅓ (law of large numbers), so they are mutually singular. In n
    digits only the number of ones tells them apart, which is binomial; both laws give every n
    digits a positive probability.
    """

    def ones(n, p):
        return Discrete(
            np.maximum(binom.pmf(np.arange(n + 1), n, p), 1e-320)
            / binom.pmf(np.arange(n + 1), n, p).sum()
        )

    values = [jsd(ones(n, 1 / 2), ones(n, 1 / 3)) for n in (1, 10, 100, 900)]
    assert np.all(np.diff(values) > 0) and values[-1] == pytest.approx(LOG2, abs=1e-6)
    assert np.all(ones(900, 1 / 3).p > 0)  # not disjoint, at any n


def test_E24_jsd_is_a_squared_distance_of_square_integrable_functions():
    """F_P = (1 − e^{−tp/2})/(√2 t): ‖F_P − F_Q‖² = JSD and ‖F_P‖² = ½ log 2. Without the 1, ‖F_P‖
    is infinite.
    """
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.4, 0.0])
    F = lambda p, t: -np.expm1(-t * p / 2) / (2**0.5 * t)  # noqa: E731

    def square(a, b):
        return quad(lambda t: (F(a, t) - F(b, t)) ** 2, 0, np.inf, epsabs=1e-11, limit=200)[0]

    assert sum(map(square, p, q)) == pytest.approx(jsd(Discrete(p), Discrete(q)), abs=1e-9)
    assert sum(square(a, 0.0) for a in p) == pytest.approx(LOG2 / 2, abs=1e-9)


def test_E24_jsd_by_entropy_for_densities():
    for A, B in CONTINUOUS[:4]:
        assert jsd(A, B) == pytest.approx(jsd_by_entropy(A, B), abs=1e-10)


def test_E24_on_the_ring_of_eight_one_mode_against_all():
    angles = 2 * np.pi * np.arange(8) / 8
    means = np.column_stack([np.cos(angles), np.sin(angles)])
    ring, one = Mixture.of_gaussians(means, 0.01), Mixture.of_gaussians(means[:1], 0.01)
    # modes 76 standard deviations apart: JSD is that of the weights, (1/8, …) against (1, 0, …)
    exact = jsd(Discrete(np.full(8, 1 / 8)), Discrete(np.eye(8)[0]))
    assert jsd(ring, one, tol=1e-11) == pytest.approx(exact, abs=1e-10)


def test_unequal_spaces_are_refused():
    with pytest.raises(InputError, match="densities of one kind"):
        jsd(Gaussian(0), Discrete([0.5, 0.5]))
    with pytest.raises(InputError, match="1 and 2 dimensions"):
        C(Gaussian(0), Gaussian([0, 0]))
    with pytest.raises(InputError, match="supports of 2 and 3 points"):
        midpoint(Discrete([0.5, 0.5]), Discrete([0.5, 0.5, 0]))

"""E41, E42: f-divergences, their conjugates and their bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from numgan.theory import (
    LOG4,
    C,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    V,
    best_critic,
    f_divergence,
    jsd,
    kl,
    optimal_logit,
    variational_bound,
)
from numgan.theory.ftable import GAN, HELLINGER, JS, KL, PEARSON, REVERSE_KL, TABLE, TOTAL_VARIATION

quick = settings(deadline=None, max_examples=60, derandomize=True)
every = pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
P, Q = Gaussian(0), Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])
SMOOTH = [row for row in TABLE.values() if row is not TOTAL_VARIATION]
ratio = st.floats(0.02, 50)


@st.composite
def pairs(draw):
    K = draw(st.integers(2, 5))
    rows = [draw(st.lists(st.floats(0.05, 1), min_size=K, max_size=K)) for _ in range(2)]
    return [Discrete(np.array(w) / np.sum(w)) for w in rows]


@every
@quick
@given(ratio, ratio, st.floats(0, 1))
def test_E41_f_is_convex_and_weigh_is_q_f_of_p_over_q(row, p, q, t):
    mixed = row.f(np.array(t * p + (1 - t) * q))
    # f up to 2500: roundings
    assert mixed <= t * row.f(np.array(p)) + (1 - t) * row.f(np.array(q)) + 1e-11
    got = row.weigh(np.array(p), np.array(q), np.log(p / q))
    assert got == pytest.approx(q * row.f(np.array(p / q)), rel=1e-10, abs=1e-12)


@every
def test_E41_f_of_one_is_zero_except_for_the_gan(row):
    assert row.f(np.array(1.0)) == pytest.approx(-LOG4 if row is GAN else 0.0, abs=1e-15)


def test_E41_rows_are_what_they_are_called():
    for A, B in (
        (P, Q),
        (Uniform(0, 1), Gaussian(0)),
        (Discrete([0.2, 0.8]), Discrete([0.7, 0.3])),
    ):
        assert f_divergence(KL, A, B) == pytest.approx(kl(A, B), abs=1e-10)
        assert f_divergence(REVERSE_KL, A, B) == pytest.approx(kl(B, A), abs=1e-10)
        assert f_divergence(JS, A, B) == pytest.approx(jsd(A, B), abs=1e-10)
        assert f_divergence(GAN, A, B) == pytest.approx(C(A, B), abs=1e-10)


def test_E41_closed_forms_of_two_gaussians():
    m, s = 1.0, 2.0  # N(0, s²) against N(m, s²)
    A, B = Gaussian(0, s), Gaussian(m, s)
    half = np.array([m / 2])  # where the densities cross
    assert f_divergence(PEARSON, A, B) == pytest.approx(np.expm1(m**2 / s**2), abs=1e-10)
    assert f_divergence(HELLINGER, A, B) == pytest.approx(
        -2 * np.expm1(-(m**2) / (8 * s**2)), abs=1e-10
    )
    assert f_divergence(TOTAL_VARIATION, A, B) == pytest.approx(
        A.cdf(half)[0] - B.cdf(half)[0], abs=1e-10
    )


def test_E41_infinite_where_it_diverges():
    A, B = Discrete([0.5, 0.5, 0.0]), Discrete([0.5, 0.0, 0.5])
    assert [f_divergence(row, A, B) for row in (KL, REVERSE_KL, PEARSON)] == [np.inf] * 3
    assert f_divergence(HELLINGER, A, B) == pytest.approx(1, abs=1e-15)
    assert f_divergence(TOTAL_VARIATION, A, B) == 0.5
    assert f_divergence(KL, Gaussian(0), Uniform(-1, 1)) == np.inf
    # p²/q of a wide p over a narrow q grows without end although p/q is finite everywhere: χ² = ∞
    # for σ_q² ≤ σ_p²/2
    assert f_divergence(PEARSON, Gaussian(0), Gaussian(0, 0.7)) == np.inf
    exact = 0.8 / np.sqrt(2 - 1 / 0.64) - 1  # ∫p²/q = σ_q/(σ_p²·√(2/σ_p² − 1/σ_q²))
    assert f_divergence(PEARSON, Gaussian(0), Gaussian(0, 0.8)) == pytest.approx(exact, abs=1e-10)


@quick
@given(pairs())
def test_E41_every_divergence_is_nonnegative_and_zero_at_equality(pair):
    P, Q = pair
    for row in TABLE.values():
        shift = -LOG4 if row is GAN else 0.0
        assert f_divergence(row, P, Q) >= shift - 1e-15
        assert f_divergence(row, P, P) == pytest.approx(shift, abs=1e-15)
    tv, h2 = f_divergence(TOTAL_VARIATION, P, Q), f_divergence(HELLINGER, P, Q)
    assert h2 / 2 <= tv + 1e-15 and tv <= np.sqrt(h2 * (1 - h2 / 4)) + 1e-15  # Le Cam
    assert f_divergence(KL, P, Q) <= np.log1p(f_divergence(PEARSON, P, Q)) + 1e-14  # Jensen


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
@quick
@given(ratio)
def test_E42_best_is_the_derivative_of_f(row, t):
    # complex step: exact to rounding, and f of each smooth row is written in analytic functions
    h = 1e-30
    slope = np.imag(_complex_f(row, t + 1j * h)) / h
    assert row.best(np.log(t)) == pytest.approx(slope, rel=1e-12, abs=1e-12)


def _complex_f(row, t):
    """The f of the table on complex numbers, in the words of the paper."""
    return {
        "KL": lambda: t * np.log(t),
        "reverse KL": lambda: -np.log(t),
        "Pearson χ²": lambda: (t - 1) ** 2,
        "squared Hellinger": lambda: (np.sqrt(t) - 1) ** 2,
        "Jensen-Shannon": lambda: 0.5 * (t * np.log(t) - (t + 1) * np.log((t + 1) / 2)),
        "GAN": lambda: t * np.log(t) - (t + 1) * np.log(t + 1),
    }[row.name]()


@every
@quick
@given(ratio)
def test_E42_fenchel_equality_at_the_best_and_inequality_elsewhere(row, t):
    f, s = row.f(np.array(t)), row.best(np.log(t))
    # GAN and JS lose digits near the top of s
    assert row.dual(s) == pytest.approx(s * t - f, rel=1e-9, abs=1e-11)
    for v in (-2.0, -0.3, 0.0, 0.8, 2.0):
        other = row.activation(np.array(v))
        assert row.dual(other) >= other * t - f - 1e-11


@every
def test_E42_conjugate_is_the_supremum(row):
    for v in (-1.0, -0.2, 0.4, 1.5):
        s = float(row.activation(np.array(v)))
        below = lambda u, s=s: float(row.f(np.exp(u)) - s * np.exp(u))  # noqa: E731
        found = minimize_scalar(below, bounds=(-30, 5), method="bounded", options={"xatol": 1e-10})
        # 1e-8: SciPy's search; its interval ends at t = e^5
        assert float(row.dual(s)) == pytest.approx(-found.fun, abs=1e-8)


@every
def test_E42_output_activation_is_increasing_and_stays_in_the_domain(row):
    v = np.linspace(-8, 8, 161)
    s = row.activation(v)
    assert np.all(np.diff(s) > 0) and np.all((row.bottom <= s) & (s <= row.top))
    assert np.isfinite(row.dual(s)).all()
    for edge, outside in ((row.bottom, -1), (row.top, 1)):
        if np.isfinite(edge):
            assert row.dual(np.array(edge + 0.01 * outside)) == np.inf


@every
@pytest.mark.parametrize(
    ("P", "Q"),
    [(P, Q), (Gaussian(0), Gaussian(1.5)), (Discrete([0.2, 0.5, 0.3]), Discrete([0.6, 0.1, 0.3]))],
)
def test_E42_the_bound_is_tight_at_the_best_critic(row, P, Q):
    bound = variational_bound(row, best_critic(row, P, Q), P, Q)
    assert bound == pytest.approx(f_divergence(row, P, Q), abs=1e-10)


@every
@quick
@given(pairs(), st.integers(0, 2**32 - 1))
def test_E42_any_other_critic_stays_below(row, pair, seed):
    P, Q = pair
    a = np.random.default_rng(seed).standard_normal(len(P.p))
    T = P.table(row.activation(a))
    # roundings of e^{a}, a up to 4
    assert variational_bound(row, T, P, Q) <= f_divergence(row, P, Q) + 1e-12


def test_E42_the_gan_row_is_the_value_function():
    def a(x):
        return np.sin(x[:, 0])

    assert variational_bound(GAN, lambda x: GAN.activation(a(x)), P, Q) == pytest.approx(
        V(a, P, Q), abs=1e-10
    )
    x = np.linspace(-3, 3, 7)[:, None]
    assert np.allclose(
        GAN.activation(optimal_logit(P, Q)(x)), best_critic(GAN, P, Q)(x), rtol=1e-14
    )


def test_E42_stays_a_lower_bound_where_the_ratio_leaves_the_floating_range():
    for row in (KL, REVERSE_KL, JS, HELLINGER, TOTAL_VARIATION):
        bound = variational_bound(
            row, best_critic(row, Gaussian(0), Gaussian(40)), Gaussian(0), Gaussian(40)
        )
        exact = f_divergence(row, Gaussian(0), Gaussian(40))
        assert np.isfinite(bound) and bound <= exact + 1e-12
    assert f_divergence(KL, Gaussian(0), Gaussian(40)) == pytest.approx(800, rel=1e-12)

"""E26-E28, E34, E37: differentiating a maximum, and the ideal loop that descends on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.errors import InputError
from numgan.theory import (
    LOG4,
    C,
    Discrete,
    Gaussian,
    Mixture,
    V,
    gradient_by_path,
    gradient_of_C,
    ideal_loop,
    ideal_update,
    jsd,
    kl,
    maximum_slope,
    optimal_logit,
    shifted,
    simplex_gradient,
    simplex_loop,
    simplex_step,
    softmax,
)
from numgan.theory.ideal import dlog_softmax

quick = settings(deadline=None, max_examples=60, derandomize=True)
DATA = Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])


@st.composite
def spaces(draw, count=2):
    K = draw(st.integers(2, 5))
    rows = [draw(st.lists(st.floats(0.05, 1), min_size=K, max_size=K)) for _ in range(count)]
    return [Discrete(np.array(w) / np.sum(w)) for w in rows]


def central(f, at, h=1e-5):
    """(f(at + h) − f(at − h))/2h, elementwise for a vector: ten digits at best."""
    at = np.atleast_1d(np.asarray(at, dtype=float))
    return np.array([(f(at + h * e) - f(at - h * e)) / (2 * h) for e in np.eye(len(at))])


@pytest.mark.parametrize("theta", [-3.0, 0.4, 2.0])
def test_E27_danskin_one_parameter_generator_against_differences(theta):
    family, dlog_q = shifted(1.3)
    Q = family(theta)
    value, gradient = gradient_of_C(DATA, Q, lambda x: dlog_q([theta], x))
    assert value == pytest.approx(C(DATA, Q), abs=1e-12)
    # 1e-8: the difference has truncation h² = 1e-10, and the rounding 1e-15/h = 1e-10 of a value
    # right to 15 digits
    assert gradient[0] == pytest.approx(central(lambda t: C(DATA, family(t)), theta)[0], abs=1e-8)


def test_E27_the_derivative_with_D_held_fixed_is_that_of_the_maximum():
    family, _ = shifted(1.0)
    best = optimal_logit(DATA, family(0.5))  # not changed below
    fixed = central(lambda t: V(best, DATA, family(t)), 0.5)
    assert fixed == pytest.approx(central(lambda t: C(DATA, family(t)), 0.5), abs=1e-8)
    wrong = central(lambda t: V(lambda x: best(x) + 1, DATA, family(t)), 0.5)
    assert abs(wrong - fixed) > 1e-2  # at another D it is something else


def test_E26_E27_moving_the_samples_gives_the_same_gradient_as_moving_the_density():
    Q = Gaussian(0.4, 1.3)
    by_density = gradient_of_C(DATA, Q, lambda x: (x[:, 0] - 0.4) / 1.69)[1][0]
    assert gradient_by_path(DATA, Q, np.ones_like) == pytest.approx(by_density, abs=1e-10)
    # and for the width: x = θ + s z, ∂x/∂s = z = (x − θ)/s; ∂ log q/∂s = (z² − 1)/s
    z = lambda x: (x - 0.4) / 1.3  # noqa: E731
    by_density = gradient_of_C(DATA, Q, lambda x: (z(x)[:, 0] ** 2 - 1) / 1.3)[1][0]
    assert gradient_by_path(DATA, Q, z) == pytest.approx(by_density, abs=1e-10)


def test_E34_the_nonsaturating_gradient_is_that_of_reverse_kl_minus_twice_jsd():
    def target(m):
        return kl(Gaussian(m, 1.3), DATA) - 2 * jsd(DATA, Gaussian(m, 1.3))

    got = gradient_by_path(DATA, Gaussian(0.4, 1.3), np.ones_like, saturating=False)
    assert got == pytest.approx(central(target, 0.4)[0], abs=1e-8)  # difference, see above


@quick
@given(spaces(), st.integers(0, 2**32 - 1))
def test_E27_danskin_on_a_finite_space_against_differences(pair, seed):
    P, _ = pair
    theta = np.random.default_rng(seed).standard_normal(len(P.p))
    gradient = gradient_of_C(P, softmax(theta), lambda x: dlog_softmax(theta, x), k=len(theta))[1]
    # truncation 1e-10
    assert gradient == pytest.approx(central(lambda t: C(P, softmax(t)), theta), abs=1e-9)
    assert gradient.sum() == pytest.approx(0, abs=1e-14)  # adding a constant to θ changes nothing


def test_E27_maximum_of_finitely_many_functions_off_a_tie():
    f = [lambda t: -t, lambda t: t**2 - 2, lambda t: np.sin(3 * t)]
    df = [lambda t: -1.0, lambda t: 2 * t, lambda t: 3 * np.cos(3 * t)]
    for theta, active in ((-1.5, 0), (2.0, 1), (0.4, 2)):
        got = maximum_slope(f, df, theta)
        slope = central(lambda t: max(g(t[0]) for g in f), theta)[0]
        assert got.active.tolist() == [active]
        assert got.left == got.right == pytest.approx(slope, abs=1e-9)  # truncation 27 h²/6 = 5e-10


def test_E27_maximum_of_finitely_many_functions_at_a_tie():
    f = [lambda t: t, lambda t: -t, lambda t: 3 * t, lambda t: t - 1]
    df = [lambda t: 1.0, lambda t: -1.0, lambda t: 3.0, lambda t: 1.0]
    got = maximum_slope(f, df, 0.0)
    assert got.active.tolist() == [0, 1, 2] and (got.value, got.left, got.right) == (0, -1, 3)
    peak, h = lambda t: max(g(t) for g in f), 1e-3
    assert (peak(h) - peak(0)) / h == pytest.approx(3, abs=1e-12) and (
        peak(0) - peak(-h)
    ) / h == pytest.approx(-1)
    with pytest.raises(InputError, match="one slope for each"):
        maximum_slope(f, df[:2], 0.0)


def test_E26_the_update_descends():
    theta = np.array([1.0, 2.0])
    assert np.array_equal(ideal_update(theta, np.array([0.5, -0.5]), 0.1), [0.95, 2.05])


def test_E28_ideal_loop_of_the_shifted_gaussian_reaches_the_data():
    path = ideal_loop(Gaussian(2), *shifted(), 0.0, eta=1.0, steps=40)
    assert path.points.shape == (41, 1) and path.C.shape == (41,)
    # C falls at each step; at the end only the rounding moves
    assert np.all(np.diff(path.C) < 1e-13)
    # near the data the error halves: C'' = ½
    assert path.points[-1, 0] == pytest.approx(2, abs=1e-10)
    assert path.C[-1] == pytest.approx(-LOG4, abs=1e-12)
    ratio = (2 - path.points[15:25, 0]) / (2 - path.points[14:24, 0])
    assert np.allclose(ratio, 0.5, atol=1e-3)


def test_E28_ideal_loop_over_a_softmax_reaches_the_data():
    P = Discrete([0.1, 0.6, 0.3])
    path = ideal_loop(P, softmax, dlog_softmax, [2.0, 0.0, -1.0], eta=3.0, steps=300)
    assert np.all(np.diff(path.C) < 1e-14)
    assert np.allclose(softmax(path.points[-1]).p, P.p, atol=1e-7)


@quick
@given(spaces(3), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_E37_V_is_linear_in_the_generator_for_a_fixed_D_and_C_is_convex(three, t, seed):
    P, Q, R = three
    mixed = Discrete(t * Q.p + (1 - t) * R.p)
    a = P.table(np.random.default_rng(seed).standard_normal(len(P.p)) * 3)
    # terms up to 10
    assert V(a, P, mixed) == pytest.approx(t * V(a, P, Q) + (1 - t) * V(a, P, R), abs=1e-13)
    assert C(P, mixed) <= t * C(P, Q) + (1 - t) * C(P, R) + 1e-14


@quick
@given(spaces())
def test_E37_the_gradient_on_the_simplex_is_the_slope_of_C(pair):
    P, Q = pair
    toward = P.p - Q.p  # a direction within the simplex
    h = 1e-6
    slope = (C(P, Discrete(Q.p + h * toward)) - C(P, Discrete(Q.p - h * toward))) / (2 * h)
    # rounding 1e-15/h = 1e-9
    assert simplex_gradient(P, Q) @ toward == pytest.approx(slope, abs=1e-8)
    # convex: C(P) ≥ C(Q) + ∇C(Q)·(p − q), so every step toward the data is downhill
    assert simplex_gradient(P, Q) @ toward <= -LOG4 - C(P, Q) + 1e-14


@quick
@given(spaces())
def test_E37_one_full_mirror_step_is_the_midpoint(pair):
    P, Q = pair
    assert np.allclose(simplex_step(P, Q).p, (P.p + Q.p) / 2, atol=1e-15)


@quick
@given(spaces(), st.floats(0.05, 1))
def test_E28_E37_the_loop_on_the_simplex_descends_at_the_promised_rate(pair, eta):
    P, Q = pair
    path = simplex_loop(P, Q, steps=20, eta=eta)
    assert np.all(np.diff(path.C) <= 1e-14)
    t = np.arange(1, 21)
    assert np.all(path.C[1:] + LOG4 <= kl(P, Q) / (eta * t) + 1e-14)


def test_E28_E37_the_loop_on_the_simplex_reaches_the_data():
    P = Discrete([0.2, 0.3, 0.5, 0.0])
    path = simplex_loop(P, Discrete([0.7, 0.1, 0.1, 0.1]), steps=60)
    assert np.allclose(path.points[-1], P.p, atol=1e-15) and path.C[-1] == pytest.approx(
        -LOG4, abs=1e-15
    )
    error = np.abs(path.points - P.p).sum(1)
    # halves; 2^−30 leaves seven digits of it
    assert np.allclose(error[1:30] / error[:29], 0.5, rtol=1e-6)
    with pytest.raises(InputError, match="q > 0 wherever p > 0"):
        simplex_step(P, Discrete([0.0, 0.5, 0.5, 0.0]))
    with pytest.raises(InputError, match="η = 2"):
        simplex_step(P, P, eta=2.0)

"""Quadrature and Monte Carlo: exact values, honest error estimates, and a clear refusal."""

import numpy as np
import pytest
from scipy import special

from numgan.errors import InputError
from numgan.theory import Gaussian, Mixture, Uniform, crossings, expect, integrate, monte_carlo
from numgan.theory.logarithms import log_sigmoid, log_sum_exp, sigmoid, softplus, times
from numgan.theory.quadrature import gauss_points, halves

UNIT = [[0.0, 1.0]]


def test_the_rule_is_exact_for_polynomials_of_degree_2n_minus_1():
    x, w = gauss_points(5, 1)
    for degree in range(10):
        exact = (1 - (-1) ** (degree + 1)) / (degree + 1)
        assert w @ x[:, 0] ** degree == pytest.approx(exact, abs=1e-15)  # rounding
    assert abs(w @ x[:, 0] ** 10 - 2 / 11) > 1e-4


def test_children_tile_their_panel():
    low, high = halves(np.array([[0.0, 0.0]]), np.array([[2.0, 4.0]]))
    assert np.array_equal(low, [[0, 0], [0, 2], [1, 0], [1, 2]]) and np.array_equal(
        high - low, [[1, 2]] * 4
    )


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (lambda x: np.exp(x[:, 0]), np.e - 1),
        (lambda x: np.cos(50 * x[:, 0]), np.sin(50) / 50),
        (lambda x: 1 / (1e-4 + (x[:, 0] - 0.3) ** 2), 100 * (np.arctan(70) + np.arctan(30))),
        (lambda x: np.abs(x[:, 0] - 0.3), 0.29),
        (lambda x: 1 / np.sqrt(x[:, 0]), 2.0),
        (lambda x: np.log(x[:, 0]), -1.0),
    ],
    ids=["exp", "cosine", "peak", "kink", "pole", "logarithm"],
)
def test_the_error_estimate_holds_and_meets_the_tolerance(f, exact):
    got = integrate(f, UNIT, tol=1e-11)
    size = max(1, abs(exact))
    assert got.error <= 1e-11 * size
    assert abs(got.value - exact) <= got.error + 4e-15 * size  # beside the estimate only rounding


def test_two_dimensions():
    got = integrate(
        lambda x: np.exp(-(x[:, 0] ** 2) - 0.5 * x[:, 1] ** 2), [[-1.0, 2.0], [0.0, 3.0]]
    )
    exact = np.pi / 2 * (special.erf(2) + special.erf(1)) / np.sqrt(2) * special.erf(3 / np.sqrt(2))
    assert got.value == pytest.approx(exact, abs=1e-12)


def test_a_tolerance_that_is_not_reached_is_an_error_that_says_how_far_it_came():
    with pytest.raises(
        InputError,
        match=r"quadrature reached an error of \d.*e-0\d with \d+ "
        r"points: expected 1.0e-12",
    ):
        integrate(lambda x: 1.0 * (x[:, 0] + x[:, 1] > 0.3), [[0, 1], [0, 1]], max_points=100_000)
    with pytest.raises(InputError, match="quadrature reached an error"):
        integrate(lambda x: 1 / x[:, 0], UNIT)  # diverges


def test_infinite_and_meaningless_integrands():
    assert integrate(lambda x: np.where(x[:, 0] > 0.5, np.inf, 1), UNIT).value == np.inf
    assert integrate(lambda x: np.where(x[:, 0] > 0.5, -np.inf, 1), UNIT).value == -np.inf
    with pytest.raises(InputError, match="an integral that exists"):
        integrate(lambda x: np.where(x[:, 0] > 0.5, np.inf, -np.inf), UNIT)
    with pytest.raises(InputError, match="integrand is nan at x = "):
        integrate(lambda x: np.where(x[:, 0] > 0.5, np.nan, 1), UNIT)
    with pytest.raises(InputError, match="expected one number a point"):
        integrate(lambda x: x, UNIT)


def test_only_one_and_two_dimensions():
    with pytest.raises(InputError, match="quadrature in 3 dimensions: expected 1 or 2"):
        expect(Gaussian([0, 0, 0]), lambda x: x[:, 0])
    with pytest.raises(InputError, match="two different finite coordinates"):
        integrate(lambda x: x[:, 0], [[1.0, 1.0]])


def test_bends_make_a_jump_exact():
    P = Mixture([0.5, 0.5], [Gaussian(-2), Uniform(0, 1)])
    at = crossings(lambda x: x[:, 0] ** 2 - 2, P)
    assert np.allclose(at, [-np.sqrt(2), np.sqrt(2)], atol=1e-15)
    got = expect(Gaussian(0), lambda x: 1.0 * (x[:, 0] ** 2 > 2), bends=at)
    # rounding: each side of a bend is smooth
    assert got == pytest.approx(special.erfc(1.0), abs=1e-14)


def test_monte_carlo_is_within_4_of_its_standard_errors():
    # quadrature does not reach 3 dimensions
    P = Mixture([0.3, 0.7], [Gaussian([0, 0, 1]), Gaussian([2, 1, 0], 0.5)])
    got = monte_carlo(P, lambda x: x[:, 0] * x[:, 1], 40000, np.random.default_rng(0))
    exact = P.cov[0, 1] + P.mean[0] * P.mean[1]
    assert abs(got.value - exact) < 4 * got.error
    more = monte_carlo(P, lambda x: x[:, 0] * x[:, 1], 160000, np.random.default_rng(0))
    # 1/√n, up to the noise of the standard error itself
    assert more.error == pytest.approx(got.error / 2, rel=0.05)
    with pytest.raises(InputError, match="at least 2"):
        monte_carlo(P, lambda x: x[:, 0], 1, np.random.default_rng(0))


def test_logarithms_at_their_edges():
    a = np.array([-np.inf, -1000.0, -1.0, 0.0, 1.0, 1000.0, np.inf])
    assert np.array_equal(
        softplus(a), [0, 0, np.log1p(np.exp(-1)), np.log(2), 1 + np.log1p(np.exp(-1)), 1000, np.inf]
    )
    assert np.allclose(log_sigmoid(a), special.log_expit(a), rtol=1e-15)
    assert np.allclose(sigmoid(a), special.expit(a), rtol=1e-15)
    assert np.array_equal(
        times(np.array([0.0, 0.0, 2.0]), np.array([-np.inf, np.inf, 3.0])), [0, 0, 6]
    )
    assert log_sum_exp(np.array([-np.inf, -np.inf])) == -np.inf
    assert log_sum_exp(np.array([-1e9, -1e9])) == pytest.approx(-1e9 + np.log(2), rel=1e-16)

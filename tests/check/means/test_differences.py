"""E47-E50 against derivatives that are known in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numgan.check.means.differences import (
    adjoint,
    central,
    complex_step,
    exactly,
    jacobian,
    line,
    noise,
    one_sided,
    random_directions,
    roughly,
    taylor,
    units,
)

# f, f' on the real line, on points where both are of size 1 or so
KNOWN = {
    "exp": (np.exp, np.exp),
    "sin 10x": (lambda x: np.sin(10 * x), lambda x: 10 * np.cos(10 * x)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "a cubic": (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
    "a line": (lambda x: 3 * x + 1, lambda x: 3 + 0 * x),
    "1e6 + sin": (lambda x: 1e6 + np.sin(x), np.cos),
    "log of a sum": (lambda x: np.log(np.exp(x) + 2), lambda x: np.exp(x) / (np.exp(x) + 2)),
}
points = st.floats(-2, 2)


@pytest.mark.parametrize("name", KNOWN)
@given(x=points)
def test_complex_step_is_exact(name, x):
    f, df = KNOWN[name]
    # three roundings or so in each of the two formulas; the scale of sin 10x is 10
    assert abs(complex_step(lambda e: f(x + e)) - df(x)) <= 16 * np.finfo(float).eps * max(
        abs(df(x)), 10
    )


@pytest.mark.parametrize("name", KNOWN)
@given(x=points)
def test_the_error_estimate_of_the_central_difference_holds(name, x):
    f, df = KNOWN[name]

    def phi(e):
        return f(x + e)

    value, error = central(phi, rounding=noise(phi))
    # the SAFETY that the checker uses; the worst seen is 1.4
    assert abs(value - df(x)) <= 10 * error
    # and it says something: ten digits of the scale of f, fewer where f is 1e6 and loses six
    assert error <= 1e-9 * (1 + abs(f(x))) * 10


def test_the_estimate_knows_of_a_cast_to_float32():
    rng = np.random.default_rng(0)
    for _ in range(50):
        x, u = rng.standard_normal((2, 4))
        phi = line(lambda w: np.tanh(w.astype(np.float32)).sum().astype(float), x, u)
        value, error = central(phi, rounding=noise(phi))
        assert 1e-8 < error and abs(value - ((1 - np.tanh(x) ** 2) * u).sum()) <= 10 * error


def test_a_kink_inside_the_step_does_not_deceive():
    # |x − 0.01| at 0 has slope −1; at h = 0.1, 0.05, 0.025 the central difference sees +1 on one
    # side, −1 on the other
    for shift in (0.03, 0.01, 1e-3, 1e-4):
        value, error = central(lambda e, s=shift: np.abs(e - s), rounding=1e-16)
        assert abs(value + 1) <= 10 * error and error < 1e-6


def test_another_branch_that_extrapolates_perfectly_does_not_deceive():
    # 0 near 0; beyond δ on the right and 2δ on the left, slopes 1 and −½ that meet in one point:
    # for every h > 2δ the central difference is ¼ exactly, and its extrapolation agrees with itself
    # to the last digit
    def phi(e):
        return np.maximum(0, np.maximum(e - 1e-3, (-e - 2e-3) / 2))

    value, error = central(phi, rounding=1e-16)
    assert abs(value) <= 10 * error and error < 1e-6


def test_leaving_the_domain_does_not_deceive():
    # h = 0.1 would take the log of −0.099
    value, error = central(lambda e: np.log(1e-3 + e), rounding=1e-15)
    assert abs(value - 1e3) <= 10 * error and error < 1e-3


@given(x=points, scale=st.sampled_from([1e-8, 1.0, 1e8]))
def test_noise_is_the_rounding_of_the_values(x, scale):
    measured = noise(lambda e: scale * np.sin(x + e))
    # between a tenth of ε at |φ| near 0 and four roundings of the scale
    assert measured <= 4 * np.finfo(float).eps * scale
    # sin x + 1e6 is rounded to steps of 1.2e−10, which is noise of 1.2e−10/√12 = 3e−11, seen in 16
    # values
    assert noise(lambda e: scale * (np.sin(x + e) + 1e6) - scale * 1e6) > 5e-12 * scale


def test_one_sided_derivatives_differ_at_a_kink_and_nowhere_else():
    (left, _), (right, _) = one_sided(lambda e: np.abs(e) + e, rounding=1e-16)
    # the last of ten digits: the estimate says 1e−12
    assert (left, right) == pytest.approx((0, 2), abs=1e-9)
    (left, _), (right, _) = one_sided(lambda e: np.exp(e), rounding=1e-16)
    # one-sided: O(h) to extrapolate away, so fewer digits
    assert (left, right) == pytest.approx((1, 1), abs=1e-8)


@pytest.mark.parametrize("name", ["exp", "sin 10x", "tanh", "log of a sum"])
def test_the_taylor_remainder_falls_as_h_squared_for_a_right_slope_and_as_h_for_a_wrong_one(name):
    f, df = KNOWN[name]
    for x in (0.3, -1.1):

        def phi(e, x=x):
            return f(x + e)

        level = noise(phi)
        # two decades of h: 10% by the next term
        assert abs(taylor(phi, df(x), rounding=level).order - 2) < 0.2
        for wrong in (1.001, 1.1, 2, -1):  # E49 sees what is off by more than about 1e−5
            assert abs(taylor(phi, wrong * df(x), rounding=level).order - 1) < 0.2


def test_the_taylor_remainder_of_a_line_is_rounding():
    assert taylor(lambda e: 3 * e + 1, 3.0, rounding=1e-15).order == np.inf


def test_a_second_derivative_is_the_derivative_of_a_gradient():
    rng = np.random.default_rng(1)
    A = rng.standard_normal((4, 4))
    x, u = rng.standard_normal((2, 4))

    def gradient(w):  # of Σ sin(Aw)
        return A.T @ np.cos(A @ w)

    right = -A.T @ (np.sin(A @ x) * (A @ u))
    # 4 products of size 10
    assert np.allclose(complex_step(line(gradient, x, u)), right, rtol=0, atol=1e-13)
    value, error = roughly(line(gradient, x, u))
    assert np.all(np.abs(value - right) <= 10 * error)


def test_the_jacobian_stands_with_inputs_first():
    A = np.arange(6.0).reshape(2, 3)
    J, error = jacobian(lambda x: A @ x, np.ones(3), exactly)
    assert np.array_equal(J, A.T) and not error.any()
    assert jacobian(lambda W: W @ np.ones(3), A, exactly).value.shape == (2, 3, 2)


def test_the_adjoint_identity_of_a_matrix():
    A, u, v = np.arange(6.0).reshape(2, 3), np.array([1.0, 2, 3]), np.array([1.0, -1])
    left, right = adjoint(A @ u, v, [u], [A.T @ v])
    assert left == right == -18  # (Au = (8, 26))·(1, −1): whole numbers, exact


def test_directions():
    x = np.zeros((2, 2))
    assert [int(np.argmax(u)) for u in units(x)] == [0, 1, 2, 3] and [
        u.sum() for u in units(x, [3])
    ] == [1]
    assert all(
        np.array_equal(a, b)
        for a, b in zip(random_directions(x, 2, 5), random_directions(x, 2, 5), strict=True)
    )
    assert not np.array_equal(*random_directions(x, 2, 5))

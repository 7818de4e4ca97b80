"""Wrong entries are located, all of them and no others, within the evaluations that are claimed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.check import check_gradient
from numgan.check.means.bisection import MANY, wrong_entries


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 3000), st.integers(0, 12), st.integers(0, 2**32 - 1), st.sampled_from([1, 1e-3])
)
def test_a_few_wrong_entries_are_found_exactly(size, wrong, seed, error):
    """Errors of one size too, which random signs alone would cancel."""
    rng, cost = np.random.default_rng(seed), 0
    places = np.sort(rng.choice(size, min(size, wrong), replace=False))
    r = np.zeros(size)
    r[places] = error

    def residual(u):
        nonlocal cost
        cost += 1
        return r @ u, 1e-12

    assert wrong_entries(residual, (size,)) == (places.tolist(), True)
    # one for the whole; for each wrong entry at most its level, its place and its confirmation
    assert cost <= 1 + 3 * len(places) * (1 + np.ceil(np.log2(size + 1)))


def test_residuals_that_are_arrays():
    r = np.zeros((4, 10, 10))
    r[2, 3, 4] = r[1, 9, 0] = 1
    found = wrong_entries(lambda u: (np.tensordot(r, u, 2), 1e-12), (10, 10))
    assert found == ([34, 90], True)


def test_many_wrong_entries_end_the_search():
    r = np.ones(10**4)
    found, all_of_them = wrong_entries(lambda u: (r @ u, 1e-12), r.shape)
    assert not all_of_them and 0 < len(found) <= MANY


def sum_of_squares(w):
    return (w * w).sum()


def twice_but(places, w):
    """2w, wrong at the places by half of themselves or by more."""
    g = 2 * w
    g[places] += np.where(np.arange(len(places)) % 2, 0.01, -1.0)
    return g


@pytest.mark.parametrize(("wrong", "most"), [(1, 60), (3, 200), (10, 600)])
def test_wrong_entries_of_a_million_are_named(wrong, most):
    places = np.random.default_rng(wrong).choice(10**6, wrong, replace=False)
    w = np.random.default_rng(0).standard_normal(10**6)
    report = check_gradient(sum_of_squares, lambda w: twice_but(places, w), w)
    (failure,) = report.failures
    assert all(f"({place},)" in failure.cause for place in places)
    assert f"right but for {wrong} of 1000000 entries" in failure.cause
    assert report.evaluations <= most
    assert f"{report.evaluations} evaluations of the function" in report.summary()


@pytest.mark.parametrize("size", [33, 1000, 5000])
def test_a_right_gradient_costs_at_most_200_evaluations(size):
    w = np.random.default_rng(0).standard_normal(size)
    for f, df in ((np.sin, np.cos), (np.exp, np.exp), (np.abs, np.sign)):  # by E47 alone the last
        report = check_gradient(lambda w, f=f: f(w).sum(), df, w)
        assert report.ok and report.evaluations <= 200


def test_the_calls_are_counted():
    calls = []

    def f(w):
        calls.append(1)
        return sum_of_squares(w)

    assert check_gradient(f, lambda w: 2 * w, np.ones(50)).evaluations == len(calls)


def test_a_place_in_an_array_of_several_axes():
    W = np.random.default_rng(0).standard_normal((40, 60))

    def df(W):
        g = np.cos(W)
        g[17, 42] = 0
        return g

    (failure,) = check_gradient(lambda W: np.sin(W).sum(), df, W).failures
    assert failure.index == (17, 42) and "at (17, 42)" in failure.cause


def test_kinks_of_a_long_array_are_told_from_mistakes():
    """Where |w| has its kink, every slope in [−1, 1] is right."""
    w = np.random.default_rng(0).standard_normal(2000)
    w[[3, 700]] = 0

    def relu(w):
        return np.maximum(w, 0).sum()

    assert not check_gradient(relu, lambda w: np.where(w == 0, 0.3, w > 0), w).failures
    report = check_gradient(relu, lambda w: np.where(w == 0, 2.0, w > 0), w)
    assert "at (3,), (700,)" in report.failures[0].cause

"""E19, E20, E29, E30, E33, E34 in numbers."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from numgan.objectives import OBJECTIVES

EPS = np.finfo(float).eps
rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 6, 1))  # logits of data and of samples
minimax, nonsaturating = OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]


def test_a_confused_discriminator_has_the_value_minus_log_4():
    zero = np.zeros((4, 1))
    for objective in (minimax, nonsaturating):
        assert objective.value(zero, zero) == pytest.approx(-log(4), abs=2 * EPS)  # E20: two logarithms


def test_the_value_is_the_negative_cross_entropy_of_a_classifier():
    D, D_fake = special.expit(a), special.expit(b)
    value = np.log(D).mean() + np.log(1 - D_fake).mean()  # E29, E30: fine at moderate logits
    assert minimax.value(a, b) == pytest.approx(value, abs=16 * EPS)
    assert minimax.generator_value(b) == pytest.approx(np.log(1 - D_fake).mean(), abs=16 * EPS)
    assert nonsaturating.generator_value(b) == pytest.approx(-np.log(D_fake).mean(), abs=16 * EPS)


def test_the_gradients_at_the_logit():
    da, db = minimax.gradient(a, b)
    assert np.allclose(da, (1 - special.expit(a)) / 6, rtol=0, atol=2 * EPS)  # E33, with one 1/m
    assert np.allclose(db, -special.expit(b) / 6, rtol=0, atol=2 * EPS)
    assert np.allclose(nonsaturating.generator_gradient(b), -(1 - special.expit(b)) / 6, rtol=0, atol=2 * EPS)


@given(st.floats(-700, 700))
def test_sure_logits_keep_their_digits(logit):
    at = np.array([[logit]])
    # log(1 − σ(a)) in terms of SciPy's log1p and exp, which keep theirs
    exact = -special.log1p(np.exp(logit)) if logit < 0 else -logit - special.log1p(np.exp(-logit))
    assert minimax.generator_value(at) == pytest.approx(exact, rel=8 * EPS, abs=1e-320)
    assert minimax.generator_gradient(at)[0, 0] == pytest.approx(-special.expit(logit), rel=8 * EPS)
    assert np.isfinite(minimax.value(at, at)) and np.isfinite(nonsaturating.generator_value(at))


def test_the_saturating_gradient_vanishes_where_d_is_sure_and_the_other_does_not():
    sure = np.full((1, 1), -30.0)  # D(G(z)) = 1e−13
    assert abs(minimax.generator_gradient(sure)) < 1e-12 and abs(nonsaturating.generator_gradient(sure)) > 0.99  # E34


def test_both_generators_want_the_same():
    """Their gradients have the same sign everywhere, and only their sizes differ."""
    assert np.all(minimax.generator_gradient(b) * nonsaturating.generator_gradient(b) > 0)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_float32_stays_float32_and_finite(objective):
    logits = np.float32([[-60.0], [0.0], [60.0]])
    arrays = [*objective.gradient(logits, logits), objective.generator_gradient(logits),
              objective.value(logits, logits), objective.generator_value(logits)]  # fmt: skip
    assert {np.asarray(array).dtype for array in arrays} == {np.dtype("float32")}
    assert all(np.isfinite(array).all() for array in arrays)


def test_every_objective_says_what_it_is():
    assert all(name == objective.name and objective.says for name, objective in OBJECTIVES.items())

"""E51: the saddle point of the minimax game over functions."""

import numpy as np
import pytest

from numgan.theory import LOG4, Discrete, Gaussian, Mixture, V, least_value, optimal_logit, saddle

P = Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)])


@pytest.mark.parametrize(
    "a", [lambda x: x[:, 0], lambda x: -0.3 + 0 * x[:, 0], lambda x: np.sin(5 * x[:, 0])]
)
def test_E51_no_player_gains_by_moving_alone(a):
    at = saddle(a, P, Gaussian(4, 0.3))
    assert at.of_D < at.value == pytest.approx(-LOG4, abs=1e-15)
    assert at.of_G == pytest.approx(-LOG4, abs=1e-12)  # D = ½: every p_G is a best reply


def test_E51_max_min_is_min_max_on_two_points():
    """min over p_G of V(D, p_G) is least_value; over a grid of tables D its maximum is −log 4, at
    D = ½.
    """
    P = Discrete([0.2, 0.8])
    logits = np.linspace(-3, 3, 41)  # holds 0
    least = np.array([[least_value(P.table([a, b]), P) for b in logits] for a in logits])
    assert least.max() == pytest.approx(-LOG4, abs=1e-15)
    assert np.unravel_index(least.argmax(), least.shape) == (20, 20)
    # it is a minimum over p_G: a linear function of p_G is least in a corner of the simplex
    D = P.table([0.4, -1.0])
    corners = [V(D, P, Discrete(q)) for q in ([1.0, 0.0], [0.0, 1.0])]
    assert least_value(D, P) == pytest.approx(min(corners), abs=1e-15)


def test_E51_a_best_reply_to_one_half_need_not_be_the_data():
    """(½, Q) is no saddle point for Q ≠ p_data: there D gains by moving."""
    Q = Gaussian(0)
    assert V(optimal_logit(P, Q), P, Q) > -LOG4 + 0.1

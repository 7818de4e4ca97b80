"""E52: a D that learns its rows by heart."""

import numpy as np
import pytest

from numgan import OBJECTIVES, Adam, Dense, LeakyReLU, Network
from numgan.errors import InputError
from numgan.theory import LOG2, cell_ascent, cell_shares, cell_value, on_one_support, sampled_jsd


def test_E52_the_jsd_of_two_sets_of_rows_is_log_2_even_of_one_law():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((50, 2)), rng.standard_normal((70, 2))
    assert sampled_jsd(x, y) == pytest.approx(LOG2, abs=1e-14)
    assert sampled_jsd(x, x[::-1]) == pytest.approx(0, abs=1e-15)
    half = np.concatenate([x[:25], y[:25]])  # half of the rows are common
    assert sampled_jsd(x, half) == pytest.approx(LOG2 / 2, abs=1e-14)
    P, Q = on_one_support(x, y)
    assert np.array_equal(P.support, Q.support) and np.all(P.p * Q.p == 0)
    with pytest.raises(InputError, match="rows of 2 and 1 columns"):
        on_one_support(x, y[:, :1])


def values(K, k, eta=6.0, m=64, draws=20):
    """Mean over draws of (Ṽ on the rows, V) for a D of K cells after k steps; P = Q uniform, so
    max_D V = −log 4.
    """
    rng, edges, both = np.random.default_rng(1), np.linspace(0, 1, K + 1), []
    for _ in range(draws):
        p, q = cell_shares(rng.random(m), edges), cell_shares(rng.random(m), edges)
        a = cell_ascent(p, q, eta, k)[-1]
        both.append((cell_value(a, p, q), cell_value(a, np.full(K, 1 / K), np.full(K, 1 / K))))
    return np.mean(both, axis=0)


def test_E52_a_wider_D_gains_on_its_rows_and_loses_on_fresh_ones():
    """P = Q, so there is nothing to learn: max_D V = −log 4. All the rest is the rows."""
    found = np.array([values(K, 200) for K in (2, 8, 32, 128, 512)])
    on_rows, on_fresh = found.T
    assert np.all(np.diff(on_rows) > 0) and np.all(np.diff(on_fresh[:4]) < 0)
    # E[Ṽ(D̂)] ≥ max V ≥ V(D̂)
    assert np.all(on_rows >= -2 * LOG2) and np.all(on_fresh <= -2 * LOG2)
    # the gap is larger than the game's whole range, log 4
    assert on_rows[-1] > -0.3 and on_fresh[3] < -2.0


def test_E52_more_steps_on_the_same_rows_do_the_same():
    found = np.array([values(128, k) for k in (1, 4, 16, 64, 256)])
    assert np.all(np.diff(found[:, 0]) > 0) and np.all(np.diff(found[:, 1]) < 0)


def test_E52_the_ascent_is_E31_and_ends_at_the_log_ratio_of_the_shares():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    a = cell_ascent(p, q, 2.0, 400)
    assert a.shape == (401, 3) and np.array_equal(a[1], p - q)  # η (p σ(0) − q σ(0)) with η = 2
    # each step multiplies the error by 1 − 2pq/(p + q) ≤ 0.72
    assert np.allclose(a[-1], np.log(p / q), atol=1e-12)
    h, at = 1e-6, np.array([0.3, -1.0, 0.2])  # the direction is the gradient of the value
    slope = [
        (cell_value(at + h * e, p, q) - cell_value(at - h * e, p, q)) / (2 * h) for e in np.eye(3)
    ]
    s = 1 / (1 + np.exp(-at))
    assert np.allclose(slope, p * (1 - s) - q * s, atol=1e-9)  # rounding 1e-16/h


def test_E52_a_network_overfits_as_the_cells_do():
    """A D of two layers on 32 rows a side of one law: wide and long against narrow and short."""

    def gap(width, steps):
        rng = np.random.default_rng(2)
        D = Network(
            [Dense(2, width), LeakyReLU(0.2), Dense(width, width), LeakyReLU(0.2), Dense(width, 1)],
            (2,),
        )
        theta, adam, minimax = D.initial(rng, "float64"), Adam(5e-3), OBJECTIVES["minimax"]
        x, y, fresh_x, fresh_y = rng.standard_normal((4, 32, 2))
        for _ in range(steps):
            a, tape = D.forward(theta, np.concatenate([x, y]))
            da = np.concatenate(minimax.gradient(a[:32], a[32:]))
            adam.ascend(theta, D.gradient(theta, tape, da))
        on_rows = minimax.value(*np.split(D.forward(theta, np.concatenate([x, y]))[0], 2))
        on_fresh = minimax.value(
            *np.split(D.forward(theta, np.concatenate([fresh_x, fresh_y]))[0], 2)
        )
        return on_rows, on_fresh

    narrow, wide, long = gap(4, 30), gap(64, 30), gap(64, 300)
    assert narrow[0] < wide[0] < long[0] and long[1] < narrow[1]
    assert long[0] > -0.6 and long[1] < -2 * LOG2 - 0.5

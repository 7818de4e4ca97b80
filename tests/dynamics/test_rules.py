"""Update rules: what each makes of a linear field, and the fields that are made of others (E38,
E40).
"""

from functools import partial

import numpy as np
import pytest

from numgan.dynamics import (
    Jacobian,
    alternating,
    clipped,
    consensus,
    dense,
    dirac_jacobian,
    extragradient,
    lookahead,
    minimax,
    momentum,
    optimistic,
    past_extragradient,
    radius,
    rate,
    runge_kutta,
    scaled,
    simultaneous,
    symplectic,
    trajectory,
    wasserstein,
)
from tests.dynamics.games import at_random, close, small

RULES = {
    "simultaneous": simultaneous,
    "extragradient": extragradient,
    "optimistic": optimistic,
    "past extragradient": past_extragradient,
    "runge_kutta": runge_kutta,
    "momentum": momentum(0.7),
    "negative momentum": momentum(-0.4),
    "alternating": alternating(2),
    "alternating, k = 3": alternating(2, k=3),
    "alternating with momentum": alternating(3, k=2, beta=-0.5),
    "clipped": clipped(alternating(2), 2, 1e9),
}
C, H = 0.5, 0.3


def matrix_of(rule, J, h):
    """The linear map (w, state) ↦ (w, state) of the rule on the field Jw, written out by stepping
    from unit vectors.
    """
    n = len(J)
    _, state = rule.step(lambda w: J @ w, np.zeros(n), h, None)
    size = n if state is None else 2 * n
    matrix = []
    for e in np.eye(size):
        w, state = rule.step(lambda w: J @ w, e[:n], h, None if size == n else e[n:])
        matrix.append(w if state is None else np.concatenate([w, state]))
    return np.array(matrix).T


@pytest.mark.parametrize("name", RULES)
def test_E38_the_factors_are_the_eigenvalues_of_the_map(name):
    J = np.random.default_rng(0).standard_normal((4, 4))
    factors, exact = RULES[name].factors(J, H), np.linalg.eigvals(matrix_of(RULES[name], J, H))
    nearest = np.abs(factors[:, None] - exact)
    # 1e-7: a zero factor that is a double one (a player's old momentum is forgotten) is known to √ε
    # only
    assert len(factors) == len(exact) and max(nearest.min(0).max(), nearest.min(1).max()) <= 1e-7
    assert radius(factors) == pytest.approx(radius(exact), rel=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_E38_the_measured_rate(name):
    """On a random stable field, after the other factors have died out: the slope of a line with a
    periodic wave.
    """
    J = np.array(
        [
            [-0.3, -1.0, 0.1, 0.0],
            [1.0, -0.2, 0.0, 0.3],
            [0.0, 0.2, -2.0, 0.4],
            [0.1, 0.0, -0.4, -1.5],
        ]
    )
    path = trajectory(lambda w: J @ w, RULES[name], np.array([1.0, 0.5, 0.2, 0.1]), 0.1, 1200)
    assert rate(path[:, :2]) == pytest.approx(radius(RULES[name].factors(J, 0.1)), abs=1e-6)


def test_E40_closed_forms_on_the_circle():
    J, k = dirac_jacobian(C), H * C
    close(np.sort_complex(simultaneous.factors(J, H)), np.array([1 - 1j * k, 1 + 1j * k]), 1e-15)
    close(
        np.sort_complex(extragradient.factors(J, H)), 1 - k**2 + 1j * k * np.array([-1, 1]), 1e-15
    )
    assert radius(extragradient.factors(J, H)) ** 2 == pytest.approx(1 - k**2 + k**4, rel=1e-14)
    assert radius(simultaneous.factors(J, H)) ** 2 == pytest.approx(1 + k**2, rel=1e-14)
    assert radius(runge_kutta.factors(J, H)) ** 2 == pytest.approx(
        1 - k**6 / 72 + k**8 / 576, rel=1e-14
    )
    # shears keep areas: z, 1/z
    assert radius(alternating(1).factors(J, H)) == pytest.approx(1, abs=1e-14)
    for step in (1, 2, 5):
        z = alternating(1, k=step).factors(J, H)
        # half the trace
        assert z[np.argmax(np.abs(z.imag))].real == pytest.approx(1 - step * k**2 / 2, rel=1e-14)


@pytest.mark.parametrize(("rule", "limit"), [(extragradient, 1.0), (optimistic, 1 / 3**0.5)])
def test_E40_how_large_a_step_may_be(rule, limit):
    """hc < 1 for extragradient, hc < 1/√3 for optimistic steps: measured on either side of it."""
    for k, converges in ((0.99 * limit, True), (1.01 * limit, False)):
        assert (radius(rule.factors(dirac_jacobian(C), k / C)) < 1) == converges
        path = trajectory(minimax, rule, 1e-40 * np.array([1.0, 0.5]), k / C, 1000)
        assert (rate(path) < 1) == converges
    assert radius(rule.factors(dirac_jacobian(C), limit / C)) == pytest.approx(1, abs=1e-12)


def test_E40_no_momentum_helps_simultaneous_steps_but_negative_momentum_helps_alternating_ones():
    J = dirac_jacobian(C)
    for beta in np.linspace(-0.9, 0.9, 19):
        assert radius(momentum(beta).factors(J, H)) > 1
    for beta in (-0.1, -0.3, -0.5, -0.7):
        assert radius(alternating(1, beta=beta).factors(J, H)) < 1
    assert radius(alternating(1, beta=0.3).factors(J, H)) > 1


def test_runge_kutta_is_of_fourth_order():
    def error(steps):
        path = trajectory(wasserstein, runge_kutta, np.array([1.0, 0.0]), 2.0 / steps, steps)
        return np.abs(path[-1] - [np.cos(2), np.sin(2)]).max()  # v = (−θ, ψ) turns with speed 1

    assert np.log2(error(20) / error(40)) == pytest.approx(4, abs=0.1)


def test_k_steps_of_one_player_are_steps_of_that_player_alone():
    field, w = at_random(small("leaky_relu"))
    d, h = field.game.D.size, 0.1
    by_hand = w.copy()
    for _ in range(3):
        by_hand[:d] += h * field(by_hand)[:d]
    by_hand[d:] -= h * -field(by_hand)[d:]
    assert np.allclose(alternating(d, k=3).step(field, w, h)[0], by_hand, rtol=0, atol=1e-15)


def test_clipping():
    rule = clipped(simultaneous, 1, 0.5)
    w, _ = rule.step(wasserstein, np.array([0.4, -3.0]), 0.2)
    assert np.array_equal(w, [0.5, -3 + 0.2 * 0.4])


def test_E40_consensus_descends_on_the_length_of_v():
    field, w = at_random(small("tanh"), "nonsaturating")
    adjusted = consensus(field, partial(Jacobian, field), 0.7)
    # ∇½‖v‖², by the complex step
    half = dense(lambda u: np.array([(field(u) ** 2).sum() / 2]), w)[0]
    close(adjusted(w) - field(w), -0.7 * half, 1e-12)  # both exact; sums of a few hundred products
    J = dense(minimax, np.zeros(2))
    close(dense(lambda w: dirac_consensus(w, 0.7), np.zeros(2)), J - 0.7 * J.T @ J, 1e-15)
    for point in np.random.default_rng(0).standard_normal((5, 2)):
        close(
            consensus(minimax, partial(dense, minimax), 0.7)(point),
            dirac_consensus(point, 0.7),
            1e-14,
        )


def dirac_consensus(w, gamma):
    """By hand: ½‖v‖² = ½ s² r² with s = σ(ψθ), so ∇½‖v‖² = s² (ψ, θ) + s² (1 − s) r² (θ, ψ)."""
    psi, theta = w
    s, r2 = 1 / (1 + np.exp(-psi * theta)), psi**2 + theta**2
    return minimax(w) - gamma * s**2 * (
        np.array([psi, theta]) + (1 - s) * r2 * np.array([theta, psi])
    )


def test_symplectic_adjustment():
    field, w = at_random(small("tanh"), "nonsaturating")
    J, v = dense(field, w), field(w)
    close(symplectic(field, partial(Jacobian, field), 0.7)(w), v + 0.35 * (J - J.T) @ v, 1e-12)
    # one player, descending: a symmetric Jacobian has no part that turns
    A = np.diag([1.0, 2.0, 3.0])
    assert np.array_equal(
        symplectic(lambda w: -A @ w, lambda w: -A, 0.7)(np.ones(3)), -A @ np.ones(3)
    )


def test_E40_two_time_scales_turn_at_the_geometric_mean():
    rates = np.array([4.0, 0.25])
    J = dense(scaled(minimax, rates), np.zeros(2))
    close(np.sort_complex(np.linalg.eigvals(J)), np.array([-0.5j, 0.5j]), 1e-15)  # √αβ c


@pytest.mark.parametrize("inner", [simultaneous, extragradient])
def test_E60_the_factors_of_lookahead_are_those_of_a_cycle(inner):
    """k steps of the inner rule and the way back, written out on unit vectors."""
    J, k, alpha = np.random.default_rng(0).standard_normal((4, 4)), 3, 0.4
    rule, cycle = lookahead(inner, k, alpha), []
    for w in np.eye(4):
        state = None
        for _ in range(k):
            w, state = rule.step(lambda w: J @ w, w, H, state)
        cycle.append(w)
    exact = np.linalg.eigvals(np.array(cycle).T)
    close(np.sort_complex(rule.factors(J, H) ** k), np.sort_complex(exact), 1e-13)


def test_E60_lookahead_converges_where_simultaneous_steps_spiral_out():
    rule, w = lookahead(simultaneous, 5, 0.5), np.array([1.0, 0.5])
    path = trajectory(minimax, rule, 1e-40 * w, 0.2, 1000)
    assert rate(path) == pytest.approx(radius(rule.factors(dirac_jacobian(C), 0.2)), abs=1e-5)
    assert rate(path) < 1 < rate(trajectory(minimax, simultaneous, 1e-40 * w, 0.2, 1000))


def test_E57_past_extragradient_is_optimistic_at_its_half_steps():
    """w + h v_{n−1} of the one is the point of the other, from the same history v_{−1} = 0."""
    w = np.array([1.0, 0.5])
    here, there, memory, before = w, w, None, 0 * w
    for _ in range(5):
        here, memory = past_extragradient.step(minimax, here, H, memory)
        there, before = optimistic.step(minimax, there, H, before)
        close(here + H * memory, there, 1e-15)

"""E56: a penalty at every n-th step of D, n times as strong."""

import numpy as np
import pytest

from numgan.dynamics import (
    alternating,
    dirac_jacobian,
    lazy,
    lazy_converges,
    minimax,
    r1,
    radius,
    rate,
    trajectory,
)

C = 0.5
J = dirac_jacobian(C)
FIRST = {(0.2, 0.5): 19, (0.2, 2.0): 5, (0.05, 2.0): 20, (0.05, 0.5): 79, (0.01, 1.0): 200}
RADII = {  # |z| per step at n = 1, 4, 8, 16, 32, 64
    (0.2, 0.5): (0.9487, 0.9381, 0.9043, 0.9878, 1.025, 1.027),
    (0.2, 2.0): (0.974, 0.9902, 1.093, 1.057, 1.080, 1.051),
    (0.05, 0.5): (0.9874, 0.9869, 0.9862, 0.9842, 0.9752, 0.9963),
    (0.05, 2.0): (0.9933, 0.9945, 0.9959, 0.9985, 1.022, 1.013),
}


def of_dirac(gamma, n, k=1):
    return lazy(1, np.diag([-gamma, 0.0]), n, k)


@pytest.mark.parametrize(("h", "gamma"), FIRST)
def test_E56_the_limit_measured_in_five_pairs(h, gamma):
    """Just below the first diverging n a path near the solution shrinks, just above it grows:
    |z| differs from 1 by 1e-3 or more there, and 400 turns of it are seen."""
    first = FIRST[h, gamma]
    converging = [lazy_converges(C, h, gamma, n) for n in range(1, first + 1)]
    assert converging == [True] * (first - 1) + [False]
    for n, shrinks in ((first - 1, True), (first + 1, False)):
        path = trajectory(minimax, of_dirac(gamma, n), 1e-60 * np.array([1.0, 0.5]), h, 60 * n)
        assert (np.hypot(*path[-1]) < np.hypot(*path[0])) == shrinks


@pytest.mark.parametrize(("h", "gamma"), RADII)
def test_E56_the_factor_per_step(h, gamma):
    ours = [radius(of_dirac(gamma, n).factors(J, h)) for n in (1, 4, 8, 16, 32, 64)]
    assert ours == pytest.approx(RADII[h, gamma], abs=5.1e-4)  # four digits are known


def test_E56_the_two_conditions_are_those_of_the_factors():
    """The closed form against the eigenvalues of a cycle, resonances included; those within 1e-12
    of 1 cannot be told."""
    for h, gamma in [*FIRST, (0.2, 0.1), (0.2, 0.12), (1.5, 0.3)]:
        for n in range(1, 70):
            size = radius(of_dirac(gamma, n).factors(J, h))
            if abs(size - 1) > 1e-12:
                assert lazy_converges(C, h, gamma, n) == (size < 1)


def test_E56_below_two_it_may_diverge_where_the_penalty_comes_each_half_turn():
    """q = hγn = 0.62, n near π/φ = 31.4: it diverges, and the neighbours converge."""
    assert [lazy_converges(C, 0.2, 0.1, n) for n in (30, 31, 32)] == [True, False, True]
    path = trajectory(minimax, of_dirac(0.1, 31), 1e-100 * np.array([1.0, 0.5]), 0.2, 3100)
    assert rate(path) > 1


def test_E56_the_determinant_of_a_cycle():
    """Plain steps have 1, a penalised one 1 − hγn: so hγn < 2 is necessary."""
    for n in (1, 3, 7):
        cycle = of_dirac(0.5, n).factors(J, 0.2) ** n
        assert np.prod(cycle) == pytest.approx(1 - 0.2 * 0.5 * n, abs=1e-12)


def test_E56_n_1_is_the_ordinary_penalty():
    field = r1(minimax, 0.7)
    for k in (1, 3):
        w = np.array([0.3, -0.2])
        ours = trajectory(minimax, of_dirac(0.7, 1, k), w, 0.2, 20)
        assert np.allclose(ours, trajectory(field, alternating(1, k), w, 0.2, 20), atol=1e-15)
    factors = np.sort_complex(of_dirac(0.7, 1, 3).factors(J, 0.2))
    exact = alternating(1, 3).factors(dirac_jacobian(C, 0.7), 0.2)
    exact = exact[np.abs(exact) > 1e-6]  # its momentum of 0 has factors 0
    assert np.allclose(factors, np.sort_complex(exact), atol=1e-12)

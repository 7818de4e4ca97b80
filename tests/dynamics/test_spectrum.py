"""E38: Arnoldi's eigenvalues, what they say of an equilibrium, and the largest step."""

import numpy as np
import pytest

from numgan.architectures import mlp_pair
from numgan.dynamics import (
    Jacobian,
    arnoldi,
    columns,
    dirac_eigenvalues,
    dirac_jacobian,
    kind,
    largest_step,
    leading,
    radius,
    rate,
    simultaneous,
    trajectory,
)
from numgan.errors import InputError
from tests.dynamics.games import at_random, small


def apart(values, others):
    """The largest distance of one of the values from the nearest of the others, relative to the
    largest of them.
    """
    return max(np.abs(others - value).min() for value in values) / np.abs(others).max()


@pytest.mark.parametrize("seed", range(3))
def test_all_eigenvalues_of_random_matrices(seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((30, 30))
    found, exact = leading(A, rng.standard_normal(30), 30), np.linalg.eigvals(A)
    # 1e-11: random matrices have eigenvalues of condition 1e2 or so; the rest is rounding of 30
    # steps
    assert apart(found.values, exact) <= 1e-11 and apart(exact, found.values) <= 1e-11
    assert np.all(np.diff(found.values.real) <= 0) and found.residuals.max() <= 1e-12


def test_the_basis_is_orthonormal_and_the_residuals_are_what_they_say():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((60, 60))
    Q, H = arnoldi(A, rng.standard_normal(60), 20)
    assert np.abs(Q @ Q.T - np.eye(20)).max() <= 1e-14  # twice is enough, to rounding
    values, Y = np.linalg.eig(H[:-1])
    X = Q.T @ Y
    true = np.linalg.norm(A @ X - X * values, axis=0)
    assert np.allclose(true, np.abs(H[-1, -1] * Y[-1]), atol=1e-13)
    assert true.min() > 1e-4  # 20 steps of 60 have found none of these eigenvalues, and say so


def test_few_steps_find_the_outermost():
    rng = np.random.default_rng(0)
    inside, S = (
        0.1 * rng.standard_normal((300, 300)) / 300**0.5,
        rng.standard_normal((300, 300)) / 300,
    )
    inside[:2, :2], inside[2, 2] = [[-1.0, -2.0], [2.0, -1.0]], -3.0
    T = np.eye(300) + S / 10
    A = T @ inside @ np.linalg.inv(T)
    found, exact = leading(A, rng.standard_normal(300), 30), np.linalg.eigvals(A)
    known = found.values[found.residuals < 1e-10]
    outermost = exact[np.argsort(-np.abs(exact))[:3]]
    # residual 1e-10, condition of a few
    assert apart(outermost, known) <= 1e-9 and apart(known, exact) <= 1e-9


@pytest.mark.parametrize("normal", [False, True])
def test_E38_the_eigenvalues_of_a_game(normal):
    """0 is repeated (what layers remember, a bias before batch norm), so the space of the start
    closes early.
    """
    field, w = at_random(small("gelu", normal), "nonsaturating")
    J = Jacobian(field, w)
    found = leading(J, np.random.default_rng(0).standard_normal(w.size) * field.free, w.size)
    exact = np.linalg.eigvals(columns(J))
    # those near 0 belong together, and are as uncertain as that
    large = np.abs(exact) > 1e-3 * np.abs(exact).max()
    assert apart(exact[large], found.values) <= 1e-9
    assert found.residuals.max() <= 1e-12 * np.abs(exact).max()
    assert len(found.values) <= field.free.sum()


def test_E38_the_leading_eigenvalues_of_a_game_of_thousands_of_parameters():
    field, w = at_random(mlp_pair(8, (32, 32), 8, activation="tanh"), m=16)
    assert w.size > 2000
    found = leading(Jacobian(field, w), np.random.default_rng(0).standard_normal(w.size), 60)
    largest = found.values[np.argmax(np.abs(found.values))]
    assert found.residuals[np.argmax(np.abs(found.values))] <= 1e-8 * abs(largest)


def test_the_space_closes():
    A = np.diag([1.0, 2.0, 2.0, 3.0])
    found = leading(A, np.ones(4), 4)
    assert np.allclose(found.values, [3, 2, 1], atol=1e-14) and len(found.values) == 3
    for start, n in ((np.zeros(4), 2), (np.ones(3), 2), (np.ones(4), 5), (np.ones(4), 0)):
        with pytest.raises(InputError, match="expected 1 to 4"):
            leading(A, start, n)


def test_E38_kinds_of_equilibrium():
    for values, name in (
        ([-1, -2], "stable node"),
        ([-1 + 1j, -1 - 1j, -3], "stable spiral"),
        ([1, 2], "unstable node"),
        ([1 + 1j, 1 - 1j], "unstable spiral"),
        ([1j, -1j], "centre"),
        ([1, -1], "saddle"),
        ([1j, -1j, -1], "undecided"),
        ([0, -1], "undecided"),
        ([0, 1], "unstable node"),
    ):
        assert kind(np.array(values, complex)) == name
    assert kind(dirac_eigenvalues(0.5)) == "centre"
    assert kind(dirac_eigenvalues(0.5, 0.5)) == "stable spiral"
    assert kind(dirac_eigenvalues(0.5, 2.0)) == "stable node"
    assert kind(np.linalg.eigvals(dirac_jacobian(0.5, -0.1))) == "unstable spiral"


def test_E38_descent_on_one_function_never_turns():
    J = Jacobian(*at_random(small("tanh")))
    hessian = np.stack([J.gg(e) for e in np.eye(J.field.game.G.size)], axis=1)
    # √ε at worst, where two eigenvalues meet
    assert np.abs(np.linalg.eigvals(hessian).imag).max() <= 1e-7
    assert np.abs(np.linalg.eigvals(columns(J)).imag).max() > 1e-2


@pytest.mark.parametrize(("gamma", "bound"), [(0.5, 0.5 / 0.25), (0.9, 0.9 / 0.25)])
def test_E38_the_largest_step(gamma, bound):
    """R1 with γ < 2c: −2 Re λ/|λ|² = γ/c². A little below it steps converge, a little above they do
    not.
    """
    J = dirac_jacobian(0.5, gamma)
    h = largest_step(np.linalg.eigvals(J))
    assert h == pytest.approx(bound, rel=1e-14)
    for factor, converges in ((0.99, True), (1.01, False)):
        path = trajectory(lambda w: J @ w, simultaneous, np.array([1.0, 0.5]), factor * h, 400)
        assert (rate(path) < 1) == (radius(1 + factor * h * np.linalg.eigvals(J)) < 1) == converges
    assert largest_step(np.array([1j, -1j])) == largest_step(np.array([0.0, -1.0])) == 0.0


def test_E38_the_largest_step_is_that_of_the_worst_eigenvalue():
    values = np.array([-1.0, -0.01 + 2j, -0.01 - 2j])
    assert largest_step(values) == pytest.approx(0.02 / 4.0001)

"""E58-E60: players that reckon with their opponent, on the Dirac-GAN and on networks."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from numgan.costs import COSTS
from numgan.dynamics import Jacobian, dense, dirac_jacobian, minimax, simultaneous, wasserstein
from numgan.dynamics.opponents import (
    OffDiagonal,
    competitive,
    conjugate_gradients,
    cross,
    lola,
    unrolled,
)
from numgan.errors import InputError
from numgan.penalties import PENALTIES
from tests.dynamics.games import at_random, close, conditional, small

EXACT = 1e-11  # second derivatives through two networks
C, H = 0.5, 0.2
GAN = dirac_jacobian(C)
GAMES = {
    "minimax": lambda: at_random(small("tanh")),
    "nonsaturating, r1": lambda: at_random(small("tanh"), "nonsaturating", PENALTIES["r1"]),
    "paired, r1 + wgan-gp, transport": lambda: costly(
        *at_random(small("gelu"), "paired", PENALTIES["r1"] + PENALTIES["wgan-gp"])
    ),
    "relativistic, batch norm": lambda: at_random(small("tanh", normal=True), "relativistic"),
    "conditional, r2": lambda: at_random(conditional(), "nonsaturating", PENALTIES["r2"]),
}


def costly(field, w):
    return replace(field, game=replace(field.game, cost=COSTS["transport"])), w


def losses(field):
    """f₁ = −(V_d − R) and f₂ = V_g + C as functions of w, with the field's draws."""
    game, rng = field.game, lambda: np.random.default_rng(field.seed)

    def first(w):
        return -game.discriminator_value(*field.split(w), field.x, field.z, rng())

    def second(w):
        theta_d, theta_g = field.split(w)
        return game.generator_value(theta_d, theta_g, field.z, rng(), field.x)

    return first, second


def slope(f, w):
    return np.array([np.imag(f(w + 1e-200j * e)) / 1e-200 for e in np.eye(w.size)])


@pytest.mark.parametrize("name", [name for name in GAMES if "batch norm" not in name])
def test_E59_the_cross_gradients_against_the_complex_step_of_the_losses(name):
    """Without dropout, which the two values draw in another order than the field."""
    field, w = GAMES[name]()
    first, second = losses(field)
    d = field.game.D.size
    exact = np.concatenate([slope(second, w)[:d], slope(first, w)[d:]])
    close(field.cross(w), exact, EXACT)
    zero_sum, w = at_random(small("tanh"), "paired-saturating")
    close(zero_sum.cross(w), zero_sum(w), 1e-13)
    assert np.array_equal(cross(minimax, w[:2]), minimax(w[:2]))


@pytest.mark.parametrize("name", GAMES)
def test_E58_competitive_steps_solve_their_system(name):
    field, w = GAMES[name]()
    d, rates = field.game.D.size, np.random.default_rng(1).uniform(0.1, 0.3, w.size)
    J = dense(field, w)
    J[:d, :d] = J[d:, d:] = 0
    J[~field.free], J[:, ~field.free] = 0, 0
    u = np.random.default_rng(2).standard_normal(w.size) * field.free
    close(OffDiagonal(Jacobian(field, w), d) @ u, J @ u, EXACT)
    close(OffDiagonal(Jacobian(field, w), d).T @ u, J.T @ u, EXACT)
    p = competitive(field, partial(Jacobian, field), d, rates)(w)
    close(p, np.linalg.solve(np.eye(w.size) - J * rates, field(w)), 1e-10)  # residual 1e-12


def test_E58_a_system_that_is_not_solved_is_refused_with_its_residual():
    field, w = GAMES["minimax"]()
    steps = competitive(field, partial(Jacobian, field), field.game.D.size, 50.0, most=2)
    with pytest.raises(
        InputError, match=r"a residual of 0\.\d+ after 2 products.*no step is taken"
    ):
        steps(w)


def test_E58_conjugate_gradients_end_after_as_many_products_as_there_are_dimensions():
    A, b = np.random.default_rng(0).standard_normal((2, 6, 6))
    found = conjugate_gradients(lambda x: A @ x, lambda x: A.T @ x, b[0], 1e-10, 40)
    close(A @ found.x, b[0], 1e-9)
    assert found.residual <= 1e-10 and found.products <= 12  # rounding costs some
    assert conjugate_gradients(lambda x: x, lambda x: x, 0 * b[0], 1e-10, 40).products == 0


@pytest.mark.parametrize(
    ("field", "J"),
    [
        # each z = 1/(1 ∓ ihc): inside the circle for every h
        (lambda v, J: competitive(v, J, 1, H), np.linalg.solve(np.eye(2) - H * GAN, GAN)),
        (lambda v, J: lola(v, J, 1, 0.7), GAN + 1.4 * GAN @ GAN),  # zero-sum, J_oᵀ = −J_o
        (lambda v, J: unrolled(v, J, 1, 0.3, 4), GAN - np.diag([0, 2 * 4 * 0.3 * C**2])),
    ],
    ids=["competitive", "lola", "unrolled"],
)
def test_E58_E59_E60_on_the_dirac_gan(field, J):
    """Their Jacobian at the solution, found along a line: 1e-5 leaves terms of 1e-10."""
    made = field(minimax, partial(dense, minimax))
    for w in np.random.default_rng(0).standard_normal((4, 2)):
        assert np.allclose(made(1e-5 * w) / 1e-5, J @ w, atol=1e-8)
    assert np.abs(simultaneous.factors(J, H)).max() < 1


def test_E58_competitive_steps_on_the_bilinear_game_shrink_for_every_step():
    for h in (0.1, 1.0, 10.0):
        w = np.array([1.0, 0.5])
        step = competitive(wasserstein, partial(dense, wasserstein), 1, h)
        end, _ = simultaneous.step(step, w, h)
        assert np.hypot(*end) == pytest.approx(np.hypot(*w) / np.sqrt(1 + h**2), rel=1e-12)


def test_E60_unrolling_no_step_is_the_ordinary_field():
    field, w = GAMES["paired, r1 + wgan-gp, transport"]()
    made = unrolled(field, partial(Jacobian, field), field.game.D.size, 0.3, 0)
    close(made(w), field(w), 1e-15)

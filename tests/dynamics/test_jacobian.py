"""E38, E45: the vector field of a game, and its Jacobian by R-passes against the complex step of
the field (E48).
"""

from dataclasses import replace

import numpy as np
import pytest

from numgan.costs import COSTS
from numgan.dynamics import GameField, Jacobian, columns, dense
from numgan.errors import InputError
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from tests.dynamics.games import at_random, close, conditional, small, spectral

# both sides are exact to rounding; a second derivative through two networks is a sum of some 1e4
# terms
EXACT = 1e-11
# the same sums, the one in the order of the forward pass, the other of the backward pass
SYMMETRIC = 1e-13
BUILT = {
    "tanh": lambda: small("tanh"),
    "gelu": lambda: small("gelu"),
    "leaky_relu": lambda: small("leaky_relu"),
    "batch norm and dropout, gelu": lambda: small("gelu", normal=True),
    "batch norm and dropout, leaky_relu": lambda: small("leaky_relu", normal=True),
}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E38_the_field_is_what_algorithm_1_moves_along(objective):
    field, w = at_random(small("leaky_relu"), objective, PENALTIES["wgan-gp"])
    theta_d, theta_g = field.split(w)
    d = field.game.discriminator_step(
        theta_d, theta_g, field.x, field.z, np.random.default_rng(field.seed)
    )
    g = field.game.generator_step(theta_d, theta_g, field.z, x=field.x)
    # the same sums, of 2m rows there and of m and m here: to rounding
    v = np.concatenate([d.dtheta_d, -g.dtheta_g])
    assert abs(field(w) - v).max() <= 64 * np.finfo(float).eps * abs(v).max()


def test_E38_both_players_see_the_same_draws_and_what_layers_remember_stands_still():
    field, w = at_random(small("tanh", normal=True))
    theta_d, theta_g = field.split(w)
    d = field.game.discriminator_step(
        theta_d, theta_g, field.x, field.z, np.random.default_rng(field.seed)
    )
    assert np.array_equal(field.split(field(w))[0], d.dtheta_d)
    assert (
        np.array_equal(field(w), field(w))
        and not field(w)[~field.free].any()
        and np.sum(~field.free) == 16
    )


@pytest.mark.parametrize("networks", BUILT)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E45_the_operator_against_the_complex_step_of_the_field(objective, networks):
    field, w = at_random(BUILT[networks](), objective)
    close(columns(Jacobian(field, w)), dense(field, w), EXACT)


@pytest.mark.parametrize("networks", [spectral, conditional])
def test_E45_other_layers_and_conditional_games(networks):
    """What is remembered is no variable. The field does depend on spectral norm's u and v, so their
    columns differ.
    """
    field, w = at_random(networks())
    J, free = columns(Jacobian(field, w)), field.free
    close(J[:, free], dense(field, w)[:, free], EXACT)
    assert not J[~free].any() and not J[:, ~free].any()


@pytest.mark.parametrize("penalty", PENALTIES)
def test_E45_games_with_a_penalty(penalty):
    field, w = at_random(small("tanh"), "nonsaturating", PENALTIES[penalty])
    J = Jacobian(field, w)
    close(columns(J), dense(field, w), EXACT)
    close(columns(J.T), columns(J).T, EXACT)


@pytest.mark.parametrize("networks", [lambda: small("gelu"), conditional, lambda: small("tanh", 1)])
def test_E55_games_with_sums_of_penalties_and_costs(networks):
    """R1 + WGAN-GP for D, transport + decay for G: the operator, its transpose, and the blocks."""
    field, w = at_random(networks(), "paired", PENALTIES["r1"] + PENALTIES["wgan-gp"])
    if field.game.G.input_shape == field.game.G.output_shape:
        cost = replace(COSTS["transport"], weight=0.7) + replace(COSTS["decay"], weight=0.3)
        field = replace(field, game=replace(field.game, cost=cost))
    J = Jacobian(field, w)
    close(columns(J), dense(field, w), EXACT)
    close(columns(J.T), columns(J).T, EXACT)


def test_E45_points_of_ones_own_have_no_transpose():
    own = replace(PENALTIES["r1"], points=lambda x, samples, rng: samples**2)
    field, w = at_random(small("tanh"), "nonsaturating", own)
    with pytest.raises(InputError, match="depend on samples is not known"):
        _ = Jacobian(field, w).T @ w


@pytest.mark.parametrize("penalty", PENALTIES)
def test_E45_in_single_precision(penalty):
    """As θ is when a network makes it. Some 1e3 roundings of 6e-8 and a penalty's second
    derivative: 1e-3 at most.
    """
    field, w = at_random(small("tanh"), "nonsaturating", PENALTIES[penalty])
    single = GameField(field.game, field.x.astype("float32"), field.z.astype("float32"), field.seed)
    J, u = Jacobian(single, w.astype("float32")), np.random.default_rng(1).standard_normal(w.size)
    close(J @ u.astype("float32"), Jacobian(single, w) @ u, 1e-3)


@pytest.mark.parametrize("networks", ["gelu", "batch norm and dropout, leaky_relu"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E45_the_transposed_operator(objective, networks):
    J = Jacobian(*at_random(BUILT[networks](), objective))
    close(columns(J.T), columns(J).T, EXACT)
    assert J.T.T is J


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_E38_the_blocks_and_their_symmetries(objective):
    field, w = at_random(small("tanh", normal=True), objective)
    J, d, g = Jacobian(field, w), field.game.D.size, field.game.G.size
    dd, dg, gd, gg = (
        np.stack([block(e) for e in np.eye(n)], axis=1)
        for block, n in ((J.dd, d), (J.dg, g), (J.gd, d), (J.gg, g))
    )
    close(np.block([[dd, dg], [-gd, -gg]]), columns(J), 1e-15)
    close(dd, dd.T, SYMMETRIC)
    close(gg, gg.T, SYMMETRIC)
    if objective in ("minimax", "wasserstein", "f-kl"):  # one V for both players
        close(dg, gd.T, SYMMETRIC)
    if objective == "nonsaturating":  # two: the game is not zero-sum
        assert np.abs(dg - gd.T).max() > 0.1 * np.abs(dg).max()


def test_E45_a_complex_point():
    """So the complex step goes through the operator itself, and fields made of J have Jacobians of
    their own.
    """
    field, w = at_random(small("tanh"))
    u, h = np.random.default_rng(1).standard_normal((2, w.size))
    slope = (Jacobian(field, w + 1j * 1e-200 * h) @ u).imag / 1e-200
    t = 1e-5  # central difference: truncation and rounding of about 1e-10
    near = (Jacobian(field, w + t * h) @ u - Jacobian(field, w - t * h) @ u) / (2 * t)
    close(near, slope, 1e-8)


def outside_training(networks):
    """Both networks as they are outside training: batch norm by its running averages, which D then
    depends on.
    """
    return tuple(network.evaluation() for network in networks)


@pytest.mark.parametrize(
    "networks",
    [
        spectral,
        lambda: small("tanh", normal=True),
        lambda: outside_training(small("tanh", normal=True)),
    ],
    ids=["spectral norm", "batch norm", "running averages"],
)
@pytest.mark.parametrize("penalty", [None, "r1", "r2", "wgan-gp"])
def test_E45_a_direction_along_what_layers_remember_is_not_followed(networks, penalty):
    field, w = at_random(networks(), "nonsaturating", penalty and PENALTIES[penalty])
    J, u = Jacobian(field, w), np.random.default_rng(1).standard_normal(w.size)
    u_d, u_g = field.split(u)
    fixed_d, fixed_g = field.split(~field.free)
    assert fixed_d.any()
    assert not (J @ (u * ~field.free)).any()
    assert not J.dd(u_d * fixed_d).any() and not J.gd(u_d * fixed_d).any()
    assert not J.dg(u_g * fixed_g).any() and not J.gg(u_g * fixed_g).any()
    assert np.array_equal(J @ u, J @ (u * field.free))
    assert not (J.T @ (u * ~field.free)).any()
    exact = np.imag(field(w + 1e-200j * (u * field.free))) / 1e-200
    close((J @ u)[field.free], exact[field.free], EXACT)

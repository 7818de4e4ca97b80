"""E38 and E45 on a device: the field of a game and its Jacobian by R-passes are NumPy's, and nobody
waits.
"""

import numpy as np
import pytest

from numgan.dynamics import GameField, Jacobian
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from tests.dynamics.games import at_random, conditional, small, spectral

GAMES = {"gelu": lambda: small("gelu"), "spectral": spectral, "conditional": conditional}


def products(field, w, u):
    """v(w), J u, and Jᵀ u where it is there."""
    J = Jacobian(field, w)
    yield field(w)
    yield J @ u
    yield from (
        J.dd(field.split(u)[0]),
        J.dg(field.split(u)[1]),
        J.gd(field.split(u)[0]),
        J.gg(field.split(u)[1]),
    )
    if field.game.penalty is None:
        yield J.T @ u


@pytest.mark.parametrize(
    ("game", "objective", "penalty"),
    [
        *((game, "nonsaturating", None) for game in GAMES),
        ("gelu", "relativistic", None),
        ("gelu", "hinge", None),
        ("gelu", "minimax", "r1"),
        ("gelu", "minimax", "r2"),
    ],
)
def test_the_field_and_its_jacobian(game, objective, penalty, device):
    assert objective in OBJECTIVES
    here, w = at_random(GAMES[game](), objective, PENALTIES[penalty] if penalty else None)
    u = np.random.default_rng(3).standard_normal(w.size)
    there = GameField(here.game, device.put(here.x), device.put(here.z), here.seed)
    w_there, u_there = device.put(w), device.put(u)
    found = device.without_waiting(lambda: list(products(there, w_there, u_there)))
    for value, right in zip(found, products(here, w, u), strict=True):
        device.agree(value, right, steps=10)  # three walks through two networks

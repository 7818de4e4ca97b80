"""The checks that exercises of several files share, as functions of a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numgan.architectures import mlp
from numgan.check.finding import Finding
from numgan.check.subjects.games import game_findings
from numgan.check.subjects.layers import layer_findings
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES

Check = Callable[[int], list[Finding]]


def as_layer(layer: Any, shape: tuple[int, ...]) -> Check:
    """The layer, on a batch of that shape."""
    return lambda seed: layer_findings(layer, shape, type(layer).__name__, seed=seed)


def as_game(kind: type[Game], objective: str = "minimax", penalty: str = "") -> Check:
    """That kind of game between two small networks."""
    price = PENALTIES[penalty] if penalty else None
    game = kind(mlp([2, 5, 3], "tanh"), mlp([3, 5, 4, 1], "tanh"), OBJECTIVES[objective], price)
    return lambda seed: game_findings(game, kind.__name__, seed=seed)

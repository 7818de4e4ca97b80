"""All subjects of `numgan check`.

Layers, objectives, penalties and optimizers come from their own tables: LAYERS of numgan/layers
with its examples of use, OBJECTIVES, PENALTIES, OPTIMIZERS. An architecture is a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import partial
from typing import NamedTuple

from numgan.architectures import augmented, dcgan, mlp, mlp_pair, noisy, residual
from numgan.check.finding import Finding
from numgan.check.subjects.again import remembering
from numgan.check.subjects.device import OnDevice, on_device
from numgan.check.subjects.games import game_findings
from numgan.check.subjects.layers import layer_findings
from numgan.check.subjects.lazy import lazy_findings
from numgan.check.subjects.networks import network_findings
from numgan.check.subjects.objectives import objective_findings
from numgan.check.subjects.optimizers import optimizer_findings
from numgan.check.subjects.penalties import penalty_findings
from numgan.check.subjects.play import rule_findings
from numgan.check.subjects.rules import RULES
from numgan.check.subjects.training import training_findings
from numgan.costs import COSTS
from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import AUGMENTATIONS, LAYERS, Dropout, Tanh
from numgan.layers.layer import Example
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES, Penalty
from numgan.values import BaseObjective

ARCHITECTURES: dict[str, Callable[[], tuple[Network, Network]]] = {
    "mlp leaky_relu": lambda: (mlp([2, 5, 3]), mlp([3, 5, 4, 1])),
    "mlp tanh": lambda: (mlp([2, 5, 3], "tanh"), mlp([3, 5, 4, 1], "tanh")),
    "mlp gelu, tanh last": lambda: (mlp([2, 5, 3], "gelu", [Tanh()]), mlp([3, 4, 1], "gelu")),
    "mlp with dropout": lambda: (mlp([2, 5, 3], "softplus"), with_dropout(mlp([3, 7, 1], "silu"))),
    "dcgan": lambda: dcgan((4, 4, 1), (2, 3), 2),
    "dcgan, projection": lambda: dcgan((4, 4, 1), (2, 3), 2, classes=3),
    "dcgan, concatenation": lambda: dcgan((4, 4, 1), (2, 3), 2, classes=3, judge="concatenation"),
}


# these play one game each, with the loss and the penalties of R3GAN
MORE_ARCHITECTURES: dict[str, Callable[[], tuple[Network, Network]]] = {
    "residual": lambda: residual((4, 4, 1), (2, 4), 2),
    "residual, projection": lambda: residual((2, 2, 1), (2,), 2, classes=3),
    "augmented": lambda: with_augmentations(mlp([2, 5, 12]), mlp([12, 4, 1], "tanh")),
    "residual, augmented": lambda: with_augmentations(*residual((4, 3, 1), (2,), 2)),
    "with instance noise": lambda: (mlp([2, 5, 3]), noisy(mlp([3, 5, 1], "tanh"), 0.5, 2)),
}


def with_augmentations(G: Network, D: Network) -> tuple[Network, Network]:
    """The pair, D behind all augmentations of images of 4×3."""
    return G, augmented(D, (4, 3, 1), list(AUGMENTATIONS.values()))


def with_dropout(network: Network) -> Network:
    """The network with a third of the input of its last layer dropped."""
    *layers, last = network.layers
    return Network([*layers, Dropout(1 / 3), last], network.input_shape)


class Subject(NamedTuple):
    """One thing to check: its name, and its findings as a function of the seed."""

    name: str
    findings: Callable[..., list[Finding]]


def suite(only: str | None = None, thorough: bool = False, device: str = "cpu") -> list[Subject]:
    """Every subject; with `only`, those whose name contains it or matches it as a pattern with *
    and ?, in any case.

    Raises InputError if there is none.
    """
    subjects = list(everything(thorough, device))
    if only is None:
        return subjects
    wanted = only.lower()
    chosen = [s for s in subjects if wanted in s.name.lower() or fnmatch(s.name.lower(), wanted)]
    if not chosen:
        kinds = ", ".join(dict.fromkeys(s.name.split(" ")[0] for s in subjects))
        raise InputError(
            f"nothing to check is called {only!r}; the names begin with {kinds}, as in "
            f"{subjects[0].name!r}"
        )
    return chosen


def everything(thorough: bool = False, device: str = "cpu") -> Iterator[Subject]:
    """Layers, networks, objectives, penalties, games, optimizers, the training loop.

    On a device other than the CPU only subjects made of layers: the rest computes on the host and
    would show nothing of the device.
    """
    for kind in LAYERS:
        cases, name = kind.examples(), f"layer {kind.__name__}"
        if device != "cpu":
            cases = [(OnDevice(layer, device), shape) for layer, shape in cases]
        yield Subject(name, partial(check_cases, cases, name))
    for name, make in (ARCHITECTURES | MORE_ARCHITECTURES).items():
        for player, network in zip("GD", players_on(make(), device), strict=True):
            yield Subject(
                f"network {name}, {player}",
                partial(network_findings, network, name=f"network {name}, {player}"),
            )
    if device == "cpu":
        for name, objective in OBJECTIVES.items():
            yield Subject(
                f"objective {name}", partial(objective_findings, objective, f"objective {name}")
            )
        for name, price in PENALTIES.items():
            yield Subject(f"penalty {name}", partial(penalty_findings, price, f"penalty {name}"))
    both = PENALTIES["r1"] + PENALTIES["r2"]
    for name, make in MORE_ARCHITECTURES.items():
        full = f"game paired, {both.name}, {name}"
        G, D = map(remembering, players_on(make(), device))
        game = Game(G, D, OBJECTIVES["paired"], both, classes_of(name))
        yield Subject(full, partial(game_findings, game, full))
    for name, make in ARCHITECTURES.items():
        G, D = map(remembering, players_on(make(), device))
        classes = classes_of(name)
        for objective, penalty in pairs(thorough):
            full = ", ".join(["game " + objective.name, *([penalty.name] if penalty else []), name])
            yield Subject(
                full, partial(game_findings, Game(G, D, objective, penalty, classes), full)
            )
    if device == "cpu":
        G, D = mlp_pair(3, (4,), 3, activation="tanh")
        for cost in COSTS.values():
            full = f"game paired, {both.name}, {cost.name}"
            game = Game(G, D, OBJECTIVES["paired"], both, cost=cost)
            yield Subject(full, partial(game_findings, game, full))
        for rule in RULES:
            yield Subject(
                f"optimizer {rule}",
                partial(optimizer_findings, OPTIMIZERS[rule], rule, f"optimizer {rule}"),
            )
        yield Subject("training", training_findings)
        yield Subject("lazy penalty", lazy_findings)
        for row in GAME_RULES.values():
            yield Subject(f"rule {row.name}", partial(rule_findings, row, f"rule {row.name}"))


def classes_of(name: str) -> int:
    """How many classes the architecture of that name has."""
    return 3 if "projection" in name or "concatenation" in name else 0


def players_on(players: tuple[Network, Network], device: str) -> tuple[Network, Network]:
    """G and D with their layers on the device."""
    G, D = players
    return players if device == "cpu" else (on_device(G, device), on_device(D, device))


def pairs(thorough: bool) -> Iterator[tuple[BaseObjective, Penalty | None]]:
    """Every objective alone, and every penalty with one objective; if thorough, with every
    objective.

    The penalty's gradient is added to the objective's, so one of each shows as much as all pairs.
    """
    for objective in OBJECTIVES.values():
        yield objective, None
    for penalty in PENALTIES.values():
        for objective in OBJECTIVES.values() if thorough else (OBJECTIVES["nonsaturating"],):
            yield objective, penalty


def check_cases(cases: list[Example], name: str, seed: int) -> list[Finding]:
    """One kind of layer on all of its shapes."""
    return [
        finding
        for layer, shape in cases
        for finding in layer_findings(layer, shape, name, seed=seed)
    ]

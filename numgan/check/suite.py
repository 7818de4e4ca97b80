"""Everything that `numgan check` goes through. A new layer, architecture, objective or optimizer is one line here.

The shapes are odd on purpose: a batch of one, a single feature, sizes that differ from each other so that nothing
transposed fits by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import partial
from typing import NamedTuple

from numgan.architectures import dcgan, mlp
from numgan.check.device import OnDevice, on_device
from numgan.check.finding import Finding
from numgan.check.games import game_findings
from numgan.check.layers import layer_findings
from numgan.check.networks import network_findings
from numgan.check.objectives import objective_findings
from numgan.check.optimizers import optimizer_findings
from numgan.check.penalties import penalty_findings
from numgan.check.rules import RULES
from numgan.check.training import training_findings
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import (
    ACTIVATIONS,
    AveragePool,
    BatchNorm,
    Chain,
    ClassPlanes,
    Conditioned,
    Convolution,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    InstanceNorm,
    Layer,
    LayerNorm,
    LeakyReLU,
    MinibatchDeviation,
    Pack,
    PixelShuffle,
    Projection,
    Reshape,
    Residual,
    RunningNorm,
    SpectralNorm,
    Tanh,
    TransposedConvolution,
    Upsample,
)  # fmt: skip
from numgan.layers.layer import Shape
from numgan.network import Network
from numgan.objectives import OBJECTIVES, Objective, Relativistic
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES, Penalty

ANY_SHAPE: list[Shape] = [(5, 3), (1, 1), (2, 3, 2, 1)]

LAYERS: dict[str, list[tuple[Layer, Shape]]] = {
    "Dense": [(Dense(3, 7), (5, 3)), (Dense(1, 1), (1, 1)), (Dense(4, 4), (3, 4))],
    **{layer.__name__: [(layer(), shape) for shape in ANY_SHAPE] for layer in ACTIVATIONS.values()},
    "Convolution": [
        (Convolution(2, 3, 3), (2, 5, 4, 2)),
        (Convolution(1, 1, 1), (1, 1, 1, 1)),
        (Convolution(2, 3, 4, 2, 1, bias=False), (3, 6, 4, 2)),
    ],
    "TransposedConvolution": [
        (TransposedConvolution(2, 3, 3), (2, 3, 2, 2)),
        (TransposedConvolution(3, 2, 4, 2, 1), (2, 2, 3, 3)),
        (TransposedConvolution(2, 1, 3, 2, 1, output_padding=1, bias=False), (1, 3, 2, 2)),
    ],
    "BatchNorm": [(BatchNorm(3), (5, 3)), (BatchNorm(1), (7, 1)), (BatchNorm(2), (3, 2, 4, 2))],
    "RunningNorm": [(RunningNorm(3), (5, 3)), (RunningNorm(1), (1, 1)), (RunningNorm(2), (2, 3, 2, 2))],
    "LayerNorm": [(LayerNorm((4,)), (5, 4)), (LayerNorm((3, 2, 2)), (1, 3, 2, 2))],
    "InstanceNorm": [(InstanceNorm(2), (3, 4, 3, 2)), (InstanceNorm(1), (1, 2, 3, 1))],
    "Dropout": [(Dropout(0.4), shape) for shape in ANY_SHAPE],
    "Identity": [(Identity(), (5, 3))],
    "Embedding": [(Embedding(3, 4), (5, 3)), (Embedding(1, 1), (1, 1))],
    "Conditioned": [
        (Conditioned((Dense(5, 2), Tanh()), 3), (4, 5)),
        (Conditioned((Dense(2, 4),), 3, seen=False), (4, 5)),
    ],
    "ClassPlanes": [(ClassPlanes((3, 2, 2), 4), (5, 16))],
    "Projection": [(Projection(4, 3), (5, 7)), (Projection(1, 2), (1, 3))],
    "AveragePool": [(AveragePool(2), (2, 4, 6, 3)), (AveragePool(3), (1, 3, 3, 1))],
    "Upsample": [(Upsample(2), (2, 3, 2, 3)), (Upsample(3), (1, 1, 1, 1))],
    "PixelShuffle": [(PixelShuffle(2), (2, 3, 2, 8)), (PixelShuffle(3), (1, 1, 1, 9))],
    "Reshape": [(Reshape((2, 3, 1)), (5, 6))],
    "Pack": [(Pack(2), (4, 3)), (Pack(1), (3, 2))],
    "Flatten": [(Flatten(), (3, 2, 4, 2))],
    "SpectralNorm": [(SpectralNorm(Dense(3, 4)), (5, 3)), (SpectralNorm(Convolution(2, 3, 3)), (2, 4, 3, 2))],
    "MinibatchDeviation": [(MinibatchDeviation(), (5, 3)), (MinibatchDeviation(), (3, 2, 2, 2))],
    "Residual": [
        (Residual((Dense(3, 3), Tanh())), (5, 3)),
        (Residual((Convolution(2, 3, 3, padding=1), LeakyReLU()), (Convolution(2, 3, 1),)), (2, 3, 3, 2)),
    ],
    "Chain": [(Chain((Dense(3, 4), Tanh(), Dropout(0.3), Dense(4, 2))), (5, 3))],
}

ARCHITECTURES: dict[str, Callable[[], tuple[Network, Network]]] = {
    "mlp leaky_relu": lambda: (mlp([2, 5, 3]), mlp([3, 5, 4, 1])),
    "mlp tanh": lambda: (mlp([2, 5, 3], "tanh"), mlp([3, 5, 4, 1], "tanh")),
    "mlp gelu, tanh last": lambda: (mlp([2, 5, 3], "gelu", [Tanh()]), mlp([3, 4, 1], "gelu")),
    "mlp with dropout": lambda: (mlp([2, 5, 3], "softplus"), with_dropout(mlp([3, 7, 1], "silu"))),
    "dcgan": lambda: dcgan((4, 4, 1), (2, 3), 2),
    "dcgan, projection": lambda: dcgan((4, 4, 1), (2, 3), 2, classes=3),
    "dcgan, concatenation": lambda: dcgan((4, 4, 1), (2, 3), 2, classes=3, judge="concatenation"),
}


def with_dropout(network: Network) -> Network:
    """The network with a third of the input of its last layer dropped."""
    *layers, last = network.layers
    return Network([*layers, Dropout(1 / 3), last], network.input_shape)


class Subject(NamedTuple):
    """One thing to check: its name, and all that is found about it, a function of the seed."""

    name: str
    findings: Callable[..., list[Finding]]


def suite(only: str | None = None, thorough: bool = False, device: str = "cpu") -> list[Subject]:
    """Every subject, or those whose name contains `only` or matches it as a pattern with * and ?, in any case.

    Raises InputError where there is none.
    """
    subjects = list(everything(thorough, device))
    if only is None:
        return subjects
    wanted = only.lower()
    chosen = [s for s in subjects if wanted in s.name.lower() or fnmatch(s.name.lower(), wanted)]
    if not chosen:
        kinds = ", ".join(dict.fromkeys(s.name.split(" ")[0] for s in subjects))
        raise InputError(
            f"nothing to check is called {only!r}; the names begin with {kinds}, as in {subjects[0].name!r}"
        )
    return chosen


def everything(thorough: bool = False, device: str = "cpu") -> Iterator[Subject]:
    """Layers, networks, objectives, penalties, games, optimizers, the training loop.

    Of another device than the CPU: what is made of layers, each of which computes there. What surrounds them stays the
    host's, as the means of section 10 are, so that the rest would show nothing of the device.
    """
    for name, cases in LAYERS.items():
        if device != "cpu":
            cases = [(OnDevice(layer, device), shape) for layer, shape in cases]
        yield Subject(f"layer {name}", partial(check_cases, cases, f"layer {name}"))
    for name, make in ARCHITECTURES.items():
        for player, network in zip("GD", placed(make(), device), strict=True):
            yield Subject(
                f"network {name}, {player}", partial(network_findings, network, name=f"network {name}, {player}")
            )
    if device == "cpu":
        for name, objective in OBJECTIVES.items():
            yield Subject(f"objective {name}", partial(objective_findings, objective, f"objective {name}"))
        for name, price in PENALTIES.items():
            yield Subject(f"penalty {name}", partial(penalty_findings, price, f"penalty {name}"))
    for name, make in ARCHITECTURES.items():
        G, D = placed(make(), device)
        classes = 3 if "projection" in name or "concatenation" in name else 0
        for objective, penalty in pairs(thorough):
            full = ", ".join(["game " + objective.name, *([penalty.name] if penalty else []), name])
            yield Subject(full, partial(game_findings, Game(G, D, objective, penalty, classes), full))
    if device == "cpu":
        for rule in RULES:
            yield Subject(f"optimizer {rule}", partial(optimizer_findings, OPTIMIZERS[rule], rule, f"optimizer {rule}"))
        yield Subject("training", training_findings)


def placed(players: tuple[Network, Network], device: str) -> tuple[Network, Network]:
    """G and D, whose layers compute on the device."""
    G, D = players
    return players if device == "cpu" else (on_device(G, device), on_device(D, device))


def pairs(thorough: bool) -> Iterator[tuple[Objective | Relativistic, Penalty | None]]:
    """Every objective by itself, and every penalty beside one of them; or every objective with every penalty.

    The penalty's gradient is added to the objective's, so one of each shows as much as all of both; thorough is for
    who would rather see it.
    """
    for objective in OBJECTIVES.values():
        yield objective, None
    for penalty in PENALTIES.values():
        for objective in OBJECTIVES.values() if thorough else (OBJECTIVES["nonsaturating"],):
            yield objective, penalty


def check_cases(cases: list[tuple[Layer, Shape]], name: str, seed: int) -> list[Finding]:
    """One kind of layer, on all of its shapes."""
    return [finding for layer, shape in cases for finding in layer_findings(layer, shape, name, seed=seed)]

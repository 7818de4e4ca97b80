"""The check for divergence: is every quantity of both players still finite?

θ alone does not show it. Once g² has overflowed, v of Adam is infinite, so u = m̂/(√v̂ + ε) is 0
from then on: the player stops while its θ stays finite. So the gradient, the state of the optimizer
and θ̄ are checked too.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np

from numgan.backend import Array, namespace
from numgan.game import DiscriminatorStep, GeneratorStep
from numgan.training import Training

PLAYERS = {"discriminator": "V", "generator": "V_g"}  # the value whose gradient each follows


class Diverged(Exception):
    """The error for a quantity of a player that is no longer finite."""


def check_finite(
    training: Training, discriminator: DiscriminatorStep, generator: GeneratorStep, whole: bool
) -> None:
    """Raise Diverged if a player is not finite after an iteration of these steps.

    A normal iteration costs only four inner products, because g·g overflows before any state of an
    optimizer does. If one of them has overflowed, or if `whole` is True, every entry is checked,
    also in the optimizers and in θ̄.
    """
    dtheta_d, dtheta_g = discriminator.dtheta_d, generator.dtheta_g
    vectors = (training.theta_d, training.theta_g, dtheta_d, dtheta_g)
    if not whole and all(isfinite(float(x @ x)) for x in vectors):
        return
    for player, gradient in zip(PLAYERS, (dtheta_d, dtheta_g), strict=True):
        held = [("gradient", gradient), *remembered(training, player)]
        lost = [name for name, x in held if not namespace(x).isfinite(x).all()]
        if lost:
            step = discriminator if player == "discriminator" else generator
            why = training.game.objective.out_of_range(discriminator.a_real, step.a_fake)
            refuse(training, player, lost, f": {why}" if why else "")


def check_whole(training: Training, last: tuple[DiscriminatorStep, GeneratorStep] | None) -> None:
    """Raise Diverged if anything is not finite after the last iteration, if there was one."""
    if last is not None:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            check_finite(training, *last, whole=True)


def check_row(training: Training, row: dict[str, float]) -> None:
    """Raise Diverged if a recorded value is not finite."""
    for player, value in PLAYERS.items():
        refuse(training, player, [] if isfinite(row[value]) else [f"{value} on the minibatch"])


def refuse(training: Training, player: str, lost: list[str], why: str = "") -> None:
    """Raise Diverged if the list of lost quantities is not empty."""
    if lost:
        names = ", ".join(lost)
        raise Diverged(f"not finite after step {training.iterations}: {names} of the {player}{why}")


def remembered(training: Training, player: str) -> Iterator[tuple[str, Array]]:
    """The state of a training that one step passes to the next, for one player."""
    of_d = player == "discriminator"
    optimizer = training.optimizer_d if of_d else training.optimizer_g
    for name, array in optimizer.state.items():
        yield f"{type(optimizer).__name__}'s {name}", array
    split = training.theta_d.size
    for name, array in getattr(training, "memory", {}).items():
        if array.ndim:
            yield f"the rule's {name}", array[:split] if of_d else array[split:]
    yield "θ_d" if of_d else "θ_g", training.theta_d if of_d else training.theta_g
    if not of_d:
        yield "θ̄_g", training.theta_bar

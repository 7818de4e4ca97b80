"""The whole game: ∂Ṽ/∂θ_d, and ∂Ṽ_g/∂θ_g through D, against the complex step of the two values as
functions of θ.

Both values are sums over the batch. Differentiation of each summand costs nothing more, since one
forward pass gives them all, and yields the terms of the gradient: the part of the data and the part
of the samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import hyperparameters
from numgan.check.finding import Finding, claim
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.networks import random_theta, well_formed
from numgan.check.subjects.objectives import objective_terms
from numgan.check.subjects.players import Player, player_findings
from numgan.check.subjects.protocol import require_kind
from numgan.check.subjects.watch import changed_names, mixed_values, result_or_none, watch
from numgan.game import Game


def check_game(game: Game, name: str = "game", *, batch: int = 5, seed: int = 0) -> Report:
    """Both players' gradients at a random point by E48, E47 and E49, and that a step changes
    neither player.

    Raises InputError, with the name of the player's layer or of the term, if a part of the game
    does not have the form that the game needs.

    >>> from numgan import OBJECTIVES, Game
    >>> from numgan.architectures import mlp
    >>> check_game(Game(mlp([2, 3, 2]), mlp([2, 3, 1]), OBJECTIVES["minimax"])).ok
    True
    """
    require_kind(game, Game, "a Game")
    objective_terms(game.objective, game.objective.name or "the objective")
    for player, network in (("G", game.G), ("D", game.D)):
        well_formed(network, player, batch, seed)
    with named_errors(f"{name}, on a batch of {batch},"):
        return Report(game_findings(game, name, batch, seed))


def assert_game(game: Game, name: str = "game", *, batch: int = 5, seed: int = 0) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the game passes check_game.

    >>> from numgan import OBJECTIVES, Game
    >>> from numgan.architectures import mlp
    >>> assert_game(Game(mlp([2, 3, 2]), mlp([2, 3, 1]), OBJECTIVES["minimax"]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_game(game, name, batch=batch, seed=seed))


def game_findings(game: Game, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """What check_game reports."""
    rng, m, G, D = np.random.default_rng(seed), batch, game.G, game.D
    objective = game.objective
    penalties = () if game.penalty is None else game.penalty.parts
    costs = () if game.cost is None else game.cost.parts
    theta_d, theta_g = random_theta(D, rng), random_theta(G, rng)
    x, z = rng.standard_normal((m, *D.input_shape)), rng.standard_normal((m, *G.input_shape))

    def draws() -> np.random.Generator:
        """The same random numbers each time, for networks that draw."""
        return np.random.default_rng(seed)

    # D's θ moves, the samples do not
    fixed_samples = None if G.chain.random else G(theta_g.copy(), z.copy())

    def of_d(theta: Array) -> Array:
        """The 2m summands of Ṽ, and each −R_j, with the draws in the order of a step: samples, D on
        data, D on samples, points.
        """
        rng = draws()
        samples = G(theta_g, z, rng) if fixed_samples is None else fixed_samples
        a_real = D(theta, x, rng)
        summands = objective.summands(a_real, D(theta, samples, rng))
        paid = [R.value(D, theta, x, samples, rng, game.classes) for R in penalties]
        return np.concatenate([*summands, *(-R[None, None] for R in paid)])

    def of_g(theta: Array) -> Array:
        """The summands of Ṽ_g, and each cost."""
        rng = draws()
        samples = G(theta, z, rng)
        a_fake = D(theta_d, samples, rng)
        summands = objective.generator_summands(a_fake, game.compared(theta_d, x, rng)).ravel()
        paid = [C.value(G, theta, z, samples) for C in costs]
        return np.concatenate([summands, *(np.reshape(C, 1) for C in paid)])

    terms = {"the data": slice(0, m), "the samples": slice(m, 2 * m)}
    terms |= last("penalty", penalties)
    # the summands of Ṽ_g come first
    of_costs = {"the value at the logits": slice(0, -len(costs)), **last("cost", costs)}

    discriminator = Player(
        "D",
        D,
        theta_d,
        gradient=lambda theta: game.discriminator_step(theta, theta_g, x, z, draws()).dtheta_d,
        V=lambda theta: game.discriminator_value(theta, theta_g, x, z, draws()),
        summands=of_d,
        m=m,
        terms=terms,
        own=overrides(game, "value", "discriminator_value"),
        mistakes=lambda: mistakes_of_d(game, theta_d, theta_g, x, z, draws()),
        factors=hyperparameters(game),
    )
    generator = Player(
        "G",
        G,
        theta_g,
        gradient=lambda theta: game.generator_step(theta_d, theta, z, draws(), x).dtheta_g,
        V=lambda theta: game.generator_value(theta_d, theta, z, draws(), x),
        summands=of_g,
        m=m,
        terms=of_costs if costs else {},
        own=overrides(game, "generator_value"),
        mistakes=lambda: mistakes_of_g(game, theta_d, theta_g, z, draws(), x),
        factors=hyperparameters(game),
    )
    learns = bool(
        np.any(
            game.generator_step(
                theta_d.copy(), theta_g.copy(), z.copy(), draws(), x.copy()
            ).dtheta_g
        )
    )
    return [
        *changes_nothing(game, (theta_d, theta_g, x, z), name),
        *player_findings(discriminator, name, seed),
        *player_findings(generator, name, seed),
        claim(
            name,
            "dθ_g",
            "not zero",
            learns,
            "G learns nothing: its gradient does not pass through D",
        ),
    ]


def last(what: str, parts: Sequence[Any]) -> dict[str, slice]:
    """Where each part stands among the summands, of which they are the last."""
    names = [f"the {what}" if len(parts) == 1 else f"the {what} {part.name}" for part in parts]
    places = range(-len(parts), 0)
    return {name: slice(i, i + 1 or None) for name, i in zip(names, places, strict=True)}


def overrides(game: Game, *values: str) -> bool:
    """True if the class of the game overrides one of these values."""
    return any(getattr(type(game), value) is not getattr(Game, value) for value in values)


def changes_nothing(game: Game, point: tuple[Array, ...], name: str) -> Iterator[Finding]:
    """Each player's step leaves θ_d, θ_g, x and z bit for bit as they were; above all, G's step
    leaves θ_d.
    """
    theta_d, theta_g, x, z = point
    elsewhere = (
        np.where(game.D.fixed, theta_d, mixed_values(theta_d)),
        np.where(game.G.fixed, theta_g, mixed_values(theta_g)),
        mixed_values(x),
        mixed_values(z),
    )
    for step in ("discriminator", "generator"):
        found = []
        for arrays in (tuple(a.copy() for a in point), elsewhere):
            watched = watch(**dict(zip(("θ_d", "θ_g", "x", "z"), arrays, strict=True)))

            def take(step=step, arrays=arrays) -> None:
                theta_d, theta_g, x, z = arrays
                if step == "discriminator":
                    game.discriminator_step(theta_d, theta_g, x, z, np.random.default_rng(0))
                else:
                    game.generator_step(theta_d, theta_g, z, np.random.default_rng(0), x)

            if arrays is elsewhere:
                result_or_none(take)
            else:
                take()
            found += changed_names(watched)
        why = f"the {step}'s step changes {', '.join(dict.fromkeys(found))}"
        yield claim(name, "θ_d, θ_g, x, z", f"unchanged by the {step}'s step", not found, why)


# ── what the usual mistakes would give ────────────────────────────────────────────────────────────


def mistakes_of_d(
    game: Game, theta_d: Array, theta_g: Array, x: Array, z: Array, rng
) -> dict[str, Array]:
    """∇_{θ_d} with one of the usual mistakes in E31."""
    D, objective = game.D, game.objective
    samples = game.G(theta_g, z, rng)
    a_real, tape_real = D.forward(theta_d, x, rng)
    a_fake, tape_fake = D.forward(theta_d, samples, rng)
    da_real, da_fake = objective.gradient(a_real, a_fake)
    both, real, fake = da_real + da_fake, tape_real, tape_fake

    def through(tape: list, da: Array) -> Array:
        return D.gradient(theta_d, tape, da)

    return {
        "both output gradients go back through the samples' pass: they were added and "
        "backpropagated once, "
        "or the data's pass was overwritten (a stale cache)": through(fake, both),
        "both output gradients go back through the data's pass: they were added and backpropagated "
        "once": through(real, both),
        "the data's pass and the samples' pass are exchanged: each output gradient goes back "
        "through the other's cache": through(fake, da_real) + through(real, da_fake),
        "it is the gradient of the generator's value, not of the discriminator's": through(
            fake, objective.generator_gradient(a_fake, a_real)
        ),
    }


def mistakes_of_g(
    game: Game, theta_d: Array, theta_g: Array, z: Array, rng, x: Array
) -> dict[str, Array]:
    """∇_{θ_g} with one of the usual mistakes in E32 or E35."""
    G, D, objective = game.G, game.D, game.objective
    samples, tape_g = G.forward(theta_g, z, rng)
    a, tape_d = D.forward(theta_d, samples, rng)
    a_real = D(theta_d, x, rng) if objective.relative else a
    da, da_fake = objective.generator_gradient(a, a_real), objective.gradient(a_real, a)[1]
    dx = D.backward(theta_d, tape_d, da)
    return {
        "the chain rule skips D: ∂V/∂a is used as if it were ∂V/∂x (E35)": G.gradient(
            theta_g, tape_g, np.broadcast_to(da.reshape(-1, *[1] * (dx.ndim - 1)), dx.shape)
        ),
        "the gradient of D's own value is used: E31's ∂Ṽ/∂a, not E32's ∂Ṽ_g/∂a": G.gradient(
            theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)
        ),
        "G ascends where it should descend: the gradient of −Ṽ, E31's sign": -G.gradient(
            theta_g, tape_g, dx
        ),
        "only the sign of ∂V/∂x is used": G.gradient(theta_g, tape_g, np.sign(dx)),
    }

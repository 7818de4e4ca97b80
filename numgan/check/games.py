"""The whole game: ∂Ṽ/∂θ_d, and ∂Ṽ_g/∂θ_g through D, against the complex step of the two values as
functions of θ.

Both values are sums over the batch. Differentiating the summands one by one costs nothing more
(they leave one forward pass together), and gives beside the gradient its terms: what comes from the
data, and what from the samples.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues, alike, hyperparameters
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import STEP, Line, complex_step, line
from numgan.check.finding import Finding, claim, compare, reaching, rounding, skipped
from numgan.check.forms import expected
from numgan.check.kinks import why_not_complex
from numgan.check.networks import located, places, well_formed
from numgan.check.objectives import terms
from numgan.check.point import blamed_on
from numgan.check.report import Report, raised
from numgan.check.slopes import slope_along
from numgan.check.trial import JITTERS, jitter
from numgan.check.watch import changed, provoked, tried, watch
from numgan.game import Game
from numgan.network import Network

# of every array at most, drawn by the seed; the random direction has a part in all of them
ENTRIES = 40


@dataclass(frozen=True)
class Player:
    """One player at a point: θ, its gradient as computed, and what that must be the gradient of."""

    name: str  # "D" or "G"
    network: Network
    theta: Array
    gradient: Callable[[Array], Array]  # θ ↦ ∇V, by hand
    V: Callable[[Array], Array]  # the value as a function of θ
    summands: Callable[[Array], Array]  # what V is the sum of
    m: int  # the batch
    terms: dict[str, slice]  # which summands belong together
    mistakes: Callable[[], dict[str, Array]]  # what the usual mistakes would give for ∇V
    factors: dict[str, float]  # the hyper-parameters of all of it
    own: bool  # whether the game has a value of its own, of which the summands may be a part

    def parts(self, theta: Array) -> Array:
        """What V is the sum of, as a vector; last, where the game has a value of its own, what it
        adds to the rest.
        """
        each = self.summands(theta).ravel()
        return np.append(each, self.V(theta) - each.sum()) if self.own else each


def check_game(game: Game, name: str = "game", *, batch: int = 5, seed: int = 0) -> Report:
    """Both players' gradients at a random point, by E48, E47 and E49, and that a step changes
    neither player.

    Raises InputError, which names the player's layer or the term, where a part of it does not have
    the form of one.
    """
    expected(game, Game, "a Game")
    terms(game.objective, game.objective.name or "the objective")
    for player, network in (("G", game.G), ("D", game.D)):
        well_formed(network, player, batch, seed)
    with blamed_on(f"{name}, on a batch of {batch},"):
        return Report(game_findings(game, name, batch, seed))


def assert_game(game: Game, name: str = "game", *, batch: int = 5, seed: int = 0) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the game passes everything of
    check_game.
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raised(check_game(game, name, batch=batch, seed=seed))


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

    # as D moves, the samples do not
    still = None if G.chain.random else G(theta_g.copy(), z.copy())

    def of_d(theta: Array) -> Array:
        """The 2m summands of Ṽ, and each −R_j, in the order in which the step draws: data, samples,
        D on samples, points.
        """
        rng = draws()
        a_real = D(theta, x, rng)
        samples = G(theta_g, z, rng) if still is None else still
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
        *of_player(discriminator, name, seed),
        *of_player(generator, name, seed),
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
    """True where the class of the game has written one of these values anew."""
    return any(getattr(type(game), value) is not getattr(Game, value) for value in values)


def changes_nothing(game: Game, point: tuple[Array, ...], name: str) -> Iterator[Finding]:
    """Each player's step leaves θ_d, θ_g, x and z bit for bit as they were; above all, G's step
    leaves θ_d.
    """
    theta_d, theta_g, x, z = point
    elsewhere = (
        np.where(game.D.fixed, theta_d, provoked(theta_d)),
        np.where(game.G.fixed, theta_g, provoked(theta_g)),
        provoked(x),
        provoked(z),
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
                tried(take)
            else:
                take()
            found += changed(watched)
        why = f"the {step}'s step changes {', '.join(dict.fromkeys(found))}"
        yield claim(name, "θ_d, θ_g, x, z", f"unchanged by the {step}'s step", not found, why)


def of_player(player: Player, name: str, seed: int) -> list[Finding]:
    """One player's gradient, array by array (up to ENTRIES of each),
    and along a random direction."""
    rng, network, theta = np.random.default_rng(seed), player.network, player.theta
    each, theta_name = player.parts(theta), f"θ_{player.name.lower()}"
    dtheta = player.gradient(theta.copy())
    nearby = [player.gradient(jitter(theta, 2.0**-52, rng)) for _ in range(JITTERS)]
    total = compare(
        name,
        f"V of {player.name}",
        "sum of its summands",
        player.V(theta),
        each.sum(),
        rounding(2.0**-52),
        np.abs(each).sum(),
        explain=lambda a, n: "V is not the sum of its terms",
    )

    def J(entries: Array) -> Array:
        """∂(summand j)/∂θ_i for the given i, by E48; 0 for what is fixed."""
        columns, stepped = np.zeros((len(entries), each.size)), theta.astype(np.complex128)
        for row, i in enumerate(entries):
            if not network.fixed[i]:
                stepped[i] += 1j * STEP
                columns[row] = player.parts(stepped).imag / STEP
                stepped[i] = theta[i]
        return columns

    findings, chosen = [], []
    for _, place, _ in places(network):
        inside = np.arange(place.start, place.stop)
        entries = (
            inside
            if len(inside) <= ENTRIES
            else np.sort(rng.choice(inside, ENTRIES, replace=False))
        )
        chosen.append(entries)
    u = rng.standard_normal(theta.shape) * ~network.fixed
    size = float(np.abs(dtheta * u).sum())
    slope = slope_along(name, f"d{theta_name}", line(player.V, theta, u), float(dtheta @ u), size)
    obstacle = no_complex_step(line(player.V, theta, u), slope[0])
    if obstacle:
        why = f"{obstacle}; E47 and E49 still apply, along a direction"
        return [total, skipped(name, f"d{theta_name}", "complex step E48", why), *slope]
    all_columns = [J(entries) for entries in chosen]
    whole = max(np.abs(columns).sum(1).max(initial=0) for columns in all_columns)
    arrays = zip(places(network, f"{player.name}'s "), chosen, all_columns, strict=True)
    for (parameter, place, shape), entries, columns in arrays:

        def explain(a: Array, n: Array, parameter=parameter, place=place, shape=shape) -> str:
            all_of_it = J(np.arange(place.start, place.stop))
            terms = player.terms | (
                {"what the game adds to the objective": slice(-1, None)} if player.own else {}
            )
            would_be = {
                what: array[place].reshape(shape) for what, array in player.mistakes().items()
            }
            # the objective's own gradient is no mistake, but one that lacks what the game adds
            if player.own:
                rest = all_of_it[:, :-1].sum(1).reshape(shape)
                would_be = {
                    what: array for what, array in would_be.items() if not alike(array, rest)
                }
            return likely_cause(
                dtheta[place].reshape(shape),
                all_of_it.sum(1).reshape(shape),
                Clues(
                    would_be,
                    {
                        what: all_of_it[:, rows].sum(1).reshape(shape)
                        for what, rows in terms.items()
                    },
                    {parameter: theta[place].reshape(shape)},
                    {"the batch m": player.m},
                    foreign=set() if player.own else {parameter},
                    factors=player.factors,
                ),
            )

        shaped = shape if len(entries) == place.stop - place.start else (ENTRIES,)
        analytic, numeric = dtheta[entries].reshape(shaped), columns.sum(1).reshape(shaped)
        scale = np.abs(columns).sum(1).max(initial=0)
        tolerance = reaching(
            rounding(2.0**-52), dtheta[entries], [n[entries] for n in nearby], scale
        )
        findings.append(
            compare(
                name,
                f"d{parameter}",
                "complex step E48",
                analytic,
                numeric,
                tolerance,
                scale,
                whole,
                explain,
            )
        )
    return [total, *located(findings, network), *slope]


def no_complex_step(V: Line, difference: Finding) -> str | None:
    """Why E48 says nothing about V, if along one direction it does not agree with the central
    difference found.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            step = float(complex_step(V))
        if abs(step - difference.numeric) <= difference.tolerance * max(abs(step), 1e-300):
            return None
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        pass
    return why_not_complex(V)


def random_theta(network: Network, rng) -> Array:
    """θ near where training starts, with no entry left at its first value (a bias at 0) unless it
    is fixed.
    """
    return (
        network.initial(rng, "float64") + 0.3 * rng.standard_normal(network.size) * ~network.fixed
    )


# ── what the usual mistakes would give
# ───────────────────────────────────────────────────────────────────────────────


def mistakes_of_d(
    game: Game, theta_d: Array, theta_g: Array, x: Array, z: Array, rng
) -> dict[str, Array]:
    """∇_{θ_d} as it would be with a mistake in E31."""
    D, objective = game.D, game.objective
    a_real, tape_real = D.forward(theta_d, x, rng)
    a_fake, tape_fake = D.forward(theta_d, game.G(theta_g, z, rng), rng)
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
    """∇_{θ_g} as it would be with a mistake in E32 or E35."""
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

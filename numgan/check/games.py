"""The whole game: ∂Ṽ/∂θ_d, and ∂Ṽ_g/∂θ_g through D, against the complex step of the two values as functions of θ.

Both values are sums over the batch. Differentiating the summands one by one costs nothing more (they leave one forward
pass together), and gives beside the gradient its terms: what comes from the data, and what from the samples.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import H, line
from numgan.check.finding import Finding, claim, compare, reaching, rounding
from numgan.check.networks import located, places
from numgan.check.slopes import slope_along
from numgan.check.trial import jitter
from numgan.game import Game
from numgan.network import Network

ENTRIES = 40  # of every array at most, drawn by the seed; the random direction has a part in all of them


def check_game(game: Game, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """Both players' gradients at a random point, by E48, E47 and E49, and that a step changes neither player."""
    rng = np.random.default_rng(seed)
    theta_d, theta_g = (random_theta(network, rng) for network in (game.D, game.G))
    x = rng.standard_normal((batch, *game.D.input_shape))
    z = rng.standard_normal((batch, *game.G.input_shape))
    kept = [a.copy() for a in (theta_d, theta_g, x, z)]

    def unchanged(step: str) -> Finding:
        arrays, changed = (theta_d, theta_g, x, z), []
        for what, now, before in zip(("θ_d", "θ_g", "x", "z"), arrays, kept, strict=True):
            if not np.array_equal(now, before):
                changed.append(what)
            now[...] = before
        why = f"the {step} changes {', '.join(changed)}"
        return claim(name, "θ_d, θ_g, x, z", f"unchanged by the {step}", not changed, why)

    dtheta_d = game.discriminator_step(theta_d, theta_g, x, z).dtheta_d
    findings = [unchanged("discriminator step")]
    dtheta_g = game.generator_step(theta_d, theta_g, z).dtheta_g
    findings.append(unchanged("generator step"))

    objective, samples = game.objective, game.G(theta_g, z)
    m = batch

    def of_d(theta: Array) -> Array:
        """The 2m summands of Ṽ."""
        return np.concatenate([objective.real.t(game.D(theta, x)) / m, objective.fake.t(game.D(theta, samples)) / m])

    def of_g(theta: Array) -> Array:
        """The m summands of Ṽ_g."""
        return objective.generator.t(game.D(theta_d, game.G(theta, z))) / m

    def V(theta: Array) -> Array:
        return objective.value(game.D(theta, x), game.D(theta, samples))

    def V_g(theta: Array) -> Array:
        return game.generator_value(theta_d, theta, z)

    nearby_d, nearby_g = (jitter(theta, 2.0**-52, rng) for theta in (theta_d, theta_g))
    findings += one_player(name, "θ_d", game.D, theta_d, dtheta_d,
                           game.discriminator_step(nearby_d, nearby_g, x, z).dtheta_d, V, of_d,
                           {"the data": slice(0, m), "the samples": slice(m, 2 * m)},
                           lambda: mistakes_of_d(game, theta_d, theta_g, x, z), seed)  # fmt: skip
    findings += one_player(name, "θ_g", game.G, theta_g, dtheta_g,
                           game.generator_step(nearby_d, nearby_g, z).dtheta_g, V_g, of_g, {},
                           lambda: mistakes_of_g(game, theta_d, theta_g, z), seed)  # fmt: skip
    alive = bool(np.any(dtheta_g))
    findings.append(claim(name, "dθ_g", "not zero", alive, "G learns nothing: its gradient does not pass through D"))
    return findings


def one_player(
    name: str, theta_name: str, network: Network, theta: Array, dtheta: Array, nearby: Array,
    V: Callable, summands: Callable, terms: dict[str, slice], mistakes: Callable[[], dict[str, Array]], seed: int,
) -> list[Finding]:  # fmt: skip
    """One player's gradient, array by array (up to ENTRIES of each), and along a random direction."""
    rng = np.random.default_rng(seed)
    each = summands(theta)
    total = compare(name, f"{theta_name}, V", "sum of its summands", V(theta), each.sum(), rounding(2.0**-52),
                    np.abs(each).sum(), explain=lambda a, n: "V is not the sum of its terms")  # fmt: skip

    def J(entries: Array) -> Array:
        """∂(summand j)/∂θ_i for the given i, by E48; 0 for what is fixed."""
        columns, stepped = np.zeros((len(entries), each.size)), theta.astype(np.complex128)
        for row, i in enumerate(entries):
            if not network.fixed[i]:
                stepped[i] += 1j * H
                columns[row] = summands(stepped).imag.ravel() / H
                stepped[i] = theta[i]
        return columns

    arrays, findings = [], []
    for parameter, place, shape in places(network, "D's " if theta_name == "θ_d" else "G's "):
        inside = np.arange(place.start, place.stop)
        entries = inside if len(inside) <= ENTRIES else np.sort(rng.choice(inside, ENTRIES, replace=False))
        arrays.append((parameter, place, shape, inside, entries, J(entries)))
    whole = max(np.abs(columns).sum(1).max(initial=0) for *_, columns in arrays)
    for parameter, place, shape, inside, entries, columns in arrays:

        def explain(a: Array, n: Array, parameter=parameter, place=place, shape=shape, inside=inside) -> str:
            whole = J(inside)
            parts = {what: whole[:, rows].sum(1).reshape(shape) for what, rows in terms.items()}
            would_be = {what: array[place].reshape(shape) for what, array in mistakes().items()}
            m = each.size // max(len(terms), 1)
            clues = Clues(would_be, parts, {parameter: theta[place].reshape(shape)}, {"the batch m": m})
            return likely_cause(dtheta[place].reshape(shape), whole.sum(1).reshape(shape), clues)

        shaped = shape if len(entries) == len(inside) else (ENTRIES,)
        scale = np.abs(columns).sum(1).max(initial=0)
        tolerance = reaching(rounding(2.0**-52), dtheta[entries], nearby[entries], scale)
        findings.append(compare(name, f"d{parameter}", "complex step E48", dtheta[entries].reshape(shaped),
                                columns.sum(1).reshape(shaped), tolerance, scale, whole, explain))  # fmt: skip
    u = rng.standard_normal(theta.shape) * ~network.fixed
    slope = slope_along(name, "d" + theta_name, line(V, theta, u), float(dtheta @ u), float(np.abs(dtheta * u).sum()))
    return [total, *located(findings, network), *slope]


def random_theta(network: Network, rng) -> Array:
    """θ near where training starts, with no entry left at its first value (a bias at 0) unless it is fixed."""
    return network.initial(rng, "float64") + 0.3 * rng.standard_normal(network.size) * ~network.fixed


# ── what the usual mistakes would give ───────────────────────────────────────────────────────────────────────────────


def mistakes_of_d(game: Game, theta_d: Array, theta_g: Array, x: Array, z: Array) -> dict[str, Array]:
    """∇_{θ_d} as it would be with a mistake in E31."""
    D, objective = game.D, game.objective
    (a_real, tape_real), (a_fake, tape_fake) = (D.forward(theta_d, inputs) for inputs in (x, game.G(theta_g, z)))
    da_real, da_fake = objective.gradient(a_real, a_fake)
    both, real, fake = da_real + da_fake, tape_real, tape_fake

    def through(tape: list, da: Array) -> Array:
        return D.gradient(theta_d, tape, da)

    return {
        "both output gradients go back through the samples' pass: they were added and backpropagated once, "
        "or the data's pass was overwritten (a stale cache)": through(fake, both),
        "both output gradients go back through the data's pass: they were added and backpropagated once":
            through(real, both),
        "the data's pass and the samples' pass are exchanged: each output gradient goes back through the other's cache":
            through(fake, da_real) + through(real, da_fake),
        "it is the gradient of the generator's value, not of the discriminator's":
            through(fake, objective.generator_gradient(a_fake)),
    }  # fmt: skip


def mistakes_of_g(game: Game, theta_d: Array, theta_g: Array, z: Array) -> dict[str, Array]:
    """∇_{θ_g} as it would be with a mistake in E32 or E35."""
    G, D, objective = game.G, game.D, game.objective
    samples, tape_g = G.forward(theta_g, z)
    a, tape_d = D.forward(theta_d, samples)
    da, da_fake = objective.generator_gradient(a), objective.gradient(a, a)[1]
    dx = D.backward(theta_d, tape_d, da)
    return {
        "the chain rule skips D: ∂V/∂a is used as if it were ∂V/∂x (E35)":
            G.gradient(theta_g, tape_g, np.broadcast_to(da.reshape(-1, *[1] * (dx.ndim - 1)), dx.shape)),
        "the gradient of D's own value is used: E31's ∂Ṽ/∂a where E32's ∂Ṽ_g/∂a belongs":
            G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, da_fake)),
        "G ascends where it should descend: the gradient of −Ṽ, E31's sign": -G.gradient(theta_g, tape_g, dx),
        "only the sign of ∂V/∂x is used": G.gradient(theta_g, tape_g, np.sign(dx)),
    }  # fmt: skip

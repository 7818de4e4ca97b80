"""One player's gradient at a point, array by array, against the complex step of its value."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike
from numgan.check.finding import Finding, compare, skipped
from numgan.check.means.differences import STEP, Line, complex_step, line
from numgan.check.means.kinks import why_not_complex
from numgan.check.means.tolerance import reaching, rounding
from numgan.check.subjects.networks import locate_layer, places
from numgan.check.subjects.slopes import slope_along
from numgan.check.subjects.trial import JITTERS, jitter
from numgan.network import Network

# of every array at most, drawn by the seed; the random direction depends on all of them
ENTRIES = 40


@dataclass(frozen=True)
class Player:
    """One player at a point: θ, its gradient as computed, and its value."""

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
    own: bool  # whether the game overrides the value of its objective

    def parts(self, theta: Array) -> Array:
        """The summands of V as a vector; the last is what the game itself adds, if it has a value
        of its own.
        """
        each = self.summands(theta).ravel()
        return np.append(each, self.V(theta) - each.sum()) if self.own else each


def player_findings(player: Player, name: str, seed: int) -> list[Finding]:
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
            mistakes = {
                what: array[place].reshape(shape) for what, array in player.mistakes().items()
            }
            # the objective's own gradient is no mistake, but one that lacks what the game adds
            if player.own:
                rest = all_of_it[:, :-1].sum(1).reshape(shape)
                mistakes = {
                    what: array for what, array in mistakes.items() if not alike(array, rest)
                }
            return likely_cause(
                dtheta[place].reshape(shape),
                all_of_it.sum(1).reshape(shape),
                Context(
                    mistakes,
                    {
                        what: all_of_it[:, rows].sum(1).reshape(shape)
                        for what, rows in terms.items()
                    },
                    {parameter: theta[place].reshape(shape)},
                    {"the batch m": player.m},
                    not_in_value=set() if player.own else {parameter},
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
    return [total, *locate_layer(findings, network), *slope]


def no_complex_step(V: Line, difference: Finding) -> str | None:
    """Why E48 does not apply to V, if it disagrees with E47 along one direction."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            step = float(complex_step(V))
        if abs(step - difference.numeric) <= difference.tolerance * max(abs(step), 1e-300):
            return None
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        pass
    return why_not_complex(V)

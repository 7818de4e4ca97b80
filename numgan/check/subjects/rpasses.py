"""The R-passes (E44) against the complex step of the ordinary passes (E48), and the adjoint
identity (E50).

Where (P, x, dy) move along (RP, Rx, Rdy), the ordinary forward, backward and gradient are functions
of ε, and

    Ry = Im y(ih)/h        Rdx = Im dx(ih)/h        RdP = Im dP(ih)/h

which uses no line of the R-passes. All are linear in RP, Rx and Rdy, so each is evaluated for one
direction alone to name the term that is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike
from numgan.check.finding import Finding, compare, skipped
from numgan.check.means.differences import STEP, Estimate, Line, adjoint, exactly, roughly
from numgan.check.means.tolerance import estimated, reaching, rounding
from numgan.check.subjects.calls import error_line, named_errors
from numgan.check.subjects.protocol import (
    missing_passes,
    require_pair,
    require_real_array,
    require_tuple,
)
from numgan.check.subjects.trial import Trial, moved_parameters

ROUNDINGS = 8192  # two formulas deep instead of one: twice the rounding of a first-order pass
SECOND = "the second derivative: φ″, for an element-wise layer"


def r_passes(trial: Trial, name: str) -> list[Finding]:
    """Ry, Rdx, RdP where all arrays move; the same where P is fixed (RP = None); the adjoint
    identity.
    """
    fixed_P = replace(trial, RP=tuple(np.zeros_like(p) for p in trial.P))
    absent = missing_passes(trial.layer) or missing_r_passes(trial, name)
    if absent:
        which = "R-passes" if {"rforward", "rbackward"} <= set(absent) else absent[0]
        return [
            skipped(name, "Ry, Rdx, RdP", "R-pass, complex step E48", f"the layer has no {which}")
        ]
    passes = [
        (trial, "", r_passes_by_hand(trial, trial.RP)),
        (fixed_P, " (RP = None)", r_passes_by_hand(fixed_P, None)),
    ]
    findings = []
    for at, when, analytic in passes:
        nearby = [r_passes_by_hand(near, None if when else at.RP) for near in at.nearby(2.0**-52)]
        # the terms of each change
        changes_by_direction = [changes(along_one(at, direction)) for direction in directions(at)]
        scales = {
            array: sum(largest_value(part[array]) for part in changes_by_direction)
            for array in analytic
        }
        for array, numeric in changes(at).items():
            if array not in analytic:
                continue
            method, tolerance = "R-pass, complex step E48", rounding(2.0**-52, ROUNDINGS)
            if at.derive is roughly:
                method, tolerance = "R-pass, central difference E47", estimated(numeric, 2.0**-52)
            tolerance = reaching(
                tolerance, analytic[array], [near[array] for near in nearby], scales[array]
            )

            def explain(a: Array, n: Array, at: Trial = at, array: str = array) -> str:
                return cause_of_term(at, array, a, n)

            findings.append(
                compare(
                    name,
                    array + when,
                    method,
                    analytic[array],
                    numeric.value,
                    tolerance,
                    scales[array],
                    max(scales.values()),
                    explain,
                )
            )
    return [*findings, adjoint_identity(trial, name, passes[0][2]["Ry"])]


def r_passes_by_hand(trial: Trial, RP: tuple[Array, ...] | None) -> dict[str, Array]:
    """Ry, Rdx and every RdP, as the layer computes them."""
    layer, P, dy, Rdy = trial.layer, trial.P, trial.dy, trial.Rdy
    cache = trial.forward(P, trial.x)[1]
    Ry, Rcache = layer.rforward(P, cache, RP, trial.Rx)
    passes = {"Ry": Ry, "Rdx": layer.rbackward(P, cache, RP, Rcache, dy, Rdy)}
    if trial.names:
        RdP = layer.rgradient(P, cache, RP, Rcache, dy, Rdy)
        passes |= {"Rd" + name: value for name, value in zip(trial.names, RdP, strict=True)}
    return passes


def missing_r_passes(trial: Trial, name: str) -> list[str]:
    """The functions that the R-passes call and the layer lacks (φ″, for example), with P that moves
    and with P that is fixed.

    Raises InputError unless they return (Ry, Rcache), an array, and an array for each parameter.
    """
    layer, P, dy, Rdy, names = (
        trial.layer,
        trial.P,
        trial.dy,
        trial.Rdy,
        ["Rd" + each for each in trial.names],
    )
    for RP, when in ((trial.RP, ""), (None, ", with RP = None, which says that P does not move,")):
        with named_errors(name + when):
            cache = trial.forward(P, trial.x)[1]
            try:
                Ry, Rcache = require_pair(
                    layer.rforward(P, cache, RP, trial.Rx), f"{name}: rforward", "(Ry, Rcache)"
                )
                arrays = {"Ry": Ry, "Rdx": layer.rbackward(P, cache, RP, Rcache, dy, Rdy)}
                RdP = layer.rgradient(P, cache, RP, Rcache, dy, Rdy) if names else ()
            except NotImplementedError as error:
                return [f"R-passes that run: {error_line(error)}"]
            arrays |= dict(zip(names, require_tuple(RdP, names, f"{name}: rgradient"), strict=True))
            for array, value in arrays.items():
                require_real_array(value, f"{name}: {array}", array)
    return []


def ordinary_passes(trial: Trial) -> dict[str, Line]:
    """The same by the ordinary passes, as functions of ε."""

    def at(e: Any) -> tuple:
        P = moved_parameters(trial.P, e, trial.RP)
        return P, trial.forward(P, trial.x + e * trial.Rx), trial.dy + e * trial.Rdy

    def backward(e: Any) -> Array:
        P, (_, cache), dy = at(e)
        return trial.layer.backward(P, cache, dy)

    def gradient(e: Any, i: int) -> Array:
        P, (_, cache), dy = at(e)
        return trial.gradient(P, cache, dy)[i]

    passes: dict[str, Line] = {"Ry": lambda e: at(e)[1][0], "Rdx": backward}
    return passes | {
        f"Rd{name}": lambda e, i=i: gradient(e, i) for i, name in enumerate(trial.names)
    }


def changes(trial: Trial) -> dict[str, Estimate]:
    """R{·} of all of them. E48 needs one forward pass for all; E47 follows each alone."""
    if trial.derive is not exactly:
        return {array: trial.derive(phi) for array, phi in ordinary_passes(trial).items()}
    h = 1j * STEP
    with np.errstate(all="ignore"):
        P, dy = moved_parameters(trial.P, h, trial.RP), trial.dy + h * trial.Rdy
        y, cache = trial.forward(P, trial.x + h * trial.Rx)
        stepped = [y, trial.layer.backward(P, cache, dy), *trial.gradient(P, cache, dy)]
    values = [np.imag(each) / STEP for each in stepped]
    names = ["Ry", "Rdx", *("Rd" + name for name in trial.names)]
    return {
        n: Estimate(value, np.zeros_like(value)) for n, value in zip(names, values, strict=True)
    }


def directions(trial: Trial) -> list[str]:
    """The names of all directions that are not zero."""
    return [
        *("R" + name for name, Rp in zip(trial.names, trial.RP, strict=True) if np.any(Rp)),
        "Rx",
        "Rdy",
    ]


def along_one(trial: Trial, direction: str) -> Trial:
    """The trial with every direction but one set to zero."""
    RP = tuple(
        Rp * (direction == "R" + name) for name, Rp in zip(trial.names, trial.RP, strict=True)
    )
    return replace(
        trial, RP=RP, Rx=trial.Rx * (direction == "Rx"), Rdy=trial.Rdy * (direction == "Rdy")
    )


def largest_value(estimate: Estimate) -> float:
    """The largest |entry| of an estimate."""
    return float(np.abs(estimate.value).max(initial=0))


def cause_of_term(trial: Trial, array: str, a: Array, n: Array) -> str:
    """Which direction's term is wrong, and how."""
    for direction in directions(trial):
        alone = along_one(trial, direction)
        computed, right = (
            r_passes_by_hand(alone, alone.RP)[array],
            trial.derive(ordinary_passes(alone)[array]).value,
        )
        if np.shape(computed) != right.shape or alike(computed, right):
            continue
        meaning = (
            SECOND if (array, direction) == ("Rdx", "Rx") else f"the path through {direction[1:]}"
        )
        term = f"the term of {array} with {direction} ({meaning})"
        if not np.any(computed):
            return f"{term} is absent"
        return (
            f"{term} is wrong: "
            f"{likely_cause(computed, right, Context(sizes={'the batch N': len(trial.dy)}))}"
        )
    return likely_cause(a, n, Context())


def adjoint_identity(trial: Trial, name: str, Ry: Array) -> Finding:
    """E50  ⟨Ry, dy⟩ = ⟨Rx, dx⟩ + Σ ⟨RP, dP⟩."""
    method, gradients, moving = (
        "adjoint identity E50",
        list(trial.gradients().values()),
        (trial.Rx, *trial.RP),
    )
    if [np.shape(d) for d in gradients] != [R.shape for R in moving]:
        return skipped(name, "Ry, dx, dP", method, "dx and dP do not have the shapes of x and P")
    left, right = adjoint(Ry, trial.dy, moving, gradients)
    terms = [Ry * trial.dy, *(R * d for R, d in zip(moving, gradients, strict=True))]
    scale = sum(float(np.abs(term).sum()) for term in terms)
    return compare(
        name,
        "Ry, dx, dP",
        method,
        right,
        left,
        rounding(2.0**-52),
        max(scale, 1e-300),
        explain=lambda a, n: "R-forward and backward disagree: E48 says which is wrong",
    )

"""The objectives at the logits (E29, E33, E34): each term's t' and t'' against the complex step.

A term is one function of one number, so every entry is judged on its own scale: at a = 40 the gradient of log σ(a) is
4e−18, and a formula by way of D(x) = σ(a), which has long rounded to 1, gives 0 or −∞.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import complex_step, exactly, jacobian, line
from numgan.check.finding import Finding, compare, rounding
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES, Objective, Relativistic, Term

SURE = 40.0  # σ(40) = 1 − 4e−18 rounds to 1 in float64, and σ(17) does in float32
EXACT = rounding(2.0**-52)


def check_objective(objective: Objective | Relativistic, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """Its terms, its two gradients with their 1/m, and how the gradients change."""
    rng = np.random.default_rng(seed)
    a = np.concatenate([rng.standard_normal(6) * 3, [0.5, 3.0, SURE, -0.5, -3.0, -SURE]])[:, None]
    a = a.astype(np.float32).astype(np.float64)  # so that single precision begins with no rounding
    findings: list[Finding] = []
    for player, term in terms(objective).items():
        findings += check_term(term, f"{name}, the term of {player}", a)
    x, g, Rx, Rg = rng.standard_normal((4, batch, 1))  # logits of data and of samples, and how they move

    gradients = {
        "∂V/∂a(x)": (objective.gradient(x, g)[0], lambda a: objective.value(a, g), x),
        "∂V/∂a(G(z))": (objective.gradient(x, g)[1], lambda a: objective.value(x, a), g),
        "∂V_g/∂a(G(z))": (objective.generator_gradient(g, x), lambda a: objective.generator_value(a, x), g),
    }
    for array, (analytic, value, at) in gradients.items():

        def explain(da: Array, n: Array, at: Array = at) -> str:
            return likely_cause(da, n, Clues(mistakes(at, batch), {}, {}, {"the batch m": batch, "2m": 2 * batch}))

        numeric = jacobian(value, at, exactly).value
        findings.append(compare(name, array, "complex step E48", analytic, numeric, EXACT, explain=explain))

    Rda = objective.rgradient(x, g, Rx, Rg)
    changes = {
        "R{∂V/∂a(x)}": (Rda[0], lambda e: objective.gradient(x + e * Rx, g + e * Rg)[0]),
        "R{∂V/∂a(G(z))}": (Rda[1], lambda e: objective.gradient(x + e * Rx, g + e * Rg)[1]),
        "R{∂V_g/∂a(G(z))}": (objective.generator_rgradient(g, Rg, x, Rx),
                             lambda e: objective.generator_gradient(g + e * Rg, x + e * Rx)),
    }
    for array, (analytic, along) in changes.items():
        analytic = np.broadcast_to(analytic, x.shape)
        findings.append(compare(name, array, "R-pass, complex step E48", analytic, complex_step(along), EXACT))
    return findings


def terms(objective: Objective | Relativistic) -> dict[str, Term]:
    """The functions of one logit that an objective is made of."""
    if isinstance(objective, Relativistic):
        D, G = objective.discriminator, objective.generator
        return {"real": D.real, "fake": D.fake, "generator, real": G.real, "generator, fake": G.fake}
    return {player: getattr(objective, player) for player in ("real", "fake", "generator")}


def check_term(term: Term, name: str, a: Array) -> Iterator[Finding]:
    """t' and t'' against the complex step of t and t', entry by entry; float32 stays finite and agrees with float64."""
    regions = {"|a| ≤ 12": abs(a) <= 12, "a ≤ 12": a <= 12, "a ≥ −12": a >= -12}
    with np.errstate(all="ignore"):
        for array, f, df in (("t'(a)", term.t, term.dt), ("t''(a)", term.dt, term.ddt)):
            analytic, numeric = np.broadcast_to(df(a), a.shape), complex_step(line(f, a, np.ones(a.shape)))

            def explain(da: Array, n: Array, f=f) -> str:
                broken = ~(np.isfinite(da) & np.isfinite(n) & np.isfinite(f(a)))
                if broken.any():
                    return saturated(a[broken])
                cause = likely_cause(da, n, Clues(mistakes(a, 1), {}, {}, {}, regions))
                return saturated(a[abs(a) > 12]) if cause.startswith("right where") and "12" in cause else cause

            scale = np.maximum(abs(numeric), 1e-300)
            yield compare(name, array, "complex step E48", analytic, numeric, EXACT, scale, 0.0, explain)
        value, single = term.t(a), term.t(a.astype(np.float32))
        scale = np.maximum(np.maximum(abs(value), abs(term.dt(a))), 1e-6)  # a sum may cancel, as log 2 − softplus(a)
        yield compare(name, "t(a)", "float32", np.asarray(single, np.float64), value, rounding(2.0**-23, 16),
                      scale, 0.0, lambda v, n: saturated(a[~np.isfinite(v)]))  # fmt: skip


def saturated(a: Array) -> str:
    """D(x) was formed and has rounded to 0 or 1."""
    at = ", ".join(f"{value:.3g}" for value in np.unique(a)[:4]) or f"±{SURE:.0f}"
    return (f"it breaks at sure logits (a = {at}): the logarithm of a saturated D. Stay at the logit, "
            "log σ(a) = −softplus(−a), log(1 − σ(a)) = −softplus(a) (E33)")  # fmt: skip


def mistakes(a: Array, m: int) -> dict[str, Array]:
    """∂V/∂a as a mistake would have it: D's derivative applied once too often, or another objective's term."""
    would_be, s = {}, sigmoid(a)
    for objective in (OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]):
        for player in ("real", "fake", "generator"):
            gradient = np.broadcast_to(getattr(objective, player).dt(a) / m, a.shape)
            term = f"{player} term of {objective.name}"
            would_be[f"σ' is applied twice: the {term} already differentiates through σ"] = gradient * s * (1 - s)
            would_be[f"it is the derivative of another value, the {term}"] = gradient
    return would_be

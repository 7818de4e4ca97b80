"""The objectives at the logits (E29, E33, E34): each term's t' and t'' against the complex step.

A term is one function of one number, so every entry is judged on its own scale, but for what
rounding leaves of terms of the size that t has about 0: at a = 40 the derivative of tanh is 4e−35,
and 1 − tanh² is 0 there, as right as can be. A formula by way of D(x) = σ(a), which has long
rounded to 1, gives −∞ for log(1 − D), and no derivative at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import jacobian, line
from numgan.check.finding import Finding, claim, compare, rounding, skipped
from numgan.check.forms import expected, kind_of, pair, real_array
from numgan.check.means import EXACTLY, ROUGHLY, best_means
from numgan.check.pairs import mistakes_of_change, mistakes_of_pair
from numgan.check.point import blamed_on, evaluated
from numgan.check.report import Report, raised
from numgan.check.watch import changed, provoked, tried, watch
from numgan.errors import InputError
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES
from numgan.values import BaseObjective, Term

LEFT = 64  # units of rounding that may be left of a sum of a few terms
SURE = 40.0  # σ(40) = 1 − 4e−18 rounds to 1 in float64, and σ(17) does in float32


def check_objective(
    objective: BaseObjective, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> Report:
    """Its terms, its two gradients with their 1/m, and how the gradients change.

    Raises InputError where it cannot be checked: a term is none, raises something, or gives no
    number for each logit.
    """
    expected(objective, BaseObjective, "an Objective, a Relativistic or a Pairwise")
    name = name or objective.name or "objective"
    with blamed_on(f"the objective {name}"):
        return Report(objective_findings(objective, name, batch, seed))


def assert_objective(
    objective: BaseObjective, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the objective passes all of
    check_objective.
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raised(check_objective(objective, name, batch=batch, seed=seed))


def objective_findings(
    objective: BaseObjective, name: str, batch: int = 5, seed: int = 0
) -> list[Finding]:
    """What check_objective reports."""
    rng = np.random.default_rng(seed)
    a = np.concatenate(
        [rng.standard_normal(6) * 3, [0.53, 3.1, 7.7, SURE, -0.53, -3.1, -7.7, -SURE]]
    )[:, None]
    findings: list[Finding] = []
    for player, term in terms(objective, name).items():
        findings += check_term(term, f"{name}, the term of {player}", a)
    # logits of data and of samples, and how they move
    x, g, Rx, Rg = rng.standard_normal((4, batch, 1))
    watched = watch(logits=(x, g), directions=(Rx, Rg))
    means = ROUGHLY if any(f.verdict == "skipped" for f in findings) else EXACTLY

    da_real, da_fake = pair(
        objective.gradient(x, g), f"gradient of {name}", "(∂V/∂a(x), ∂V/∂a(G(z)))"
    )
    da_g = real_array(
        objective.generator_gradient(g, x), f"generator_gradient of {name}", "∂V_g/∂a(G(z))"
    )
    gradients = {
        "∂V/∂a(x)": (da_real, lambda a: objective.value(a, g), x),
        "∂V/∂a(G(z))": (da_fake, lambda a: objective.value(x, a), g),
        "∂V_g/∂a(G(z))": (da_g, lambda a: objective.generator_value(a, x), g),
    }
    of_pair = *mistakes_of_pair(objective.V_d, x, g), mistakes_of_pair(objective.V_g, x, g)[1]
    for (array, (analytic, value, at)), known in zip(gradients.items(), of_pair, strict=True):

        def explain(da: Array, n: Array, at: Array = at, known: dict = known) -> str:
            sizes = {"the batch m": batch, "2m": 2 * batch}
            return likely_cause(da, n, Clues(known | mistakes(at, batch), {}, {}, sizes))

        numeric = jacobian(value, at, means.derive)
        findings.append(
            compare(
                name,
                array,
                means.method,
                analytic,
                numeric.value,
                means.tolerance(numeric),
                explain=explain,
            )
        )

    Rda = pair(objective.rgradient(x, g, Rx, Rg), f"rgradient of {name}", "R{gradient}, two arrays")
    changes = {
        "R{∂V/∂a(x)}": (Rda[0], lambda e: objective.gradient(x + e * Rx, g + e * Rg)[0]),
        "R{∂V/∂a(G(z))}": (Rda[1], lambda e: objective.gradient(x + e * Rx, g + e * Rg)[1]),
        "R{∂V_g/∂a(G(z))}": (
            objective.generator_rgradient(g, Rg, x, Rx),
            lambda e: objective.generator_gradient(g + e * Rg, x + e * Rx),
        ),
    }
    of_change = (
        *mistakes_of_change(objective.V_d, x, g, Rx, Rg),
        mistakes_of_change(objective.V_g, x, g, Rx, Rg)[1],
    )
    for (array, (analytic, along)), known in zip(changes.items(), of_change, strict=True):
        analytic, numeric = np.broadcast_to(analytic, x.shape), means.derive(along)

        def explain_change(Rda: Array, n: Array, known: dict = known) -> str:
            return likely_cause(Rda, n, Clues(known, {}, {}, {"the batch m": batch}))

        findings.append(
            compare(
                name,
                array,
                "R-pass, " + means.method,
                analytic,
                numeric.value,
                means.tolerance(numeric),
                explain=explain_change,
            )
        )
    found = changed(watched)
    why = f"its gradient or its change writes to the {', '.join(found)} in place"
    return [*findings, claim(name, "logits", "unchanged", not found, why)]


def terms(objective: BaseObjective, name: str) -> dict[str, Term]:
    """The functions of one logit that an objective is made of. Raises InputError for what is no
    Term.
    """
    parts = objective.terms
    for player, term in parts.items():
        expected(term, Term, f"a Term(t, dt, ddt) as the term of {player} of {name}")
        for which in ("t", "dt", "ddt"):
            if not callable(getattr(term, which)):
                raise InputError(
                    f"{which} of the term of {player} of {name} is "
                    f"{kind_of(getattr(term, which))}: "
                    "expected a function of the logits"
                )
    return parts


def check_term(term: Term, name: str, a: Array) -> Iterator[Finding]:
    """t' and t'' against the complex step of t and t', entry by entry; float32 stays finite and
    agrees with float64.

    Raises InputError where t or one of its derivatives gives no number for each logit.
    """
    each_its_own(term.t, a, f"t of {name}", "the mean over the batch is the objective's to take")
    each_its_own(term.dt, a, f"dt of {name}", "a constant is written 1 + 0 * a")
    each_its_own(term.ddt, a, f"ddt of {name}", "a constant is written 1 + 0 * a", constant=True)
    regions = {"|a| ≤ 12": abs(a) <= 12, "a ≤ 12": a <= 12, "a ≥ −12": a >= -12}
    unsure = ""
    with np.errstate(all="ignore"):
        for array, f, df in (("t'(a)", term.t, term.dt), ("t''(a)", term.dt, term.ddt)):
            # farther out, a formula may break down before E48 and E47 can agree
            certain = a[abs(a) <= 12]
            means, obstacle = best_means(line(f, certain, np.ones(certain.shape)))
            if obstacle:
                yield skipped(name, array, "complex step E48", f"{obstacle}; E47 still applies")
            analytic, numeric = (
                np.broadcast_to(df(a), a.shape),
                means.derive(line(f, a, np.ones(a.shape))),
            )

            def explain(da: Array, n: Array, f=f) -> str:
                broken = ~(np.isfinite(da) & np.isfinite(n) & np.isfinite(f(a)))
                if broken.any():
                    return saturated(a[broken])
                cause = likely_cause(da, n, Clues(mistakes(a, 1), {}, {}, {}, regions))
                return (
                    saturated(a[abs(a) > 12])
                    if cause.startswith("right where") and "12" in cause
                    else cause
                )

            # an entry whose derivative is small beside those about 0 may be what is left of numbers
            # of their size
            about_0 = np.abs(numeric.value[abs(a) <= 4]).max(initial=0)
            tolerance = means.tolerance(numeric)
            tolerance = tolerance._replace(absolute=tolerance.absolute + LEFT * 2.0**-52 * about_0)
            scale = np.maximum(abs(numeric.value), 1e-300)
            # t itself, whose derivative it is, breaks at sure logits
            if not np.isfinite(numeric.value).all():
                why = explain(np.array(analytic), numeric.value)
                found = claim(
                    name, array, means.method, False, why, "t is not finite at every logit"
                )
            else:
                found = compare(
                    name,
                    array,
                    means.method,
                    analytic,
                    numeric.value,
                    tolerance,
                    scale,
                    about_0,
                    explain,
                )
            yield replace(found, note=unsure) if found.failed and unsure else found
            unsure = (
                "t'' is held against the derivative of the t' above, which is wrong itself"
                if found.failed
                else ""
            )
        rounded = a.astype(np.float32)
        a = rounded.astype(np.float64)  # so that both begin with the same numbers
        value, single = term.t(a), term.t(rounded)
        # a sum may cancel, as log 2 − softplus(a)
        scale = np.maximum(np.maximum(abs(value), abs(term.dt(a))), 1e-6)
        yield compare(
            name,
            "t(a)",
            "float32",
            np.asarray(single, np.float64),
            value,
            rounding(2.0**-23, 16),
            scale,
            0.0,
            lambda v, n: saturated(a[~np.isfinite(v)]),
        )


def each_its_own(f: Callable, a: Array, what: str, hint: str, constant: bool = False) -> None:
    """Raise InputError unless f gives a number for each logit; where it may be `constant`, a single
    number will do.
    """
    logits, elsewhere = a.copy(), provoked(a)
    watched = watch(logits=logits, elsewhere=elsewhere)
    values = evaluated(f, (logits,), what)
    tried(lambda: f(elsewhere))
    if changed(watched):
        raise InputError(f"{what} changes the logits that it is given, in place")
    if constant and isinstance(values, (int, float)):
        return
    if np.shape(values) != a.shape or np.asarray(values).dtype.kind not in "fiu":
        why = (
            f"a number for each; {hint}"
            if values is not None and np.ndim(values) == 0
            else "a number for each"
        )
        raise InputError(
            f"{what} gives {kind_of(values)} for logits of shape {a.shape}: expected {why}"
        )


def saturated(a: Array) -> str:
    """D(x) was formed and has rounded to 0 or 1."""
    at = ", ".join(f"{value:.3g}" for value in np.unique(a)[:4]) or f"±{SURE:.0f}"
    return (
        f"it breaks at sure logits (a = {at}): the logarithm of a saturated D. Stay at the "
        f"logit, "
        "log σ(a) = −softplus(−a), log(1 − σ(a)) = −softplus(a) (E33)"
    )


def mistakes(a: Array, m: int) -> dict[str, Array]:
    """∂V/∂a as a mistake would have it: D's derivative applied once too often, or another
    objective's term.
    """
    would_be, s = {}, sigmoid(a)
    for objective in (OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]):
        for player, t in objective.terms.items():
            gradient = np.broadcast_to(t.dt(a) / m, a.shape)
            term = f"{player} term of {objective.name}"
            would_be[f"σ' is applied twice: the {term} already differentiates through σ"] = (
                gradient * s * (1 - s)
            )
            would_be[f"it is the derivative of another value, the {term}"] = gradient
    return would_be

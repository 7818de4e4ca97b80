"""The terms of an objective at the logits (E33, E34): t' and t'' against the complex step.

A term is a function of one number, so every entry is judged on its own scale, plus the rounding of
terms as large as t near 0: at a = 40 the derivative of tanh is 4e−35, and 1 − tanh² is computed as
0 there, which is correct. A formula with D(x) = σ(a), which rounds to 1 there, gives −∞ for
log(1 − D), and no derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare, skipped
from numgan.check.means.differences import line
from numgan.check.means.methods import best_method
from numgan.check.means.tolerance import rounding
from numgan.check.subjects.calls import call
from numgan.check.subjects.protocol import kind_of
from numgan.check.subjects.watch import changed_names, mixed_values, result_or_none, watch
from numgan.errors import InputError
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES
from numgan.values import Term

LEFT = 64  # units of rounding that may be left of a sum of a few terms
SURE = 40.0  # σ(40) = 1 − 4e−18 rounds to 1 in float64, and σ(17) does in float32


def check_term(term: Term, name: str, a: Array) -> Iterator[Finding]:
    """t' and t'' against the complex step of t and t', entry by entry; float32 stays finite and
    agrees with float64.

    Raises InputError if t or one of its derivatives returns no number for each logit.
    """
    require_elementwise(
        term.t, a, f"t of {name}", "the mean over the batch is the objective's to take"
    )
    require_elementwise(term.dt, a, f"dt of {name}", "a constant is written 1 + 0 * a")
    require_elementwise(
        term.ddt, a, f"ddt of {name}", "a constant is written 1 + 0 * a", constant=True
    )
    regions = {"|a| ≤ 12": abs(a) <= 12, "a ≤ 12": a <= 12, "a ≥ −12": a >= -12}
    unsure = ""
    with np.errstate(all="ignore"):
        for array, f, df in (("t'(a)", term.t, term.dt), ("t''(a)", term.dt, term.ddt)):
            # at larger |a| a formula may break down before E48 and E47 agree
            certain = a[abs(a) <= 12]
            method, obstacle = best_method(line(f, certain, np.ones(certain.shape)))
            if obstacle:
                yield skipped(name, array, "complex step E48", f"{obstacle}; E47 still applies")
            analytic, numeric = (
                np.broadcast_to(df(a), a.shape),
                method.derive(line(f, a, np.ones(a.shape))),
            )

            def explain(da: Array, n: Array, f: Callable = f) -> str:
                broken = ~(np.isfinite(da) & np.isfinite(n) & np.isfinite(f(a)))
                if broken.any():
                    return saturation_cause(a[broken])
                cause = likely_cause(da, n, Context(known_mistakes(a, 1), {}, {}, {}, regions))
                return (
                    saturation_cause(a[abs(a) > 12])
                    if cause.startswith("right where") and "12" in cause
                    else cause
                )

            # an entry with a small derivative may be the rounding of numbers as large as those
            # near 0
            about_0 = np.abs(numeric.value[abs(a) <= 4]).max(initial=0)
            tolerance = method.tolerance(numeric)
            tolerance = tolerance._replace(absolute=tolerance.absolute + LEFT * 2.0**-52 * about_0)
            scale = np.maximum(abs(numeric.value), 1e-300)
            # t itself breaks at sure logits
            if not np.isfinite(numeric.value).all():
                why = explain(np.array(analytic), numeric.value)
                found = claim(
                    name, array, method.name, False, why, "t is not finite at every logit"
                )
            else:
                found = compare(
                    name,
                    array,
                    method.name,
                    analytic,
                    numeric.value,
                    tolerance,
                    scale,
                    about_0,
                    explain,
                )
            yield replace(found, note=unsure) if found.failed and unsure else found
            unsure = (
                "t'' is compared with the derivative of the t' above, which is wrong itself"
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
            lambda v, n: saturation_cause(a[~np.isfinite(v)]),
        )


def require_elementwise(
    f: Callable, a: Array, what: str, hint: str, constant: bool = False
) -> None:
    """Raise InputError unless f returns a number for each logit, or one number if `constant`."""
    logits, elsewhere = a.copy(), mixed_values(a)
    watched = watch(logits=logits, elsewhere=elsewhere)
    values = call(f, (logits,), what)
    result_or_none(lambda: f(elsewhere))
    if changed_names(watched):
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


def saturation_cause(a: Array) -> str:
    """The cause: D(x) was computed and has rounded to 0 or 1."""
    at = ", ".join(f"{value:.3g}" for value in np.unique(a)[:4]) or f"±{SURE:.0f}"
    return (
        f"it breaks at sure logits (a = {at}): the logarithm of a saturated D. Stay at the "
        f"logit, "
        "log σ(a) = −softplus(−a), log(1 − σ(a)) = −softplus(a) (E33)"
    )


def known_mistakes(a: Array, m: int) -> dict[str, Array]:
    """∂V/∂a with a known mistake: the derivative of σ applied once too often, or the term of
    another objective.
    """
    mistakes, s = {}, sigmoid(a)
    for objective in (OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]):
        for player, t in objective.terms.items():
            gradient = np.broadcast_to(t.dt(a) / m, a.shape)
            term = f"{player} term of {objective.name}"
            mistakes[f"σ' is applied twice: the {term} already differentiates through σ"] = (
                gradient * s * (1 - s)
            )
            mistakes[f"it is the derivative of another value, the {term}"] = gradient
    return mistakes

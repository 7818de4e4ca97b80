"""The objectives at the logits (E29, E33, E34): the gradients of V and V_g, and their changes,
against the complex step. terms.py checks the terms.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.finding import Finding, claim, compare
from numgan.check.means.differences import jacobian
from numgan.check.means.methods import EXACTLY, ROUGHLY
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.pairs import mistakes_of_change, mistakes_of_pair
from numgan.check.subjects.protocol import kind_of, require_kind, require_pair, require_real_array
from numgan.check.subjects.terms import SURE, check_term, known_mistakes
from numgan.check.subjects.watch import changed_names, watch
from numgan.errors import InputError
from numgan.values import BaseObjective, Term


def check_objective(
    objective: BaseObjective, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> Report:
    """Its terms, its two gradients with their 1/m, and how the gradients change.

    Raises InputError if it cannot be checked: a part is no Term, raises an exception, or returns no
    number for each logit.

    >>> from numgan import OBJECTIVES
    >>> check_objective(OBJECTIVES["nonsaturating"]).ok
    True
    """
    require_kind(objective, BaseObjective, "an Objective, a Relativistic or a Pairwise")
    name = name or objective.name or "objective"
    with named_errors(f"the objective {name}"):
        return Report(objective_findings(objective, name, batch, seed))


def assert_objective(
    objective: BaseObjective, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the objective passes
    check_objective.

    >>> from numgan import OBJECTIVES
    >>> assert_objective(OBJECTIVES["hinge"])
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_objective(objective, name, batch=batch, seed=seed))


def objective_findings(
    objective: BaseObjective, name: str, batch: int = 5, seed: int = 0
) -> list[Finding]:
    """What check_objective reports."""
    rng = np.random.default_rng(seed)
    a = np.concatenate(
        [rng.standard_normal(6) * 3, [0.53, 3.1, 7.7, SURE, -0.53, -3.1, -7.7, -SURE]]
    )[:, None]
    findings: list[Finding] = []
    for player, term in objective_terms(objective, name).items():
        findings += check_term(term, f"{name}, the term of {player}", a)
    # logits of data and of samples, and how they move
    x, g, Rx, Rg = rng.standard_normal((4, batch, 1))
    watched = watch(logits=(x, g), directions=(Rx, Rg))
    method = ROUGHLY if any(f.verdict == "skipped" for f in findings) else EXACTLY

    da_real, da_fake = require_pair(
        objective.gradient(x, g), f"gradient of {name}", "(∂V/∂a(x), ∂V/∂a(G(z)))"
    )
    da_g = require_real_array(
        objective.generator_gradient(g, x), f"generator_gradient of {name}", "∂V_g/∂a(G(z))"
    )
    gradients = {
        "∂V/∂a(x)": (da_real, lambda a: objective.value(a, g), x),
        "∂V/∂a(G(z))": (da_fake, lambda a: objective.value(x, a), g),
        "∂V_g/∂a(G(z))": (da_g, lambda a: objective.generator_value(a, x), g),
    }
    # a sum over the batch that cancels is 0 up to the rounding of its terms, which are about as
    # large as the largest gradient, and for R{·} as that times the largest step of a logit
    whole = max(float(np.abs(da).max(initial=0)) for da, *_ in gradients.values())
    step = float(np.abs([Rx, Rg]).max())
    of_pair = *mistakes_of_pair(objective.V_d, x, g), mistakes_of_pair(objective.V_g, x, g)[1]
    for (array, (analytic, value, at)), known in zip(gradients.items(), of_pair, strict=True):

        def explain(da: Array, n: Array, at: Array = at, known: dict = known) -> str:
            sizes = {"the batch m": batch, "2m": 2 * batch}
            return likely_cause(da, n, Context(known | known_mistakes(at, batch), {}, {}, sizes))

        numeric = jacobian(value, at, method.derive)
        findings.append(
            compare(
                name,
                array,
                method.name,
                analytic,
                numeric.value,
                method.tolerance(numeric),
                whole=whole,
                explain=explain,
            )
        )

    Rda = require_pair(
        objective.rgradient(x, g, Rx, Rg), f"rgradient of {name}", "R{gradient}, two arrays"
    )
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
        analytic, numeric = np.broadcast_to(analytic, x.shape), method.derive(along)

        def explain_change(Rda: Array, n: Array, known: dict = known) -> str:
            return likely_cause(Rda, n, Context(known, {}, {}, {"the batch m": batch}))

        findings.append(
            compare(
                name,
                array,
                "R-pass, " + method.name,
                analytic,
                numeric.value,
                method.tolerance(numeric),
                whole=whole * step,
                explain=explain_change,
            )
        )
    found = changed_names(watched)
    why = f"its gradient or its change writes to the {', '.join(found)} in place"
    return [*findings, claim(name, "logits", "unchanged", not found, why)]


def objective_terms(objective: BaseObjective, name: str) -> dict[str, Term]:
    """The terms of an objective by name. Raises InputError for anything that is no Term."""
    parts = objective.terms
    for player, term in parts.items():
        require_kind(term, Term, f"a Term(t, dt, ddt) as the term of {player} of {name}")
        for which in ("t", "dt", "ddt"):
            if not callable(getattr(term, which)):
                raise InputError(
                    f"{which} of the term of {player} of {name} is "
                    f"{kind_of(getattr(term, which))}: "
                    "expected a function of the logits"
                )
    return parts

"""A layer's gradients against the complex step of its own forward pass, and its behavior.

With J = ∂y/∂x from the forward pass alone (E48), the backward pass must return dx_i = Σ_j J_ij
dy_j, and likewise for the gradient of every parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.constants import constants_of
from numgan.check.diagnosis.context import Context, hyperparameters
from numgan.check.diagnosis.variants import variants
from numgan.check.finding import Finding, claim, compare, skipped
from numgan.check.means.differences import Estimate, jacobian, roughly
from numgan.check.means.kinks import why_not_complex
from numgan.check.means.tolerance import estimated, reaching, rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.behavior import behavior_findings, changes_nothing
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.layer_mistakes import mistakes_of_P, mistakes_of_x
from numgan.check.subjects.protocol import require_layer
from numgan.check.subjects.rpasses import r_passes
from numgan.check.subjects.slopes import slope_along
from numgan.check.subjects.trial import Trial, draw_trial, moved_parameters, name_of
from numgan.errors import InputError

MOST = 20_000_000  # numbers in all Jacobians of a layer together: 160 megabytes


def check_layer(
    layer: Any, shape: tuple[int, ...], name: str | None = None, *, seed: int = 0
) -> Report:
    """Everything about a layer, on a batch of the given shape (N, …): E47 to E50, R-passes,
    behavior.

    The layer follows the protocol of numgan.layers.Layer. forward and backward are required; a
    layer with parameters also needs `parameters` and `gradient`; R-passes are checked if it has
    them. Raises InputError if the layer cannot be checked: it raises an exception, or returns
    something of the wrong form.

    >>> from numgan import Dense
    >>> check_layer(Dense(3, 2), (4, 3)).ok
    True
    """
    name = name or name_of(layer)
    with named_errors(f"{name} with input of shape {shape}"):
        require_layer(layer, shape, name)
        return Report(layer_findings(layer, shape, name, seed=seed))


def assert_layer(
    layer: Any, shape: tuple[int, ...], name: str | None = None, *, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the layer passes check_layer.

    >>> from numgan import Dense
    >>> assert_layer(Dense(3, 2), (4, 3))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_layer(layer, shape, name, seed=seed))


def layer_findings(
    layer: Any, shape: tuple[int, ...], name: str, *, seed: int = 0
) -> list[Finding]:
    """What check_layer reports.

    If a layer changes its input, or its forward pass returns something else each time, nothing more
    is checked: there is no function to differentiate.
    """
    trial = draw_trial(layer, shape, seed, name)
    findings = list(changes_nothing(trial, name))
    if any(f.failed and ("forward" in f.method or "unchanged" in f.method) for f in findings):
        return findings
    possible(trial, name)
    obstacle = why_not_complex(
        lambda e: trial.forward(moved_parameters(trial.P, e, trial.RP), trial.x + e * trial.Rx)[0]
    )
    if obstacle:
        findings.append(
            skipped(name, "y", "complex step E48", f"{obstacle}; E47, E49 and E50 still apply")
        )
        trial = replace(trial, derive=roughly)
    findings += first_order(trial, name)
    if len(trial.gradients()) != 1 + len(trial.names):
        return findings  # no array can be matched with its parameter
    return [
        *findings,
        *along_a_line(trial, name),
        *r_passes(trial, name),
        *behavior_findings(trial, name),
    ]


def possible(trial: Trial, name: str) -> None:
    """Raise InputError if the Jacobians are too large to compute every entry of them."""
    y = trial.forward(trial.P, trial.x)[0]
    entries = trial.x.size + sum(
        p.size for n, p in zip(trial.names, trial.P, strict=True) if n not in trial.fixed
    )
    if entries * y.size > MOST:
        sizes = f"{entries} entries of x and P and {y.size} of y"
        raise InputError(
            f"{name} has {sizes}, too many for their Jacobian: check a smaller one of its kind"
        )


def first_order(trial: Trial, name: str) -> Iterator[Finding]:
    """dx and every dP against the contraction of J with dy, each on the scale of the terms of its
    sum, max_i Σ_j |J_ij dy_j|.
    """
    analytic, nearby = trial.gradients(), [near.gradients() for near in trial.nearby(2.0**-52)]
    returned, names = len(analytic) - 1, ", ".join(trial.names) or "(none)"
    yield claim(
        name,
        "dP",
        "one array for each parameter",
        returned == len(trial.names),
        f"gradient returns {returned} arrays for the parameters {names}",
    )
    J = {variable: jacobian(f, array, trial.derive) for variable, array, f in trial.variables()}
    scales = {v: contract(np.abs(Jv.value), np.abs(trial.dy)).max(initial=0) for v, Jv in J.items()}
    for variable, (value, error) in J.items():
        if "d" + variable not in analytic:
            continue
        numeric = contract(value, trial.dy)
        method, tolerance = "complex step E48", rounding(2.0**-52)
        if trial.derive is roughly:
            error = contract(error, np.abs(trial.dy))
            method, tolerance = (
                "central difference E47",
                estimated(Estimate(numeric, error), 2.0**-52),
            )
        around = [near["d" + variable] for near in nearby]
        tolerance = reaching(tolerance, analytic["d" + variable], around, scales[variable])

        def explain(a: Array, n: Array, variable: str = variable) -> str:
            return likely_cause(a, n, context(trial, variable, J, a))

        yield compare(
            name,
            "d" + variable,
            method,
            analytic["d" + variable],
            numeric,
            tolerance,
            scales[variable],
            max(scales.values()),
            explain,
        )
    for variable in trial.fixed:
        zero = not np.any(analytic.get("d" + variable, 0))
        yield claim(
            name,
            "d" + variable,
            "zero, being fixed",
            zero,
            "what is remembered is no variable of V",
        )


def contract(J: Array, dy: Array) -> Array:
    """Σ_j J_ij dy_j over all the axes of dy."""
    return np.tensordot(J, dy, dy.ndim)


def along_a_line(trial: Trial, name: str) -> list[Finding]:
    """V(ε) = ⟨dy, y(x + εRx, P + εRP)⟩ has the slope ⟨dx, Rx⟩ + Σ ⟨dP, RP⟩."""
    directions = (trial.Rx, *trial.RP)
    products = [
        d * R
        for d, R in zip(trial.gradients().values(), directions, strict=False)
        if np.shape(d) == R.shape
    ]

    def V(e: Any) -> Array:
        return (
            trial.dy
            * trial.forward(moved_parameters(trial.P, e, trial.RP), trial.x + e * trial.Rx)[0]
        ).sum()

    return slope_along(
        name,
        "dx, dP",
        V,
        float(sum(p.sum() for p in products)),
        float(sum(abs(p).sum() for p in products)),
    )


def is_diagonal(J: Array, size: int) -> bool:
    """True if each entry of y depends on the same entry of x alone."""
    square = J.reshape(size, -1)
    return not np.any(square - np.diag(np.diag(square)))


# ── what the usual mistakes would give ────────────────────────────────────────────────────────────


def context(trial: Trial, variable: str, J: dict[str, Estimate], a: Array) -> Context:
    """What is known about d(variable), of which the layer says a."""
    x, y, N = trial.x, trial.forward(trial.P, trial.x)[0], len(trial.dy)
    sizes = {"the batch N": N, "the features of x": x.shape[-1], "the features of y": y.shape[-1]}
    if y.ndim > 2:
        pixels = int(np.prod(y.shape[1:-1]))
        sizes |= {"the pixels of y": pixels, "N times the pixels of y": N * pixels}
        sizes["the pixels of x for each of y"] = max(1, int(np.prod(x.shape[1:-1])) // pixels)
    f, array = next((f, array) for name, array, f in trial.variables() if name == variable)
    known = (
        context_of_x(trial, y, J["x"].value, sizes, a)
        if variable == "x"
        else context_of_P(trial, variable, J, sizes)
    )
    passes = [getattr(trial.layer, each, None) for each in ("forward", "backward", "gradient")]
    factors, _ = constants_of([each for each in passes if each is not None])
    return replace(
        known,
        factors=hyperparameters(trial.layer) | factors,
        function=lambda moved: (trial.dy * f(moved)).sum(),
        point=array,
    )


def context_of_P(
    trial: Trial, variable: str, J: dict[str, Estimate], sizes: dict[str, int]
) -> Context:
    """A parameter's gradient is a sum over samples: these are its terms."""
    dy, N = trial.dy, len(trial.dy)

    def sample(n: int) -> Array:
        only_n = np.where(np.arange(N) == n, 1.0, 0.0).reshape(N, *[1] * (dy.ndim - 1))
        return contract(J[variable].value, only_n * dy)

    i = trial.names.index(variable)
    mistakes: dict[str, Any] = mistakes_of_P(trial, i)
    if N > 1:
        mistakes |= {
            "only the last sample's is kept: each sample overwrites it, no sum is taken": sample(
                N - 1
            ),
            "only the first sample's is there: the sum over the batch is missing": sample(0),
        }
    for other, Jo in J.items():
        if other != variable and Jo.value.shape == J[variable].value.shape:
            mistakes[f"it is d{other}: the order of the parameters is mixed up"] = contract(
                Jo.value, dy
            )
    terms = {f"that of sample {n}": sample(n) for n in range(N)} if N > 1 else {}
    # with dy = 0 there is no V, so its gradient is 0
    without = trial.gradient(trial.P, trial.forward(trial.P, trial.x)[1], 0 * dy)[i]
    not_in_value = {variable} if np.any(without) else set()
    return Context(mistakes, terms, {variable: trial.P[i]}, sizes, not_in_value=not_in_value)


def context_of_x(trial: Trial, y: Array, J: Array, sizes: dict[str, int], a: Array) -> Context:
    """Variants of dx: the derivative at another point, applied twice, or the product in the other
    order.
    """
    x, dy = trial.x, trial.dy
    more, terms = mistakes_of_x(trial, y, a)
    mistakes: dict[str, Any] = {}
    unrelated = {"x": x, "dy": dy, "y": y}
    regions = {"x > 0": x > 0, "x ≤ 0": x <= 0, "|x| < 1": abs(x) < 1, "|x| ≥ 1": abs(x) >= 1}
    if y.shape == x.shape:

        def derivative_at(point: Array, P: Any = trial.P) -> Array:
            return contract(
                jacobian(next(replace(trial, P=P).variables())[2], point, trial.derive).value, dy
            )

        regions |= {"dy > 0": dy > 0, "dy ≤ 0": dy <= 0}
        mistakes |= variants(x, y, dy, lambda: J, derivative_at, is_diagonal(J, x.size)) | {
            "the kernel is read backwards": lambda: derivative_at(
                x, tuple(p[::-1, ::-1] if p.ndim == 4 else p for p in trial.P)
            )
        }
        unrelated |= {
            "x n(x) dy, n the normal density": x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * dy,
            "x y dy": x * y * dy,
            "x dy": x * dy,
            "y dy": y * dy,
        }
    return Context(mistakes | more, terms, unrelated, sizes, regions, x)

"""The gradient penalties (E46): the points of the slope, its price, and the one R-pass that
differentiates it.

R is compared with its definition, with the slope of each sample by the complex step in x, so that
no backward pass has a part in it; ∂R/∂θ is compared with the complex step of R. D has a
convolution, for norms over a whole image, and tanh, which has a φ″ where a ReLU has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context, hyperparameters
from numgan.check.finding import Finding, claim, compare, skipped
from numgan.check.means.differences import Estimate, jacobian, line
from numgan.check.means.methods import best_method
from numgan.check.means.tolerance import rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import call, named_errors
from numgan.check.subjects.networks import places, random_theta
from numgan.check.subjects.penalty_points import (
    Draws,
    check_points,
    output_gradients,
    with_slopes_around_1,
)
from numgan.check.subjects.protocol import accepts, kind_of, require_kind, require_real_array
from numgan.check.subjects.watch import changed_names, mixed_values, result_or_none, same, watch
from numgan.errors import InputError
from numgan.layers import Convolution, Dense, Flatten, Tanh
from numgan.network import Network
from numgan.penalties import Penalty, Price, at_data

D = Network([Convolution(2, 3, 2), Tanh(), Flatten(), Dense(6, 4), Tanh(), Dense(4, 1)], (3, 2, 2))
EXACT = rounding(2.0**-52)
OVER_BATCH = "the norm is over the batch, not over each sample's own numbers"
AT_ONCE = "the norm is over the whole batch at once"


def check_penalty(
    penalty: Penalty, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> Report:
    """Its points, its price h, its value and its gradient, on a small network.

    Raises InputError if it cannot be checked: its points or its price raise an exception, or are no
    numbers.

    >>> from numgan import PENALTIES
    >>> check_penalty(PENALTIES["r1"]).ok
    True
    """
    require_kind(penalty, Penalty, "a Penalty")
    name = name or penalty.name or "penalty"
    with named_errors(f"the penalty {name}"):
        well_formed(penalty, name, batch, seed)
        return Report(penalty_findings(penalty, name, batch, seed))


def assert_penalty(
    penalty: Penalty, name: str | None = None, *, batch: int = 5, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the penalty passes
    check_penalty.

    >>> from numgan import PENALTIES
    >>> assert_penalty(PENALTIES["wgan-lp"])
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_penalty(penalty, name, batch=batch, seed=seed))


def well_formed(penalty: Penalty, name: str, batch: int, seed: int) -> None:
    """Raise InputError unless points are an array, the same for the same generator, and h and h'
    numbers for each s.
    """
    if not callable(penalty.points) or not accepts(penalty.points, 3):
        raise InputError(
            f"points of {name} is {kind_of(penalty.points)} that does not take (x, samples, rng)"
        )
    require_kind(penalty.price, Price, f"Price(h, dh) as the price of {name}")
    if (
        isinstance(penalty.weight, (bool, str))
        or not np.isreal(penalty.weight)
        or np.ndim(penalty.weight)
    ):
        raise InputError(f"the weight of {name} is {kind_of(penalty.weight)}: expected a number")
    for which, f in (("h", penalty.price.h), ("dh", penalty.price.dh)):
        s = np.array([[0.04], [0.7], [2.3], [9.0]])
        watched = watch(s=s)
        values = call(f, (s,), f"{which} of {name}")
        if changed_names(watched):
            raise InputError(f"{which} of {name} changes s in place")
        constant = which == "dh" and isinstance(values, (int, float))
        if not constant and (
            np.shape(values) != s.shape or np.asarray(values).dtype.kind not in "fi"
        ):
            got = kind_of(values)
            raise InputError(
                f"{which} of {name} gives {got} for s of shape {s.shape}: expected a "
                f"number for each"
            )
    x, samples = np.random.default_rng(seed).standard_normal((2, batch, *D.input_shape))
    inputs, elsewhere = (x.copy(), samples.copy()), (mixed_values(x, 1), mixed_values(samples, 2))
    watched = watch(inputs=inputs, elsewhere=elsewhere)
    first, second = (
        call(penalty.points, (*inputs, np.random.default_rng(seed)), f"points of {name}")
        for _ in range(2)
    )
    result_or_none(lambda: penalty.points(*elsewhere, np.random.default_rng(seed)))
    if changed_names(watched):
        raise InputError(f"points of {name} changes the data or the samples in place")
    require_real_array(first, f"what points of {name} returns", "the points")
    if not same(first, second):
        raise InputError(
            f"points of {name} gives others for the same generator: expected all of "
            f"its draws from rng"
        )


def penalty_findings(penalty: Penalty, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """What check_penalty reports."""
    rng, m = np.random.default_rng(seed), batch
    theta, (x, samples) = random_theta(D, rng), rng.standard_normal((2, m, *D.input_shape))

    def draws() -> np.random.Generator:
        """The same random numbers each time."""
        return np.random.default_rng(seed)

    findings_on_points = [
        *changes_nothing(penalty, name, theta, x, samples, draws),
        *check_points(penalty, D, name, draws),
    ]
    if any(f.failed and f.parameter == "points" for f in findings_on_points):
        return findings_on_points
    points = penalty.points(x.copy(), samples.copy(), draws())
    theta = with_slopes_around_1(D, theta, points)
    g = output_gradients(D, theta, points)
    h, s = penalty.price.h, (g * g).sum(1)
    norms = {
        OVER_BATCH: penalty.weight * h((g * g).sum(0)).mean(),
        AT_ONCE: penalty.weight * h((g * g).sum()),
    }
    factors = hyperparameters(penalty)
    value = compare(
        name,
        "R",
        "definition, complex step E48",
        penalty.value(D, theta, x, samples, draws()),
        penalty.weight * h(s).mean(),
        EXACT,
        explain=lambda R, n: likely_cause(
            R, n, Context(norms, sizes={"the batch m": m}, factors=factors)
        ),
    )
    at = np.array([0.04, 0.7, 2.3, 9.0])
    method, obstacle = best_method(line(h, at, np.ones(4)))
    dh = method.derive(line(h, at, np.ones(4)))
    price = compare(
        name,
        "h'(s)",
        method.name,
        penalty.price.dh(at) + 0 * at,
        dh.value,
        method.tolerance(dh),
        explain=lambda a, n: likely_cause(
            a, n, Context(factors=factors, function=lambda s: h(s).sum(), point=at)
        ),
    )
    if obstacle:
        findings_on_points.append(
            skipped(name, "h'(s), dθ", "complex step E48", f"{obstacle}; E47 still applies")
        )

    dtheta = penalty.gradient(D, theta, x, samples, draws())
    right = jacobian(
        lambda theta: penalty.value(D, theta, x, samples, draws()), theta, method.derive
    )
    exact = right.value

    mistakes: dict[str, Array] = {}  # computed with the first array that is wrong

    findings = [*findings_on_points, price, value]
    unsure = "h'(s), which it is made of, is wrong itself" if price.failed else ""
    for parameter, place, shape in places(D):

        def explain(a: Array, n: Array, parameter=parameter, place=place, shape=shape) -> str:
            mistakes.update({} if mistakes else known_mistakes(penalty, theta, x, points, draws))
            known = {what: array[place].reshape(shape) for what, array in mistakes.items()}
            return likely_cause(
                a,
                n,
                Context(
                    known,
                    {},
                    {parameter: theta[place].reshape(shape)},
                    {"the batch m": m},
                    factors=factors,
                ),
            )

        tolerance = method.tolerance(
            Estimate(exact[place].reshape(shape), right.error[place].reshape(shape))
        )
        found = compare(
            name,
            f"d{parameter}",
            method.name,
            dtheta[place].reshape(shape),
            exact[place].reshape(shape),
            tolerance,
            None,
            np.abs(exact).max(),
            explain,
        )
        findings.append(replace(found, note=unsure) if found.failed else found)
    return findings


def changes_nothing(
    penalty: Penalty, name: str, theta: Array, x: Array, samples: Array, draws: Draws
) -> Iterator[Finding]:
    """Neither the value nor the gradient changes θ, the data or the samples."""
    for called in ("value", "gradient"):
        at = theta.copy(), x.copy(), samples.copy()
        elsewhere = mixed_values(theta, 3), mixed_values(x, 1), mixed_values(samples, 2)
        watched = [
            *watch(θ=(at[0], elsewhere[0])),
            *watch(x=(at[1], elsewhere[1])),
            *watch(samples=(at[2], elsewhere[2])),
        ]
        getattr(penalty, called)(D, *at, draws())
        result_or_none(partial(getattr(penalty, called), D, *elsewhere, draws()))
        found = changed_names(watched)
        why = f"{called} changes {', '.join(found)} in place"
        yield claim(name, "θ, x, samples", f"unchanged by {called}", not found, why)


def known_mistakes(
    penalty: Penalty, theta: Array, x: Array, points: Array, draws: Draws
) -> dict[str, Array]:
    """∂R/∂θ with a mistake in E46; all but one of them are another u."""
    a, tape = D.forward(theta, points)
    one, dh = 1 + 0 * a, penalty.price.dh
    g = D.backward(theta, tape, one)
    s, of_batch = (
        (g * g).sum(axis=tuple(range(1, g.ndim)), keepdims=True),
        (g * g).sum(axis=0, keepdims=True),
    )
    factor = 2 * penalty.weight / len(points)

    def along(u: Array) -> Array:
        _, Rtape = D.rforward(theta, tape, None, u)
        return D.rgradient(theta, tape, None, Rtape, one, 0 * one)

    at_the_data = (
        {}
        if np.array_equal(points, x)
        else result_or_none(
            lambda: {
                "the penalty is taken at the data, not at the points": replace(
                    penalty, points=at_data
                ).gradient(D, theta, x, x, draws())
            }
        )
        or {}
    )
    return at_the_data | {
        OVER_BATCH: along(factor * dh(of_batch) * g),
        AT_ONCE: along(factor * dh(s.sum()) * g),
        "the norm is over the last axis alone: one for each pixel, not for each sample": along(
            factor * dh((g * g).sum(-1, keepdims=True)) * g
        ),
        "u = g without h'(‖g‖²): every slope is pulled to 0": along(factor * g),
        "u has (‖g‖ − 1) g where (‖g‖ − 1) g/‖g‖ belongs": along(factor * dh(s) * s**0.5 * g),
        "the term with φ″, by which an output gradient changes as the inputs move, is absent: "
        "right for ReLU alone": without_ddphi(theta, tape, factor * dh(s) * g, one),
    }


def without_ddphi(theta: Array, tape: list, u: Array, dy: Array) -> Array:
    """The R-gradient with Rdy = 0 at every layer."""
    _, Rtape = D.rforward(theta, tape, None, u)
    parts: list[Array] = []
    for layer, P, cache, Rcache in reversed(
        list(zip(D.layers, D.views(theta), tape, Rtape, strict=True))
    ):
        parts = [*layer.rgradient(P, cache, None, Rcache, dy, 0 * dy), *parts]
        dy = layer.backward(P, cache, dy)
    return D.flat(tuple(parts), np.empty(D.size))

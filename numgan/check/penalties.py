"""The gradient penalties (E46): where the slope is taken, what it costs, and the one R-pass that differentiates it.

R is held against its definition, with the slope of each sample by the complex step in x, so that it owes nothing to a
backward pass; ∂R/∂θ against the complex step of R. D has a convolution, for norms over all of an image, and tanh, whose
φ″ a ReLU does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.differences import Estimate, exactly, jacobian, line
from numgan.check.finding import Finding, claim, compare, rounding, skipped
from numgan.check.forms import expected, kind_of, real_array, takes
from numgan.check.games import random_theta
from numgan.check.means import best_means
from numgan.check.networks import places
from numgan.check.point import blamed_on, evaluated
from numgan.check.report import Report, raised
from numgan.errors import InputError
from numgan.layers import Convolution, Dense, Flatten, Tanh
from numgan.network import Network
from numgan.penalties import Penalty, Price, at_data

D = Network([Convolution(2, 3, 2), Tanh(), Flatten(), Dense(6, 4), Tanh(), Dense(4, 1)], (3, 2, 2))
EXACT = rounding(2.0**-52)
OVER_BATCH = "the norm is over the batch, not over each sample's own numbers"
AT_ONCE = "the norm is over the whole batch at once"


def check_penalty(penalty: Penalty, name: str | None = None, *, batch: int = 5, seed: int = 0) -> Report:
    """Its points, its price h, its value and its gradient, on a small network.

    Raises InputError where it cannot be checked: its points or its price raise something, or are no numbers.
    """
    expected(penalty, Penalty, "a Penalty")
    name = name or penalty.name or "penalty"
    with blamed_on(f"the penalty {name}"):
        well_formed(penalty, name, batch, seed)
        return Report(penalty_findings(penalty, name, batch, seed))


def assert_penalty(penalty: Penalty, name: str | None = None, *, batch: int = 5, seed: int = 0) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the penalty passes all of check_penalty."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    raised(check_penalty(penalty, name, batch=batch, seed=seed))


def well_formed(penalty: Penalty, name: str, batch: int, seed: int) -> None:
    """Raise InputError unless points are an array, the same for the same generator, and h and h' numbers for each s."""
    if not callable(penalty.points) or not takes(penalty.points, 3):
        raise InputError(f"points of {name} is {kind_of(penalty.points)} that does not take (x, samples, rng)")
    expected(penalty.price, Price, f"Price(h, dh) as the price of {name}")
    if isinstance(penalty.weight, (bool, str)) or not np.isreal(penalty.weight) or np.ndim(penalty.weight):
        raise InputError(f"the weight of {name} is {kind_of(penalty.weight)}: expected a number")
    for which, f in (("h", penalty.price.h), ("dh", penalty.price.dh)):
        s = np.array([[0.04], [0.7], [2.3], [9.0]])
        values = evaluated(f, (s,), f"{which} of {name}")
        constant = which == "dh" and isinstance(values, (int, float))
        if not constant and (np.shape(values) != s.shape or np.asarray(values).dtype.kind not in "fi"):
            got = kind_of(values)
            raise InputError(f"{which} of {name} gives {got} for s of shape {s.shape}: expected a number for each")
    x, samples = np.random.default_rng(seed).standard_normal((2, batch, *D.input_shape))
    given = x.copy(), samples.copy()
    first, second = (
        evaluated(penalty.points, (*given, np.random.default_rng(seed)), f"points of {name}") for _ in range(2)
    )
    if not np.array_equal(given, (x, samples)):
        raise InputError(f"points of {name} changes the data or the samples in place")
    real_array(first, f"what points of {name} returns", "the points")
    if not np.array_equal(first, second):
        raise InputError(f"points of {name} gives others for the same generator: expected all of its draws from rng")


def penalty_findings(penalty: Penalty, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """What check_penalty reports."""
    rng, m = np.random.default_rng(seed), batch
    theta, (x, samples) = random_theta(D, rng), rng.standard_normal((2, m, *D.input_shape))

    def draws() -> np.random.Generator:
        """The same random numbers each time."""
        return np.random.default_rng(seed)

    where = list(check_points(penalty, name, draws()))
    if where[0].failed:
        return where
    points = penalty.points(x.copy(), samples.copy(), draws())
    g = jacobian(lambda points: D(theta, points).sum(), points, exactly).value.reshape(m, -1)
    h, s = penalty.price.h, (g * g).sum(1)
    norms = {OVER_BATCH: penalty.weight * h((g * g).sum(0)).mean(), AT_ONCE: penalty.weight * h((g * g).sum())}
    value = compare(name, "R", "definition, complex step E48", penalty.value(D, theta, x, samples, draws()),
                    penalty.weight * h(s).mean(), EXACT,
                    explain=lambda R, n: likely_cause(R, n, Clues(norms, sizes={"the batch m": m})))  # fmt: skip
    at = np.array([0.04, 0.7, 2.3, 9.0])
    means, obstacle = best_means(line(h, at, np.ones(4)))
    dh = means.derive(line(h, at, np.ones(4)))
    price = compare(name, "h'(s)", means.method, penalty.price.dh(at) + 0 * at, dh.value, means.tolerance(dh))
    if obstacle:
        where.append(skipped(name, "h'(s), dθ", "complex step E48", f"{obstacle}; E47 still applies"))

    dtheta = penalty.gradient(D, theta, x, samples, draws())
    right = jacobian(lambda theta: penalty.value(D, theta, x, samples, draws()), theta, means.derive)
    exact = right.value
    would_be = mistakes(penalty, theta, x, points)

    findings = [*where, price, value]
    unsure = "h'(s), which it is made of, is wrong itself" if price.failed else ""
    for parameter, place, shape in places(D):

        def explain(a: Array, n: Array, place=place, shape=shape) -> str:
            known = {what: array[place].reshape(shape) for what, array in would_be.items()}
            return likely_cause(a, n, Clues(known, sizes={"the batch m": m}))

        tolerance = means.tolerance(Estimate(exact[place].reshape(shape), right.error[place].reshape(shape)))
        found = compare(name, f"d{parameter}", means.method, dtheta[place].reshape(shape),
                        exact[place].reshape(shape), tolerance, None, np.abs(exact).max(), explain)  # fmt: skip
        findings.append(replace(found, note=unsure) if found.failed else found)
    return findings


def check_points(penalty: Penalty, name: str, rng) -> Iterator[Finding]:
    """Data of 1s, samples of 0s: a point between them is its ε, one number for each pair."""
    ones = np.ones((5, *D.input_shape))
    points = penalty.points(ones, 0 * ones, rng)
    shape = points.shape
    yield claim(name, "points", "one for each of the data", shape == ones.shape, f"their shape is {shape}")
    if shape != ones.shape:
        return
    epsilon = points.reshape(5, -1)
    if np.isin(epsilon, (0, 1)).all():
        return  # at the data, or at the samples
    for what, holds, why in (
        ("one for all of a sample", np.all(epsilon == epsilon[:, :1]),
         "each number of a sample has an ε of its own: the point is not on the way from data to sample"),
        ("another for each pair", len(np.unique(epsilon[:, 0])) == 5,
         "one ε is drawn for the whole batch: its points are all at the same share of the way"),
        ("in [0, 1]", np.all((epsilon >= 0) & (epsilon <= 1)), "the point is not between data and sample"),
    ):  # fmt: skip
        yield claim(name, "ε", what, bool(holds), why)


def mistakes(penalty: Penalty, theta: Array, x: Array, points: Array) -> dict[str, Array]:
    """∂R/∂θ as it would be with a mistake in E46; all but one of them are another u."""
    a, tape = D.forward(theta, points)
    one, dh = 1 + 0 * a, penalty.price.dh
    g = D.backward(theta, tape, one)
    s, of_batch = (g * g).sum(axis=tuple(range(1, g.ndim)), keepdims=True), (g * g).sum(axis=0, keepdims=True)
    factor = 2 * penalty.weight / len(points)

    def along(u: Array) -> Array:
        _, Rtape = D.rforward(theta, tape, None, u)
        return D.rgradient(theta, tape, None, Rtape, one, 0 * one)

    return {
        OVER_BATCH: along(factor * dh(of_batch) * g),
        AT_ONCE: along(factor * dh(s.sum()) * g),
        "the norm is over the last axis alone: one for each pixel, not for each sample":
            along(factor * dh((g * g).sum(-1, keepdims=True)) * g),
        "u = g without h'(‖g‖²): every slope is pulled to 0": along(factor * g),
        "u has (‖g‖ − 1) g where (‖g‖ − 1) g/‖g‖ belongs": along(factor * dh(s) * s**0.5 * g),
        **({} if np.array_equal(points, x) else {"the penalty is taken at the data, not at the points":
            replace(penalty, points=at_data).gradient(D, theta, x, x)}),
        "the term with φ″, by which an output gradient changes as the inputs move, is absent: right for ReLU alone":
            without_ddphi(theta, tape, factor * dh(s) * g, one),
    }  # fmt: skip


def without_ddphi(theta: Array, tape: list, u: Array, dy: Array) -> Array:
    """The R-gradient with Rdy = 0 at every layer."""
    _, Rtape = D.rforward(theta, tape, None, u)
    parts: list[Array] = []
    for layer, P, cache, Rcache in reversed(list(zip(D.layers, D.views(theta), tape, Rtape, strict=True))):
        parts = [*layer.rgradient(P, cache, None, Rcache, dy, 0 * dy), *parts]
        dy = layer.backward(P, cache, dy)
    return D.flat(tuple(parts), np.empty(D.size))

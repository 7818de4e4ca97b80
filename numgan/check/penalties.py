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
from numgan.check.differences import complex_step, exactly, jacobian, line
from numgan.check.finding import Finding, claim, compare, rounding
from numgan.check.games import random_theta
from numgan.check.networks import places
from numgan.layers import Convolution, Dense, Flatten, Tanh
from numgan.network import Network
from numgan.penalties import Penalty, at_data

D = Network([Convolution(2, 3, 2), Tanh(), Flatten(), Dense(6, 4), Tanh(), Dense(4, 1)], (3, 2, 2))
EXACT = rounding(2.0**-52)
OVER_BATCH = "the norm is over the batch, not over each sample's own numbers"
AT_ONCE = "the norm is over the whole batch at once"


def check_penalty(penalty: Penalty, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """Its points, its price h, its value and its gradient, on a small network."""
    rng, m = np.random.default_rng(seed), batch
    theta, (x, samples) = random_theta(D, rng), rng.standard_normal((2, m, *D.input_shape))

    def draws() -> np.random.Generator:
        """The same random numbers each time."""
        return np.random.default_rng(seed)

    points = penalty.points(x, samples, draws())
    g = jacobian(lambda points: D(theta, points).sum(), points, exactly).value.reshape(m, -1)
    h, s = penalty.price.h, (g * g).sum(1)
    norms = {OVER_BATCH: penalty.weight * h((g * g).sum(0)).mean(), AT_ONCE: penalty.weight * h((g * g).sum())}
    value = compare(name, "R", "definition, complex step E48", penalty.value(D, theta, x, samples, draws()),
                    penalty.weight * h(s).mean(), EXACT,
                    explain=lambda R, n: likely_cause(R, n, Clues(norms, sizes={"the batch m": m})))  # fmt: skip
    at = np.array([0.04, 0.7, 2.3, 9.0])
    price = compare(name, "h'(s)", "complex step E48", penalty.price.dh(at),
                    complex_step(line(h, at, np.ones(4))), EXACT)  # fmt: skip

    dtheta = penalty.gradient(D, theta, x, samples, draws())
    exact = jacobian(lambda theta: penalty.value(D, theta, x, samples, draws()), theta, exactly).value
    would_be = mistakes(penalty, theta, x, points)

    findings = [*check_points(penalty, name, draws()), price, value]
    for parameter, place, shape in places(D):

        def explain(a: Array, n: Array, place=place, shape=shape) -> str:
            known = {what: array[place].reshape(shape) for what, array in would_be.items()}
            return likely_cause(a, n, Clues(known, sizes={"the batch m": m}))

        findings.append(compare(name, f"d{parameter}", "complex step E48", dtheta[place].reshape(shape),
                                exact[place].reshape(shape), EXACT, None, np.abs(exact).max(), explain))  # fmt: skip
    return findings


def check_points(penalty: Penalty, name: str, rng) -> Iterator[Finding]:
    """Data of 1s, samples of 0s: a point between them is its ε, one number for each pair."""
    ones = np.ones((5, *D.input_shape))
    points = penalty.points(ones, 0 * ones, rng)
    shape = points.shape
    yield claim(name, "points", "one for each of the data", shape == ones.shape, f"their shape is {shape}")
    epsilon = points.reshape(5, -1)
    if shape != ones.shape or np.isin(epsilon, (0, 1)).all():
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
        "the penalty is taken at the data, not at the points":
            replace(penalty, points=at_data).gradient(D, theta, x, x),
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

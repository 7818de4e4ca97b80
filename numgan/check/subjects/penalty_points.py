"""Where a penalty takes the slope: between data and samples, with a draw for each pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.finding import Finding, claim
from numgan.check.means.differences import exactly, jacobian
from numgan.check.subjects.networks import places
from numgan.check.subjects.watch import same
from numgan.network import Network
from numgan.penalties import Penalty

Draws = Callable[[], Any]  # gives a generator that draws the same each time


def check_points(penalty: Penalty, network: Network, name: str, draws: Draws) -> Iterator[Finding]:
    """Points that depend on data and on samples are ε x + (1 − ε) x̃ with one ε in [0, 1] for each
    pair.

    Data and samples differ from 0, from 1 and from each other, so that no term vanishes and no
    factor hides. Moving all data, or all samples, by 1 with the same draws gives the weights.
    """
    rng = np.random.default_rng(5)
    x, samples = (
        2.3 + rng.random((5, *network.input_shape)),
        -1.7 - rng.random((5, *network.input_shape)),
    )

    def at(x: Array, samples: Array) -> Array:
        return penalty.points(x.copy(), samples.copy(), draws())

    points = at(x, samples)
    yield claim(
        name,
        "points",
        "one for each of the data",
        points.shape == x.shape,
        f"their shape is {points.shape}",
    )
    if points.shape != x.shape:
        return
    of_data, of_samples = (
        (at(x + 1, samples) - points).reshape(5, -1),
        (at(x, samples + 1) - points).reshape(5, -1),
    )
    if not (of_data.any() and of_samples.any()):
        return  # at the data or around them, or at the samples or around them
    other_draws = (np.random.default_rng([7, n]) for n in range(2))
    # no ε is drawn
    fixed = all(same(penalty.points(x.copy(), samples.copy(), rng), points) for rng in other_draws)
    epsilon, total = of_data[:, :1], float(np.median(of_data + of_samples))
    way = of_data * x.reshape(5, -1) + (1 - of_data) * samples.reshape(5, -1)
    for what, holds, why in (
        (
            "one for all of a sample",
            np.allclose(of_data, epsilon, rtol=1e-9),
            "each number of a sample has an ε of its own: the point is not on the way from data to "
            "sample",
        ),
        (
            "another for each pair",
            fixed or len(np.unique(epsilon.round(9))) == 5,
            "one ε is drawn for the whole batch: its points are all at the same share of the way",
        ),
        (
            "in [0, 1]",
            np.all((of_data >= -1e-9) & (of_data <= 1 + 1e-9)),
            "the point is not between data and sample",
        ),
        (
            "ε and 1 − ε",
            np.allclose(of_data + of_samples, 1, rtol=1e-9),
            f"the weights of data and sample sum to {total:.3g}, not to 1: the point is ε x + (1 − "
            f"ε) "
            f"x̃",
        ),
        (
            "on the way",
            np.allclose(points.reshape(5, -1), way, rtol=1e-9),
            "the point is not ε x + (1 − ε) x̃ with the ε by which it follows x",
        ),
    ):
        yield claim(name, "ε", what, bool(holds), why)


def output_gradients(network: Network, theta: Array, points: Array) -> Array:
    """∇ₓa at each point by E48, one row for each, (m, numbers of a point)."""
    J = jacobian(lambda points: network(theta, points).sum(), points, exactly).value
    return J.reshape(len(points), -1)


def with_slopes_around_1(network: Network, theta: Array, points: Array) -> Array:
    """θ with the weights of the last layer scaled so that half of the slopes ‖∇ₓa‖ lie above 1.

    A price that is flat on one side of 1, as max(0, ‖g‖ − 1)², has no gradient there, and a wrong
    one would pass. It is linear in these weights, so the slopes scale with them.
    """
    slopes = np.sort(np.sqrt((output_gradients(network, theta, points) ** 2).sum(1)))
    middle = len(slopes) // 2
    *_, (_, place, _), _ = places(network)  # W of the last layer; its b moves no slope
    scaled = theta.copy()
    scaled[place] /= np.sqrt(slopes[middle - 1] * slopes[middle]) if middle else slopes[0] / 2
    return scaled

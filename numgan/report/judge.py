"""D's view of the data: its belief over the line or the plane, and the direction in which its
gradient moves the samples (E35).

D plays against the current G, not against its average, so the samples here are those of θ_g.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.game import Game
from numgan.layers.functions import sigmoid
from numgan.report.drawing import FAKE, INK, LEVEL, REAL
from numgan.report.film import DATA, window
from numgan.run.run import Run
from numgan.study.plots import figure
from numgan.theory.discriminator import pointwise_best

BINS = 80
LEAST = 100  # data and samples in a bin whose ratio is drawn, at least


def push(game: Game, theta_d: Array, samples: Array, x: Array = None) -> Array:
    """−∂Ṽ_g/∂x̃ at samples x̃, (N, *D.input_shape): the direction in which descent would move each
    sample on its own.

    This is the vector of E35 with the sign of E32. G can follow it only approximately, because one
    θ_g moves all samples together. Only a relativistic objective needs data x.
    """
    a_fake, tape = game.D.forward(theta_d, samples)
    a_real = game.D(theta_d, x) if game.objective.relative else None
    da = game.objective.generator_gradient(a_fake, a_real)
    return -game.D.backward(theta_d, tape, da)  # E35    −∇_x̃ Ṽ_g


def judgement(run: Run, x: Array) -> tuple[np.ndarray, str]:
    """D's output for x (N, dim) in evaluation mode, and its name: D(x) = σ(a(x)), or a(x) in a game
    without probabilities.
    """
    D, theta_d = run.training.game.D.evaluation(), run.training.theta_d
    a = D.each(theta_d, x.astype(theta_d.dtype))[:, 0].astype("float64")
    return (sigmoid(a), "D(x)") if run.training.game.objective.logistic else (a, "logit a(x)")


def generated(run: Run, n: int) -> Array:
    """n samples of the current G, with θ_g."""
    return run.training.game.G.evaluation().each(run.training.theta_g, run.latents(n, part=1))


def landscape(run: Run, arrows: int = 200, points: int = 121):
    """D over the plane of the data, with samples and the push on each."""
    from matplotlib.colors import LinearSegmentedColormap

    training, data = run.training, run.data.peek(DATA)
    (left, right), (low, high) = window(data)
    x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(low, high, points))
    values, name = judgement(run, np.stack([x.ravel(), y.ravel()], axis=1))
    D, samples = values.reshape(x.shape), generated(run, 1000)
    game = Game(training.game.G, training.game.D.evaluation(), training.game.objective)
    start = samples[:arrows]
    if game.objective.paired:  # one datum for each sample
        data = np.resize(data, start.shape)
    way = shorten(push(game, training.theta_d, start, data), 0.08 * (right - left))

    drawing = figure(5.4, 4.6)
    drawing.set_layout_engine("compressed")
    plane = drawing.subplots()
    colours = LinearSegmentedColormap.from_list("belief", [FAKE, "#f6f3ee", REAL])
    field = plane.contourf(x, y, D, np.linspace(0, 1, 21) if name == "D(x)" else 21, cmap=colours)
    field.set_rasterized(True)  # the only way in matplotlib 3.8
    bar = drawing.colorbar(field, label=name)
    if name == "D(x)":
        bar.set_ticks([0, 0.25, 0.5, 0.75, 1])
        bar.ax.axhline(0.5, color="black", linewidth=1.1)
        if D.min() < 0.5 < D.max():
            plane.contour(x, y, D, [0.5], colors="black", linewidths=1.1)
    plane.plot(*samples.T, ".", color="black", markersize=2.2, markeredgewidth=0, alpha=0.6)
    plane.quiver(
        *start.T, *way.T, angles="xy", scale_units="xy", scale=1, width=0.0025, color="black"
    )
    plane.set(xlim=(left, right), ylim=(low, high), xlabel="x₁", ylabel="x₂", aspect="equal")
    return drawing


def shorten(vectors: Array, reach: float) -> np.ndarray:
    """Vectors scaled by one factor, so that 19 of 20 are shorter than `reach`; the others are cut
    to it.
    """
    vectors = vectors.astype("float64")
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    longest = np.quantile(norms, 0.95)
    return vectors * reach / np.maximum(norms, longest) if longest > 0 else vectors


def line(run: Run, n: int = 100_000):
    """D on the line against D* = p/(p + q) (E18), and the densities: p is exact, q a histogram of n
    samples.
    """
    ((left, right),) = window(run.data.peek(DATA))
    edges = np.linspace(left, right, BINS + 1)
    x, width = (edges[1:] + edges[:-1]) / 2, (right - left) / BINS
    q = np.histogram(generated(run, n)[:, 0], edges)[0] / (n * width)
    density, real = run.data.density, run.data.peek(n)[:, 0]
    p = (
        np.histogram(real, edges)[0] / (len(real) * width)
        if density is None
        else density.density(x)
    )
    D, name = judgement(run, x[:, None])

    drawing = figure(5.4, 4.9)
    above, below = drawing.subplots(2, 1, sharex=True)
    above.fill_between(
        x, p, color=INK, alpha=0.18, linewidth=0, step=None if density else "mid", label="data, p"
    )
    above.stairs(q, edges, color=FAKE, linewidth=1.3, label="G(z), q")
    above.set(ylabel="density", ylim=(0, None))
    below.plot(x, D, color=REAL, label=name)
    below.set(xlabel="x", ylabel=name)
    if name == "D(x)":
        below.axhline(0.5, label="½  (E19)", **LEVEL)
        below.set(ylabel="probability", ylim=(0, 1))
        if density is not None:
            seen = (p + q) * n * width >= LEAST
            best = pointwise_best(p[seen], q[seen])  # E16    y* = p/(p + q)
            below.plot(
                x[seen],
                best,
                color=INK,
                linestyle=":",
                linewidth=1.6,
                label="D*(x) = p/(p + q)  (E18)",
            )
    for plane in (above, below):
        plane.grid(alpha=0.15)
        plane.legend()
    return drawing

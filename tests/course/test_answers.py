"""The right answers of the course, against the complex step (E48) of the functions that they are
the derivatives of, and against the library.

Both are exact up to rounding, of sums of at most some dozens of terms: 1e-12 of the largest entry.
"""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

from numgan.check.means.differences import exactly, line, units
from numgan.course.exercises import EXERCISES
from numgan.theory import information
from numgan.theory.discrete import Discrete
from numgan.theory.likelihood import fit_gaussian

RNG = np.random.default_rng(0)


def gradient(f, x):
    """∇f by the complex step; x is an array or a number."""
    x = np.asarray(x, np.float64)
    return np.reshape([exactly(line(f, x, u)).value for u in units(x)], x.shape)


def close(a, n, scale=1e-12):
    assert np.shape(a) == np.shape(n)
    assert np.abs(a - n).max() <= scale * np.abs(n).max()


def answers(name, seed=0):
    """The arguments by name, and the outputs by name."""
    exercise = EXERCISES[name]
    args = exercise.point(seed)
    return dict(zip(exercise.given, args, strict=True)), exercise.outputs(exercise.answer(*args))


def sigma(a):
    return 1 / (1 + np.exp(-a))


def softmax(a):
    return np.exp(a) / np.exp(a).sum(-1, keepdims=True)


# output: the scalar of which it is the gradient, by the argument whose name it has after its d
FORWARD = {
    "coin_slope": {"h": lambda g: lambda h: (-h * np.log(h) - (1 - h) * np.log(1 - h)).sum()},
    "kl_at_logits": {"a": lambda g: lambda a: (g["p"] * np.log(g["p"] / softmax(a))).sum()},
    "likelihood_slopes": {
        "mu": lambda g: (
            lambda mu: (-np.log(g["s"]) - (g["x"] - mu) ** 2 / (2 * g["s"] ** 2)).mean()
        ),
        "s": lambda g: lambda s: (-np.log(s) - (g["x"] - g["mu"]) ** 2 / (2 * s**2)).mean(),
    },
}


def along(dy, f):
    """⟨dy, f⟩ as a function of the argument."""
    return lambda x: (dy * f(x)).sum()


def dense(g, **new):
    g = {"b": 0} | g | new
    return (g["dy"] * (g["x"] @ g["W"] + g["b"])).sum()


def residual(g, **new):
    g = g | new
    return (g["dy"] * (g["x"] + np.tanh(g["x"] @ g["W"]))).sum()


def projection(g, **new):
    g = g | new
    return (g["da"] * (g["h"] * (g["w"] + g["c"] @ g["E"])).sum(1)).sum()


def conv(g, **new):
    g = g | new
    y = [
        sum(g["x"][:, g["stride"] * j + u] * g["W"][u] for u in range(len(g["W"])))
        for j in range(g["dy"].shape[1])
    ]
    return (g["dy"] * np.stack(y, 1)).sum()


def norm(axis):
    def value(g, **new):
        g = {"beta": 0} | g | new
        u = g["x"] - g["x"].mean(axis, keepdims=True)
        xhat = u / np.sqrt((u**2).mean(axis, keepdims=True) + g["eps"])
        return (g["dy"] * (g["gamma"] * xhat + g["beta"])).sum()

    return value


def spectral(g, **new):
    g = g | new
    return (g["dWhat"] * g["W"] / (g["u"] @ g["W"] @ g["v"])).sum()


def deviation(g, **new):
    g = g | new
    u = g["x"] - g["x"].mean(0)
    return g["ds"] * np.sqrt((u**2).mean(0) + g["eps"]).mean()


def moved(value, given, argument):
    """V as a function of one argument."""
    return lambda v: value(given, **{argument: v})


SCALARS = {  # exercise: V as a function of its arguments, and the arguments to differentiate by
    "dense_backward": (dense, ("x", "W", "b")),
    "residual_backward": (residual, ("x", "W")),
    "projection_backward": (projection, ("h", "w", "E")),
    "conv_backward": (conv, ("x", "W")),
    "batchnorm_backward": (norm(0), ("x", "gamma", "beta")),
    "layernorm_backward": (norm(1), ("x",)),
    "spectral_backward": (spectral, ("W",)),
    "deviation_backward": (deviation, ("x",)),
}
ZERO = {"b": "O", "beta": "I"}  # arguments that the gradient does not need


@pytest.mark.parametrize("name", FORWARD)
def test_gradients_of_scalars(name):
    given, outputs = answers(name)
    for argument, make in FORWARD[name].items():
        close(outputs["d" + argument], gradient(make(given), given[argument]))


@pytest.mark.parametrize("name", SCALARS)
def test_backward_passes(name):
    value, arguments = SCALARS[name]
    given, outputs = answers(name)
    for argument in arguments:
        at = given.get(argument, np.zeros(outputs["d" + argument].shape))
        close(outputs["d" + argument], gradient(moved(value, given, argument), at))


def test_elementwise_backward_passes():
    x, dy = RNG.standard_normal((2, 5, 4))
    maps = {
        "silu_backward": (lambda x: x * sigma(x), ()),
        "leaky_relu_backward": (lambda x: np.where(x.real > 0, x, 0.2 * x), (0.2,)),
    }
    for name, (f, more) in maps.items():
        close(EXERCISES[name].answer(x, dy, *more), gradient(along(dy, f), x))
    close(EXERCISES["tanh_backward"].answer(np.tanh(x), dy), gradient(along(dy, np.tanh), x))
    tempered = gradient(along(dy, lambda x: softmax(x / 0.5)), x)
    close(EXERCISES["softmax_backward"].answer(softmax(x / 0.5), dy, 0.5), tempered)


def test_pooling_is_the_adjoint_of_a_mean():
    x, dy = RNG.standard_normal((2, 4, 6, 3)), RNG.standard_normal((2, 2, 3, 3))
    pooled = x.reshape(2, 2, 2, 3, 2, 3).mean((2, 4))
    assert (pooled * dy).sum() == pytest.approx(
        (x * EXERCISES["pool_backward"].answer(dy)).sum(), rel=1e-12
    )


def test_information_against_the_library():
    given, outputs = answers("kl")
    P, Q = (Discrete(given[name]) for name in "pq")
    close(outputs["KL"], information.kl(P, Q))
    close(EXERCISES["entropy"].answer(given["p"]), information.entropy(P))
    given, outputs = answers("fit_gaussian")
    fit = fit_gaussian(given["x"])
    close(outputs["mu"], np.ravel(fit.mean))
    close(outputs["S"], fit.scale @ fit.scale.T)


def test_the_density_of_a_square_is_that_of_chi_square():
    """Its integral over an interval, by Simpson's rule with 2,000 points (error below 1e-9), is the
    probability of |z| in it."""
    x = np.linspace(0.5, 2.5, 2001)
    p = EXERCISES["square_density"].answer(x)
    simpson = (p[0] + p[-1] + 4 * p[1:-1:2].sum() + 2 * p[2:-1:2].sum()) * (x[1] - x[0]) / 3
    assert simpson == pytest.approx(erf(sqrt(1.25)) - erf(0.5), abs=1e-9)

"""The right answers of the course, against the complex step (E48) of the functions that they are
the derivatives of, and against the library.

Both are exact up to rounding, of sums of at most some dozens of terms: 1e-12 of the largest entry.
"""

from __future__ import annotations

from itertools import permutations
from math import erf, sqrt

import numpy as np
import pytest

from numgan.check.means.differences import exactly, line, units
from numgan.course.exercises import EXERCISES
from numgan.dynamics import dirac, rules, spectrum
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.theory import generator, information
from numgan.theory.discrete import Discrete
from numgan.theory.ideal import simplex_gradient, simplex_step
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


# ── the game and its training ────────────────────────────────────────────────────────────────────


def test_the_game_on_points_against_the_library():
    given, outputs = answers("simplex_step")
    P, Q = Discrete(given["p"]), Discrete(given["q"])
    close(outputs["g"], simplex_gradient(P, Q))
    close(outputs["new"], simplex_step(P, Q, given["eta"]).p)
    p, q = given["p"], given["q"]
    close(EXERCISES["jsd"].answer(p, q), generator.jsd(P, Q))
    close(EXERCISES["generator_cost"].answer(p, q), generator.C(P, Q))
    D, a = EXERCISES["best_discriminator"].answer(p, q)
    close(sigma(a), D)
    assert np.abs(p / D - q / (1 - D)).max() < 1e-12  # the slope of E16 is zero there


def value(a_real, a_fake):
    return np.log(sigma(a_real)).mean() + np.log(1 - sigma(a_fake)).mean()


def test_values_and_gradients_at_the_logits():
    a, fake = RNG.standard_normal(7), RNG.standard_normal(5)
    close(EXERCISES["sampled_value"].answer(a, fake), value(a, fake))
    da, dfake = EXERCISES["logit_gradient"].answer(a, fake)
    close(da, gradient(lambda a: value(a, fake), a))
    close(dfake, gradient(lambda fake: value(a, fake), fake))
    found = EXERCISES["nonsaturating_gradient"].answer(fake)
    close(found, gradient(lambda a: -np.log(sigma(a)).mean(), fake))
    for name, exercise in (("hinge", "hinge_gradient"), ("paired", "paired_gradient")):
        a, fake = RNG.uniform(-3, 3, (2, 9))
        expected = OBJECTIVES[name].V_d.gradient(a, fake)
        for ours, theirs in zip(EXERCISES[exercise].answer(a, fake), expected, strict=True):
            close(ours, theirs)


def test_adam_against_the_library():
    theta = RNG.standard_normal(6)
    ours, m, v = theta.copy(), np.zeros(6), np.zeros(6)
    adam = Adam(0.1, beta1=0.7, beta2=0.9, epsilon=0.05)
    for t in range(1, 5):
        g = RNG.standard_normal(6)
        ours, m, v = EXERCISES["adam_step"].answer(ours, m, v, g, t, 0.1, 0.7, 0.9, 0.05)
        adam.descend(theta, g)
        close(ours, theta)


def logit(x, g):
    return np.tanh(x @ g["U"]) @ g["u"]


def value_of_d(g, **new):
    g = g | new
    return value(logit(g["x"], g), logit(g["x_fake"], g))


def value_of_g(g, **new):
    g = g | new
    return np.log(1 - sigma(logit(g["z"] @ g["W"] + g["b"], g))).mean()


def test_both_players_gradients():
    for name, of, arguments in (
        ("discriminator_gradient", value_of_d, "Uu"),
        ("generator_gradient", value_of_g, "Wb"),
    ):
        given, outputs = answers(name)
        for argument in arguments:
            close(outputs["d" + argument], gradient(moved(of, given, argument), given[argument]))


def test_one_iteration_is_two_gradient_steps():
    given, outputs = answers("one_iteration")
    x, z_d, z_g, eta = (given[name] for name in ("x", "z_d", "z_g", "eta"))
    d, g = np.array([given["psi"], given["c"]]), np.array([given["w"], given["b"]])
    fake = g[0] * z_d + g[1]
    d = d + eta * gradient(lambda d: value(d[0] * x + d[1], d[0] * fake + d[1]), d)

    def V_g(g):
        return np.log(1 - sigma(d[0] * (g[0] * z_g + g[1]) + d[1])).mean()

    expected = np.concatenate([d, g - eta * gradient(V_g, g)])
    close(np.array(list(outputs.values())), expected)


def test_dynamics_against_the_library():
    given, outputs = answers("dirac_field")
    w = np.array([given["psi"], given["theta"]])
    close(np.array([outputs["vpsi"], outputs["vtheta"]]), dirac.minimax(w))

    def field(w):
        return np.array(EXERCISES["dirac_field"].answer(*w))

    columns = [exactly(line(field, w, u)).value for u in units(w)]
    close(EXERCISES["dirac_jacobian"].answer(*w), np.stack(columns, 1))
    given, outputs = answers("largest_step")
    close(outputs["h"], spectrum.largest_step(given["lam"]))
    given, outputs = answers("extragradient")
    close(outputs["new"], rules.extragradient_step(given["v"], given["w"], given["h"])[0])
    given, outputs = answers("optimistic")
    v = given["v"]
    expected = rules.optimistic_step(v, given["w"], given["h"], v(given["before"]))[0]
    close(outputs["new"], expected)


def test_the_distance_on_a_line_is_the_cheapest_pairing():
    x, y = RNG.standard_normal((2, 5))
    cheapest = min(np.abs(x - y[list(order)]).mean() for order in permutations(range(5)))
    close(EXERCISES["wasserstein"].answer(x, y), cheapest)


# ── second order ─────────────────────────────────────────────────────────────────────────────────


def rate(f, x, Rx):
    """R{f} along Rx, for several arrays, by the complex step."""
    found = f(*(a + 1e-200j * u for a, u in zip(x, Rx, strict=True)))
    return [np.imag(part) / 1e-200 for part in (found if isinstance(found, tuple) else (found,))]


def test_r_passes_are_the_rates_of_the_passes():
    given, outputs = answers("dense_rbackward")
    at, along_it = [given[n] for n in ("W", "x", "dy")], [given[n] for n in ("RW", "Rx", "Rdy")]
    rates = rate(EXERCISES["dense_backward"].answer, at, along_it)
    for ours, expected in zip(outputs.values(), rates, strict=True):
        close(ours, expected)
    given, outputs = answers("tanh_rbackward")
    at, along_it = [given["y"], given["dy"]], [given["Ry"], given["Rdy"]]
    close(outputs["Rdx"], rate(EXERCISES["tanh_backward"].answer, at, along_it)[0])
    given, outputs = answers("batchnorm_rforward")

    def forward(x):
        u = x - x.mean(0)
        return given["gamma"] * u / np.sqrt((u**2).mean(0) + given["eps"])

    close(outputs["Ry"], rate(forward, [given["x"]], [given["Rx"]])[0])


def r1(g, **new):
    g = g | new
    slopes = (g["u"] * (1 - np.tanh(g["x"] @ g["U"]) ** 2)) @ g["U"].T
    return g["gamma"] / 2 * (slopes**2).sum(1).mean()


def test_second_derivatives():
    given, outputs = answers("hessian_product")
    x = given["x"]
    slope = rate(lambda w: x.T @ (1 - sigma(x @ w)) / len(x), [given["w"]], [given["u"]])[0]
    close(outputs["Hu"], slope)
    given, outputs = answers("penalty_direction")

    def penalty(g):
        return given["lam"] * ((np.sqrt((g**2).sum(1)) - 1) ** 2).mean()

    close(outputs["u"], gradient(penalty, given["g"]))
    given, outputs = answers("r1_gradient")
    for argument in "Uu":
        close(outputs["d" + argument], gradient(moved(r1, given, argument), given[argument]))


def test_the_two_means_of_section_10():
    """The complex step of 1e-200 is exact; the central difference has the error h²/6 f‴ (E47), and
    less than h⁴ = 1e-12 beside it.
    """
    x, h = np.array([0.3, 1.2]), 1e-3
    close(EXERCISES["complex_step"].answer(np.exp, x, 1e-200), np.exp(x))
    found = EXERCISES["central"].answer(np.exp, x, h)
    assert np.abs(found - np.exp(x) * (1 + h**2 / 6)).max() < 2e-12

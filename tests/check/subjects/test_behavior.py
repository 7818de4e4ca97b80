"""Layers and penalties of every documented form: right ones pass; writes in place and casts show
anywhere.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from numgan import Convolution, Dense, Network, Tanh
from numgan.check import check_layer, check_network, check_objective, check_penalty
from numgan.layers import Dropout, Layer
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES, Penalty


class Scale(Layer):
    """y = γ x, with one γ for each feature."""

    def parameters(self):
        return {"gamma": (3,)}

    def initial(self, rng):
        return (np.ones(3),)

    def forward(self, P, x):
        return P[0] * x, x.copy()

    def backward(self, P, x, dy):
        return P[0] * dy

    def gradient(self, P, x, dy):
        return ((x * dy).sum(0),)

    def rforward(self, P, x, RP, Rx):
        return Rx * P[0] + (0 if RP is None else x * RP[0]), Rx

    def rbackward(self, P, x, RP, Rx, dy, Rdy):
        return Rdy * P[0] + (0 if RP is None else dy * RP[0])

    def rgradient(self, P, x, RP, Rx, dy, Rdy):
        return ((Rx * dy + x * Rdy).sum(0),)


def test_scale_is_right():
    assert check_layer(Scale(), (4, 3)).ok


# ── writes in place, each of which does nothing the second time
# ──────────────────────────────────────────────────────


def clipped(a):
    np.clip(a, -0.5, 0.5, out=a)


def positive(a):
    a[...] = abs(a)


def rectified(a):
    a *= a > 0


def untouched(a):
    pass


# which argument each pass is given: its place, and what it is called in the report
ARGUMENTS = {
    "forward": {"P": (0, "gamma"), "x": (1, "x")},
    "backward": {"P": (0, "gamma"), "cache": (1, "cache"), "dy": (2, "dy")},
    "gradient": {"P": (0, "gamma"), "cache": (1, "cache"), "dy": (2, "dy")},
    "rforward": {"P": (0, "gamma"), "cache": (1, "cache"), "RP": (2, "RP"), "Rx": (3, "Rx")},
    "rbackward": {
        "cache": (1, "cache"),
        "Rcache": (3, "Rcache"),
        "dy": (4, "dy"),
        "Rdy": (5, "Rdy"),
    },
    "rgradient": {"P": (0, "gamma"), "Rcache": (3, "Rcache"), "dy": (4, "dy"), "Rdy": (5, "Rdy")},
}


@pytest.mark.parametrize("write", [clipped, positive, rectified])
@pytest.mark.parametrize(
    ("called", "which"), [(c, w) for c, which in ARGUMENTS.items() for w in which]
)
def test_a_write_in_place_is_seen_in_every_pass(called, which, write):
    place, name = ARGUMENTS[called][which]

    def passing(self, *arguments):
        result = getattr(Scale, called)(self, *arguments)
        argument = arguments[place]
        write(argument[0] if isinstance(argument, tuple) else argument)
        return result

    report = check_layer(type("Writes", (Scale,), {called: passing})(), (4, 3))
    assert any(f.method == f"unchanged by {called}" and name in f.cause for f in report.failures), (
        str(report)
    )


def test_a_write_in_place_that_the_first_point_does_not_show():
    class Positive(Scale):  # γ is near 1, so abs(γ) is γ until training brings one below 0
        def forward(self, P, x):
            P[0][...] = abs(P[0])
            return super().forward(P, x)

    for seed in range(3):
        report = check_layer(Positive(), (4, 3), seed=seed)
        assert report.failures[0].cause == "forward changes gamma in place"


def test_a_write_in_place_in_an_objective_a_penalty_and_their_points():
    minimax = OBJECTIVES["minimax"]

    def dt(a):
        np.clip(a, -30, 30, out=a)
        return minimax.fake.dt(a)

    with pytest.raises(Exception, match="changes the logits"):
        check_objective(replace(minimax, fake=replace(minimax.fake, dt=dt)))

    class Writes(Penalty):
        def gradient(self, D, theta, x, samples, rng=None, classes=0):
            np.clip(theta, -5, 5, out=theta)
            return super().gradient(D, theta, x, samples, rng, classes)

    report = check_penalty(Writes(**vars(PENALTIES["r1"])))
    assert [f.cause for f in report.failures] == ["gradient changes θ in place"]


# ── casts to single precision, anywhere
# ──────────────────────────────────────────────────────────────────────────────


def single(a):
    return a.astype(np.float32).astype(a.dtype) if a.dtype == np.float64 else a


class SingleCache(Dense):
    def gradient(self, P, x, dy):
        return super().gradient(P, single(x), dy)


class SingleWeight(Dense):
    def backward(self, P, x, dy):
        return super().backward((single(P[0]), P[1]), x, dy)


class SingleDy(Dense):
    def backward(self, P, x, dy):
        return super().backward(P, x, single(dy))


class SingleR(Dense):
    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return super().rbackward(P, cache, RP, Rcache, dy, single(Rdy))


@pytest.mark.parametrize(
    ("layer", "where"),
    [(SingleCache, "dW"), (SingleWeight, "dx"), (SingleDy, "dx"), (SingleR, "Rdx")],
)
def test_a_cast_on_the_way_shows_at_every_seed(layer, where):
    for seed in range(3):
        failures = check_layer(layer(3, 2), (4, 3), seed=seed).failures
        assert any(where in f.parameter and "float32" in f.cause for f in failures)


def test_a_cast_in_a_penalty_and_in_an_objective_shows():
    class Single(Penalty):
        def gradient(self, D, theta, x, samples, rng=None, classes=0):
            return super().gradient(D, theta, single(x), samples, rng, classes)

    assert any(
        "float32" in f.cause for f in check_penalty(Single(**vars(PENALTIES["r1"]))).failures
    )
    minimax = OBJECTIVES["minimax"]
    wrong = replace(minimax.real, dt=lambda a: minimax.real.dt(single(a)))
    assert not check_objective(replace(minimax, real=wrong)).ok


# ── layers whose y has another shape than x: no pattern ends the report
# ──────────────────────────────────────────────


class Pool(Layer):
    def output_shape(self, shape):
        return (shape[0] // 2,)

    def forward(self, P, x):
        return x.reshape(len(x), -1, 2).mean(2), None

    def backward(self, P, cache, dy):
        return np.repeat(dy / 2, 2, axis=1)


class PoolShifted(Pool):
    def backward(self, P, cache, dy):
        return np.roll(super().backward(P, cache, dy), 1, axis=1)


class MaxPool(Layer):
    def output_shape(self, shape):
        return shape[0] // 2, shape[1] // 2, shape[2]

    def forward(self, P, x):
        N, H, W, C = x.shape
        parts = (
            x.reshape(N, H // 2, 2, W // 2, 2, C)
            .transpose(0, 1, 3, 5, 2, 4)
            .reshape(N, H // 2, W // 2, C, 4)
        )
        chosen = parts.real.argmax(-1)[..., None]
        return np.take_along_axis(parts, chosen, -1)[..., 0], None

    def backward(self, P, cache, dy):
        return dy.repeat(2, 1).repeat(2, 2)


class Gated(Layer):
    def output_shape(self, shape):
        return (shape[0] // 2,)

    def forward(self, P, x):
        a, b = np.split(x, 2, 1)
        g = 1 / (1 + np.exp(-b))
        return a * g, (a, g)

    def backward(self, P, cache, dy):
        a, g = cache
        return np.concatenate([dy * g, dy * a * g], 1)


class AbsoluteDx(Dense):
    def backward(self, P, cache, dy):
        return np.abs(dy) @ P[0].T


class Padded(Convolution):
    def backward(self, P, cache, dy):
        return np.roll(super().backward(P, cache, dy), 1, axis=1)


class Flattened(Dense):
    def backward(self, P, cache, dy):
        return super().backward(P, cache, dy).ravel()


class Empty(Dense):
    def backward(self, P, cache, dy):
        return np.zeros((0, 3))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (PoolShifted(), (4, 6)),
        (PoolShifted(), (1, 4)),
        (MaxPool(), (2, 4, 4, 1)),
        (MaxPool(), (3, 4, 6, 2)),
        (Gated(), (4, 6)),
        (AbsoluteDx(6, 3), (4, 6)),
        (AbsoluteDx(1, 1), (9, 1)),
        (AbsoluteDx(2, 5), (3, 2)),
        (Padded(2, 3, 3, padding=1), (2, 5, 4, 2)),
        (Padded(1, 2, 2, 2), (1, 4, 4, 1)),
        (Flattened(3, 2), (4, 3)),
        (Empty(3, 2), (4, 3)),
    ],
)
def test_a_wrong_dx_of_any_shape_is_a_verdict_and_no_crash(layer, shape):
    report = check_layer(layer, shape)
    assert report.status == 1 and any(f.parameter == "dx" and f.failed for f in report)
    assert "numgan's own diagnosis" not in str(report)


def test_right_layers_of_another_shape_pass():
    assert check_layer(Pool(), (4, 6)).ok


# ── documented forms
# ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Noise(Layer):
    """Random in training and, as it keeps the default `evaluation`, outside it."""

    s: float = 0.1
    random = True

    def forward(self, P, x, rng):
        return x + self.s * rng.standard_normal(x.shape).astype(x.real.dtype), None

    def backward(self, P, cache, dy):
        return dy

    def rforward(self, P, cache, RP, Rx):
        return Rx, None

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return Rdy


@dataclass(frozen=True)
class Scaled(Noise):
    """Another random layer outside training."""

    def evaluation(self):
        return Noise(0.0)


class Uninverted(Dropout):
    def forward(self, P, x, rng=None):
        k = (rng.random(x.shape, dtype="float32") >= self.p).astype(x.real.dtype)
        return k * x, k


def test_a_random_layer_in_each_form_of_evaluation():
    for layer in (Noise(), Scaled(), Dropout(0.4)):
        assert check_layer(layer, (4, 3)).ok, layer
    assert check_network(Network([Dense(3, 2), Noise(), Tanh()], (3,))).ok
    assert any(
        "1/(1−p) is missing" in f.cause for f in check_layer(Uninverted(0.4), (40, 3)).failures
    )


class Drawing(Penalty):
    """E46 written out, with the points drawn in gradient."""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        assert rng is not None
        points = self.points(x, samples, rng)
        a, tape = D.forward(theta, points)
        g = D.backward(theta, tape, 1 + 0 * a)
        s = (g * g).sum(tuple(range(1, g.ndim)), keepdims=True)
        _, Rtape = D.rforward(theta, tape, None, 2 * self.weight / len(s) * self.price.dh(s) * g)
        return D.rgradient(theta, tape, None, Rtape, 1 + 0 * a, 0 * a)


class Factor(Penalty):
    def gradient(self, *arguments, **named):
        return super().gradient(*arguments, **named) / self.weight


def test_a_penalty_that_draws_in_its_gradient():
    for name in ("r1", "wgan-gp", "dragan"):
        assert check_penalty(Drawing(**vars(PENALTIES[name]))).ok
    causes = [f.cause for f in check_penalty(Factor(**vars(PENALTIES["wgan-gp"]))).failures]
    assert causes and all("the factor weight = 10 is missing" in cause for cause in causes)


def points(f):
    return replace(PENALTIES["wgan-gp"], points=f)


def epsilon(x, rng):
    return rng.random((len(x), *[1] * (x.ndim - 1)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, s, rng: x + 0.1 * rng.standard_normal(x.shape),
        lambda x, s, rng: s + 0.1 * rng.random(x.shape),
        lambda x, s, rng: (x + s) / 2,
        lambda x, s, rng: s + epsilon(x, rng) * (x - s),
    ],
    ids=["around data", "around samples", "half-way", "between"],
)
def test_points_of_other_forms_pass(f):
    assert check_penalty(points(f)).ok


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda x, s, rng: (e := epsilon(x, rng)) * x + e * s, "sum to"),
        (lambda x, s, rng: (1 - (e := epsilon(x, rng))) * x + (1 - e) * s, "sum to"),
        (lambda x, s, rng: (e := epsilon(x, rng)) * x + (1 - e) * s**2, "sum to"),
        (lambda x, s, rng: (e := epsilon(x, rng)) * x + (1 - e) * s + 0.5, "by which it follows x"),
        (
            lambda x, s, rng: (e := 2 * epsilon(x, rng)) * x + (1 - e) * s,
            "not between data and sample",
        ),
        (
            lambda x, s, rng: (e := rng.random()) * x + (1 - e) * s,
            "one ε is drawn for the whole batch",
        ),
        (lambda x, s, rng: (e := rng.random(x.shape)) * x + (1 - e) * s, "not on the way"),
    ],
)
def test_points_that_are_not_between_fail(f, why):
    assert any(why in finding.cause for finding in check_penalty(points(f)).failures)


# ── causes that are told only where they hold
# ────────────────────────────────────────────────────────────────────────


class WeightNorm(Layer):
    """y = x W/‖W‖, whose norm is held constant on the way back."""

    def parameters(self):
        return {"W": (3, 2)}

    def initial(self, rng):
        return (rng.standard_normal((3, 2)),)

    def output_shape(self, shape):
        return (2,)

    def forward(self, P, x):
        size = np.sqrt((P[0] * P[0]).sum())
        return x @ P[0] / size, (x, size)

    def backward(self, P, cache, dy):
        return dy @ P[0].T / cache[1]

    def gradient(self, P, cache, dy):
        return (cache[0].T @ dy / cache[1],)


class SpectrallyHeld(WeightNorm):
    def forward(self, P, x):
        u, v = np.ones(3) / 3**0.5, np.ones(2) / 2**0.5
        sigma = u @ P[0] @ v
        return x @ P[0] / sigma, (x, sigma)


@dataclass(frozen=True)
class HalfELU(Layer):
    alpha: float = 0.5

    def forward(self, P, x):
        return np.where(x.real > 0, x, self.alpha * (np.exp(x) - 1)), x

    def backward(self, P, x, dy):
        return np.where(x > 0, 1, np.exp(x)) * dy


@dataclass(frozen=True)
class Branch(Layer):
    scale: float = 0.1

    def forward(self, P, x):
        return self.scale * np.tanh(x), x

    def backward(self, P, x, dy):
        return (1 - np.tanh(x) ** 2) * dy


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (WeightNorm(), "one path is absent: the one through `(P[0] * P[0]).sum()`"),
        (SpectrallyHeld(), "one path is absent: the one through `u @ P[0]`"),
        (HalfELU(), "the factor alpha = 0.5 is missing"),
        (Branch(), "the factor scale = 0.1 is missing"),
    ],
)
def test_the_cause_is_the_layers_own(layer, said):
    for seed in range(3):
        causes = [
            f.cause
            for f in check_layer(layer, (4, 3), seed=seed).failures
            if f.parameter in ("dx", "dW")
        ]
        assert causes and said in causes[0], causes
        assert "which the value does not have" not in causes[0]


class Centred(Layer):
    """y = x − the mean of the rows; linear, so every pass is the same map, which is its own
    transpose.
    """

    def forward(self, P, x):
        return x - x.mean(0), None

    def backward(self, P, cache, dy):
        return dy - dy.mean(0)

    def rforward(self, P, cache, RP, Rx):
        return Rx - Rx.mean(0), None

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return Rdy - Rdy.mean(0)


def test_a_layer_that_couples_rows_must_say_so():
    """All its gradients are right, and yet data and samples must not share a pass through it."""
    (wrong,) = [f for f in check_layer(Centred(), (4, 3)).findings if f.failed]
    assert wrong.method == "rows are separate" and "couples = True" in wrong.cause

    class Said(Centred):
        couples = True

    assert check_layer(Said(), (4, 3)).ok and check_layer(Centred(), (1, 3)).ok

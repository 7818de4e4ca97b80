"""Exercises on L2, y = φ(x). What a class does not define is that of the right activation."""

from __future__ import annotations

import numpy as np

from numgan.check.exercises.checks import as_layer
from numgan.check.exercises.exercise import Exercise
from numgan.layers import ELU, GELU, Layer, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from numgan.layers.functions import sigmoids


class LeakyReLUA(LeakyReLU):
    """φ(x) = x for x > 0, else x/5"""

    def backward(self, P, cache, dy):
        return np.where(dy.real > 0, dy, 0.2 * dy)


class LeakyReLUB(LeakyReLU):
    """φ(x) = x for x > 0, else x/5"""

    def forward(self, P, x):
        return np.where(x.real > 0, x, 0.2 * x), x.real > 0

    def backward(self, P, positive, dy):
        return np.where(positive, dy, 0.01 * dy)


class LeakyReLUC(LeakyReLU):
    """φ(x) = x for x > 0, else x/5"""

    def backward(self, P, slope, dy):
        dy *= slope
        return dy


class TanhA(Tanh):
    """φ = tanh, φ' = 1 − y², and what rbackward needs of φ''"""

    def ddphi(self, y):
        return 0.0


class TanhB(Tanh):
    """φ = tanh"""

    def dphi(self, y):
        return 1 - np.tanh(y) ** 2


class TanhC(Tanh):
    """φ = tanh"""

    def phi(self, x):
        return np.tanh(x), x

    def dphi(self, x):
        return 1 - x * x

    def ddphi(self, x):
        return -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)


class SigmoidA(Sigmoid):
    """φ = σ"""

    def backward(self, P, cache, dy):
        s, t = cache
        dy = dy * s * t
        return self.dphi(cache) * dy


class SoftplusA(Softplus):
    """φ = log(1 + eˣ)"""

    def dphi(self, x):
        return sigmoids(x)[1]


class ELUA(ELU):
    """φ = x for x > 0, else α(eˣ − 1)"""

    def dphi(self, cache):
        right, exponential = cache
        return right + (exponential - self.alpha * (1 - right))


class GELUA(GELU):
    """φ = x Φ(x), Φ the normal distribution function and n its density"""

    def dphi(self, cache):
        x, Phi = cache
        return Phi


class SiLUA(SiLU):
    """φ = x σ(x)"""

    def ddphi(self, cache):
        x, s, t = cache
        return s * t * (1 + x * (t - s) / 2)


class ReLUA(ReLU):
    """φ = max(x, 0)"""

    def backward(self, P, slope, dy):
        return dy


class Absolute(Layer):
    """φ = |x|, kept in the cache as y, and φ' = x/|x|"""

    def forward(self, P, x):
        y = np.where(x.real > 0, x, -x)
        return y, y

    def backward(self, P, y, dy):
        return np.where(y.real > 0, dy, -dy)


ELEMENTWISE = [
    Exercise(
        "a leaky ReLU",
        LeakyReLUA,
        as_layer(LeakyReLUA(), (5, 3)),
        where="dx",
        why="it follows the gradient's sign",
        mistake="the slope follows dy",
        solution="np.where(x > 0, dy, 0.2 dy). The slope is φ'(x): the sign that decides is that "
        "of the input, "
        "which the cache holds, not that of the gradient coming back.",
    ),
    Exercise(
        "a leaky ReLU",
        LeakyReLUB,
        as_layer(LeakyReLUB(), (5, 3)),
        where="dx",
        why="right where x > 0, wrong elsewhere",
        mistake="another slope backward than forward",
        solution="0.2 in both. Two numbers that must agree are one number: a field of the layer.",
    ),
    Exercise(
        "a leaky ReLU",
        LeakyReLUC,
        as_layer(LeakyReLUC(), (5, 3)),
        where="unchanged by backward",
        why="changes dy in place",
        mistake="dy is changed in place",
        solution="return slope * dy. Whoever called still holds dy: in a residual sum it goes on "
        "along the "
        "other path, and arrives there already multiplied.",
    ),
    Exercise(
        "tanh, with its second derivative",
        TanhA,
        as_layer(TanhA(), (5, 3)),
        where="Rdx",
        why="the second derivative",
        mistake="φ″ is dropped",
        solution="φ″ = −2y(1 − y²). Zero is right for ReLU, for which most code was first written, "
        "and wrong "
        "for every smooth φ: a gradient penalty through tanh is then wrong by tens of "
        "percent.",
    ),
    Exercise(
        "tanh",
        TanhB,
        as_layer(TanhB(), (5, 3)),
        where="dx",
        why="taken at the output y",
        mistake="φ' is taken at y",
        solution="φ' = 1 − y², where y = tanh x is already what the cache holds: tanh is applied "
        "once more "
        "than it should be.",
    ),
    Exercise(
        "tanh",
        TanhC,
        as_layer(TanhC(), (5, 3)),
        where="dx",
        why="1 − x² for 1 − y²",
        mistake="φ' is written in x",
        solution="φ' = 1 − y² with y = tanh x. 1 − x² agrees with it to first order around 0, "
        "where tests like "
        "to look.",
    ),
    Exercise(
        "the logistic function",
        SigmoidA,
        as_layer(SigmoidA(), (5, 3)),
        where="dx",
        why="the derivative is applied twice",
        mistake="σ' twice",
        solution="dx = σ(x)σ(−x) dy, once. The first line has applied φ' already.",
    ),
    Exercise(
        "softplus",
        SoftplusA,
        as_layer(SoftplusA(), (5, 3)),
        where="dx",
        why="taken at −x",
        mistake="σ(−x) for σ(x)",
        solution="φ' = eˣ/(1 + eˣ) = σ(x). Far to the right softplus is x, so its slope must go to "
        "1 there.",
    ),
    Exercise(
        "ELU",
        ELUA,
        as_layer(ELUA(), (5, 3)),
        where="dx",
        why="right where x > 0, wrong elsewhere",
        mistake="α is missing in φ'",
        solution="For x ≤ 0, φ' = αeˣ = φ + α. What stands here on the left is φ itself, αeˣ − α.",
    ),
    Exercise(
        "GELU",
        GELUA,
        as_layer(GELUA(), (5, 3)),
        where="dx",
        why="one term is absent: x n(x) dy",
        mistake="x n(x) is missing",
        solution="φ' = Φ(x) + x n(x): the product rule on x·Φ(x).",
    ),
    Exercise(
        "SiLU, with its second derivative",
        SiLUA,
        as_layer(SiLUA(), (5, 3)),
        where="Rdx",
        why="a factor 2 is missing",
        mistake="φ″ is halved",
        solution="φ″ = σ(x)σ(−x)(2 + x(σ(−x) − σ(x))): both terms of φ' = σ + xσσ̄ give one σσ̄ "
        "each.",
    ),
    Exercise(
        "ReLU",
        ReLUA,
        as_layer(ReLUA(), (5, 3)),
        where="dx",
        why="own derivative is not applied",
        mistake="φ' is left out",
        solution="dx = [x > 0] dy. Passing dy on as it is belongs to the identity.",
    ),
    Exercise(
        "the absolute value",
        Absolute,
        as_layer(Absolute(), (5, 3)),
        where="dx",
        why="own derivative is not applied",
        mistake="the sign of y, not of x",
        solution="The cache must hold the sign of x. y = |x| is never negative, so the sign is "
        "lost on the "
        "way.",
    ),
]

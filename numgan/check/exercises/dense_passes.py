"""More exercises on L1: what is kept between calls, the R-passes, precision."""

from __future__ import annotations

import numpy as np

from numgan.check.exercises.checks import as_layer
from numgan.check.exercises.exercise import Exercise
from numgan.layers import Dense


class DenseI:
    """y = x W + b"""

    def __init__(self):
        self.dW, self.db = 0, 0

    def parameters(self):
        return {"W": (3, 7), "b": (7,)}

    def forward(self, P, x):
        W, b = P
        return x @ W + b, x

    def backward(self, P, cache, dy):
        W, b = P
        return dy @ W.T

    def gradient(self, P, cache, dy):
        x = cache
        self.dW = self.dW + x.T @ dy
        self.db = self.db + dy.sum(0)
        return self.dW, self.db


class DenseJ(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        return np.outer(x[0], dy[0]), dy.sum(0)


class DenseK(Dense):
    """y = x W + b, and the change of y along (RW, Rb, Rx)"""

    def rforward(self, P, cache, RP, Rx):
        W, b = P
        if RP is None:
            return Rx @ W, Rx
        RW, Rb = RP
        return Rx @ W + Rb, Rx


class DenseL(Dense):
    """y = x W + b, and the change of dx along (RW, Rdy)"""

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        W, b = P
        return Rdy @ W.T


class DenseM(Dense):
    """y = x W + b, and the change of dW and db along (Rx, Rdy)"""

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x = cache
        return x.T @ Rdy, Rdy.sum(0)


class DenseN:
    """y = x W + b"""

    def parameters(self):
        return {"W": (3, 7), "b": (7,)}

    def forward(self, P, x):
        W, b = P
        return x @ W + b, x

    def backward(self, P, cache, dy):
        W, b = P
        return dy @ W.T

    def gradient(self, P, cache, dy):
        x = cache.astype("float32")
        return x.T @ dy.astype("float32"), dy.sum(0)


class DenseO(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        return x.T @ dy, dy


DENSE_PASSES = [
    Exercise(
        "a dense layer",
        DenseI,
        as_layer(DenseI(), (5, 3)),
        where="called twice",
        why="keeps something",
        mistake="gradients accumulate",
        solution="return x.T @ dy, dy.sum(0). Adding to what the last call left needs a zero_grad "
        "in front of "
        "every call; forget it once and steps grow without a trace.",
    ),
    Exercise(
        "a dense layer",
        DenseJ,
        as_layer(DenseJ(3, 7), (5, 3)),
        where="dW",
        why="only the first sample",
        mistake="only the first sample",
        solution="dW = xᵀ dy = Σ_n x_n dy_nᵀ. The outer product of row 0 is one term of that sum: "
        "right for a "
        "batch of one.",
    ),
    Exercise(
        "a dense layer's R-forward",
        DenseK,
        as_layer(DenseK(3, 7), (5, 3)),
        where="Ry",
        why="with RW (the path through W) is absent",
        mistake="x RW is missing",
        solution="Ry = Rx W + x RW + Rb: the product rule has a term for each factor.",
    ),
    Exercise(
        "a dense layer's R-backward",
        DenseL,
        as_layer(DenseL(3, 7), (5, 3)),
        where="Rdx",
        why="with RW (the path through W) is absent",
        mistake="dy RWᵀ is missing",
        solution="Rdx = Rdy Wᵀ + dy RWᵀ. The backward pass uses W, so it changes where W does.",
    ),
    Exercise(
        "a dense layer's R-gradient",
        DenseM,
        as_layer(DenseM(3, 7), (5, 3)),
        where="RdW",
        why="with Rx",
        mistake="Rxᵀ dy is missing",
        solution="RdW = Rxᵀ dy + xᵀ Rdy. Without it the gradient penalty is wrong in every layer "
        "but the "
        "first.",
    ),
    Exercise(
        "a dense layer",
        DenseN,
        as_layer(DenseN(), (5, 3)),
        where="dW",
        why="float32",
        mistake="a cast to float32",
        solution="x.T @ dy, in the precision that came in. A gradient that is right to seven "
        "digits trains "
        "well and fails every comparison that would show a smaller mistake.",
    ),
    Exercise(
        "a dense layer",
        DenseO,
        as_layer(DenseO(3, 7), (5, 3)),
        where="db",
        why="the sum over axis 0 is missing",
        mistake="db is not summed",
        solution="db = Σ_n dy_n, of b's shape (O,). Broadcasting carries the (N, O) array on "
        "without a word.",
    ),
]

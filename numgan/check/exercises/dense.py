"""Exercises on L1, y = x W + b. What a class does not define is that of the right Dense."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from numgan.check.exercises.checks import as_layer
from numgan.check.exercises.exercise import Exercise
from numgan.layers import Dense


class DenseA(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        return dy.T @ x, dy.sum(0)


class DenseB(Dense):
    """y = x W + b"""

    def backward(self, P, cache, dy):
        W, b = P
        return dy @ W


class DenseC(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        return x.T @ dy, dy.mean(0)


class DenseD(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        dW = np.zeros((self.I, self.O), dy.dtype)
        for x_n, dy_n in zip(x, dy, strict=True):
            dW += np.outer(x_n, dy_n)
            db = dy_n
        return dW, db


class DenseE(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        x = cache
        return x.T @ dy, -dy.sum(0)


class DenseF(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        W, x = P[0], cache
        return x.T @ dy + 0.01 * W, dy.sum(0)


class DenseG(Dense):
    """y = x W + b"""

    seen: ClassVar[dict] = {}

    def forward(self, P, x):
        W, b = P
        self.seen["x"] = x
        return x @ W + b, None

    def gradient(self, P, cache, dy):
        return self.seen["x"].T @ dy, dy.sum(0)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        return super().rgradient(P, self.seen["x"], RP, Rcache, dy, Rdy)

    def rforward(self, P, cache, RP, Rx):
        return super().rforward(P, self.seen["x"], RP, Rx)


class DenseH(Dense):
    """y = x W + b"""

    def gradient(self, P, cache, dy):
        (W, b), x = P, cache
        dW, db = x.T @ dy, dy.sum(0)
        if not np.iscomplexobj(dW):
            W -= 1e-3 * dW
            b -= 1e-3 * db
        return dW, db


DENSE = [
    Exercise(
        "a dense layer",
        DenseA,
        as_layer(DenseA(4, 4), (5, 4)),
        where="dW",
        why="transposed",
        mistake="dW is transposed",
        solution="dW = xᵀ dy. W (I, O) has a row for each input: x, which is indexed by inputs, "
        "comes first. "
        "With I = O the shape does not tell.",
    ),
    Exercise(
        "a dense layer",
        DenseB,
        as_layer(DenseB(4, 4), (5, 4)),
        where="dx",
        why="transpose belongs",
        mistake="W in place of Wᵀ",
        solution="dx = dy Wᵀ. The backward pass applies the transpose of the forward map; with I = "
        "O the shape "
        "does not tell.",
    ),
    Exercise(
        "a dense layer",
        DenseC,
        as_layer(DenseC(3, 7), (5, 3)),
        where="db",
        why="a sum is written as a mean",
        mistake="db is a mean",
        solution="db = Σ_n dy_n. The 1/m of the mean over the batch stands in the objective, once; "
        "dy already "
        "has it.",
    ),
    Exercise(
        "a dense layer",
        DenseD,
        as_layer(DenseD(3, 7), (5, 3)),
        where="db",
        why="each sample overwrites it",
        mistake="db is overwritten",
        solution="db += dy_n. Every sample passes through the same b, so their gradients add up.",
    ),
    Exercise(
        "a dense layer",
        DenseE,
        as_layer(DenseE(3, 7), (5, 3)),
        where="db",
        why="sign is flipped",
        mistake="the sign of db",
        solution="db = +Σ_n dy_n. A gradient points uphill; whether to go up or down is the "
        "optimizer's, not "
        "the layer's.",
    ),
    Exercise(
        "a dense layer",
        DenseF,
        as_layer(DenseF(3, 7), (5, 3)),
        where="dW",
        why="a term too many, 0.01 × W",
        mistake="weight decay in the gradient alone",
        solution="dW = xᵀ dy. The term 0.01 W is the gradient of 0.005 ‖W‖², which is not in the "
        "value: either "
        "it is added to V, or it belongs to the optimizer, where it is called decay.",
    ),
    Exercise(
        "a dense layer",
        DenseG,
        as_layer(DenseG(3, 7), (5, 3)),
        where="two forward passes",
        why="cache is stale",
        mistake="x is kept on the layer",
        solution="forward returns x as its cache, gradient reads it from there. D is applied twice "
        "in a step, "
        "to data and to samples: the second call overwrites what the first one kept.",
    ),
    Exercise(
        "a dense layer",
        DenseH,
        as_layer(DenseH(3, 7), (5, 3)),
        where="unchanged by gradient",
        why="changes W, b in place",
        mistake="gradient moves W",
        solution="gradient returns dW and db and moves nothing. Here a descent step is hidden in "
        "it, so that "
        "looking at the gradient changes the network.",
    ),
]

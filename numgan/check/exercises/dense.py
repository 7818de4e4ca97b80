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

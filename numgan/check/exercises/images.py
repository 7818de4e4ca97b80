"""Exercises on batch norm, convolutions, pooling, dropout. What a class does not define is that of
the right layer.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from numgan.check.exercises.checks import as_layer
from numgan.check.exercises.exercise import Exercise
from numgan.layers import (
    AveragePool,
    BatchNorm,
    Convolution,
    Dropout,
    RunningNorm,
    TransposedConvolution,
)
from numgan.layers.conv import conv, conv_weight


class BatchNormA(BatchNorm):
    """y = γ x̂ + β, x̂ = r (x − μ), r = 1/√(σ² + ε), with the batch's μ and σ²"""

    def backward(self, P, cache, dy):
        gamma, r = P[0], cache.r
        return gamma * r * (dy - self.mean(dy))


class BatchNormB(BatchNorm):
    """y = γ x̂ + β, x̂ = r (x − μ), r = 1/√(σ² + ε), with the batch's μ and σ²"""

    def backward(self, P, cache, dy):
        gamma, xhat, r = P[0], cache.xhat, cache.r
        return gamma * r * (dy - xhat * self.mean(xhat * dy))


class BatchNormC(BatchNorm):
    """y = γ x̂ + β, x̂ = r (x − μ), r = 1/√(σ² + ε), with the batch's μ and σ²"""

    def backward(self, P, cache, dy):
        return P[0] * cache.r * dy


class BatchNormD(RunningNorm):
    """y = γ x̂ + β outside training: x̂ = r (x − mean), r = 1/√(var + ε), with running averages"""

    def backward(self, P, cache, dy):
        gamma, xhat, r = P[0], cache.xhat, cache.r
        M = len(dy)
        return gamma * r * (dy - dy.sum(0) / M - xhat * (xhat * dy).sum(0) / M)


class BatchNormE(BatchNorm):
    """y = γ x̂ + β, x̂ = r (x − μ), r = 1/√(σ² + ε), with the batch's μ and σ²"""

    def backward(self, P, cache, dy):
        xhat, r = cache.xhat, cache.r
        return r * (dy - self.mean(dy) - xhat * self.mean(xhat * dy))


class TransposedA(TransposedConvolution):
    """y = convᵀ(x, W) + b"""

    def gradient(self, P, cache, dy):
        dW, db = super().gradient(P, cache, dy)
        return dW, dy.mean((1, 2)).sum(0)


class ConvolutionA(Convolution):
    """y = conv(x, W) + b"""

    def gradient(self, P, cache, dy):
        dW = conv_weight(cache, dy, self.K, self.stride, self.padding)
        return dW[::-1, ::-1], dy.sum((0, 1, 2))


class ConvolutionB(Convolution):
    """y = conv(x, W) + b"""

    def backward(self, P, cache, dy):
        W, b = P
        return conv(dy, W.transpose(0, 1, 3, 2), self.stride, self.padding)


class PoolA(AveragePool):
    """Each s×s block becomes its mean"""

    def adjoint(self, y, shape):
        return y.repeat(self.s, axis=1).repeat(self.s, axis=2)


class DropoutA(Dropout):
    """y = k ⊙ x,  k_i = 1/(1−p) with probability 1−p, else 0"""

    draw: ClassVar = np.random.default_rng(1)

    def backward(self, P, k, dy):
        k = (self.draw.random(dy.shape) >= self.p) / (1 - self.p)
        return k * dy


class DropoutB(Dropout):
    """y = k ⊙ x, which outside training is y = x"""

    def forward(self, P, x, rng=None):
        k = (rng.random(x.shape, dtype="float32") >= self.p).astype(x.real.dtype)
        return k * x, k


IMAGES = [
    Exercise(
        "batch norm",
        BatchNormA,
        as_layer(BatchNormA(3), (7, 3)),
        where="dx",
        why="through the variance over the batch",
        mistake="the variance term is missing",
        solution="dx = γ r (dy − E dy − x̂ E[x̂ dy]). x reaches y by itself, through μ and through "
        "σ²; the "
        "last term is the path through σ².",
    ),
    Exercise(
        "batch norm",
        BatchNormB,
        as_layer(BatchNormB(3), (7, 3)),
        where="dx",
        why="through the mean over the batch",
        mistake="the mean term is missing",
        solution="dx = γ r (dy − E dy − x̂ E[x̂ dy]). A constant added to a feature changes "
        "nothing, so dx "
        "must sum to 0 over the batch; here it does not.",
    ),
    Exercise(
        "batch norm",
        BatchNormC,
        as_layer(BatchNormC(3), (7, 3)),
        where="dx",
        why="the mean and the variance over the batch",
        mistake="both batch statistics taken for constants",
        solution="dx = γ r (dy − E dy − x̂ E[x̂ dy]). γ r dy alone is right outside training, "
        "where mean and "
        "variance are fixed numbers.",
    ),
    Exercise(
        "batch norm outside training",
        BatchNormD,
        as_layer(BatchNormD(3), (7, 3)),
        where="dx",
        why="too many",
        mistake="frozen in forward, not in backward",
        solution="dx = γ r dy. The forward pass uses running averages, through which no path "
        "leads; the "
        "backward pass subtracts what belongs to batch statistics.",
    ),
    Exercise(
        "batch norm",
        BatchNormE,
        as_layer(BatchNormE(3), (7, 3)),
        where="dx",
        why="each column is off by a factor of its own",
        mistake="γ is missing in dx",
        solution="dx = γ r (…). At the start of training γ is 1 and nothing shows.",
    ),
    Exercise(
        "a transposed convolution",
        TransposedA,
        as_layer(TransposedA(2, 3, 3), (5, 2, 3, 2)),
        where="db",
        why="a sum is written as a mean",
        mistake="db is a mean over pixels",
        solution="db = Σ_nij dy. One b is added at every pixel, so all of their gradients add up: "
        "here the "
        "factor h·w is missing.",
    ),
    Exercise(
        "a convolution",
        ConvolutionA,
        as_layer(ConvolutionA(2, 3, 3), (2, 5, 4, 2)),
        where="dW",
        why="read backwards along axis 0, 1",
        mistake="dW is flipped",
        solution="dW[u,v] = Σ x[i+u, j+v]ᵀ dy[i,j], unflipped. What is called convolution here is "
        "a "
        "correlation; the flip of the textbook's convolution belongs to neither pass.",
    ),
    Exercise(
        "a convolution that keeps the size",
        ConvolutionB,
        as_layer(ConvolutionB(2, 2, 3, 1, 1), (2, 4, 5, 2)),
        where="dx",
        why="the kernel is read backwards",
        mistake="dx with an unflipped kernel",
        solution="dx = convᵀ(dy, W), which for stride 1 is a convolution with W transposed in its "
        "channels and "
        "flipped in both its kernel axes.",
    ),
    Exercise(
        "average pooling",
        PoolA,
        as_layer(PoolA(2), (2, 4, 6, 3)),
        where="dx",
        why="the pixels of x for each of y",
        mistake="1/s² is missing",
        solution="dx = dy/s² on the block. Each pixel has the weight 1/s² in the mean.",
    ),
    Exercise(
        "dropout",
        DropoutA,
        as_layer(DropoutA(0.4), (5, 3)),
        where="dx",
        why="another mask",
        mistake="a fresh mask in backward",
        solution="k from the cache. dx = k ⊙ dy with the k of the forward pass; another draw is "
        "another "
        "function's gradient.",
    ),
    Exercise(
        "dropout",
        DropoutB,
        as_layer(DropoutB(0.4), (5, 3)),
        where="mean over draws",
        why="not inverted",
        mistake="not inverted",
        solution="k = 1/(1−p) where it is kept. Without that factor E[y] = (1−p) x in training and "
        "x outside "
        "it: the next layer meets inputs of another size than it was trained on. The "
        "gradient is "
        "right; the map is not.",
    ),
]

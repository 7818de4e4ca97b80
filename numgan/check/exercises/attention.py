"""Exercises on attention, groups, pixel norm, noise and augmentation. What a class does not define
is that of the right layer.
"""

from __future__ import annotations

from math import sqrt
from typing import ClassVar

import numpy as np

from numgan.check.exercises.checks import as_layer
from numgan.check.exercises.exercise import Exercise
from numgan.layers import Convolution, Cutout, InstanceNoise, PixelNorm, SelfAttention, Translation
from numgan.layers.attention import rowsum, through, turned
from numgan.layers.conv import conv_transpose
from numgan.layers.pixelnorm import mean


class AttentionA(SelfAttention):
    """Y = A U with A = softmax(Q Kᵀ/√d),  Q = X W_q, K = X W_k, U = X W_v"""

    def backward(self, P, cache, dy):
        Wv, dY = P[2], self.rows(dy)
        dU = turned(cache.A) @ dY
        return self.like(dU @ Wv.T, dy)


class AttentionB(SelfAttention):
    """Y = A U with A = softmax(Q Kᵀ/√d),  Q = X W_q, K = X W_k, U = X W_v"""

    def toward(self, cache, dY):
        _, Q, K, U, A = cache
        dA = dY @ turned(U)
        dS = A * dA
        return dS @ K / sqrt(self.d), turned(dS) @ Q / sqrt(self.d), turned(A) @ dY, dA, dS


class AttentionC(SelfAttention):
    """Y = A U with A = softmax(Q Kᵀ/√d),  Q = X W_q, K = X W_k, U = X W_v"""

    def backward(self, P, cache, dy):
        Wq, _, Wv = P
        dQ, _, dU, *_ = self.toward(cache, self.rows(dy))
        return self.like(dQ @ Wq.T + dU @ Wv.T, dy)


class AttentionD(SelfAttention):
    """Y = A U with A = softmax(Q Kᵀ/√d),  Q = X W_q, K = X W_k, U = X W_v"""

    def toward(self, cache, dY):
        _, Q, K, U, A = cache
        dA = dY @ turned(U)
        dS = through(A, dA)
        return dS @ K, turned(dS) @ Q, turned(A) @ dY, dA, dS


class AttentionE(SelfAttention):
    """R{Y} and R{dX} of Y = A U, with RA = A ⊙ (RS − rowsum(A ⊙ RS))"""

    def rtoward(self, cache, Rcache, dY, RdY):
        (_, Q, K, U, A), (_, RQ, RK, RU, RA) = cache, Rcache
        dQ, dK, dU, dA, dS = self.toward(cache, dY)
        RdA = RdY @ turned(U) + dY @ turned(RU)
        RdS = A * (RdA - rowsum(A * RdA))
        RdQ = (RdS @ K + dS @ RK) / sqrt(self.d)
        RdK = (turned(RdS) @ Q + turned(dS) @ RQ) / sqrt(self.d)
        return RdQ, RdK, turned(RA) @ dY + turned(A) @ RdY, (dQ, dK, dU)


class GroupedA(Convolution):
    """y = conv(x, W) + b in 2 groups of channels, W (K, K, I/2, O)"""

    def backward(self, P, cache, dy):
        W, _ = P
        half, size = self.O // 2, cache.shape[1:3]
        parts = [
            conv_transpose(dy[..., :half], W[..., half:], self.stride, self.padding, size),
            conv_transpose(dy[..., half:], W[..., :half], self.stride, self.padding, size),
        ]
        return np.concatenate(parts, axis=-1)


class GroupedB(Convolution):
    """y = conv(x, W) + b in 2 groups of channels, W (K, K, I/2, O)"""

    def backward(self, P, cache, dy):
        dx = super().backward(P, cache, dy)
        N, H, W, C = dx.shape
        return dx.reshape(N, H, W, 2, C // 2).swapaxes(3, 4).reshape(N, H, W, C)


class PixelNormA(PixelNorm):
    """y = r x, r = 1/√(E[x²] + ε), E over the channels of a pixel"""

    def backward(self, P, cache, dy):
        y, r = cache
        return r * dy


class PixelNormB(PixelNorm):
    """y = r x, r = 1/√(E[x²] + ε), E over the channels of a pixel"""

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        y, r = cache
        return r * (Rdy - y * mean(y * Rdy))


class NoiseA(InstanceNoise):
    """y = x + s ξ,  s = σ max(0, 1 − t/T),  t counts the steps of D"""

    def forward(self, P, x, rng=None):
        y, cache = super().forward(P, x, rng)
        P[0][...] += 1
        return y, cache


class TranslationA(Translation):
    """y = A x: each image is moved by whole pixels, 0 comes in from outside"""

    rng: ClassVar = np.random.default_rng(1)

    def backward(self, P, k, dy):
        return self.adjoint(self.draw(dy.shape, self.rng), dy)


class TranslationB(Translation):
    """y = A x: each image is moved by whole pixels, 0 comes in from outside"""

    def adjoint(self, k, y):
        return self.map(k, y)


class CutoutA(Cutout):
    """y = k ⊙ x: a box of each image becomes 0"""

    def backward(self, P, k, dy):
        return dy


ATTENTION = [
    Exercise(
        "self-attention",
        AttentionA,
        as_layer(AttentionA(3, 2, 4), (2, 5, 3)),
        where="dx",
        why="the attention weights are held constant",
        mistake="A taken for a constant",
        solution="dX = dQ W_qᵀ + dK W_kᵀ + dU W_vᵀ. x decides the weights too, through its queries "
        "and its keys; only the path through the values is here.",
    ),
    Exercise(
        "self-attention",
        AttentionB,
        as_layer(AttentionB(3, 2, 4), (2, 5, 3)),
        where="dWq",
        why="its row sum is missing",
        mistake="the softmax's gradient without its row sum",
        solution="dS = A ⊙ (dA − r), r = rowsum(A ⊙ dA). The weights of a row sum to 1, so one can "
        "only grow at the cost of others: every row of dS sums to 0.",
    ),
    Exercise(
        "self-attention",
        AttentionC,
        as_layer(AttentionC(3, 2, 4), (2, 5, 3)),
        where="dx",
        why="one term is absent: the path through the keys",
        mistake="the path through the keys is missing",
        solution="dX = dQ W_qᵀ + dK W_kᵀ + dU W_vᵀ. A position is asked as well as asking.",
    ),
    Exercise(
        "self-attention",
        AttentionD,
        as_layer(AttentionD(3, 2, 4), (2, 5, 3)),
        where="dWk",
        why="1/√d",
        mistake="the scale is missing on the way back",
        solution="dQ = dS K/√d and dK = dSᵀ Q/√d. S = Q Kᵀ/√d, and the factor 1/√d is in "
        "every derivative of S.",
    ),
    Exercise(
        "self-attention, its R-pass",
        AttentionE,
        as_layer(AttentionE(3, 2, 4), (2, 5, 3)),
        where="Rdx",
        why="the term of Rdx with RWq",
        mistake="the softmax's Jacobian held constant in the R-pass",
        solution="R{dS} = RA ⊙ (dA − r) + A ⊙ (RdA − Rr), Rr = rowsum(RA ⊙ dA + A ⊙ RdA). dS is "
        "bilinear in A and dA, with A in r too; here only dA moves. No first derivative is wrong, "
        "but a penalty's gradient would be.",
    ),
    Exercise(
        "a convolution in two groups",
        GroupedA,
        as_layer(GroupedA(4, 4, 3, 1, 1, groups=2), (2, 3, 4, 4)),
        where="dx",
        why="the groups are mixed up",
        mistake="each group goes back through the other's kernel",
        solution="dx_g = convᵀ(dy_g, W_g). The kernel that made y_g from x_g leads back to it.",
    ),
    Exercise(
        "a convolution in two groups",
        GroupedB,
        as_layer(GroupedB(4, 6, 3, 1, 1, groups=2), (2, 3, 4, 4)),
        where="dx",
        why="in another order",
        mistake="the channels of the groups are interleaved",
        solution="Group g has the C/G channels from g C/G on, in x as in dx. Here dx holds the "
        "first channel of each group, then the second.",
    ),
    Exercise(
        "pixel norm",
        PixelNormA,
        as_layer(PixelNormA(), (5, 3)),
        where="dx",
        why="one path is absent",
        mistake="r taken for a constant",
        solution="dx = r (dy − y E[y dy]). Stretching x changes nothing, so no part of dx may lie "
        "along x.",
    ),
    Exercise(
        "pixel norm, its R-pass",
        PixelNormB,
        as_layer(PixelNormB(), (2, 2, 3, 4)),
        where="Rdx",
        why="the term of Rdx with Rx (the second derivative",
        mistake="the projection held constant in the R-pass",
        solution="Rdx = Rr Π dy + r (Π Rdy − Ry E[y dy] − y E[Ry dy]). r and y move with x; here "
        "only dy does.",
    ),
    Exercise(
        "instance noise",
        NoiseA,
        as_layer(NoiseA(0.5, 3), (5, 3)),
        where="x, dy, P",
        why="forward changes t in place",
        mistake="t is counted in forward",
        solution="Only `observe` may move t. D judges twice in a step, data and samples, and a "
        "penalty once more: the noise would fall three times as fast, and differ between them.",
    ),
    Exercise(
        "translation",
        TranslationA,
        as_layer(TranslationA(0.3), (4, 4, 6, 1)),
        where="dx",
        why="drawn anew in backward",
        mistake="the augmentation is drawn anew in backward",
        solution="dx = Aᵀ dy with the A of the forward pass, from the cache. Another draw is "
        "another function's gradient: right on average over no x at all.",
    ),
    Exercise(
        "translation",
        TranslationB,
        as_layer(TranslationB(0.3), (4, 4, 6, 1)),
        where="dx",
        why="where its transpose belongs",
        mistake="moved the same way again",
        solution="Aᵀ moves back, by −a and −b: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩. What left the image gets 0.",
    ),
    Exercise(
        "cutout",
        CutoutA,
        as_layer(CutoutA(), (5, 4, 6, 2)),
        where="dx",
        why="dx = dy",
        mistake="the box is not cut out of the gradient",
        solution="dx = k ⊙ dy. What D did not see has no influence on what it says.",
    ),
]

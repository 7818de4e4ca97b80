"""L3 and L4, the convolution and its adjoint.

Both are made of one map that is linear in x and linear in W. With stride s and padding p, and x = 0
outside the image,

    conv(x, W)[n,i,j,o] = Σ_uvc x[n, s·i+u−p, s·j+v−p, c] W[u,v,c,o]          x (N, H, W, C)
        W (K, K, C, O)

A map that is linear in each of two arguments has two adjoints, and they are all the calculus that
there is:

    ⟨conv(x, W), y⟩ = ⟨x, convᵀ(y, W)⟩ = ⟨W, convʷ(x, y)⟩

    convᵀ(y, W)[n,a,b,c] = Σ_uvo y[n,i,j,o] W[u,v,c,o]   over the i, j with s·i+u−p = a, s·j+v−p = b
    convʷ(x, y)[u,v,c,o] = Σ_nij x[n, s·i+u−p, s·j+v−p, c] y[n,i,j,o]

So the convolution's gradients are dx = convᵀ(dy, W) and dW = convʷ(x, dy). The transposed
convolution y = convᵀ(x, W) has, from the same two equations, dx = conv(dy, W) and dW = convʷ(dy,
x). Every R-pass is a product rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, Shape, at_least, image, positive
from numgan.layers.sums import feature_sum

# ── the map and its two adjoints
# ─────────────────────────────────────────────────────────────────────────────────────


def conv(x: Array, W: Array, s: int, p: int, b: Array | float = 0.0) -> Array:
    """conv(x, W) + b, (N, h, w, O), as one matrix product for each kernel row u.

    For a fixed u the sum over (v, c) is a product of rows of K·C numbers, which lie side by side in
    memory.
    """
    xp = namespace(x)
    K, _, C, O = W.shape
    X = patches(x, K, s, p)
    N, h, w = X.shape[:3]
    y = xp.empty((N * h * w, O), xp.result_type(x, W, b))
    y[...] = b
    for u in kernel_rows(K, C):
        y += X[:, :, :, u].reshape(N * h * w, -1) @ W[u].reshape(-1, O)  # L3
    return y.reshape(N, h, w, O)


def conv_weight(x: Array, y: Array, K: int, s: int, p: int) -> Array:
    """convʷ(x, y), (K, K, C, O)."""
    xp = namespace(x)
    X, C, O = patches(x, K, s, p), x.shape[3], y.shape[3]
    N, h, w = X.shape[:3]
    Y = y.reshape(N * h * w, O)
    W = xp.empty((K, K, C, O), xp.result_type(x, y))
    for u in kernel_rows(K, C):
        W[u] = (X[:, :, :, u].reshape(N * h * w, -1).T @ Y).reshape(-1, K, C, O)
    return W


def conv_transpose(
    y: Array, W: Array, s: int, p: int, size: tuple[int, int], b: Array | float = 0.0
) -> Array:
    """convᵀ(y, W) + b, (N, *size, C): each tap (u, v) of the kernel sends y W[u,v]ᵀ to the pixels
    that it read.

    Neighbouring taps v … v+s−1 of all y[i, :] together fill a row of pixels without a gap: where s
    divides K they share one product, whose result lies in memory as the pixels do.
    """
    xp = namespace(y)
    (N, h, w, O), (K, _, C, _), (height, width) = y.shape, W.shape, size
    Y, t = y.reshape(N * h * w, O), s if K % s == 0 else 1
    x = xp.empty((N, height + 2 * p, width + 2 * p, C), xp.result_type(y, W, b))
    x[...] = b
    for u, v in product(range(K), range(0, K, t)):
        taps = Y @ W[u, v : v + t].reshape(t * C, O).T
        x[:, u : u + s * h : s, v : v + s * w : s // t] += taps.reshape(N, h, w * t, C)  # L4
    return x[:, p : p + height, p : p + width]


def patches(x: Array, K: int, s: int, p: int) -> Array:
    """x[n, s·i+u−p, s·j+v−p, c] as a view (N, h, w, K, K, C) of the padded image: nothing is copied
    but the padding.

    i and u step through the same axis, i by s of its strides. (sliding_window_view would wait for a
    GPU.)
    """
    xp = namespace(x)
    if p > 0:
        N, H, W, C = x.shape
        padded = xp.zeros((N, H + 2 * p, W + 2 * p, C), x.dtype)
        padded[:, p : p + H, p : p + W] = x
        x = padded
    (N, H, W, C), (n, a, b, c) = x.shape, x.strides
    shape = N, (H - K) // s + 1, (W - K) // s + 1, K, K, C
    return xp.lib.stride_tricks.as_strided(x, shape, (n, s * a, s * b, a, b, c))


def kernel_rows(K: int, C: int) -> list[slice]:
    """The kernel rows of each product: one, whose patches fit the processor's cache; all where a
    row is short.
    """
    return [slice(u, u + 1) for u in range(K)] if K * C >= 64 else [slice(0, K)]


# ── the layers
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class Filter(Layer):
    """What the two layers share: a kernel W, perhaps a bias b, a stride and a padding."""

    I: int
    O: int
    K: int
    stride: int
    padding: int
    bias: bool
    init: str

    def __post_init__(self):
        positive(I=self.I, O=self.O, K=self.K, stride=self.stride)
        at_least(0, padding=self.padding)
        require_initialisation(self.init)

    def unpack(self, P):
        """(W, b), with b = 0 for a layer that has none."""
        return P if self.bias else (*P, 0.0)

    def pack(self, dW, dy):
        """(dW, db) with db = Σ dy, or (dW,) for a layer that has no bias."""
        return (dW, feature_sum(dy)) if self.bias else (dW,)


@dataclass(frozen=True)
class Convolution(Filter):
    """y = conv(x, W) + b.      x (N, H, W, I)   W (K, K, I, O)   b (O,)   y (N, h, w, O)

    h = ⌊(H + 2p − K)/s⌋ + 1, and w likewise. With dy = ∂V/∂y, the chain rule and the adjoints at
    the head of this file,

        δV = ⟨dy, conv(δx, W) + conv(x, δW) + δb⟩ = ⟨convᵀ(dy, W), δx⟩ + ⟨convʷ(x, dy), δW⟩ + ⟨Σ_nij
        dy, δb⟩

    and each gradient stands before its variation. A bias that batch norm follows would be
    subtracted again: leave it out with bias=False.
    """

    I: int
    O: int
    K: int
    stride: int = 1
    padding: int = 0
    bias: bool = True
    init: str = "he"

    def parameters(self):
        W: dict[str, Shape] = {"W": (self.K, self.K, self.I, self.O)}
        return W | {"b": (self.O,)} if self.bias else W

    def initial(self, rng):
        W = normal(
            rng, self.init, (self.K, self.K, self.I, self.O), self.K**2 * self.I, self.K**2 * self.O
        )
        return (W, np.zeros(self.O)) if self.bias else (W,)

    def output_shape(self, shape):
        H, W, _ = image(shape, self.I)
        h, w = ((side + 2 * self.padding - self.K) // self.stride + 1 for side in (H, W))
        if h < 1 or w < 1:
            raise InputError(
                f"a kernel of {self.K} does not fit images of shape {shape} padded by "
                f"{self.padding}"
            )
        return h, w, self.O

    def forward(self, P, x):
        W, b = self.unpack(P)
        return conv(x, W, self.stride, self.padding, b), x  # L3      y = conv(x, W) + b

    def backward(self, P, cache, dy):
        (W, _), x = self.unpack(P), cache
        return conv_transpose(
            dy, W, self.stride, self.padding, x.shape[1:3]
        )  # dL3    dx = convᵀ(dy, W)

    def gradient(self, P, cache, dy):
        x = cache
        dW = conv_weight(x, dy, self.K, self.stride, self.padding)  # dL3    dW = convʷ(x, dy)
        return self.pack(dW, dy)  #        db = Σ dy

    def rforward(self, P, cache, RP, Rx):
        (W, _), x, s, p = self.unpack(P), cache, self.stride, self.padding
        Ry = conv(Rx, W, s, p)
        if RP is not None:
            RW, Rb = self.unpack(RP)
            Ry = Ry + conv(x, RW, s, p, Rb)  # R{L3}  Ry = conv(Rx, W) +
        return Ry, Rx  #             conv(x, RW) + Rb

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (W, _), x, s, p = self.unpack(P), cache, self.stride, self.padding
        Rdx = conv_transpose(Rdy, W, s, p, x.shape[1:3])
        if RP is not None:
            Rdx = Rdx + conv_transpose(
                dy, RP[0], s, p, x.shape[1:3]
            )  # R{dL3} Rdx = convᵀ(Rdy, W) +
        return Rdx  #              convᵀ(dy, RW)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x, Rx, K, s, p = cache, Rcache, self.K, self.stride, self.padding
        RdW = conv_weight(Rx, dy, K, s, p) + conv_weight(
            x, Rdy, K, s, p
        )  # R{dL3} RdW = convʷ(Rx, dy) +
        return self.pack(RdW, Rdy)  #              convʷ(x, Rdy)

    @classmethod
    def examples(cls):
        return [
            (cls(2, 3, 3), (2, 5, 4, 2)),
            (cls(1, 1, 1), (1, 1, 1, 1)),
            (cls(2, 3, 4, 2, 1, bias=False), (3, 6, 4, 2)),
        ]


@dataclass(frozen=True)
class TransposedConvolution(Filter):
    """y = convᵀ(x, W) + b.      x (N, h, w, I)   W (K, K, O, I)   b (O,)   y (N, H, W, O)

    H = s(h − 1) + K − 2p + q with q the output padding, and W likewise: of the s heights that a
    convolution maps to h, q chooses one. W is the kernel of that convolution, which takes O
    features to I. As above, with the roles swapped,

        δV = ⟨dy, convᵀ(δx, W) + convᵀ(x, δW) + δb⟩ = ⟨conv(dy, W), δx⟩ + ⟨convʷ(dy, x),
        δW⟩ + ⟨Σ_nij dy, δb⟩

    because ⟨dy, convᵀ(x, δW)⟩ = ⟨conv(dy, δW), x⟩. The bias meets every pixel of y once, however
    many taps reach it.
    """

    I: int
    O: int
    K: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    bias: bool = True
    init: str = "he"

    def __post_init__(self):
        super().__post_init__()
        at_least(0, output_padding=self.output_padding)
        if self.output_padding >= self.stride:
            raise InputError(
                f"output_padding must be below the stride {self.stride}, got {self.output_padding}"
            )

    def parameters(self):
        W: dict[str, Shape] = {"W": (self.K, self.K, self.O, self.I)}
        return W | {"b": (self.O,)} if self.bias else W

    def initial(self, rng):
        taps = max(self.K**2 // self.stride**2, 1)  # as many taps reach one pixel of y
        W = normal(
            rng, self.init, (self.K, self.K, self.O, self.I), taps * self.I, self.K**2 * self.O
        )
        return (W, np.zeros(self.O)) if self.bias else (W,)

    def size(self, shape: Shape) -> tuple[int, int]:
        """(H, W) from the shape (h, w, I) of one sample."""
        H, W = (
            self.stride * (n - 1) + self.K - 2 * self.padding + self.output_padding
            for n in shape[:2]
        )
        return H, W

    def output_shape(self, shape):
        H, W = self.size(image(shape, self.I))
        if H < 1 or W < 1:
            raise InputError(
                f"a padding of {self.padding} leaves nothing of images of shape {shape}"
            )
        return H, W, self.O

    def forward(self, P, x):
        W, b = self.unpack(P)
        y = conv_transpose(x, W, self.stride, self.padding, self.size(x.shape[1:]), b)
        return y, x  # L4      y = convᵀ(x, W) + b

    def backward(self, P, cache, dy):
        W, _ = self.unpack(P)
        return conv(dy, W, self.stride, self.padding)  # dL4    dx = conv(dy, W)

    def gradient(self, P, cache, dy):
        x = cache
        dW = conv_weight(dy, x, self.K, self.stride, self.padding)  # dL4    dW = convʷ(dy, x)
        return self.pack(dW, dy)  #        db = Σ dy

    def rforward(self, P, cache, RP, Rx):
        (W, _), x, s, p, size = (
            self.unpack(P),
            cache,
            self.stride,
            self.padding,
            self.size(Rx.shape[1:]),
        )
        Ry = conv_transpose(Rx, W, s, p, size)
        if RP is not None:
            RW, Rb = self.unpack(RP)
            Ry = Ry + conv_transpose(x, RW, s, p, size, Rb)  # R{L4}  Ry = convᵀ(Rx, W) +
        return Ry, Rx  #             convᵀ(x, RW) + Rb

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (W, _), s, p = self.unpack(P), self.stride, self.padding
        Rdx = conv(Rdy, W, s, p)
        if RP is not None:
            Rdx = Rdx + conv(dy, RP[0], s, p)  # R{dL4} Rdx = conv(Rdy, W) +
        return Rdx  #              conv(dy, RW)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x, Rx, K, s, p = cache, Rcache, self.K, self.stride, self.padding
        RdW = conv_weight(dy, Rx, K, s, p) + conv_weight(
            Rdy, x, K, s, p
        )  # R{dL4} RdW = convʷ(dy, Rx) +
        return self.pack(RdW, Rdy)  #              convʷ(Rdy, x)

    @classmethod
    def examples(cls):
        return [
            (cls(2, 3, 3), (2, 3, 2, 2)),
            (cls(3, 2, 4, 2, 1), (2, 2, 3, 3)),
            (cls(2, 1, 3, 2, 1, output_padding=1, bias=False), (1, 3, 2, 2)),
        ]

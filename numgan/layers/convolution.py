"""L3 and L4, the convolution and its adjoint, and L17, both in groups of channels.

Both layers are made of one map conv(x, W), linear in x and linear in W, and its two adjoints
(conv.py):

    ⟨conv(x, W), y⟩ = ⟨x, convᵀ(y, W)⟩ = ⟨W, convʷ(x, y)⟩

So the convolution's gradients are dx = convᵀ(dy, W) and dW = convʷ(x, dy). The transposed
convolution y = convᵀ(x, W) has, from the same two equations, dx = conv(dy, W) and dW = convʷ(dy,
x). Every R-pass is a product rule. In groups these are other sums, and so the same equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.layers.blocks import joined, summed
from numgan.layers.conv import conv, conv_transpose, conv_weight
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, Shape, at_least, image, positive
from numgan.layers.sums import feature_sum


class Filter(Layer):
    """What the two layers share: a kernel W, perhaps a bias b, a stride, a padding, groups."""

    I: int
    O: int
    K: int
    stride: int
    padding: int
    bias: bool
    init: str
    groups: int

    def __post_init__(self):
        positive(I=self.I, O=self.O, K=self.K, stride=self.stride, groups=self.groups)
        at_least(0, padding=self.padding)
        require_initialisation(self.init)
        if self.I % self.groups or self.O % self.groups:
            raise InputError(
                f"groups must divide the channels in and out, got groups = {self.groups}, "
                f"I = {self.I} and O = {self.O}"
            )

    @property
    def kernel(self) -> Shape:
        """The shape of W."""
        raise NotImplementedError

    def parameters(self):
        W: dict[str, Shape] = {"W": self.kernel}
        return W | {"b": (self.O,)} if self.bias else W

    def with_bias(self, W):
        """(W, b) at the start of training, b = 0."""
        return (W, np.zeros(self.O)) if self.bias else (W,)

    def unpack(self, P):
        """(W, b), with b = 0 for a layer that has none."""
        return P if self.bias else (*P, 0.0)

    def pack(self, dW, dy):
        """(dW, db) with db = Σ dy, or (dW,) for a layer that has no bias."""
        return (dW, feature_sum(dy)) if self.bias else (dW,)

    def conv(self, x: Array, W: Array, b: Array | float = 0.0) -> Array:
        """conv(x, W) + b with the layer's stride, padding and groups."""
        s, p, G = self.stride, self.padding, self.groups
        return joined(lambda x: conv(x, W, s, p, b, G), x)

    def conv_transpose(
        self, y: Array, W: Array, size: tuple[int, int], b: Array | float = 0.0
    ) -> Array:
        """convᵀ(y, W) + b, for images of that height and width."""
        s, p, G = self.stride, self.padding, self.groups
        return joined(lambda y: conv_transpose(y, W, s, p, size, b, G), y)

    def conv_weight(self, x: Array, y: Array) -> Array:
        """convʷ(x, y), in the shape of W."""
        K, s, p, G = self.K, self.stride, self.padding, self.groups
        return summed(lambda x, y: conv_weight(x, y, K, s, p, G), x, y)


@dataclass(frozen=True)
class Convolution(Filter):
    """y = conv(x, W) + b.      x (N, H, W, I)   W (K, K, I/G, O)   b (O,)   y (N, h, w, O)

    h = ⌊(H + 2p − K)/s⌋ + 1, and w likewise. With dy = ∂V/∂y, the chain rule and the two adjoints,

        δV = ⟨dy, conv(δx, W) + conv(x, δW) + δb⟩ = ⟨convᵀ(dy, W), δx⟩ + ⟨convʷ(x, dy), δW⟩ + ⟨Σ_nij
        dy, δb⟩

    and each gradient stands before its variation. With `groups` = G, each of G groups of channels
    is convolved by itself, with a share of 1/G of the weights and of the products; with G = I = O
    each channel is: the depthwise convolution. A bias that batch norm follows would be subtracted
    again: leave it out with bias=False.
    """

    I: int
    O: int
    K: int
    stride: int = 1
    padding: int = 0
    bias: bool = True
    init: str = "he"
    groups: int = 1

    @property
    def kernel(self):
        return self.K, self.K, self.I // self.groups, self.O

    def initial(self, rng):
        taps = self.K**2
        fans = taps * self.I // self.groups, taps * self.O // self.groups
        return self.with_bias(normal(rng, self.init, self.kernel, *fans))

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
        return self.conv(x, W, b), x  # L3, L17  y = conv(x, W) + b

    def backward(self, P, cache, dy):
        (W, _), x = self.unpack(P), cache
        return self.conv_transpose(dy, W, x.shape[1:3])  # dL3    dx = convᵀ(dy, W)

    def gradient(self, P, cache, dy):
        x = cache
        return self.pack(self.conv_weight(x, dy), dy)  # dL3    dW = convʷ(x, dy),  db = Σ dy

    def rforward(self, P, cache, RP, Rx):
        (W, _), x = self.unpack(P), cache
        Ry = self.conv(Rx, W)
        if RP is not None:
            RW, Rb = self.unpack(RP)
            Ry = Ry + self.conv(x, RW, Rb)  # R{L3}  Ry = conv(Rx, W) + conv(x, RW) + Rb
        return Ry, Rx

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (W, _), size = self.unpack(P), cache.shape[1:3]
        Rdx = self.conv_transpose(Rdy, W, size)
        if RP is not None:  # R{dL3} Rdx = convᵀ(Rdy, W) + convᵀ(dy, RW)
            Rdx = Rdx + self.conv_transpose(dy, RP[0], size)
        return Rdx

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x, Rx = cache, Rcache
        RdW = self.conv_weight(Rx, dy) + self.conv_weight(x, Rdy)  # R{dL3}
        return self.pack(RdW, Rdy)  # RdW = convʷ(Rx, dy) + convʷ(x, Rdy)

    @classmethod
    def examples(cls):
        return [
            (cls(2, 3, 3), (2, 5, 4, 2)),
            (cls(1, 1, 1), (1, 1, 1, 1)),
            (cls(2, 3, 4, 2, 1, bias=False), (3, 6, 4, 2)),
            (cls(4, 6, 3, 1, 1, groups=2), (2, 3, 4, 4)),
            (cls(3, 3, 3, groups=3), (2, 4, 3, 3)),
        ]


@dataclass(frozen=True)
class TransposedConvolution(Filter):
    """y = convᵀ(x, W) + b.      x (N, h, w, I)   W (K, K, O/G, I)   b (O,)   y (N, H, W, O)

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
    groups: int = 1

    def __post_init__(self):
        super().__post_init__()
        at_least(0, output_padding=self.output_padding)
        if self.output_padding >= self.stride:
            raise InputError(
                f"output_padding must be below the stride {self.stride}, got {self.output_padding}"
            )

    @property
    def kernel(self):
        return self.K, self.K, self.O // self.groups, self.I

    def initial(self, rng):
        taps = max(self.K**2 // self.stride**2, 1)  # as many taps reach one pixel of y
        fans = taps * self.I // self.groups, self.K**2 * self.O // self.groups
        return self.with_bias(normal(rng, self.init, self.kernel, *fans))

    def size(self, shape: Shape) -> tuple[int, int]:
        """(H, W) of y, from the shape (h, w, I) of one sample."""
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
        y = self.conv_transpose(x, W, self.size(x.shape[1:]), b)
        return y, x  # L4, L17  y = convᵀ(x, W) + b

    def backward(self, P, cache, dy):
        W, _ = self.unpack(P)
        return self.conv(dy, W)  # dL4    dx = conv(dy, W)

    def gradient(self, P, cache, dy):
        x = cache
        return self.pack(self.conv_weight(dy, x), dy)  # dL4    dW = convʷ(dy, x),  db = Σ dy

    def rforward(self, P, cache, RP, Rx):
        (W, _), x, size = self.unpack(P), cache, self.size(Rx.shape[1:])
        Ry = self.conv_transpose(Rx, W, size)
        if RP is not None:
            RW, Rb = self.unpack(RP)  # R{L4}  Ry = convᵀ(Rx, W) + convᵀ(x, RW) + Rb
            Ry = Ry + self.conv_transpose(x, RW, size, Rb)
        return Ry, Rx

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        W, _ = self.unpack(P)
        Rdx = self.conv(Rdy, W)
        if RP is not None:
            Rdx = Rdx + self.conv(dy, RP[0])  # R{dL4} Rdx = conv(Rdy, W) + conv(dy, RW)
        return Rdx

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x, Rx = cache, Rcache
        RdW = self.conv_weight(dy, Rx) + self.conv_weight(Rdy, x)  # R{dL4}
        return self.pack(RdW, Rdy)  # RdW = convʷ(dy, Rx) + convʷ(Rdy, x)

    @classmethod
    def examples(cls):
        return [
            (cls(2, 3, 3), (2, 3, 2, 2)),
            (cls(3, 2, 4, 2, 1), (2, 2, 3, 3)),
            (cls(2, 1, 3, 2, 1, output_padding=1, bias=False), (1, 3, 2, 2)),
            (cls(6, 4, 3, 2, 1, groups=2), (2, 2, 3, 6)),
        ]

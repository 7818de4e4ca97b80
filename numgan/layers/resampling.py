"""L9, images of another size without weights: average pooling, nearest upsampling, pixel shuffle.

All three are linear and read best with the blocks of an image as axes of their own: H = h·s rows
are h blocks of s.
"""

from __future__ import annotations

from dataclasses import dataclass

from numgan.errors import InputError
from numgan.layers.layer import Linear, image, positive


@dataclass(frozen=True)
class AveragePool(Linear):
    """Each s×s block becomes its mean.      x (N, s·h, s·w, C)   y (N, h, w, C)

    y[n,i,j,c] = (1/s²) Σ_ab x[n, s·i+a, s·j+b, c], so every pixel of a block receives
    dy[n,i,j,c]/s².
    """

    s: int = 2

    def __post_init__(self):
        positive(s=self.s)

    def output_shape(self, shape):
        H, W, C = image(shape)
        if H % self.s or W % self.s:
            raise InputError(
                f"images of shape {shape} do not divide into blocks of {self.s}×{self.s}"
            )
        return H // self.s, W // self.s, C

    def map(self, x):
        return block_sum(x, self.s) / self.s**2  # L9      y = mean of the block

    def adjoint(self, y, shape):
        return spread(y, self.s) / self.s**2  # dL9    dx = dy/s² on the block

    @classmethod
    def examples(cls):
        return [(cls(2), (2, 4, 6, 3)), (cls(3), (1, 3, 3, 1))]


@dataclass(frozen=True)
class Upsample(Linear):
    """Each pixel becomes an s×s block of itself.      x (N, h, w, C)   y (N, s·h, s·w, C)

    y[n, s·i+a, s·j+b, c] = x[n,i,j,c], so a pixel receives the sum of dy over its block: s² times
    pooling's adjoint.
    """

    s: int = 2

    def __post_init__(self):
        positive(s=self.s)

    def output_shape(self, shape):
        h, w, C = image(shape)
        return h * self.s, w * self.s, C

    def map(self, x):
        return spread(x, self.s)  # L9      y = x on the block

    def adjoint(self, y, shape):
        return block_sum(y, self.s)  # dL9    dx = Σ dy over the block

    @classmethod
    def examples(cls):
        return [(cls(2), (2, 3, 2, 3)), (cls(3), (1, 1, 1, 1))]


@dataclass(frozen=True)
class PixelShuffle(Linear):
    """s² channels become the pixels of an s×s block.      x (N, h, w, C·s²)   y (N, s·h, s·w, C)
        arXiv:1609.05158

    y[n, s·i+a, s·j+b, c] = x[n, i, j, (c·s + a)·s + b]: a permutation, so dx is dy through its
    inverse.
    """

    s: int = 2

    def __post_init__(self):
        positive(s=self.s)

    def output_shape(self, shape):
        h, w, C = image(shape)
        if C % self.s**2:
            raise InputError(f"{C} channels do not divide into blocks of {self.s}×{self.s} pixels")
        return h * self.s, w * self.s, C // self.s**2

    def map(self, x):
        (N, h, w, C), s = x.shape, self.s
        blocks = x.reshape(N, h, w, C // s**2, s, s).transpose(0, 1, 4, 2, 5, 3)
        return blocks.reshape(N, h * s, w * s, C // s**2)  # L9

    def adjoint(self, y, shape):
        (N, h, w, C), s = shape, self.s
        blocks = y.reshape(N, h, s, w, s, C // s**2).transpose(0, 1, 3, 5, 2, 4)
        return blocks.reshape(shape)  # dL9

    @classmethod
    def examples(cls):
        return [(cls(2), (2, 3, 2, 8)), (cls(3), (1, 1, 1, 9))]


def block_sum(x, s: int):
    """Σ over each s×s block, (N, H/s, W/s, C)."""
    N, H, W, C = x.shape
    return x.reshape(N, H // s, s, W // s, s, C).sum(axis=(2, 4))


def spread(x, s: int):
    """Each pixel on an s×s block of its own, (N, s·h, s·w, C)."""
    return x.repeat(s, axis=1).repeat(s, axis=2)

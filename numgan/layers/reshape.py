"""L10, the same numbers in another shape."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from numgan.errors import InputError
from numgan.layers.layer import Linear, Shape, positive


@dataclass(frozen=True)
class Reshape(Linear):
    """y holds the numbers of x, in their order, as samples of another shape.      x (N, …)   y (N, *shape)

    ∂V/∂y read back in the old shape is ∂V/∂x: a permutation's adjoint is its inverse.
    """

    shape: Shape

    def __post_init__(self):
        positive(**{f"shape[{axis}]": size for axis, size in enumerate(self.shape)})

    def output_shape(self, shape):
        if prod(shape) != prod(self.shape):
            raise InputError(f"expected samples of {prod(self.shape)} numbers, got {shape}")
        return self.shape

    def map(self, x):
        return x.reshape(len(x), *self.shape)                           # L10

    def adjoint(self, y, shape):
        return y.reshape(shape)                                         # dL10


@dataclass(frozen=True)
class Flatten(Linear):
    """Every sample as one row.      x (N, H, W, C)   y (N, H·W·C)"""

    def output_shape(self, shape):
        return (prod(shape),)

    def map(self, x):
        return x.reshape(len(x), prod(x.shape[1:]))                     # L10

    def adjoint(self, y, shape):
        return y.reshape(shape)                                         # dL10

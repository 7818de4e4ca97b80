"""L10, the same numbers in another shape."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.layer import Linear, Shape, positive, sizes


@dataclass(frozen=True)
class Reshape(Linear):
    """y holds the numbers of x, in their order, as samples of another shape.      x (N, …)
        y (N, *shape)

    ∂V/∂y read back in the old shape is ∂V/∂x: a permutation's adjoint is its inverse.
    """

    shape: Shape

    def __post_init__(self):
        sizes(self.shape)

    def output_shape(self, shape):
        if prod(shape) != prod(self.shape):
            raise InputError(f"expected samples of {prod(self.shape)} numbers, got {shape}")
        return self.shape

    def map(self, x):
        return x.reshape(len(x), *self.shape)  # L10

    def adjoint(self, y, shape):
        return y.reshape(shape)  # dL10

    @classmethod
    def examples(cls):
        return [(cls((2, 3, 1)), (5, 6))]


@dataclass(frozen=True)
class Flatten(Linear):
    """Every sample as one row.      x (N, H, W, C)   y (N, H·W·C)"""

    def output_shape(self, shape):
        return (prod(shape),)

    def map(self, x):
        return x.reshape(len(x), prod(x.shape[1:]))  # L10

    def adjoint(self, y, shape):
        return y.reshape(shape)  # dL10

    @classmethod
    def examples(cls):
        return [(cls(), (3, 2, 4, 2))]


@dataclass(frozen=True)
class Pack(Linear):
    """Each sample with the M − 1 after it as one row, for a discriminator that judges packs.
        x (N, F)   y (N, M·F)

        y_n = [x_n | x_{n+1} | … | x_{n+M−1}],   indices modulo N
            dx_n = Σ_j (block j of dy_{n−j})

    A pack of samples that are all alike gives itself away, as each of them alone does not: PacGAN
    (arXiv:1712.04086). There the packs are disjoint; here every sample begins one, so that N
    samples still make N logits. Each pack alone is as random as there.
    """

    M: int

    @property
    def couples(self) -> bool:  # type: ignore[override]
        return self.M > 1

    def __post_init__(self):
        positive(M=self.M)

    def output_shape(self, shape):
        if len(shape) != 1:
            raise InputError(f"expected rows to pack, got samples of shape {shape}")
        return (self.M * shape[0],)

    def map(self, x):
        xp = namespace(x)
        return xp.concatenate(
            [xp.roll(x, -j, axis=0) for j in range(self.M)], axis=1
        )  # L10     y_n holds x_{n+j}

    def adjoint(self, y, shape):
        F = shape[1]
        blocks = [namespace(y).roll(y[:, j * F : (j + 1) * F], j, axis=0) for j in range(self.M)]
        return sum(blocks[1:], blocks[0])  # dL10    Σ_j over packs

    @classmethod
    def examples(cls):
        return [(cls(2), (4, 3)), (cls(1), (3, 2))]

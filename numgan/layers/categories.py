"""L15, the softmax heads of a generator whose rows have categories among their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.arguments import above_zero
from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.layer import Layer, at_least, positive


@dataclass(frozen=True)
class Categories(Layer):
    """Rows of `free` numbers, then one block for each categorical column.      x, y (N, I)

    The free numbers are passed on. A block of K logits becomes K probabilities,

        y_k = exp(x_k/τ) / Σ_j exp(x_j/τ)

    where data have a 1 and zeros (`one_hot`). The smaller the temperature τ, the nearer y is to
    that.

        ∂y_k/∂x_j = y_k (δ_kj − y_j)/τ      symmetric in k and j, so with ⟨u, v⟩ = Σ_k u_k v_k
        dx  = y ⊙ (dy − ⟨y, dy⟩)/τ
        Ry  = y ⊙ (Rx − ⟨y, Rx⟩)/τ
        Rdx = [Ry ⊙ (dy − ⟨y, dy⟩) + y ⊙ (Rdy − ⟨Ry, dy⟩ − ⟨y, Rdy⟩)]/τ

    Adding one number to all logits of a block changes no y: so the largest is subtracted first, no
    exponent is positive, and nothing overflows.
    """

    free: int
    sizes: tuple[int, ...]
    tau: float = 1.0

    def __post_init__(self):
        at_least(0, free=self.free)
        if not isinstance(self.sizes, tuple) or not self.sizes:
            raise InputError(f"sizes must be a tuple of categories per column, got {self.sizes!r}")
        positive(**{f"sizes[{b}]": K for b, K in enumerate(self.sizes)})
        above_zero(tau=self.tau)

    def blocks(self) -> list[slice]:
        """Where the logits of each column stand in a row."""
        starts = [self.free + sum(self.sizes[:b]) for b in range(len(self.sizes))]
        return [slice(start, start + K) for start, K in zip(starts, self.sizes, strict=True)]

    def output_shape(self, shape):
        if shape != (I := self.free + sum(self.sizes),):
            raise InputError(f"expected rows of shape ({I},), got {shape}")
        return shape

    def forward(self, P, x):
        y = x.copy()
        for k in self.blocks():
            a = x[:, k] - x[:, k].real.max(axis=1, keepdims=True)
            e = namespace(x).exp(a / self.tau)
            y[:, k] = e / e.sum(axis=1, keepdims=True)  # L15     y = softmax(x/τ)
        return y, y

    def backward(self, P, y, dy):
        return self.through(y, dy)  # dL15   dx = y ⊙ (dy − ⟨y, dy⟩)/τ

    def rforward(self, P, y, RP, Rx):
        Ry = self.through(y, Rx)  # R{L15}  Ry = y ⊙ (Rx − ⟨y, Rx⟩)/τ
        return Ry, Ry

    def rbackward(self, P, y, RP, Ry, dy, Rdy):
        Rdx = Rdy.copy()
        for k in self.blocks():
            centred = dy[:, k] - inner(y[:, k], dy[:, k])
            Rcentred = Rdy[:, k] - inner(Ry[:, k], dy[:, k]) - inner(y[:, k], Rdy[:, k])
            Rdx[:, k] = (Ry[:, k] * centred + y[:, k] * Rcentred) / self.tau  # R{dL15}
        return Rdx

    def through(self, y, v):
        """(∂y/∂x) v, which is also (∂y/∂x)ᵀ v: y ⊙ (v − ⟨y, v⟩)/τ in a block, v outside."""
        out = v.copy()
        for k in self.blocks():
            out[:, k] = y[:, k] * (v[:, k] - inner(y[:, k], v[:, k])) / self.tau
        return out

    @classmethod
    def examples(cls):
        return [
            (cls(2, (3, 1), 0.7), (5, 6)),
            (cls(0, (2,)), (1, 2)),
            (cls(1, (4, 2, 3), 2.0), (3, 10)),
        ]


def inner(u, v):
    """⟨u, v⟩ of each row, (N, 1)."""
    return (u * v).sum(axis=1, keepdims=True)

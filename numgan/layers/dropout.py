"""L7, dropout."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.errors import InputError
from numgan.layers.layer import ANY_SHAPE, Layer


@dataclass(frozen=True)
class Dropout(Layer):
    """Each number is dropped with probability p, and what stays is scaled up.      Any shape.
        arXiv:1207.0580

        y = k ⊙ x,      k_i = 1/(1−p) with probability 1−p, else 0

    so E[y] = x, and outside training the layer is the identity (the "inverted" form). For the k
    that was drawn the map is linear with a diagonal matrix: dx = k ⊙ dy with that same k, which is
    what the cache holds. The draw is float32 whatever the precision of x: the same seed drops the
    same numbers.
    """

    p: float = 0.5
    random = True

    def __post_init__(self):
        if isinstance(self.p, bool) or not isinstance(self.p, (int, float)) or not 0 <= self.p < 1:
            raise InputError(f"p must be a probability below 1, got {self.p!r}")

    def evaluation(self):
        return Identity()

    def forward(self, P, x, rng=None):
        if rng is None:
            raise InputError(f"{self} draws random numbers: forward needs a generator rng")
        k = (rng.random(x.shape, dtype="float32") >= self.p).astype(x.real.dtype) / (1 - self.p)
        return k * x, k  # L7      y = k ⊙ x

    def backward(self, P, k, dy):
        return k * dy  # dL7    dx = k ⊙ dy

    def rforward(self, P, k, RP, Rx):
        return k * Rx, None  # R{L7}  Ry = k ⊙ Rx

    def rbackward(self, P, k, RP, Rcache, dy, Rdy):
        return k * Rdy  # R{dL7} Rdx = k ⊙ Rdy

    @classmethod
    def examples(cls):
        return [(cls(0.4), shape) for shape in ANY_SHAPE]


@dataclass(frozen=True)
class Identity(Layer):
    """y = x."""

    def forward(self, P, x):
        return x, None

    def backward(self, P, cache, dy):
        return dy

    def rforward(self, P, cache, RP, Rx):
        return Rx, None

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return Rdy

    @classmethod
    def examples(cls):
        return [(cls(), (5, 3))]

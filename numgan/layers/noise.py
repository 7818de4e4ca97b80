"""L19, instance noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.arguments import not_negative
from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.layer import Layer, positive


@dataclass(frozen=True)
class InstanceNoise(Layer):
    """Noise on all that D judges, data and samples alike, which falls to 0.      Any shape.
        arXiv:1610.04490

        y = x + s ξ,      ξ ~ N(0, I),      s = σ max(0, 1 − t/T)

    The laws of data and samples are convolved with one normal distribution, so they overlap, and
    D has no perfect answer. For the ξ that was drawn, y is x plus a constant: dx = dy and Ry = Rx.
    The draw is float32 whatever the precision of x.

    **The annealing.** t counts the steps of D, and stands among P like batch norm's averages:
    remembered, moved by `observe` alone, once a step. So it is saved, resumed and copied with θ, no
    clock or schedule is asked, and counting loses nothing: float32 holds every whole number up to
    2²⁴. After `steps` = T steps of D, and outside training, y = x. In `numgan train
    --instance-noise σ` it stands before D, and T are all steps of D in the run.
    """

    sigma: float = 0.1
    steps: int = 1000
    fixed = ("t",)

    def __post_init__(self):
        not_negative(sigma=self.sigma)
        positive(steps=self.steps)

    @property
    def random(self) -> bool:  # type: ignore[override]
        return self.sigma > 0

    def parameters(self):
        return {"t": (1,)}

    def initial(self, rng):
        return (np.zeros(1),)

    def evaluation(self):
        return InstanceNoise(0.0, self.steps)

    def observe(self, P, cache):
        (t,) = P
        t += 1

    def forward(self, P, x, rng=None):
        if not self.sigma:
            return x + 0, None
        if rng is None:
            raise InputError(f"{self} draws random numbers: forward needs a generator rng")
        (t,) = P
        s = self.sigma * namespace(t).maximum(0, 1 - t.real / self.steps)
        xi = rng.standard_normal(x.shape, dtype="float32").astype(x.real.dtype)
        return x + s.astype(x.real.dtype) * xi, None  # L19      y = x + s ξ

    def backward(self, P, cache, dy):
        return dy  # dL19     dx = dy

    def gradient(self, P, cache, dy):
        return (namespace(dy).zeros(1, dy.dtype),)

    def rforward(self, P, cache, RP, Rx):
        return Rx, None  # R{L19}   Ry = Rx

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return Rdy  # R{dL19}  Rdx = Rdy

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        return (namespace(dy).zeros(1, dy.dtype),)

    @classmethod
    def examples(cls):
        return [(cls(0.5, 3), (5, 3)), (cls(0.3), (2, 3, 2, 1)), (cls(0.0), (1, 2))]

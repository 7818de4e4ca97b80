"""L5, batch norm: in training by the statistics of the batch, outside it by running averages of
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.arguments import above_zero, not_negative
from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.layer import positive
from numgan.layers.normalisation import Normalisation, Normalised
from numgan.layers.sums import feature_sum


@dataclass(frozen=True)
class BatchNorm(Normalisation):
    """Each feature over the batch, and over the pixels of an image.      x (N, C) or (N, H, W, C)
        γ, β (C,)

    The passes are those of normalisation.py; E and Σ run over the same M numbers, all that one
    feature has in the batch (Ioffe and Szegedy 2015, arXiv:1502.03167). γ is then one number in
    each E and may be taken out of it:

        dx = γ r (dy − E dy − x̂ E[x̂ dy])

    Data and samples pass through D as two batches, so each is normalised by its own statistics.

    `mean` and `var` are remembered for use outside training: running averages, moved by `observe` a
    fraction `momentum` of the way to μ and to σ² M/(M−1), the unbiased estimate of the variance.
    """

    C: int
    epsilon: float = 1e-5
    momentum: float = 0.1
    fixed = ("mean", "var")
    couples = True

    def __post_init__(self):
        positive(C=self.C)
        above_zero(epsilon=self.epsilon)
        not_negative(momentum=self.momentum)
        if self.momentum > 1:
            raise InputError(f"momentum must be at most 1, got {self.momentum}")

    @property
    def features(self):
        return (self.C,)

    def parameters(self):
        return super().parameters() | {"mean": (self.C,), "var": (self.C,)}

    def initial(self, rng):
        return *super().initial(rng), np.zeros(self.C), np.ones(self.C)

    def output_shape(self, shape):
        if shape[-1:] != (self.C,):
            raise InputError(f"expected {self.C} features in the last axis, got {shape}")
        return shape

    def count(self, x):
        """M, how many numbers each feature has in the batch."""
        return x.size // self.C

    def mean(self, x):
        return feature_sum(x) / self.count(x)

    def total(self, x):
        return feature_sum(x)

    def forward(self, P, x):
        if x.size == self.C:
            raise InputError(
                "batch norm needs more than one number of each feature: a batch of "
                "one has no variance"
            )
        return super().forward(P, x)

    def backward(self, P, cache, dy):
        gamma, r = P[0], cache.r
        return gamma * r * self.project(cache, dy)  # dL5     dx = γ r (dy − E dy − x̂ E[x̂ dy])

    def gradient(self, P, cache, dy):
        return *super().gradient(P, cache, dy), *self.zero_gradients(dy)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        return *super().rgradient(P, cache, RP, Rcache, dy, Rdy), *self.zero_gradients(Rdy)

    def zero_gradients(self, dy):
        """The gradient of the two running averages: zero."""
        zero = namespace(dy).zeros(self.C, dy.dtype)
        return zero, zero

    def observe(self, P, cache):
        (_, _, mean, var), M = P, self.count(cache.xhat)
        mean += self.momentum * (cache.mu - mean)
        var += self.momentum * (cache.var * (M / (M - 1)) - var)

    def evaluation(self):
        return RunningNorm(self.C, self.epsilon, self.momentum)

    @classmethod
    def examples(cls):
        return [(cls(3), (5, 3)), (cls(1), (7, 1)), (cls(2), (3, 2, 4, 2))]


@dataclass(frozen=True)
class RunningNorm(BatchNorm):
    """Batch norm outside training, with the same P: every sample on its own.

        y = γ x̂ + β,      x̂ = r (x − mean),      r = 1/√(var + ε)

    mean and var are fixed numbers here and no path leads through them: dx = γ r dy, with neither of
    the two further terms of BatchNorm.
    """

    couples = False

    def forward(self, P, x):
        gamma, beta, mean, var = P
        r = 1 / namespace(var).sqrt(var + self.epsilon)
        xhat = r * (x - mean)
        return gamma * xhat + beta, Normalised(xhat, r, mean, var)  # L5       y = γ x̂ + β

    def backward(self, P, cache, dy):
        return P[0] * cache.r * dy  # dL5     dx = γ r dy

    def rforward(self, P, cache, RP, Rx):
        Rxhat = cache.r * Rx
        Ry = P[0] * Rxhat
        if RP is not None:
            Rgamma, Rbeta = RP[:2]
            Ry = Ry + Rgamma * cache.xhat + Rbeta  # R{L5}   Ry = γ Rx̂ + Rγ x̂ + Rβ
        return Ry, (Rxhat, None)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        Rg = P[0] * Rdy
        if RP is not None:
            Rg = Rg + RP[0] * dy
        return cache.r * Rg  # R{dL5} Rdx = r (γ Rdy + Rγ dy)

    def observe(self, P, cache):
        """Nothing: outside training nothing is learnt."""

    def evaluation(self):
        return self

    @classmethod
    def examples(cls):
        return [(cls(3), (5, 3)), (cls(1), (1, 1)), (cls(2), (2, 3, 2, 2))]

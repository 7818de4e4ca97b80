"""L5, L6 and L14, the layers that subtract a mean and divide by a standard deviation: one
derivation for all of them.

Let E be the mean over the M numbers that are normalised together (a batch of one feature, one
sample, one channel of one image, or a group of its channels). With μ = E x, σ² = E (x − μ)²,
r = 1/√(σ² + ε):

    y = γ x̂ + β,      x̂ = r (x − μ)

**Its change.** Along Rx: Rμ = E Rx, and R{σ²} = 2 E[(x − μ)(Rx − Rμ)] = 2 E[(x − μ) Rx], since
E(x − μ) = 0. So

    Rr = −½ r³ R{σ²} = −r² E[x̂ Rx]
    Rx̂ = r (Rx − E Rx) + (Rr/r) x̂ = r (Rx − E Rx − x̂ E[x̂ Rx]) = r Π Rx,
        Πg = g − E g − x̂ E[x̂ g]

**Its gradient.** Π is symmetric: ⟨g, Πh⟩ = ⟨Πg, h⟩, as E and x̂E[x̂ ·] are. So with g = ∂V/∂x̂ = γ
dy

    dx = r Π(γ dy)        dγ = Σ dy x̂        dβ = Σ dy        Σ over all that share the entry of γ

The last term of Π is the path through the variance, the one before it the path through the mean.

**The gradient's change**, by the product rule: Rg = Rγ dy + γ Rdy, and

    R{Πg} = ΠRg − Rx̂ E[x̂ g] − x̂ E[Rx̂ g]        Rdx = Rr Πg + r R{Πg}

All of it is analytic: the variance is a mean of squares, with no absolute value, so a complex step
passes through.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from numgan.arguments import above_zero
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.layer import Layer, Shape, image, positive, sizes
from numgan.layers.sums import feature_sum


class Normalised(NamedTuple):
    """The cache of a forward pass."""

    xhat: Array  # x̂, in the shape of x
    r: Array  # 1/√(σ² + ε), broadcasts against x
    mu: Array
    var: Array  # σ²


class Normalisation(Layer):
    """The six passes. A subclass says over what `mean` is E, over what `total` is Σ, and the shape
    of γ and β.
    """

    epsilon: float

    @property
    def features(self) -> Shape:
        """The shape of γ and of β."""
        raise NotImplementedError

    def mean(self, x: Array) -> Array:
        """E x, in a shape that broadcasts against x."""
        raise NotImplementedError

    def total(self, x: Array) -> Array:
        """Σ x over all that share one entry of γ, in the shape of γ."""
        raise NotImplementedError

    def parameters(self):
        return {"gamma": self.features, "beta": self.features}

    def initial(self, rng):
        return np.ones(self.features), np.zeros(self.features)

    def forward(self, P, x):
        gamma, beta = P[:2]
        mu = self.mean(x)
        xhat = x - mu
        var = self.mean(xhat * xhat)
        r = 1 / namespace(x).sqrt(var + self.epsilon)
        xhat *= r
        return gamma * xhat + beta, Normalised(xhat, r, mu, var)  # L5, L6, L14  y = γ x̂ + β

    def backward(self, P, cache, dy):
        gamma, r = P[0], cache.r
        return r * self.project(cache, gamma * dy)  # dL5, dL6  dx = r Π(γ dy)

    def gradient(self, P, cache, dy):
        return self.total(dy * cache.xhat), self.total(dy)  # dL5, dL6  dγ = Σ dy x̂,  dβ = Σ dy

    def rforward(self, P, cache, RP, Rx):
        gamma, (xhat, r, _, _) = P[0], cache
        Rr = -r * r * self.mean(xhat * Rx)
        Rxhat = r * self.project(cache, Rx)  #           Rx̂ = r ΠRx
        Ry = gamma * Rxhat
        if RP is not None:
            Rgamma, Rbeta = RP[:2]
            Ry = Ry + Rgamma * xhat + Rbeta  # R{L5}     Ry = γ Rx̂ + Rγ x̂ + Rβ
        return Ry, (Rxhat, Rr)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        gamma, (xhat, r, _, _), (Rxhat, Rr) = P[0], cache, Rcache
        g, Rg = gamma * dy, gamma * Rdy
        if RP is not None:
            Rg = Rg + RP[0] * dy
        R_project_g = (
            self.project(cache, Rg) - Rxhat * self.mean(xhat * g) - xhat * self.mean(Rxhat * g)
        )
        return Rr * self.project(cache, g) + r * R_project_g  # R{dL5}   Rdx = Rr Πg + r R{Πg}

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        xhat, (Rxhat, _) = cache.xhat, Rcache
        return self.total(Rdy * xhat + dy * Rxhat), self.total(
            Rdy
        )  # R{dL5}   Rdγ = Σ Rdy x̂ + dy Rx̂

    def project(self, cache, g):
        """Πg: what is left of g without its mean and without its part along x̂."""
        xhat = cache.xhat
        return g - self.mean(g) - xhat * self.mean(xhat * g)


@dataclass(frozen=True)
class LayerNorm(Normalisation):
    """Each sample by itself.      x (N, *shape)   γ, β of that shape      arXiv:1607.06450

    E runs over the numbers of one sample, Σ over the samples.
    """

    shape: Shape
    epsilon: float = 1e-5

    def __post_init__(self):
        sizes(self.shape)
        above_zero(epsilon=self.epsilon)

    @property
    def features(self):
        return self.shape

    def output_shape(self, shape):
        if shape != self.shape:
            raise InputError(f"expected samples of shape {self.shape}, got {shape}")
        return shape

    def mean(self, x):
        return x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)

    def total(self, x):
        return feature_sum(x.reshape(len(x), prod(self.shape))).reshape(self.shape)

    @classmethod
    def examples(cls):
        return [(cls((4,)), (5, 4)), (cls((3, 2, 2)), (1, 3, 2, 2))]


@dataclass(frozen=True)
class InstanceNorm(Normalisation):
    """Each channel of each image by itself.      x (N, H, W, C)   γ, β (C,)      arXiv:1607.08022

    E runs over the pixels of one channel of one image, Σ over pixels and images.
    """

    C: int
    epsilon: float = 1e-5

    def __post_init__(self):
        positive(C=self.C)
        above_zero(epsilon=self.epsilon)

    @property
    def features(self):
        return (self.C,)

    def output_shape(self, shape):
        return image(shape, self.C)

    def mean(self, x):
        return x.mean(axis=(1, 2), keepdims=True)

    def total(self, x):
        return feature_sum(x)

    @classmethod
    def examples(cls):
        return [(cls(2), (3, 4, 3, 2)), (cls(1), (1, 2, 3, 1))]


@dataclass(frozen=True)
class GroupNorm(Normalisation):
    """G groups of channels of each image.      x (N, H, W, C)   γ, β (C,)      arXiv:1803.08494

    Group k holds the C/G channels from k C/G on. E runs over the pixels and channels of one group
    of one image, Σ over pixels and images. The channels of a group have different entries of γ, so
    γ stays inside Π. With G = C it is instance norm; with G = 1, E runs over all of an image.
    """

    C: int
    G: int
    epsilon: float = 1e-5

    def __post_init__(self):
        positive(C=self.C, G=self.G)
        above_zero(epsilon=self.epsilon)
        if self.C % self.G:
            raise InputError(
                f"G must divide the number of channels, got G = {self.G} and C = {self.C}"
            )

    @property
    def features(self):
        return (self.C,)

    def output_shape(self, shape):
        return image(shape, self.C)

    def mean(self, x):
        N, H, W, C = x.shape
        groups = x.reshape(N, H, W, self.G, C // self.G)
        means = groups.mean(axis=(1, 2, 4))  # L14: E of a group
        return means.repeat(C // self.G, axis=1)[:, None, None]

    def total(self, x):
        return feature_sum(x)

    @classmethod
    def examples(cls):
        return [(cls(6, 2), (3, 2, 3, 6)), (cls(3, 1), (1, 2, 2, 3)), (cls(4, 4), (2, 3, 2, 4))]

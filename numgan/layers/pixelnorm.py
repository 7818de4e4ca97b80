"""L16, pixel norm."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.arguments import above_zero
from numgan.backend import namespace
from numgan.layers.layer import Layer


@dataclass(frozen=True)
class PixelNorm(Layer):
    """Each pixel's channels are brought to a mean square of 1.      x, y (N, …, C)
        arXiv:1710.10196, section 4.2

    With E the mean over the C channels of one pixel, or the C numbers of a row,

        y = r x,      r = 1/√(E[x²] + ε)

    **Its change.** R{E[x²]} = 2 E[x Rx], so Rr = −½ r³ · 2 E[x Rx] = −r² E[y Rx], as r x = y. So

        Ry = r Rx + (Rr/r) y = r (Rx − y E[y Rx]) = r Π Rx,      Πg = g − y E[y g]

    **Its gradient.** Π is symmetric, for y E[y ·] is: dx = r Π dy. No mean is subtracted here, so
    there is one path less than in layer norm: the one through the length of x alone. Up to ε, y
    does not change along x itself, and dx is perpendicular to x.

    **The gradient's change** is the product rule:

        Rdx = Rr Π dy + r (Π Rdy − Ry E[y dy] − y E[Ry dy])
    """

    epsilon: float = 1e-8

    def __post_init__(self):
        above_zero(epsilon=self.epsilon)

    def forward(self, P, x):
        r = 1 / namespace(x).sqrt(mean(x * x) + self.epsilon)
        y = r * x
        return y, (y, r)  # L16     y = r x

    def backward(self, P, cache, dy):
        y, r = cache
        return r * project(y, dy)  # dL16    dx = r Π dy

    def rforward(self, P, cache, RP, Rx):
        y, r = cache
        Ry, Rr = r * project(y, Rx), -r * r * mean(y * Rx)
        return Ry, (Ry, Rr)  # R{L16}  Ry = r Π Rx

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (y, r), (Ry, Rr) = cache, Rcache
        R_project_dy = project(y, Rdy) - Ry * mean(y * dy) - y * mean(Ry * dy)
        return Rr * project(y, dy) + r * R_project_dy  # R{dL16} Rdx = Rr Π dy + r R{Π dy}

    @classmethod
    def examples(cls):
        # with a single channel y is ±1 up to ε, and dx is of the size of ε
        return [(cls(), (5, 3)), (cls(0.1), (1, 1)), (cls(), (2, 2, 3, 4))]


def mean(x):
    """E x over the last axis, (N, …, 1)."""
    return x.mean(axis=-1, keepdims=True)


def project(y, g):
    """Πg = g − y E[y g]"""
    return g - y * mean(y * g)

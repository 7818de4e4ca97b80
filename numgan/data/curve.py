"""Points scattered around a curve: a density in the plane that is one integral over the curve's parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.theory.densities import Mixture
from numgan.theory.density import Density, rows

CHUNK = 4096  # rows at a time, so that memory stays below CHUNK × nodes numbers


@dataclass(frozen=True, eq=False)
class Curve(Density):
    """x = c(t) + σ e,  t uniform on [0, 1],  e ~ N(0, 1):   p(x) = ∫₀¹ N(x; c(t), σ²) dt.

    `path` maps t (N,) to c(t) (N, dim). Samples come from this law itself. The density is its integral by Fejér's rule,
    a mixture of Gaussians with the rule's nodes t_k and weights w_k:

        p(x) ≈ Σ_k w_k N(x; c(t_k), σ²).

    The integrand is smooth on the scale σ/‖c'‖, so a rule of spacing h along the curve is right to exp(−2π²(σ/h)²) or
    so. With nodes ≥ 3 max‖c'‖/σ the widest spacing is (π/2)·max‖c'‖/nodes ≤ 0.53 σ. Seen from outside, the integrand is
    narrower by √(1 + distance/radius of curvature), which the spare digits pay for: log p is right to 1e-8 as far as
    20 σ and more from the curves of `numgan.data.toy`.
    """

    path: Callable[[Array], Array]
    std: float
    nodes: int
    mixture: Mixture = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not (self.std > 0 and np.isfinite(self.std)) or self.nodes < 1:
            raise InputError(f"curve of std {self.std} with {self.nodes} nodes: expected positive numbers")
        t, w = fejer(self.nodes)
        mixture = Mixture.of_gaussians(self.path(t), self.std, w)
        self._fill(mixture=mixture, dim=mixture.dim, mean=mixture.mean, cov=mixture.cov)

    def log_density(self, x: Array) -> Array:
        """log Σ_k w_k N(x; c(t_k), σ²):  (N, dim) -> (N,)."""
        x = rows(x, self.dim)
        parts = [self.mixture.log_density(x[i : i + CHUNK]) for i in range(0, len(x), CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def sample(self, n: int, rng) -> Array:
        """c(t) + σ e,  (n, dim)."""
        c = self.path(rng.random(n))
        return c + self.std * rng.standard_normal(c.shape)

    def knots(self) -> list[Array]:
        """Panels of 4σ as far as 10σ from the curve, where p is 1e-22 of its height, and one more to 38σ."""
        axes = []
        for c in self.mixture.means.T:
            low, high = c.min(), c.max()
            near = np.arange(low - 10 * self.std, high + 14 * self.std, 4 * self.std)
            axes.append(np.concatenate([[low - 38 * self.std], near, [high + 38 * self.std]]))
        return axes


def fejer(n: int) -> tuple[Array, Array]:
    """Fejér's first rule on [0, 1], n nodes and their weights, which are positive and sum to 1:

        t_k = (1 − cos φ_k)/2,   w_k = (1 − 2 Σ_{1 ≤ j ≤ n/2} cos(2jφ_k)/(4j² − 1))/n,   φ_k = π(k − ½)/n.

    Nearly as good as Gauss and Legendre's, and in closed form: no eigenvalues of an n × n matrix.
    """
    phi, j = np.pi * (np.arange(n) + 0.5) / n, np.arange(1, n // 2 + 1)
    w = (1 - 2 * (np.cos(2 * np.outer(phi, j)) / (4 * j**2 - 1)).sum(1)) / n
    return (1 - np.cos(phi)) / 2, w / w.sum()


def spiral(t: Array) -> Array:
    """s (cos s, sin s)/10 with s = 3π(½ + t): one and a half turns, from radius 0.47 to 1.41; ‖c'‖ < 13.4."""
    xp = namespace(t)
    s = 3 * np.pi * (0.5 + t)
    return xp.stack([s * xp.cos(s), s * xp.sin(s)], axis=1) / 10


def upper_half_circle(t: Array) -> Array:
    """(cos πt, sin πt);  ‖c'‖ = π."""
    xp = namespace(t)
    return xp.stack([xp.cos(np.pi * t), xp.sin(np.pi * t)], axis=1)


def lower_half_circle(t: Array) -> Array:
    """(1 − cos πt, ½ − sin πt): the other moon, turned around and pushed between the horns of the first."""
    xp = namespace(t)
    return xp.stack([1 - xp.cos(np.pi * t), 0.5 - xp.sin(np.pi * t)], axis=1)

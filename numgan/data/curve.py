"""Noisy points around a curve: a density in the plane that is an integral over its parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.theory.densities import Mixture
from numgan.theory.density import Density, rows

CHUNK = 4096  # rows at a time: memory stays below CHUNK × nodes numbers


@dataclass(frozen=True, eq=False)
class Curve(Density):
    """x = c(t) + σ e,  t uniform on [0, 1],  e ~ N(0, 1):   p(x) = ∫₀¹ N(x; c(t), σ²) dt.

    `path` maps t (N,) to c(t) (N, dim). Samples follow this law exactly. The density approximates
    the integral by Fejér's rule: a mixture of Gaussians at the rule's nodes t_k, with weights w_k,

        p(x) ≈ Σ_k w_k N(x; c(t_k), σ²).

    The integrand varies on the scale σ/‖c'‖, so a rule of spacing h along the curve has an error of
    about exp(−2π²(σ/h)²). With nodes ≥ 3 max‖c'‖/σ the widest spacing is
    (π/2)·max‖c'‖/nodes ≤ 0.53 σ. For x outside the curve the integrand is narrower by
    √(1 + distance/radius of curvature); the remaining digits allow for that: the error of log p is
    below 1e-8 up to 20 σ and more from the curves of `numgan.data.toy`.
    Raises InputError unless σ and the number of nodes are positive.

        >>> arc = Curve(upper_half_circle, std=0.1, nodes=200)
        >>> print(arc.mean[1].round(6))  # 2/π
        0.63662
    """

    path: Callable[[Array], Array]
    std: float
    nodes: int
    mixture: Mixture = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not (self.std > 0 and np.isfinite(self.std)) or self.nodes < 1:
            raise InputError(
                f"curve of std {self.std} with {self.nodes} nodes: expected positive numbers"
            )
        t, w = fejer_rule(self.nodes)
        mixture = Mixture.of_gaussians(self.path(t), self.std, w)
        self._fill(mixture=mixture, dim=mixture.dim, mean=mixture.mean, cov=mixture.cov)

    def log_density(self, x: Array) -> Array:
        """log Σ_k w_k N(x; c(t_k), σ²):  (N, dim) -> (N,)."""
        x = rows(x, self.dim)
        parts = [self.mixture.log_density(x[i : i + CHUNK]) for i in range(0, len(x), CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def sample(self, n: int, rng: Any) -> Array:
        """c(t) + σ e,  (n, dim)."""
        c = self.path(rng.random(n))
        return c + self.std * rng.standard_normal(c.shape)

    def knots(self) -> list[Array]:
        """Panels of 4σ up to 10σ from the curve, where p is 1e-22 of its height, and one to 38σ."""
        axes = []
        for c in self.mixture.means.T:
            low, high = c.min(), c.max()
            near = np.arange(low - 10 * self.std, high + 14 * self.std, 4 * self.std)
            axes.append(np.concatenate([[low - 38 * self.std], near, [high + 38 * self.std]]))
        return axes


def fejer_rule(n: int) -> tuple[Array, Array]:
    """Fejér's first rule on [0, 1]: n nodes and their weights, which are positive and sum to 1:

        φ_k = π(k − ½)/n,   t_k = (1 − cos φ_k)/2,
        w_k = (1 − 2 Σ_{1 ≤ j ≤ n/2} cos(2jφ_k)/(4j² − 1))/n.

    It is nearly as accurate as the Gauss-Legendre rule and has a closed form: no eigenvalues of an
    n × n matrix.

        >>> t, w = fejer_rule(3)
        >>> print((w @ t**2).round(9), (w @ t**3).round(9))  # 1/3 and 1/4
        0.333333333 0.25
    """
    phi, j = np.pi * (np.arange(n) + 0.5) / n, np.arange(1, n // 2 + 1)
    w = (1 - 2 * (np.cos(2 * np.outer(phi, j)) / (4 * j**2 - 1)).sum(1)) / n
    return (1 - np.cos(phi)) / 2, w / w.sum()


def spiral(t: Array) -> Array:
    """s (cos s, sin s)/10, s = 3π(½ + t): one and a half turns, radius 0.47 to 1.41; ‖c'‖ < 13.4.

    >>> np.linalg.norm(spiral(np.array([0.0, 1.0])), axis=1).round(2)
    array([0.47, 1.41])
    """
    xp = namespace(t)
    s = 3 * np.pi * (0.5 + t)
    return xp.stack([s * xp.cos(s), s * xp.sin(s)], axis=1) / 10


def upper_half_circle(t: Array) -> Array:
    """(cos πt, sin πt);  ‖c'‖ = π.

    >>> upper_half_circle(np.array([0.0]))
    array([[1., 0.]])
    """
    xp = namespace(t)
    return xp.stack([xp.cos(np.pi * t), xp.sin(np.pi * t)], axis=1)


def lower_half_circle(t: Array) -> Array:
    """(1 − cos πt, ½ − sin πt): the other moon, rotated by π, between the ends of the first.

    >>> lower_half_circle(np.array([0.0]))
    array([[0. , 0.5]])
    """
    xp = namespace(t)
    return xp.stack([1 - xp.cos(np.pi * t), 0.5 - xp.sin(np.pi * t)], axis=1)

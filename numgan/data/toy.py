"""Distributions for experiments, each with its exact density.

The ring and the grid are those of PacGAN (arXiv:1712.04086): counting their modes shows whether a
generator drops some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.backend import Array, namespace
from numgan.data.curve import Curve, lower_half_circle, spiral, upper_half_circle
from numgan.theory.densities import Gaussian, Mixture
from numgan.theory.density import Density, rows


def gaussian(mean: float = 1.0, std: float = 2.0) -> Gaussian:
    """N(1, 2²) on the line: mean and width differ from the prior's, so G must learn both numbers.

    >>> gaussian().mean, gaussian().cov
    (array([1.]), array([[4.]]))
    """
    return Gaussian(mean, std)


def ring(modes: int = 8, radius: float = 1.0, std: float = 0.01) -> Mixture:
    """1/K Σ_k N(r (cos 2πk/K, sin 2πk/K), σ²): 8 Gaussians on a circle of radius 1, σ = 0.01.

    >>> ring(modes=3).weights * 3, ring(modes=3).means[0]
    (array([1., 1., 1.]), array([1., 0.]))
    """
    angle = 2 * np.pi * np.arange(modes) / modes
    return Mixture.of_gaussians(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1), std)


def grid(std: float = 0.05) -> Mixture:
    """1/25 Σ N((i, j), σ²) with i, j ∈ {−4, −2, 0, 2, 4}, σ = 0.05.

    >>> grid().means.shape, grid().means[0]
    ((25, 2), array([-4., -4.]))
    """
    side = np.arange(-4.0, 5.0, 2.0)
    centres = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    return Mixture.of_gaussians(centres, std)


def swissroll(std: float = 0.05) -> Curve:
    """Around one and a half turns of the spiral s (cos s, sin s)/10, 3π/2 ≤ s ≤ 9π/2; its arms are
    0.63 apart.

        >>> swissroll().sample(5, np.random.default_rng(0)).shape
        (5, 2)
    """
    return Curve(spiral, std, nodes=int(np.ceil(3 * 13.4 / std)))


def moons(std: float = 0.1) -> Mixture:
    """Around two interleaved half circles of radius 1, with equal weights.

    >>> moons().mean.round(6)
    array([0.5 , 0.25])
    """
    nodes = int(np.ceil(6 * np.pi / std))  # twice the rule of Curve: the radius is only ten σ
    upper, lower = Curve(upper_half_circle, std, nodes), Curve(lower_half_circle, std, nodes)
    return Mixture([0.5, 0.5], [upper, lower])


def pinwheel(blades: int = 5, twist: float = 0.25) -> Twisted:
    """Five blades N((1, 0), diag(0.3², 0.1²)), each 72° from the next, and bent by a twist.

    This is the distribution of Johnson et al. (2016, arXiv:1603.06277) except for one detail:
    there, a point f turns by an angle that depends on f₁, here on ‖f‖, so that the density is
    exact.

    >>> print(pinwheel().mean.round(12) + 0, pinwheel().cov.round(3)[0])
    [0. 0.] [0.55 0.  ]
    """
    turns = [rotation(2 * np.pi * k / blades) for k in range(blades)]
    parts = [Gaussian(R @ [1, 0], cov=R @ np.diag([0.3**2, 0.1**2]) @ R.T) for R in turns]
    return Twisted(Mixture(np.full(blades, 1 / blades), parts), twist)


@dataclass(frozen=True, eq=False)
class Twisted(Density):
    """x = R(ω exp‖f‖) f with f ~ p₀ in the plane, where R(φ) rotates by φ:

        p(x) = p₀(R(−ω exp‖x‖) x).

    In polar coordinates (r, φ) the map is φ ↦ φ + ω eʳ, a shear: it keeps r = ‖f‖ = ‖x‖ and the
    area r dr dφ, so its Jacobian determinant is 1. `law` is p₀; where p₀ looks the same after a
    turn by 2π/K, K ≥ 3, so does p: its mean is 0 and its covariance ½ E‖f‖² times the identity.

    >>> P = Twisted(Gaussian([0.0, 0.0]), rate=0.25)  # a law that turns do not change
    >>> x = [[1.0, 2.0]]
    >>> print(np.isclose(P.log_density(x), Gaussian([0.0, 0.0]).log_density(x)))
    [ True]
    """

    law: Density
    rate: float

    def __post_init__(self) -> None:
        second = np.trace(self.law.cov) + self.law.mean @ self.law.mean  # E‖f‖²
        self._fill(dim=2, mean=np.zeros(2), cov=second / 2 * np.eye(2))

    def rotated(self, x: Array, rate: float) -> Array:
        """The points x (N, 2), each rotated by the angle  rate · exp‖x‖."""
        xp = namespace(x)
        angle = rate * xp.exp(xp.sqrt((x**2).sum(1)))
        c, s = xp.cos(angle), xp.sin(angle)
        return xp.stack([c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]], axis=1)

    def log_density(self, x: Array) -> Array:
        """log p₀(R(−ω exp‖x‖) x):  (N, 2) -> (N,)."""
        return self.law.log_density(self.rotated(rows(x, 2), -self.rate))

    def sample(self, n: int, rng: Any) -> Array:
        """R(ω exp‖f‖) f,  (n, 2)."""
        return self.rotated(self.law.sample(n, rng), self.rate)

    def knots(self) -> list[Array]:
        """Panels of 0.1, at most the width of a blade, which the twist makes thinner."""
        far = max(np.abs(knot).max() for knot in self.law.knots())
        side = np.concatenate([[-far], np.arange(-3.2, 3.3, 0.1), [far]])
        return [side, side]


def rotation(angle: float) -> Array:
    """R(φ) = [[cos φ, −sin φ], [sin φ, cos φ]], (2, 2).

    >>> print(rotation(np.pi / 2).round(12) + 0)
    [[ 0. -1.]
     [ 1.  0.]]
    """
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

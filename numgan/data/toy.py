"""Five distributions for experiments, each with its exact density.

The ring and the grid are those of PacGAN (arXiv:1712.04086): counting their modes shows whether a
generator drops some.
"""

from __future__ import annotations

import numpy as np

from numgan.data.curve import Curve, lower_half_circle, spiral, upper_half_circle
from numgan.theory.densities import Gaussian, Mixture


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

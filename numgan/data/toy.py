"""Five distributions to learn on, each with its exact density.

The ring and the grid are those of PacGAN (arXiv:1712.04086): a generator that forgets modes is caught by counting.
"""

from __future__ import annotations

import numpy as np

from numgan.data.curve import Curve, lower_half_circle, spiral, upper_half_circle
from numgan.theory.densities import Gaussian, Mixture


def gaussian(mean: float = 1.0, std: float = 2.0) -> Gaussian:
    """N(1, 2²) on the line: neither centre nor width is the prior's, so G must learn both numbers."""
    return Gaussian(mean, std)


def ring(modes: int = 8, radius: float = 1.0, std: float = 0.01) -> Mixture:
    """1/K Σ_k N(r (cos 2πk/K, sin 2πk/K), σ²): 8 Gaussians on a circle of radius 1, σ = 0.01."""
    angle = 2 * np.pi * np.arange(modes) / modes
    return Mixture.of_gaussians(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1), std)


def grid(std: float = 0.05) -> Mixture:
    """1/25 Σ N((i, j), σ²) with i, j ∈ {−4, −2, 0, 2, 4}, σ = 0.05."""
    side = np.arange(-4.0, 5.0, 2.0)
    return Mixture.of_gaussians(np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2), std)


def swissroll(std: float = 0.05) -> Curve:
    """Around one and a half turns of the spiral s (cos s, sin s)/10, 3π/2 ≤ s ≤ 9π/2, whose arms are 0.63 apart."""
    return Curve(spiral, std, nodes=int(np.ceil(3 * 13.4 / std)))


def moons(std: float = 0.1) -> Mixture:
    """Around two interleaved half circles of radius 1, with equal weights."""
    nodes = int(np.ceil(6 * np.pi / std))  # twice what is said there: a moon's radius is but ten of its σ
    return Mixture([0.5, 0.5], [Curve(upper_half_circle, std, nodes), Curve(lower_half_circle, std, nodes)])

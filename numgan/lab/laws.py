"""The laws of the data and of G where they are looked at, and the best D between them (E18).

    D* = p/(p + q)                  x in the networks' units, (N, dim); D* is the same in others

p is the density of the data where it is known. q is exact for one latent and one number a sample:
P_G is the push-forward of N(0, 1), and its density the sum over all preimages (E12). Otherwise both
laws are smoothed with a Gaussian of width h, the noise that would be added to data and samples
alike: D* is then exact for that game, up to the number of samples that q is estimated from. Where G
has fewer latents than a sample has numbers there is no density q at all (a curve in the plane), and
only the smoothed game has a D* that can be drawn.
"""

from __future__ import annotations

from functools import cached_property
from math import pi, sqrt
from typing import Any

import numpy as np

from numgan.data import Dataset
from numgan.network import Network

MANY = 20_000  # data that p is smoothed from, once
DRAWS = 2048  # samples that q is smoothed from, at every look
FARTHEST = 8.0  # latents beyond have a probability of 1e-15
CELLS = 4096  # pieces of the line of latents, each taken to be monotone


def preimage_density(G: Network, theta: Any, x: np.ndarray) -> np.ndarray:
    """q(x) = Σ_b φ(z_b)/|G′(z_b)| over all z_b with G(z_b) = x, for one latent (E12): (N,) -> (N,).

    The line of latents is cut into CELLS; in each that G takes across x the preimage is found by
    Newton's steps, held within the cell. G′ is an R-pass. A fold within one cell is missed.
    """
    theta = np.asarray(theta, dtype="float64")
    z = np.linspace(-FARTHEST, FARTHEST, CELLS + 1)
    y = G(theta, z[:, None])[:, 0]
    low, high = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    cell, place = np.nonzero((low[:, None] <= x) & (x < high[:, None]))
    q = np.zeros(len(x))
    if not len(cell):
        return q
    left, right, aim = z[cell], z[cell + 1], x[place]
    at = left + (aim - y[cell]) / (y[cell + 1] - y[cell]) * (right - left)
    for _ in range(4):
        value, slope = with_slope(G, theta, at)
        step = np.divide(aim - value, slope, out=np.zeros_like(at), where=slope != 0)
        at = np.clip(at + step, left, right)
    _, slope = with_slope(G, theta, at)
    density = np.exp(-(at**2) / 2) / sqrt(2 * pi)
    terms = np.divide(density, abs(slope), out=np.zeros_like(at), where=slope != 0)
    np.add.at(q, place, terms)  # E12
    return q


def with_slope(G: Network, theta: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """G(z) and G′(z), for one latent and one number a sample: (N,) -> (N,), (N,)."""
    y, tape = G.forward(theta, z[:, None])
    slope, _ = G.rforward(theta, tape, None, np.ones_like(z)[:, None])
    return y[:, 0], slope[:, 0]


def smooth(samples: np.ndarray, axes: list[np.ndarray], h: float) -> np.ndarray:
    """The density of samples (n, dim) smoothed by N(0, h²) on each axis, on the grid of the axes:
    in a plane (len(axes[1]), len(axes[0])), row after row upwards.

        >>> smooth(np.zeros((1, 1)), [np.array([0.0])], h=1.0).round(4)  # 1/√(2π)
        array([0.3989])
    """
    samples = np.asarray(samples, dtype="float32")
    norm = 1 / (h * sqrt(2 * pi))
    kernels = [
        norm * np.exp(-0.5 * ((axis[:, None].astype("f4") - column) / np.float32(h)) ** 2)
        for axis, column in zip(axes, samples.T, strict=True)
    ]
    if len(axes) == 1:
        return kernels[0].mean(1).astype("float64")
    return (kernels[1] @ kernels[0].T).astype("float64") / len(samples)


class Laws:
    """p, q and D* on a grid of one axis or two, in the networks' units."""

    def __init__(self, data: Dataset, latent: int, axes: list[np.ndarray]):
        self.data, self.axes = data, axes
        self.exact = data.dim == 1 and latent == 1 and data.density is not None
        spacing = max(axis[1] - axis[0] for axis in axes)
        # of a plane a cell and a half; on a line a bandwidth for DRAWS samples
        spread = float(np.std(self.sample, axis=0).max())
        self.h = 1.5 * spacing if len(axes) == 2 else max(spacing, 0.9 * spread * DRAWS**-0.2)

    @cached_property
    def sample(self) -> np.ndarray:
        """Data that p is smoothed from."""
        return self.data.peek(MANY)

    @cached_property
    def p(self) -> np.ndarray:
        """The density of the data on the grid, or its smoothed one."""
        if self.exact and self.data.density is not None:
            return self.data.density.density(self.axes[0][:, None])
        parts = np.array_split(self.sample, max(1, len(self.sample) // 2000))
        weights = np.array([len(part) for part in parts]) / len(self.sample)
        return sum(
            w * smooth(part, self.axes, self.h) for w, part in zip(weights, parts, strict=True)
        )

    def q(self, G: Network, theta: Any, samples: Any) -> np.ndarray:
        """The density of G on the grid, or its smoothed one from samples (n, dim)."""
        if self.exact:
            return preimage_density(G, theta, self.axes[0])
        return smooth(samples, self.axes, self.h)

    def best(self, q: np.ndarray) -> np.ndarray:
        """D* = p/(p + q); NaN where both are 0 in floating point."""
        total = self.p + q
        return np.divide(self.p, total, out=np.full_like(total, np.nan), where=total > 1e-30)  # E18

    @property
    def note(self) -> dict[str, str]:
        """What D* is here, in words."""
        if self.exact:
            return {
                "en": "exact: p is the density of the data, q a sum over preimages (E12, E18)",
                "zh": "精确：p 是数据的密度，q 是对所有原像求和（E12、E18）",
            }
        h, n = f"{self.h:.2g}", DRAWS
        return {
            "en": f"an estimate: both laws smoothed by a Gaussian of width {h}, q from {n} samples",
            "zh": f"估计：两个分布都用宽度为 {h} 的高斯核平滑，q 来自 {n} 个样本",
        }

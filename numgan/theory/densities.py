"""Distributions whose densities are known in closed form: Gaussian, uniform on a box, and mixtures
of any of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.theory.density import Density, line, probabilities, rows
from numgan.theory.logarithms import log, log_sum_exp

LOG_2PI = float(np.log(2 * np.pi))
erfc = np.frompyfunc(math.erfc, 1, 1)  # elementwise, returns objects
# knots in standard deviations; e^(−38²/2) is below 1e-313
REACH = np.array([-38.0, -11.0, -3.5, 0.0, 3.5, 11.0, 38.0])


@dataclass(frozen=True, eq=False)
class Gaussian(Density):
    """N(μ, Σ):  log p(x) = −½ (x−μ)ᵀ Σ⁻¹ (x−μ) − ½ log det Σ − (dim/2) log 2π.

    mean (dim,) or a number; std a number or (dim,) for Σ = diag(std²); cov (dim, dim) for a full Σ
    in place of std. With Σ = L Lᵀ (Cholesky) the exponent is −½‖L⁻¹(x−μ)‖², and x = μ + L e with
    e ~ N(0, 1) is a sample.

    >>> print(Gaussian(0.0, std=2.0).density([0.0]).round(6))
    [0.199471]
    >>> print(Gaussian([0.0, 0.0], cov=[[2.0, 1.0], [1.0, 2.0]]).mean)
    [0. 0.]
    """

    mean: Array
    std: Array = 1.0
    cov: Array = None
    scale: Array = field(init=False, repr=False)  # L, the lower Cholesky factor of Σ

    def __post_init__(self) -> None:
        mean = np.atleast_1d(np.array(self.mean, dtype=np.float64))
        if mean.ndim != 1 or not np.all(np.isfinite(mean)):
            raise InputError(f"mean of a Gaussian = {self.mean}: expected dim finite numbers")
        dim = mean.size
        if self.cov is None:
            std = np.array(self.std, dtype=np.float64)
            if std.shape not in ((), (1,), (dim,)) or not np.all((std > 0) & np.isfinite(std)):
                raise InputError(
                    f"std of a Gaussian = {self.std}: expected one or {dim} positive numbers"
                )
            std = np.broadcast_to(std, (dim,))
            return self._fill(dim=dim, mean=mean, std=std, cov=np.diag(std**2), scale=np.diag(std))
        cov = np.atleast_2d(np.array(self.cov, dtype=np.float64))
        if cov.shape != (dim, dim) or not np.allclose(cov, cov.T, rtol=1e-12, atol=0):
            raise InputError(
                f"cov of a Gaussian of shape {cov.shape}: expected symmetric ({dim}, {dim})"
            )
        try:
            scale = np.linalg.cholesky(cov)
        except np.linalg.LinAlgError:
            low = np.linalg.eigvalsh(cov)[0]
            raise InputError(
                f"cov of a Gaussian has the eigenvalue {low:g}: expected all positive"
            ) from None
        return self._fill(dim=dim, mean=mean, std=np.sqrt(np.diag(cov)), cov=cov, scale=scale)

    def log_density(self, x: Array) -> Array:
        e = np.linalg.solve(self.scale, (rows(x, self.dim) - self.mean).T)  # L⁻¹(x − μ), (dim, N)
        return (
            -0.5 * np.sum(e**2, 0) - np.sum(np.log(np.diag(self.scale))) - 0.5 * self.dim * LOG_2PI
        )

    def score(self, x: Array) -> Array:
        """∇ log p(x) = −Σ⁻¹(x − μ)."""
        return -np.linalg.solve(self.cov, (rows(x, self.dim) - self.mean).T).T

    def cdf(self, x: Array) -> Array:
        """F(x) = ½ erfc(−(x − μ)/(σ√2)), which keeps its digits in the lower tail."""
        return 0.5 * erfc((self.mean[0] - line(x, self.dim)) / (self.std[0] * 2**0.5)).astype(
            np.float64
        )

    def sample(self, n: int, rng: Any) -> Array:
        """x = μ + L e,  (n, dim)."""
        e = rng.standard_normal((n, self.dim))
        xp = namespace(e)
        return xp.asarray(self.mean) + e @ xp.asarray(self.scale).T

    def knots(self) -> list[Array]:
        return [m + s * REACH for m, s in zip(self.mean, self.std, strict=True)]


@dataclass(frozen=True, eq=False)
class Uniform(Density):
    """p(x) = 1/volume inside the box [low, high] (each axis low_j < high_j), 0 outside; low, high
    numbers or (dim,).

    >>> print(Uniform(0.0, 4.0).density([1.0, 5.0]))
    [0.25 0.  ]
    """

    low: Array = 0.0
    high: Array = 1.0

    def __post_init__(self) -> None:
        low, high = (
            np.atleast_1d(np.array(side, dtype=np.float64)) for side in (self.low, self.high)
        )
        if (
            low.shape != high.shape
            or low.ndim != 1
            or not np.all((low < high) & np.isfinite(high - low))
        ):
            raise InputError(
                f"box of a Uniform from {self.low} to {self.high}: expected low < "
                f"high on every axis"
            )
        self._fill(
            dim=low.size,
            low=low,
            high=high,
            mean=(low + high) / 2,
            cov=np.diag((high - low) ** 2 / 12),
        )

    def log_density(self, x: Array) -> Array:
        x = rows(x, self.dim)
        inside = np.all((x >= self.low) & (x <= self.high), axis=1)
        return np.where(inside, -np.sum(np.log(self.high - self.low)), -np.inf)

    def score(self, x: Array) -> Array:
        """0: flat inside, and not defined outside."""
        return np.zeros_like(rows(x, self.dim))

    def cdf(self, x: Array) -> Array:
        """F(x) = (x − low)/(high − low), held within [0, 1]."""
        return np.clip((line(x, self.dim) - self.low) / (self.high - self.low), 0.0, 1.0)

    def sample(self, n: int, rng: Any) -> Array:
        """x = low + (high − low) u with u uniform on [0, 1),  (n, dim)."""
        u = rng.random((n, self.dim))
        xp = namespace(u)
        return xp.asarray(self.low) + xp.asarray(self.high - self.low) * u

    def knots(self) -> list[Array]:
        return [np.array(edges) for edges in zip(self.low, self.high, strict=True)]


@dataclass(frozen=True, eq=False)
class Mixture(Density):
    """log p(x) = log Σ_k exp(log w_k + log p_k(x)), the largest term taken out so that far tails
    stay finite.

    weights (K,) non-negative with sum 1; components: K densities of one dim. Axis-aligned Gaussians
    are stacked in (K, dim) arrays, so that 25 modes cost one pass; anything else is asked component
    by component.

    >>> P = Mixture([0.5, 0.5], [Gaussian(-2.0), Gaussian(2.0)])
    >>> print(P.responsibilities([0.0]), P.cov)
    [[0.5 0.5]] [[5.]]
    """

    weights: Array
    components: Sequence[Density]
    means: Array = field(init=False, repr=False)  # (K, dim)
    stds: Array = field(init=False, repr=False)  # (K, dim)
    aligned: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        weights, parts = probabilities(self.weights, "weights of a Mixture"), tuple(self.components)
        dims = sorted({part.dim for part in parts})
        if len(parts) != weights.size or len(dims) != 1:
            raise InputError(
                f"Mixture of {weights.size} weights and {len(parts)} components of "
                f"dimensions {dims}: "
                "expected one weight a component and one dimension"
            )
        means = np.stack([part.mean for part in parts])  # (K, dim)
        within = np.einsum("k,kij->ij", weights, np.stack([part.cov for part in parts]))
        mean = weights @ means
        between = np.einsum("k,ki,kj->ij", weights, means - mean, means - mean)
        aligned = all(
            isinstance(p, Gaussian) and np.array_equal(p.scale, np.diag(p.std)) for p in parts
        )
        stds = np.stack([np.sqrt(np.diag(part.cov)) for part in parts])
        self._fill(
            weights=weights,
            components=parts,
            dim=dims[0],
            mean=mean,
            cov=within + between,
            means=means,
            stds=stds,
            aligned=aligned,
        )

    @classmethod
    def of_gaussians(cls, means: Array, std: Array = 1.0, weights: Array = None) -> Mixture:
        """Isotropic Gaussians at means (K, dim) or (K,), std a number or (K,), weights equal unless
        given.
        """
        means = np.asarray(means, dtype=np.float64)
        means = means[:, None] if means.ndim == 1 else means
        K = len(means)
        weights = np.full(K, 1 / K) if weights is None else weights
        return cls(
            weights,
            [Gaussian(m, s) for m, s in zip(means, np.broadcast_to(std, (K,)), strict=True)],
        )

    def log_parts(self, x: Array) -> Array:
        """log w_k + log p_k(x) for each component: (N, dim) -> (N, K)."""
        x = rows(x, self.dim)
        if not self.aligned:
            return log(self.weights) + np.stack(
                [part.log_density(x) for part in self.components], axis=1
            )
        a = log(self.weights) - np.sum(np.log(self.stds), axis=1) - 0.5 * self.dim * LOG_2PI
        e2 = np.zeros((len(x), len(a)))
        # Σ_j ((x_j − μ_kj)/σ_kj)², differences first: no cancellation between modes
        for j in range(self.dim):
            e2 += ((x[:, j, None] - self.means[:, j]) / self.stds[:, j]) ** 2
        return a - 0.5 * e2

    def log_density(self, x: Array) -> Array:
        return log_sum_exp(self.log_parts(x), axis=1)

    def responsibilities(self, x: Array) -> Array:
        """Pr(k | x) = w_k p_k(x) / p(x): (N, dim) -> (N, K), rows of sum 1."""
        a = self.log_parts(x)
        return np.exp(a - log_sum_exp(a, axis=1)[:, None])

    def score(self, x: Array) -> Array:
        """∇ log p = Σ_k Pr(k | x) ∇ log p_k."""
        r, scores = self.responsibilities(x), [part.score(x) for part in self.components]
        return np.einsum("nk,kni->ni", r, scores)

    def cdf(self, x: Array) -> Array:
        """F = Σ_k w_k F_k."""
        x = line(x, self.dim)
        return np.sum(
            [w * part.cdf(x) for w, part in zip(self.weights, self.components, strict=True)], axis=0
        )

    def sample(self, n: int, rng: Any) -> Array:
        """Component k with probability w_k (inverse of the cumulative weights), then a point of it:
        (n, dim).
        """
        u = rng.random(n)
        xp = namespace(u)
        cumulative = np.cumsum(self.weights)
        k = xp.searchsorted(xp.asarray(cumulative / cumulative[-1]), u, side="right")
        if self.aligned:
            return xp.asarray(self.means)[k] + xp.asarray(self.stds)[k] * rng.standard_normal(
                (n, self.dim)
            )
        x = xp.zeros((n, self.dim))
        # n points of each: how many are needed, only the device knows
        for i, part in enumerate(self.components):
            x = xp.where((k == i)[:, None], part.sample(n, rng), x)
        return x

    def knots(self) -> list[Array]:
        axes = [
            np.unique(np.concatenate(axis))
            for axis in zip(*(p.knots() for p in self.components), strict=True)
        ]
        # means that differ by a rounding (cos 90° and cos 270°) share their knots
        apart = 1e-12 * self.stds.min(0)
        return [np.append(k[:-1][np.diff(k) > d], k[-1]) for k, d in zip(axes, apart, strict=True)]

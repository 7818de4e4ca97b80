"""What a density is: log p(x) at rows x, a sampler, a mean, a covariance, and the knots for
quadrature.

Shapes: x is (N, dim), one point a row; a log-density is (N,), in nats. In one dimension (N,) is
accepted for x too. Randomness is explicit: `P.sample(n, rng)` draws with the generator that it is
given and returns (n, dim) float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError


def rows(x: Array, dim: int) -> Array:
    """x as float64 rows (N, dim); in one dimension a vector (N,) means N points. InputError for any
    other shape.

    >>> rows([1, 2, 3], dim=1).shape
    (3, 1)
    """
    x = np.asarray(x, dtype=np.float64)
    if dim == 1 and x.ndim <= 1:
        x = x.reshape(-1, 1)
    if x.ndim != 2 or x.shape[1] != dim:
        raise InputError(f"points of shape {x.shape}: expected (N, {dim}), one point a row")
    return x


def probabilities(p: Array, name: str) -> Array:
    """p as a float64 vector (K,) with p_k ≥ 0 and Σ_k p_k = 1 to 1e-12 (K roundings), or InputError
    with the figure.

    >>> probabilities([0.25, 0.75], 'weights')
    array([0.25, 0.75])
    """
    p = np.array(p, dtype=np.float64)
    if p.ndim != 1 or p.size == 0:
        raise InputError(f"{name} of shape {p.shape}: expected a vector (K,) with K ≥ 1")
    if not np.all(p >= 0):  # also refuses nan
        k = int(np.argmin(p >= 0))
        raise InputError(f"{name}[{k}] = {p[k]:g}: expected non-negative numbers")
    if not abs(p.sum() - 1) <= 1e-12:
        raise InputError(f"{name} sum to {p.sum():.17g}: expected 1")
    return p


def line(x: Array, dim: int) -> Array:
    """x as a vector (N,) of points on the line, for what exists in one dimension only.

    >>> line([[1.0], [2.0]], dim=1)
    array([1., 2.])
    """
    if dim != 1:
        raise InputError(f"a distribution function in {dim} dimensions: expected 1")
    return rows(x, dim)[:, 0]


class Density:
    """dim; mean (dim,); cov (dim, dim); the log-density and what follows from it; samples.

    knots: for each axis the coordinates between which p is smooth and outside which it is
    negligible.

    >>> from numgan.theory import Uniform
    >>> isinstance(Uniform(), Density)
    True
    """

    dim: int
    mean: Array
    cov: Array

    def log_density(self, x: Array) -> Array:
        """log p at the rows of x: (N, dim) -> (N,); −∞ where p = 0."""
        raise NotImplementedError(type(self).__name__)

    def density(self, x: Array) -> Array:
        """p(x) (N,): underflows to 0 far out, where log_density is still exact."""
        return np.exp(self.log_density(x))

    def score(self, x: Array) -> Array:
        """∇_x log p(x): (N, dim) -> (N, dim)."""
        raise NotImplementedError(type(self).__name__)

    def cdf(self, x: Array) -> Array:
        """F(x) = Pr(X ≤ x), in one dimension: (N, 1) or (N,) -> (N,)."""
        raise NotImplementedError(type(self).__name__)

    def sample(self, n: int, rng: Any) -> Array:
        """n independent draws, (n, dim)."""
        raise NotImplementedError(type(self).__name__)

    def knots(self) -> list[Array]:
        raise NotImplementedError(type(self).__name__)

    def _fill(self, **fields: Any) -> None:
        for name, value in fields.items():
            # a frozen dataclass is filled once, when it is made
            object.__setattr__(self, name, value)

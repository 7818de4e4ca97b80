"""Section 3: the law P_G of G(z), with no inverse of G.

P_G(A) = p_z{z : G(z) ∈ A}. Everything that training needs is an expectation under P_G, and that is
an expectation under z of a composed function: no density and no inverse. Where P_G has a density it
is found by summing over all the preimages of x, and the one-branch formula of the textbooks, kept
here as `one_branch`, is wrong by what it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density, line
from numgan.theory.discrete import Discrete
from numgan.theory.expectation import expect, integral, total_mass
from numgan.theory.logarithms import log_sum_exp


def expect_through(G: Callable, prior: Density, phi: Callable, tol: float = 1e-12) -> float:
    """E_{z~p_z}[φ(G(z))], which is E_{x~P_G}[φ(x)] for every bounded measurable φ: for φ = 1_A it
    is the definition of P_G, for sums of those linearity, for the rest a limit of sums (monotone
    convergence). G only has to be measurable.

    G: rows (N, dim z) -> (N, dim x); φ: rows (N, dim x) -> (N,).

    >>> from numgan.theory import Gaussian
    >>> print(round(expect_through(lambda z: z**2, Gaussian(0.0), lambda x: x[:, 0]), 9))
    1.0
    """
    return expect(prior, lambda z: phi(G(z)), tol=tol)  # E11


@dataclass(frozen=True)
class Branch:
    """One piece of G on which it is invertible: z = inverse(x) for low < x < high, with log
    |dz/dx| = log_slope(x).

    >>> half = Branch(inverse=lambda x: x / 2, log_slope=lambda x: np.full(len(x), -np.log(2)))
    >>> half.inverse(4.0)
    2.0
    """

    inverse: Callable
    log_slope: Callable
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, eq=False)
class Pushforward(Density):
    """The law of x = G(z) on the line: p_G(x) = Σ_b p_z(z_b(x)) |dz_b/dx| over the branches b that
    reach x.

    Why: near x the set {z : G(z) ∈ dx} is one small interval about each preimage z_b, of length
    |dz_b/dx| dx. G' ≠ 0 almost everywhere: a G that is constant on an interval has an atom there,
    and no density. G: (N,) -> (N,); prior in one dimension; branches: all of them; edges: the x at
    which p_G may jump, bend or blow up.

    >>> from numgan.theory import Gaussian, maps
    >>> print(round(maps.square(Gaussian(0.0)).one_branch_mass(), 6))  # of two branches
    0.5
    """

    prior: Density
    G: Callable
    branches: Sequence[Branch]
    edges: Sequence[float] = ()
    mean: Array = field(init=False, repr=False)
    cov: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        def g(z: Array) -> Array:
            return self.G(z[:, 0])

        mean = expect(self.prior, g)
        var = expect(self.prior, lambda z: (g(z) - mean) ** 2)
        self._fill(dim=1, mean=np.array([mean]), cov=np.array([[var]]))

    def log_branch(self, x: Array, b: int) -> Array:
        """log p_z(z_b(x)) + log |dz_b/dx| where branch b reaches x, −∞ elsewhere: (N,) -> (N,)."""
        branch, x = self.branches[b], line(x, 1)
        out, inside = np.full(len(x), -np.inf), (branch.low < x) & (x < branch.high)
        y = x[inside]
        out[inside] = self.prior.log_density(branch.inverse(y)) + branch.log_slope(y)
        return out

    def log_density(self, x: Array) -> Array:
        return log_sum_exp(
            np.stack([self.log_branch(x, b) for b in range(len(self.branches))]), axis=0
        )  # E12

    def one_branch(self, x: Array, b: int = 0) -> Array:
        """p_z(G⁻¹(x)) |dG⁻¹/dx| as if branch b were all of G⁻¹: right only if it is.
        (N,) -> (N,)."""
        return np.exp(self.log_branch(x, b))  # E12

    def one_branch_mass(self, b: int = 0) -> float:
        """∫ of the one-branch formula: 1 for an invertible G, and otherwise short of 1 by the
        branches left out.
        """
        return integral(lambda x: self.one_branch(x, b), self)  # E12

    def total(self) -> float:
        """∫ p_G, which is 1; InputError with the figure if a branch is missing."""
        return total_mass(self)  # E12

    def sample(self, n: int, rng: Any) -> Array:
        """x = G(z), z ~ p_z: (n, 1). All that training needs."""
        return self.G(self.prior.sample(n, rng)[:, 0])[:, None]

    def knots(self) -> list[Array]:
        z = self.prior.knots()[0]
        return [
            np.unique(
                np.concatenate(
                    [self.G(z), self.G((z[:-1] + z[1:]) / 2), np.asarray(self.edges, float)]
                )
            )
        ]


def push_discrete(G: Callable, prior: Discrete) -> Discrete:
    """The law of G(z) for a discrete z: Pr(x) = Σ_{z: G(z)=x} Pr(z). G: rows (K, dim z) -> (K, dim
    x) or (K,).

    >>> print(push_discrete(lambda z: z**2, Discrete([0.25, 0.5, 0.25], [-1, 0, 1])).p)
    [0.5 0.5]
    """
    image = np.asarray(G(prior.support), dtype=np.float64)
    points, where = np.unique(image.reshape(len(prior.p), -1), axis=0, return_inverse=True)
    return Discrete(np.bincount(where.reshape(-1), weights=prior.p), points)  # E11

"""Section 2: maximising the likelihood is minimising a KL divergence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.densities import Gaussian
from numgan.theory.density import Density
from numgan.theory.expectation import expect, require_comparable


def likelihood(Q: Density, x: Array) -> float:
    """L = Π_i q(x^i) of the rows of x (m, dim). It underflows to 0 for a few hundred points: hence
    the logarithm.

    >>> print(round(likelihood(Gaussian(0.0), [0.0, 1.0]), 6))
    0.096532
    """
    return float(np.prod(Q.density(x)))  # E7


def log_likelihood(Q: Density, x: Array) -> float:
    """log L = Σ_i log q(x^i), x (m, dim). The logarithm grows, so the same Q maximises both.

    >>> print(round(log_likelihood(Gaussian(0.0), [0.0, 1.0]), 6))
    -2.337877
    """
    return float(np.sum(Q.log_density(x)))  # E8


def expected_log_likelihood(P: Density, Q: Density, tol: float = 1e-12) -> float:
    """E_{x~P}[log q(x)], what (1/m) log L tends to as m grows; equal to −H(P) − KL(P‖Q).

    H(P) does not depend on Q, so the Q that maximises the one minimises KL(P‖Q).

    >>> from numgan.theory import entropy, kl
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(expected_log_likelihood(P, Q) + entropy(P) + kl(P, Q), 9) + 0)
    0.0
    """
    require_comparable(P, Q)
    return expect(P, Q.log_density, Q, tol=tol)  # E9


def fit_gaussian(x: Array) -> Gaussian:
    """argmax over Gaussians of Σ_i log q(x^i): mean and covariance of the rows of x (m, dim),
    divided by m.

    It is `covering_fit` (E6) of the empirical distribution, which has probability 1/m at each x^i.
    InputError if the points lie in a subspace: a degenerate Gaussian makes the likelihood infinite.

    >>> print(fit_gaussian([1.0, 2.0, 3.0]).mean, fit_gaussian([1.0, 2.0, 3.0]).cov.round(6))
    [2.] [[0.666667]]
    """
    x = np.asarray(x, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    mean = x.mean(0)
    cov = (x - mean).T @ (x - mean) / len(x)
    low = np.linalg.eigvalsh(cov)[0]
    if not low > 1e-14 * np.trace(cov):
        raise InputError(
            f"covariance of the {len(x)} points has the eigenvalue {low:g}: expected all positive"
        )
    return Gaussian(mean, cov=cov)  # E8


def best_generator(
    P: Density, family: Callable, thetas: Sequence, divergence: Callable
) -> tuple[int, Array]:
    """G* = argmin_G Div(P_G, P_data) over the members family(θ) of a list: (index of the best θ,
    all divergences).

    divergence: (P, Q) ↦ a number ≥ 0, 0 only for P = Q, such as kl or jsd. If P is in the family
    they all agree.

    >>> from numgan.theory import kl
    >>> i, values = best_generator(Gaussian(1.0), Gaussian, [0.0, 1.0, 2.0], kl)
    >>> print(i, values)
    1 [0.5 0.  0.5]
    """
    values = np.array([divergence(P, family(theta)) for theta in thetas])
    return int(np.argmin(values)), values  # E10

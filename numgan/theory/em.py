"""E8 for a mixture of Gaussians, whose maximum has no closed form: expectation-maximisation.

For any r with Σ_k r_nk = 1, by E3,
    log p(x_n) = Σ_k r_nk [log w_k p_k(x_n) − log r_nk] + KL(r_n ‖ Pr(k | x_n)).
The E step sets r to the posterior, so the KL is 0 and the sum equals log p; the M step maximises
the sum over the parameters with r fixed, so log p rises by at least as much. The likelihood never
falls (Dempster, Laird, Rubin 1977).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.densities import Gaussian, Mixture


class MixtureFit(NamedTuple):
    """The mixture, and the mean log-likelihood (1/m) Σ log p(x^i) before each step.

    >>> MixtureFit._fields
    ('mixture', 'history')
    """

    mixture: Mixture
    history: Array


def em_step(fit: Mixture, x: Array) -> Mixture:
    """One E and one M step on rows x (N, dim): weighted counts, means and covariances (N, K) -> (K,
    …).

    >>> x = np.array([[-1.0], [-1.2], [1.0], [1.2]])
    >>> step = em_step(Mixture.of_gaussians([-1.0, 1.0], 0.5), x)
    >>> print(step.means.round(3).ravel())
    [-1.1  1.1]
    """
    r = fit.responsibilities(x)
    n = r.sum(0)
    means = (r.T @ x) / n[:, None]
    parts = []
    for k, mean in enumerate(means):
        cov = (r[:, k, None] * (x - mean)).T @ (x - mean) / n[k]
        if not np.linalg.eigvalsh(cov)[0] > 1e-12 * np.trace(np.atleast_2d(np.cov(x.T))):
            raise InputError(
                f"component {k} shrank onto a point or a line: expected fewer "
                f"components or another start"
            )
        parts.append(Gaussian(mean, cov=cov))
    return Mixture(n / n.sum(), parts)


def spread_start(x: Array, K: int, rng: Any) -> Mixture:
    """K equal Gaussians at data points drawn with probability ∝ the squared distance to those drawn
    before.

    >>> x = np.array([[-1.0], [1.0]])
    >>> print(np.sort(spread_start(x, 2, np.random.default_rng(0)).means, axis=0).ravel())
    [-1.  1.]
    """
    centres = x[rng.integers(0, len(x), 1)]
    for _ in range(K - 1):
        d2 = np.min(np.sum((x[:, None] - centres) ** 2, axis=2), axis=1)
        cumulative = np.cumsum(d2) / d2.sum()
        centres = np.vstack([centres, x[np.searchsorted(cumulative, rng.random(), side="right")]])
    return Mixture.of_gaussians(centres, float(np.sqrt(np.mean(x.var(0)))) / K)


def fit_mixture(
    x: Array,
    K: int,
    rng: Any = None,
    start: Mixture | None = None,
    tol: float = 1e-10,
    most_steps: int = 2000,
) -> MixtureFit:
    """A local maximum of Σ_i log p(x^i) over mixtures of K Gaussians with full covariances; x (N,
    dim) or (N,).

    Starts from `start`, or from spread_start with the generator rng; stops when a step gains less
    than tol. InputError if a component collapses, or if the gain is still above tol after
    most_steps.

    >>> x = Mixture.of_gaussians([-2.0, 2.0], 0.5).sample(500, np.random.default_rng(0))
    >>> fit = fit_mixture(x, 2, np.random.default_rng(0))
    >>> print(np.sort(fit.mixture.means, axis=0).round(1).ravel())
    [-2.  2.]
    """
    x = np.asarray(x, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if start is None and rng is None:
        raise InputError("fit_mixture without rng and start: expected one of them")
    fit = spread_start(x, K, rng) if start is None else start
    history: list[float] = []
    for _ in range(most_steps):
        history.append(float(np.mean(fit.log_density(x))))  # E8
        if len(history) > 1 and history[-1] - history[-2] < tol:
            return MixtureFit(fit, np.array(history))
        fit = em_step(fit, x)
    raise InputError(
        f"the fit still gains {history[-1] - history[-2]:.1e} a step after "
        f"{most_steps}: expected {tol:g}"
    )

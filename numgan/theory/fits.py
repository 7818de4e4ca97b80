"""E6: the Gaussian nearest to P, in the two directions of KL. One covers all of P, the other
settles on a mode if the modes are far apart: of ½N(−c, s²) + ½N(c, s²) from c/s = 2.80 on; below,
one Gaussian over both is nearer."""

from __future__ import annotations

import numpy as np

from numgan.errors import InputError
from numgan.theory.densities import Gaussian
from numgan.theory.density import Density
from numgan.theory.expectation import expect
from numgan.theory.information import kl, log_ratio


def covering_fit(P: Density) -> Gaussian:
    """argmin over Gaussians Q of KL(P‖Q): the Gaussian with P's mean and covariance.

    KL(P‖Q) = −H(P) + ½[log det Σ + E_P (x−μ)ᵀΣ⁻¹(x−μ)] + const. The gradient in μ is
    −Σ⁻¹(E_P[x] − μ), zero at μ = E_P[x]; the gradient in Σ⁻¹ is ½[E_P (x−μ)(x−μ)ᵀ − Σ], zero at
    Σ = Cov_P[x]. Where P has mass and Q has none the price is infinite, so Q covers every mode, and
    the empty space between them.

    >>> from numgan.theory import Mixture
    >>> P = Mixture.of_gaussians([-2.0, 2.0], 0.5)
    >>> print(covering_fit(P).mean, covering_fit(P).std.round(4))
    [0.] [2.0616]
    """
    return Gaussian(P.mean, cov=P.cov)  # E6


def seeking_fit(P: Density, start: Gaussian, tol: float = 1e-9, most_steps: int = 500) -> Gaussian:
    """A local minimum over one-dimensional Gaussians Q = N(m, s²) of KL(Q‖P), downhill from
    `start`.

    Where Q has mass and P has none the price is infinite, so Q hides within one mode and ignores
    the others. InputError if the step is still above tol (in units of s) after most_steps.

    >>> from numgan.theory import Mixture
    >>> P = Mixture.of_gaussians([-2.0, 2.0], 0.5)
    >>> Q = seeking_fit(P, Gaussian(1.5))
    >>> print(Q.mean.round(4), Q.std.round(4))
    [1.9998] [0.5004]
    """
    if P.dim != 1:
        raise InputError(f"a seeking fit in {P.dim} dimensions: expected 1")
    Q, loss = start, kl(start, P)
    if not np.isfinite(loss):
        raise InputError("KL(start‖P) = inf: expected a start within the support of P")
    for _ in range(most_steps):
        dm, dlog_s = seeking_step(P, Q)
        if max(abs(dm), abs(dlog_s)) <= tol:
            return Q
        m, s, scale = Q.mean, Q.std, 1 / max(1.0, abs(dlog_s))
        while (
            trial := kl(Gaussian(m - scale * s * dm, s * np.exp(-scale * dlog_s)), P)
        ) > loss and scale > 1e-6:
            scale /= 2  # until it descends
        Q, loss = Gaussian(m - scale * s * dm, s * np.exp(-scale * dlog_s)), trial
    left = max(abs(dm), abs(dlog_s))
    raise InputError(
        f"the fit still moves by {left:.1e} after {most_steps} steps: expected {tol:g}"
    )


def seeking_step(P: Density, Q: Gaussian) -> tuple[float, float]:
    """The gradient of KL(Q‖P) in (m, log s), divided by the Fisher information diag(1/s², 2); m in
    units of s.

    With h = log q − log p and e = (x−m)/s, and because the mean of the derivatives of log q under Q
    is zero,
        ∂KL/∂m = E_Q[h·e]/s         ∂KL/∂log s = E_Q[h·(e² − 1)].

    >>> print(np.round(seeking_step(Gaussian(0.0), Gaussian(1.0)), 9) + 0)
    [1. 0.]
    """
    m, s, h = Q.mean[0], Q.std[0], log_ratio(Q, P)
    dm = expect(Q, lambda x: h(x) * (x[:, 0] - m) / s, P)  # s·∂KL/∂m                            E6
    dlog_s = expect(Q, lambda x: h(x) * (((x[:, 0] - m) / s) ** 2 - 1), P) / 2  # ½·∂KL/∂log s    E6
    return dm, dlog_s

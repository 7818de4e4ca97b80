"""Does a generator drop modes? Mode counting for a mixture of equal Gaussians, as in PacGAN
(arXiv:1712.04086).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, lgamma, sqrt

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.metrics.estimate import Estimate, finite_rows
from numgan.theory.logarithms import log, times

SAMPLES = 2500  # of the protocol
REACH = 3.0  # a sample within so many standard deviations of a mode is of high quality


@dataclass(frozen=True)
class ModeCoverage:
    """The number of covered modes, of all modes, the share of samples of high quality, the reverse
    KL in nats, and the number of samples nearest to each mode (K,).

        >>> collapsed = mode_coverage([0.0, 0.0, 0.0, 0.0], modes=[0.0, 10.0], std=0.1)
        >>> collapsed.covered, collapsed.modes, round(collapsed.reverse_kl.value, 6)  # log 2
        (1, 2, 0.693147)
    """

    covered: int
    modes: int
    high_quality: Estimate
    reverse_kl: Estimate
    histogram: Array


def mode_coverage(x: Array, modes: Array, std: float) -> ModeCoverage:
    """With k(i) = argmin_k ‖x_i − μ_k‖ the mode nearest to sample i, and p̂_k the share of samples
    nearest to mode k,

        high quality   the share of samples with ‖x_i − μ_k(i)‖ ≤ 3σ
        covered        the number of modes that are nearest to at least one sample of high quality
        reverse KL     KL(p̂ ‖ uniform) = Σ_k p̂_k log(K p̂_k)
            (E2)

    x (N, dim); modes (K, dim); std is σ.

    Standard errors: binomial for the share; for the KL the delta method to second order,
    Var ≈ Var_p̂[log p̂]/N + (K−1)/(2N²), since the first order vanishes at the uniform
    distribution. Floors: the expected values for N samples of the mixture itself, Pr(χ²_dim ≤ 9)
    (in two dimensions 1 − e^−4.5 = 98.9 %) and (K−1)/(2N). Raises InputError for a std that is not
    positive, and for samples that are not finite rows of the modes' dimension.

        >>> near = mode_coverage([0.0, 0.2, 10.0, 6.0], modes=[0.0, 10.0], std=0.1)
        >>> near.covered, near.high_quality.value, near.histogram
        (2, 0.75, array([2, 2]))
    """
    modes = finite_rows(modes, "modes")
    K, dim = modes.shape
    x = finite_rows(x, "samples", dim)
    N = len(x)
    if not std > 0:
        raise InputError(f"std of the modes = {std}: expected a positive number")

    distance2 = np.zeros((N, K))
    for j in range(dim):  # differences first: no cancellation between modes that are far apart
        distance2 += (x[:, j, None] - modes[:, j]) ** 2
    nearest = distance2.argmin(1)
    high = distance2[np.arange(N), nearest] <= (REACH * std) ** 2

    histogram = np.bincount(nearest, minlength=K)
    p = histogram / N
    reverse_kl = times(p, log(K * p)).sum()
    spread = times(p, log(K * p) ** 2).sum() - reverse_kl**2
    share = high.mean()
    real = chi_square_cdf(REACH**2, dim)
    return ModeCoverage(
        covered=len(np.unique(nearest[high])),
        modes=K,
        high_quality=Estimate(
            float(share), sqrt(share * (1 - share) / N), real, sqrt(real * (1 - real) / N)
        ),
        reverse_kl=Estimate(
            float(max(reverse_kl, 0.0)),  # −1e-16 is a rounding of 0
            sqrt(max(spread, 0.0) / N + (K - 1) / (2 * N**2)),
            (K - 1) / (2 * N),
            sqrt((K - 1) / (2 * N**2)),
        ),
        histogram=histogram,
    )


def chi_square_cdf(x: float, dim: int) -> float:
    """F_dim(x) = Pr(‖e‖² ≤ x) for e ~ N(0, 1) in `dim` dimensions, by a recursion in steps of two:

    F_1(x) = erf √(x/2),   F_2(x) = 1 − e^(−x/2),
    F_{d+2}(x) = F_d(x) − (x/2)^{d/2} e^{−x/2}/Γ(d/2 + 1).

    >>> round(chi_square_cdf(9.0, 2), 4)  # 1 − e^−4.5
    0.9889
    """
    F = erf(sqrt(x / 2)) if dim % 2 else 1 - exp(-x / 2)
    for d in range(2 - dim % 2, dim, 2):
        F -= exp(d / 2 * log(x / 2) - x / 2 - lgamma(d / 2 + 1))
    return max(F, 0.0)

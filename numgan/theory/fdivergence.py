"""Section 8: f-divergences, and the lower bound by which samples alone can estimate them.

f is convex, so by Jensen D_f = E_Q[f(p/q)] ≥ f(E_Q[p/q]) = f(1), which is 0. For each t,
f(t) = max_s [s t − f*(s)], so for every function T, f(p/q) ≥ T·p/q − f*(T); times q and integrated
that is the bound. It is tight where s attains the maximum: s = f'(t). The discriminator of a GAN is
such a T. Nowozin, Cseke, Tomioka 2016 (arXiv:1606.00709).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.theory.density import Density
from numgan.theory.expectation import crossings, expect, integral
from numgan.theory.ftable import FDivergence
from numgan.theory.information import log_ratio


def f_divergence(row: FDivergence, P: Density, Q: Density, tol: float = 1e-12) -> float:
    """D_f(P‖Q) = ∫ q f(p/q) dx for a row of the table: ftable.KL, .REVERSE_KL, .PEARSON, … inf
    where it diverges.

    A χ² can be infinite although p/q is finite everywhere: then p/q is beyond e^709 at 38 standard
    deviations, where the box ends, and overflows to inf.

    >>> from numgan.theory import Gaussian, ftable, kl
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(f_divergence(ftable.KL, P, Q), 9), kl(P, Q))
    0.5 0.5
    """
    u = log_ratio(P, Q)

    def f(x: Array) -> Array:
        with np.errstate(over="ignore"):
            return row.weigh(P.density(x), Q.density(x), u(x))

    return integral(f, P, Q, tol=tol, bends=crossings(u, P, Q))  # E41


def variational_bound(
    row: FDivergence, T: Callable, P: Density, Q: Density, tol: float = 1e-12, bends: Array = ()
) -> float:
    """E_{x~P}[T(x)] − E_{x~Q}[f*(T(x))] ≤ D_f(P‖Q) for every T: rows (N, dim) -> (N,) in the domain
    of f*.

    With T = g_f(a) of a logit a, and the row GAN, it is V(D,G) itself. bends: where T jumps, in one
    dimension.

    >>> from numgan.theory import Gaussian, ftable
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> print(round(variational_bound(ftable.KL, lambda x: 1 - x[:, 0] / 2, P, Q), 6))  # KL is ½
    0.312711
    """
    bends = np.concatenate([np.asarray(bends, float), crossings(log_ratio(P, Q), P, Q)])
    real = expect(P, T, Q, tol=tol, bends=bends)
    fake = expect(Q, lambda x: row.dual(T(x)), P, tol=tol, bends=bends)
    return real - fake  # E42


def best_critic(row: FDivergence, P: Density, Q: Density) -> Callable:
    """T*(x) = f'(p(x)/q(x)), at which the bound is D_f: rows (N, dim) -> (N,).

    Log-ratios are held within ±350, so that f*(T*) is a finite number: still a lower bound where
    that matters.

    >>> from numgan.theory import Gaussian, ftable
    >>> P, Q = Gaussian(0.0), Gaussian(1.0)
    >>> T = best_critic(ftable.KL, P, Q)
    >>> print(round(variational_bound(ftable.KL, T, P, Q), 9))
    0.5
    """
    u = log_ratio(P, Q)
    return lambda x: row.best(np.clip(u(x), -350, 350))  # E42

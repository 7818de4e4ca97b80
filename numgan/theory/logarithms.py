"""Logarithms that stay right at their edges: 0·log 0 = 0, log 0 = −∞ without a warning, sums of
tiny exponentials.

A density can be zero, and a logit can be ±1000; the theory then still asks for log p, p·log p and
log σ(a). Each function below is the formula plus the one step that keeps it finite (or properly
infinite).
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array

LOG2 = float(np.log(2))
LOG4 = float(np.log(4))


def log(p: Array) -> Array:
    """log p elementwise with log 0 = −∞ and no warning; p ≥ 0 of any shape.

    >>> log(np.array([0.0, 1.0]))
    array([-inf,   0.])
    """
    with np.errstate(divide="ignore"):
        return np.log(p)


def times(p: Array, g: Array) -> Array:
    """p·g with 0·g = 0 even where g = ±∞: the convention 0·log 0 = 0 of E2. p ≥ 0 and g of one
    shape.

    >>> times(np.array([0.0, 2.0]), np.array([-np.inf, 3.0]))
    array([0., 6.])
    """
    p, g = np.broadcast_arrays(p, g)
    return np.multiply(p, g, out=np.zeros(p.shape), where=p > 0)


def log_sum_exp(a: Array, axis: int = -1) -> Array:
    """log Σ_k exp(a_k) along an axis = m + log Σ_k exp(a_k − m) with m = max_k a_k, so that no term
    overflows.

    Entries of −∞ are terms that are zero; if every term is zero the sum is log 0 = −∞.

    >>> print(log_sum_exp(np.array([1000.0, 1000.0])).round(6), log_sum_exp(np.array([-np.inf])))
    1000.693147 -inf
    """
    m = np.max(a, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    return np.squeeze(m, axis) + log(np.sum(np.exp(a - m), axis=axis))


def softplus(a: Array) -> Array:
    """log(1 + e^a) = max(a, 0) + log(1 + e^{−|a|}): exact in both tails, never an overflow.

    >>> print(softplus(np.array([-1000.0, 0.0, 1000.0])).round(6))
    [0.00000e+00 6.93147e-01 1.00000e+03]
    """
    return np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a)))


def sigmoid(a: Array) -> Array:
    """σ(a) = 1/(1 + e^{−a}); for a < 0 as e^a/(1 + e^a), so that the exponent is never positive.

    >>> print(sigmoid(np.array([-1000.0, 0.0, 1000.0])))
    [0.  0.5 1. ]
    """
    e = np.exp(-np.abs(a))
    return np.where(np.asarray(a) >= 0, 1.0, e) / (1.0 + e)


def log_sigmoid(a: Array) -> Array:
    """log σ(a) = −softplus(−a); and log(1 − σ(a)) = log σ(−a) = −softplus(a). Never the log of a
    computed σ.

    >>> print(log_sigmoid(np.array([-1000.0, 0.0])).round(6))
    [-1.00000e+03 -6.93147e-01]
    """
    return -softplus(-np.asarray(a, dtype=float))

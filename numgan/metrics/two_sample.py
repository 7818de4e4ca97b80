"""Can a classifier tell samples from real rows? A small network that numgan trains itself, judged
on rows that it was not trained on.

    AUC = P(s(x) > s(y)) + ½ P(s(x) = s(y)),      x real, y a sample, s the classifier's score

is ½ where it cannot, and 1 where it always can. Lopez-Paz and Oquab 2016, arXiv:1610.06545, use the
accuracy instead.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.layers import Dense, Dropout, LeakyReLU
from numgan.metrics.classifier import cross_entropy
from numgan.metrics.estimate import Estimate, finite_rows
from numgan.network import Network
from numgan.optimizers import Adam, cosine

FOLDS, STEPS, HALF, ETA, DROPPED = 4, 300, 48, 1e-2, 0.1
LEAST = 3  # rows of each kind


def auc(real: Array, fake: Array) -> Estimate:
    """AUC of scores (N,) of real rows above scores (M,) of samples.

    With p_i the share of samples below real row i, and q_j the share of real rows above sample j
    (ties count half), AUC is the mean of either, and its error that of DeLong et al. 1988,

        error² = s²(p)/N + s²(q)/M.

        >>> auc(np.array([1.0, 3.0]), np.array([0.0, 2.0])).value
        0.75
    """
    p = shares_below(real, fake)
    q = 1 - shares_below(fake, real)
    error = sqrt(p.var(ddof=1) / len(p) + q.var(ddof=1) / len(q))
    return Estimate(float(p.mean()), error, 0.5)


def shares_below(a: Array, b: Array) -> Array:
    """The share of b below each of a, ties half.

    >>> shares_below(np.array([0.0, 5.0]), np.array([0.0, 1.0])).tolist()
    [0.25, 1.0]
    """
    ordered = np.sort(b)
    below, upto = (ordered.searchsorted(a, side) for side in ("left", "right"))
    return (below + upto) / (2 * len(b))


def two_sample_auc(x: Array, y: Array, rng: Any) -> Estimate:
    """AUC of a network of 64 and 64 that tells rows x (N, d) from rows y (M, d) by their numbers
    and their squares. Every row is judged by a network that was trained on other rows, one of four.

    Both sides have the same weight, whatever N and M. An AUC clearly below ½ says that rows of the
    two sides come in pairs, as copies do. Raises InputError for rows that are not finite or fewer
    than 3.

        >>> zeros, rng = np.zeros((8, 1)), np.random.default_rng(0)
        >>> two_sample_auc(zeros, zeros, rng).value, two_sample_auc(zeros, zeros + 1, rng).value
        (0.5, 1.0)
    """
    x = finite_rows(x, "real rows", least=LEAST)
    y = finite_rows(y, "samples", x.shape[1], least=LEAST)
    both = np.concatenate([x, y])
    spread = np.maximum(both.std(0), 1e-9)
    x, y = ((side - both.mean(0)) / spread for side in (x, y))
    # without the squares, a thin curve, or a hole in the middle, takes long to learn
    x, y = (np.concatenate([side, side**2], axis=1).astype(np.float32) for side in (x, y))
    count = min(FOLDS, len(x), len(y))
    folds = [rng.permutation(len(side)) % count for side in (x, y)]
    scores = [np.empty(len(side)) for side in (x, y)]
    for fold in range(count):
        network, theta = told_apart(x[folds[0] != fold], y[folds[1] != fold], rng)
        for side, of, score in zip((x, y), folds, scores, strict=True):
            a = network.each(theta, side[of == fold])
            score[of == fold] = a[:, 0] - a[:, 1]
    return auc(*scores)


def told_apart(x: Array, y: Array, rng: Any) -> tuple[Network, Array]:
    """A network, as it is outside training, and its θ: logits of being one of x, and one of y.

    >>> sides = np.zeros((4, 2), np.float32), np.ones((4, 2), np.float32)
    >>> network, theta = told_apart(*sides, np.random.default_rng(0))
    >>> int(network.each(theta, sides[1][:1]).argmax())
    1
    """
    I = x.shape[1]
    hidden = [Dense(I, 64), LeakyReLU(), Dropout(DROPPED), Dense(64, 64), LeakyReLU()]
    network = Network([*hidden, Dropout(DROPPED), Dense(64, 2)], (I,))
    theta, optimizer = network.initial(rng), Adam(cosine(ETA, STEPS))
    c = np.eye(2, dtype=np.float32).repeat(HALF, axis=0)
    for _ in range(STEPS):
        rows = np.concatenate([side[rng.integers(len(side), size=HALF)] for side in (x, y)])
        a, tape = network.forward(theta, rows, rng)
        _, da = cross_entropy(a, c)
        optimizer.descend(theta, network.gradient(theta, tape, da))
    return network.evaluation(), theta


def kolmogorov_smirnov(x: Array, y: Array) -> float:
    """sup_t |F_x(t) − F_y(t)| of two samples (N,), (M,).

    >>> kolmogorov_smirnov(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    0.5
    """
    if len(x) == 0 or len(y) == 0:
        raise InputError("the Kolmogorov-Smirnov distance needs at least one value on both sides")
    x, y, t = np.sort(x), np.sort(y), np.concatenate([x, y])
    shares = [side.searchsorted(t, "right") / len(side) for side in (x, y)]
    return float(abs(shares[0] - shares[1]).max())


def total_variation(x: Array, y: Array) -> float:
    """½ Σ_k |p_k − q_k| of the shares of each value in two samples (N,), (M,).

    >>> total_variation(np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1]))
    0.25
    """
    values = np.union1d(x, y)
    shares = [(side[:, None] == values).mean(0) for side in (x, y)]
    return float(abs(shares[0] - shares[1]).sum() / 2)

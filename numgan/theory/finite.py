"""E52: what V says when the data are m rows and not a distribution. D can learn the rows by heart.

Two empirical laws without a common row are mutually singular: their JSD is log 2 and sup_D Ṽ = 0,
whatever P and Q are. For D̂, the best of a family on the rows, the value on the rows is too high
and the value on fresh rows too low:

    E[Ṽ(D̂)] ≥ max_D V(D) ≥ V(D̂)

A D that is constant on each of K cells of the line shows both: K is its width, and it may stop
after k steps of E31.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.discrete import Discrete
from numgan.theory.generator import jsd
from numgan.theory.logarithms import log_sigmoid, sigmoid, times


def on_one_support(x: Array, y: Array) -> tuple[Discrete, Discrete]:
    """The empirical laws of the rows x (m, dim) and y (n, dim), both on the rows of either.

    >>> P, Q = on_one_support([0.0, 1.0], [1.0, 1.0])
    >>> print(P.p, Q.p)
    [0.5 0.5] [0. 1.]
    """
    x, y = (np.asarray(rows, float) for rows in (x, y))
    x, y = (rows[:, None] if rows.ndim == 1 else rows for rows in (x, y))
    if x.shape[1] != y.shape[1]:
        raise InputError(f"rows of {x.shape[1]} and {y.shape[1]} columns: expected the same number")
    points, where = np.unique(np.concatenate([x, y]), axis=0, return_inverse=True)
    halves = np.split(where.reshape(-1), [len(x)])
    first, second = (np.bincount(half, minlength=len(points)) / len(half) for half in halves)
    return Discrete(first, points), Discrete(second, points)


def sampled_jsd(x: Array, y: Array) -> float:
    """JSD of the two empirical laws: log 2 if they share no row, whatever drew the rows.

    >>> rng = np.random.default_rng(0)
    >>> print(round(sampled_jsd(rng.standard_normal(9), rng.standard_normal(9)), 6))  # log 2
    0.693147
    """
    return jsd(*on_one_support(x, y))  # E52


def cell_shares(x: Array, edges: Array) -> Array:
    """The share of the points x (m,) in each of the K cells between K + 1 edges, (K,).

    A point outside counts for the cell at that end.

    >>> cell_shares(np.array([0.1, 0.2, 0.9, 5.0]), np.array([0.0, 0.5, 1.0]))
    array([0.5, 0.5])
    """
    which = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(which, minlength=len(edges) - 1) / len(x)


def cell_value(a: Array, p: Array, q: Array) -> float:
    """V = Σ_c p_c log σ(a_c) + q_c log σ(−a_c) of a D with the logit a_c on the cell c.

    p, q: the shares of the cells, of the rows that trained D or of others. All (K,).

    >>> half = np.array([0.5, 0.5])
    >>> print(round(cell_value(np.zeros(2), half, half), 6))  # −log 4
    -1.386294
    """
    return float(np.sum(times(p, log_sigmoid(a)) + times(q, log_sigmoid(-a))))  # E14, E52


def cell_ascent(p: Array, q: Array, eta: float, k: int) -> Array:
    """a_0 = 0, a_1, …, a_k: k ascents of E31 on the value of the cells; the logits (k + 1, K).

    ∂V/∂a_c = p_c σ(−a_c) − q_c σ(a_c) (E33) is zero at a_c = log p_c/q_c. In a cell that only one
    side reaches it is never zero: there the logit grows for ever.

    >>> print(cell_ascent(np.array([1.0, 0.0]), np.array([0.5, 0.5]), eta=1.0, k=1))
    [[ 0.    0.  ]
     [ 0.25 -0.25]]
    """
    path = [np.zeros(len(p))]
    for _ in range(k):
        a = path[-1]
        path.append(a + eta * (p * sigmoid(-a) - q * sigmoid(a)))  # E52
    return np.array(path)

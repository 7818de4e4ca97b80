"""What the usual mistakes make of self-attention's gradients (L18).

The layer is known by what it computes: y is a mean of x W_v with the weights softmax(Q Kᵀ/√d), for
the first three of its parameters.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.likeness import alike

PATHS = {"q": "the path through the queries", "k": "the path through the keys"}
VALUES = "the path through the values"
HELD = "the attention weights are held constant: the paths through the softmax are absent"
ROWSUM = "the softmax is taken entry by entry: its row sum is missing in dS = A ⊙ (dA − r)"
COLUMNS = "the softmax's sum runs over the columns of A, not over its rows"
SIGMOID = "the softmax's gradient is that of a logistic function: dS = A ⊙ (1 − A) ⊙ dA"
SCALE = "the scale 1/√d of S is missing on the way back"


def attention_gradients(
    x: Array, P: tuple[Array, ...], y: Array, dy: Array
) -> tuple[dict[str, dict[str, Array]], dict[str, dict[str, Array]]]:
    """({array: {mistake: what it gives}}, {array: {name: term}}), array "x" or a number of P; both
    empty where y is no self-attention.
    """
    if not fits(x, P, y):
        return {}, {}
    X, Wq, Wk, Wv = x.reshape(len(x), -1, x.shape[-1]), *P[:3]
    Q, K, U, root = X @ Wq, X @ Wk, X @ Wv, sqrt(Wq.shape[1])
    S = Q @ K.swapaxes(1, 2) / root
    A = np.exp(S - S.max(axis=2, keepdims=True))
    A /= A.sum(axis=2, keepdims=True)
    if not alike((A @ U).reshape(y.shape), y):
        return {}, {}
    dY = dy.reshape(len(dy), -1, dy.shape[-1])
    dA = dY @ U.swapaxes(1, 2)
    softmaxes = {
        ROWSUM: A * dA,
        COLUMNS: A * (dA - (A * dA).sum(axis=1, keepdims=True)),
        SIGMOID: A * (1 - A) * dA,
        SCALE: root * (right := A * (dA - (A * dA).sum(axis=2, keepdims=True))),
    }
    dU = A.swapaxes(1, 2) @ dY

    def through(dS: Array) -> tuple[Array, Array]:
        return dS @ K / root, dS.swapaxes(1, 2) @ Q / root

    def arrays(dS: Array) -> dict[str, Array]:
        dQ, dK = through(dS)
        dX = dQ @ Wq.T + dK @ Wk.T + dU @ Wv.T
        XT = X.swapaxes(1, 2)
        return {"x": dX.reshape(x.shape), "0": (XT @ dQ).sum(axis=0), "1": (XT @ dK).sum(axis=0)}

    mistakes: dict[str, dict[str, Array]] = {"x": {HELD: (dU @ Wv.T).reshape(x.shape)}}
    for sentence, dS in softmaxes.items():
        for array, value in arrays(dS).items():
            mistakes.setdefault(array, {})[sentence] = value
    dQ, dK = through(right)
    terms = {PATHS["q"]: dQ @ Wq.T, PATHS["k"]: dK @ Wk.T, VALUES: dU @ Wv.T}
    return mistakes, {"x": {name: term.reshape(x.shape) for name, term in terms.items()}}


def fits(x: Array, P: tuple[Array, ...], y: Array) -> bool:
    """Whether the shapes are those of W_q, W_k and W_v for x and y."""
    return (
        len(P) >= 3
        and x.ndim >= 3
        and y.shape[:-1] == x.shape[:-1]
        and all(W.ndim == 2 and len(W) == x.shape[-1] for W in P[:3])
        and P[0].shape == P[1].shape
        and P[2].shape[1] == y.shape[-1]
    )

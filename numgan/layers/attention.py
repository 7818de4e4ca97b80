"""L18, self-attention over the positions of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import NamedTuple

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, positive


class Attended(NamedTuple):
    """The cache of a forward pass: all matrices of a sample, T positions in rows."""

    X: Array  # (N, T, I)
    Q: Array  # (N, T, d)
    K: Array  # (N, T, d)
    U: Array  # (N, T, O)
    A: Array  # (N, T, T), each row sums to 1


@dataclass(frozen=True)
class SelfAttention(Layer):
    """Every position becomes a mean over all positions, weighted by how well they answer its query.
        x (N, …, I)   W_q, W_k (I, d)   W_v (I, O)   y (N, …, O)      arXiv:1706.03762, 1805.08318

    The T positions of a sample, such as the H·W pixels of an image, are the rows of a matrix X.

        Q = X W_q      K = X W_k      U = X W_v          queries, keys, values
        S = Q Kᵀ/√d    A = softmax of each row of S      Y = A U

    **The softmax.** A_tj = exp S_tj / Σ_i exp S_ti, so R{log A_tj} = RS_tj − Σ_i A_ti RS_ti, and

        RA = J RS,      J g = A ⊙ (g − rowsum(A ⊙ g)),      ⟨g, J h⟩ = ⟨J g, h⟩

    J is symmetric, diag(a) − a aᵀ in each row a. A number added to a row of S changes nothing, so
    the largest of the row is subtracted before exp, and every row of J g sums to 0.

    **The gradients.** Every product is linear in each of its factors, so with dY = ∂V/∂Y

        dU = Aᵀ dY     dA = dY Uᵀ     dS = J dA     dQ = dS K/√d     dK = dSᵀ Q/√d
        dX = dQ W_qᵀ + dK W_kᵀ + dU W_vᵀ
        dW_q = Σ_n Xᵀ dQ      dW_k = Σ_n Xᵀ dK      dW_v = Σ_n Xᵀ dU

    V depends on X in three ways: through the values it passes on, and through the queries and the
    keys that decide the weights.

    **Their change** is the product rule on each line; with r = rowsum(A ⊙ dA),

        R{dS} = RA ⊙ (dA − r) + A ⊙ (RdA − Rr),      Rr = rowsum(RA ⊙ dA + A ⊙ RdA)

    The sum around it, x + y, is `Residual((SelfAttention(C, C, d),))`.
    """

    I: int
    O: int
    d: int
    init: str = "glorot"

    def __post_init__(self):
        positive(I=self.I, O=self.O, d=self.d)
        require_initialisation(self.init)

    def parameters(self):
        return {"Wq": (self.I, self.d), "Wk": (self.I, self.d), "Wv": (self.I, self.O)}

    def initial(self, rng):
        return tuple(normal(rng, self.init, s, *s) for s in self.parameters().values())

    def output_shape(self, shape):
        if len(shape) < 2 or shape[-1] != self.I:
            raise InputError(
                f"expected positions of {self.I} numbers, such as images (H, W, {self.I}), "
                f"got samples of shape {shape}"
            )
        return *shape[:-1], self.O

    def rows(self, x: Array) -> Array:
        """The positions of each sample as the rows of a matrix, (N, T, C)."""
        return x.reshape(len(x), prod(x.shape[1:-1]), x.shape[-1])

    def like(self, Y: Array, x: Array) -> Array:
        """The rows of Y at the places of x, (N, …, C)."""
        return Y.reshape(*x.shape[:-1], Y.shape[-1])

    def forward(self, P, x):
        (Wq, Wk, Wv), X = P, self.rows(x)
        Q, K, U = X @ Wq, X @ Wk, X @ Wv
        A = softmax(Q @ turned(K) / sqrt(self.d))
        return self.like(A @ U, x), Attended(X, Q, K, U, A)  # L18     Y = A U

    def backward(self, P, cache, dy):
        Wq, Wk, Wv = P
        dQ, dK, dU, *_ = self.toward(cache, self.rows(dy))
        return self.like(dQ @ Wq.T + dK @ Wk.T + dU @ Wv.T, dy)  # dL18

    def gradient(self, P, cache, dy):
        dQ, dK, dU, *_ = self.toward(cache, self.rows(dy))
        X = turned(cache.X)
        return total(X @ dQ), total(X @ dK), total(X @ dU)  # dL18    dW_q = Σ_n Xᵀ dQ

    def toward(self, cache, dY):
        """dQ, dK, dU, and dA and dS on the way."""
        _, Q, K, U, A = cache
        dA = dY @ turned(U)
        dS = through(A, dA)
        dQ, dK = dS @ K / sqrt(self.d), turned(dS) @ Q / sqrt(self.d)
        return dQ, dK, turned(A) @ dY, dA, dS  # dL18    dU = Aᵀ dY

    def rforward(self, P, cache, RP, Rx):
        (Wq, Wk, Wv), (X, Q, K, U, A), RX = P, cache, self.rows(Rx)
        RQ, RK, RU = RX @ Wq, RX @ Wk, RX @ Wv
        if RP is not None:
            RQ, RK, RU = RQ + X @ RP[0], RK + X @ RP[1], RU + X @ RP[2]
        RA = through(A, (RQ @ turned(K) + Q @ turned(RK)) / sqrt(self.d))  # RA = J RS
        Ry = self.like(RA @ U + A @ RU, Rx)
        return Ry, Attended(RX, RQ, RK, RU, RA)  # R{L18}  RY = RA U + A RU

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        Wq, Wk, Wv = P
        RdQ, RdK, RdU, (dQ, dK, dU) = self.rtoward(cache, Rcache, self.rows(dy), self.rows(Rdy))
        RdX = RdQ @ Wq.T + RdK @ Wk.T + RdU @ Wv.T
        if RP is not None:
            RdX = RdX + dQ @ RP[0].T + dK @ RP[1].T + dU @ RP[2].T  # R{dL18}
        return self.like(RdX, dy)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        *Rd, d = self.rtoward(cache, Rcache, self.rows(dy), self.rows(Rdy))
        X, RX = turned(cache.X), turned(Rcache.X)
        # R{dL18} RdW_q = Σ_n RXᵀ dQ + Xᵀ RdQ
        return tuple(total(RX @ dg + X @ Rdg) for dg, Rdg in zip(d, Rd, strict=True))

    def rtoward(self, cache, Rcache, dY, RdY):
        """RdQ, RdK, RdU, and dQ, dK, dU."""
        (_, Q, K, U, A), (_, RQ, RK, RU, RA) = cache, Rcache
        dQ, dK, dU, dA, dS = self.toward(cache, dY)
        RdA = RdY @ turned(U) + dY @ turned(RU)
        r, Rr = rowsum(A * dA), rowsum(RA * dA + A * RdA)
        RdS = RA * (dA - r) + A * (RdA - Rr)  # R{dS}
        RdQ = (RdS @ K + dS @ RK) / sqrt(self.d)
        RdK = (turned(RdS) @ Q + turned(dS) @ RQ) / sqrt(self.d)
        return RdQ, RdK, turned(RA) @ dY + turned(A) @ RdY, (dQ, dK, dU)

    @classmethod
    def examples(cls):
        return [(cls(3, 2, 4), (2, 5, 3)), (cls(2, 3, 1), (2, 3, 2, 2)), (cls(1, 1, 1), (1, 2, 1))]


def turned(M):
    """Mᵀ of each matrix."""
    return M.swapaxes(-1, -2)


def total(M):
    """Σ_n of the matrices."""
    return M.sum(axis=0)


def rowsum(M):
    """Σ over each row, (N, T, 1)."""
    return M.sum(axis=-1, keepdims=True)


def softmax(S):
    """exp S of each row, divided by its sum."""
    e = namespace(S).exp(S - S.real.max(axis=-1, keepdims=True))
    return e / rowsum(e)


def through(A, g):
    """J g = A ⊙ (g − rowsum(A ⊙ g)): both the change of A along g, and the gradient to S of g."""
    return A * (g - rowsum(A * g))

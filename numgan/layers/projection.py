"""L8, the projection discriminator (Miyato and Koyama 2018, arXiv:1802.05637).

Its features φ(x) do not see the class, and its last layer is their product with the weights of the
class:

    Conditioned(layers, classes, seen=False), then Projection:
    [x | c] → [φ(x) | c] → φ(x)·(w + c E) + b
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, positive


@dataclass(frozen=True)
class Projection(Layer):
    """The logit of a projection discriminator.      [h | c] (N, F + classes)   a (N, 1)

    w (F,), b (1,), E (classes, F). The weights of each class are shared ones plus its own:

        q = w + c E        a_n = Σ_f h_nf q_nf + b

    So a depends on the class through a product with the features: w·h answers "is it real?", and
    E's row of the class times h "is it of this class?". a is bilinear in h and q, and q is linear
    in w, c and E, so

        dh = dy q      dq = dy h      dw = Σ_n dq_n      dc = dq Eᵀ      dE = cᵀ dq
        db = Σ_n dy_n
        Rq = Rw + Rc E + c RE         Ra = Σ_f (Rh q + h Rq) + Rb
        Rdh = Rdy q + dy Rq           Rdq = Rdy h + dy Rh
    """

    F: int
    classes: int
    init: str = "glorot"

    def __post_init__(self):
        positive(F=self.F, classes=self.classes)
        require_initialisation(self.init)

    def parameters(self):
        return {"w": (self.F,), "b": (1,), "E": (self.classes, self.F)}

    def initial(self, rng):
        w = normal(rng, self.init, (self.F,), self.F, 1)
        return w, np.zeros(1), normal(rng, self.init, (self.classes, self.F), self.F, 1)

    def output_shape(self, shape):
        if shape != (self.F + self.classes,):
            raise InputError(f"expected rows of {self.F} + {self.classes} numbers, got {shape}")
        return (1,)

    def forward(self, P, x):
        (w, b, E), h, c = P, x[:, : self.F], x[:, self.F :]
        q = w + c @ E
        a = (h * q).sum(axis=1, keepdims=True) + b  # L8       a = Σ h q + b
        return a, (h, c, q)

    def backward(self, P, cache, dy):
        (_, _, E), (h, _, q) = P, cache
        return self.row(dy * q, (dy * h) @ E.T)  # dL8     dh = dy q,  dc = dq Eᵀ

    def gradient(self, P, cache, dy):
        h, c, _ = cache
        dq = dy * h
        return dq.sum(axis=0), dy.sum(axis=0), c.T @ dq  # dL8     dw = Σ dq,  dE = cᵀ dq

    def rforward(self, P, cache, RP, Rx):
        (_, _, E), (h, c, q), Rh, Rc = P, cache, Rx[:, : self.F], Rx[:, self.F :]
        Rw, Rb, RE = (0.0, 0.0, None) if RP is None else RP
        Rq = Rw + Rc @ E + (0.0 if RE is None else c @ RE)
        Ra = (Rh * q + h * Rq).sum(axis=1, keepdims=True) + Rb  # R{L8}   Ra = Σ (Rh q + h Rq) + Rb
        return Ra, (Rh, Rc, Rq)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (_, _, E), (h, _, q), (Rh, _, Rq) = P, cache, Rcache
        Rdc = (Rdy * h + dy * Rh) @ E.T
        if RP is not None:
            Rdc = Rdc + (dy * h) @ RP[2].T  # R{dL8} Rdc = Rdq Eᵀ + dq REᵀ
        return self.row(Rdy * q + dy * Rq, Rdc)  # R{dL8} Rdh = Rdy q + dy Rq

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        (h, c, _), (Rh, Rc, _) = cache, Rcache
        dq, Rdq = dy * h, Rdy * h + dy * Rh
        RdE = Rc.T @ dq + c.T @ Rdq  # R{dL8} RdE = Rcᵀ dq + cᵀ Rdq
        return Rdq.sum(axis=0), Rdy.sum(axis=0), RdE

    def row(self, h, c):
        """[h | c]"""
        return namespace(h).concatenate([h, c], axis=1)

    @classmethod
    def examples(cls):
        return [(cls(4, 3), (5, 7)), (cls(1, 2), (1, 3))]

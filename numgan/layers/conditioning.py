"""L8, embedding and class conditioning.

A conditional GAN plays the game on pairs: data are pairs (x, c) of a sample and its class, D judges
pairs, and G maps (z, c) to the pair (G(z, c), c). Here a pair is one row, [x | c], the numbers of x
and then c as `classes` numbers, 1 at the class and 0 elsewhere (`one_hot`). So everything else
stays as it was: a network is a list of layers, the game is E13 on rows, and c may even lie between
classes, since all maps of it are linear.

    generator       Conditioned(layers, classes)
        [z | c] → [f(z, c) | c]; its first Dense, on [z | c],
                                                                 adds a learnt vector of the class:
                                                                 an embedding
    discriminator   by concatenation, flat: Dense on [x | c], as above
        images: ClassPlanes, then convolutions
                    by projection:  Conditioned(layers, classes, seen=False), then Projection:
                                    [x | c] → [φ(x) | c] → φ(x)·(w + c E) + b
                                        (arXiv:1802.05637)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from numgan.backend import namespace
from numgan.errors import InputError
from numgan.layers.composite import Chain, Composite
from numgan.layers.dense import Dense
from numgan.layers.elementwise import Tanh
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, Linear, Shape, image, positive


def one_hot(labels, classes: int, dtype="float32") -> np.ndarray:
    """c (N, classes): row n is 1 at labels[n] and 0 elsewhere. Raises InputError for a label that
    is no class.
    """
    labels = np.asarray(labels)
    if labels.size and not (0 <= labels.min() and labels.max() < classes):
        raise InputError(
            f"labels must lie between 0 and {classes - 1}, got {labels.min()} to {labels.max()}"
        )
    return np.eye(classes, dtype=dtype)[labels]


@dataclass(frozen=True)
class Embedding(Layer):
    """A learnt vector for each class: y = c E.      c (N, classes)   E (classes, O)   y (N, O)

    For a one-hot c the product picks a row of E, and dE = cᵀ dy adds each dy to the row that its
    sample picked. A dense layer without bias: dc = dy Eᵀ, and R{·} is the product rule.
    """

    classes: int
    O: int
    init: str = "glorot"

    def __post_init__(self):
        positive(classes=self.classes, O=self.O)
        require_initialisation(self.init)

    def parameters(self):
        return {"E": (self.classes, self.O)}

    def initial(self, rng):
        return (normal(rng, self.init, (self.classes, self.O), self.classes, self.O),)

    def output_shape(self, shape):
        if shape != (self.classes,):
            raise InputError(f"expected rows of shape ({self.classes},), got {shape}")
        return (self.O,)

    def forward(self, P, c):
        (E,) = P
        return c @ E, c  # L8       y = c E

    def backward(self, P, c, dy):
        (E,) = P
        return dy @ E.T  # dL8     dc = dy Eᵀ

    def gradient(self, P, c, dy):
        return (c.T @ dy,)  # dL8     dE = cᵀ dy

    def rforward(self, P, c, RP, Rc):
        (E,) = P
        return Rc @ E + (0.0 if RP is None else c @ RP[0]), Rc  # R{L8}   Ry = Rc E + c RE

    def rbackward(self, P, c, RP, Rc, dy, Rdy):
        (E,) = P
        return Rdy @ E.T + (0.0 if RP is None else dy @ RP[0].T)  # R{dL8} Rdc = Rdy Eᵀ + dy REᵀ

    def rgradient(self, P, c, RP, Rc, dy, Rdy):
        return (Rc.T @ dy + c.T @ Rdy,)  # R{dL8} RdE = Rcᵀ dy + cᵀ Rdy

    @classmethod
    def examples(cls):
        return [(cls(3, 4), (5, 3)), (cls(1, 1), (1, 1))]


@dataclass(frozen=True)
class Conditioned(Composite):
    """Layers on the first part of a row, with the class carried past them.
        [x | c] (N, F + classes)

        y = [f([x | c]) | c], or with seen=False y = [f(x) | c]: whether the layers see the class.

    V depends on c along both ways, so dx = (∂f)ᵀ dy_f on the input of f, plus dy_c on c.
    """

    layers: tuple[Layer, ...]
    classes: int
    seen: bool = True

    def __post_init__(self):
        positive(classes=self.classes)

    def parts(self):
        return {"f": self.f}

    @property
    def f(self) -> Chain:
        return Chain(self.layers)

    def output_shape(self, shape):
        if len(shape) != 1 or shape[0] <= self.classes:
            raise InputError(
                f"expected rows that end in {self.classes} numbers for the class, got {shape}"
            )
        inside = self.f.output_shape(shape if self.seen else (shape[0] - self.classes,))
        if len(inside) != 1:
            raise InputError(
                f"the layers must end in rows, for the class to stand beside: got "
                f"{inside}, add Flatten()"
            )
        return (inside[0] + self.classes,)

    def evaluation(self):
        return Conditioned(self.f.evaluation().layers, self.classes, self.seen)

    def inside(self, x):
        """The part of a row that the layers see."""
        return x if self.seen else x[:, : -self.classes]

    def outside(self, dx, dy):
        """[dx | dc] from dx, the gradient of the layers' input, and dy, that of the output."""
        dc = dy[:, -self.classes :]
        if self.seen:
            dx, dc = dx[:, : -self.classes], dx[:, -self.classes :] + dc
        return namespace(dx).concatenate([dx, dc], axis=1)

    def forward(self, P, x, rng=None):
        y, cache = self.f.forward(P, self.inside(x), rng)
        return namespace(y).concatenate([y, x[:, -self.classes :]], axis=1), [
            cache
        ]  # L8       y = [f | c]

    def backward(self, P, cache, dy):
        (tape,), df = cache, dy[:, : -self.classes]
        return self.outside(self.f.backward(P, tape, df), dy)  # dL8

    def gradient(self, P, cache, dy):
        (tape,), df = cache, dy[:, : -self.classes]
        return self.f.gradient(P, tape, df)

    def rforward(self, P, cache, RP, Rx):
        (tape,) = cache
        Ry, Rtape = self.f.rforward(P, tape, RP, self.inside(Rx))
        return namespace(Ry).concatenate([Ry, Rx[:, -self.classes :]], axis=1), [
            Rtape
        ]  # R{L8}   Ry = [Rf | Rc]

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (tape,), (Rtape,), df, Rdf = cache, Rcache, dy[:, : -self.classes], Rdy[:, : -self.classes]
        return self.outside(self.f.rbackward(P, tape, RP, Rtape, df, Rdf), Rdy)  # R{dL8}

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        (tape,), (Rtape,), df, Rdf = cache, Rcache, dy[:, : -self.classes], Rdy[:, : -self.classes]
        return self.f.rgradient(P, tape, RP, Rtape, df, Rdf)

    @classmethod
    def examples(cls):
        return [
            (cls((Dense(5, 2), Tanh()), 3), (4, 5)),
            (cls((Dense(2, 4),), 3, seen=False), (4, 5)),
        ]


@dataclass(frozen=True)
class ClassPlanes(Linear):
    """A row as an image whose last channels say the class.      [x | c] (N, HWC + classes)
        y (N, H, W, C + classes)

    Channel C + k is c_k at every pixel, so dc_k is the sum of dy over that channel. So a
    discriminator of convolutions
    judges pairs by concatenation      (Mirza and Osindero 2014, arXiv:1411.1784).
    """

    shape: Shape
    classes: int

    def __post_init__(self):
        image(self.shape)
        positive(classes=self.classes)

    def output_shape(self, shape):
        if shape != (prod(self.shape) + self.classes,):
            raise InputError(
                f"expected rows of {prod(self.shape)} + {self.classes} numbers, got {shape}"
            )
        H, W, C = self.shape
        return H, W, C + self.classes

    def map(self, x):
        (H, W, C), N = self.shape, len(x)
        y = namespace(x).empty((N, H, W, C + self.classes), x.dtype)
        y[..., :C] = x[:, : -self.classes].reshape(N, H, W, C)
        y[..., C:] = x[:, None, None, -self.classes :]  # L8       y = x, with c at every pixel
        return y

    def adjoint(self, y, shape):
        C, N = self.shape[2], len(y)
        dx, dc = y[..., :C].reshape(N, -1), y[..., C:].sum(axis=(1, 2))
        return namespace(y).concatenate([dx, dc], axis=1)  # dL8     dc = Σ dy over the plane

    @classmethod
    def examples(cls):
        return [(cls((3, 2, 2), 4), (5, 16))]


@dataclass(frozen=True)
class Projection(Layer):
    """The logit of a projection discriminator.      [h | c] (N, F + classes)   a (N, 1)
        arXiv:1802.05637

    w (F,), b (1,), E (classes, F). Each class has weights of its own around shared ones:

        q = w + c E        a_n = Σ_f h_nf q_nf + b

    The class is compared with the features instead of standing beside them: a reads "is it real"
    through w and "is it of this class" through E. Bilinear in h and q, and q is linear in w, c and
    E, so

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
        return (h * q).sum(axis=1, keepdims=True) + b, (h, c, q)  # L8       a = Σ h q + b

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
        return (Rh * q + h * Rq).sum(axis=1, keepdims=True) + Rb, (
            Rh,
            Rc,
            Rq,
        )  # R{L8}   Ra = Σ (Rh q + h Rq) + Rb

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (_, _, E), (h, _, q), (Rh, _, Rq) = P, cache, Rcache
        Rdc = (Rdy * h + dy * Rh) @ E.T
        if RP is not None:
            Rdc = Rdc + (dy * h) @ RP[2].T  # R{dL8} Rdc = Rdq Eᵀ + dq REᵀ
        return self.row(Rdy * q + dy * Rq, Rdc)  # R{dL8} Rdh = Rdy q + dy Rq

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        (h, c, _), (Rh, Rc, _) = cache, Rcache
        dq, Rdq = dy * h, Rdy * h + dy * Rh
        return (
            Rdq.sum(axis=0),
            Rdy.sum(axis=0),
            Rc.T @ dq + c.T @ Rdq,
        )  # R{dL8} RdE = Rcᵀ dq + cᵀ Rdq

    def row(self, h, c):
        """[h | c]"""
        return namespace(h).concatenate([h, c], axis=1)

    @classmethod
    def examples(cls):
        return [(cls(4, 3), (5, 7)), (cls(1, 2), (1, 3))]

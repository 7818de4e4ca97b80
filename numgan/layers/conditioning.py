"""L8, embedding and class conditioning.

A conditional GAN plays the game on pairs: data are pairs (x, c) of a sample and its class, D judges
pairs, and G maps (z, c) to the pair (G(z, c), c). Here a pair is one row, [x | c]: the numbers of x
and then c as `classes` numbers, 1 at the class and 0 elsewhere (`one_hot`). So nothing else
changes: a network is a list of layers, and the game is E13 on rows. All maps are linear in c, so c
may even lie between classes.

    generator       Conditioned(layers, classes):  [z | c] → [f(z, c) | c]
                    its first Dense, on [z | c], adds a learned vector of the class: an embedding
    discriminator   by concatenation:  Dense on [x | c]; for images ClassPlanes, then convolutions
                    by projection:     numgan/layers/projection.py
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
    """A row as an image with the class in its last channels.      [x | c] (N, HWC + classes)
        y (N, H, W, C + classes)

    Channel C + k is c_k at every pixel, so dc_k is the sum of dy over that channel. With this
    layer, a convolutional discriminator judges pairs by concatenation (Mirza and Osindero 2014,
    arXiv:1411.1784).
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

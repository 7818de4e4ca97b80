"""L1, the affine layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numgan.errors import InputError
from numgan.layers.initial import normal, require_initialisation
from numgan.layers.layer import Layer, positive
from numgan.layers.sums import feature_sum


@dataclass(frozen=True)
class Dense(Layer):
    """Affine map  y = x W + b.      x (N, I)   W (I, O)   b (O,)   y (N, O)

    y_no = Σ_i x_ni W_io + b_o, so with dy = ∂V/∂y (N, O) the chain rule sums over every y that a
    variable reaches:

        ∂V/∂x_ni = Σ_o dy_no W_io        dx = dy Wᵀ
        ∂V/∂W_io = Σ_n x_ni dy_no        dW = xᵀ dy
        ∂V/∂b_o  = Σ_n dy_no             db = Σ_n dy_n

    Each line is a product, so R{·} is the product rule, line by line. Rdy = None says that Rdy is 0
    (Layer.bends). `init` names the initialisation of W (he, glorot, dcgan); b starts at zero.
    """

    I: int
    O: int
    init: str = "he"
    bends = False

    def __post_init__(self):
        positive(I=self.I, O=self.O)
        require_initialisation(self.init)

    def parameters(self):
        return {"W": (self.I, self.O), "b": (self.O,)}

    def initial(self, rng):
        return normal(rng, self.init, (self.I, self.O), self.I, self.O), np.zeros(self.O)

    def output_shape(self, shape):
        if shape != (self.I,):
            raise InputError(f"expected rows of shape ({self.I},), got {shape}")
        return (self.O,)

    def forward(self, P, x):
        W, b = P
        return x @ W + b, x  # L1        y = x W + b

    def backward(self, P, cache, dy):
        W, _ = P
        return dy * W.T if self.O == 1 else dy @ W.T  # dL1      dx = dy Wᵀ (*: faster, O = 1)

    def gradient(self, P, cache, dy):
        x = cache
        return x.T @ dy, feature_sum(dy)  # dL1      dW = xᵀ dy,  db = Σ dy

    def rforward(self, P, cache, RP, Rx):
        (W, _), x = P, cache
        if RP is None:
            return Rx @ W, Rx
        RW, Rb = RP
        return Rx @ W + x @ RW + Rb, Rx  # R{L1}    Ry = Rx W + x RW + Rb

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        W, _ = P
        if RP is None:
            return Rdy @ W.T
        RW, _ = RP
        return Rdy @ W.T + dy @ RW.T  # R{dL1}  Rdx = Rdy Wᵀ + dy RWᵀ

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        x, Rx = cache, Rcache
        if Rdy is None:
            return Rx.T @ dy, 0 * dy[0]
        # R{dL1}  RdW = Rxᵀ dy + xᵀ Rdy,  Rdb = Σ Rdy
        return Rx.T @ dy + x.T @ Rdy, feature_sum(Rdy)

    @classmethod
    def examples(cls):
        return [(cls(3, 7), (5, 3)), (cls(1, 1), (1, 1)), (cls(4, 4), (3, 4))]

"""L11, spectral norm: a layer whose weight is divided by its largest singular value."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.convolution import Convolution
from numgan.layers.dense import Dense
from numgan.layers.layer import Layer, Parameters


@dataclass(frozen=True)
class SpectralNorm(Layer):
    """The layer with Ŵ = W/σ in place of W.      W any shape (…, O), read as a matrix (R, O)
        arXiv:1802.05957

    σ = uᵀ W v with unit vectors u (R,) and v (O,) that are remembered, not differentiated;
    `observe` moves them one power iteration, v ← Wᵀu/‖Wᵀu‖, u ← Wv/‖Wv‖, towards the singular
    vectors of the largest singular value. Around a Dense layer x ↦ xŴ then stretches nothing by
    more than 1, up to what the iteration still lacks, and neither does a chain of such layers and
    1-Lipschitz φ. Around a convolution the matrix maps one patch, and a pixel is in up to ⌈K/s⌉²
    patches: the whole map may stretch by up to ⌈K/s⌉.

    ∂σ/∂W_ro = u_r v_o. So with dŴ the layer's own gradient at Ŵ,

        δV = ⟨dŴ, δŴ⟩ = ⟨dŴ, δW/σ − W δσ/σ²⟩ = ⟨dŴ, δW − Ŵ ⟨u vᵀ, δW⟩⟩/σ
        dW = (dŴ − ⟨dŴ, Ŵ⟩ u vᵀ)/σ

    and along RW, with Rσ = uᵀ RW v:

        RŴ = (RW − Ŵ Rσ)/σ        RdW = (RdŴ − (⟨RdŴ, Ŵ⟩ + ⟨dŴ, RŴ⟩) u vᵀ − dW Rσ)/σ

    Everything else is the layer's own six passes, at Ŵ and along RŴ.
    """

    layer: Layer
    fixed = ("u", "v")

    def __post_init__(self):
        if next(iter(self.layer.parameters()), None) != "W":
            raise InputError(f"spectral norm needs a layer with a weight W, got {self.layer}")

    def parameters(self):
        P = self.layer.parameters()
        *R, O = P["W"]
        return P | {"u": (prod(R),), "v": (O,)}

    def initial(self, rng):
        P = self.layer.initial(rng)
        R, O = prod(P[0].shape[:-1]), P[0].shape[-1]
        P = (*P, unit(rng.standard_normal(R)), unit(rng.standard_normal(O)))
        for _ in range(20):
            self.observe(P, None)
        return P

    def output_shape(self, shape):
        return self.layer.output_shape(shape)

    def observe(self, P, cache):
        W, u, v = P[0], P[-2], P[-1]
        M = W.reshape(len(u), len(v))
        v[...] = unit(M.T @ u)
        u[...] = unit(M @ v)

    def normalised(self, P: Parameters, What: Array) -> Parameters:
        """The layer's own P, with Ŵ in place of W."""
        return (What, *P[1:-2])

    def forward(self, P, x):
        W, u, v = P[0], P[-2], P[-1]
        sigma = u @ W.reshape(len(u), len(v)) @ v
        What = W / sigma
        y, cache = self.layer.forward(self.normalised(P, What), x)
        return y, (What, sigma, cache)  # L11     Ŵ = W/σ

    def backward(self, P, cache, dy):
        What, _, cache = cache
        return self.layer.backward(self.normalised(P, What), cache, dy)

    def gradient(self, P, cache, dy):
        u, v, (What, sigma, cache) = P[-2], P[-1], cache
        dWhat, *rest = self.layer.gradient(self.normalised(P, What), cache, dy)
        uv = (u[:, None] * v).reshape(What.shape)
        dW = (dWhat - (dWhat * What).sum() * uv) / sigma  # dL11
        return dW, *rest, *zero_gradients(u, v, dW)

    def rforward(self, P, cache, RP, Rx):
        u, v, (What, sigma, cache) = P[-2], P[-1], cache
        RPhat, Rsigma = None, None
        if RP is not None:
            Rsigma = u @ RP[0].reshape(len(u), len(v)) @ v
            RPhat = self.normalised(
                RP, (RP[0] - What * Rsigma) / sigma
            )  # R{L11}  RŴ = (RW − Ŵ Rσ)/σ
        Ry, Rcache = self.layer.rforward(self.normalised(P, What), cache, RPhat, Rx)
        return Ry, (RPhat, Rsigma, Rcache)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (What, _, cache), (RPhat, _, Rcache) = cache, Rcache
        return self.layer.rbackward(self.normalised(P, What), cache, RPhat, Rcache, dy, Rdy)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        u, v, (What, sigma, cache), (RPhat, Rsigma, Rcache) = P[-2], P[-1], cache, Rcache
        Phat = self.normalised(P, What)
        RdWhat, *rest = self.layer.rgradient(Phat, cache, RPhat, Rcache, dy, Rdy)
        uv = (u[:, None] * v).reshape(What.shape)
        RdW = (RdWhat - (RdWhat * What).sum() * uv) / sigma
        if RP is not None:
            dWhat = self.layer.gradient(Phat, cache, dy)[0]
            dW = (dWhat - (dWhat * What).sum() * uv) / sigma
            RdW = RdW - ((dWhat * RPhat[0]).sum() * uv + dW * Rsigma) / sigma  # R{dL11}
        return RdW, *rest, *zero_gradients(u, v, RdW)

    @classmethod
    def examples(cls):
        return [(cls(Dense(3, 4)), (5, 3)), (cls(Convolution(2, 3, 3)), (2, 4, 3, 2))]


def unit(vector: Array) -> Array:
    """The vector divided by its length."""
    xp = namespace(vector)
    return vector / xp.maximum(xp.sqrt((vector * vector).sum()), 1e-12)


def zero_gradients(u: Array, v: Array, dW: Array) -> Parameters:
    """The gradient of what is remembered: zero."""
    xp = namespace(dW)
    return xp.zeros(u.shape, dW.dtype), xp.zeros(v.shape, dW.dtype)

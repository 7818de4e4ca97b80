"""L13, the residual sum."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.errors import InputError
from numgan.layers.composite import Chain, Composite
from numgan.layers.convolution import Convolution
from numgan.layers.dense import Dense
from numgan.layers.elementwise import LeakyReLU, Tanh
from numgan.layers.layer import Layer


@dataclass(frozen=True)
class Residual(Composite):
    """y = f(x) + g(x):
        f a chain of layers, g the shortcut around it, with no layers the identity: y = f(x) + x.

    A sum hands dy to both of its terms, and x reaches V through both:

        dx = (∂f/∂x)ᵀ dy + (∂g/∂x)ᵀ dy        dP = ((∂f/∂P_f)ᵀ dy, (∂g/∂P_g)ᵀ dy)

    so along the identity dy arrives undiminished. R{·} of a sum is the sum of the R{·}.
        arXiv:1512.03385
    """

    layers: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()

    def parts(self):
        return {"f": Chain(self.layers), "g": Chain(self.shortcut)}

    def output_shape(self, shape):
        f, g = (part.output_shape(shape) for part in self.parts().values())
        if f != g:
            raise InputError(
                f"the terms of the sum differ in shape: {f} through the layers, {g} "
                f"along the shortcut"
            )
        return f

    def evaluation(self):
        f, g = (part.evaluation() for part in self.parts().values())
        return Residual(f.layers, g.layers)

    def each(self, *arguments):
        """(f or g, its entry of each argument), for the one and the other."""
        return zip(self.parts().values(), *arguments, strict=True)

    def forward(self, P, x, rng=None):
        (yf, cf), (yg, cg) = (f.forward(p, x, rng) for f, p in self.each(self.split(P)))
        return yf + yg, [cf, cg]  # L13

    def backward(self, P, cache, dy):
        dxf, dxg = (f.backward(p, c, dy) for f, p, c in self.each(self.split(P), cache))
        return dxf + dxg  # dL13

    def gradient(self, P, cache, dy):
        dPf, dPg = (f.gradient(p, c, dy) for f, p, c in self.each(self.split(P), cache))
        return *dPf, *dPg

    def rforward(self, P, cache, RP, Rx):
        (Ryf, Rcf), (Ryg, Rcg) = (
            f.rforward(p, c, Rp, Rx)
            for f, p, c, Rp in self.each(self.split(P), cache, self.split(RP))
        )
        return Ryf + Ryg, [Rcf, Rcg]  # R{L13}

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        Rdxf, Rdxg = (
            f.rbackward(*at, dy, Rdy)
            for f, *at in self.each(self.split(P), cache, self.split(RP), Rcache)
        )
        return Rdxf + Rdxg  # R{dL13}

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        RdPf, RdPg = (
            f.rgradient(*at, dy, Rdy)
            for f, *at in self.each(self.split(P), cache, self.split(RP), Rcache)
        )
        return *RdPf, *RdPg

    @classmethod
    def examples(cls):
        return [
            (cls((Dense(3, 3), Tanh())), (5, 3)),
            (
                cls((Convolution(2, 3, 3, padding=1), LeakyReLU()), (Convolution(2, 3, 1),)),
                (2, 3, 3, 2),
            ),
        ]

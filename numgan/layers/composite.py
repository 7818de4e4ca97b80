"""Layers made of layers: P is the P of all the parts, one after the other, and each part's names
get a prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from numgan.backend import Array
from numgan.errors import InputError
from numgan.layers.dense import Dense
from numgan.layers.dropout import Dropout
from numgan.layers.elementwise import Tanh
from numgan.layers.layer import Layer, Parameters, Shape


class Composite(Layer):
    """What all of them share. A cache is a list with one entry for each part."""

    def parts(self) -> dict[str, Layer]:
        """The layers inside, by the prefix of their parameters' names."""
        raise NotImplementedError

    def split(self, P: Parameters | None) -> list:
        """The P of each part; None for each where P is None."""
        return [None if P is None else P[place] for place in self.places]

    @cached_property
    def places(self) -> list[slice]:
        """Where in P the parameters of each part stand."""
        ends = list(
            accumulate((len(part.parameters()) for part in self.parts().values()), initial=0)
        )
        return [slice(*pair) for pair in pairwise(ends)]

    @property
    def fixed(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(
            f"{prefix}.{name}" for prefix, part in self.parts().items() for name in part.fixed
        )

    @property
    def random(self) -> bool:  # type: ignore[override]
        return any(part.random for part in self.parts().values())

    @property
    def couples(self) -> bool:  # type: ignore[override]
        return any(part.couples for part in self.parts().values())

    def parameters(self):
        return {
            f"{prefix}.{name}": shape
            for prefix, part in self.parts().items()
            for name, shape in part.parameters().items()
        }

    def initial(self, rng):
        return tuple(value for part in self.parts().values() for value in part.initial(rng))

    def observe(self, P, cache):
        for part, p, c in zip(self.parts().values(), self.split(P), cache, strict=True):
            part.observe(p, c)

    def __str__(self) -> str:
        return f"{type(self).__name__}({'; '.join(map(str, self.parts().values()))})"


@dataclass(frozen=True)
class Chain(Composite):
    """The layers one after the other, y = f_L(… f_2(f_1(x))).      With no layers, the identity.

    The chain rule (E35) walks back through them: the dx of a layer is the dy of the one before it.
    """

    layers: tuple[Layer, ...] = ()

    def parts(self):
        return {str(number): layer for number, layer in enumerate(self.layers)}

    def __str__(self) -> str:
        return " → ".join(type(layer).__name__ for layer in self.layers) or "x"

    def shapes(self, shape: Shape) -> list[Shape]:
        """The shape of one sample before the first layer, between the layers,
        and after the last."""
        shapes, number = [shape], 0
        try:
            for number, layer in enumerate(self.layers):  # noqa: B007 (the number is for the message)
                shapes.append(layer.output_shape(shapes[-1]))
        except InputError as error:
            raise InputError(f"layer {number}, {self.layers[number]}: {error}") from None
        return shapes

    def output_shape(self, shape):
        return self.shapes(shape)[-1]

    def evaluation(self):
        return Chain(tuple(layer.evaluation() for layer in self.layers))

    def forward(self, P, x, rng=None):
        tape = []
        for layer, p in zip(self.layers, self.split(P), strict=True):
            x, cache = layer.forward(p, x, rng) if layer.random else layer.forward(p, x)  # type: ignore[call-arg]
            tape.append(cache)
        return x, tape

    def backward(self, P, tape, dy):
        for _, (layer, *at) in self.backwards(P, tape):
            dy = layer.backward(*at, dy)
        return dy

    def walk(self, P, tape, dy):
        """Every dy of the way back, in forward order: dx first, and dy itself last."""
        dys = [dy]
        for _, (layer, *at) in self.backwards(P, tape):
            dys.append(layer.backward(*at, dys[-1]))
        return dys[::-1]

    def gradient(self, P, tape, dy):
        dPs: list[Parameters] = []
        for number, (layer, *at) in self.backwards(P, tape):
            dPs.append(layer.gradient(*at, dy))
            if number > self.first:  # below it no layer needs dx
                dy = layer.backward(*at, dy)
        return joined(dPs)

    def rforward(self, P, tape, RP, Rx):
        Rtape = []
        for layer, p, cache, Rp in zip(
            self.layers, self.split(P), tape, self.split(RP), strict=True
        ):
            Rx, Rcache = layer.rforward(p, cache, Rp, Rx)
            Rtape.append(Rcache)
        return Rx, Rtape

    def rbackward(self, P, tape, RP, Rtape, dy, Rdy):
        for number, (layer, p, cache, Rp, Rcache) in self.backwards(P, tape, self.split(RP), Rtape):
            Rdy = layer.rbackward(p, cache, Rp, Rcache, dy, Rdy)
            if number > 0:
                dy = layer.backward(p, cache, dy)
        return Rdy

    def rgradient(self, P, tape, RP, Rtape, dy, Rdy, dys=None):
        RdPs: list[Parameters] = []
        for number, (layer, p, cache, Rp, Rcache) in self.backwards(P, tape, self.split(RP), Rtape):
            if Rdy is None and (layer.bends or Rp is not None):
                Rdy = 0 * dy
            RdPs.append(layer.rgradient(p, cache, Rp, Rcache, dy, Rdy))
            if number > self.first:
                Rdy = None if Rdy is None else layer.rbackward(p, cache, Rp, Rcache, dy, Rdy)
                dy = layer.backward(p, cache, dy) if dys is None else dys[number]
        return joined(RdPs)

    @cached_property
    def first(self) -> int:
        """The first layer that has parameters:
        where a gradient with respect to P alone may stop."""
        return next(
            (number for number, layer in enumerate(self.layers) if layer.parameters()),
            len(self.layers),
        )

    def backwards(self, P: Parameters, *tapes: list):
        """(number, (layer, P, and its entry of each tape)) from the last layer to the first."""
        return reversed(list(enumerate(zip(self.layers, self.split(P), *tapes, strict=True))))

    @classmethod
    def examples(cls):
        return [(cls((Dense(3, 4), Tanh(), Dropout(0.3), Dense(4, 2))), (5, 3))]


def joined(backwards: list[Parameters]) -> tuple[Array, ...]:
    """What was collected from the last layer to the first, in the order of θ."""
    return tuple(value for values in reversed(backwards) for value in values)

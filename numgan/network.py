"""A network: a list of layers, one flat vector θ, and the passes through both.

A network holds no arrays. `initial` makes θ; W and b of every layer are views into it; the gradient is one vector of
the same layout. So an update is one line on two vectors, and a check of a gradient is a loop over one.

    y, tape  = net.forward(theta, x)            tape: what each layer will need, explicit, one entry a layer
    dtheta   = net.gradient(theta, tape, dy)    ∂V/∂θ, and no ∂V/∂x
    dx       = net.backward(theta, tape, dy)    ∂V/∂x, and no ∂V/∂θ

and the change of each along a direction (Rtheta, Rx), E44; Rtheta = None where θ does not move:

    Ry, Rtape = net.rforward(theta, tape, Rtheta, Rx)
    Rdtheta   = net.rgradient(theta, tape, Rtheta, Rtape, dy, Rdy)
    Rdx       = net.rbackward(theta, tape, Rtheta, Rtape, dy, Rdy)

The walk from layer to layer is that of `Chain`; what the network adds is θ.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from math import prod

import numpy as np

from numgan.arguments import kind_of, random_generator
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.composite import Chain
from numgan.layers.layer import Layer, Parameters, Shape


class Network:
    """Layers in the order in which data meet them; input_shape is the shape of one sample.

    Raises InputError, with the number and name of the layer, where a layer does not fit the one before it.
    """

    def __init__(self, layers: Iterable[Layer], input_shape: Shape):
        self.chain = Chain(tuple(layers))
        self.layers = self.chain.layers
        for number, layer in enumerate(self.layers):
            if isinstance(layer, type):
                raise InputError(f"layer {number} is the class {layer.__name__}: expected a layer, {layer.__name__}(…)")
        if not isinstance(input_shape, (tuple, list)):
            raise InputError(f"input_shape is the shape of one sample, such as (2,), got {input_shape!r}")
        self.input_shape = tuple(input_shape)
        self.shapes = self.chain.shapes(self.input_shape)   # shapes[i] goes into layer i, shapes[-1] comes out
        self.output_shape = self.shapes[-1]

    # ── θ and the views into it ──────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def layout(self) -> list[list[tuple[str, slice, Shape]]]:
        """For each layer the name of every parameter, its place in θ, and its shape."""
        layout, start = [], 0
        for layer in self.layers:
            places = []
            for name, shape in layer.parameters().items():
                places.append((name, slice(start, start + prod(shape)), shape))
                start += prod(shape)
            layout.append(places)
        return layout

    @cached_property
    def size(self) -> int:
        """The length of θ: the number of parameters, and of what the layers remember."""
        return sum(prod(shape) for shape in self.chain.parameters().values())

    @cached_property
    def fixed(self) -> np.ndarray:
        """True where θ holds what a layer remembers and no gradient moves, (size,): running averages and the like."""
        fixed = np.zeros(self.size, bool)
        for layer, places in zip(self.layers, self.layout, strict=True):
            for name, place, _ in places:
                fixed[place] = name in layer.fixed
        return fixed

    def initial(self, rng, dtype="float32") -> Array:
        """θ at the start of training, each layer's own initialisation, drawn from rng in the order of layers.

        Raises InputError for a dtype that is neither float32 nor float64.
        """
        if np.dtype(dtype).name not in ("float32", "float64"):
            raise InputError(f"theta is float32 or float64, got {np.dtype(dtype).name}")
        random_generator(rng)
        return self.flat(self.chain.initial(rng), np.empty(self.size, dtype))

    def views(self, theta: Array) -> list[Parameters]:
        """P of every layer, as views: writing to one writes to θ. Raises InputError for a θ of another length."""
        if getattr(theta, "shape", None) != (self.size,):
            got = getattr(theta, "shape", kind_of(theta))
            raise InputError(f"expected theta of shape ({self.size},) for this network, got {got}")
        return [tuple(theta[place].reshape(shape) for _, place, shape in places) for places in self.layout]

    def P(self, theta: Array | None) -> Parameters | None:
        """The views of all layers one after the other, as the chain takes them; None where θ does not move."""
        return None if theta is None else tuple(view for P in self.views(theta) for view in P)

    def flat(self, values: Parameters, theta: Array) -> Array:
        """The values, in the order of P, written into the vector theta."""
        views = [view for P in self.views(theta) for view in P]
        for view, value in zip(views, values, strict=True):
            view[...] = value
        return theta

    # ── the ordinary passes ──────────────────────────────────────────────────────────────────────────────────────

    def forward(self, theta: Array, x: Array, rng=None) -> tuple[Array, list]:
        """y, (N, *output_shape), and the tape. Raises InputError for samples of another shape than input_shape.

        A network with layers that draw random numbers, such as dropout, draws them from rng.
        """
        shape = getattr(x, "shape", ())
        if not shape or shape[1:] != self.input_shape:
            where = f"layer 0, {self.layers[0]}: " if self.layers else ""
            got = getattr(x, "shape", kind_of(x))
            raise InputError(f"{where}expected a batch {shown(self.input_shape)}, got {got}")
        return self.chain.forward(self.P(theta), x, rng)

    def __call__(self, theta: Array, x: Array, rng=None) -> Array:
        """y alone: G(z) and a(x) where nothing will be differentiated."""
        return self.forward(theta, x, rng)[0]

    def each(self, theta: Array, x: Array, block: int = 512) -> Array:
        """y for many samples, a block at a time, so that memory stays small: of an `evaluation()`, where samples do
        not meet. Those of a layer that compares samples, such as Pack, meet within their block."""
        return namespace(x).concatenate([self(theta, x[i : i + block]) for i in range(0, len(x), block)])

    def gradient(self, theta: Array, tape: list, dy: Array) -> Array:
        """∂V/∂θ, (size,), from dy = ∂V/∂y: the chain rule stops at the first layer, dx is never formed."""
        return self.flat(self.chain.gradient(self.P(theta), tape, dy), namespace(theta).empty(self.size, dy.dtype))

    def backward(self, theta: Array, tape: list, dy: Array) -> Array:
        """∂V/∂x, (N, *input_shape), with θ fixed: what E35 hands to the generator."""
        return self.chain.backward(self.P(theta), tape, dy)

    # ── their change along (Rtheta, Rx), E44 ─────────────────────────────────────────────────────────────────────

    def rforward(self, theta: Array, tape: list, Rtheta: Array | None, Rx: Array) -> tuple[Array, list]:
        """Ry = R{y} and the change of the tape."""
        return self.chain.rforward(self.P(theta), tape, self.P(Rtheta), Rx)

    def rgradient(self, theta: Array, tape: list, Rtheta: Array | None, Rtape: list, dy: Array, Rdy: Array) -> Array:
        """R{∂V/∂θ}, (size,), from dy and Rdy = R{dy}."""
        RdP = self.chain.rgradient(self.P(theta), tape, self.P(Rtheta), Rtape, dy, Rdy)
        return self.flat(RdP, namespace(theta).empty(self.size, dy.dtype))

    def rbackward(self, theta: Array, tape: list, Rtheta: Array | None, Rtape: list, dy: Array, Rdy: Array) -> Array:
        """R{∂V/∂x}, (N, *input_shape)."""
        return self.chain.rbackward(self.P(theta), tape, self.P(Rtheta), Rtape, dy, Rdy)

    # ── in and out of training ───────────────────────────────────────────────────────────────────────────────────

    def observe(self, theta: Array, tape: list) -> None:
        """Bring what the layers remember up to date with a forward pass: the entries of θ at `fixed`, in place."""
        if self.fixed.any():
            self.chain.observe(self.P(theta), tape)

    def clip(self, theta: Array, c: float) -> None:
        """Bring every parameter, but nothing that a layer remembers, into [−c, c], in place."""
        for layer, places in zip(self.layers, self.layout, strict=True):
            for name, place, _ in places:
                if name not in layer.fixed:
                    theta[place].clip(-c, c, out=theta[place])

    def evaluation(self) -> Network:
        """The network to use outside training, with the same θ: running averages in batch norm, no dropout."""
        return Network(self.chain.evaluation().layers, self.input_shape)

    # ── for people ───────────────────────────────────────────────────────────────────────────────────────────────

    def __repr__(self) -> str:
        wide = max([30, *(len(str(layer)) for layer in self.layers)])
        lines = [("", "layer", "output", "parameters"), ("", "input", shown(self.input_shape), "")]
        for number, (layer, shape) in enumerate(zip(self.layers, self.shapes[1:], strict=True)):
            count = sum(prod(s) for s in layer.parameters().values())
            lines.append((str(number), str(layer), shown(shape), str(count or "–")))
        lines.append(("", "total", "", str(self.size)))
        return "\n".join(f"{number:<4}{name:{wide}}{shape:>20}{count:>14}" for number, name, shape, count in lines)


def shown(shape: Shape) -> str:
    """(N, 28, 28, 1) as people write it."""
    return "(" + ", ".join(["N", *map(str, shape)]) + ")"

"""A network: a list of layers, one flat vector θ, and the passes through both.

A network holds no arrays. `initial` makes θ; W and b of every layer are views into it; the gradient
is one vector of the same layout. So an update is one line on two vectors, and a gradient check is a
loop over one vector.

    y, tape  = net.forward(theta, x)            tape: the caches of the layers, one entry a layer
    dtheta   = net.gradient(theta, tape, dy)    ∂V/∂θ, and no ∂V/∂x
    dx       = net.backward(theta, tape, dy)    ∂V/∂x, and no ∂V/∂θ

and the change of each along a direction (Rtheta, Rx), E44; Rtheta = None if θ does not move:

    Ry, Rtape = net.rforward(theta, tape, Rtheta, Rx)
    Rdtheta   = net.rgradient(theta, tape, Rtheta, Rtape, dy, Rdy)
    Rdx       = net.rbackward(theta, tape, Rtheta, Rtape, dy, Rdy)

`Chain` carries each pass from layer to layer; the network adds θ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import accumulate, pairwise, starmap
from math import prod
from operator import add
from typing import Any

import numpy as np

from numgan.arguments import kind_of, random_generator
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.composite import Chain
from numgan.layers.layer import Layer, Parameters, Shape


class Network:
    """Layers in forward order; input_shape is the shape of one sample.

    Raises InputError, with the number and name of the layer, if it does not fit the previous one.

        >>> from numgan.layers import Dense
        >>> net, theta = Network([Dense(1, 1)], (1,)), np.array([3.0, 1.0])
        >>> y, tape = net.forward(theta, np.array([[2.0]]))  # y = 3·2 + 1
        >>> net.gradient(theta, tape, np.ones_like(y))  # ∂y/∂W = x, ∂y/∂b = 1
        array([2., 1.])
    """

    def __init__(self, layers: Iterable[Layer], input_shape: Shape):
        self.chain = Chain(tuple(layers))
        self.layers = self.chain.layers
        for number, layer in enumerate(self.layers):
            if isinstance(layer, type):
                name = layer.__name__
                raise InputError(f"layer {number} is the class {name}: expected a layer, {name}(…)")
        if not isinstance(input_shape, (tuple, list)):
            raise InputError(
                f"input_shape is the shape of one sample, such as (2,), got {input_shape!r}"
            )
        self.input_shape = tuple(input_shape)
        self.shapes = self.chain.shapes(self.input_shape)  # layer i: shapes[i] to shapes[i + 1]
        self.output_shape = self.shapes[-1]

    # ── θ and the views into it ──────────────────────────────────────────────────────────────────

    @cached_property
    def layout(self) -> list[list[tuple[str, slice, Shape]]]:
        """For each layer the name of every parameter, its slice of θ, and its shape."""
        layout, start = [], 0
        for layer in self.layers:
            places = []
            for name, shape in layer.parameters().items():
                places.append((name, slice(start, start + prod(shape)), shape))
                start += prod(shape)
            layout.append(places)
        return layout

    @cached_property
    def places(self) -> list[tuple[slice, Shape]]:
        """The same of all layers in one list, without the names: all that a pass needs."""
        return [(place, shape) for places in self.layout for _, place, shape in places]

    @cached_property
    def size(self) -> int:
        """The length of θ: parameters, and statistics that layers remember."""
        return sum(prod(shape) for _, shape in self.places)

    @cached_property
    def fixed(self) -> np.ndarray:
        """(size,): True for entries of θ that a layer remembers, such as running averages.

        No gradient moves them.
        """
        fixed = np.zeros(self.size, bool)
        for layer, places in zip(self.layers, self.layout, strict=True):
            for name, place, _ in places:
                fixed[place] = name in layer.fixed
        return fixed

    @cached_property
    def remembers(self) -> bool:
        """True where some entries of θ are `fixed`."""
        return bool(self.fixed.any())

    @cached_property
    def separate(self) -> bool:
        """True where each row of y is a function of that row of x alone: no layer couples rows,
        draws random numbers, or remembers what it saw. Then several batches may share a pass.
        """
        return not (self.chain.couples or self.chain.random or self.remembers)

    def initial(self, rng: Any, dtype: Any = "float32") -> Array:
        """θ at the start of training, (size,): the layers' own initialisations, in forward order.

        Raises InputError for a dtype that is neither float32 nor float64.
        """
        if np.dtype(dtype).name not in ("float32", "float64"):
            raise InputError(f"theta is float32 or float64, got {np.dtype(dtype).name}")
        random_generator(rng)
        return self.flat(self.chain.initial(rng), np.empty(self.size, dtype))

    def views(self, theta: Array) -> list[Parameters]:
        """P of every layer, as views: writing to one writes to θ.

        Raises InputError for a θ of another length.
        """
        return self.chain.split(self.all_views(theta))

    def all_views(self, theta: Array | None) -> Parameters | None:
        """The views of all layers in one tuple, as `Chain` takes them; None if θ does not move."""
        if theta is None:
            return None
        if getattr(theta, "shape", None) != (self.size,):
            got = getattr(theta, "shape", kind_of(theta))
            raise InputError(f"expected theta of shape ({self.size},) for this network, got {got}")
        return tuple(theta[place].reshape(shape) for place, shape in self.places)

    def weights(self, theta: Array) -> dict[str, Array]:
        """The same by names, `NUMBER.PARAMETER` with the number of the layer, in forward order.

        >>> from numgan.layers import Dense, Tanh
        >>> net = Network([Dense(1, 2), Tanh(), Dense(2, 1)], (1,))
        >>> {name: view.shape for name, view in net.weights(np.arange(7.0)).items()}
        {'0.W': (1, 2), '0.b': (2,), '2.W': (2, 1), '2.b': (1,)}
        """
        views, layout = self.views(theta), enumerate(self.layout)
        return {
            f"{number}.{name}": view
            for number, places in layout
            for (name, *_), view in zip(places, views[number], strict=True)
        }

    def theta(self, weights: Mapping[str, Array], dtype: Any = None) -> Array:
        """θ, (size,), of the arrays that `weights` names; in their precision, or another.

        Raises InputError, with the name, for one that is missing, too many or of another shape.

            >>> from numgan.layers import Dense
            >>> net = Network([Dense(1, 1)], (1,))
            >>> net.theta({"0.W": np.array([[3.0]]), "0.b": np.array([1.0])})
            array([3., 1.])
        """
        names = self.weights(np.empty(self.size))
        for name in [*names, *(name for name in weights if name not in names)]:
            shape = names[name].shape if name in names else None
            found = np.shape(weights[name]) if name in weights else None
            if found != shape:
                there = "nothing" if shape is None else f"an array {shape}"
                got = "none" if found is None else f"one of shape {found}"
                raise InputError(f"weights: expected {there} for {name}, got {got}")
        values = [np.asarray(weights[name]) for name in names]
        kind = np.result_type(*values) if dtype is None and values else dtype
        return self.flat(tuple(values), np.empty(self.size, kind))

    def flat(self, values: Parameters, theta: Array) -> Array:
        """Write the values, in the order of `all_views`, into the vector theta, and return it."""
        for (place, shape), value in zip(self.places, values, strict=True):
            theta[place].reshape(shape)[...] = value
        return theta

    # ── the ordinary passes ──────────────────────────────────────────────────────────────────────

    def forward(self, theta: Array, x: Array, rng: Any = None) -> tuple[Array, list]:
        """y, (N, *output_shape), and the tape.

        Layers that draw random numbers, such as dropout, draw them from rng. Raises InputError if
        the shape of a sample is not input_shape.
        """
        self.fits(x)
        return self.chain.forward(self.all_views(theta), x, rng)

    def fits(self, x: Array) -> None:
        """Raise InputError unless x is a batch of samples of input_shape."""
        shape = getattr(x, "shape", ())
        if not shape or shape[1:] != self.input_shape:
            where = f"layer 0, {self.layers[0]}: " if self.layers else ""
            got = getattr(x, "shape", kind_of(x))
            raise InputError(
                f"{where}expected a batch {batch_shape_text(self.input_shape)}, got {got}"
            )

    def __call__(self, theta: Array, x: Array, rng: Any = None) -> Array:
        """y alone: G(z) or a(x) without derivatives."""
        return self.forward(theta, x, rng)[0]

    def each(self, theta: Array, x: Array, block: int = 512) -> Array:
        """y for many samples, a block at a time, to save memory.

        This is for an `evaluation()`, where samples do not interact. A layer that compares samples,
        such as Pack, compares only those of one block.
        """
        blocks = [self(theta, x[i : i + block]) for i in range(0, len(x), block)]
        return namespace(x).concatenate(blocks)

    def gradient(self, theta: Array, tape: list, dy: Array) -> Array:
        """∂V/∂θ, (size,), from dy = ∂V/∂y: the chain rule omits dx of the first layer."""
        dP = self.chain.gradient(self.all_views(theta), tape, dy)
        return self.flat(dP, namespace(theta).empty(self.size, dy.dtype))

    def forward_all(
        self, theta: Array, batches: Sequence[Array], rng: Any = None
    ) -> tuple[list[Array], list[list]]:
        """y of each batch, and the tapes: one pass, of the rows of all batches, where rows are
        `separate`; elsewhere a pass for each, with batch norm's statistics of its own.
        """
        for x in batches:
            self.fits(x)
        if self.separate:
            y, tape = self.forward(theta, namespace(theta).concatenate(batches))
            ends = [*accumulate(map(len, batches), initial=0)]
            return [y[rows] for rows in starmap(slice, pairwise(ends))], [tape]
        ys, tapes = zip(*(self.forward(theta, x, rng) for x in batches), strict=True)
        return [*ys], [*tapes]

    def gradient_all(self, theta: Array, tapes: list[list], dys: Sequence[Array]) -> Array:
        """∂V/∂θ, (size,), of a V of all batches: from dy = ∂V/∂y of each."""
        if self.separate:
            return self.gradient(theta, tapes[0], namespace(theta).concatenate(dys))
        return reduce(add, (self.gradient(theta, *at) for at in zip(tapes, dys, strict=True)))

    def backward(self, theta: Array, tape: list, dy: Array) -> Array:
        """∂V/∂x, (N, *input_shape), with θ fixed: the input of the generator's gradient in E35."""
        return self.chain.backward(self.all_views(theta), tape, dy)

    def walk(self, theta: Array, tape: list, dy: Array) -> list[Array]:
        """The same pass with all that it meets: ∂V/∂x, ∂V/∂ what each layer returns, dy itself."""
        return self.chain.walk(self.all_views(theta), tape, dy)

    # ── their change along (Rtheta, Rx), E44 ─────────────────────────────────────────────────────

    def rforward(
        self, theta: Array, tape: list, Rtheta: Array | None, Rx: Array
    ) -> tuple[Array, list]:
        """Ry = R{y} and the change of the tape."""
        return self.chain.rforward(self.all_views(theta), tape, self.all_views(Rtheta), Rx)

    def rgradient(
        self,
        theta: Array,
        tape: list,
        Rtheta: Array | None,
        Rtape: list,
        dy: Array,
        Rdy: Array | None,
        dys: list[Array] | None = None,
    ) -> Array:
        """R{∂V/∂θ}, (size,), from dy and Rdy = R{dy}; dys, the `walk` from dy, saves another."""
        RdP = self.chain.rgradient(
            self.all_views(theta), tape, self.all_views(Rtheta), Rtape, dy, Rdy, dys
        )
        return self.flat(RdP, namespace(theta).empty(self.size, dy.dtype))

    def rbackward(
        self, theta: Array, tape: list, Rtheta: Array | None, Rtape: list, dy: Array, Rdy: Array
    ) -> Array:
        """R{∂V/∂x}, (N, *input_shape)."""
        return self.chain.rbackward(
            self.all_views(theta), tape, self.all_views(Rtheta), Rtape, dy, Rdy
        )

    # ── in and out of training ───────────────────────────────────────────────────────────────────

    def observe(self, theta: Array, tape: list) -> None:
        """Update what layers remember, the entries `fixed` of θ, in place, from a forward pass."""
        if self.remembers:
            self.chain.observe(self.all_views(theta), tape)

    def clip(self, theta: Array, c: float) -> None:
        """Clip every parameter to [−c, c], in place, but not what layers remember."""
        for layer, places in zip(self.layers, self.layout, strict=True):
            for name, place, _ in places:
                if name not in layer.fixed:
                    theta[place].clip(-c, c, out=theta[place])

    def evaluation(self) -> Network:
        """The network outside training, with the same θ: running averages, no dropout."""
        return Network(self.chain.evaluation().layers, self.input_shape)

    # ── for people ───────────────────────────────────────────────────────────────────────────────

    def _repr_html_(self) -> str:
        from numgan.html import of_network

        return of_network(self)

    def __repr__(self) -> str:
        wide = max([30, *(len(str(layer)) for layer in self.layers)])
        lines = [
            ("", "layer", "output", "parameters"),
            ("", "input", batch_shape_text(self.input_shape), ""),
        ]
        for number, (layer, shape) in enumerate(zip(self.layers, self.shapes[1:], strict=True)):
            count = sum(prod(s) for s in layer.parameters().values())
            lines.append((str(number), str(layer), batch_shape_text(shape), str(count or "–")))
        lines.append(("", "total", "", str(self.size)))
        return "\n".join(
            f"{number:<4}{name:{wide}}{shape:>20}{count:>14}"
            for number, name, shape, count in lines
        )


def batch_shape_text(shape: Shape) -> str:
    """The shape of a batch as text.

    >>> batch_shape_text((28, 28, 1))
    '(N, 28, 28, 1)'
    """
    return "(" + ", ".join(["N", *map(str, shape)]) + ")"

"""The base of all layers: a map y = f(x; P), its gradients, and their changes along a direction.

There are six passes, each one formula, so a caller pays only for what it needs: the
discriminator's step needs dP and no dx at the data; the generator's step needs the discriminator's
dx and none of its dP.

    forward    y              and the cache that the other passes read
    backward   dx  = (∂y/∂x)ᵀ dy
        the chain rule, one layer further towards the input
    gradient   dP  = (∂y/∂P)ᵀ dy                    read off on the way
    rforward   Ry  = R{y}     and the cache's change Rcache
    rbackward  Rdx = R{dx}
    rgradient  RdP = R{dP}

R{·} = d/dε (·)|₀ along the direction (RP, Rx), by E44 (Pearlmutter 1994). RP = None says that P
does not move. A layer is a frozen set of hyper-parameters. Parameters come in, results go out,
caches are explicit: two forward passes (one on data, one on samples) never share anything.

Some layers remember: batch norm its running statistics, spectral norm its singular vectors. What is
remembered stands among P like a weight, so θ is all of a network and an average of θ averages it
too, but it is no variable of the game:

    fixed
        names the entries of P that are remembered; their gradient is exactly zero, a direction RP
            along them
               is not followed, and an optimizer leaves them where they are
    observe    brings them up to date, in place, from the cache of a forward pass

Some layers are another map outside training: `evaluation` returns that layer, with the same P. And
some draw random numbers: they say `random = True` and take the generator as a third argument of
forward.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

from numgan.backend import Array
from numgan.errors import InputError

Shape = tuple[int, ...]
Parameters = tuple[Array, ...]
Example = tuple["Layer", Shape]  # a layer, and the shape (N, …) of a batch that goes through it

# batches for a layer that takes every shape
ANY_SHAPE: list[Shape] = [(5, 3), (1, 1), (2, 3, 2, 1)]


class Layer:
    """A layer without parameters that keeps its input's shape. Others override what differs."""

    fixed: tuple[str, ...] = ()
    # False promises two things: the layer is (piecewise) linear in x, so dx changes only where dy
    # or P does; and its rgradient takes None for an Rdy that is 0, and saves the products
    bends: bool = True
    random: bool = False
    keeps_mean: bool = True  # of a random layer that is the identity outside training: E[y] = x
    # True where a row of y depends on more rows of x than its own; then no two batches share a pass
    couples: bool = False

    def parameters(self) -> dict[str, Shape]:
        """Names and shapes of P, in the order in which θ holds them."""
        return {}

    def initial(self, rng: Any) -> Parameters:
        """P at the start of training, float64, drawn from the generator rng."""
        return ()

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one sample after the layer, given its shape before. Raises InputError where it
        does not fit.
        """
        return shape

    def evaluation(self) -> Layer:
        """The layer to use outside training, with the same P."""
        return self

    def observe(self, P: Parameters, cache: Any) -> None:
        """Bring what the layer remembers up to date with a forward pass, in place."""

    def forward(self, P: Parameters, x: Array) -> tuple[Array, Any]:
        """y and the cache. A layer that is `random` takes the generator as a third argument."""
        raise NotImplementedError

    def backward(self, P: Parameters, cache: Any, dy: Array) -> Array:
        """dx, in the shape of x."""
        raise NotImplementedError

    def gradient(self, P: Parameters, cache: Any, dy: Array) -> Parameters:
        """dP, each entry in the shape of its parameter."""
        return ()

    def rforward(
        self, P: Parameters, cache: Any, RP: Parameters | None, Rx: Array
    ) -> tuple[Array, Any]:
        """Ry and the change of the cache, Rcache."""
        raise NotImplementedError

    def rbackward(
        self, P: Parameters, cache: Any, RP: Parameters | None, Rcache: Any, dy: Array, Rdy: Array
    ) -> Array:
        """Rdx, in the shape of x."""
        raise NotImplementedError

    def rgradient(
        self,
        P: Parameters,
        cache: Any,
        RP: Parameters | None,
        Rcache: Any,
        dy: Array,
        Rdy: Array | None,
    ) -> Parameters:
        """RdP, each entry in the shape of its parameter. Rdy = None says that Rdy is 0
        (`bends`)."""
        return ()

    @classmethod
    def examples(cls) -> list[Example]:
        """Examples of use: layers of this kind, each with the shape of a batch.

        `numgan check`, the tests, the comparison with PyTorch and the GPU's tests go through them.
        Choose odd sizes that differ, a batch of one, a single feature: then nothing transposed
        fits by accident.
        """
        return []


class Linear(Layer):
    """y = A x for a matrix A of fixed numbers that is never written out, so dx = Aᵀ dy.

    A linear map is its own derivative: R{y} = A Rx and R{dx} = Aᵀ Rdy. Such a layer is described by
    A and its adjoint alone, ⟨A x, y⟩ = ⟨x, Aᵀ y⟩; its cache is the shape of x.
    """

    bends = False

    def map(self, x: Array) -> Array:
        """A x"""
        raise NotImplementedError

    def adjoint(self, y: Array, shape: Shape) -> Array:
        """Aᵀ y, in the shape of x."""
        raise NotImplementedError

    def forward(self, P: Parameters, x: Array) -> tuple[Array, Any]:
        return self.map(x), x.shape  #   y = A x

    def backward(self, P: Parameters, shape: Shape, dy: Array) -> Array:
        return self.adjoint(dy, shape)  #  dx = Aᵀ dy

    def rforward(
        self, P: Parameters, shape: Shape, RP: Parameters | None, Rx: Array
    ) -> tuple[Array, Any]:
        return self.map(Rx), None  #  Ry = A Rx

    def rbackward(
        self, P: Parameters, shape: Shape, RP: Parameters | None, Rcache: Any, dy: Array, Rdy: Array
    ) -> Array:
        return self.adjoint(Rdy, shape)  # Rdx = Aᵀ Rdy


class Around(Layer):
    """What all layers share that do something about the passes of another: the rest is as the other
    has it.
    """

    layer: Layer

    @property
    def fixed(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.layer.fixed

    @property
    def random(self) -> bool:  # type: ignore[override]
        return self.layer.random

    @property
    def couples(self) -> bool:  # type: ignore[override]
        return self.layer.couples

    @property
    def keeps_mean(self) -> bool:  # type: ignore[override]
        return self.layer.keeps_mean

    def parameters(self) -> dict[str, Shape]:
        return self.layer.parameters()

    def initial(self, rng: Any) -> Parameters:
        return self.layer.initial(rng)

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)


def positive(**sizes: int) -> None:
    """Raise InputError unless every size is a whole number of at least 1."""
    at_least(1, **sizes)


def at_least(least: int, **sizes: int) -> None:
    """Raise InputError unless every size is a whole number of at least `least`."""
    for name, value in sizes.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}")


def sizes(shape: Shape) -> None:
    """Raise InputError unless the shape of a sample is a tuple of whole numbers of at least 1."""
    if not isinstance(shape, tuple):
        raise InputError(f"the shape of a sample is a tuple such as (4,), got {shape!r}")
    positive(**{f"shape[{axis}]": size for axis, size in enumerate(shape)})


def image(shape: Shape, channels: int | None = None) -> Shape:
    """The (H, W, C) of one image. Raises InputError for what is no image, or has another number of
    channels.
    """
    if len(shape) != 3 or channels not in (None, shape[2]):
        raise InputError(
            f"expected images of shape (H, W, {'C' if channels is None else channels}), got {shape}"
        )
    return shape

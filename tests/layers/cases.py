"""Layers of every kind with inputs that fit them, drawn at random; and what every test does with
them.

A layer that is not in SHAPES is drawn around its own examples of use: see `around`.
"""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from numgan.errors import InputError
from numgan.layers import (
    ACTIVATIONS,
    LAYERS,
    AveragePool,
    BatchNorm,
    Chain,
    ClassPlanes,
    Conditioned,
    Convolution,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    InstanceNorm,
    LayerNorm,
    MinibatchDeviation,
    PixelShuffle,
    Projection,
    Reshape,
    Residual,
    RunningNorm,
    Softplus,
    SpectralNorm,
    Tanh,
    TransposedConvolution,
    Upsample,
)

# √(σ² + ε) ≥ 0.1: no batch of two near-equal numbers makes a point too steep for a tolerance
EPSILON = 0.01
small = st.integers(1, 4)
batch = st.integers(2, 4)


@st.composite
def convolutions(draw):
    """(layer, shape): any kernel, stride, padding and groups that fit the image."""
    G = draw(st.integers(1, 3))
    K, s, p, H, W = (
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        draw(st.integers(0, 3)),
        draw(small),
        draw(small),
    )
    H, W = (max(side, K - 2 * p) for side in (H, W))
    I, O = G * draw(st.sampled_from((1, 2, 17))), G * draw(small)
    layer = Convolution(I, O, K, s, p, draw(st.booleans()), groups=G)
    return layer, (draw(st.integers(1, 3)), H, W, layer.I)


@st.composite
def transposed(draw):
    """(layer, shape): any kernel, stride, paddings and groups that leave an image."""
    G = draw(st.integers(1, 3))
    K, s, p, h, w = (
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        draw(st.integers(0, 3)),
        draw(small),
        draw(small),
    )
    q = draw(st.integers(0, s - 1))
    while s * (min(h, w) - 1) + K - 2 * p + q < 1:
        h, w, p = h + 1, w + 1, max(p - 1, 0)
    I, O = G * draw(small), G * draw(st.sampled_from((1, 2, 17)))
    layer = TransposedConvolution(I, O, K, s, p, q, draw(st.booleans()), groups=G)
    return layer, (draw(st.integers(1, 3)), h, w, layer.I)


def images(C=small):
    """(N, H, W, C)"""
    return st.tuples(batch, small, small, C)


def rows(C=small):
    """(N, C)"""
    return st.tuples(batch, C)


def on(shapes, layer):
    """(layer, shape) for each of the shapes, the layer made from the shape."""
    return shapes.map(lambda shape: (layer(shape), shape))


factors = st.integers(1, 3)
pools = st.tuples(factors, batch, small, small, small).map(
    lambda t: (AveragePool(t[0]), (t[1], t[0] * t[2], t[0] * t[3], t[4]))
)
shuffles = st.tuples(factors, batch, small, small, small).map(
    lambda t: (PixelShuffle(t[0]), (t[1], t[2], t[3], t[4] * t[0] ** 2))
)
upsamplings = st.tuples(factors, images()).map(lambda t: (Upsample(t[0]), t[1]))

SHAPES = {
    "Dense": on(rows(), lambda s: Dense(s[1], 3)),
    "Convolution": convolutions(),
    "TransposedConvolution": transposed(),
    "BatchNorm of rows": on(rows(), lambda s: BatchNorm(s[1], EPSILON)),
    "BatchNorm of images": on(images(), lambda s: BatchNorm(s[3], EPSILON)),
    "RunningNorm": on(images(), lambda s: RunningNorm(s[3], EPSILON)),
    "LayerNorm of rows": on(rows(), lambda s: LayerNorm(s[1:], EPSILON)),
    "LayerNorm of images": on(images(), lambda s: LayerNorm(s[1:], EPSILON)),
    "InstanceNorm": on(images(), lambda s: InstanceNorm(s[3], EPSILON)),
    "Dropout": st.tuples(st.floats(0, 0.9), images()).map(lambda t: (Dropout(t[0]), t[1])),
    "Identity": on(rows(), lambda s: Identity()),
    "Embedding": on(rows(), lambda s: Embedding(s[1], 3)),
    "Conditioned, class seen": on(
        rows(st.integers(3, 6)), lambda s: Conditioned((Dense(s[1], 3), Tanh()), 2)
    ),
    "Conditioned, unseen": on(
        rows(st.integers(3, 6)),
        lambda s: Conditioned(
            (Dense(s[1] - 2, 3), Softplus(), BatchNorm(3, EPSILON)), 2, seen=False
        ),
    ),
    "ClassPlanes": on(rows(st.just(4 * 3 * 2 + 3)), lambda s: ClassPlanes((4, 3, 2), 3)),
    "Projection": on(rows(st.integers(3, 6)), lambda s: Projection(s[1] - 2, 2)),
    "AveragePool": pools,
    "Upsample": upsamplings,
    "PixelShuffle": shuffles,
    "Reshape": on(images(), lambda s: Reshape((s[3], s[1] * s[2]))),
    "Flatten": on(images(), lambda s: Flatten()),
    "SpectralNorm of Dense": on(rows(), lambda s: SpectralNorm(Dense(s[1], 3))),
    "SpectralNorm of Convolution": convolutions().map(
        lambda case: (SpectralNorm(case[0]), case[1])
    ),
    "SpectralNorm of TransposedConvolution": transposed().map(
        lambda case: (SpectralNorm(case[0]), case[1])
    ),
    "MinibatchDeviation of rows": on(rows(), lambda s: MinibatchDeviation(EPSILON)),
    "MinibatchDeviation of images": on(images(), lambda s: MinibatchDeviation(EPSILON)),
    "Residual": on(rows(), lambda s: Residual((Dense(s[1], 3), Tanh(), Dense(3, s[1])))),
    "Residual with a shortcut": on(
        images(),
        lambda s: Residual(
            (Convolution(s[3], 3, 3, 1, 1, bias=False), BatchNorm(3, EPSILON), Softplus()),
            (Convolution(s[3], 3, 1),),
        ),
    ),
    "Chain": on(rows(), lambda s: Chain((Dense(s[1], 3), Tanh(), Dropout(0.5), Dense(3, 2)))),
} | {phi.__name__: on(images(), lambda s, phi=phi: phi()) for phi in ACTIVATIONS.values()}


@st.composite
def around(draw, kind):
    """(layer, shape): an example of that kind of layer, with a larger batch and image where they
    fit.
    """
    layer, (N, *sample) = draw(st.sampled_from(kind.examples()))
    if "epsilon" in vars(layer):
        layer = replace(layer, epsilon=EPSILON)
    more = [draw(st.integers(0, 2)) for _ in sample[:-1]]  # the last axis holds the features
    larger = (*(side + m for side, m in zip(sample, more, strict=False)), sample[-1])
    return layer, (
        max(N, 2) + draw(st.integers(0, 2)),
        *(larger if fits(layer, larger) else sample),
    )


def fits(layer, shape):
    """Whether the layer takes samples of that shape."""
    try:
        layer.output_shape(shape)
    except InputError:
        return False
    return True


DRAWN = {name.split(" ")[0].rstrip(",") for name in SHAPES}  # BatchNorm, of "BatchNorm of rows"
CASES = SHAPES | {kind.__name__: around(kind) for kind in LAYERS if kind.__name__ not in DRAWN}


@dataclass
class Point:
    """A layer, where it stands, and the direction along which everything moves; what is fixed does
    not move.
    """

    layer: object
    x: np.ndarray
    P: tuple
    dy: np.ndarray
    Rx: np.ndarray
    RP: tuple
    Rdy: np.ndarray
    draw: int = 7

    def forward(self, P, x):
        """y and the cache, drawing the same random numbers each time."""
        rng = np.random.default_rng(self.draw)
        return self.layer.forward(P, x, rng) if self.layer.random else self.layer.forward(P, x)

    def passes(self):
        """Every result of the six passes, by name."""
        layer, P, RP = self.layer, self.P, self.RP
        y, cache = self.forward(P, self.x)
        dx, dP = layer.backward(P, cache, self.dy), layer.gradient(P, cache, self.dy)
        Ry, Rcache = layer.rforward(P, cache, RP, self.Rx)
        Rdx = layer.rbackward(P, cache, RP, Rcache, self.dy, self.Rdy)
        RdP = layer.rgradient(P, cache, RP, Rcache, self.dy, self.Rdy)
        named = {"y": y, "dx": dx, "Ry": Ry, "Rdx": Rdx}
        for name, d, Rd in zip(layer.parameters(), dP, RdP, strict=True):
            named |= {"d" + name: d, "Rd" + name: Rd}
        return named


def point(layer, shape, dtype="float64", seed=0):
    """A random point for the layer: everything of order 1, γ and running variances away from 0, all
    read-only.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    P = [value + 0.3 * rng.standard_normal(value.shape) for value in layer.initial(rng)]
    RP = [rng.standard_normal(value.shape) for value in P]
    for n, name in enumerate(layer.parameters()):
        if name in layer.fixed:
            P[n], RP[n] = np.abs(P[n]) + 0.1, 0 * RP[n]
    if isinstance(layer, SpectralNorm):
        layer.observe(P, None)  # one power iteration, so that σ is not near 0
    y = shape[:1] + layer.output_shape(shape[1:])
    drawn = Point(
        layer, x, P, rng.standard_normal(y), rng.standard_normal(shape), RP, rng.standard_normal(y)
    )
    for name in ("x", "dy", "Rx", "Rdy"):
        setattr(drawn, name, sealed(getattr(drawn, name), dtype))
    drawn.P, drawn.RP = tuple(sealed(p, dtype) for p in P), tuple(sealed(p, dtype) for p in RP)
    return drawn


def sealed(array, dtype):
    """The array in that precision, which nothing can write to."""
    array = array.astype(dtype)
    array.flags.writeable = False
    return array


def distance(a, b):
    """max |a − b|, relative to the largest entry of b or to 1, the size of everything that was
    drawn.
    """
    assert a.shape == b.shape, f"{a.shape} stands where {b.shape} was expected"
    return np.max(np.abs(a - b), initial=0) / max(1.0, np.max(np.abs(b), initial=0))

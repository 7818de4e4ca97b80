"""Networks that runs use, each a few readable lines of layers.

A function that returns a pair returns (G, D). All of them play on rows, as data sets give them: a network for images
folds its rows into images, or its images into rows. With `classes` > 0 the rows are [x | c]: G takes [z | c] to
[x | c], and D judges [x | c], as layers/conditioning.py explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from numgan.errors import InputError
from numgan.layers import (
    ACTIVATIONS,
    BatchNorm,
    ClassPlanes,
    Conditioned,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    Pack,
    Projection,
    ReLU,
    Reshape,
    Tanh,
    TransposedConvolution,
)  # fmt: skip
from numgan.layers.layer import Shape
from numgan.network import Network


def mlp(sizes: Sequence[int], activation: str = "leaky_relu", last: Sequence[Layer] = ()) -> Network:
    """Dense layers from sizes[0] to sizes[-1] with the activation between them, and `last` after the last one."""
    layers: list[Layer] = []
    for I, O in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [Dense(I, O), ACTIVATIONS[activation]()]
    return Network([*layers[:-1], *last], (sizes[0],))


def mlps(
    dim: int, hidden: Sequence[int], latent: int, classes: int = 0,
    activation: str = "leaky_relu", activation_d: str | None = None, last: Sequence[Layer] = (), pack: int = 1,
) -> tuple[Network, Network]:  # fmt: skip
    """Rows of dim numbers from dense layers alone: G of the hidden widths, D of the same in reverse.

    With `pack` > 1, D judges that many rows together: PacGAN, which sees at once where G lacks variety.
    """
    G = mlp([latent + classes, *hidden, dim], activation, last)
    D = mlp([pack * (dim + classes), *reversed(hidden), 1], activation_d or activation)
    if pack > 1:
        D = Network([Pack(pack), *D.layers], (dim + classes,))
    return (Network([Conditioned(G.layers, classes)], G.input_shape) if classes else G), D


def mlp784(latent: int = 64, classes: int = 0) -> tuple[Network, Network]:
    """Images of 28×28 as rows of 784, through dense layers alone."""
    return mlps(784, (256, 512), latent, classes, last=[Tanh()])


def dcgan8(latent: int = 32, classes: int = 0, judge: str = "projection") -> tuple[Network, Network]:
    """Digits of 8×8."""
    return dcgan((8, 8, 1), (32, 64), latent, classes, judge)


def dcgan28(latent: int = 64, classes: int = 0, judge: str = "projection") -> tuple[Network, Network]:
    """Grey images of 28×28, such as MNIST's and Fashion-MNIST's."""
    return dcgan((28, 28, 1), (64, 128), latent, classes, judge)


def dcgan32(latent: int = 100, classes: int = 0, judge: str = "projection") -> tuple[Network, Network]:
    """Colour images of 32×32."""
    return dcgan((32, 32, 3), (64, 128, 256), latent, classes, judge)


def dcgan(
    shape: Shape, widths: Sequence[int], latent: int, classes: int = 0, judge: str = "projection"
) -> tuple[Network, Network]:
    """Radford et al. 2015 (arXiv:1511.06434) for images of the given shape (H, W, C), with values in (−1, 1).

    D halves the image once for each of the widths, G goes the same way back. As there: strided convolutions in place of
    pooling, batch norm everywhere but at D's input and G's output, ReLU in G and leaky ReLU in D, weights from
    normal(0, 0.02). How a conditional D meets the class is `judge`: "projection" or "concatenation".
    """
    H, W, C = shape
    if any(side % 2 ** len(widths) for side in (H, W)):
        raise InputError(f"images of shape {shape} cannot be halved {len(widths)} times")
    x, z = prod(shape), latent + classes
    F = x // C // 4 ** len(widths) * widths[-1]             # features of the smallest image
    features = Reshape(shape), *discriminator(shape, widths)
    G = *generator(shape, widths, z), Flatten()
    if not classes:
        return Network(G, (z,)), Network([*features, Dense(F, 1, "dcgan")], (x,))

    D: list[Layer]
    if judge == "projection":
        D = [Conditioned(features, classes, seen=False), Projection(F, classes, "dcgan")]
    elif judge == "concatenation":
        D = [ClassPlanes(shape, classes), *discriminator((H, W, C + classes), widths), Dense(F, 1, "dcgan")]
    else:
        raise InputError(f"a discriminator meets the class by projection or by concatenation, got {judge!r}")
    return Network([Conditioned(G, classes)], (z,)), Network(D, (x + classes,))


def generator(shape: Shape, widths: Sequence[int], I: int) -> list[Layer]:
    """Rows of I numbers to images: a small image of many channels, doubled in size by each transposed convolution."""
    H, W, C = shape
    h, w, F = H >> len(widths), W >> len(widths), widths[-1]
    layers: list[Layer] = [Dense(I, h * w * F, "dcgan"), Reshape((h, w, F)), BatchNorm(F), ReLU()]
    for wide, narrow in zip(widths[:0:-1], widths[-2::-1], strict=True):
        layers += [TransposedConvolution(wide, narrow, 4, 2, 1, bias=False, init="dcgan"), BatchNorm(narrow), ReLU()]
    return [*layers, TransposedConvolution(widths[0], C, 4, 2, 1, init="dcgan"), Tanh()]


def discriminator(shape: Shape, widths: Sequence[int]) -> list[Layer]:
    """Images to rows of features: halved in size by each convolution."""
    layers: list[Layer] = [Convolution(shape[2], widths[0], 4, 2, 1, init="dcgan"), LeakyReLU()]
    for narrow, wide in zip(widths[:-1], widths[1:], strict=True):
        layers += [Convolution(narrow, wide, 4, 2, 1, bias=False, init="dcgan"), BatchNorm(wide), LeakyReLU()]
    return [*layers, Flatten()]

"""The networks of runs, each a few readable lines of layers.

A function that returns a pair returns (G, D). All networks work on rows, the form of all data sets:
a network for images reshapes its rows to images, or its images to rows. With `classes` > 0 the rows
are [x | c]: G maps [z | c] to [x | c], and D takes [x | c], as layers/conditioning.py explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from numgan.errors import InputError
from numgan.layers import (
    ACTIVATIONS,
    AveragePool,
    BatchNorm,
    ClassPlanes,
    Conditioned,
    Convolution,
    Dense,
    Flatten,
    InstanceNoise,
    Layer,
    LeakyReLU,
    Pack,
    Projection,
    ReLU,
    Reshape,
    Residual,
    Tanh,
    TransposedConvolution,
    Upsample,
)
from numgan.layers.layer import Shape
from numgan.network import Network


def mlp(
    sizes: Sequence[int], activation: str = "leaky_relu", last: Sequence[Layer] = ()
) -> Network:
    """Dense layers from sizes[0] to sizes[-1], with the activation between them, then `last`.

    >>> mlp([2, 8, 1]).size  # (2·8 + 8) + (8·1 + 1)
    33
    """
    layers: list[Layer] = []
    for I, O in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [Dense(I, O), ACTIVATIONS[activation]()]
    return Network([*layers[:-1], *last], (sizes[0],))


def mlp_pair(
    dim: int,
    hidden: Sequence[int],
    latent: int,
    classes: int = 0,
    activation: str = "leaky_relu",
    activation_d: str | None = None,
    last: Sequence[Layer] = (),
    pack: int = 1,
) -> tuple[Network, Network]:
    """G and D of dense layers for rows of dim numbers: G with the hidden widths, D in reverse.

    With `pack` > 1, D takes that many rows together (PacGAN), so D sees a lack of variety.

        >>> G, D = mlp_pair(dim=2, hidden=[8, 16], latent=4, pack=3)
        >>> [layer.O for layer in G.layers[::2]], [layer.I for layer in D.layers[1::2]]
        ([8, 16, 2], [6, 16, 8])
    """
    G = mlp([latent + classes, *hidden, dim], activation, last)
    D = mlp([pack * (dim + classes), *reversed(hidden), 1], activation_d or activation)
    if pack > 1:
        D = Network([Pack(pack), *D.layers], (dim + classes,))
    return (Network([Conditioned(G.layers, classes)], G.input_shape) if classes else G), D


def mlp784(latent: int = 64, classes: int = 0) -> tuple[Network, Network]:
    """G and D of dense layers for images of 28×28, as rows of 784.

    >>> G, D = mlp784()
    >>> G.output_shape, D.output_shape
    ((784,), (1,))
    """
    return mlp_pair(784, (256, 512), latent, classes, last=[Tanh()])


def dcgan8(
    latent: int = 32, classes: int = 0, judge: str = "projection"
) -> tuple[Network, Network]:
    """Convolutional G and D for digits of 8×8.

    >>> G, D = dcgan8()
    >>> G.output_shape, D.output_shape  # 8·8·1
    ((64,), (1,))
    """
    return dcgan((8, 8, 1), (32, 64), latent, classes, judge)


def dcgan28(
    latent: int = 64, classes: int = 0, judge: str = "projection"
) -> tuple[Network, Network]:
    """Convolutional G and D for grey images of 28×28, such as MNIST and Fashion-MNIST.

    >>> G, D = dcgan28(classes=10)
    >>> G.input_shape, G.output_shape, D.input_shape  # [z | c], [x | c], [x | c]
    ((74,), (794,), (794,))
    """
    return dcgan((28, 28, 1), (64, 128), latent, classes, judge)


def dcgan32(
    latent: int = 100, classes: int = 0, judge: str = "projection"
) -> tuple[Network, Network]:
    """Convolutional G and D for colour images of 32×32.

    >>> G, D = dcgan32()
    >>> G.output_shape, D.output_shape  # 32·32·3
    ((3072,), (1,))
    """
    return dcgan((32, 32, 3), (64, 128, 256), latent, classes, judge)


def dcgan(
    shape: Shape, widths: Sequence[int], latent: int, classes: int = 0, judge: str = "projection"
) -> tuple[Network, Network]:
    """Radford et al. 2015 (arXiv:1511.06434) for images of shape (H, W, C) with values in (−1, 1).

    D halves the image once for each of the widths; G reverses these steps. As in the paper: strided
    convolutions replace pooling, batch norm follows every layer except D's input layer and G's
    output layer, ReLU in G and leaky ReLU in D, weights from normal(0, 0.02). `judge` is how a
    conditional D uses the class: "projection" or "concatenation".
    Raises InputError for another `judge`, and for images that cannot be halved that often.

        >>> G, D = dcgan((4, 4, 1), widths=[8], latent=2)
        >>> G.input_shape, G.output_shape, D.input_shape, D.output_shape
        ((2,), (16,), (16,), (1,))
    """
    H, W, C = shape
    if any(side % 2 ** len(widths) for side in (H, W)):
        raise InputError(f"images of shape {shape} cannot be halved {len(widths)} times")
    x, z = prod(shape), latent + classes
    F = x // C // 4 ** len(widths) * widths[-1]  # features of the smallest image
    features = Reshape(shape), *discriminator(shape, widths)
    G = *generator(shape, widths, z), Flatten()
    if not classes:
        return Network(G, (z,)), Network([*features, Dense(F, 1, "dcgan")], (x,))

    D: list[Layer]
    if judge == "projection":
        D = [Conditioned(features, classes, seen=False), Projection(F, classes, "dcgan")]
    elif judge == "concatenation":
        convolutions = discriminator((H, W, C + classes), widths)
        D = [ClassPlanes(shape, classes), *convolutions, Dense(F, 1, "dcgan")]
    else:
        raise InputError(f"judge must be projection or concatenation, got {judge!r}")
    return Network([Conditioned(G, classes)], (z,)), Network(D, (x + classes,))


def generator(shape: Shape, widths: Sequence[int], I: int) -> list[Layer]:
    """Layers from rows of I numbers to images: each transposed convolution doubles a small image.

    >>> print(*(type(layer).__name__ for layer in generator((4, 4, 1), widths=[8], I=2)))
    Dense Reshape BatchNorm ReLU TransposedConvolution Tanh
    """
    H, W, C = shape
    h, w, F = H >> len(widths), W >> len(widths), widths[-1]
    layers: list[Layer] = [Dense(I, h * w * F, "dcgan"), Reshape((h, w, F)), BatchNorm(F), ReLU()]
    for wide, narrow in zip(widths[:0:-1], widths[-2::-1], strict=True):
        double = TransposedConvolution(wide, narrow, 4, 2, 1, bias=False, init="dcgan")
        layers += [double, BatchNorm(narrow), ReLU()]
    return [*layers, TransposedConvolution(widths[0], C, 4, 2, 1, init="dcgan"), Tanh()]


def discriminator(shape: Shape, widths: Sequence[int]) -> list[Layer]:
    """Layers from images to rows of features: each convolution halves the image.

    >>> print(*(type(layer).__name__ for layer in discriminator((4, 4, 1), widths=[8])))
    Convolution LeakyReLU Flatten
    """
    layers: list[Layer] = [Convolution(shape[2], widths[0], 4, 2, 1, init="dcgan"), LeakyReLU()]
    for narrow, wide in zip(widths[:-1], widths[1:], strict=True):
        halve = Convolution(narrow, wide, 4, 2, 1, bias=False, init="dcgan")
        layers += [halve, BatchNorm(wide), LeakyReLU()]
    return [*layers, Flatten()]


def residual(
    shape: Shape, widths: Sequence[int], latent: int, classes: int = 0
) -> tuple[Network, Network]:
    """G and D of residual blocks for images of shape (H, W, C) with values in (−1, 1), in the
    manner of R3GAN (Huang et al. 2025, arXiv:2501.05441).

    No normalisation: a block starts as the identity, and R1 with R2 keep D smooth. D has the widths
    on images that halve from one to the next; G reverses them. A conditional D projects.
    Raises InputError for images that cannot be halved that often.

        >>> G, D = residual((4, 4, 1), widths=[8, 16], latent=2)
        >>> G.input_shape, G.output_shape, D.input_shape, D.output_shape
        ((2,), (16,), (16,), (1,))
    """
    H, W, C = shape
    halvings = len(widths) - 1
    if any(side % 2**halvings for side in (H, W)):
        raise InputError(f"images of shape {shape} cannot be halved {halvings} times")
    h, w, first, last = H >> halvings, W >> halvings, widths[0], widths[-1]
    x, z, F = prod(shape), latent + classes, h * w * last
    G: list[Layer] = [Dense(z, F), Reshape((h, w, last)), block(last)]
    D: list[Layer] = [Reshape(shape), Convolution(C, first, 3, 1, 1), block(first)]
    for narrow, wide in zip(widths[:-1], widths[1:], strict=True):
        D += [AveragePool(2), Convolution(narrow, wide, 1), block(wide)]
    for narrow, wide in zip(widths[-2::-1], widths[:0:-1], strict=True):
        G += [Upsample(2), Convolution(wide, narrow, 1), block(narrow)]
    G += [LeakyReLU(), Convolution(first, C, 3, 1, 1, init="glorot"), Tanh(), Flatten()]
    D += [LeakyReLU(), Flatten()]
    if not classes:
        return Network(G, (z,)), Network([*D, Dense(F, 1, "glorot")], (x,))
    judge = [Conditioned(tuple(D), classes, seen=False), Projection(F, classes)]
    return Network([Conditioned(tuple(G), classes)], (z,)), Network(judge, (x + classes,))


def block(F: int, groups: int = 2) -> Residual:
    """y = x + f(x) for images of F channels: to 2F channels, 3×3 within groups, and back to F. f
    starts as 0.

    >>> block(4).output_shape((8, 8, 4))
    (8, 8, 4)
    """
    return Residual(
        (
            Convolution(F, 2 * F, 1),
            LeakyReLU(),
            Convolution(2 * F, 2 * F, 3, 1, 1, groups=groups),
            LeakyReLU(),
            Convolution(2 * F, F, 1, bias=False, init="zero"),
        )
    )


def augmented(
    D: Network, shape: Shape, augmentations: Sequence[Layer], classes: int = 0
) -> Network:
    """D, which judges rows [x | c], behind augmentations of the images x (L20).

    They are drawn anew in each forward pass, for data, samples and a penalty's points alike.
    Raises InputError for rows of another length.

        >>> from numgan.layers import AUGMENTATIONS
        >>> _, D = dcgan8()
        >>> D = augmented(D, (8, 8, 1), list(AUGMENTATIONS.values()))
        >>> D.input_shape, len(D.evaluation().layers) - len(D.layers)
        ((64,), 0)
    """
    return behind(D, (Reshape(shape), *augmentations, Flatten()), classes)


def noisy(D: Network, sigma: float, steps: int, classes: int = 0) -> Network:
    """D, which judges rows [x | c], behind noise on x that falls from sigma to 0 over so many steps
    of D (L19).

    It is drawn anew in each forward pass, for data, samples and a penalty's points alike. The count
    of steps is the first number of θ_d, so a checkpoint has it.

        >>> _, D = mlp_pair(dim=2, hidden=[8], latent=2)
        >>> noisy(D, sigma=0.5, steps=100).size - D.size
        1
    """
    return behind(D, (InstanceNoise(sigma, steps),), classes)


def behind(D: Network, layers: tuple[Layer, ...], classes: int = 0) -> Network:
    """D, which judges rows [x | c], behind layers that see x alone.

    >>> _, D = mlp_pair(dim=2, hidden=[8], latent=2, classes=3)
    >>> print(behind(D, (Tanh(),), classes=3).layers[0])
    Conditioned(Tanh)
    """
    front = [Conditioned(layers, classes, seen=False)] if classes else layers
    return Network([*front, *D.layers], D.input_shape)

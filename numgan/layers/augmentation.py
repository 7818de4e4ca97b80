"""L20, differentiable augmentation: a random linear map of every image that D judges.

    y_n = A_n x_n,      A_n drawn anew for each image and each forward pass

D sees data and samples through maps of one law, so it cannot learn the few data by heart, and G is
not asked to make augmented images: D compares A x with A G(z), and where the law of A x determines
that of x, the two laws are equal only if those of x and G(z) are (arXiv:2006.10738, 2006.06676).
G's gradient goes through A as through any layer. A is linear, so for the A that was drawn

    dx = Aᵀ dy      Ry = A Rx      Rdx = Aᵀ Rdy

with that same A: what was drawn is the cache. Another draw would be another map's gradient.
Outside training D judges what it is given: `evaluation` is the identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numgan.arguments import not_negative
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.dropout import Identity
from numgan.layers.layer import Layer, Shape, image


class RandomLinear(Layer):
    """y = A x with A = A(k), k drawn for each image: a subclass says how to draw k, and A and Aᵀ.

    k are whole numbers or float32, whatever the precision of x: one seed, one map.
    """

    bends = False
    random = True
    keeps_mean = False

    def draw(self, shape: Shape, rng: Any) -> Any:
        """k for a batch of that shape."""
        raise NotImplementedError

    def map(self, k: Any, x: Array) -> Array:
        """A x"""
        raise NotImplementedError

    def adjoint(self, k: Any, y: Array) -> Array:
        """Aᵀ y"""
        raise NotImplementedError

    def output_shape(self, shape):
        return image(shape)

    def evaluation(self):
        return Identity()

    def forward(self, P, x, rng=None):
        if rng is None:
            raise InputError(f"{self} draws random numbers: forward needs a generator rng")
        k = self.draw(x.shape, rng)
        return self.map(k, x), k  # L20      y = A x

    def backward(self, P, k, dy):
        return self.adjoint(k, dy)  # dL20    dx = Aᵀ dy

    def rforward(self, P, k, RP, Rx):
        return self.map(k, Rx), None  # R{L20}   Ry = A Rx

    def rbackward(self, P, k, RP, Rcache, dy, Rdy):
        return self.adjoint(k, Rdy)  # R{dL20} Rdx = Aᵀ Rdy


@dataclass(frozen=True)
class Translation(RandomLinear):
    """Each image is moved by whole pixels, at most a share of its sides.      x, y (N, H, W, C)

        y[n,i,j] = x[n, i − a_n, j − b_n], 0 outside,   a_n, b_n uniform on −A … A and −B … B

    with A = ⌊share H + ½⌋, and B likewise of W. The adjoint moves back: what left the image has
    weight 0.
    """

    share: float = 0.125

    def __post_init__(self):
        share_of_a_side(self.share)

    def draw(self, shape, rng):
        N, H, W, _ = shape
        A, B = (int(self.share * side + 0.5) for side in (H, W))
        return rng.integers(2 * A + 1, size=N) - A, rng.integers(2 * B + 1, size=N) - B

    def map(self, k, x):
        return moved(x, *k)

    def adjoint(self, k, y):
        a, b = k
        return moved(y, -a, -b)

    @classmethod
    def examples(cls):
        return [(cls(0.3), (5, 4, 6, 2)), (cls(), (1, 8, 2, 1)), (cls(0.0), (2, 3, 2, 1))]


@dataclass(frozen=True)
class Cutout(RandomLinear):
    """A box of each image becomes 0, at most a share of its sides.      x, y (N, H, W, C)
        arXiv:1708.04552

        y = k ⊙ x,   k = 0 in a box of h × w pixels around a pixel drawn uniformly, else 1

    with h = ⌊share H + ½⌋, and w likewise of W; the box is cut off at the border. A diagonal matrix
    is its own adjoint.
    """

    share: float = 0.5

    def __post_init__(self):
        share_of_a_side(self.share)

    def draw(self, shape, rng):
        N, H, W, _ = shape
        rows, columns = (self.inside(side, rng.integers(side, size=N)) for side in (H, W))
        return ~(rows[:, :, None] & columns[:, None, :])[..., None]

    def inside(self, side, centre):
        """Where the box is along one side, (N, side)."""
        size = int(self.share * side + 0.5)
        places = namespace(centre).arange(side) - centre[:, None] + size // 2
        return (places >= 0) & (places < size)

    def map(self, k, x):
        return k * x

    def adjoint(self, k, y):
        return k * y

    @classmethod
    def examples(cls):
        return [(cls(), (5, 4, 6, 2)), (cls(0.4), (1, 5, 2, 1))]


@dataclass(frozen=True)
class Brightness(RandomLinear):
    """Each image becomes lighter or darker as a whole.      x, y (N, H, W, C)

        y_n = x_n + b_n,      b_n uniform on [−width/2, width/2]

    The same number is added to all of x_n, so A is the identity here, for y's derivatives: dx = dy.
    """

    width: float = 1.0

    def __post_init__(self):
        not_negative(width=self.width)

    def draw(self, shape, rng):
        return self.width * (rng.random((shape[0], 1, 1, 1), dtype="float32") - 0.5)

    def forward(self, P, x, rng=None):
        y, b = super().forward(P, x, rng)
        return y + b.astype(x.real.dtype), b  # L20     y = x + b

    def map(self, k, x):
        return x

    def adjoint(self, k, y):
        return y

    @classmethod
    def examples(cls):
        return [(cls(), (5, 2, 3, 1)), (cls(0.2), (1, 1, 2, 3))]


def moved(x: Array, a: Array, b: Array) -> Array:
    """x[n, i − a_n, j − b_n], and 0 where that is outside the image."""
    xp = namespace(x)
    N, H, W, _ = x.shape
    i, j = xp.arange(H) - a[:, None], xp.arange(W) - b[:, None]  # (N, H) and (N, W)
    inside = ((i >= 0) & (i < H))[:, :, None] & ((j >= 0) & (j < W))[:, None, :]
    y = x[xp.arange(N)[:, None, None], i[:, :, None] % H, j[:, None, :] % W]
    return y * inside[..., None]


def share_of_a_side(share: Any) -> None:
    """Raise InputError unless it is a number from 0 to below 1."""
    not_negative(share=share)
    if share >= 1:
        raise InputError(f"share must be below 1, the whole side, got {share}")


AUGMENTATIONS: dict[str, RandomLinear] = {
    "brightness": Brightness(),
    "translation": Translation(),
    "cutout": Cutout(),
}

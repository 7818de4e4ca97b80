"""More images than a block holds: the same numbers as of all at once, by every pass."""

import numpy as np
import pytest

from numgan.layers import Convolution, TransposedConvolution, blocks

N = 2 * blocks.IMAGES + 3
EPS = np.finfo(float).eps


@pytest.mark.parametrize("kind", [Convolution, TransposedConvolution])
def test_a_whole_minibatch_is_its_blocks(kind, monkeypatch):
    """To rounding: products of other sizes, and a sum over N images in another order."""
    layer, rng = kind(2, 3, 4, 2, 1), np.random.default_rng(0)
    P, x = layer.initial(rng), rng.standard_normal((N, 6, 6, 2))
    y, cache = layer.forward(P, x)
    dy = rng.standard_normal(y.shape)

    def passes():
        maps = layer.forward(P, x)[0], layer.backward(P, cache, dy)
        return maps, layer.gradient(P, cache, dy)

    (y, dx), dP = passes()
    monkeypatch.setattr(blocks, "IMAGES", N)
    (whole_y, whole_dx), whole = passes()
    for ours, theirs in ((y, whole_y), (dx, whole_dx)):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=64 * EPS * abs(theirs).max())
    for ours, theirs in zip(dP, whole, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=N * EPS * 8 * abs(theirs).max())

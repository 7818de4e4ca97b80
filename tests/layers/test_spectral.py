"""L11: the largest singular value, found by power iteration, and a gradient that keeps ‖W‖."""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.layers import Convolution, Dense, SpectralNorm, Tanh, TransposedConvolution

LAYERS = [Dense(7, 5), Convolution(3, 5, 3, 1, 1), TransposedConvolution(3, 2, 4, 2, 1, bias=False)]


@pytest.mark.parametrize("inner", LAYERS)
def test_power_iteration_finds_the_largest_singular_value(inner):
    """The error falls by (σ₂/σ₁)² an iteration; after 300 nothing is left of it but rounding."""
    layer, rng = SpectralNorm(inner), np.random.default_rng(0)
    P = layer.initial(rng)
    for _ in range(300):
        layer.observe(P, None)
    W, u, v = P[0].reshape(len(P[-2]), -1), P[-2], P[-1]
    np.testing.assert_allclose(u @ W @ v, np.linalg.svd(W, compute_uv=False)[0], rtol=1e-10)
    np.testing.assert_allclose([u @ u, v @ v], 1, rtol=1e-11)


@pytest.mark.parametrize("inner", LAYERS)
def test_the_gradient_has_no_part_along_W(inner):
    """Ŵ does not change when W is scaled, so ⟨dW, W⟩ = 0."""
    layer, rng = SpectralNorm(inner), np.random.default_rng(0)
    P, x = (
        layer.initial(rng),
        rng.standard_normal((4, *((6, 6, 3) if inner is not LAYERS[0] else (7,)))),
    )
    y, cache = layer.forward(P, x)
    dW = layer.gradient(P, cache, rng.standard_normal(y.shape))[0]
    assert abs((dW * P[0]).sum()) <= 1e-12 * abs(dW * P[0]).sum()
    np.testing.assert_allclose(layer.forward((2 * P[0], *P[1:]), x)[0], y, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("K", "s"), [(3, 1), (4, 2), (3, 2)])
def test_a_convolution_stretches_by_at_most_the_patches_that_a_pixel_is_in(K, s):
    """⌈K/s⌉: more than 1, which the found stretch is too. By power iteration of the map and its
    adjoint.
    """
    layer, rng = SpectralNorm(Convolution(2, 3, K, s, 1, bias=False)), np.random.default_rng(0)
    P, x = layer.initial(rng), rng.standard_normal((1, 8, 8, 2))
    for _ in range(300):
        layer.observe(P, None)
    for _ in range(100):
        y, cache = layer.forward(P, x / np.linalg.norm(x))
        x = layer.backward(P, cache, y)
    assert 1 < np.linalg.norm(y) <= -(-K // s)


def test_a_dense_layer_stretches_nothing():
    layer, rng = SpectralNorm(Dense(7, 5)), np.random.default_rng(0)
    P = layer.initial(rng)
    for _ in range(300):
        layer.observe(P, None)
    a, b = rng.standard_normal((2, 100, 7))
    (ya, _), (yb, _) = layer.forward(P, a), layer.forward(P, b)
    assert (np.linalg.norm(ya - yb, axis=1) <= np.linalg.norm(a - b, axis=1) * (1 + 1e-10)).all()


def test_a_layer_without_a_weight_is_refused():
    with pytest.raises(InputError, match=r"needs a layer with a weight W, got Tanh"):
        SpectralNorm(Tanh())

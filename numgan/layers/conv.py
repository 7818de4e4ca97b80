"""The map of L3 and L4 and its two adjoints, as sums.

    conv(x, W)[n,i,j,o] = Σ_uvc x[n, s·i+u−p, s·j+v−p, c] W[u,v,c,o]          x (N, H, W, C)
        W (K, K, C, O)

A map that is linear in each of two arguments has two adjoints, and they are all the calculus that
there is:

    ⟨conv(x, W), y⟩ = ⟨x, convᵀ(y, W)⟩ = ⟨W, convʷ(x, y)⟩

    convᵀ(y, W)[n,a,b,c] = Σ_uvo y[n,i,j,o] W[u,v,c,o]   over the i, j with s·i+u−p = a, s·j+v−p = b
    convʷ(x, y)[u,v,c,o] = Σ_nij x[n, s·i+u−p, s·j+v−p, c] y[n,i,j,o]

**G groups** (L17). Group g has the C/G channels of x from g C/G on, the O/G of y from g O/G on, and
a kernel of its own, W (K, K, C/G, O) with the same O/G channels: channel o is a sum over its own
group's c alone. Without a term between groups each of the three sums is a sum of its own in every
group, on slices of the last axis of both arguments, so all three are done group by group. With
G = C = O a channel meets itself alone, and a product of matrices is one of numbers: the depthwise
convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

from numgan.backend import Array, namespace
from numgan.layers.sums import feature_sum


def conv(x: Array, W: Array, s: int, p: int, b: Array | float = 0.0, G: int = 1) -> Array:
    """conv(x, W) + b, (N, h, w, O), as one matrix product for each kernel row u.

    For a fixed u the sum over (v, c) is a product of rows of K·C numbers, which lie side by side in
    memory.
    """
    if G > 1:
        each = depthwise if W.shape[2:] == (1, G) else partial(by_group, conv, G)
        return each(x, W, s, p) + b  # L17
    xp = namespace(x)
    K, _, C, O = W.shape
    X = patches(x, K, s, p)
    N, h, w = X.shape[:3]
    y = xp.empty((N * h * w, O), xp.result_type(x, W, b))
    y[...] = b
    for u in kernel_rows(K, C):
        y += X[:, :, :, u].reshape(N * h * w, -1) @ W[u].reshape(-1, O)  # L3
    return y.reshape(N, h, w, O)


def conv_weight(x: Array, y: Array, K: int, s: int, p: int, G: int = 1) -> Array:
    """convʷ(x, y), (K, K, C/G, O)."""
    C, O = x.shape[3], y.shape[3]
    if G > 1:
        each = depthwise_weight if C == O == G else partial(by_group, conv_weight, G)
        return each(x, y, K, s, p)  # L17
    xp = namespace(x)
    X = patches(x, K, s, p)
    N, h, w = X.shape[:3]
    Y = y.reshape(N * h * w, O)
    W = xp.empty((K, K, C, O), xp.result_type(x, y))
    for u in kernel_rows(K, C):
        W[u] = (X[:, :, :, u].reshape(N * h * w, -1).T @ Y).reshape(-1, K, C, O)
    return W


def conv_transpose(
    y: Array, W: Array, s: int, p: int, size: tuple[int, int], b: Array | float = 0.0, G: int = 1
) -> Array:
    """convᵀ(y, W) + b, (N, *size, C): each tap (u, v) of the kernel sends y W[u,v]ᵀ to the pixels
    that it read.

    Neighbouring taps v … v+s−1 of all y[i, :] together fill a row of pixels without a gap: where s
    divides K they share one product, whose result lies in memory as the pixels do.
    """
    if G > 1:
        each = (
            depthwise_transpose if W.shape[2:] == (1, G) else partial(by_group, conv_transpose, G)
        )
        return each(y, W, s, p, size) + b  # L17
    xp = namespace(y)
    (N, h, w, O), (K, _, C, _), (height, width) = y.shape, W.shape, size
    Y, t = y.reshape(N * h * w, O), s if K % s == 0 else 1
    x = xp.empty((N, height + 2 * p, width + 2 * p, C), xp.result_type(y, W, b))
    x[...] = b
    for u, v in product(range(K), range(0, K, t)):
        taps = Y @ W[u, v : v + t].reshape(t * C, O).T
        x[:, u : u + s * h : s, v : v + s * w : s // t] += taps.reshape(N, h, w * t, C)  # L4
    return x[:, p : p + height, p : p + width]


def patches(x: Array, K: int, s: int, p: int) -> Array:
    """x[n, s·i+u−p, s·j+v−p, c] as a view (N, h, w, K, K, C) of the padded image: nothing is copied
    but the padding.

    i and u step through the same axis, i by s of its strides. (sliding_window_view would wait for a
    GPU.)
    """
    xp = namespace(x)
    if p > 0:
        N, H, W, C = x.shape
        padded = xp.zeros((N, H + 2 * p, W + 2 * p, C), x.dtype)
        padded[:, p : p + H, p : p + W] = x
        x = padded
    (N, H, W, C), (n, a, b, c) = x.shape, x.strides
    shape = N, (H - K) // s + 1, (W - K) // s + 1, K, K, C
    return xp.lib.stride_tricks.as_strided(x, shape, (n, s * a, s * b, a, b, c))


def kernel_rows(K: int, C: int) -> list[slice]:
    """The kernel rows of each product: one, whose patches fit the processor's cache; all where a
    row is short.
    """
    return [slice(u, u + 1) for u in range(K)] if K * C >= 64 else [slice(0, K)]


def by_group(f: Callable[..., Array], G: int, a: Array, b: Array, *more: Any) -> Array:
    """f of the g-th slices of a and b, for every group g, side by side: the last axis of each is
    cut into G.
    """
    xp = namespace(a)
    slices = zip(xp.split(a, G, axis=-1), xp.split(b, G, axis=-1), strict=True)
    return xp.concatenate([f(ag, bg, *more) for ag, bg in slices], axis=-1)


def depthwise(x: Array, W: Array, s: int, p: int) -> Array:
    """conv(x, W) of each channel by itself, W (K, K, 1, C): a tap multiplies all of its pixels."""
    X, K = patches(x, len(W), s, p), len(W)
    y = namespace(x).zeros(X.shape[:3] + x.shape[3:], namespace(x).result_type(x, W))
    for u, v in product(range(K), range(K)):
        y += X[:, :, :, u, v] * W[u, v, 0]
    return y


def depthwise_weight(x: Array, y: Array, K: int, s: int, p: int) -> Array:
    """convʷ(x, y), (K, K, 1, C)."""
    X = patches(x, K, s, p)
    taps = [feature_sum(X[:, :, :, u, v] * y) for u, v in product(range(K), range(K))]
    return namespace(x).stack(taps).reshape(K, K, 1, -1)


def depthwise_transpose(y: Array, W: Array, s: int, p: int, size: tuple[int, int]) -> Array:
    """convᵀ(y, W), (N, *size, C)."""
    (N, h, w, C), (height, width), K = y.shape, size, len(W)
    x = namespace(y).zeros((N, height + 2 * p, width + 2 * p, C), namespace(y).result_type(y, W))
    for u, v in product(range(K), range(K)):
        x[:, u : u + s * h : s, v : v + s * w : s] += y * W[u, v, 0]
    return x[:, p : p + height, p : p + width]

"""Every layer against PyTorch in float64: 40 random configurations of each, the forward pass and
all gradients.

The configurations are those of tests/layers/cases.py. A layer without an entry in TWINS is skipped,
and told so. Two implementations that share no code and no author. The differences are sums of up to
a few thousand terms in another order, at ε = 2e-16 and relative to the largest entry: below 1e-12.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.layers import (
    ACTIVATIONS,
    ELU,
    GELU,
    AveragePool,
    BatchNorm,
    Brightness,
    Categories,
    Chain,
    ClassPlanes,
    Conditioned,
    Convolution,
    Cutout,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GroupNorm,
    Identity,
    InstanceNoise,
    InstanceNorm,
    LayerNorm,
    LeakyReLU,
    MinibatchDeviation,
    Pack,
    PixelNorm,
    PixelShuffle,
    Projection,
    ReLU,
    Reshape,
    Residual,
    RunningNorm,
    SelfAttention,
    Sigmoid,
    SiLU,
    Softplus,
    SpectralNorm,
    Tanh,
    Translation,
    TransposedConvolution,
    Upsample,
    one_hot,
)
from tests.layers.cases import CASES, point

try:
    import torch
except ImportError:
    torch = None
else:
    F = torch.nn.functional
    torch.set_num_threads(1)  # for arrays this small, threads only wait for each other
needs_torch = pytest.mark.skipif(torch is None, reason="the differential tests need PyTorch")
CONFIGURATIONS = 40


# ── the layers as PyTorch has them: images channels first, kernels (O, I, K, K), weights (O, I)
# ──────────────────────


def chw(x):
    """(N, H, W, C) → (N, C, H, W)"""
    return x.permute(0, 3, 1, 2)


def hwc(y):
    """(N, C, H, W) → (N, H, W, C)"""
    return y.permute(0, 2, 3, 1)


def kernel(W):
    """(K, K, I, O) → (O, I, K, K)"""
    return W.permute(3, 2, 0, 1).contiguous()


def dense(layer, x, W, b):
    return F.linear(x, W.T, b)


def convolution(layer, x, W, b=None):
    return hwc(F.conv2d(chw(x), kernel(W), b, layer.stride, layer.padding, 1, layer.groups))


def transposed(layer, x, W, b=None):
    return hwc(
        F.conv_transpose2d(
            chw(x), kernel(W), b, layer.stride, layer.padding, layer.output_padding, layer.groups
        )
    )


def batch_norm(layer, x, gamma, beta, mean, var):
    training = not isinstance(layer, RunningNorm)
    rows = x.reshape(-1, layer.C)
    running = mean.detach().clone(), var.detach().clone()
    y = F.batch_norm(rows, *running, gamma, beta, training, layer.momentum, layer.epsilon)
    return y.reshape(x.shape)


def layer_norm(layer, x, gamma, beta):
    return F.layer_norm(x, layer.shape, gamma, beta, layer.epsilon)


def instance_norm(layer, x, gamma, beta):
    if x.shape[1:3] == (1, 1):  # which PyTorch refuses: x is its own mean
        return 0 * x + 0 * gamma + beta
    return hwc(F.instance_norm(chw(x), weight=gamma, bias=beta, eps=layer.epsilon))


def group_norm(layer, x, gamma, beta):
    return hwc(F.group_norm(chw(x), layer.G, gamma, beta, layer.epsilon))


def dropout(layer, x):
    kept = np.random.default_rng(7).random(tuple(x.shape), dtype="float32") >= layer.p
    return torch.where(torch.from_numpy(kept), x / (1 - layer.p), 0.0)


def embedding(layer, c, E):
    return F.embedding(c.argmax(1), E) + 0 * c.sum()


def average_pool(layer, x):
    return hwc(F.avg_pool2d(chw(x), layer.s))


def upsample(layer, x):
    return hwc(F.interpolate(chw(x), scale_factor=layer.s, mode="nearest"))


def pixel_shuffle(layer, x):
    return hwc(F.pixel_shuffle(chw(x), layer.s))


def reshape(layer, x):
    return torch.unflatten(torch.flatten(x, 1), 1, layer.shape)


def pack(layer, x):
    return torch.cat([torch.roll(x, -j, 0) for j in range(layer.M)], 1)


def flatten(layer, x):
    return torch.nn.Flatten()(x)


def spectral_norm(layer, x, W, *rest):
    *b, u, v = rest
    sigma = torch.dot(u.detach(), W.reshape(len(u), len(v)).mv(v.detach()))
    return TWINS[type(layer.layer)](layer.layer, x, W / sigma, *b)


def minibatch_deviation(layer, x):
    s = torch.sqrt(x.var(0, correction=0) + layer.epsilon).mean()
    return torch.cat([x, s.expand(*x.shape[:-1], 1)], -1)


def residual(layer, x, *P):
    f, g = layer.parts().values()
    count = len(f.parameters())
    return chain(f, x, *P[:count]) + chain(g, x, *P[count:])


def chain(layer, x, *P):
    for part, p in zip(layer.layers, layer.split(P), strict=True):
        x = TWINS[type(part)](part, x, *p)
    return x


def conditioned(layer, x, *P):
    inside, c = x if layer.seen else x[:, : -layer.classes], x[:, -layer.classes :]
    return torch.cat([chain(layer.f, inside, *P), c], 1)


def class_planes(layer, x):
    H, W, _ = layer.shape
    planes = x[:, None, None, -layer.classes :].expand(-1, H, W, -1)
    return torch.cat([x[:, : -layer.classes].reshape(-1, *layer.shape), planes], -1)


def projection(layer, x, w, b, E):
    h, c = x[:, : layer.F], x[:, layer.F :]
    return F.linear(h, w[None], b) + torch.einsum("nf,nk,kf->n", h, c, E)[:, None]


def categories(layer, x):
    blocks = torch.split(x, [layer.free, *layer.sizes], dim=1)
    return torch.cat([blocks[0], *(F.softmax(b / layer.tau, dim=1) for b in blocks[1:])], 1)


def pixel_norm(layer, x):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + layer.epsilon)


def self_attention(layer, x, Wq, Wk, Wv):
    X = torch.flatten(x, 1, -2)
    Y = F.scaled_dot_product_attention(X @ Wq, X @ Wk, X @ Wv)
    return Y.reshape(*x.shape[:-1], layer.O)


def instance_noise(layer, x, t):
    xi = np.random.default_rng(7).standard_normal(tuple(x.shape), dtype="float32")
    s = layer.sigma * (1 - t.detach() / layer.steps).clamp(min=0)
    return x + s * torch.from_numpy(xi) if layer.sigma else x.clone()


def translation(layer, x):
    N, *sides, _ = x.shape
    rng, most = np.random.default_rng(7), [int(layer.share * side + 0.5) for side in sides]
    a, b = (rng.integers(2 * m + 1, size=N) - m for m in most)
    (H, W), (A, B) = sides, most
    wide = F.pad(chw(x), (B, B, A, A))  # cut a window out of each image on a grey ground
    windows = [wide[n, :, A - a[n] : A - a[n] + H, B - b[n] : B - b[n] + W] for n in range(N)]
    return hwc(torch.stack(windows))


def cutout(layer, x):
    N, *sides, _ = x.shape
    rng, kept = np.random.default_rng(7), torch.ones(N, *sides, 1, dtype=x.dtype)
    (h, i), (w, j) = ((int(layer.share * side + 0.5), rng.integers(side, size=N)) for side in sides)
    for n in range(N):
        top, left = i[n] - h // 2, j[n] - w // 2
        kept[n, max(top, 0) : max(top + h, 0), max(left, 0) : max(left + w, 0)] = 0
    return x * kept


def brightness(layer, x):
    b = np.random.default_rng(7).random(len(x), dtype="float32") - np.float32(0.5)
    return x + torch.from_numpy(layer.width * b)[:, None, None, None]


TWINS = {
    Dense: dense,
    Convolution: convolution,
    TransposedConvolution: transposed,
    BatchNorm: batch_norm,
    RunningNorm: batch_norm,
    LayerNorm: layer_norm,
    InstanceNorm: instance_norm,
    GroupNorm: group_norm,
    Dropout: dropout,
    Embedding: embedding,
    AveragePool: average_pool,
    Upsample: upsample,
    PixelShuffle: pixel_shuffle,
    Reshape: reshape,
    Pack: pack,
    Flatten: flatten,
    SpectralNorm: spectral_norm,
    MinibatchDeviation: minibatch_deviation,
    Residual: residual,
    Chain: chain,
    Conditioned: conditioned,
    ClassPlanes: class_planes,
    Projection: projection,
    Categories: categories,
    PixelNorm: pixel_norm,
    SelfAttention: self_attention,
    InstanceNoise: instance_noise,
    Translation: translation,
    Cutout: cutout,
    Brightness: brightness,
    Identity: lambda layer, x: x.clone(),
    ReLU: lambda layer, x: F.relu(x),
    LeakyReLU: lambda layer, x: F.leaky_relu(x, layer.alpha),
    ELU: lambda layer, x: F.elu(x, layer.alpha),
    Tanh: lambda layer, x: torch.tanh(x),
    Sigmoid: lambda layer, x: torch.sigmoid(x),
    Softplus: lambda layer, x: F.softplus(x, threshold=1e9),
    SiLU: lambda layer, x: F.silu(x),
    GELU: lambda layer, x: F.gelu(x),
}


# ── the comparison
# ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", CASES)
@settings(max_examples=CONFIGURATIONS, deadline=None)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_forward_and_all_gradients(kind, data, seed):
    layer, shape = data.draw(CASES[kind])
    twin = TWINS.get(type(layer))
    if twin is None:
        pytest.skip(
            f"{type(layer).__name__} has no twin in PyTorch: add it to TWINS in "
            f"tests/test_layers_torch.py"
        )
    if torch is None:
        pytest.skip("the differential tests need PyTorch")
    at = point(layer, shape, seed=seed)
    x, P, dy, rng = at.x, at.P, at.dy, np.random.default_rng(seed)
    if kind == "Embedding":
        x = one_hot(rng.integers(shape[1], size=shape[0]), shape[1], "float64")
    y, cache = at.forward(P, x)
    ours = {"y": y, "x": layer.backward(P, cache, dy)}
    ours |= zip(layer.parameters(), layer.gradient(P, cache, dy), strict=True)
    if kind == "Embedding":
        del ours["x"]  # PyTorch looks rows up by number and has no gradient to them

    tensors = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, *P)]
    expected = twin(layer, *tensors)
    expected.backward(torch.from_numpy(dy.copy()))
    theirs = {"y": expected.detach()} | {
        n: t.grad for n, t in zip(("x", *layer.parameters()), tensors, strict=True)
    }
    for name, value in ours.items():
        if name in layer.fixed:
            assert not value.any()
        else:
            assert close(value, theirs[name].numpy()), f"{name} of {layer} on {shape}"


def close(ours, theirs):
    return ours.shape == theirs.shape and np.max(np.abs(ours - theirs)) <= 1e-12 * max(
        1, np.max(np.abs(theirs))
    )


@needs_torch
def test_running_averages_and_evaluation():
    """A few batches through both, then both outside training: the same averages, and the same y."""
    for seed in range(CONFIGURATIONS):
        rng = np.random.default_rng(seed)
        N, H, W, C = rng.integers((2, 1, 1, 1), (5, 9, 9, 7)).tolist()
        momentum = float(rng.uniform(0.01, 1))
        layer, theirs = (
            BatchNorm(C, momentum=momentum),
            torch.nn.BatchNorm2d(C, momentum=momentum).double(),
        )
        P = layer.initial(rng)
        for _ in range(3):
            x = 1 + 2 * rng.standard_normal((N, H, W, C))
            layer.observe(P, layer.forward(P, x)[1])
            theirs(chw(torch.from_numpy(x)))
        assert close(P[2], theirs.running_mean.numpy()) and close(P[3], theirs.running_var.numpy())
        y, _ = layer.evaluation().forward(P, x)
        assert close(y, hwc(theirs.eval()(chw(torch.from_numpy(x)))).detach().numpy())


@needs_torch
def test_power_iteration():
    """The singular vectors that spectral norm remembers are those of PyTorch, step by step."""
    for seed in range(CONFIGURATIONS):
        rng = np.random.default_rng(seed)
        I, O = rng.integers(1, 9, 2).tolist()
        layer = SpectralNorm(Dense(I, O))
        W, b, u, v = layer.initial(rng)
        inner = torch.nn.Linear(I, O).double()
        with torch.no_grad():
            inner.weight.copy_(torch.from_numpy(W.T))
        theirs = torch.nn.utils.parametrizations.spectral_norm(inner, n_power_iterations=1)
        state = theirs.parametrizations.weight[0]
        with torch.no_grad():
            # their weight is the transpose: u and v change places
            state._u.copy_(torch.from_numpy(v))
            state._v.copy_(torch.from_numpy(u))
        for _ in range(3):
            theirs.train()
            what = theirs.weight.detach().numpy().T  # one power iteration, then W/σ
            layer.observe((W, b, u, v), None)
            assert close(layer.forward((W, b, u, v), np.eye(I))[0] - b, what)


def named(layer, P):
    return zip(layer.parameters(), P, strict=True)


@needs_torch
def test_networks_agree_after_training_steps():
    """Three steps of gradient descent of a whole network with convolutions and batch norm: the same
    θ.
    """
    from numgan.network import Network

    rng = np.random.default_rng(0)
    net = Network(
        [
            Convolution(2, 5, 4, 2, 1),
            ACTIVATIONS["leaky_relu"](),
            Convolution(5, 6, 3, 1, 1, bias=False),
            BatchNorm(6),
            ACTIVATIONS["tanh"](),
            TransposedConvolution(6, 3, 4, 2, 1),
            Flatten(),
            Dense(192, 2),
        ],
        (8, 8, 2),
    )
    theta = net.initial(rng, "float64")
    leaves = [
        [
            torch.from_numpy(p.copy()).requires_grad_(n not in layer.fixed)
            for n, p in named(layer, P)
        ]
        for layer, P in zip(net.layers, net.views(theta), strict=True)
    ]
    for _ in range(3):
        x, dy = rng.standard_normal((4, 8, 8, 2)), rng.standard_normal((4, 2))
        _, tape = net.forward(theta, x)
        theta -= 0.1 * net.gradient(theta, tape, dy)
        y = torch.from_numpy(x)
        for layer, P in zip(net.layers, leaves, strict=True):
            y = TWINS[type(layer)](layer, y, *P)
        y.backward(torch.from_numpy(dy))
        with torch.no_grad():
            for p in (p for P in leaves for p in P if p.requires_grad):
                p -= 0.1 * p.grad
                p.grad = None
    flat = np.concatenate([p.detach().numpy().ravel() for P in leaves for p in P])
    assert close(theta, flat)

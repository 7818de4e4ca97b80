"""One iteration of Algorithm 1, the same arithmetic for everyone: numgan, PyTorch, JAX.

Each contender is a function that takes a workload and returns `run(n)`, which does n iterations (on
a GPU it may return before they are done: `clock` waits for them). The noise is drawn by each
library's own generator, on the device. The limit of NumPy is in limit.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from numgan.backend import generator, keep_memory, to_device
from tests.benchmarks.workloads import Run, Workload


def numgan(w: Workload, device: str = "cpu") -> Run:
    """This library, through the same Training that `numgan train` uses."""
    from numgan.architectures import mlp
    from numgan.game import Game
    from numgan.layers import Tanh
    from numgan.objectives import OBJECTIVES
    from numgan.optimizers import Adam
    from numgan.penalties import PENALTIES
    from numgan.training import Training

    keep_memory()
    x = to_device(w.batch(), device)

    class Fixed:
        def batch(self, m, rng):
            return x

    rng = np.random.default_rng(1)
    G, D = mlp(w.G, last=[Tanh()] if w.tanh else []), mlp(w.D)
    penalty = replace(PENALTIES[w.penalty], weight=w.weight) if w.penalty else None
    game = Game(G, D, OBJECTIVES[w.objective], penalty)
    theta_d, theta_g = (to_device(network.initial(rng), device) for network in (D, G))
    training = Training(
        game,
        Fixed(),
        generator(device, rng, "device"),
        theta_d,
        theta_g,
        Adam(2e-4, 0.5),
        Adam(2e-4, 0.5),
        m=w.m,
        k=w.k,
    )

    def run(n: int) -> None:
        for _ in range(n):
            training.iteration()

    return run


def torch(w: Workload, device: str = "cpu", fused: bool = False) -> Run:
    """PyTorch eager, written as its own DCGAN example writes it: D on data, D on detached fakes,
    then G.
    """
    import torch
    from torch import nn

    torch.manual_seed(1)

    def mlp(sizes, tanh=False):
        layers: list[nn.Module] = []
        for i, o in zip(sizes[:-1], sizes[1:], strict=True):
            layers += [nn.Linear(i, o), nn.LeakyReLU(0.2)]
        return nn.Sequential(*layers[:-1], *([nn.Tanh()] if tanh else []))

    G, D = mlp(w.G, w.tanh).to(device), mlp(w.D).to(device)
    adam_g = torch.optim.Adam(G.parameters(), 2e-4, (0.5, 0.999), fused=fused or None)
    adam_d = torch.optim.Adam(D.parameters(), 2e-4, (0.5, 0.999), fused=fused or None)
    loss, one, zero = (
        nn.BCEWithLogitsLoss(),
        torch.ones(w.m, 1, device=device),
        torch.zeros(w.m, 1, device=device),
    )
    x = torch.from_numpy(w.batch()).to(device)

    wasserstein, wide = w.objective == "wasserstein", w.penalty == "wgan-gp"

    def paid(fake):
        epsilon = torch.rand(w.m, 1, device=device) if wide else 1.0
        points = (epsilon * x + (1 - epsilon) * fake).detach().requires_grad_()
        (g,) = torch.autograd.grad(D(points).sum(), points, create_graph=True)
        price = (g.norm(dim=1) - 1) ** 2 if wide else (g * g).sum(1) / 2
        return w.weight * price.mean()

    def d_loss(fake):
        V = D(fake).mean() - D(x).mean() if wasserstein else loss(D(x), one) + loss(D(fake), zero)
        return V + paid(fake) if w.penalty else V

    def g_loss(a):
        return -a.mean() if wasserstein else loss(a, one)

    def run(n: int) -> None:
        for _ in range(n):
            for _ in range(w.k):
                with torch.no_grad():
                    fake = G(torch.randn(w.m, w.G[0], device=device))
                adam_d.zero_grad(set_to_none=True)
                d_loss(fake).backward()
                adam_d.step()
            D.requires_grad_(False)
            adam_g.zero_grad(set_to_none=True)
            g_loss(D(G(torch.randn(w.m, w.G[0], device=device)))).backward()
            adam_g.step()
            D.requires_grad_(True)

    return run


def torch_fused(w: Workload, device: str = "cpu") -> Run:
    """PyTorch eager with its fused Adam."""
    return torch(w, device, fused=True)


def jax(w: Workload, device: str = "cpu") -> Run:
    """JAX, the whole iteration under one jit with donated state, on the device that it was
    installed for.
    """
    import functools

    import jax
    import jax.numpy as jnp

    def init(key, sizes):
        keys = jax.random.split(key, len(sizes))
        return [
            (jax.random.normal(k, (i, o)) * (2 / i) ** 0.5, jnp.zeros(o))
            for k, i, o in zip(keys, sizes[:-1], sizes[1:], strict=False)
        ]

    def net(params, x, tanh=False):
        for W, b in params[:-1]:
            x = jax.nn.leaky_relu(x @ W + b, 0.2)
        W, b = params[-1]
        return jnp.tanh(x @ W + b) if tanh else x @ W + b

    def adam(params, grads, m, v, t):
        tree = jax.tree_util.tree_map
        m = tree(lambda m, g: 0.5 * m + 0.5 * g, m, grads)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
        step = lambda p, m, v: p - 2e-4 * (m / (1 - 0.5**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)  # noqa: E731
        return tree(step, params, m, v), m, v

    wasserstein, wide = w.objective == "wasserstein", w.penalty == "wgan-gp"

    def paid(d, x, fake, key):
        epsilon = jax.random.uniform(key, (w.m, 1)) if wide else 1.0
        g = jax.grad(lambda points: net(d, points).sum())(epsilon * x + (1 - epsilon) * fake)
        price = (jnp.linalg.norm(g, axis=1) - 1) ** 2 if wide else (g * g).sum(1) / 2
        return w.weight * price.mean()

    def d_loss(d, x, fake, key):
        if wasserstein:
            V = net(d, fake).mean() - net(d, x).mean()
        else:
            V = jax.nn.softplus(-net(d, x)).mean() + jax.nn.softplus(net(d, fake)).mean()
        return V + paid(d, x, fake, key) if w.penalty else V

    def g_loss(g, d, z):
        a = net(d, net(g, z, w.tanh))
        return -a.mean() if wasserstein else jax.nn.softplus(-a).mean()

    x = jnp.asarray(w.batch())

    @functools.partial(jax.jit, donate_argnums=0)
    def iteration(state):
        g, d, mg, vg, md, vd, key, t = state
        for step in range(w.k):
            key, k1, k2 = jax.random.split(key, 3)
            fake = net(g, jax.random.normal(k1, (w.m, w.G[0])), w.tanh)
            d, md, vd = adam(d, jax.grad(d_loss)(d, x, fake, k2), md, vd, w.k * t + step + 1)
        key, k1 = jax.random.split(key)
        t = t + 1
        g, mg, vg = adam(g, jax.grad(g_loss)(g, d, jax.random.normal(k1, (w.m, w.G[0]))), mg, vg, t)
        return g, d, mg, vg, md, vd, key, t

    kg, kd, key = jax.random.split(jax.random.PRNGKey(1), 3)
    g, d = init(kg, w.G), init(kd, w.D)
    zero = lambda params: jax.tree_util.tree_map(jnp.zeros_like, params)  # noqa: E731
    state = [(g, d, zero(g), zero(g), zero(d), zero(d), key, jnp.float32(0))]

    def run(n: int) -> None:
        for _ in range(n):
            state[0] = iteration(state[0])
        jax.block_until_ready(state[0])

    return run

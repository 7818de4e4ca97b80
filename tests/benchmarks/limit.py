"""The limit of NumPy: one iteration of Algorithm 1 written out by hand for dense layers.

It computes the numbers of `Training.iteration` and keeps none of the library's laws. Every buffer
is ready, every result is written over what is no longer needed, and what can share a product
shares it:

    D sees data, samples and the penalty's points as one batch of 2m or 3m rows.
    The points go back with dy = −1. Their R-pass then writes Rx over their x, so that one product
    xᵀ dy of all rows gives ∇(Ṽ − R): dW = Σ x dy over data and samples, −RdW = Σ Rx (−dy) over
    the points.
    Adam keeps sums in place of means, its bias corrections are two numbers a step.

What is left are the products, the passes over arrays that NumPy cannot fuse, and about 90 calls.
`tests/test_limit.py` holds it to the library's θ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.layers.functions import sigmoid
from tests.benchmarks.workloads import Run, Workload

SLICE = 65_536


class Rows:
    """Some rows of a network's buffers: x before each layer and after the last, slopes, dy."""

    def __init__(self, net: Net, start: int, stop: int):
        self.net, rows = net, slice(start, stop)
        self.x, self.slope, self.dy = (
            [array[rows] for array in arrays] for arrays in (net.x, net.slope, net.dy)
        )
        self.dx = net.dx[rows]
        self.mask = [np.empty(slope.shape, bool) for slope in self.slope]
        self.ones = np.ones(stop - start, net.dx.dtype)

    def forward(self) -> None:
        """x to the last layer, and the slopes of leaky ReLU."""
        for n, (W, b) in enumerate(self.net.P):
            y = self.x[n + 1]
            np.matmul(self.x[n], W, out=y)
            y += b
            if n < len(self.slope):
                np.greater(y, 0, out=self.mask[n])
                np.multiply(self.mask[n], y.dtype.type(0.8), out=self.slope[n])
                self.slope[n] += y.dtype.type(0.2)
                y *= self.slope[n]
            elif self.net.tanh:
                np.tanh(y, out=y)

    def backward(self) -> None:
        """dy of every layer, from that of the last."""
        for n in range(len(self.slope), 0, -1):
            back(self.dy[n], self.net.P[n][0], self.dy[n - 1])
            self.dy[n - 1] *= self.slope[n - 1]

    def to_input(self) -> Any:
        """dx of the first layer."""
        back(self.dy[0], self.net.P[0][0], self.dx)
        return self.dx

    def rforward(self, u: Any) -> None:
        """Rx over x, along u at the input: only ∂/∂θ Σ a is left to take, which reads no x."""
        self.x[0][...] = u
        for n, slope in enumerate(self.slope):
            np.matmul(self.x[n], self.net.P[n][0], out=self.x[n + 1])
            self.x[n + 1] *= slope

    def gradient(self, biased: Rows) -> None:
        """dW of these rows and db of those, into the flat gradient."""
        for n, (dW, db) in enumerate(self.net.dP):
            np.matmul(self.x[n].T, self.dy[n], out=dW)
            np.matmul(biased.ones, biased.dy[n], out=db)


def back(dy: Any, W: Any, dx: Any) -> None:
    """dx = dy Wᵀ; a product of one column is quicker as a broadcast."""
    if W.shape[1] == 1:
        np.multiply(dy, W.T, out=dx)
    else:
        np.matmul(dy, W.T, out=dx)


class Net:
    """θ, its gradient, Adam's sums, and the buffers for a number of rows."""

    def __init__(self, sizes: tuple[int, ...], theta: Any, rows: int, tanh: bool, out: Any = None):
        empty = lambda n: np.empty((rows, n), theta.dtype)  # noqa: E731
        self.theta, self.dtheta, self.tanh = theta, np.empty_like(theta), tanh
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0
        self.P, self.dP = layers(sizes, theta), layers(sizes, self.dtheta)
        self.x = [*map(empty, sizes[:-1]), empty(sizes[-1]) if out is None else out]
        self.slope = [empty(n) for n in sizes[1:-1]]
        self.dy, self.dx = [empty(n) for n in sizes[1:]], empty(sizes[0])

    def step(self, sign: int, eta: float = 2e-4, beta1: float = 0.5, beta2: float = 0.999) -> None:
        """E36 with m = (1 − β₁) Σ β₁ⁱ g and v likewise, kept as the sums alone."""
        self.t += 1
        root = ((1 - beta2**self.t) / (1 - beta2)) ** 0.5
        eta, epsilon = sign * eta * root * (1 - beta1) / (1 - beta1**self.t), 1e-8 * root
        for start in range(0, self.theta.size, SLICE):
            part = slice(start, start + SLICE)
            g, m, v = self.dtheta[part], self.m[part], self.v[part]
            m *= beta1
            m += g
            v *= beta2
            g *= g
            v += g
            np.sqrt(v, out=g)
            g += epsilon
            np.divide(m, g, out=g)
            g *= eta
            self.theta[part] += g


def layers(sizes: tuple[int, ...], vector: Any) -> list[tuple[Any, Any]]:
    """(W, b) of each layer, views into the vector."""
    views, start = [], 0
    for i, o in zip(sizes[:-1], sizes[1:], strict=True):
        W, b = vector[start : start + i * o], vector[start + i * o : start + i * o + o]
        views.append((W.reshape(i, o), b))
        start += i * o + o
    return views


class Limit:
    """A training of a workload from θ_d and θ_g, which it moves, on one fixed batch x."""

    def __init__(self, w: Workload, theta_d: Any, theta_g: Any, x: Any, rng: Any):
        self.w, self.rng, m = w, rng, w.m
        self.D = Net(w.D, theta_d, 3 * m if w.penalty else 2 * m, False)
        self.G = Net(w.G, theta_g, m, w.tanh, out=self.D.x[0][m : 2 * m])
        self.data, self.theta_bar = x, theta_g.copy()
        self.all, self.judged = Rows(self.D, 0, len(self.D.dx)), Rows(self.D, 0, 2 * m)
        self.real, self.fake = Rows(self.D, 0, m), Rows(self.D, m, 2 * m)
        self.points, self.latent = Rows(self.D, 2 * m, len(self.D.dx)), Rows(self.G, 0, m)

    def sample(self) -> None:
        """z, and G(z) straight into D's rows of samples."""
        z = self.latent.x[0]
        self.rng.standard_normal(z.shape, z.dtype, out=z)
        self.latent.forward()

    def discriminator_step(self) -> None:
        w, (real, fake, points) = self.w, (self.real, self.fake, self.points)
        real.x[0][...] = self.data
        self.sample()
        if w.penalty == "wgan-gp":
            epsilon = self.rng.random((w.m, 1), self.data.dtype)
            np.subtract(real.x[0], fake.x[0], out=points.x[0])
            points.x[0] *= epsilon
            points.x[0] += fake.x[0]
        elif w.penalty == "r1":
            points.x[0][...] = self.data
        self.all.forward()
        if w.objective == "wasserstein":
            real.dy[-1][...], fake.dy[-1][...] = 1 / w.m, -1 / w.m
        else:
            real.dy[-1][...] = sigmoid(-real.x[-1]) / w.m
            fake.dy[-1][...] = -sigmoid(fake.x[-1]) / w.m
        points.dy[-1][...] = -1
        self.all.backward()
        if w.penalty:
            g = points.to_input()  # −∇ₓa
            s = np.einsum("ni,ni->n", g, g)[:, None]
            g *= -w.weight / w.m * (2 - 2 / np.sqrt(s) if w.penalty == "wgan-gp" else 1)
            points.rforward(g)
        self.all.gradient(self.judged)
        self.D.step(+1)

    def generator_step(self) -> None:
        fake, latent, m = self.fake, self.latent, self.w.m
        self.sample()
        fake.forward()
        if self.w.objective == "wasserstein":
            fake.dy[-1][...] = -1 / m
        else:
            fake.dy[-1][...] = -sigmoid(-fake.x[-1]) / m
        fake.backward()
        dx = fake.to_input()
        if self.w.tanh:
            y = fake.x[0]
            y *= y
            np.subtract(1, y, out=y)
            np.multiply(dx, y, out=latent.dy[-1])
        else:
            latent.dy[-1][...] = dx
        latent.backward()
        latent.gradient(latent)
        self.G.step(-1)
        self.theta_bar[...] = self.G.theta

    def iteration(self) -> None:
        for _ in range(self.w.k):
            self.discriminator_step()
        self.generator_step()


def limit(w: Workload) -> Run:
    """As a contender."""
    from numgan.architectures import mlp
    from numgan.backend import keep_memory

    keep_memory()
    rng = np.random.default_rng(1)
    theta_d, theta_g = (mlp(sizes).initial(rng) for sizes in (w.D, w.G))
    training = Limit(w, theta_d, theta_g, w.batch(), rng)

    def run(n: int) -> None:
        for _ in range(n):
            training.iteration()

    return run

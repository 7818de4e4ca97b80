"""L12, minibatch standard deviation."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.arguments import above_zero
from numgan.backend import namespace
from numgan.layers.layer import Layer


@dataclass(frozen=True)
class MinibatchDeviation(Layer):
    """One more feature, equal for all: how much the samples of the batch differ.
        arXiv:1710.10196, section 3

    x (N, …, C)   y (N, …, C+1)
        With f running over the F numbers of one sample and E over the N samples,

        σ_f = √(E (x_f − E x_f)² + ε)      s = (1/F) Σ_f σ_f      y = [x | s]

    A collapsed generator makes s small, and D can see it. As in batch norm ∂σ_f/∂x_nf = (x_nf − E
    x_f)/(N σ_f), so with e = (x − E x)/(F N σ), the gradient of s, and ds the sum of dy over all
    the places where s stands,

        dx = dy_x + ds e
        Rs = Σ e Rx          Rσ_f = E[(x_f − E x_f) Rx_f]/σ_f
            Re = (Rx − E Rx)/(F N σ) − e Rσ/σ
        Rdx = Rdy_x + Rds e + ds Re
    """

    epsilon: float = 1e-8
    couples = True

    def __post_init__(self):
        above_zero(epsilon=self.epsilon)

    def output_shape(self, shape):
        return *shape[:-1], shape[-1] + 1

    def total(self, x):
        """Σ over the N samples, in the shape of one."""
        return x.sum(axis=0)

    def count(self, x):
        """N."""
        return len(x)

    def forward(self, P, x):
        N = self.count(x)
        centred = x - self.total(x) / N
        sigma = namespace(x).sqrt(self.total(centred * centred) / N + self.epsilon)
        # F N numbers in all
        e = centred / sigma / (sigma.size * N)
        return self.beside(x, sigma.mean()), (e, sigma)  # L12     y = [x | s]

    def backward(self, P, cache, dy):
        e, _ = cache
        return dy[..., :-1] + self.total(dy[..., -1]).sum() * e  # dL12   dx = dy_x + ds e

    def rforward(self, P, cache, RP, Rx):
        e, sigma = cache
        N, Rsigma = self.count(Rx), self.total(e * Rx) * sigma.size
        Re = (Rx - self.total(Rx) / N) / sigma / (sigma.size * N) - e * Rsigma / sigma
        return self.beside(Rx, Rsigma.mean()), Re  # R{L12}  Ry = [Rx | Σ e Rx]

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        (e, _), Re = cache, Rcache
        ds, Rds = (self.total(d[..., -1]).sum() for d in (dy, Rdy))
        return Rdy[..., :-1] + Rds * e + ds * Re  # R{dL12}

    def beside(self, x, s):
        """[x | s]"""
        y = namespace(x).empty((*x.shape[:-1], x.shape[-1] + 1), x.dtype)
        y[..., :-1], y[..., -1] = x, s
        return y

    @classmethod
    def examples(cls):
        return [(cls(), (5, 3)), (cls(), (3, 2, 2, 2))]

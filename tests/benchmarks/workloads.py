"""What is timed: the sizes of two networks of dense layers, a minibatch, an objective, a penalty.

Every iteration: k steps of D on m data and m samples, one step of G on fresh noise, Adam(2e-4, 0.5,
0.999), float32, leaky ReLU 0.2. The data are one fixed batch, so that no sampler is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

Run = Callable[[int], None]  # run(n) does n iterations


@dataclass(frozen=True)
class Workload:
    """Sizes of G's and D's layers, whether G ends in tanh, the batch m, D's steps k, the objective,
    a penalty and its weight."""

    G: tuple[int, ...]
    D: tuple[int, ...]
    tanh: bool
    m: int
    k: int = 1
    objective: str = "nonsaturating"
    penalty: str | None = None
    weight: float = 0.0

    def batch(self) -> np.ndarray:
        """The data."""
        return np.random.default_rng(0).uniform(-1, 1, (self.m, self.D[0])).astype(np.float32)

    def resized(self, m: int | None, width: int | None) -> Workload:
        """The same with another minibatch, or with hidden layers of another width."""
        G, D = (
            s if width is None else (s[0], *[width] * (len(s) - 2), s[-1]) for s in (self.G, self.D)
        )
        return replace(self, G=G, D=D, m=self.m if m is None else m)


RING = Workload((2, 128, 128, 2), (2, 128, 128, 1), False, 256)
WORKLOADS = {
    "ring": RING,
    "mlp784": Workload((64, 256, 512, 784), (784, 512, 256, 1), True, 128),
    "wgangp": replace(RING, k=5, objective="wasserstein", penalty="wgan-gp", weight=10.0),
    # `numgan train digits --hidden 256,512 --penalty r1 --weight 0.3`
    "digits": Workload((16, 256, 512, 64), (64, 512, 256, 1), True, 64, penalty="r1", weight=0.3),
}

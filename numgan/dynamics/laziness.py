"""E56: a penalty at every n-th step of D, n times as strong, with alternating steps.

On the Dirac-GAN near (0, 0) a plain step is w ← A w and a penalised one w ← A diag(1 − q, 1) w,

    A = ( 1   −k   )        k = hc,   q = hγn,   cos φ = 1 − k²/2
        ( k  1 − k²)

det A = 1, so a cycle of n steps, M = Aⁿ diag(1 − q, 1), has

    det M = 1 − q        tr M = 2 cos nφ − q cos((n − ½)φ)/cos(φ/2)

and converges if and only if |det M| < 1 and |tr M| < 1 + det M, the two conditions of Jury:

    0 < q < 2
    sin(nφ/2) [sin((n + 1)φ/2) + (1 − q) sin((n − 1)φ/2)] > 0
    cos(nφ/2) [cos((n + 1)φ/2) + (1 − q) cos((n − 1)φ/2)] > 0

For n = 1 this is q < 2 − k²/2. The last two also fail where n is near a whole number of half turns
of the game, nφ ≈ π, 2π, …: there the penalty meets ψ in the same phase each time.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.dynamics.rules import Rule


def lazy(d: int, penalty: Array, n: int, k: int = 1) -> Rule:
    """Alternating steps, k of D (the first d entries of w) and one of G. At every n-th step of D,
    the first one included, the field has n · `penalty` w beside it: a matrix, −∂²R/∂w² at rest.

    The factors are those of a whole cycle, and of these the root that belongs to one step.

        >>> rule = lazy(d=1, penalty=np.diag([-0.5, 0.0]), n=2)
        >>> w, t = rule.step(lambda w: 0 * w, np.array([8.0, 1.0]), 0.5)  # 8 − ½·2·½·8
        >>> rule.step(lambda w: 0 * w, w, 0.5, t)  # no penalty at the second step
        (array([4., 1.]), 2)
    """

    def step(v: VectorField, w: Array, h: float, t: int | None = None) -> tuple[Array, int]:
        of_d, t = np.arange(len(w)) < d, t or 0
        for _ in range(k):
            paid = 0 * w if t % n else n * (penalty @ w)
            w, t = np.where(of_d, w + h * (v(w) + paid), w), t + 1  # E56
        return np.where(of_d, w, w + h * v(w)), t

    def factors(J: Array, h: float) -> Array:
        steps = n // gcd(n, k)  # until the penalty falls on the first step of D again
        cycle, columns = np.eye(len(J)), []
        for w in cycle:
            t = 0
            for _ in range(steps):
                w, t = step(lambda w: J @ w, w, h, t)
            columns.append(w)
        return np.linalg.eigvals(np.stack(columns, axis=1)).astype(complex) ** (1 / steps)

    return Rule(step, factors)


def lazy_converges(c: float, h: float, gamma: float, n: int) -> bool:
    """Whether alternating steps with a lazy penalty converge near (0, 0) of the Dirac-GAN, by E56.

    hc < 2, without which A itself has a factor beyond 1.

        >>> [lazy_converges(0.5, 0.2, 0.5, n) for n in (1, 18, 19)]  # q = 0.1, 1.8, 1.9
        [True, True, False]
    """
    phi, q = np.arccos(1 - (h * c) ** 2 / 2), h * gamma * n
    turn, more, less = n * phi / 2, (n + 1) * phi / 2, (n - 1) * phi / 2
    of_sine = np.sin(turn) * (np.sin(more) + (1 - q) * np.sin(less))
    of_cosine = np.cos(turn) * (np.cos(more) + (1 - q) * np.cos(less))
    return bool(0 < q < 2 and of_sine > 0 and of_cosine > 0)  # E56

"""E37, in continuous time and in parameters: a generator that is a point q of the simplex, and D a table of logits.

With D always at its best, g_k = ∂C/∂q_k = log q_k/(p_k + q_k) (E27). Three generators descend on C:

    mirror flow       dq_k/dt = −q_k (g_k − Σ_j q_j g_j)                q itself; the steps of E37 with η → 0
    softmax           q_k = e^{θ_k}/Σ_j e^{θ_j},   dθ_k/dt = −∂C/∂θ_k = −q_k (g_k − Σ_j q_j g_j)
    a curve q(t)      dt/ds = −⟨g, q'(t)⟩                               too few parameters to be everywhere

Along the mirror flow d/dt KL(p‖q) = −Σ p_k (dq_k/dt)/q_k = ⟨g, p − q⟩ ≤ C(p) − C(q), as C is convex: and since C falls,
C(q_t) + log 4 ≤ KL(p‖q_0)/t, which is E37's bound. The softmax flow stands still only where all g_k are equal, so q = p
only: in these θ C is not convex, but has no other stationary point. A curve stops where g is at right angles to it: at
the best of its points, or at a local one.

And with D learning too. On a table the logits a_k are D's parameters, V = Σ p_k log σ(a_k) + q_k log σ(−a_k), and at
the solution a = 0, q = p, with A = diag(p)/2 and B = (diag(p) − ppᵀ)/2,

    J = (−A  −B)          p = 1/K:   λ² + λ/2K + 1/4K² = 0,   λ = (−1 ± i√3)/4K     on all θ that sum to 0
        ( Bᵀ  0)

The game that turned for ever with all data at one point (E39) converges where data has mass everywhere: there D's own
curvature −p_k/2 damps it (Mescheder et al. 2018, arXiv:1801.04406, on absolutely continuous data).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.layers.functions import sigmoid, softplus


def slope(p: Array, q: Array) -> Array:
    """g = ∂C/∂q (K,), for q > 0."""
    return np.log(q / (p + q))                                                        # E37


def softmax(theta: Array) -> Array:
    """q_k = e^{θ_k}/Σ_j e^{θ_j}."""
    e = np.exp(theta - theta.real.max())
    return e / e.sum()


def uphill(q: Array, g: Array) -> Array:
    """q_k (g_k − Σ_j q_j g_j): ∂/∂θ of Σ q_k g_k with g held fixed, as ∂q_j/∂θ_k = q_j(δ_jk − q_k)."""
    return q * (g - q @ g)


def mirror_flow(p: Array) -> VectorField:
    """dq/dt on the simplex."""
    return lambda q: -uphill(q, slope(p, q))                                          # E37


def softmax_flow(p: Array) -> VectorField:
    """dθ/dt = −∂C/∂θ for q = softmax(θ)."""

    def v(theta: Array) -> Array:
        q = softmax(theta)
        return -uphill(q, slope(p, q))                                                # E26, E37

    return v


def curve_flow(p: Array, curve: Callable[[Array], tuple[Array, Array]]) -> VectorField:
    """dt/ds = −∂C/∂t for q = q(t); curve: t (1,) ↦ q and q' (K,)."""

    def v(t: Array) -> Array:
        q, dq = curve(t)
        return -(slope(p, q) @ dq).reshape(1)                                         # E37

    return v


def coins(t: Array) -> tuple[Array, Array]:
    """Two throws of one coin, s = σ(t): q = ((1−s)², 2s(1−s), s²) and dq/dt, s(1−s) dq/ds."""
    s, r = sigmoid(t), sigmoid(-t)
    return np.concatenate([r * r, 2 * s * r, s * s]), s * r * np.concatenate([-2 * r, 2 * (r - s), 2 * s])


def table_game(p: Array) -> VectorField:
    """Both players at once, w = (a, θ), each with K numbers: D ascends V, G = softmax(θ) descends it."""

    def v(w: Array) -> Array:
        a, theta = np.split(w, 2)
        q = softmax(theta)
        return np.concatenate([p * sigmoid(-a) - q * sigmoid(a), -uphill(q, -softplus(a))])   # E38

    return v


def table_eigenvalues(K: int) -> Array:
    """λ at the solution for p = 1/K, without repetition: (−1 ± i√3)/4K, and for θ that are all alike −1/2K and 0."""
    return np.array([-1 + 1j * 3**0.5, -1 - 1j * 3**0.5, -2, 0]) / (4 * K)

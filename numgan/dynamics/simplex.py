"""E37, in continuous time and in parameters: the generator is a point q of the simplex, D a table
of logits.

If D is always optimal, g_k = ∂C/∂q_k = log q_k/(p_k + q_k) (E27). Three generators descend on C:

    mirror flow     dq_k/dt = −q_k (g_k − Σ_j q_j g_j)              q itself; E37's steps as η → 0
    softmax         q_k = e^{θ_k}/Σ_j e^{θ_j},   dθ_k/dt = −∂C/∂θ_k = −q_k (g_k − Σ_j q_j g_j)
    a curve q(t)    dt/ds = −⟨g, q'(t)⟩                             too few parameters for all q

Along the mirror flow d/dt KL(p‖q) = −Σ p_k (dq_k/dt)/q_k = ⟨g, p − q⟩ ≤ C(p) − C(q), because C is
convex. Since C decreases, C(q_t) + log 4 ≤ KL(p‖q_0)/t, which is E37's bound. The softmax flow is
stationary only where all g_k are equal, that is only at q = p: as a function of θ, C is not convex,
but it has no other stationary point. A curve stops where g is orthogonal to it: at its best point,
or at a local minimum.

Now D learns too. On a table the logits a_k are D's parameters,
V = Σ p_k log σ(a_k) + q_k log σ(−a_k), and at the solution a = 0, q = p, with A = diag(p)/2 and
B = (diag(p) − ppᵀ)/2,

    J = (−A  −B)        p = 1/K, on all θ that sum to 0:   λ² + λ/2K + 1/4K² = 0
        ( Bᵀ  0)                                           λ = (−1 ± i√3)/4K

With all data at one point the game circles for ever (E39). It converges if the data have mass
everywhere: there D's own curvature −p_k/2 damps it (Mescheder et al. 2018, arXiv:1801.04406, on
absolutely continuous data).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.layers.functions import sigmoid, softplus


def slope(p: Array, q: Array) -> Array:
    """g = ∂C/∂q (K,), for q > 0.

    >>> p = np.array([0.5, 0.5])
    >>> slope(p, q=p).round(4)  # log ½
    array([-0.6931, -0.6931])
    """
    return np.log(q / (p + q))  # E37


def softmax(theta: Array) -> Array:
    """q_k = e^{θ_k}/Σ_j e^{θ_j}.

    >>> softmax(np.log([1.0, 3.0])).round(9)
    array([0.25, 0.75])
    """
    e = np.exp(theta - theta.real.max())
    return e / e.sum()


def uphill(q: Array, g: Array) -> Array:
    """q_k (g_k − Σ_j q_j g_j): ∂/∂θ of Σ q_k g_k with fixed g, since ∂q_j/∂θ_k = q_j(δ_jk − q_k).

    >>> uphill(np.array([0.25, 0.75]), np.array([1.0, 0.0]))  # ¼(1 − ¼), ¾(0 − ¼)
    array([ 0.1875, -0.1875])
    """
    return q * (g - q @ g)


def mirror_flow(p: Array) -> VectorField:
    """dq/dt on the simplex.

    >>> p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    >>> mirror_flow(p)(q).round(4)  # q_1 grows towards p_1
    array([ 0.1102, -0.1102])
    """
    return lambda q: -uphill(q, slope(p, q))  # E37


def softmax_flow(p: Array) -> VectorField:
    """dθ/dt = −∂C/∂θ for q = softmax(θ).

    >>> p, theta = np.array([0.5, 0.5]), np.log([0.25, 0.75])
    >>> softmax_flow(p)(theta).round(4)
    array([ 0.1102, -0.1102])
    """

    def v(theta: Array) -> Array:
        q = softmax(theta)
        return -uphill(q, slope(p, q))  # E26, E37

    return v


def curve_flow(p: Array, curve: Callable[[Array], tuple[Array, Array]]) -> VectorField:
    """dt/ds = −∂C/∂t for q = q(t); curve: t (1,) ↦ q and q' (K,).

    >>> p = np.array([0.0, 0.0, 1.0])
    >>> curve_flow(p, coins)(np.array([0.0])).round(4)  # −¼ log(¼/(1 + ¼)) = ¼ log 5
    array([0.4024])
    """

    def v(t: Array) -> Array:
        q, dq = curve(t)
        return -(slope(p, q) @ dq).reshape(1)  # E37

    return v


def coins(t: Array) -> tuple[Array, Array]:
    """Two tosses of one coin, s = σ(t): q = ((1−s)², 2s(1−s), s²) and dq/dt, s(1−s) dq/ds.

    >>> coins(np.array([0.0]))
    (array([0.25, 0.5 , 0.25]), array([-0.25,  0.  ,  0.25]))
    """
    s, r = sigmoid(t), sigmoid(-t)
    dq = s * r * np.concatenate([-2 * r, 2 * (r - s), 2 * s])
    return np.concatenate([r * r, 2 * s * r, s * s]), dq


def table_game(p: Array) -> VectorField:
    """Both players at once, w = (a, θ), K numbers each: D ascends V, G = softmax(θ) descends it.

    >>> v = table_game(np.array([1.0, 0.0]))
    >>> v(np.zeros(4))[:2]  # D: ½(p − q)
    array([ 0.25, -0.25])
    """

    def v(w: Array) -> Array:
        a, theta = np.split(w, 2)
        q = softmax(theta)
        dV_da = p * sigmoid(-a) - q * sigmoid(a)
        return np.concatenate([dV_da, -uphill(q, -softplus(a))])  # E38

    return v


def table_eigenvalues(K: int) -> Array:
    """λ at the solution for p = 1/K, each once: (−1 ± i√3)/4K, −1/2K and 0.

    The last two belong to directions whose K entries are equal, in a and in θ.

        >>> table_eigenvalues(1).real
        array([-0.25, -0.25, -0.5 ,  0.  ])
    """
    return np.array([-1 + 1j * 3**0.5, -1 - 1j * 3**0.5, -2, 0]) / (4 * K)

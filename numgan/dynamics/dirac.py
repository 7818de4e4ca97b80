"""E39, E40: the Dirac-GAN (Mescheder et al. 2018, arXiv:1801.04406), in closed form. w = (ψ, θ).

All data are at 0, all samples at θ, and the logit is a(x) = ψx. So a = 0 on the data for all w,
a = ψθ on the samples, and with f(t) = log σ(t) the value is V = f(0) + f(−ψθ). The solution is
(0, 0); there the Jacobian of every field is

    J = (−γ  −c)          λ² + γλ + c² = 0          λ = −γ/2 ± √(γ²/4 − c²)
        ( c   0)

The objective gives c: ½ for minimax and for non-saturating, 1 for Wasserstein. The damping gives γ:
0 without any; the weight γ of R1 on data or of R2 on samples, since the slope of a is ψ everywhere;
s²/2 for instance noise of variance s². Noise makes both laws absolutely continuous; without
it they are singular, and D has no curvature at the solution. With damping, small enough steps
(`spectrum.largest_step`) converge near it.

The eigenvalues ±ic do not decide convergence. In the minimax game v is orthogonal to w, so a flow
keeps its radius for ever. In the non-saturating game d/dt ½r² = ψθ(σ(−ψθ) − σ(ψθ)) = −ψθ tanh(ψθ/2)
≤ 0: the flow converges, but not at a geometric rate. Near the solution the mean over a turn is
dr²/dt = −r⁴/8, so r² ≈ 1/(1/r₀² + t/8). Simultaneous steps add h r²/4 to it and end on a circle
with r² ≈ 2h.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.layers.functions import sigmoid
from numgan.values import BaseObjective


def dirac_field(objective: BaseObjective) -> VectorField:
    """(∂V_d/∂ψ, −∂V_g/∂θ) of any objective: the derivatives of the logit ψθ are θ and ψ.

    >>> from numgan.objectives import OBJECTIVES
    >>> dirac_field(OBJECTIVES["wasserstein"])(np.array([2.0, 3.0]))
    array([-3.,  2.])
    """

    def v(w: Array) -> Array:
        psi, theta = w[:1], w[1:]
        a = psi * theta
        da_d, da_g = objective.gradient(0 * a, a)[1], objective.generator_gradient(a, 0 * a)
        return np.concatenate([theta * da_d, -psi * da_g])

    return v


def minimax(w: Array) -> Array:
    """(−θ, ψ) σ(ψθ).

    >>> minimax(np.array([0.0, 1.0]))
    array([-0.5,  0. ])
    """
    psi, theta = w
    return np.array([-theta, psi]) * sigmoid(psi * theta)  # E39


def nonsaturating(w: Array) -> Array:
    """(−θ σ(ψθ), ψ σ(−ψθ)).

    >>> nonsaturating(np.array([0.0, 1.0]))
    array([-0.5,  0. ])
    """
    psi, theta = w
    return np.array([-theta * sigmoid(psi * theta), psi * sigmoid(-psi * theta)])


def wasserstein(w: Array) -> Array:
    """(−θ, ψ): V = −ψθ.

    >>> wasserstein(np.array([2.0, 3.0]))
    array([-3.,  2.])
    """
    psi, theta = w
    return np.array([-theta, psi])  # E40


def r1(v: VectorField, gamma: float) -> VectorField:
    """The field v with the penalty ½γψ² on D. R2 gives the same: the logit has slope ψ at all x.

    >>> r1(wasserstein, gamma=0.5)(np.array([2.0, 3.0]))  # −3 − ½·2
    array([-4.,  2.])
    """
    return lambda w: v(w) - np.array([gamma * w[0], 0 * w[1]])  # E39


def gradient_penalty(v: VectorField, weight: float) -> VectorField:
    """The field v with the penalty λ(|ψ| − 1)² on D, of slope 2λ(ψ − sign ψ). DRAGAN's is the same.

    The slope jumps at ψ = 0, where the solution is. For ψ > 0 the field near ψ = 0 is that of a
    damping γ = 2λ about a wrong point, (0, 2λ/c); for ψ < 0 about the opposite one. With λ ≥ c,
    that is γ ≥ 2c, small steps do not overshoot and converge to such a point; with a smaller λ
    they circle around (0, 0).

        >>> gradient_penalty(wasserstein, weight=0.5)(np.array([2.0, 3.0]))  # −3 − (2 − 1)
        array([-4.,  2.])
    """
    return lambda w: (
        v(w)
        - np.array(
            [2 * weight * (w[0] - np.sign(w[0].real)), 0 * w[1]]  # E40
        )
    )


def instance_noise(s: float, nodes: int = 32) -> VectorField:
    """The minimax game with independent N(0, s²) added to data and samples.

    With x̃ = θ + e the value is V = E f(ψe) + E f(−ψx̃), and since f'(t) = σ(−t) = ½ − ½ tanh ½t

        ∂V/∂ψ = E[e f'(ψe)] − E[x̃ f'(−ψx̃)] = −½θ − ½E[e tanh ½ψe + x̃ tanh ½ψx̃]
       −∂V/∂θ = ψ E f'(−ψx̃) = ½ψ(1 + E tanh ½ψx̃)

    The mean over e is Gauss-Hermite quadrature. It is exact at (0, 0) for v and J, whose integrands
    are polynomials.

        >>> instance_noise(s=1.0)(np.array([0.0, 1.0]))
        array([-0.5,  0. ])
    """
    e, weights = np.polynomial.hermite_e.hermegauss(nodes)
    e, weights = s * e, weights / weights.sum()

    def v(w: Array) -> Array:
        psi, theta = w
        real, fake = np.tanh(psi * e / 2), np.tanh(psi * (theta + e) / 2)
        dpsi = -theta - weights @ (e * real + (theta + e) * fake)
        return np.array([dpsi, psi * (1 + weights @ fake)]) / 2  # E40

    return v


def dirac_jacobian(c: float, gamma: float = 0.0) -> Array:
    """J at (0, 0).

    >>> dirac_jacobian(c=0.5, gamma=1.0)
    array([[-1. , -0.5],
           [ 0.5,  0. ]])
    """
    return np.array([[-gamma, -c], [c, 0.0]])  # E39, E40


def dirac_eigenvalues(c: float, gamma: float = 0.0) -> Array:
    """−γ/2 ± √(γ²/4 − c²): imaginary for γ = 0, equal for γ = 2c, where the decay is fastest.

    >>> dirac_eigenvalues(c=1.0, gamma=2.5).real  # −1.25 ± 0.75
    array([-0.5, -2. ])
    """
    root = np.sqrt(complex(gamma**2 / 4 - c**2))
    return np.array([-gamma / 2 + root, -gamma / 2 - root])  # E39, E40


def invariant(w: Array, k: float) -> Array:
    """ψ² + θ² − kψθ along the last axis of w: constant in alternating steps of the linear game.

    There k = hc.

        >>> float(invariant(np.array([1.0, 2.0]), k=0.5))  # 1 + 4 − ½·2
        4.0
    """
    psi, theta = w[..., 0], w[..., 1]
    return psi**2 + theta**2 - k * psi * theta  # E39

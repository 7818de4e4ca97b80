"""E39, E40: the Dirac-GAN (Mescheder et al. 2018, arXiv:1801.04406), whose every number can be known. w = (ψ, θ).

All data at 0, all samples at θ, logit a(x) = ψx. So a = 0 on the data whatever the players do, a = ψθ on the samples,
and with f(t) = log σ(t) the value is V = f(0) + f(−ψθ). The solution is (0, 0); there the Jacobian of every field is

    J = (−γ  −c)          λ² + γλ + c² = 0          λ = −γ/2 ± √(γ²/4 − c²)
        ( c   0)

with c from the objective, ½ for minimax and for non-saturating, 1 for Wasserstein, and γ from what is done against the
turning: nothing, γ = 0; R1 with weight γ, on data or (R2) on samples, as the slope of a is ψ everywhere; instance noise
of variance s², γ = s²/2.

What the eigenvalues ±ic leave open. In the minimax game v is at right angles to w, so a flow keeps its radius for ever.
In the non-saturating game d/dt ½r² = ψθ(σ(−ψθ) − σ(ψθ)) = −ψθ tanh(ψθ/2) ≤ 0: the flow does go in, though at no
geometric rate. Near the solution the mean over a turn is dr²/dt = −r⁴/8, so r² ≈ 1/(1/r₀² + t/8); simultaneous steps
add h r²/4 to it, and end on a circle of r² ≈ 2h.
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.dynamics.field import VectorField
from numgan.layers.functions import sigmoid
from numgan.values import BaseObjective


def dirac_field(objective: BaseObjective) -> VectorField:
    """(∂V_d/∂ψ, −∂V_g/∂θ) of any objective: the logit ψθ has the derivatives θ and ψ."""

    def v(w: Array) -> Array:
        psi, theta = w[:1], w[1:]
        a = psi * theta
        da_d, da_g = objective.gradient(0 * a, a)[1], objective.generator_gradient(a, 0 * a)
        return np.concatenate([theta * da_d, -psi * da_g])

    return v


def minimax(w: Array) -> Array:
    """(−θ, ψ) σ(ψθ)."""
    psi, theta = w
    return np.array([-theta, psi]) * sigmoid(psi * theta)                             # E39


def nonsaturating(w: Array) -> Array:
    """(−θ σ(ψθ), ψ σ(−ψθ))."""
    psi, theta = w
    return np.array([-theta * sigmoid(psi * theta), psi * sigmoid(-psi * theta)])


def wasserstein(w: Array) -> Array:
    """(−θ, ψ): V = −ψθ."""
    psi, theta = w
    return np.array([-theta, psi])                                                    # E40


def r1(v: VectorField, gamma: float) -> VectorField:
    """D pays ½γψ²; R2 is the same here, the slope of the logit being ψ at every x."""
    return lambda w: v(w) - np.array([gamma * w[0], 0 * w[1]])                        # E39


def gradient_penalty(v: VectorField, weight: float) -> VectorField:
    """D pays λ(|ψ| − 1)², of slope 2λ(ψ − sign ψ): it jumps at ψ = 0, where the solution is. DRAGAN's is the same.

    For ψ > 0 the field near ψ = 0 is that of a damping γ = 2λ, about a wrong point, (0, 2λ/c); for ψ < 0 about the
    opposite one. A strong penalty, that does not overshoot, stops at such a point; a weak one circles around (0, 0).
    """
    return lambda w: v(w) - np.array([2 * weight * (w[0] - np.sign(w[0].real)), 0 * w[1]])  # E40


def instance_noise(s: float, nodes: int = 32) -> VectorField:
    """The minimax game with independent N(0, s²) added to data and samples: V = E f(ψe) + E f(−ψx̃), x̃ = θ + e.

        ∂V/∂ψ = E[e f'(ψe)] − E[x̃ f'(−ψx̃)] = −½θ − ½E[e tanh ½ψe + x̃ tanh ½ψx̃]
       −∂V/∂θ = ψ E f'(−ψx̃) = ½ψ(1 + E tanh ½ψx̃)                                  as f'(t) = σ(−t) = ½ − ½ tanh ½t

    The mean over e is Gauss and Hermite's quadrature, exact at (0, 0) for v and J, whose integrands are polynomials.
    """
    e, weights = np.polynomial.hermite_e.hermegauss(nodes)
    e, weights = s * e, weights / weights.sum()

    def v(w: Array) -> Array:
        psi, theta = w
        real, fake = np.tanh(psi * e / 2), np.tanh(psi * (theta + e) / 2)
        return np.array([-theta - weights @ (e * real + (theta + e) * fake), psi * (1 + weights @ fake)]) / 2   # E40

    return v


def dirac_jacobian(c: float, gamma: float = 0.0) -> Array:
    """J at (0, 0)."""
    return np.array([[-gamma, -c], [c, 0.0]])                                         # E39, E40


def dirac_eigenvalues(c: float, gamma: float = 0.0) -> Array:
    """−γ/2 ± √(γ²/4 − c²): on the imaginary axis for γ = 0, equal at γ = 2c, where the decay is fastest."""
    root = np.sqrt(complex(gamma**2 / 4 - c**2))
    return np.array([-gamma / 2 + root, -gamma / 2 - root])                           # E39, E40


def invariant(w: Array, k: float) -> Array:
    """ψ² + θ² − kψθ along the last axis of w: alternating steps of the linear game, k = hc, leave it as it is."""
    psi, theta = w[..., 0], w[..., 1]
    return psi**2 + theta**2 - k * psi * theta                                        # E39

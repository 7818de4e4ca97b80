"""Sections 1 to 5 and 8 of the derivation, and E52, on distributions whose densities are known. No
networks.

    P, Q = Gaussian(0, 1), Mixture([0.5, 0.5], [Gaussian(-2, 0.5), Gaussian(2, 0.5)])
    kl(P, Q), kl(Q, P), jsd(P, Q)                                   E2, E5, E24
    C(P, Q), V(optimal_logit(P, Q), P, Q), C_by_jsd(P, Q)           E21, E13 at E18, E25: one number
    x = np.linspace(-4, 4, 200); optimal_discriminator(P, Q)(x)     E18
    pull_table(OBJECTIVES, np.array([-1.0, 1.0]))
        E53: what G descends on against its best D

A distribution is an object with log_density, density, sample, mean, cov; a function of x takes rows
(N, dim) and returns (N,); a discriminator is its logit a(x). Everything is float64 and in nats.
"""

from numgan.theory import ftable, maps
from numgan.theory.danskin import gradient_by_path, gradient_of_C, maximum_slope
from numgan.theory.densities import Gaussian, Mixture, Uniform
from numgan.theory.density import Density
from numgan.theory.discrete import Discrete
from numgan.theory.discriminator import (
    V,
    V_integral,
    V_through,
    optimal_discriminator,
    optimal_logit,
    pointwise,
    pointwise_best,
    pointwise_curvature,
    pointwise_slope,
    value_gap,
)
from numgan.theory.em import fit_mixture
from numgan.theory.expectation import (
    crossings,
    expect,
    integral,
    merged_knots,
    monte_carlo,
    total_mass,
)
from numgan.theory.fdivergence import best_critic, f_divergence, variational_bound
from numgan.theory.finite import cell_ascent, cell_shares, cell_value, on_one_support, sampled_jsd
from numgan.theory.fits import covering_fit, seeking_fit
from numgan.theory.generator import (
    C,
    C_by_jsd,
    C_by_kl,
    confused_value,
    js_distance,
    jsd,
    jsd_by_entropy,
    log_two_step,
    midpoint,
)
from numgan.theory.given import FormulaDensity
from numgan.theory.ideal import (
    ideal_loop,
    ideal_update,
    shifted,
    simplex_gradient,
    simplex_loop,
    simplex_step,
    softmax,
)
from numgan.theory.information import (
    both_directions,
    cross_entropy,
    entropy,
    gibbs_gap,
    kl,
    log_ratio,
)
from numgan.theory.likelihood import (
    best_generator,
    expected_log_likelihood,
    fit_gaussian,
    likelihood,
    log_likelihood,
)
from numgan.theory.logarithms import LOG2, LOG4
from numgan.theory.other_games import (
    hinge_optimum,
    hinge_value,
    least_squares_cost,
    least_squares_optimum,
    least_squares_value,
)
from numgan.theory.pull import (
    Pull,
    best_logit,
    curvature,
    gap,
    jump,
    pull,
    pull_gradient,
    pull_table,
    pulled_divergence,
)
from numgan.theory.pushforward import Branch, Pushforward, expect_through, push_discrete
from numgan.theory.quadrature import Estimate, integrate
from numgan.theory.saddle import Saddle, least_value, saddle
from numgan.theory.wasserstein import best_lipschitz_critic, lipschitz_value, wasserstein

__all__ = [
    "LOG2",
    "LOG4",
    "Branch",
    "C",
    "C_by_jsd",
    "C_by_kl",
    "Density",
    "Discrete",
    "Estimate",
    "Gaussian",
    "FormulaDensity",
    "Mixture",
    "Pull",
    "Pushforward",
    "Saddle",
    "Uniform",
    "V",
    "V_integral",
    "V_through",
    "best_critic",
    "best_generator",
    "best_lipschitz_critic",
    "best_logit",
    "both_directions",
    "cell_ascent",
    "cell_shares",
    "cell_value",
    "confused_value",
    "covering_fit",
    "cross_entropy",
    "crossings",
    "curvature",
    "value_gap",
    "entropy",
    "expect",
    "expect_through",
    "expected_log_likelihood",
    "f_divergence",
    "fit_gaussian",
    "fit_mixture",
    "ftable",
    "gap",
    "gibbs_gap",
    "gradient_by_path",
    "gradient_of_C",
    "hinge_optimum",
    "hinge_value",
    "ideal_loop",
    "ideal_update",
    "integral",
    "integrate",
    "js_distance",
    "jsd",
    "jsd_by_entropy",
    "jump",
    "kl",
    "least_squares_cost",
    "least_squares_optimum",
    "least_squares_value",
    "least_value",
    "likelihood",
    "lipschitz_value",
    "log_likelihood",
    "log_ratio",
    "log_two_step",
    "maps",
    "maximum_slope",
    "merged_knots",
    "midpoint",
    "monte_carlo",
    "on_one_support",
    "optimal_discriminator",
    "optimal_logit",
    "pointwise",
    "pointwise_best",
    "pointwise_curvature",
    "pointwise_slope",
    "pull",
    "pull_gradient",
    "pull_table",
    "pulled_divergence",
    "push_discrete",
    "saddle",
    "sampled_jsd",
    "seeking_fit",
    "shifted",
    "simplex_gradient",
    "simplex_loop",
    "simplex_step",
    "softmax",
    "total_mass",
    "variational_bound",
    "wasserstein",
]

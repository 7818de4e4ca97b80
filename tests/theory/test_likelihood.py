"""E7-E10: maximum likelihood, and that it is a KL divergence."""

import numpy as np
import pytest
from scipy import stats

from numgan.errors import InputError
from numgan.theory import (
    Discrete,
    Gaussian,
    Mixture,
    best_generator,
    covering_fit,
    entropy,
    expected_log_likelihood,
    fit_gaussian,
    fit_mixture,
    jsd,
    kl,
    likelihood,
    log_likelihood,
    wasserstein,
)
from numgan.theory.em import em_step

TWO = Mixture([0.7, 0.3], [Gaussian(-2, 0.5), Gaussian(2, 0.4)])


def test_E7_likelihood_is_a_product_and_underflows_where_its_logarithm_does_not():
    Q, x = Gaussian(0), np.array([0.5, -1.0, 2.0])
    assert likelihood(Q, x) == pytest.approx(np.prod(stats.norm.pdf(x)), rel=1e-14)
    assert likelihood(Q, np.zeros(1000)) == 0.0
    assert log_likelihood(Q, np.zeros(1000)) == pytest.approx(
        1000 * stats.norm.logpdf(0), rel=1e-14
    )


def test_E8_gaussian_fit_is_scipys_and_no_neighbour_is_likelier():
    x = Gaussian([1, -2], cov=[[2, 0.5], [0.5, 1]]).sample(500, np.random.default_rng(0))
    Q = fit_gaussian(x)
    mean, cov = stats.multivariate_normal.fit(x)
    assert np.allclose(Q.mean, mean, rtol=1e-12) and np.allclose(Q.cov, cov, rtol=1e-12)
    for i in range(2):
        for h in (-0.05, 0.05):
            assert log_likelihood(
                Gaussian(Q.mean + h * np.eye(2)[i], cov=Q.cov), x
            ) < log_likelihood(Q, x)
            assert log_likelihood(
                Gaussian(Q.mean, cov=Q.cov + h * np.diag(np.eye(2)[i])), x
            ) < log_likelihood(Q, x)


def test_E8_fit_to_samples_is_the_covering_fit_of_the_empirical_distribution():
    x = TWO.sample(300, np.random.default_rng(1))
    Q, R = fit_gaussian(x), covering_fit(Discrete.empirical(x))
    # sums of 300 terms
    assert np.allclose(Q.mean, R.mean, rtol=1e-12) and np.allclose(Q.cov, R.cov, rtol=1e-12)


def test_E8_mixture_fit_climbs_and_finds_the_parameters():
    x = TWO.sample(4000, np.random.default_rng(2))
    fit = fit_mixture(x, 2, np.random.default_rng(3))
    # never falls, beside the rounding of a mean of 4000 terms
    assert np.all(np.diff(fit.history) > -1e-13)
    order = np.argsort(fit.mixture.means[:, 0])
    # 4 standard errors: of a weight √(0.21/n), of a mean σ/√n_k, of a deviation σ/√(2 n_k)
    n = 4000 * np.array([0.7, 0.3])
    assert np.all(np.abs(fit.mixture.weights[order] - [0.7, 0.3]) < 4 * np.sqrt(0.21 / 4000))
    assert np.all(
        np.abs(fit.mixture.means[order, 0] - [-2, 2]) < 4 * np.array([0.5, 0.4]) / np.sqrt(n)
    )
    assert np.all(
        np.abs(fit.mixture.stds[order, 0] - [0.5, 0.4]) < 4 * np.array([0.5, 0.4]) / np.sqrt(2 * n)
    )


def test_E8_at_the_optimum_an_em_step_changes_nothing():
    x = TWO.sample(500, np.random.default_rng(4))
    fit = fit_mixture(x, 2, np.random.default_rng(5), tol=1e-15).mixture
    again = em_step(fit, x)
    # a gain below 1e-15 leaves √1e-15 = 3e-8 in the parameters
    assert np.allclose(again.means, fit.means, atol=1e-6)
    assert np.allclose(again.weights, fit.weights, atol=1e-6)


def test_E8_mixture_fit_in_the_plane_from_a_start():
    angles = 2 * np.pi * np.arange(8) / 8
    ring = Mixture.of_gaussians(np.column_stack([np.cos(angles), np.sin(angles)]), 0.01)
    fit = fit_mixture(ring.sample(2000, np.random.default_rng(6)), 8, start=ring).mixture
    # at least 200 of 2000 points in each mode
    assert np.abs(fit.means - ring.means).max() < 4 * 0.01 / np.sqrt(200)


def test_E9_expected_log_likelihood_is_minus_entropy_minus_kl():
    P, Q = Discrete([0.2, 0.5, 0.3]), Discrete([0.4, 0.4, 0.2])
    assert expected_log_likelihood(P, Q) == pytest.approx(-entropy(P) - kl(P, Q), abs=1e-14)
    for Q in (Gaussian(0, 2), Gaussian(-1, 1), Mixture([0.5, 0.5], [Gaussian(-2), Gaussian(3)])):
        assert expected_log_likelihood(TWO, Q) == pytest.approx(
            -entropy(TWO) - kl(TWO, Q), abs=1e-10
        )


def test_E9_the_mean_log_likelihood_of_samples_tends_to_it():
    x, Q = TWO.sample(20000, np.random.default_rng(7)), Gaussian(0, 2)
    error = Q.log_density(x).std() / np.sqrt(20000)
    assert abs(log_likelihood(Q, x) / 20000 - expected_log_likelihood(TWO, Q)) < 4 * error


def test_E9_the_likeliest_parameter_is_the_one_of_least_kl():
    x, thetas = TWO.sample(200, np.random.default_rng(8)), np.linspace(-3, 3, 61)
    logL = [log_likelihood(Gaussian(t, 1), x) for t in thetas]
    # KL of the samples to a density is infinite, of the samples to its values at the samples it is
    # finite: the same up to a constant, which is E9
    P = Discrete.empirical(x)
    against = [np.sum(P.p * (np.log(P.p) - Gaussian(t, 1).log_density(P.support))) for t in thetas]
    assert np.argmax(logL) == np.argmin(against)
    assert np.allclose(np.array(logL) / 200 + against, -entropy(P), atol=1e-12)
    population = [kl(TWO, Gaussian(t, 1)) for t in thetas]
    assert abs(thetas[np.argmin(population)] - TWO.mean[0]) <= 0.05  # half a grid step


def test_E10_divergences_share_their_best_generator_if_the_data_is_in_the_family_only():
    thetas = np.linspace(-3, 3, 25)
    for divergence in (kl, jsd, lambda P, Q: kl(Q, P), wasserstein):
        best, values = best_generator(Gaussian(0.5), Gaussian, thetas, divergence)
        assert (
            thetas[best] == 0.5
            and values[best] == pytest.approx(0, abs=1e-12)
            and np.all(values >= -1e-12)
        )
    covering = thetas[best_generator(TWO, lambda t: Gaussian(t, 0.5), thetas, kl)[0]]
    seeking = thetas[
        best_generator(TWO, lambda t: Gaussian(t, 0.5), thetas, lambda P, Q: kl(Q, P))[0]
    ]
    # the grid points nearest to the mean −0.8 and to the larger mode
    assert covering == -0.75 and seeking == -2.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: fit_gaussian(np.ones((5, 2))), "eigenvalue 0: expected all positive"),
        (lambda: fit_gaussian(np.arange(8.0)[:, None] * [1, 2]), "eigenvalue"),
        (lambda: fit_mixture(np.arange(5.0), 2), "without rng and start"),
        (
            lambda: fit_mixture([0, 0, 0, 0, 9.0, 9.1], 2, np.random.default_rng(0)),
            "shrank onto a point",
        ),
        (
            lambda: fit_mixture(np.linspace(0, 1, 99), 2, np.random.default_rng(0), most_steps=2),
            "still gains",
        ),
    ],
)
def test_bad_input_is_named_with_its_figure(call, says):
    with pytest.raises(InputError, match=says):
        call()

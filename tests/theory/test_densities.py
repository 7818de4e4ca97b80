"""The densities against SciPy: values, distribution functions, gradients, samples, and what they
refuse.
"""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from numgan.errors import InputError
from numgan.theory import (
    Discrete,
    FormulaDensity,
    Gaussian,
    Mixture,
    Uniform,
    entropy,
    expect,
    total_mass,
)

COV = np.array([[2.0, 0.7], [0.7, 0.5]])
MIXED = Mixture(
    [0.2, 0.3, 0.5], [Gaussian([0, 0], cov=COV), Uniform([-1, 0], [2, 1]), Gaussian([3, -1], 0.2)]
)
ANGLES = 2 * np.pi * np.arange(8) / 8
RING = Mixture.of_gaussians(np.column_stack([np.cos(ANGLES), np.sin(ANGLES)]), 0.01)
PLANAR = {
    "gaussian": Gaussian([1, 2], cov=COV),
    "mixed": MIXED,
    "ring": RING,
    "uniform": Uniform([0, 1], [2, 5]),
}
LINE = Mixture([0.3, 0.7], [Gaussian(-1, 0.5), Gaussian(2, 1.5)])


def test_gaussian_log_density_is_scipys():
    x = np.random.default_rng(0).standard_normal((50, 2)) * 3
    full, aligned = (
        stats.multivariate_normal([1, 2], COV).logpdf(x),
        stats.norm([1, 2], [0.1, 3]).logpdf(x).sum(1),
    )
    # roundings of numbers up to 100
    assert np.allclose(Gaussian([1, 2], cov=COV).log_density(x), full, rtol=1e-13)
    assert np.allclose(Gaussian([1, 2], [0.1, 3]).log_density(x), aligned, rtol=1e-13)
    assert np.allclose(
        Gaussian(1, 2).log_density(x[:, 0]), stats.norm(1, 2).logpdf(x[:, 0]), rtol=1e-14
    )


def test_mixture_log_density_is_log_sum_exp_also_far_out():
    x = np.array([[0.0, 0.0], [1.0, 0.01], [30.0, -40.0], [1e6, 1e6]])
    parts = [
        stats.multivariate_normal(part.mean, 1e-4 * np.eye(2)).logpdf(x) for part in RING.components
    ]
    expected = logsumexp(np.array(parts), axis=0, b=1 / 8)
    # 1e-12: the exponent is (x−μ)²/2σ² with x−μ rounded at 1e-16 and σ = 0.01
    assert np.allclose(RING.log_density(x), expected, rtol=1e-12)
    assert RING.log_density(x)[3] < -1e15 and np.isfinite(RING.log_density(x)).all()


def test_stacked_and_separate_components_agree():
    separate = Mixture([0.5, 0.5], [RING, RING])  # not Gaussians, so asked one by one
    x = RING.sample(100, np.random.default_rng(1))
    assert np.allclose(separate.log_density(x), RING.log_density(x), rtol=1e-14)
    assert np.allclose(separate.mean, RING.mean, atol=1e-16) and np.allclose(
        separate.cov, RING.cov, rtol=1e-14
    )


@pytest.mark.parametrize("P", PLANAR.values(), ids=PLANAR)
def test_density_integrates_to_one_and_has_its_mean_and_covariance(P):
    assert total_mass(P) == pytest.approx(1, abs=1e-11)  # tolerance of the quadrature, 1e-11
    for i in range(2):
        assert expect(P, lambda x, i=i: x[:, i]) == pytest.approx(P.mean[i], abs=1e-11)
        for j in range(2):
            cov = expect(P, lambda x, i=i, j=j: (x[:, i] - P.mean[i]) * (x[:, j] - P.mean[j]))
            assert cov == pytest.approx(P.cov[i, j], abs=1e-11)


@pytest.mark.parametrize("P", PLANAR.values(), ids=PLANAR)
def test_samples_have_the_mean_and_covariance_within_4_standard_errors(P):
    n = 20000
    x = P.sample(n, np.random.default_rng(2))
    assert x.shape == (n, 2) and x.dtype == np.float64
    assert np.all(np.abs(x.mean(0) - P.mean) < 4 * np.sqrt(np.diag(P.cov) / n))
    products = (x - P.mean)[:, :, None] * (x - P.mean)[:, None, :]
    assert np.all(np.abs(products.mean(0) - P.cov) < 4 * products.std(0) / np.sqrt(n))


def test_same_seed_same_samples():
    assert np.array_equal(
        MIXED.sample(100, np.random.default_rng(3)), MIXED.sample(100, np.random.default_rng(3))
    )


def test_a_component_of_weight_zero_is_never_sampled():
    P = Mixture([0.0, 1.0, 0.0], [Gaussian(-100), Gaussian(0), Gaussian(100)])
    assert np.abs(P.sample(10000, np.random.default_rng(4))).max() < 10

    class Lowest(np.random.Generator):
        def random(self, n):
            return np.zeros(n)  # 0 is drawn once in 2^53 times

    assert np.abs(P.sample(10, Lowest(np.random.PCG64(0)))).max() < 10


def test_distribution_functions_are_scipys():
    x = np.linspace(-6, 9, 31)
    oracle = 0.3 * stats.norm(-1, 0.5).cdf(x) + 0.7 * stats.norm(2, 1.5).cdf(x)
    # erfc of the C library against SciPy's: a few roundings
    assert np.allclose(LINE.cdf(x), oracle, rtol=1e-13)
    # lower tail, 1e-198
    assert np.allclose(Gaussian(0).cdf([-30.0]), stats.norm.cdf(-30.0), rtol=1e-12)
    assert np.allclose(Uniform(1, 3).cdf(x), stats.uniform(1, 2).cdf(x), rtol=1e-15)
    assert np.allclose(
        Discrete([0.2, 0.3, 0.5], [2.0, -1.0, 4.0]).cdf([-2, -1, 3, 4]), [0, 0.3, 0.5, 1.0]
    )


@pytest.mark.parametrize(
    "P",
    [Gaussian([1, 2], cov=COV), Mixture(MIXED.weights[[1, 2]] / 0.8, MIXED.components[::2])],
    ids=["gaussian", "mixture"],
)
def test_score_is_the_gradient_of_the_log_density(P):
    x, h = np.random.default_rng(5).standard_normal((20, 2)), 6e-6
    for i in range(2):
        step = h * np.eye(2)[i]
        slope = (P.log_density(x + step) - P.log_density(x - step)) / (2 * h)
        # central difference: 10 digits at best
        assert np.allclose(P.score(x)[:, i], slope, rtol=1e-8, atol=1e-8)


def test_uniform_and_discrete_are_minus_infinity_off_their_support():
    assert np.array_equal(Uniform(0, 2).log_density([-1, 1, 3]), [-np.inf, -np.log(2), -np.inf])
    P = Discrete([0.25, 0.75, 0.0], [[0, 0], [1, 0], [0, 1]])
    assert np.array_equal(P.density([[1, 0], [5, 5], [-0.0, 0], [0, 1]]), [0.75, 0, 0.25, 0])
    # −0 is 0
    assert np.array_equal(Discrete([0.5, 0.5], [-0.0, 1]).density([0.0, 1.0]), [0.5, 0.5])


def test_discrete_samples_and_counts():
    P = Discrete([0.1, 0.0, 0.6, 0.3])
    n = 20000
    Q = Discrete.empirical(P.sample(n, np.random.default_rng(6)))
    assert np.array_equal(Q.support[:, 0], [0, 2, 3])
    p = P.p[[0, 2, 3]]
    assert np.all(np.abs(Q.p - p) < 4 * np.sqrt(p * (1 - p) / n))
    assert np.array_equal(P.table([1, 2, 3, 4])(np.array([[3.0], [0.0]])), [4, 1])


def test_a_density_given_by_its_formula():
    P = FormulaDensity(lambda x: -x[:, 0], [[0, 40]])  # exponential, cut where e^−40 = 4e-18
    assert P.mean[0] == pytest.approx(1, abs=1e-11) and P.cov[0, 0] == pytest.approx(1, abs=1e-11)
    assert entropy(P) == pytest.approx(stats.expon.entropy(), abs=1e-11)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Discrete([0.5, 0.6]), "sum to 1.1"),
        (lambda: Discrete([1.5, -0.5]), r"probabilities\[1\] = -0.5: expected non-negative"),
        (lambda: Discrete([np.nan, 1.0]), "expected non-negative"),
        (lambda: Discrete([0.5, 0.5], [1, 1]), "expected 2 distinct points"),
        (lambda: Discrete([0.5, 0.5], [1, 2, 3]), "expected 2 distinct points"),
        (lambda: Discrete([0.5, 0.5]).table([1]), "expected one value for each of 2"),
        (lambda: Gaussian(0, 0), "expected one or 1 positive"),
        (lambda: Gaussian([0, 0], [1, 2, 3]), "expected one or 2 positive"),
        (lambda: Gaussian(np.inf), "finite"),
        (lambda: Gaussian([0, 0], cov=[[1, 2], [2, 1]]), "eigenvalue -1"),
        (lambda: Gaussian([0, 0], cov=[[1, 2], [0, 1]]), "symmetric"),
        (lambda: Uniform(1, 0), "low < high"),
        (
            lambda: Mixture([0.5, 0.4], [Gaussian(0), Gaussian(1)]),
            "weights of a Mixture sum to 0.9",
        ),
        (lambda: Mixture([0.5, 0.5], [Gaussian(0)]), "2 weights and 1 components"),
        (lambda: Mixture([0.5, 0.5], [Gaussian(0), Gaussian([0, 0])]), "one dimension"),
        (lambda: Gaussian([0, 0]).log_density([1, 2]), r"expected \(N, 2\)"),
        (lambda: Gaussian([0, 0]).cdf([[1, 2]]), "in 2 dimensions: expected 1"),
        (
            lambda: FormulaDensity(lambda x: -x[:, 0], [[0, 1]]),
            "density integrates to 0.632120558829: expected 1",
        ),
    ],
)
def test_bad_input_is_named_with_its_figure(make, says):
    with pytest.raises(InputError, match=says):
        make()

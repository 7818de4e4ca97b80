"""E11, E12: the law of G(z) without an inverse of G."""

import numpy as np
import pytest
from scipy import stats

from numgan.errors import InputError
from numgan.theory import (
    LOG2,
    Branch,
    Discrete,
    Gaussian,
    Mixture,
    Pushforward,
    Uniform,
    expect,
    expect_through,
    jsd,
    kl,
    maps,
    monte_carlo,
    push_discrete,
    wasserstein,
)

Z = Gaussian(0)
SKEW = Mixture([0.3, 0.7], [Gaussian(-1.5, 0.4), Gaussian(0.5, 0.8)])
MAPS = {
    "affine": lambda z: maps.affine(z, -2, 1),
    "exponential": maps.exponential,
    "absolute": maps.absolute,
    "square": maps.square,
    "zigzag": maps.zigzag,
}
PHI = {
    "cosine": lambda x: np.cos(3 * x[:, 0]),
    "bump": lambda x: np.exp(-(x[:, 0] ** 2)),
    "indicator": lambda x: 1.0 * (x[:, 0] < 0.5),  # bounded and measurable, not continuous
}


@pytest.mark.parametrize("phi", PHI.values(), ids=PHI)
@pytest.mark.parametrize("prior", [Z, SKEW, Uniform(-1, 2)], ids=["normal", "mixture", "uniform"])
@pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
def test_E11_expectation_under_z_is_expectation_under_x(make, prior, phi):
    P_G = make(prior)
    through_z = expect_through(lambda z: P_G.G(z[:, 0])[:, None], prior, phi)
    under_x = expect(P_G, phi, bends=[0.5])
    # 1e-10: both by quadrature to 1e-12; under z the jump and the folds are not known in advance
    # and cost digits
    assert through_z == pytest.approx(under_x, abs=1e-10)


def test_E11_exactly_on_a_finite_space_with_a_map_that_is_not_injective():
    prior = Discrete([0.1, 0.2, 0.3, 0.4], [-2, -1, 1, 2])
    P_G = push_discrete(np.square, prior)
    assert np.array_equal(P_G.support[:, 0], [1, 4]) and np.allclose(P_G.p, [0.5, 0.5], atol=1e-16)
    phi = P_G.table([0.7, -1.3])
    assert expect_through(np.square, prior, phi) == pytest.approx(expect(P_G, phi), abs=1e-15)


def test_E11_into_more_dimensions_than_it_starts_from():
    # no density in the plane, and still every expectation: φ(x) = cos(x₁ + x₂) of (z, 0) has mean
    # e^{−1/2}
    got = expect_through(maps.line_in_plane, Z, lambda x: np.cos(x[:, 0] + x[:, 1]))
    assert got == pytest.approx(np.exp(-0.5), abs=1e-12)
    helix = lambda z: np.column_stack([np.cos(z[:, 0]), np.sin(z[:, 0]), z[:, 0]])  # noqa: E731
    assert expect_through(helix, Z, lambda x: x[:, 0] + x[:, 1] * x[:, 2]) == pytest.approx(
        2 * np.exp(-0.5), abs=1e-12
    )


def test_E11_by_samples_within_4_standard_errors():
    P_G = maps.zigzag(SKEW)
    got = monte_carlo(P_G, PHI["cosine"], 20000, np.random.default_rng(0))
    assert abs(got.value - expect(P_G, PHI["cosine"])) < 4 * got.error


@pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
def test_E12_density_over_all_preimages_integrates_to_one(make):
    for prior in (Z, SKEW, Uniform(-1, 2)):
        assert make(prior).total() == pytest.approx(1, abs=1e-10)


def test_E12_densities_are_scipys():
    x = np.linspace(0.01, 9, 50)
    oracles = {
        "affine": stats.norm(1, 2),
        "exponential": stats.lognorm(1),
        "absolute": stats.halfnorm(),
        "square": stats.chi2(1),
    }
    for name, oracle in oracles.items():
        P_G = MAPS[name](Z)
        assert np.allclose(P_G.log_density(x), oracle.logpdf(x), rtol=1e-13, atol=1e-14), name
        assert P_G.mean[0] == pytest.approx(oracle.mean(), rel=1e-11)
        assert P_G.cov[0, 0] == pytest.approx(oracle.var(), rel=1e-11)


def test_E12_the_zigzag_density_is_the_sum_over_its_folds():
    x = np.linspace(0.05, 0.95, 19)
    wrapped = sum(stats.norm.pdf(2 * k + s * x) for k in range(-9, 10) for s in (1, -1))
    assert np.allclose(maps.zigzag(Z).density(x), wrapped, rtol=1e-13)
    # Poisson: the sum is 1 + 2 Σ_n e^{−n²π²/2} cos(nπx), nearly flat
    flat = 1 + 2 * sum(np.exp(-((n * np.pi) ** 2) / 2) * np.cos(n * np.pi * x) for n in range(1, 6))
    assert np.allclose(wrapped, flat, rtol=1e-13)


def test_E12_one_branch_is_right_for_an_invertible_map_only():
    x = np.array([0.5, 1.0, 2.0])
    for name in ("affine", "exponential"):
        P_G = MAPS[name](Z)
        assert np.array_equal(P_G.one_branch(x), P_G.density(x))
        assert P_G.one_branch_mass() == pytest.approx(1, abs=1e-10)
    for name in ("absolute", "square"):  # the other preimage is as likely: wrong by a factor of two
        P_G = MAPS[name](Z)
        assert np.allclose(P_G.density(x) / P_G.one_branch(x), 2, rtol=1e-14)
        assert P_G.one_branch_mass() == pytest.approx(0.5, abs=1e-10)
    assert maps.zigzag(Z).one_branch_mass() == pytest.approx(stats.norm.cdf(1) - 0.5, abs=1e-10)
    P_G = maps.absolute(SKEW)  # for an asymmetric prior the branches differ
    assert P_G.one_branch_mass(0) == pytest.approx(1 - SKEW.cdf([0.0])[0], abs=1e-10)
    assert P_G.one_branch_mass(0) + P_G.one_branch_mass(1) == pytest.approx(1, abs=1e-10)


def test_E12_a_missing_branch_is_reported_with_the_mass():
    half = Pushforward(
        Z, np.abs, [Branch(lambda x: x, lambda x: np.zeros(len(x)), low=0.0)], edges=[0.0]
    )
    with pytest.raises(InputError, match=r"density integrates to 0.5: expected 1"):
        half.total()
    with pytest.raises(InputError, match="scale of an affine map = 0"):
        maps.affine(Z, 0, 1)


def test_E12_a_pushforward_is_a_density_like_any_other():
    assert kl(maps.affine(Z, 2, 1), Gaussian(1, 2)) == pytest.approx(0, abs=1e-10)
    assert kl(maps.exponential(Gaussian(0, 1)), maps.exponential(Gaussian(1, 2))) == pytest.approx(
        kl(Gaussian(0, 1), Gaussian(1, 2)), abs=1e-10
    )  # an invertible map loses nothing
    # a fold does
    assert jsd(maps.absolute(Gaussian(-1)), maps.absolute(Gaussian(1))) == pytest.approx(
        0, abs=1e-10
    )


def test_E12_a_line_in_the_plane_tends_to_log_2_however_near():
    P = Gaussian([0, 0])
    gaps = [LOG2 - jsd(P, maps.thick_line(eps)) for eps in (1e-1, 1e-2, 1e-4, 1e-6)]
    assert np.all(np.diff(gaps) < 0) and gaps[-1] < 1e-4
    # and so two thin parallel lines, whatever their distance: nothing to follow, where W₁ is the
    # distance itself
    for distance in (0.5, 0.05):
        eps = distance / 100
        lines = [Gaussian([at, 0], [eps, 1]) for at in (0, distance)]
        assert jsd(*lines) == pytest.approx(LOG2, abs=1e-10)
        assert wasserstein(Gaussian(0, eps), Gaussian(distance, eps)) == pytest.approx(
            distance, abs=1e-12
        )

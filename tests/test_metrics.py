"""Every metric against a value known in closed form, a naive computation, or its own promised
error.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from numgan.data import dataset
from numgan.data.toy import gaussian, grid, ring
from numgan.errors import InputError
from numgan.metrics import (
    Estimate,
    Histogram,
    bin_edges,
    histogram_jsd,
    jsd,
    kernel_distance,
    mmd2,
    mode_coverage,
    near_copies,
)
from numgan.metrics.copies import nearest_distances
from numgan.metrics.histogram import cell_counts, cell_masses
from numgan.metrics.kernel import kernel
from numgan.metrics.modes import chi_square_cdf
from numgan.theory import Gaussian, Mixture
from numgan.theory.expectation import expect

RING, SIGMA = ring().means, 0.01


# modes


def test_samples_at_the_modes():
    c = mode_coverage(np.repeat(RING, 10, axis=0), RING, SIGMA)
    assert (c.covered, c.modes, c.high_quality.value) == (8, 8, 1.0)
    assert c.reverse_kl.value == 0 and np.array_equal(c.histogram, np.full(8, 10))


@pytest.mark.parametrize("lost", range(1, 8))
def test_lost_modes(lost):
    """K−j modes with equal shares: KL = log K/(K−j), and no chance in it but the second order."""
    x = np.repeat(RING[lost:], 100, axis=0)
    c = mode_coverage(x, RING, SIGMA)
    assert c.covered == 8 - lost
    assert c.reverse_kl.value == pytest.approx(np.log(8 / (8 - lost)), abs=1e-15)  # a rounding
    # √(7/2)/N beside roundings of 0
    assert c.reverse_kl.error == pytest.approx(np.sqrt(3.5) / len(x), rel=1e-6)


def test_quality_is_a_matter_of_three_sigma():
    inside, outside = RING + [2.999 * SIGMA, 0], RING + [0, 3.001 * SIGMA]
    assert mode_coverage(inside, RING, SIGMA).high_quality.value == 1
    c = mode_coverage(outside, RING, SIGMA)
    # the KL counts them all the same
    assert (c.covered, c.high_quality.value, c.reverse_kl.value) == (0, 0, 0)
    half = mode_coverage(np.concatenate([inside, outside]), RING, SIGMA).high_quality
    assert (half.value, half.error) == (0.5, 0.125)  # √(½·½/16)


@pytest.mark.parametrize("toy", [ring, grid])
def test_real_samples_come_to_their_floors(toy):
    """Over 200 sets of 2,500 real samples: the mean within 4 of its standard errors of the floor,
    and the errors that are promised within 20 % of the scatter (whose own relative error is
    1/√400 = 5 %)."""
    P, rng = toy(), np.random.default_rng(5)
    runs = [mode_coverage(P.sample(2500, rng), P.means, P.stds[0, 0]) for _ in range(200)]
    assert all(c.covered == c.modes == len(P.means) for c in runs)
    for name in ("high_quality", "reverse_kl"):
        estimates = [getattr(c, name) for c in runs]
        values = np.array([e.value for e in estimates])
        assert abs(values.mean() - estimates[0].floor) < 4 * values.std() / np.sqrt(200)
        assert estimates[0].floor_error == pytest.approx(values.std(), rel=0.2)
    assert runs[0].high_quality.floor == pytest.approx(1 - np.exp(-4.5), abs=1e-15)


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 7, 10, 64, 501])
@pytest.mark.parametrize("x", [0.1, 9.0, 60.0, 500.0])
def test_chi_square(dim, x):
    # half of `dim` terms ≤ 1
    assert chi_square_cdf(x, dim) == pytest.approx(stats.chi2.cdf(x, dim), abs=1e-12)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 30), st.integers(0, 2**32))
def test_modes_against_a_plain_loop(K, dim, N, seed):
    rng = np.random.default_rng(seed)
    modes, x = rng.normal(0, 2, (K, dim)), rng.normal(0, 2, (N, dim))
    c = mode_coverage(x, modes, 0.5)
    counts, good = [0] * K, []
    for point in x:
        distances = [np.linalg.norm(point - mode) for mode in modes]
        k = int(np.argmin(distances))
        counts[k] += 1
        good += [k] if distances[k] <= 1.5 else []
    assert np.array_equal(c.histogram, counts)
    assert c.covered == len(set(good)) and c.high_quality.value == len(good) / N
    kl = sum(n / N * np.log(K * n / N) for n in counts if n)
    assert c.reverse_kl.value == pytest.approx(kl, abs=1e-14)


# histograms


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30))
def test_jsd_is_symmetric_bounded_and_zero_at_equality(seed, K):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.full(K, 0.3), 2)
    assert jsd(p, q) == jsd(q, p)
    assert -1e-15 * K <= jsd(p, q) <= np.log(2) + 1e-15 * K  # K roundings
    assert jsd(p, p) == pytest.approx(0, abs=1e-15 * K)


def test_jsd_known_values():
    assert jsd(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(np.log(2), abs=1e-15)
    # M = (3/4, 1/4):  ½ log(1/(3/4)) + ½ [½ log((1/2)/(3/4)) + ½ log((1/2)/(1/4))]
    expected = 0.5 * np.log(4 / 3) + 0.25 * np.log(2 / 3) + 0.25 * np.log(2)
    assert jsd(np.array([1.0, 0]), np.array([0.5, 0.5])) == pytest.approx(expected, abs=1e-15)
    p, q = np.random.default_rng(0).dirichlet(np.ones(9), (2, 5))
    assert jsd(p, q) == pytest.approx([jsd(a, b) for a, b in zip(p, q, strict=True)], abs=1e-16)


@pytest.mark.parametrize(
    ("N", "dim", "B"), [(2500, 1, 28), (100_000, 1, 93), (2500, 2, 15), (10_000, 2, 20), (1, 1, 2)]
)
def test_binning_rule(N, dim, B):
    """⌈2 N^{1/(dim+2)}⌉ cells from the least to the greatest."""
    x = np.random.default_rng(0).random((N, dim))
    for e, axis in zip(bin_edges(x), x.T, strict=True):
        assert len(e) == B + 1 and np.ptp(np.diff(e)) < 1e-12
        assert N == 1 or (e[0], e[-1]) == (axis.min(), axis.max())


def test_cells_beyond_the_ends_are_counted():
    e = [np.array([0.0, 1.0, 2.0])]
    assert np.array_equal(
        cell_counts(np.array([[-9.0], [0.0], [0.5], [1.0], [2.0], [9.0]]), e), [1, 2, 1, 2]
    )
    assert cell_counts(np.zeros((5, 2)), [e[0], e[0]]).reshape(4, 4)[1, 1] == 5


def test_masses_of_a_gaussian():
    e = [np.linspace(-1, 4, 30)]
    expected = np.diff(np.concatenate([[0], stats.norm.cdf(e[0], 2, 0.5), [1]]))
    # as the docstring promises
    assert cell_masses(Gaussian(2, 0.5), e) == pytest.approx(expected, abs=1e-9)


def test_masses_in_the_plane():
    P = ring(std=0.1)
    e = bin_edges(P.sample(2500, np.random.default_rng(0)))
    below = [
        stats.norm.cdf(np.concatenate([[-np.inf], axis, [np.inf]]), P.means[:, [j]], 0.1)
        for j, axis in enumerate(e)
    ]
    x, y = (np.diff(b, axis=1) for b in below)  # (K, cells)
    assert cell_masses(P, e) == pytest.approx(np.einsum("ki,kj->ij", x, y).ravel() / 8, abs=1e-9)


def test_masses_where_the_cells_miss_the_density():
    far = cell_masses(gaussian(), [np.array([1000.0, 1001.0])])
    assert np.array_equal(far, [1, 0, 0])


def exact_jsd(P, Q):
    """E24 by quadrature of the two KL divergences to M = (P+Q)/2."""
    M = Mixture([0.5, 0.5], [P, Q])
    half = [expect(A, lambda x, A=A: A.log_density(x) - M.log_density(x), M) / 2 for A in (P, Q)]
    return sum(half)


@pytest.mark.parametrize(("mean", "std"), [(0.2, 1.0), (0.0, 1.4), (2.0, 0.8), (14.0, 1.0)])
def test_histogram_jsd_of_two_gaussians(mean, std):
    """Within 5 errors of the exact one. The cells lose of the order of (width/σ)² of it, here
    0.1² = 1 %. Mean and standard deviation of Q are in units of those of P."""
    rng, P = np.random.default_rng(2), gaussian()
    Q = Gaussian(P.mean + mean * P.std, std * P.std)
    exact = exact_jsd(P, Q)
    estimate = histogram_jsd(Q.sample(200_000, rng), P, rng)
    assert abs(estimate.corrected - exact) < 5 * estimate.error + 0.01 * exact
    two_sample = histogram_jsd(Q.sample(200_000, rng), P.sample(200_000, rng), rng)
    assert abs(two_sample.corrected - exact) < 5 * two_sample.error + 0.01 * exact


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("toy", [gaussian, lambda: ring(std=0.2)])
def test_histogram_jsd_of_real_samples_is_its_floor(toy, exact):
    """Over 100 sets of 2,500 real samples, against exact masses or 1,500 others: mean within 4 of
    its standard errors of the floor's mean; the floor's error within 25 % of the scatter (whose
    relative error is 1/√200 = 7 %); the bootstrap's error on the safe side of it, by √3 at most,
    and 25 % again."""
    P, rng = toy(), np.random.default_rng(7)
    e = bin_edges(P.sample(2500, rng))
    known, runs = Histogram.of(P, e), []
    for _ in range(100):
        real = known if exact else Histogram.of(P.sample(1500, rng), e)
        runs.append(histogram_jsd(P.sample(2500, rng), real, rng, repeats=50))
    difference = np.array([r.corrected for r in runs])
    assert abs(difference.mean()) < 4 * difference.std() / 10
    scatter = np.std([r.value for r in runs])
    assert np.mean([r.floor_error for r in runs]) == pytest.approx(scatter, rel=0.25)
    assert 0.75 * scatter < np.mean([r.error for r in runs]) < 1.25 * np.sqrt(3) * scatter


def test_bootstrap_error_away_from_equality():
    """The error of one estimate within 25 % of the scatter of 100,
    where the distributions differ."""
    P, Q, rng = Gaussian(2, 0.5), Gaussian(2.5, 0.5), np.random.default_rng(3)
    real = Histogram.of(P, bin_edges(P.sample(2500, rng)))
    runs = [histogram_jsd(Q.sample(2500, rng), real, rng) for _ in range(100)]
    assert np.mean([r.error for r in runs]) == pytest.approx(
        np.std([r.value for r in runs]), rel=0.25
    )


def test_a_million_samples_resolve_a_thousandth_of_a_nat():
    """The precision that a trained one-dimensional generator is measured with: floor and error
    below 5e-5 nats.
    """
    rng = np.random.default_rng(0)
    r = histogram_jsd(gaussian().sample(1_000_000, rng), gaussian(), rng)
    assert r.floor < 5e-5 and r.error < 5e-5 and abs(r.corrected) < 5e-5


def test_same_generator_same_figures():
    x = gaussian().sample(500, np.random.default_rng(0))
    first, second = (histogram_jsd(x, gaussian(), np.random.default_rng(1)) for _ in range(2))
    assert first == second


# kernel distance


def naive_mmd2(x, y):
    """The two sums over pairs and the one over all, one product at a time."""
    d = x.shape[1]

    def k(a, b):
        return (sum(a * b) / d + 1) ** 3

    def mean(values):
        return sum(values) / len(values)

    among_x = mean([k(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j])
    among_y = mean([k(y[i], y[j]) for i in range(len(y)) for j in range(len(y)) if i != j])
    return among_x + among_y - 2 * mean([k(a, b) for a in x for b in y])


@settings(deadline=None)
@given(st.integers(3, 7), st.integers(3, 7), st.integers(1, 5), st.integers(0, 2**32))
def test_mmd2_and_its_jackknife_against_plain_loops(N, M, d, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, (N, d)), rng.normal(0.3, 1, (M, d))
    estimate = mmd2(x, y)
    size = max(kernel(a, b).max() for a in (x, y) for b in (x, y))
    # some tens of roundings of sums of numbers of that size
    near = {"abs": 1e-13 * max(size, 1), "rel": 1e-10}
    assert estimate.value == pytest.approx(naive_mmd2(x, y), **near)
    if min(N, M) > 3:
        without_x = [mmd2(np.delete(x, i, 0), y).value for i in range(N)]
        without_y = [mmd2(x, np.delete(y, j, 0)).value for j in range(M)]
        error = np.sqrt((N - 1) * np.var(without_x) + (M - 1) * np.var(without_y))
        # √ of differences of those
        assert estimate.error == pytest.approx(error, abs=1e-6 * max(size, 1), rel=1e-6)


def test_mmd2_in_blocks_is_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(41, 4))
    whole = mmd2(x, y)
    monkeypatch.setattr("numgan.metrics.kernel.BLOCK", 7)
    blocks = mmd2(x, y)
    assert blocks.value == pytest.approx(whole.value, abs=1e-13)  # the sums in another order
    assert blocks.error == pytest.approx(whole.error, rel=1e-10)


def exact_mmd2_of_normals(mean, std):
    """E k between N(0, 1) and N(μ, σ²) on the line: (xy + 1)³ = x³y³ + 3x²y² + 3xy + 1, so that
    MMD² = (m₃ − m₃')² + 3(m₂ − m₂')² + 3(m₁ − m₁')² of the moments."""
    m1, m2, m3 = mean, mean**2 + std**2, mean**3 + 3 * mean * std**2
    return m3**2 + 3 * (m2 - 1) ** 2 + 3 * m1**2


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (0.0, 0.3)])
def test_mmd2_is_unbiased_and_knows_its_error(mean, std):
    """Over 400 draws: the mean within 4 of its standard errors of the exact MMD²; the jackknife's
    error² on average within 30 % of the variance where the laws differ (sixth moments scatter), and
    about twice it where they are equal: at most 2.6 times."""
    rng = np.random.default_rng(11)
    runs = [mmd2(rng.normal(mean, std, (300, 1)), rng.normal(0, 1, (400, 1))) for _ in range(400)]
    values = np.array([r.value for r in runs])
    assert abs(values.mean() - exact_mmd2_of_normals(mean, std)) < 4 * values.std() / np.sqrt(400)
    ratio = np.mean([r.error**2 for r in runs]) / values.var()
    assert 0.7 < ratio < (2.6 if (mean, std) == (0, 1) else 1.3)


def test_kernel_distance_of_the_digits():
    """Real halves are near 0; noise with the digits' mean and deviation pixel by pixel is far."""
    data, rng = dataset("digits", "float64"), np.random.default_rng(0)
    x = data.source.rows
    order = rng.permutation(len(x))
    fresh = kernel_distance(x[order[:800]], x[order[800:]], rng)
    assert abs(fresh.value) < 4 * fresh.error and abs(fresh.floor) < 4 * fresh.floor_error
    noise = kernel_distance(rng.normal(x.mean(0), x.std(0), (800, 64)), x, rng)
    assert noise.value > 10 * noise.error and noise.value > 10 * abs(noise.floor)


# near copies


def test_copies():
    data, rng = dataset("digits", "float64"), np.random.default_rng(0)
    rows = data.source.rows
    copied = rows[rng.integers(0, len(rows), 500)]
    assert near_copies(copied, rows).value == 1
    assert near_copies(copied + 1e-3 * rng.standard_normal(copied.shape), rows).value == 1
    fresh = near_copies(rows[:600], rows[600:])
    # a quantile of 1,197 rows
    assert fresh.value < 0.05 and fresh.floor == pytest.approx(0.01, abs=0.002)
    assert near_copies(rng.uniform(-1, 1, (100, 64)), rows) == Estimate(0, 0, *floor_of(rows))


def floor_of(rows):
    estimate = near_copies(rows, rows)
    return estimate.floor, estimate.floor_error


def test_real_samples_are_copies_about_as_often_as_the_rule_says():
    """10,000 fresh points against 2,000 rows of the same law: 1 %, within 5 errors of the rows'
    quantile.
    """
    rng = np.random.default_rng(4)
    rows, x = rng.normal(size=(2000, 3)), rng.normal(size=(10_000, 3))
    share = near_copies(x, rows)
    assert abs(share.value - 0.01) < 5 * share.floor_error


def test_exact_copies_of_duplicated_rows_count():
    """Every row twice: τ = 0, and a copy is still a copy, in spite of ‖x‖² − ‖x‖² ≠ 0 in floating
    point.
    """
    rows = np.tile(np.random.default_rng(0).normal(1e3, 1, (20, 5)), (2, 1))
    assert near_copies(rows[:7], rows).value == 1
    assert near_copies(rows[:7] + 1e-9, rows).value == 0


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(2, 9), st.integers(1, 4), st.integers(0, 2**32))
def test_nearest_against_a_plain_loop(N, R, d, seed):
    rng = np.random.default_rng(seed)
    x, rows = rng.normal(size=(N, d)), rng.normal(size=(R, d))
    expected = [min(np.linalg.norm(a - b) for b in rows) for a in x]
    # a tie within roundings may choose either row
    assert nearest_distances(x, rows) == pytest.approx(expected, abs=1e-13)
    others = [min(np.linalg.norm(rows[i] - rows[j]) for j in range(R) if j != i) for i in range(R)]
    assert nearest_distances(rows, rows, leave_one_out=True) == pytest.approx(others, abs=1e-13)


def test_nearest_in_blocks_is_the_same(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(50, 4))
    whole = nearest_distances(rows, rows, leave_one_out=True)
    monkeypatch.setattr("numgan.metrics.copies.BLOCK", 7)
    assert np.array_equal(nearest_distances(rows, rows, leave_one_out=True), whole)


# what cannot be measured

ROWS = np.zeros((9, 2))
NAN = np.where(np.arange(18).reshape(9, 2) == 7, np.nan, 0.0)


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (lambda g: mode_coverage(NAN, RING, SIGMA), "samples are not finite in row 3"),
        (
            lambda g: mode_coverage(np.zeros((9, 3)), RING, SIGMA),
            r"samples of shape \(9, 3\): "
            r"expected \(N, 2\)",
        ),
        (
            lambda g: mode_coverage(np.zeros((0, 2)), RING, SIGMA),
            r"samples of shape \(0, 2\): .* "
            r"with N ≥ 1",
        ),
        (
            lambda g: mode_coverage(ROWS, RING, 0.0),
            "std of the modes = 0.0: expected a positive number",
        ),
        (lambda g: bin_edges(np.zeros((9, 3))), "a histogram in 3 dimensions: expected 1 or 2"),
        (lambda g: bin_edges(ROWS, 0), "0 bins: expected at least 1"),
        (
            lambda g: histogram_jsd(ROWS, gaussian(), g),
            r"samples of shape \(9, 2\): expected \(N, "
            r"1\)",
        ),
        (lambda g: histogram_jsd(NAN, ring(), g), "samples are not finite"),
        (lambda g: histogram_jsd(ROWS, NAN, g), "real samples are not finite"),
        (
            lambda g: histogram_jsd(ROWS, ROWS, g, repeats=1),
            "1 bootstrap repeats: expected at least 2",
        ),
        (
            lambda g: Histogram.of(gaussian(), bin_edges(ROWS)),
            "density of 1 dimensions over 2 axes",
        ),
        (lambda g: mmd2(ROWS[:2], ROWS), r"samples of shape \(2, 2\): .* with N ≥ 3"),
        (
            lambda g: mmd2(ROWS, np.zeros((9, 3))),
            r"real samples of shape \(9, 3\): expected \(N, "
            r"2\)",
        ),
        (lambda g: kernel_distance(ROWS, ROWS[:5], g), "5 real samples: expected at least 6"),
        (lambda g: near_copies(NAN, ROWS), "samples are not finite"),
        (lambda g: near_copies(ROWS, ROWS[:1]), r"training rows of shape \(1, 2\): .* with N ≥ 2"),
    ],
)
def test_what_cannot_be_measured_is_refused(measure, says):
    with pytest.raises(InputError, match=says) as refused:
        measure(np.random.default_rng(0))
    assert "\n" not in str(refused.value)


def test_constant_real_data_still_have_cells():
    r = histogram_jsd(np.ones((10, 1)), np.ones((10, 1)), np.random.default_rng(0))
    assert r == Estimate(0, 0, 0, 0)

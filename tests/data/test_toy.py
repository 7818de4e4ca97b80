"""The toy distributions: their samples follow their densities,
and their densities are densities."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from numgan.data import DATASETS, dataset
from numgan.data.curve import Curve, fejer_rule, lower_half_circle, spiral, upper_half_circle
from numgan.data.toy import grid, moons, ring, swissroll
from numgan.errors import InputError
from numgan.metrics.histogram import bin_edges, cell_counts, cell_masses
from numgan.theory.quadrature import on_panels, panels

# the names that need no file of the user's or of another package's
OWN = [name for name, entry in DATASETS.items() if not entry.needs_path and name != "fashion"]
# every data set of the table with a density: a new one is in these tests without a word here
TOYS = {name: P for name in OWN if (P := dataset(name).density) is not None}


@pytest.mark.parametrize("name", TOYS)
def test_density_integrates_to_one(name):
    P = TOYS[name]
    low, high = panels(P.knots())
    mass, _ = on_panels(P.density, low, high)
    # one Gauss rule on panels of about four standard deviations
    assert mass.sum() == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("name", TOYS)
def test_samples_follow_the_density(name):
    """χ² of 20,000 samples against the exact masses of about 100 cells, those expected below 5
    lumped together.
    """
    P = TOYS[name]
    x = P.sample(20_000, np.random.default_rng(1))
    assert x.shape == (20_000, P.dim) and x.dtype == np.float64
    e = bin_edges(x, 100 if P.dim == 1 else 10)
    observed, expected = cell_counts(x, e), 20_000 * cell_masses(P, e)
    small = expected < 5
    observed = np.append(observed[~small], observed[small].sum())
    expected = np.append(expected[~small], expected[small].sum())
    chi2 = np.sum((observed - expected) ** 2 / np.maximum(expected, 1e-300))
    assert chi2 < stats.chi2.ppf(0.9999, len(observed) - 1)  # one seed in 10,000 would miss it


def test_ring_and_grid_are_those_of_the_protocol():
    P = ring()
    assert P.means.shape == (8, 2) and np.all(P.stds == 0.01)
    # a rounding of 1
    assert np.linalg.norm(P.means, axis=1) == pytest.approx(np.ones(8), abs=1e-15)
    P = grid()
    assert {tuple(mean) for mean in P.means} == {
        (i, j) for i in (-4, -2, 0, 2, 4) for j in (-4, -2, 0, 2, 4)
    }
    assert np.all(P.stds == 0.05)


@pytest.mark.parametrize(
    ("path", "std", "x"),
    [
        (spiral, 0.05, [0.1, 0.5]),
        (spiral, 0.05, [1.4, -0.1]),  # beside the outer end
        (spiral, 0.05, [0.0, 0.0]),  # in the middle, 9 σ from the curve
        (spiral, 0.05, [2.0, 2.0]),  # outside
        (upper_half_circle, 0.1, [0.3, 0.9]),
        (lower_half_circle, 0.1, [0.5, 0.25]),
        (lower_half_circle, 0.1, [2.1, 0.55]),
    ],
)
def test_log_density_is_the_integral_over_the_curve(path, std, x):
    """Against scipy's adaptive quadrature of the same integral, the largest exponent taken out of
    it.
    """
    P = Curve(path, std, nodes=int(3 * 13.4 / std))

    def exponent(t):
        return -np.sum((np.array(x) - path(np.array([t]))[0]) ** 2) / (2 * std**2)

    grid = np.linspace(0, 1, 4001)
    best = grid[np.argmax([exponent(t) for t in grid])]
    top, width = exponent(best), 30 * std / 13.4
    near = [t for t in (best - width, best, best + width) if 0 < t < 1]
    mass, _ = quad(
        lambda t: np.exp(exponent(t) - top), 0, 1, points=near, epsabs=0, epsrel=1e-11, limit=500
    )
    expected = top + np.log(mass / (2 * np.pi * std**2))
    # quad's 1e-11, and exponents of up to 1e3 · ε
    assert P.log_density([x])[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("toy", [swissroll, moons])
def test_more_nodes_change_nothing(toy):
    P = toy()
    curves = [P] if isinstance(P, Curve) else P.components
    x = np.random.default_rng(0).uniform(-2, 2, (500, 2)) + P.mean
    for c in curves:
        finer = Curve(c.path, c.std, 2 * c.nodes)
        # what the docstring promises
        assert c.log_density(x) == pytest.approx(finer.log_density(x), abs=1e-8)


def test_curves_go_where_they_say():
    """The spiral after ¾, 1½ and 2¼ turns, s = 3π/2, 3π and 9π/2; the moons at their horns and in
    their middles.
    """
    t = np.array([0, 0.5, 1])
    expected = np.array([[0, -0.15], [-0.3, 0], [0, 0.45]]) * np.pi
    assert spiral(t) == pytest.approx(expected, abs=1e-14)  # roundings of s cos s, s ≤ 14
    assert upper_half_circle(t) == pytest.approx(np.array([[1, 0], [0, 1], [-1, 0]]), abs=1e-15)
    assert lower_half_circle(t) == pytest.approx(
        np.array([[0, 0.5], [1, -0.5], [2, 0.5]]), abs=1e-15
    )


@pytest.mark.parametrize("n", [1, 2, 7, 20, 201])
def test_fejers_rule_is_exact_for_polynomials(n):
    """∫₀¹ t^p dt = 1/(p+1) for p < n."""
    t, w = fejer_rule(n)
    assert np.all(w > 0) and np.all((t > 0) & (t < 1))
    for p in range(min(n, 30)):
        assert w @ t**p == pytest.approx(1 / (p + 1), abs=1e-14)  # a sum of n ≤ 201 terms below 1


def test_curve_of_no_points():
    assert moons().components[0].log_density(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize(("std", "nodes"), [(0.0, 5), (np.nan, 5), (np.inf, 5), (0.1, 0)])
def test_impossible_curve_is_refused(std, nodes):
    with pytest.raises(InputError, match="expected positive numbers"):
        Curve(spiral, std, nodes)

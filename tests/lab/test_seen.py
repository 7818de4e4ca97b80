"""What is seen: D*, arrows, manifold, curves, and that looking changes nothing."""

import numpy as np
import pytest

from numgan.data import dataset
from numgan.lab.curves import Curves, Meter, levels
from numgan.lab.laws import Laws, preimage_density, smooth
from numgan.lab.live import eigenvalues
from numgan.lab.observe import LONGEST, Observer, View
from numgan.lab.play import Play
from numgan.lab.protocol import numbers
from numgan.layers import Dense, ReLU
from numgan.layers.functions import sigmoid
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.theory import Gaussian
from numgan.theory.maps import absolute

X = np.linspace(-6, 6, 1201)


def test_one_latent_gives_the_exact_density_of_an_affine_G():
    """E12: 3z + 1 has the law N(1, 9)."""
    G = Network([Dense(1, 1)], (1,))
    q = preimage_density(G, np.array([3.0, 1.0]), X)
    assert np.allclose(q, Gaussian(1.0, 3.0).density(X), rtol=1e-12, atol=0)  # roundings


def test_one_latent_gives_the_exact_density_of_a_fold():
    """|z| = max(0, z) + max(0, −z) has two preimages of every x > 0, none of x < 0."""
    G = Network([Dense(1, 2), ReLU(), Dense(2, 1)], (1,))
    theta = np.array([1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    x = X[(X < -0.01) | (X > 0.01)]  # the fold itself, at 0, lies between two nodes
    expected = absolute(Gaussian(0.0)).density(x)
    assert np.allclose(preimage_density(G, theta, x), expected, rtol=1e-12, atol=1e-300)


def test_the_density_of_a_trained_G_has_mass_one_and_its_samples_law():
    play = Play("gaussian", hidden=(16,), batch=64)
    play.iterate(200)
    G, theta = play.training.game.G, play.training.theta_g
    x = np.linspace(-20, 20, 20_001)
    q = preimage_density(G, theta, x)
    # where G folds q jumps from 0: the trapezoid there is wrong by half a step of the height
    assert np.trapezoid(q, x) == pytest.approx(1.0, abs=q.max() * 0.002 / 2 + 1e-4)
    z = np.random.default_rng(0).standard_normal((100_000, 1)).astype("float32")
    share, edges = np.histogram(G(theta, z)[:, 0], bins=20, range=(-4, 6), density=True)
    middle = [q[(x >= a) & (x < b)].mean() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    # five standard errors of the largest share of 100,000 draws in a cell of width ½
    assert np.allclose(share, middle, atol=5 * np.sqrt(0.2 / 100_000) / 0.5 + 0.01)


def test_D_star_is_exact_on_a_line_with_one_latent_and_says_so_elsewhere():
    axis = np.linspace(-3, 5, 101)
    exact = Laws(dataset("gaussian"), latent=1, axes=[axis])
    assert exact.exact and exact.note["en"].startswith("exact")
    q = exact.q(Network([Dense(1, 1)], (1,)), np.array([2.0, 1.0]), None)  # G is right
    assert np.allclose(exact.best(q), 0.5, atol=1e-12)
    other = Laws(dataset("ring"), latent=2, axes=[axis, axis])
    assert not other.exact and other.note["en"].startswith("an estimate")
    with np.errstate(all="ignore"):
        best = other.best(other.q(None, None, dataset("ring").peek(2048)))  # G is the data
    place = np.argmin(abs(axis)), np.argmin(abs(axis - 1))
    # two smoothed samples of one law: some 60 of 2048 points are in the kernel's width
    assert best[place] == pytest.approx(0.5, abs=0.1)


def test_smoothing_keeps_the_mass_and_the_place():
    axes = [np.linspace(-1, 1, 81), np.linspace(-2, 2, 81)]
    p = smooth(np.array([[0.5, -1.0]]), axes, h=0.1)
    assert p.sum() * 0.025 * 0.05 == pytest.approx(1, abs=1e-3)  # the tails beyond the grid
    row, column = np.unravel_index(p.argmax(), p.shape)
    assert axes[0][column] == pytest.approx(0.5) and axes[1][row] == pytest.approx(-1.0)


def test_arrows_are_the_gradient_of_the_game():
    """−m ∂Ṽ_g/∂x by a central difference of Ṽ_g at one sample, in float64."""
    play = Play("ring", hidden=(8,), batch=16)
    play.iterate(30)
    observer, view = Observer(play), View.of(play)
    z = observer.latents(20)
    samples, D, g = observer.arrows(view, z)
    theta, net = play.training.theta_d.astype("float64"), play.training.game.D
    value = play.training.game.objective.generator_value
    for i, j in ((0, 0), (7, 1), (19, 0)):
        h = np.zeros_like(samples, "float64")
        h[i, j] = 1e-5
        change = value(net(theta, samples + h)) - value(net(theta, samples - h))
        # float32 against float64: 1e-7 through three layers
        assert -20 * change / 2e-5 == pytest.approx(g[i, j], rel=1e-3, abs=1e-5)
    assert np.allclose(D, sigmoid(net(theta, samples))[:, 0], atol=1e-5)
    drawn, said = observer.scaled(g)
    width = observer.extent[1] - observer.extent[0]
    length = np.linalg.norm(drawn, axis=1)
    assert length.max() <= LONGEST * width * (1 + 1e-6)
    short = np.linalg.norm(g, axis=1) * said["factor"] < said["cap"]
    assert np.allclose(drawn[short], said["factor"] * g[short])


@pytest.mark.parametrize("name", ["ring", "gaussian", "digits", "grid"])
def test_looking_changes_nothing_and_gives_what_the_networks_give(name):
    play = Play(name, hidden=(8,), batch=8)
    play.iterate(3)
    before = play.state()
    observer, view = Observer(play), View.of(play)
    show = {"data", "samples", "arrows", "field", "manifold"}
    found = observer.frame(view, show, "D", 40)
    eigenvalues(view, play.run.data)
    Meter(play.run.data, observer).measure(view)
    after = play.state()
    assert all(np.array_equal(before["arrays"][k], after["arrays"][k]) for k in before["arrays"])
    assert before["about"] == after["about"]
    assert found["numbers"] == play.numbers()
    game, t = play.training.game, play.training
    x = game.G(t.theta_g, observer.latents(len(numbers(found["D"]))))
    if name == "digits":
        assert numbers(found["images"]).shape == (64, 8, 8, 1)
    elif name == "gaussian":
        assert np.array_equal(numbers(found["samples"]), numbers_of(x)[:40, 0])
    else:
        assert np.array_equal(numbers(found["samples"]), numbers_of(x))
        x0, x1, y0, y1 = found["extent"]
        corner = np.array([[x1, y0]], "float32")  # the last column of the first row
        assert numbers(found["field"])[0, -1] == pytest.approx(
            float(sigmoid(game.D(t.theta_d, corner))[0, 0]), abs=1e-6
        )
        assert numbers(found["manifold"]).shape[2] == 2


def numbers_of(x):
    return np.asarray(x, "float32")


def test_drawn_data_are_seen_in_the_units_in_which_they_were_drawn():
    points = np.random.default_rng(0).uniform([10, -3], [12, 40], size=(50, 2))
    play = Play(points=points, hidden=(4,))
    observer = Observer(play)
    found = observer.frame(View.of(play), {"data", "samples"}, "D", 50)
    seen = numbers(found["data"])
    order = np.lexsort(seen.T)
    # through mean 0 and standard deviation 1 in float32
    assert np.allclose(seen[order], points[np.lexsort(points.T)], atol=1e-4)
    x0, x1, y0, y1 = found["extent"]
    assert x0 < 10 and x1 > 12 and y0 < -3 and y1 > 40 and x1 - x0 == pytest.approx(y1 - y0)


def test_a_pack_is_judged_as_a_pack():
    play = Play("ring", hidden=(6,), batch=8, pack=3)
    play.iterate(5)
    observer, view = Observer(play), View.of(play)
    field = numbers(observer.frame(view, {"field"}, "logit", 10)["field"])
    place = np.array([[observer.extent[0], observer.extent[2]]], "float32")
    alike = play.training.game.D(play.training.theta_d, np.repeat(place, 3, axis=0))
    assert field[0, 0] == pytest.approx(float(alike[0, 0]), rel=1e-4)


def test_the_curves_stay_few_and_forget_another_future():
    curves = Curves()
    for n in range(0, 10_000, 4):
        if n % curves.spacing == 0:
            curves.add(n, {"V": float(n)})
    assert len(curves.rows) <= 500 and min(curves.rows) == 0
    curves.measure(5000, {"JSD": 0.5})
    table = numbers(curves.table()["rows"])
    assert table.shape[1] == len(curves.table()["columns"]) and np.all(np.diff(table[:, 0]) > 0)
    curves.cut(4000)
    assert max(curves.rows) <= 4000 and not curves.measured


def test_levels_are_where_a_game_that_is_solved_stands():
    """At a = the best logit for p = q, every objective's V and V_g are its levels."""
    for objective in OBJECTIVES.values():
        for level in levels(objective):
            if level["curve"] in ("V", "V_g") and objective.logistic:
                a = np.zeros((4, 1))
                value = {"V": objective.value(a, a), "V_g": objective.generator_value(a, a)}
                assert level["value"] == pytest.approx(value[level["curve"]], abs=1e-12)


def test_jsd_is_small_for_a_right_G_and_log_2_for_a_far_one():
    play = Play("gaussian", hidden=(4,), latent=1)
    observer = Observer(play)
    meter, view = Meter(play.run.data, observer), View.of(play)
    observer.G = Network([Dense(1, 1)], (1,))
    view.training.theta_g = np.array([2.0, 1.0], "float32")  # N(1, 2²)
    near = meter.measure(view)
    assert near["JSD"] < 0.005 and 0 < near["JSD_error"] < 0.005
    view.training.theta_g = np.array([0.01, 100.0], "float32")
    assert meter.measure(view)["JSD"] == pytest.approx(np.log(2), abs=1e-3)

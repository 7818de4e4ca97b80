"""E53: the pull of each objective at D's best, the divergence whose curvature it is, and where G
goes.
"""

import re
from importlib.resources import files

import numpy as np
import pytest

from numgan.objectives import OBJECTIVES
from numgan.theory import (
    LOG4,
    Discrete,
    Gaussian,
    Mixture,
    best_logit,
    curvature,
    f_divergence,
    ftable,
    gap,
    gradient_by_path,
    jsd,
    jump,
    kl,
    least_squares_cost,
    midpoint,
    pull,
    pull_gradient,
    pull_table,
    pulled_divergence,
)

P2, Q2 = Discrete([0.5, 0.3, 0.2]), Discrete([0.1, 0.3, 0.6])
DATA = Gaussian(0)
T = np.array([0.05, 0.4, 0.9, 1.3, 2.0, 7.0])


def sigma(u):
    return 1 / (1 + np.exp(-u))


# name: g(u), f''(t) and the mass at u = 0, as the derivation's table has them; None: no D_f. A new
# objective may have a row here; its verdict is computed without one.
TABLE = {
    "minimax": (sigma, lambda t: 1 / (t * (1 + t)), 0),
    "nonsaturating": (lambda u: sigma(-u), lambda t: 1 / (t**2 * (1 + t)), 0),
    "leastsquares": (lambda u: sigma(u) * sigma(-u) ** 2, lambda t: 1 / (t * (1 + t) ** 3), 0),
    "leastsquares-pearson": (
        lambda u: -np.tanh(u / 2) / (2 * np.cosh(u / 2) ** 2),
        lambda t: 2 * (1 - t) / (t * (1 + t) ** 3),
        0,
    ),
    "hinge": (lambda u: 0 * u, lambda t: 0 * t, 2),
    "wasserstein": None,
    "f-kl": (np.exp, lambda t: 1 / t, 0),
    "f-reverse-kl": (lambda u: 1 + 0 * u, lambda t: 1 / t**2, 0),
    "f-pearson": (lambda u: 2 * np.exp(2 * u), lambda t: 2 + 0 * t, 0),
    "f-hellinger": (lambda u: np.exp(u / 2) / 2, lambda t: t**-1.5 / 2, 0),
    "f-js": (lambda u: sigma(u) / 2, lambda t: 1 / (2 * t * (1 + t)), 0),
    "f-variation": (lambda u: 0 * u, lambda t: 0 * t, 1),
    "relativistic": None,
    "paired": None,
    "paired-saturating": None,
    "paired-hinge": None,
    "paired-hinge-saturating": None,
    "paired-leastsquares": None,
    "paired-leastsquares-saturating": None,
}
DIVERGENCES = {  # what D_f is, of (P, Q)
    "minimax": lambda P, Q: 2 * jsd(P, Q),
    "nonsaturating": lambda P, Q: 2 * kl(midpoint(P, Q), P),
    "leastsquares": lambda P, Q: kl(P, midpoint(P, Q)) - least_squares_cost(P, Q) / 4,
    "hinge": lambda P, Q: 2 * f_divergence(ftable.TOTAL_VARIATION, P, Q),
    "f-kl": lambda P, Q: kl(P, Q),
    "f-reverse-kl": lambda P, Q: kl(Q, P),
    "f-pearson": lambda P, Q: f_divergence(ftable.PEARSON, P, Q),
    "f-hellinger": lambda P, Q: f_divergence(ftable.HELLINGER, P, Q),
    "f-js": jsd,
    "f-variation": lambda P, Q: f_divergence(ftable.TOTAL_VARIATION, P, Q),
}


def test_E53_the_table_of_all_objectives():
    rows = {row.name: row for row in pull_table(OBJECTIVES, np.log(T))}
    for name, known in TABLE.items():
        row = rows[name]
        if known is None:
            assert row.g is None and row.verdict.startswith("no D_f")
            continue
        g, curved, mass = known
        assert np.allclose(row.g, g(np.log(T)), rtol=1e-10, atol=1e-12)  # a* by halving: 15 digits
        assert np.allclose(row.curvature, curved(T), rtol=1e-10, atol=1e-9)
        assert row.mass == pytest.approx(mass, abs=1e-6)
        assert row.verdict == ("no divergence" if name == "leastsquares-pearson" else "divergence")


@pytest.mark.parametrize(
    ("document", "yes", "no"), [("derivation.md", "yes", "no"), ("derivation.zh.md", "是", "否")]
)
def test_E53_the_table_of_the_document_is_that_of_the_terms(document, yes, no):
    """Every row of the table names objectives that there are, and its verdict is the computed
    one."""
    text = files("numgan.study").joinpath(document).read_text(encoding="utf-8")
    computed = {row.name: row.verdict for row in pull_table(OBJECTIVES, np.log(T))}
    of_table = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|.*$", text[text.index("**E53") :], re.M)
    named = {name: said for names, said in of_table for name in re.findall(r"`([\w-]+)`", names)}
    assert set(TABLE) <= set(named), f"numgan/study/{document}: the table of E53 lacks a row"
    for name, said in named.items():
        assert name in computed, f"numgan/study/{document}: there is no objective {name}"
        if computed[name].startswith("no D_f"):
            assert said not in (yes, no), (document, name, said)
        else:
            assert said == (yes if computed[name] == "divergence" else no), (document, name, said)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_E53_the_divergence_that_G_descends_on(name):
    """From the terms of the objective alone, against the known divergence;
    quadrature of 60 nodes."""
    for P, Q in ((P2, Q2), (Q2, P2)):
        assert pulled_divergence(OBJECTIVES[name], P, Q) == pytest.approx(
            DIVERGENCES[name](P, Q), abs=1e-9
        )
    assert pulled_divergence(OBJECTIVES[name], P2, P2) == pytest.approx(0, abs=1e-15)


def test_E34_E53_reverse_kl_minus_twice_jsd_is_a_divergence():
    """It is 2·KL(M‖P) ≥ 0: the minus before the JSD drives nothing apart."""
    rng = np.random.default_rng(0)
    for p, q in rng.dirichlet(np.ones(4), (200, 2)):
        P, Q = Discrete(p), Discrete(q)
        whole = kl(Q, P) - 2 * jsd(P, Q)
        assert whole == pytest.approx(2 * kl(midpoint(P, Q), P), abs=1e-13) and whole > 0


@pytest.mark.parametrize(
    "name", ["hinge", "minimax", "leastsquares", "leastsquares-pearson", "f-kl"]
)
def test_E53_the_pull_is_the_gradient_of_that_divergence(name):
    """G = sz against N(0, 1) at s = 1.3, p/q bounded: −E_Q[g ∇u·z] against a difference of D_f."""
    game, h = OBJECTIVES[name], 1e-2
    got = pull_gradient(game, DATA, Gaussian(0, 1.3), lambda x: x / 1.3)
    # no divergence, but a functional with this gradient all the same
    if name == "leastsquares-pearson":
        assert got > 0
    up, down = (
        pulled_divergence(game, DATA, Gaussian(0, 1.3 + step), tol=1e-7) for step in (h, -h)
    )
    # truncation h² times a third derivative of a few
    assert got == pytest.approx((up - down) / (2 * h), abs=1e-3)


def test_E53_the_general_pull_is_that_of_E34():
    Q = Mixture([0.5, 0.5], [Gaussian(1, 0.8), Gaussian(-1, 1.2)])
    for name, saturating in (("minimax", True), ("nonsaturating", False)):
        ours = pull_gradient(OBJECTIVES[name], DATA, Q, np.ones_like)
        assert ours == pytest.approx(gradient_by_path(DATA, Q, np.ones_like, saturating), abs=1e-8)


def test_E53_no_divergence_where_the_pull_changes_its_sign():
    """Targets 1, −1 and 0: two laws with D_f < 0 = D_f(P, P), as the proof makes them."""
    game = OBJECTIVES["leastsquares-pearson"]
    assert gap(game, np.log([0.5, 2.0]))[0] > 0 > gap(game, np.log([0.5, 2.0]))[1]
    rare = 0.01  # t = 2 on a set of Q-probability 0.01, and near 1 elsewhere
    Q = Discrete([rare, 1 - rare])
    P = Discrete([2 * rare, 1 - 2 * rare])
    assert pulled_divergence(game, P, Q) < -1e-4


def follow(name, s, eta, steps):
    """G = sz against N(0, 1), D* exact at each step."""
    path = [s]
    for _ in range(steps):
        s -= eta * pull_gradient(
            OBJECTIVES[name], DATA, Gaussian(0, s), lambda x, s=s: x / s, tol=1e-4
        )
        path.append(s)
    return np.array(path)


def test_E43_E53_least_squares_with_targets_1_minus_1_0_leaves_the_optimum():
    """The cost that E43 names is least at s = 1, and G moves away from there:
    E27 does not apply."""
    path = follow("leastsquares-pearson", 0.9, 2.0, 40)
    costs = [least_squares_cost(DATA, Gaussian(0, s)) for s in (path[0], path[-1])]
    assert np.all(np.diff(path[:10]) < 0) and path[-1] == pytest.approx(0.3401, abs=1e-3)
    assert costs == pytest.approx([0.0054, 0.3014], abs=2e-4)
    above = follow("leastsquares-pearson", 1.1, 2.0, 10)
    assert np.all(np.diff(above) < 0) and above[-1] > 1.01  # it creeps: ds/dt ≈ −(s − 1)²
    near = [
        pull_gradient(
            OBJECTIVES["leastsquares-pearson"], DATA, Gaussian(0, 1 + e), lambda x, e=e: x / (1 + e)
        )
        for e in (-0.01, 0.01)
    ]
    # −ds/dt at s = 1 ± 0.01; the next term is of order e³
    assert near == pytest.approx([1e-4, 1e-4], rel=0.1)


def test_E53_least_squares_with_targets_0_1_1_stays():
    for start in (0.9, 1.1):
        path = follow("leastsquares", start, 3.0, 15)
        assert np.all(np.diff(np.abs(path - 1)) <= 1e-12) and path[-1] == pytest.approx(1, abs=1e-2)


def test_E53_the_help_says_so():
    for row in pull_table(OBJECTIVES, np.array([-1.0, 1.0])):
        assert ("no divergence" in OBJECTIVES[row.name].says) == (row.verdict == "no divergence")


def test_E53_the_best_logits_of_the_objectives():
    u = np.array([-5.0, -0.3, 0.0, 2.0])
    for name, best in (
        ("minimax", u),
        ("leastsquares", sigma(u)),
        ("leastsquares-pearson", np.tanh(u / 2)),
        ("f-kl", 1 + u),
        ("f-pearson", 2 * np.expm1(u)),
        ("f-hellinger", u / 2),
    ):
        assert np.allclose(best_logit(OBJECTIVES[name], u), best, atol=1e-12)
    assert np.array_equal(best_logit(OBJECTIVES["hinge"], np.array([-1.0, 1.0])), [-1, 1])
    assert np.array_equal(
        best_logit(OBJECTIVES["wasserstein"], np.array([-1.0, 1.0])), [-np.inf, np.inf]
    )
    assert jump(OBJECTIVES["minimax"]) == 0
    assert curvature(OBJECTIVES["f-kl"], np.array([2.0]))[0] == pytest.approx(0.5, abs=1e-12)
    assert pull(OBJECTIVES["minimax"], np.array([0.0]))[0] == pytest.approx(0.5, abs=1e-12)
    assert 2 * jsd(P2, Q2) - LOG4 == pytest.approx(f_divergence(ftable.GAN, P2, Q2), abs=1e-14)

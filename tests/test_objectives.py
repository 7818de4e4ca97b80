"""E19, E20, E29, E30, E33, E34, and the games of E42, E43 and E54, in numbers."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from numgan.errors import InputError
from numgan.objectives import OBJECTIVES, smoothed
from numgan.theory import (
    Discrete,
    Gaussian,
    best_lipschitz_critic,
    crossings,
    expect,
    f_divergence,
    hinge_optimum,
    least_squares_cost,
    least_squares_optimum,
    least_squares_value,
    log_ratio,
    wasserstein,
)
from numgan.theory.ftable import TABLE

EPS = np.finfo(float).eps
rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 6, 1))  # logits of data and of samples
minimax, nonsaturating = OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]


def test_a_confused_discriminator_has_the_value_minus_log_4():
    zero = np.zeros((4, 1))
    for objective in (minimax, nonsaturating):
        assert objective.value(zero, zero) == pytest.approx(
            -log(4), abs=2 * EPS
        )  # E20: two logarithms


def test_the_value_is_the_negative_cross_entropy_of_a_classifier():
    D, D_fake = special.expit(a), special.expit(b)
    value = np.log(D).mean() + np.log(1 - D_fake).mean()  # E29, E30: fine at moderate logits
    assert minimax.value(a, b) == pytest.approx(value, abs=16 * EPS)
    assert minimax.generator_value(b) == pytest.approx(np.log(1 - D_fake).mean(), abs=16 * EPS)
    assert nonsaturating.generator_value(b) == pytest.approx(-np.log(D_fake).mean(), abs=16 * EPS)


def test_the_gradients_at_the_logit():
    da, db = minimax.gradient(a, b)
    assert np.allclose(da, (1 - special.expit(a)) / 6, rtol=0, atol=2 * EPS)  # E33, with one 1/m
    assert np.allclose(db, -special.expit(b) / 6, rtol=0, atol=2 * EPS)
    assert np.allclose(
        nonsaturating.generator_gradient(b), -(1 - special.expit(b)) / 6, rtol=0, atol=2 * EPS
    )


@given(st.floats(-700, 700))
def test_sure_logits_keep_their_digits(logit):
    at = np.array([[logit]])
    # log(1 − σ(a)) in terms of SciPy's log1p and exp, which keep theirs
    exact = -special.log1p(np.exp(logit)) if logit < 0 else -logit - special.log1p(np.exp(-logit))
    assert minimax.generator_value(at) == pytest.approx(exact, rel=8 * EPS, abs=1e-320)
    assert minimax.generator_gradient(at)[0, 0] == pytest.approx(-special.expit(logit), rel=8 * EPS)
    assert np.isfinite(minimax.value(at, at)) and np.isfinite(nonsaturating.generator_value(at))


def test_the_saturating_gradient_vanishes_where_d_is_sure_and_the_other_does_not():
    sure = np.full((1, 1), -30.0)  # D(G(z)) = 1e−13
    assert (
        abs(minimax.generator_gradient(sure)) < 1e-12
        and abs(nonsaturating.generator_gradient(sure)) > 0.99
    )  # E34


def test_both_generators_want_the_same():
    """Their gradients have the same sign everywhere, and only their sizes differ."""
    assert np.all(minimax.generator_gradient(b) * nonsaturating.generator_gradient(b) > 0)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_float32_stays_float32_and_finite(objective):
    logits = np.float32([[-60.0], [0.0], [60.0]])
    arrays = [
        *objective.gradient(logits, logits),
        objective.generator_gradient(logits, logits),
        objective.value(logits, logits),
        objective.generator_value(logits, logits),
    ]
    assert {np.asarray(array).dtype for array in arrays} == {np.dtype("float32")}
    assert all(np.isfinite(array).all() for array in arrays)


def test_every_objective_says_what_it_is():
    assert all(name == objective.name and objective.says for name, objective in OBJECTIVES.items())


# ── the games of section 8 (E42, E43)
# ────────────────────────────────────────────────────────────────────────────────
#
# Eight data and eight samples on four points have the distributions P and Q exactly: no mean here
# is an estimate.

AT_P, AT_Q = np.repeat([0, 1, 2, 3], [1, 3, 3, 1]), np.repeat([0, 1, 2, 3], [3, 2, 1, 2])
PLACES = np.array([-1.0, 0.5, 1.0, 3.0])
P, Q = (
    Discrete([1 / 8, 3 / 8, 3 / 8, 1 / 8], PLACES),
    Discrete([3 / 8, 2 / 8, 1 / 8, 2 / 8], PLACES),
)
u = np.log(P.p / Q.p)  # the log-ratio, E18's logit

BEST = {  # of each row of E42: the divergence, and the output v at which T = g_f(v) is T*
    "f-kl": ("KL", lambda u: 1 + u),
    "f-reverse-kl": ("reverse KL", lambda u: u),
    "f-pearson": ("Pearson χ²", lambda u: 2 * np.expm1(u)),
    "f-hellinger": ("squared Hellinger", lambda u: u / 2),
    "f-js": ("Jensen-Shannon", lambda u: u),
    "f-variation": ("total variation", lambda u: 20 * np.sign(u)),  # ½ tanh 20 is ½ to rounding
    "minimax": ("GAN", lambda u: u),
}
rows = pytest.mark.parametrize("name", BEST)


def on(v):
    """The logits of the eight data and of the eight samples, (8, 1) each, of a function with these
    four values.
    """
    return v[AT_P][:, None], v[AT_Q][:, None]


def at_each_point(da_real, da_fake):
    """∂V/∂v_k: the gradients at all logits that are one and the same number."""
    return np.bincount(AT_P, da_real[:, 0], 4) + np.bincount(AT_Q, da_fake[:, 0], 4)


@rows
def test_E42_the_terms_are_the_table_of_f_divergences(name):
    """T = g_f(v) on data, −f*(T) on samples, as numgan.theory has them; JS and GAN lose digits near
    the top of T.
    """
    objective, row, v = OBJECTIVES[name], TABLE[BEST[name][0]], np.linspace(-6, 6, 49)
    T = row.activation(v)
    assert np.allclose(objective.real.t(v), T, rtol=4 * EPS, atol=EPS)
    assert np.allclose(-objective.fake.t(v), row.conjugate(T), rtol=1e-11, atol=4 * EPS)


@rows
def test_E42_the_value_at_the_best_critic_is_the_divergence(name):
    objective, (row, best) = OBJECTIVES[name], BEST[name]
    value = objective.value(*on(best(u)))
    assert value == pytest.approx(f_divergence(TABLE[row], P, Q), abs=1e-14)  # 16 terms of order 1
    for v in np.random.default_rng(0).normal(best(u), 0.3, (20, 4)):
        # not below it for tanh alone, which is flat to rounding there
        assert objective.value(*on(v)) <= value
    # and no slope is left
    assert np.abs(at_each_point(*objective.gradient(*on(best(u))))).max() <= 8 * EPS


@rows
def test_E42_the_value_at_the_best_critic_on_densities(name):
    """The same by quadrature, to its 1e-12, on two Gaussians: a critic of x in place of four
    numbers.
    """
    objective, (row, best), A, B = OBJECTIVES[name], BEST[name], Gaussian(0), Gaussian(0.7, 1.2)
    ratio = log_ratio(A, B)
    corner = crossings(ratio, A, B)
    real = expect(A, lambda x: objective.real.t(best(ratio(x))), B, bends=corner)
    fake = expect(B, lambda x: objective.fake.t(best(ratio(x))), A, bends=corner)
    assert real + fake == pytest.approx(f_divergence(TABLE[row], A, B), abs=1e-10)


@pytest.mark.parametrize(("name", "low"), [("leastsquares", 0), ("leastsquares-pearson", -1)])
def test_E43_least_squares(name, low):
    objective, best = OBJECTIVES[name], least_squares_optimum(P, Q, low)
    a = on(best(P.support))
    assert np.abs(at_each_point(*objective.gradient(*a))).max() <= 4 * EPS
    assert objective.value(*a) == pytest.approx(least_squares_value(best, P, Q, low), abs=8 * EPS)
    if low == -1:  # G's cost on samples, and the same on data, which G cannot change
        C = objective.generator_value(a[1]) + objective.generator_value(a[0])
        assert least_squares_cost(P, Q) == pytest.approx(C, abs=8 * EPS)


def test_E43_hinge():
    hinge, best = OBJECTIVES["hinge"], hinge_optimum(P, Q)(P.support)
    value = hinge.value(*on(best))
    assert value == pytest.approx(
        -2 + 2 * f_divergence(TABLE["total variation"], P, Q), abs=8 * EPS
    )
    for v in np.random.default_rng(0).normal(best, 0.5, (50, 4)):
        assert hinge.value(*on(v)) <= value + 8 * EPS


def test_E43_wasserstein():
    """A Lipschitz function of slope ±1 reaches W₁; without the bound, every multiple has a multiple
    of the value.
    """
    objective, best = OBJECTIVES["wasserstein"], best_lipschitz_critic(P, Q)(P.support)
    assert objective.value(*on(best)) == pytest.approx(wasserstein(P, Q), abs=16 * EPS)
    assert objective.value(*on(10 * best)) == pytest.approx(10 * wasserstein(P, Q), abs=160 * EPS)


@pytest.mark.parametrize("epsilon", [0.1, 0.4])
def test_smoothed_labels_bring_d_to_less_than_the_posterior(epsilon):
    """(1 − ε) log D + ε log(1 − D) on data is at its best at D* = (1 − ε) p/(p + q)."""
    objective = smoothed(minimax, epsilon)
    best = special.logit((1 - epsilon) * P.p / (P.p + Q.p))
    a, D = on(best), [special.expit(logits) for logits in on(best)]
    value = ((1 - epsilon) * np.log(D[0]) + epsilon * np.log(1 - D[0])).mean() + np.log(
        1 - D[1]
    ).mean()
    assert objective.value(*a) == pytest.approx(value, abs=16 * EPS)
    assert np.abs(at_each_point(*objective.gradient(*a))).max() <= 4 * EPS
    for v in np.random.default_rng(0).normal(best, 0.3, (20, 4)):
        assert objective.value(*on(v)) < objective.value(*a)
    assert (
        objective.generator is minimax.generator and not objective.logistic
    )  # E18 to E20 hold no longer


WITHOUT_LABELS = [(name, 0.1) for name in OBJECTIVES if name not in ("minimax", "nonsaturating")]


@pytest.mark.parametrize(
    ("name", "epsilon"), [("minimax", 1.0), ("minimax", -0.1), *WITHOUT_LABELS]
)
def test_what_cannot_be_smoothed(name, epsilon):
    with pytest.raises(InputError, match="smooth"):
        smoothed(OBJECTIVES[name], epsilon)


# ── every objective
# ──────────────────────────────────────────────────────────────────────────────────────────────────

PAIRED = [name for name, objective in OBJECTIVES.items() if objective.paired]
ALL = OBJECTIVES | {"smoothed": smoothed(minimax, 0.1)}
every = pytest.mark.parametrize("objective", ALL.values(), ids=ALL)
# logits of samples, when they are not as many as the data
more = np.random.default_rng(4).standard_normal((9, 1))


@every
def test_the_summands_sum_to_the_value(objective):
    for fake in (b, more[:6] if objective.paired else more):
        real_and_fake, of_g = objective.summands(a, fake), objective.generator_summands(fake, a)
        assert sum(part.sum() for part in real_and_fake) == pytest.approx(
            objective.value(a, fake), abs=16 * EPS
        )
        assert of_g.sum() == pytest.approx(objective.generator_value(fake, a), abs=16 * EPS)


@every
def test_every_gradient_is_that_of_the_value(objective):
    """E48, entry by entry, and the gradients' own change; batches of two sizes, where they may
    differ. Ten roundings of numbers near 1.
    """
    more = globals()["more"][: len(a) if objective.paired else None]
    step, Ra, Rb = (
        1e-200j,
        *(np.random.default_rng(n).standard_normal(part.shape) for n, part in enumerate((a, more))),
    )
    I, J = step * np.eye(len(a))[..., None], step * np.eye(len(more))[..., None]
    real = np.array([objective.value(a + e, more).imag for e in I]) / 1e-200
    fake = np.array([objective.value(a, more + e).imag for e in J]) / 1e-200
    of_g = np.array([objective.generator_value(more + e, a).imag for e in J]) / 1e-200
    da, db = objective.gradient(a, more)
    moved = objective.gradient(a + step * Ra, more + step * Rb)
    moved_g = objective.generator_gradient(more + step * Rb, a + step * Ra).imag / 1e-200
    close = {"rtol": 0, "atol": 64 * EPS}
    assert np.allclose(da[:, 0], real, **close) and np.allclose(db[:, 0], fake, **close)
    assert np.allclose(objective.generator_gradient(more, a)[:, 0], of_g, **close)
    for Rda, along in zip(objective.rgradient(a, more, Ra, Rb), moved, strict=True):
        assert np.allclose(Rda, along.imag / 1e-200, **close)
    assert np.allclose(objective.generator_rgradient(more, Rb, a, Ra), moved_g, **close)


@every
def test_the_players_pull_at_the_logits_in_opposite_directions(objective):
    """D raises a logit of data and lowers one of a sample, G raises that of a sample: where no
    label is passed yet.
    """
    low, high = (-1, 0) if objective.name == "leastsquares-pearson" else (0, 1)
    # between the labels of least squares, and of the hinge
    logits = np.linspace(low + 0.01, high - 0.01, 6)[:, None]
    da, db = objective.gradient(logits, logits)
    assert np.all(da > 0) and np.all(db < 0)
    assert np.all(objective.generator_gradient(logits, logits) < 0)  # which G descends


def test_the_two_generators_values_are_not_the_same():
    """−log D and log(1 − D) differ by the logit's own softplus:
    only their direction agrees (E34)."""
    gap = nonsaturating.generator_value(b) - minimax.generator_value(b)
    assert gap == pytest.approx((np.logaddexp(0, -b) + np.logaddexp(0, b)).mean(), abs=8 * EPS)
    ratio = minimax.generator_gradient(b) / nonsaturating.generator_gradient(b)
    assert np.allclose(ratio, np.exp(b), rtol=8 * EPS)  # σ(a)/σ(−a): nothing where D is sure, e^a


# ── the relativistic average
# ─────────────────────────────────────────────────────────────────────────────────────────

relativistic = OBJECTIVES["relativistic"]


def test_relativistic_logits_know_no_zero():
    """Only differences count: a constant added to all logits changes nothing, so the gradient sums
    to 0.
    """
    for c in (3.0, -50.0):  # and costs the digits that c + a loses
        close = pytest.approx(relativistic.value(a, more), abs=16 * abs(c) * EPS)
        assert relativistic.value(a + c, more + c) == close
        assert relativistic.generator_value(more + c, a + c) == pytest.approx(
            relativistic.generator_value(more, a), abs=16 * abs(c) * EPS
        )
    assert abs(sum(part.sum() for part in relativistic.gradient(a, more))) <= 4 * EPS
    assert relativistic.value(0 * a + 7, 0 * more + 7) == pytest.approx(-log(4), abs=2 * EPS)


def test_relate_and_its_adjoint():
    """⟨L(a, ã), (y, ỹ)⟩ = ⟨(a, ã), Lᵀ(y, ỹ)⟩"""
    y, fake_y = np.random.default_rng(2).standard_normal((2, 9, 1))
    y = y[:6]
    there = sum(
        (s * t).sum() for s, t in zip(relativistic.V_d.relate(a, more), (y, fake_y), strict=True)
    )
    back = sum(
        (s * t).sum() for s, t in zip((a, more), relativistic.V_d.adjoint(y, fake_y), strict=True)
    )
    assert there == pytest.approx(back, abs=32 * EPS)


def test_the_relativistic_generator_wants_what_d_wants_with_the_parts_exchanged():
    """It is D's game with data and samples exchanged, so D gains what G loses at first order around
    equal logits.
    """
    assert relativistic.generator_value(b, a) == pytest.approx(
        -relativistic.value(b, a), abs=8 * EPS
    )
    both = np.zeros((4, 1))
    _, fake = relativistic.gradient(both, both)
    assert np.allclose(relativistic.generator_gradient(both, both), fake, rtol=0, atol=4 * EPS)


# ── pairs
# ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", PAIRED)
def test_E54_a_pair_is_judged_by_its_difference(name):
    """A constant added to all logits changes nothing, and exchanging two pairs changes nothing."""
    objective, order = OBJECTIVES[name], [3, 1, 0, 5, 2, 4]
    assert objective.value(a + 3, b + 3) == pytest.approx(objective.value(a, b), abs=64 * EPS)
    assert objective.value(a[order], b[order]) == pytest.approx(objective.value(a, b), abs=8 * EPS)
    assert objective.value(a, b[order]) != pytest.approx(objective.value(a, b), abs=1e-6)
    assert abs(sum(part.sum() for part in objective.gradient(a, b))) <= 4 * EPS


def test_E54_the_two_generators_of_a_paired_objective():
    """Saturating, Ṽ; else −(1/m) Σ f(−b), that is minus Ṽ with data and samples exchanged."""
    for name in ("paired", "paired-hinge", "paired-leastsquares"):
        other, same = OBJECTIVES[name], OBJECTIVES[f"{name}-saturating"]
        assert same.generator_value(b, a) == same.value(a, b) == other.value(a, b)
        assert other.generator_value(b, a) == pytest.approx(-other.value(b, a), abs=8 * EPS)
    sure = np.full((1, 1), 30.0)  # D is sure of the datum: saturating, G learns nothing
    assert abs(OBJECTIVES["paired-saturating"].generator_gradient(-sure, sure)) < 1e-12
    assert abs(OBJECTIVES["paired"].generator_gradient(-sure, sure)) > 0.99


@pytest.mark.parametrize("name", ["paired", "paired-hinge", "paired-leastsquares"])
def test_E54_the_supremum_is_f_of_0_at_equal_laws_and_more_elsewhere(name):
    """Over all pairs of four places: by Jensen no D gains anything at P = Q; a small slope along
    P − Q does elsewhere."""
    f = OBJECTIVES[name].f
    f_0 = float(f.t(np.zeros(1))[0])

    def V(logits, of_data, of_samples):
        return of_data @ f.t(logits[:, None] - logits[None, :]) @ of_samples

    for logits in np.random.default_rng(0).standard_normal((50, 4)):
        assert V(logits, P.p, P.p) <= f_0 + 4 * EPS
    assert V(1e-3 * (P.p - Q.p), P.p, Q.p) > f_0 + 1e-5


@pytest.mark.parametrize("name", PAIRED)
def test_E54_unequal_numbers_are_refused_in_a_line(name):
    objective = OBJECTIVES[name]
    for refused in (
        lambda: objective.value(a, more),
        lambda: objective.gradient(a, more),
        lambda: objective.generator_gradient(more, a),
        lambda: objective.rgradient(a, more, a, more),
    ):
        with pytest.raises(InputError, match=r"datum i with sample i, got .*\(6, 1\).*\(9, 1\)"):
            refused()


# made of e^a or e^−a
GROWS = {"f-kl": ("fake",), "f-reverse-kl": ("real",), "f-hellinger": ("real", "fake")}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_a_logit_that_a_term_cannot_hold_is_named_and_all_others_are_held(objective, dtype):
    rows, moderate = np.array([[1e4], [-1e4], [0.3]], dtype), np.array([[60.0], [-60.0]], dtype)
    with np.errstate(over="ignore"):
        assert objective.out_of_range(moderate, moderate) == ""
        said = objective.out_of_range(rows, rows)
        if objective.name not in GROWS:
            assert said == "" and all(
                np.isfinite(da).all() for da in objective.gradient(rows, rows)
            )
        else:
            assert f" is beyond {dtype} at a = " in said and "1e+04" in said
            terms = [
                getattr(objective, player).formula.format(a="a") for player in GROWS[objective.name]
            ]
            assert any(said.startswith(term) for term in terms)
        last = np.broadcast_to(rows[2:], rows.shape)
        one_side = [objective.out_of_range(last, rows), objective.out_of_range(rows, last)]
    assert bool(one_side[0]) == ("fake" in GROWS.get(objective.name, ()))
    assert bool(one_side[1]) == ("real" in GROWS.get(objective.name, ()))

"""E46: gradient penalties, their values, and gradients that are one R-pass; E55: sums and
costs of G.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest

from numgan import Adam, Game, Network, Optimizer, Training
from numgan.architectures import dcgan, mlp
from numgan.check.subjects.penalties import check_penalty
from numgan.costs import COSTS
from numgan.errors import InputError
from numgan.layers import (
    ACTIVATIONS,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MinibatchDeviation,
    ReLU,
    Reshape,
    Softplus,
    SpectralNorm,
    Tanh,
)
from numgan.layers.elementwise import Elementwise
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES, Penalty, around_data, at_data, between, power

H = 1e-200
EPS = np.finfo(float).eps
every = pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)


def draws(seed=5):
    return np.random.default_rng(seed)


def setting(D, m=4, dtype="float64"):
    """θ off every first value, data and samples: everything of order 1."""
    rng = np.random.default_rng(1)
    theta = D.initial(rng, dtype)
    theta += (0.3 * rng.standard_normal(D.size) * ~D.fixed).astype(dtype)
    x, samples = rng.standard_normal((2, m, *D.input_shape))
    return theta, x.astype(dtype), samples.astype(dtype)


def by_complex_step(penalty, D, theta, x, samples, classes=0):
    """∂R/∂θ, entry by entry, from `value` alone (E48); 0 for what is fixed."""
    gradient, step = np.zeros(D.size), theta.astype(complex)
    for i in np.flatnonzero(~D.fixed):
        step[i] += 1j * H
        gradient[i] = penalty.value(D, step, x, samples, draws(), classes).imag / H
        step[i] = theta[i]
    return gradient


NETWORKS = {name: mlp([3, 4, 3, 1], name) for name in ACTIVATIONS} | {
    "batch norm": Network([Dense(3, 4), BatchNorm(4, 0.1), Tanh(), Dense(4, 1)], (3,)),
    "batch norm, ReLU": Network([Dense(3, 4), BatchNorm(4, 0.1), ReLU(), Dense(4, 1)], (3,)),
    "convolution": Network(
        [Convolution(2, 3, 3, 2, 1), Tanh(), Flatten(), Dense(12, 1)], (4, 4, 2)
    ),
    "spectral norm": Network([SpectralNorm(Dense(3, 4)), Tanh(), SpectralNorm(Dense(4, 1))], (3,)),
    "minibatch deviation": Network(
        [Dense(3, 4), Tanh(), MinibatchDeviation(0.1), Dense(5, 1)], (3,)
    ),
    "dropout": Network([Dense(3, 6), Tanh(), Dropout(0.4), Dense(6, 1)], (3,)),
    "dcgan": dcgan((4, 4, 1), (2, 3), 2)[1],
}
CONDITIONAL = {
    judge: dcgan((4, 4, 1), (2, 3), 2, 3, judge)[1] for judge in ("projection", "concatenation")
}


@pytest.mark.parametrize("name", NETWORKS)
@every
def test_E46_the_gradient_is_that_of_the_value(penalty, name):
    """1e-11 of the largest entry: roundings of a second derivative through a few layers."""
    D = NETWORKS[name]
    at = setting(D)
    exact = by_complex_step(penalty, D, *at)
    *_, s = penalty.slopes(D, *at, draws(), 0)
    assert exact.any() == penalty.price.dh(s).any() and not exact[D.fixed].any()
    assert np.abs(penalty.gradient(D, *at, draws()) - exact).max() <= 1e-11 * np.abs(exact).max()


@pytest.mark.parametrize("judge", CONDITIONAL)
@every
def test_E46_the_gradient_of_a_conditional_penalty(penalty, judge):
    D = CONDITIONAL[judge]
    at = setting(D)
    exact = by_complex_step(penalty, D, *at, classes=3)
    assert np.abs(penalty.gradient(D, *at, draws(), 3) - exact).max() <= 1e-11 * np.abs(exact).max()


# ── closed forms
# ──────────────────────────────────────────────────────────────────────────────────────────────────

LINEAR = mlp([3, 1])  # a = ⟨w, x⟩ + b: the slope is w at every point
w = np.array([2.0, -1.0, 0.5])
n = np.sqrt(5.25)  # ‖w‖
CLOSED = {  # of a penalty of weight 1: its value, and its gradient with respect to w
    "r1": (n**2 / 2, w),
    "r2": (n**2 / 2, w),
    "zero-gp": (n**2, 2 * w),
    "wgan-gp": ((n - 1) ** 2, 2 * (n - 1) * w / n),
    "dragan": ((n - 1) ** 2, 2 * (n - 1) * w / n),
}


def closed(penalty):
    """On paper, or else by h and h', which the checker holds against each other."""
    h, dh = penalty.price.h(np.array(n**2)), penalty.price.dh(np.array(n**2))
    return CLOSED.get(penalty.name, (h, 2 * dh * w))


@pytest.mark.parametrize("weight", [1.0, 10.0])
@every
def test_E46_of_a_linear_logit(penalty, weight):
    """The points do not matter, nor the batch: λ h(‖w‖²) and 2λ h' w. Some 30 roundings."""
    penalty, (value, gradient) = replace(penalty, weight=weight), closed(penalty)
    theta, x, samples = np.append(w, 0.7), *np.random.default_rng(0).standard_normal((2, 6, 3))
    at = LINEAR, theta, x, samples, draws()
    assert penalty.value(*at) == pytest.approx(weight * value, rel=30 * EPS)
    assert np.allclose(
        penalty.gradient(*at), [*weight * gradient, 0], rtol=0, atol=30 * EPS * weight * n
    )


@dataclass(frozen=True)
class HalfSquare(Elementwise):
    """φ = ½x²      φ' = x      φ'' = 1"""

    def phi(self, x):
        return x * x / 2, x

    def dphi(self, x):
        return x

    def ddphi(self, x):
        return 1.0


def test_E46_of_a_quadratic_logit():
    """a = ½ Σ_k v_k y_k² with y = Wᵀx + b, so g = W(v∘y), and R1 is ½ mean ‖W(v∘y)‖².

    With h = Wᵀg:   ∂R/∂v = mean h∘y,   ∂R/∂b = mean v∘h,   ∂R/∂W = mean [g (v∘y)ᵀ + x (v∘h)ᵀ].
    """
    D, rng = Network([Dense(3, 4), HalfSquare(), Dense(4, 1)], (3,)), np.random.default_rng(0)
    W, b, v, x = (rng.standard_normal(shape) for shape in ((3, 4), 4, 4, (5, 3)))
    theta = np.concatenate([W.ravel(), b, v, [0.3]])
    y = x @ W + b
    g = (v * y) @ W.T
    h = g @ W
    exact = [(g.T @ (v * y) + x.T @ (v * h)).ravel() / 5, (v * h).mean(0), (h * y).mean(0), [0]]
    assert PENALTIES["r1"].value(D, theta, x, x) == pytest.approx((g * g).sum() / 10, rel=1e-14)
    gradient = PENALTIES["r1"].gradient(D, theta, x, x)
    assert np.allclose(gradient, np.concatenate(exact), rtol=0, atol=1e-13 * np.abs(gradient).max())


def test_E46_r1_looks_at_the_data_and_r2_at_the_samples():
    D = NETWORKS["tanh"]
    theta, x, samples = setting(D)
    r1, r2 = PENALTIES["r1"], PENALTIES["r2"]
    assert (
        r1.value(D, theta, x, samples)
        == r1.value(D, theta, x, 0 * x)
        == r2.value(D, theta, samples, x)
    )
    assert r1.value(D, theta, x, samples) != r2.value(D, theta, x, samples)


# ── where, and of what
# ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shape", [(7, 3), (7, 2, 3, 2)])
def test_E46_one_epsilon_for_each_pair(shape):
    """Between 1 and 0 a point is ε itself: one number over all of a sample, another for each
    sample.
    """
    epsilon = between(np.ones(shape), np.zeros(shape), draws()).reshape(7, -1)
    assert np.all(epsilon == epsilon[:, :1]) and len(np.unique(epsilon)) == 7
    assert np.all((epsilon >= 0) & (epsilon < 1))
    x, samples = np.random.default_rng(0).standard_normal((2, *shape))
    ends = between(x, samples, draws()).reshape(7, -1)
    line = epsilon * x.reshape(7, -1) + (1 - epsilon) * samples.reshape(7, -1)
    assert np.allclose(ends, line, rtol=0, atol=4 * EPS * np.abs(x).max())


def test_E46_points_around_the_data_are_half_a_deviation_away():
    x = 3 * np.random.default_rng(0).standard_normal((2000, 5))
    away = around_data(x, x, draws()) - x
    assert away.std() == pytest.approx(x.std() / 2, rel=0.02)  # 10,000 draws: standard error 0.7 %
    assert at_data(x, 0 * x, None) is x


@every
def test_E46_the_norm_is_over_all_of_an_image(penalty):
    """As an image or as a row, a sample has one slope: the same D in two layouts."""
    rows = Network(
        [Reshape((2, 3, 2)), Convolution(2, 3, 2), Tanh(), Flatten(), Dense(6, 1)], (12,)
    )
    images = Network(rows.layers[1:], (2, 3, 2))
    theta, x, samples = setting(rows, 5)
    at = theta, x.reshape(5, 2, 3, 2), samples.reshape(5, 2, 3, 2)
    # the standard deviation of the same numbers, summed in another order
    around = penalty.points is around_data
    assert penalty.value(images, *at, draws()) == pytest.approx(
        penalty.value(rows, theta, x, samples, draws()), rel=64 * EPS if around else EPS
    )
    same = penalty.gradient(rows, theta, x, samples, draws())
    assert np.allclose(
        penalty.gradient(images, *at, draws()), same, rtol=0, atol=1e-14 * np.abs(same).max()
    )


@every
def test_E46_each_sample_pays_for_itself(penalty):
    """A mean over samples: the value of a batch is the mean of the values of its samples."""
    if penalty.points is around_data:
        pytest.skip("its points depend on the deviation of the batch")
    D = NETWORKS["tanh"]
    theta, x, samples = setting(D, 6)
    rng = draws()  # one stream: each sample gets the ε that it has in the batch
    each = [penalty.value(D, theta, x[i : i + 1], samples[i : i + 1], rng) for i in range(6)]
    assert penalty.value(D, theta, x, samples, draws()) == pytest.approx(
        np.mean(each), rel=16 * EPS
    )


@every
def test_E46_the_slope_along_the_class_is_free(penalty):
    """a = ⟨w, x⟩ + ⟨e, c⟩ pays for w alone, and its e feels nothing."""
    value, gradient = closed(penalty)
    penalty, theta = replace(penalty, weight=1.0), np.concatenate([w, [5.0, -4.0, 0.7]])
    x = np.random.default_rng(0).standard_normal((2, 6, 5))
    at = mlp([5, 1]), theta, *x
    assert penalty.value(*at, draws(), 2) == pytest.approx(value, rel=30 * EPS)
    assert np.allclose(
        penalty.gradient(*at, draws(), 2), [*gradient, 0, 0, 0], rtol=0, atol=30 * EPS * n
    )
    assert penalty.value(*at, draws()) > value + 1


@every
@pytest.mark.filterwarnings("error")
def test_E46_a_flat_logit_has_a_price_and_no_nan(penalty):
    """g = 0: (‖g‖ − 1)² is 1 there and has no derivative, the gradient is taken as 0."""
    D = mlp([3, 4, 1], "relu")
    theta, x, samples = np.zeros(D.size), *np.ones((2, 5, 3))
    price = penalty.price.h(np.zeros(1))
    assert penalty.value(D, theta, x, samples, draws()) == penalty.weight * price
    assert not penalty.gradient(D, theta, x, samples, draws()).any()
    # some samples flat and others not: a = max(0, x₁) at points on both sides, where ‖g‖ is 0 or 1
    theta[[0, 16]] = 2.0
    x = samples = np.array([[-5.0, 0, 0], [5.0, 0, 0]])
    gradient = penalty.gradient(D, theta, x, samples, draws())
    assert np.isfinite(gradient).all() and gradient.any()


@every
def test_a_row_says_what_it_is(penalty):
    """Its help, its formulas and the formula of its points: the command line and the tracer show
    them.
    """
    price, row = penalty.price, f"numgan/penalties.py, {penalty.name}"
    assert penalty.says and (price.formula, price.dformula) != ("h(s)", "h′(s)"), (
        f"{row}: a formula is missing"
    )
    for formula, f in ((price.formula, price.h), (price.dformula, price.dh)):
        python = (
            formula.replace("−", "-").replace("²", "**2").replace("½ ", "0.5*").replace("½", "0.5")
        )
        python = python.replace("³", "**3").replace("3 s", "3*s")
        for s in (0.04, 0.7, 2.3, 9.0):
            said = eval(python.replace("√s", "s**0.5"), {"s": s, "max": max, "float": float})
            assert said == pytest.approx(f(np.array(s)), abs=8 * EPS), (
                f"{row}: {formula} is another function"
            )
    assert penalty.points.__doc__.startswith("x̂ = "), (
        f"{row}: the first line of its points' docstring is x̂ = …"
    )


# ── how it is computed
# ───────────────────────────────────────────────────────────────────────────────────────────────


class Counted(Network):
    """Counts the passes that it is asked for."""

    def __init__(self, *args):
        super().__init__(*args)
        self.passes = Counter()

    def __getattribute__(self, name):
        if name in ("forward", "gradient", "walk", "backward", "rforward", "rgradient"):
            self.passes[name] += 1
        return super().__getattribute__(name)


@every
def test_E46_is_one_r_pass(penalty, monkeypatch):
    """And each layer is walked back through once: the R-pass reads the dy's of the slopes."""
    D, walked, backward = Counted(NETWORKS["tanh"].layers, (3,)), [], Dense.backward
    monkeypatch.setattr(Dense, "backward", lambda *at: walked.append(at[0]) or backward(*at))
    penalty.gradient(D, *setting(D), draws())
    assert D.passes == {"forward": 1, "walk": 1, "rforward": 1, "rgradient": 1}
    assert len(walked) == sum(isinstance(layer, Dense) for layer in D.layers)


@every
def test_E46_float32_stays_and_agrees(penalty):
    D = NETWORKS["leaky_relu"]
    theta, x, samples = setting(D, dtype="float32")
    single = penalty.gradient(D, theta, x, samples, draws())
    assert single.dtype == penalty.value(D, theta, x, samples, draws()).dtype == np.float32
    # ε in float32 is another draw than in float64
    points = penalty.points(x, samples, draws()).astype(float)
    double = replace(penalty, points=lambda *_: points).gradient(D, theta.astype(float), x, samples)
    # three layers, twice there and back
    assert np.abs(single - double).max() <= 32 * 2.0**-23 * np.abs(double).max()


@every
def test_E46_same_seed_same_bits_and_nothing_changes(penalty):
    D = NETWORKS["dropout"]
    theta, x, samples = at = setting(D)
    kept = [a.copy() for a in at]
    first, second, other = (penalty.gradient(D, *at, draws(seed)) for seed in (5, 5, 6))
    assert first.tobytes() == second.tobytes() and not np.array_equal(first, other)
    assert all(np.array_equal(a, b) for a, b in zip(at, kept, strict=True))


# ── in training
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class Plane:
    """Standard normal data in the plane."""

    def batch(self, m, rng):
        return rng.standard_normal((m, 2), dtype=np.float32)


def training(penalty="wgan-gp", D=None, optimizer=Optimizer, eta=0.05, **options):
    rng = np.random.default_rng(3)
    G = mlp([2, 6, 2], "tanh")
    D = D or mlp([2, 6, 1], "tanh")
    game = Game(G, D, OBJECTIVES["wasserstein"], PENALTIES.get(penalty))
    return Training(
        game,
        Plane(),
        rng,
        D.initial(rng),
        G.initial(rng),
        optimizer(eta),
        optimizer(eta),
        m=8,
        **options,
    )


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_lazy_penalty_enters_at_every_nth_step_n_fold(n):
    """E31 with ∇Ṽ − n∇R at the steps 0, n, 2n, …, written out; plain steps, so the bits agree."""
    t, twin = training(every=n, k=2), training(every=n, k=2)
    game, penalty, theta_d, theta_g = twin.game, PENALTIES["wgan-gp"], twin.theta_d, twin.theta_g
    plain = replace(game, penalty=None)
    for step in range(6):
        x, z = twin.data.batch(8, twin.rng), twin.latents(8)
        dtheta_d = plain.discriminator_step(theta_d, theta_g, x, z).dtheta_d
        if step % n == 0:
            dtheta_d -= n * penalty.gradient(game.D, theta_d, x, game.G(theta_g, z), twin.rng)
        theta_d += 0.05 * dtheta_d
        if step % 2:
            theta_g -= 0.05 * game.generator_step(theta_d, theta_g, twin.latents(8)).dtheta_g
    for _ in range(3):
        t.iteration()
    assert t.theta_d.tobytes() == theta_d.tobytes() and t.theta_g.tobytes() == theta_g.tobytes()


def test_the_discriminator_ascends_the_value_less_the_penalty():
    t = training()
    x, z = t.data.batch(64, t.rng), t.latents(64)

    def value(theta):
        return t.game.discriminator_value(theta, t.theta_g, x, z, draws())

    step = t.game.discriminator_step(t.theta_d, t.theta_g, x, z, draws()).dtheta_d
    assert (
        value(t.theta_d + np.float32(1e-3) * step)
        > value(t.theta_d)
        > value(t.theta_d - np.float32(1e-3) * step)
    )


def test_a_critic_held_by_its_penalty_has_slope_one():
    """With nothing to tell apart, what is left of E31 is the penalty: its minimum is ‖∇a‖ = 1
    everywhere.
    """
    D, rng = LINEAR, np.random.default_rng(0)
    theta, adam = D.initial(rng, "float64"), Adam(0.05)
    for _ in range(200):
        x = rng.standard_normal((8, 3))
        adam.descend(theta, PENALTIES["wgan-gp"].gradient(D, theta, x, x, rng))
    # Adam's last steps are of that size
    assert np.linalg.norm(theta[:3]) == pytest.approx(1, abs=1e-3)


def test_clipping_keeps_every_weight_in_its_box_and_leaves_what_is_remembered():
    D = Network([SpectralNorm(Dense(2, 6)), BatchNorm(6), LeakyReLU(), Dense(6, 1)], (2,))
    t, free = training(None, D, clip=0.05), training(None, D)
    weights = ~D.fixed
    for _ in range(3):
        t.iteration()
        free.iteration()
        # 0.05 is reached, and not passed
        assert np.abs(t.theta_d[weights]).max() == np.float32(0.05)
    assert np.abs(free.theta_d[weights]).max() > 0.5
    # unit vectors and running variances: far outside the box
    assert np.abs(t.theta_d[D.fixed]).max() > 0.5


def test_clipping_and_penalties_leave_what_is_remembered_to_observe():
    D = Network([SpectralNorm(Dense(2, 6)), Tanh(), Dense(6, 1)], (2,))
    theta, x, samples = setting(D)
    remembered = theta[D.fixed].copy()
    D.clip(theta, 1e-3)
    assert np.array_equal(theta[D.fixed], remembered) and np.abs(theta[~D.fixed]).max() <= 1e-3
    assert not PENALTIES["r1"].gradient(D, theta, x, samples)[D.fixed].any()


# ── sums, and what G pays (E55)
# ──────────────────────────────────────────────────────────────────────────────────────────────────

BOTH = PENALTIES["r1"] + replace(PENALTIES["wgan-gp"], weight=2.0)


@pytest.mark.parametrize("classes", [0, 3])
def test_E55_the_gradient_of_a_sum_is_the_sum_of_gradients(classes):
    D = CONDITIONAL["projection"] if classes else NETWORKS["tanh"]
    at = setting(D)
    exact = by_complex_step(BOTH, D, *at, classes=classes)
    gradient = BOTH.gradient(D, *at, draws(), classes)
    assert np.abs(gradient - exact).max() <= 1e-11 * np.abs(exact).max()
    parts = [R.gradient(D, *at, draws(), classes) for R in BOTH.parts]
    assert np.array_equal(gradient, parts[0] + parts[1])  # R1 draws nothing
    assert (BOTH + PENALTIES["r2"]).name == "r1 + wgan-gp + r2"


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("classes", [0, 3])
def test_E55_the_slope_of_a_penalty_along_the_samples(name, classes):
    """∂R/∂x̃ against the complex step of R in x̃ (E48), the classes of the rows apart."""
    D = CONDITIONAL["concatenation"] if classes else NETWORKS["tanh"]
    theta, x, samples = setting(D)
    exact = np.zeros_like(samples)
    for i in np.ndindex(*samples.shape):
        if not classes or i[-1] < samples.shape[1] - classes:
            moved = samples.astype(complex)
            moved[i] += 1j * H
            exact[i] = PENALTIES[name].value(D, theta, x, moved, draws(), classes).imag / H
    ours = PENALTIES[name].dsamples(D, theta, x, samples, draws(), classes)
    assert np.abs(ours - exact).max() <= 1e-11 * max(np.abs(exact).max(), 1e-3)


def test_E55_a_lazy_sum_in_training_is_the_sum_at_every_nth_step():
    t = replace(training(every=2))
    t.game = replace(t.game, penalty=BOTH)
    x, z = t.data.batch(8, draws(1)), t.latents(8, draws(2))
    plain, lazy = (
        t.game.discriminator_step(t.theta_d, t.theta_g, x, z, draws(), n).dtheta_d for n in (0, 2)
    )
    R = BOTH.gradient(t.game.D, t.theta_d, x, t.game.G(t.theta_g, z), draws())
    assert np.allclose(plain - lazy, 2 * R, rtol=0, atol=1e-5 * np.abs(R).max())  # float32


@pytest.mark.parametrize("p", [2, 3, 6])
def test_E55_any_power_of_the_slope(p):
    """Of a linear logit ‖w‖^p, with the gradient p ‖w‖^(p−2) w."""
    penalty = replace(PENALTIES["wgan-div"], price=power(p), weight=1.0)
    theta, x, samples = np.append(w, 0.7), *np.random.default_rng(0).standard_normal((2, 6, 3))
    at = LINEAR, theta, x, samples, draws()
    assert penalty.value(*at) == pytest.approx(n**p, rel=30 * EPS)
    assert np.allclose(penalty.gradient(*at)[:3], p * n ** (p - 2) * w, rtol=64 * EPS, atol=0)
    with pytest.raises(InputError, match="at least 2, got 1.5"):
        power(1.5)


def test_E55_the_costs_of_a_generator():
    """Their definitions, and both slopes against the complex step; what is remembered is free."""
    G = Network([Dense(2, 4), BatchNorm(4), Tanh(), Dense(4, 2)], (2,))
    theta, z, _ = setting(G)
    transport, decay = COSTS["transport"], COSTS["decay"]
    samples = G(theta, z)
    assert transport.value(G, theta, z, samples) == pytest.approx(
        0.1 * np.mean([((G(theta, z)[i] - z[i]) ** 2).sum() for i in range(4)]), rel=8 * EPS
    )
    assert decay.value(G, theta, z, samples) == pytest.approx(
        0.5e-4 * (theta[~G.fixed] ** 2).sum(), rel=8 * EPS
    )
    D = mlp([2, 4, 1], "tanh")
    game = Game(G, D, OBJECTIVES["paired"], cost=transport + replace(decay, weight=0.3))
    theta_d = D.initial(draws(), "float64")
    x = np.random.default_rng(9).standard_normal(z.shape)
    exact, step = np.zeros(G.size), theta.astype(complex)
    for i in np.flatnonzero(~G.fixed):
        step[i] += 1j * H
        exact[i] = game.generator_value(theta_d, step, z, x=x).imag / H
        step[i] = theta[i]
    ours = game.generator_step(theta_d, theta, z, x=x).dtheta_g
    assert np.abs(ours - exact).max() <= 1e-13 * np.abs(exact).max()  # some hundred roundings
    with pytest.raises(InputError, match=r"samples have the shape \(3,\), latents \(2,\)"):
        Game(mlp([2, 3]), mlp([3, 1]), OBJECTIVES["minimax"], cost=transport)
    for wrong in ({"penalty": [PENALTIES["r1"]]}, {"cost": 0.1}):
        with pytest.raises(InputError, match=r"or a sum of them with \+"):
            Game(G, D, OBJECTIVES["minimax"], **wrong)


# ── against PyTorch
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def of_an_mlp(x, W1, b1, W2, b2, W3, b3):
    return ((x @ W1 + b1).tanh() @ W2 + b2).tanh() @ W3 + b3


def of_images(x, W, b, W2, b2):
    torch = pytest.importorskip("torch")
    y = torch.nn.functional.conv2d(
        x.permute(0, 3, 1, 2), W.permute(3, 2, 0, 1), b, stride=2, padding=1
    )
    return torch.nn.functional.softplus(y.permute(0, 2, 3, 1), threshold=1e9).flatten(1) @ W2 + b2


ORACLES = {
    "mlp": (mlp([3, 5, 4, 1], "tanh"), of_an_mlp),
    "convolution": (
        Network([Convolution(2, 3, 3, 2, 1), Softplus(), Flatten(), Dense(12, 1)], (4, 4, 2)),
        of_images,
    ),
}


PRICES = {
    "s": lambda s: s,
    "s³": lambda s: s**3,
    "½ s": lambda s: s / 2,
    "(√s − 1)²": lambda s: (s.sqrt() - 1) ** 2,
    "max(0, √s − 1)²": lambda s: (s.sqrt() - 1).clamp(min=0) ** 2,
}


@pytest.mark.parametrize("name", ORACLES)
@every
def test_E46_against_double_backward_in_pytorch(penalty, name):
    """autograd.grad(create_graph=True) at the same points; 1e-12 of the largest entry: sums in
    another order.
    """
    torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")
    D, twin = ORACLES[name]
    theta, x, samples = setting(D)
    P = [torch.tensor(p, requires_grad=True) for views in D.views(theta) for p in views]
    points = torch.tensor(penalty.points(x, samples, draws()), requires_grad=True)
    (g,) = torch.autograd.grad(twin(points, *P).sum(), points, create_graph=True)
    s = (g * g).flatten(1).sum(1)
    if penalty.price.formula not in PRICES:
        pytest.skip(
            f"{penalty.name}: write {penalty.price.formula} into PRICES of "
            f"tests/test_penalties.py for PyTorch"
        )
    price = PRICES[penalty.price.formula](s)
    R = penalty.weight * price.mean()
    # the last bias has no part in a slope
    dP = torch.autograd.grad(R, P, allow_unused=True, materialize_grads=True)
    exact = np.concatenate([d.numpy().ravel() for d in dP])
    assert penalty.value(D, theta, x, samples, draws()) == pytest.approx(R.item(), rel=1e-13)
    assert (
        np.abs(penalty.gradient(D, theta, x, samples, draws()) - exact).max()
        <= 1e-12 * np.abs(exact).max()
    )


# ── the checker's own opinion
# ────────────────────────────────────────────────────────────────────────────────────────


@every
def test_the_checker_finds_nothing_wrong_with_a_penalty(penalty):
    findings = [f for seed in range(3) for f in check_penalty(penalty, penalty.name, seed=seed)]
    assert len(findings) > 20 and not [f for f in findings if f.failed]


def test_what_a_penalty_cannot_do_without_is_asked_for():
    D = mlp([3, 4, 1], "tanh")
    theta, x, samples = setting(D)
    for name in ("wgan-gp", "zero-gp", "dragan"):
        with pytest.raises(InputError, match="at random points draws them: pass a generator rng"):
            PENALTIES[name].gradient(D, theta, x, samples)
    with pytest.raises(InputError, match=r"as many of both, got \(4, 3\) and \(3, 3\)"):
        PENALTIES["wgan-gp"].gradient(D, theta, x, samples[:3], draws())


@pytest.mark.parametrize(("name", "where"), [("r1", "the data"), ("r2", "the samples")])
def test_in_a_conditional_game_the_class_is_that_of_the_point(name, where):
    """R1 never sees the samples and R2 never the data, neither their numbers nor the classes beside
    them.
    """
    D, rng = mlp([5, 4, 1], "tanh"), draws()
    theta, x, samples = setting(D)
    others = rng.standard_normal(x.shape)
    R = PENALTIES[name].value(D, theta, x, samples, classes=2)
    moved = (x, others) if where == "the data" else (others, samples)
    assert PENALTIES[name].value(D, theta, *moved, classes=2) == R
    back = (others, samples) if where == "the data" else (x, others)
    assert PENALTIES[name].value(D, theta, *back, classes=2) != R


@dataclass(frozen=True)
class Doubled(Penalty):
    """A penalty whose gradient is twice what it should be."""

    def gradient(self, D, theta, x, samples, rng=None, classes=0):
        return 2 * super().gradient(D, theta, x, samples, rng, classes)


@pytest.mark.parametrize("seed", (0, 12, 18, 27))  # at the last three θ as drawn has slopes ≤ 1
def test_a_wrong_gradient_shows_where_the_price_is_flat_below_1(seed):
    """The slopes of the checker's network lie on both sides of 1, so no entry is 0 = 0."""
    wrong = Doubled(**vars(PENALTIES["wgan-lp"]))
    failed = {f.parameter for f in check_penalty(wrong, seed=seed).failures}
    assert {name for name in failed if name.startswith("dW")} == {
        "dW of layer 0 Convolution",
        "dW of layer 3 Dense",
        "dW of layer 5 Dense",
    }
    assert check_penalty(PENALTIES["wgan-lp"], seed=seed).ok

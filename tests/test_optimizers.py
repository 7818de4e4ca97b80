"""The rules by which θ moves, in numbers that can be done in the head; long paths are in
tests/check.
"""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.optimizers import (
    OPTIMIZERS,
    SCHEDULES,
    SLICE,
    Adam,
    Momentum,
    Optimizer,
    RMSProp,
    cosine,
    linear,
)

g = np.array([1.0, -2.0])


def steps(optimizer, count, gradient=g):
    theta = np.zeros_like(gradient)
    for _ in range(count):
        optimizer.descend(theta, gradient)
    return theta


def test_two_steps_of_each_by_hand():
    assert np.array_equal(steps(Optimizer(0.5), 2), -g)
    # v: g, then 1.5 g
    assert np.allclose(steps(Momentum(0.5, 0.5), 2), -0.5 * g * (1 + 1.5), rtol=1e-15)
    assert np.allclose(
        steps(Momentum(0.5, 0.5, nesterov=True), 2), -0.5 * g * (1.5 + 1.75), rtol=1e-15
    )
    # v after one step is (1−ρ)g², so u = g/√((1−ρ)g²) = ±1/√0.19 = ±2.294157, but for ε = 1e−8
    assert np.allclose(steps(RMSProp(1.0, rho=0.81), 1), -np.sign(g) / 0.19**0.5, rtol=1e-7)
    # m̂ = g and v̂ = g² at every step of a constant gradient: each step is η sign(g), but for
    # ε = 1e−8
    assert np.allclose(steps(Adam(0.1), 7), -0.7 * np.sign(g), rtol=1e-7)


def test_E36_the_length_of_a_step_of_adam_depends_on_the_scale_of_the_gradient():
    """η|g|/(|g| + ε) for a constant g: η/2 at |g| = ε, and next to nothing far below."""
    gradient = np.array([1.0, 1e-3, 1e-8, 1e-10])
    assert np.allclose(
        steps(Adam(0.1, epsilon=1e-8), 5, gradient), -0.5 * gradient / (gradient + 1e-8), rtol=1e-12
    )
    assert steps(Adam(0.1, epsilon=1e-8), 1, gradient)[2] == pytest.approx(-0.05, rel=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_sign_is_that_of_the_aim(name):
    up, down = np.zeros(2), np.zeros(2)
    OPTIMIZERS[name](0.1).ascend(up, g)
    OPTIMIZERS[name](0.1).descend(down, g)
    assert np.array_equal(up, -down) and np.all(up * g > 0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_long_vector_moves_like_its_parts(name):
    """Every rule is element-wise, so slicing for the cache changes no bit."""
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((3, SLICE + 5))
    whole, part = np.zeros(SLICE + 5), np.zeros(5)
    long, short = OPTIMIZERS[name](0.1), OPTIMIZERS[name](0.1)
    for gradient in gradients:
        long.descend(whole, gradient)
        short.descend(part, gradient[-5:])
    assert np.array_equal(whole[-5:], part)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_all_that_is_remembered_is_in_state_and_t(name):
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 4))
    straight, theta = OPTIMIZERS[name](0.1), np.zeros(4)
    for gradient in gradients:
        straight.descend(theta, gradient)
    first, resumed, other = OPTIMIZERS[name](0.1), OPTIMIZERS[name](0.1), np.zeros(4)
    for gradient in gradients[:3]:
        first.descend(other, gradient)
    resumed.state, resumed.t = {key: value.copy() for key, value in first.state.items()}, first.t
    for gradient in gradients[3:]:
        resumed.descend(other, gradient)
    assert np.array_equal(theta, other) and straight.t == 6
    assert set(straight.state) == set(straight.remembers)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_float32(name):
    theta = np.zeros(3, "float32")
    optimizer = OPTIMIZERS[name](0.1)
    optimizer.descend(theta, np.float32([1, 2, 3]))
    assert theta.dtype == np.float32 and all(
        array.dtype == np.float32 for array in optimizer.state.values()
    )


def test_schedules_begin_at_eta_and_end_at_zero():
    assert [linear(0.4, 4)(t) for t in range(6)] == pytest.approx(
        [0.4, 0.3, 0.2, 0.1, 0, 0], abs=1e-16
    )
    assert [linear(0.4, 4, start=2)(t) for t in range(5)] == pytest.approx(
        [0.4, 0.4, 0.4, 0.2, 0], abs=1e-16
    )
    assert [cosine(0.4, 4)(t) for t in (0, 2, 4, 9)] == pytest.approx([0.4, 0.2, 0, 0], abs=1e-16)
    assert SCHEDULES["constant"](0.4, 4)(99) == 0.4


def test_a_schedule_is_asked_for_the_steps_taken_so_far():
    asked = []
    optimizer = Optimizer(lambda t: asked.append(t) or 0.1)
    for _ in range(3):
        optimizer.ascend(np.zeros(1), np.ones(1))
    assert asked == [0, 1, 2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Optimizer(-0.1),
        lambda: Optimizer(float("nan")),
        lambda: Momentum(0.1, beta=1.0),
        lambda: RMSProp(0.1, rho=1.5),
        lambda: Adam(0.1, beta2=-1.0),
        lambda: Adam(0.1, epsilon=-1e-8),
        lambda: RMSProp(0.1, epsilon=0.0),
        lambda: linear(float("inf"), 5),
        lambda: Adam("0.1"),
        lambda: Adam(None),
        lambda: Adam(0.1, epsilon=float("inf")),
        lambda: Adam(0.1, beta1="0.5"),
        lambda: Momentum(0.1, beta=float("nan")),
        lambda: cosine(0.1, 0),
        lambda: linear(0.1, float("nan")),
        lambda: linear(0.1, 5, -1),
    ],
)
def test_bad_numbers_are_refused(make):
    with pytest.raises(ValueError, match="must"):
        make()


@pytest.mark.parametrize("eta", [float("nan"), -0.1, float("inf"), None, "0.1"])
def test_a_schedule_gives_a_number_of_at_least_0(eta):
    """Told before θ moves, and with the step."""
    theta, optimizer = np.zeros(2), Adam(lambda t: 0.1 if t < 2 else eta)
    for _ in range(2):
        optimizer.ascend(theta, g)
    before = theta.copy()
    says = "the learning rate of step 2 is .*: expected a finite number of at least 0"
    for move in (optimizer.ascend, optimizer.descend):
        with pytest.raises(InputError, match=says):
            move(theta, g)
    assert np.array_equal(theta, before) and optimizer.t == 2


@pytest.mark.parametrize(
    ("theta", "gradient"),
    [
        ([0.0, 0.0], g),
        (np.zeros(2), [1.0, 2.0]),
        ([0.0], [1.0]),
        (np.zeros(2), np.ones(1)),
        (np.zeros(2), 1.0),
    ],
    ids=["list", "list for g", "lists", "short g", "number for g"],
)
def test_theta_and_g_are_arrays_of_one_shape(theta, gradient):
    with pytest.raises(InputError, match="θ and g must be arrays of one shape, got"):
        Optimizer(0.1).ascend(theta, gradient)


def test_with_another_beta_adam_keeps_its_means():
    """E36: the next step is that of a rule whose m and v are the paper's means."""
    rng, theta = np.random.default_rng(5), np.zeros(7)
    before, after, mean, square = Adam(0.1, 0.5), Adam(0.1, 0.9), np.zeros(7), np.zeros(7)
    for _ in range(3):
        g = rng.standard_normal(7)
        before.ascend(theta, g)
        mean, square = 0.5 * mean + 0.5 * g, 0.999 * square + 0.001 * g * g
    after.follow(before)
    m_hat, there, g = mean / (1 - 0.5**3), theta.copy(), rng.standard_normal(7)
    after.ascend(theta, g)
    m = 0.9 * m_hat * (1 - 0.9**3) + 0.1 * g  # m̂ of before, in the weights of 0.9
    v = 0.999 * square + 0.001 * g * g
    u = m / (1 - 0.9**4) / (np.sqrt(v / (1 - 0.999**4)) + 1e-8)
    np.testing.assert_allclose(theta, there + 0.1 * u, rtol=1e-13)  # some ten roundings

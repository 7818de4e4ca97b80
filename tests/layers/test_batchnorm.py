"""L5: in training by the batch, outside it by running averages; and what the other two
normalisations normalise.
"""

import numpy as np
import pytest

from numgan.errors import InputError
from numgan.layers import BatchNorm, InstanceNorm, LayerNorm, MinibatchDeviation, RunningNorm

rng = np.random.default_rng(0)


def test_training_gives_every_feature_the_mean_beta_and_the_deviation_gamma():
    layer, x = BatchNorm(3, epsilon=1e-12), 5 + 2 * rng.standard_normal((8, 4, 4, 3))
    gamma, beta = np.array([1.0, 2, 3]), np.array([-1.0, 0, 1])
    y, _ = layer.forward((gamma, beta, *layer.initial(rng)[2:]), x)
    np.testing.assert_allclose(y.mean((0, 1, 2)), beta, atol=1e-13)  # sums of 128 terms of order 1
    # ε/σ² = 3e-13 of relative change
    np.testing.assert_allclose(y.std((0, 1, 2)), gamma, rtol=1e-11)


@pytest.mark.parametrize(
    ("layer", "axes"), [(LayerNorm((4, 4, 3), 1e-12), (1, 2, 3)), (InstanceNorm(3, 1e-12), (1, 2))]
)
def test_the_others_normalise_each_sample(layer, axes):
    x = 5 + 2 * rng.standard_normal((8, 4, 4, 3))
    y, _ = layer.forward(layer.initial(rng), x)
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-13)
    np.testing.assert_allclose(y.std(axes), 1, rtol=1e-11)
    alone, _ = layer.forward(layer.initial(rng), x[3:4])
    np.testing.assert_allclose(alone, y[3:4], rtol=1e-13)


def test_running_averages_are_unbiased_and_only_observe_moves_them():
    layer, batches = BatchNorm(2, momentum=0.5), rng.standard_normal((2, 6, 2))
    P = layer.initial(rng)
    for x in batches:
        before = [p.copy() for p in P]
        _, cache = layer.forward(P, x)
        assert all(np.array_equal(a, b) for a, b in zip(P, before, strict=True))
        layer.observe(P, cache)
        assert np.array_equal(P[0], before[0]) and np.array_equal(P[1], before[1])
    first, second = batches
    np.testing.assert_allclose(P[2], 0.25 * first.mean(0) + 0.5 * second.mean(0), rtol=1e-14)
    np.testing.assert_allclose(
        P[3], 0.25 + 0.25 * first.var(0, ddof=1) + 0.5 * second.var(0, ddof=1), rtol=1e-14
    )


def test_outside_training_every_sample_is_on_its_own():
    layer, x = BatchNorm(2), rng.standard_normal((6, 2))
    P = tuple(p + 0.5 for p in layer.initial(rng))
    outside = layer.evaluation()
    assert outside.parameters() == layer.parameters() and outside.evaluation() is outside
    y, cache = outside.forward(P, x)
    np.testing.assert_array_equal(outside.forward(P, x[:1])[0], y[:1])
    np.testing.assert_allclose(
        y, P[0] * (x - P[2]) / np.sqrt(P[3] + layer.epsilon) + P[1], rtol=1e-14
    )
    remembered = P[2].copy(), P[3].copy()
    outside.observe(P, cache)
    assert np.array_equal(P[2], remembered[0]) and np.array_equal(P[3], remembered[1])


def test_the_two_modes_have_different_gradients():
    """In training a constant dy moves nothing, for the mean is subtracted; outside it is passed on,
    times γ r.
    """
    layer, x, dy = BatchNorm(2), rng.standard_normal((6, 2)), np.ones((6, 2))
    P = layer.initial(rng)
    _, cache = layer.forward(P, x)
    np.testing.assert_allclose(layer.backward(P, cache, dy), 0, atol=1e-14)
    outside = layer.evaluation()
    _, cache = outside.forward(P, x)
    np.testing.assert_allclose(outside.backward(P, cache, dy), 1 / np.sqrt(1 + 1e-5), rtol=1e-14)


def test_a_shift_and_a_scale_of_the_batch_are_forgotten():
    """y(a x + b) = y(x) as ε → 0, so dx has no part along 1 and none along x."""
    layer, x, dy = (
        BatchNorm(3, epsilon=1e-14),
        rng.standard_normal((9, 3)),
        rng.standard_normal((9, 3)),
    )
    P = layer.initial(rng)
    y, cache = layer.forward(P, x)
    # 7 + x loses a digit of x
    np.testing.assert_allclose(layer.forward(P, 3 * x + 7)[0], y, rtol=1e-9, atol=1e-12)
    dx = layer.backward(P, cache, dy)
    np.testing.assert_allclose(dx.sum(0), 0, atol=1e-13)
    np.testing.assert_allclose((dx * x).sum(0), 0, atol=1e-12)  # ε/σ² and 9 terms of order 1


def test_data_and_samples_are_normalised_apart():
    layer, data, samples = (
        BatchNorm(1),
        rng.standard_normal((5, 1)),
        9 + rng.standard_normal((5, 1)),
    )
    P = layer.initial(rng)
    apart = np.concatenate([layer.forward(P, data)[0], layer.forward(P, samples)[0]])
    together, _ = layer.forward(P, np.concatenate([data, samples]))
    assert abs(apart[:5].mean()) < 1e-14 < 0.9 < abs(together[:5].mean())


def test_one_number_has_no_variance():
    with pytest.raises(InputError, match="batch of one has no variance"):
        BatchNorm(2).forward(BatchNorm(2).initial(rng), np.ones((1, 2)))
    with pytest.raises(InputError, match="expected 2 features"):
        BatchNorm(2).output_shape((3,))
    with pytest.raises(InputError, match="expected samples of shape"):
        LayerNorm((3,)).output_shape((4,))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: BatchNorm(3, epsilon=-1),
            "epsilon must be a number above 0, such as 1e-5, got -1",
        ),
        (lambda: BatchNorm(3, epsilon=0), "epsilon must be a number above 0, such as 1e-5, got 0"),
        (
            lambda: RunningNorm(3, epsilon=0.0),
            "epsilon must be a number above 0, such as 1e-5, got 0.0",
        ),
        (lambda: LayerNorm((3,), epsilon=0.0), "epsilon must be a number above 0"),
        (
            lambda: InstanceNorm(3, epsilon=float("nan")),
            "epsilon must be a number above 0, such as 1e-5, got nan",
        ),
        (
            lambda: LayerNorm((3,), epsilon=float("inf")),
            "epsilon must be a number above 0, such as 1e-5, got inf",
        ),
        (lambda: MinibatchDeviation(epsilon=0), "epsilon must be a number above 0"),
        (lambda: MinibatchDeviation(epsilon=True), "epsilon must be a number above 0"),
        (lambda: BatchNorm(3, momentum=7), "momentum must be at most 1, got 7"),
        (
            lambda: InstanceNorm(3, epsilon="1"),
            "epsilon must be a number above 0, such as 1e-5, got '1'",
        ),
        (lambda: LayerNorm(4), r"a tuple such as \(4,\), got 4"),
        (lambda: LayerNorm((0,)), r"shape\[0\] must be a whole number of at least 1, got 0"),
    ],
)
def test_hyper_parameters_that_make_no_sense_are_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()

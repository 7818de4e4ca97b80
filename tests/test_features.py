"""The classifier's gradient against the complex step, the manifolds against plain loops, and what
the figures must say of samples whose faults are known."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.data import dataset
from numgan.errors import InputError
from numgan.layers.conditioning import one_hot
from numgan.metrics import class_accuracy, image_quality, precision_recall, train_classifier
from numgan.metrics.classifier import cross_entropy
from numgan.metrics.manifold import precision_and_recall, share_on_manifold, squared_radii

# softmax and cross-entropy


def drawn(seed, N, K, size=3.0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, size, (N, K)), one_hot(rng.integers(0, K, N), K, "float64")


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(2, 8), st.integers(0, 2**32))
def test_gradient_of_the_cross_entropy(N, K, seed):
    """∂L/∂a_nk = Im L(a + ih e_nk)/h, to 1e-12: entries are at most 1/N, each a few roundings."""
    a, c = drawn(seed, N, K)
    _, da = cross_entropy(a, c)
    for place in np.ndindex(N, K):
        stepped = a.astype(complex)
        stepped[place] += 1e-30j
        assert cross_entropy(stepped, c)[0].imag / 1e-30 == pytest.approx(da[place], abs=1e-12)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(2, 8), st.floats(-100, 100), st.integers(0, 2**32))
def test_a_shift_of_the_logits_changes_nothing(N, K, shift, seed):
    """a + shift is rounded at 100 · 2e-16; so L and ∂L/∂a agree to some of these, and rows of ∂L/∂a
    sum to 0.
    """
    a, c = drawn(seed, N, K)
    (L, da), (L_shifted, da_shifted) = cross_entropy(a, c), cross_entropy(a + shift, c)
    assert L_shifted == pytest.approx(L, abs=1e-12)
    assert da_shifted == pytest.approx(da, abs=1e-12)
    assert da.sum(1) == pytest.approx(np.zeros(N), abs=1e-15)


def test_cross_entropy_known_values():
    """log K where the network knows nothing; 0 where it is sure and right, the gap of the logits
    where it is wrong.
    """
    c = one_hot([1, 0], 4, "float64")
    assert cross_entropy(np.zeros((2, 4)), c)[0] == pytest.approx(np.log(4), abs=1e-15)
    with np.errstate(all="raise", under="ignore"):
        L, da = cross_entropy(np.float32(3e4) * one_hot([1, 2], 4), c.astype("float32"))
    assert L == pytest.approx(1.5e4) and da.dtype == np.float32
    assert np.array_equal(da, np.float32([[0, 0, 0, 0], [-0.5, 0, 0.5, 0]]))


# manifolds


def plainly_covered(x, y, k):
    """The definition, one point at a time."""
    radii = [
        sorted(np.linalg.norm(b - other) for j, other in enumerate(y) if j != i)[k - 1]
        for i, b in enumerate(y)
    ]
    return np.mean(
        [any(np.linalg.norm(a - b) <= r for b, r in zip(y, radii, strict=True)) for a in x]
    )


@settings(deadline=None)
@given(
    st.integers(4, 12),
    st.integers(4, 12),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2**32),
)
def test_overlap_against_plain_loops(N, M, d, k, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(N, d)), rng.normal(0.5, 1, size=(M, d))
    assert np.array_equal(
        precision_and_recall(x, y, k), [plainly_covered(x, y, k), plainly_covered(y, x, k)]
    )


def test_overlap_in_blocks_is_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(41, 4))
    whole, radii = precision_and_recall(x, y, 3), squared_radii(x, 3)
    monkeypatch.setattr("numgan.metrics.manifold.BLOCK", 7)
    assert np.array_equal(precision_and_recall(x, y, 3), whole)
    # products of other blocks round otherwise
    assert squared_radii(x, 3) == pytest.approx(radii, rel=1e-13)


def test_every_point_is_on_its_own_manifold():
    x = np.random.default_rng(0).normal(size=(300, 16))
    assert np.array_equal(precision_and_recall(x, x, 3), [1, 1])
    assert share_on_manifold(x + 1e3, x, 3) == 0


@pytest.mark.parametrize(("d", "shift"), [(2, 0.0), (2, 1.5), (8, 0.0)])
def test_errors_of_precision_and_recall(d, shift):
    """Over 60 draws (whose scatter is known to 9 %): the error promised is at least 0.8 and at most
    1.8 of the scatter, on the safe side as the docstring says; and where P = Q the values' mean is
    the floors', to 4 of its errors."""
    rng = np.random.default_rng(3)
    runs = [
        precision_recall(rng.normal(shift, 1, (300, d)), rng.normal(size=(300, d)), rng)
        for _ in range(60)
    ]
    for estimates in zip(*runs, strict=True):
        values, floors = (
            np.array([getattr(e, name) for e in estimates]) for name in ("value", "floor")
        )
        assert 0.8 < np.mean([e.error for e in estimates]) / values.std() < 1.8
        assert 0.8 < np.mean([e.floor_error for e in estimates]) / floors.std() < 1.8
        if shift == 0:
            assert abs((values - floors).mean()) < 4 * (values - floors).std() / np.sqrt(60)


def clouds(centres, n, rng, std=1.0):
    return np.repeat(centres, n, axis=0) + std * rng.standard_normal(
        (n * len(centres), centres.shape[1])
    )


CENTRES = 30 * np.eye(4, 6)  # four modes, 42 standard deviations apart


def differs(estimate):
    """How many errors lie between the value and the floor."""
    return (estimate.value - estimate.floor) / np.hypot(estimate.error, estimate.floor_error)


def test_a_missing_mode_costs_recall_alone():
    rng = np.random.default_rng(0)
    real, x = clouds(CENTRES, 200, rng), clouds(CENTRES[:3], 260, rng)
    precision, recall = precision_recall(x, real, rng)
    assert abs(differs(precision)) < 4
    assert (
        recall.value == pytest.approx(0.75 * recall.floor, abs=4 * recall.error)
        and differs(recall) < -4
    )


def test_an_invented_mode_costs_precision_alone():
    rng = np.random.default_rng(1)
    real, x = clouds(CENTRES[:3], 260, rng), clouds(CENTRES, 200, rng)
    precision, recall = precision_recall(x, real, rng)
    assert abs(differs(recall)) < 4
    assert precision.value == pytest.approx(0.75 * precision.floor, abs=4 * precision.error)
    assert differs(precision) < -4


def test_noise_costs_precision():
    """A third of the samples far from anything, each way its own; so the other two thirds are what
    can be precise.
    """
    rng = np.random.default_rng(2)
    real, x = clouds(CENTRES, 200, rng), clouds(CENTRES, 200, rng)
    x[::3] = 1000 * rng.standard_normal(x[::3].shape)
    precision, _ = precision_recall(x, real, rng)
    assert precision.value == pytest.approx(2 / 3 * precision.floor, abs=4 * precision.error)


# the classifier, on the digits


@pytest.fixture(scope="module")
def digits():
    data = dataset("digits")
    return data.source.rows, data.labels


@pytest.fixture(scope="module")
def judge(digits):
    return train_classifier(*digits, np.random.default_rng(0))


def test_the_classifier_reads_digits(digits, judge):
    """At least 93 % of 898 digits it was not trained on: five seeds gave 97 to 99 %."""
    (x, labels), held = digits, judge.held
    right = (judge.predict(x[held]) == labels[held]).mean()
    assert judge.accuracy.value == judge.accuracy.floor == right >= 0.93
    assert judge.accuracy.error == pytest.approx(np.sqrt(right * (1 - right) / 898))  # binomial
    assert len(np.unique(held)) == 898 == len(x) // 2


def test_features_are_what_the_last_layer_reads(digits, judge):
    """φ(x) W + b are the logits, and no feature of a ReLU is negative. float32: 1e-5 of logits of
    some tens.
    """
    x = digits[0][:100]
    W, b = judge.network.views(judge.theta)[-1]
    phi = judge.features(x)
    assert phi.shape == (100, 64) and phi.min() == 0
    assert phi @ W + b == pytest.approx(judge.network(judge.theta, x), abs=1e-3)


def test_class_accuracy(digits, judge):
    (x, labels), held = digits, judge.held
    real = class_accuracy(judge, x[held], labels[held])
    assert real == judge.accuracy
    asked = np.where(
        np.arange(898) < 449, judge.predict(x[held]), (judge.predict(x[held]) + 1) % 10
    )
    assert class_accuracy(judge, x[held], asked).value == 0.5


# image quality: all of it together


@pytest.fixture(scope="module")
def cases(digits):
    x, labels = digits
    rng = np.random.default_rng(4)
    rows = rng.integers(0, len(x), 1200)
    few = np.flatnonzero(labels < 5)
    noise = rng.uniform(-1, 1, (1200, 64))
    samples = {
        "real": (x[rows], labels[rows]),
        "few": (x[few], labels[few]),
        "noise": (noise, labels[rows]),
    }
    return {
        name: image_quality(s, x, labels, np.random.default_rng(0), c)
        for name, (s, c) in samples.items()
    }


def test_real_samples_are_at_their_floors(cases, judge):
    quality = cases["real"]
    assert list(quality) == [
        "classifier's accuracy",
        "MMD² of features",
        "precision",
        "recall",
        "class accuracy",
    ]
    # the judge is the first thing drawn from rng
    assert quality["classifier's accuracy"] == judge.accuracy
    assert all(
        abs(differs(quality[name])) < 4 for name in ("MMD² of features", "precision", "recall")
    )
    assert (
        quality["class accuracy"].floor == judge.accuracy.value <= quality["class accuracy"].value
    )


def test_half_of_the_digits_missing(cases):
    quality = cases["few"]
    assert differs(quality["MMD² of features"]) > 4 and differs(quality["recall"]) < -4
    assert abs(differs(quality["precision"])) < 4


def test_noise_is_no_digit(cases):
    quality = cases["noise"]
    assert differs(quality["MMD² of features"]) > 4
    assert differs(quality["precision"]) < -4 and differs(quality["recall"]) < -4
    # 4 errors of a guess among ten
    assert quality["class accuracy"].value == pytest.approx(0.1, abs=0.04)


def test_same_generator_same_figures(digits, cases):
    x, labels = digits
    rows = np.random.default_rng(4).integers(0, len(x), 1200)
    again = image_quality(x[rows], x, labels, np.random.default_rng(0))
    assert again == {name: e for name, e in cases["real"].items() if name != "class accuracy"}


# what cannot be measured

X, LABELS = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (
            lambda g: image_quality(X, X[:31], LABELS[:31], g),
            r"real samples of shape \(31, 3\): .* "
            r"with N ≥ 32",
        ),
        (
            lambda g: image_quality(X[:15], X, LABELS, g),
            r"samples of shape \(15, 3\): expected "
            r"\(N, 3\) with N ≥ 16",
        ),
        (
            lambda g: image_quality(X[:, :2], X, LABELS, g),
            r"samples of shape \(40, 2\): expected "
            r"\(N, 3\)",
        ),
        (
            lambda g: image_quality(X, X, None, g),
            "labels are missing: expected the class of each row",
        ),
        (
            lambda g: image_quality(X, X, LABELS[:9], g),
            r"labels of shape \(9,\) .*: expected 40 "
            r"whole numbers ≥ 0",
        ),
        (
            lambda g: image_quality(X, X, LABELS / 2, g),
            "labels of .* dtype float64: expected 40 whole numbers ≥ 0",
        ),
        (
            lambda g: image_quality(X, X, LABELS - 1, g),
            "labels of .*: expected 40 whole numbers ≥ 0",
        ),
        (
            lambda g: image_quality(X, X, 0 * LABELS, g),
            "all labels are 0: expected at least two classes",
        ),
        (
            lambda g: image_quality(X, X, LABELS, g, LABELS[:9]),
            r"classes asked for of shape "
            r"\(9,\)",
        ),
        (
            lambda g: image_quality(X, X, LABELS, g, LABELS + 1),
            "class 2 asked for: expected one of 0 to 1",
        ),
        (lambda g: image_quality(X + np.inf, X, LABELS, g), "samples are not finite in row 0"),
        (lambda g: train_classifier(X + np.nan, LABELS, g), "real samples are not finite in row 0"),
        (lambda g: precision_recall(X[:15], X, g), r"samples of shape \(15, 3\): .* with N ≥ 16"),
        (lambda g: precision_recall(X, X, g, k=0), "k = 0 neighbours: expected at least 1"),
    ],
)
def test_what_cannot_be_measured_is_refused(measure, says, monkeypatch):
    monkeypatch.setattr("numgan.metrics.classifier.STEPS", 1)
    with pytest.raises(InputError, match=says) as refused:
        measure(np.random.default_rng(0))
    assert "\n" not in str(refused.value)


def test_the_fewest_rows_that_are_not_refused(monkeypatch):
    monkeypatch.setattr("numgan.metrics.classifier.STEPS", 10)
    quality = image_quality(X[:16], X[:32], LABELS[:32], np.random.default_rng(0), LABELS[:16])
    assert all(
        np.isfinite([e.value, e.error, e.floor, e.floor_error]).all() for e in quality.values()
    )


def test_networks_are_imported_when_asked_for():
    program = (
        "import sys, numgan.metrics as m; assert 'numgan.metrics.classifier' not in sys.modules; "
        "m.image_quality"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    with pytest.raises(AttributeError, match="has no attribute 'inception'"):
        import numgan.metrics

        numgan.metrics.inception  # noqa: B018

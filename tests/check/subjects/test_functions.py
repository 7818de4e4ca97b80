"""A user's own gradients: right ones pass, wrong ones are told apart, bad input is one line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.check import (
    assert_adjoint,
    assert_gradient,
    assert_jacobian,
    assert_jvp,
    assert_layer,
    check_adjoint,
    check_gradient,
    check_jacobian,
    check_jvp,
)
from numgan.errors import InputError
from numgan.layers import Dense

rng = np.random.default_rng(0)
X, Y = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))


def loss(W, b):
    return ((np.tanh(X @ W + b) - Y) ** 2).mean()


def dloss(W, b):
    y = np.tanh(X @ W + b)
    da = 2 * (y - Y) / Y.size * (1 - y * y)
    return X.T @ da, da.sum(0)


def at(seed):
    return tuple(np.random.default_rng(seed).standard_normal(shape) for shape in ((3, 2), 2))


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_a_right_gradient_passes(seed):
    assert_gradient(loss, dloss, at(seed), seed=seed)


def test_a_wrong_one_is_named_by_its_argument():
    report = check_gradient(loss, lambda W, b: (dloss(W, b)[0], -dloss(W, b)[1]), at(0))
    assert {f.parameter for f in report.failures} == {"db"}
    assert all(f.method.split(" ")[-1] in ("E48", "E47", "E49") for f in report.failures)
    with pytest.raises(AssertionError, match=r"db.*(?s:.*)worst at \[\d\](?s:.*)sign is flipped"):
        assert_gradient(loss, lambda W, b: (dloss(W, b)[0], -dloss(W, b)[1]), at(0))


def test_small_mistakes_are_seen():
    # E48 sees ten digits where the arithmetic has sixteen; a gradient that is off by 1e−10 of
    # itself is wrong
    for size in (1e-2, 1e-6, 1e-10):
        report = check_gradient(
            loss, lambda W, b, s=size: (dloss(W, b)[0] * (1 + s), dloss(W, b)[1]), at(1)
        )
        assert {f.parameter for f in report.failures if "E48" in f.method} == {"dW"}
    # rounding
    assert check_gradient(
        loss, lambda W, b: (dloss(W, b)[0] * (1 + 1e-15), dloss(W, b)[1]), at(1)
    ).ok


def test_an_absent_term_is_told_by_name():
    terms = {"the squares": lambda w: (w**2).sum(), "the cubes": lambda w: (w**3).sum()}
    w = rng.standard_normal(4)
    report = check_gradient(
        lambda w: sum(t(w) for t in terms.values()), lambda w: 2 * w, w, terms=terms
    )
    assert report.failures[0].cause == "one term is absent: the cubes"


@pytest.mark.parametrize(
    "f",
    [
        lambda w: np.abs(w).sum(),
        lambda w: np.linalg.norm(w),
        lambda w: (w.real**2).sum(),
        lambda w: float((w.astype(np.float32) ** 2).sum()),
        lambda w: (w * np.conj(w)).sum().real,
        lambda w: np.vdot(w, w),
    ],
    ids=["abs", "norm", "real", "float32", "conj", "vdot"],
)
def test_code_that_complex_numbers_spoil_is_checked_by_the_other_methods(f):
    right = {"abs": np.sign, "norm": lambda w: w / np.linalg.norm(w)}
    w = np.array([0.5, -1.25, 2.0])
    df = next(
        d
        for d in (*right.values(), lambda w: 2 * w)
        if np.allclose(
            d(w), [(f(w + 1e-2 * e) - f(w - 1e-2 * e)) / 2e-2 for e in np.eye(3)], atol=1e-3
        )
    )
    report = check_gradient(f, df, w)
    assert report.ok, str(report)
    skipped = [f for f in report.findings if f.verdict == "skipped"]
    assert [f.method for f in skipped] == [
        "complex step E48"
    ] and "E47 and E49 still apply" in skipped[0].note
    assert check_gradient(f, lambda w: 1.01 * df(w), w).failures


def test_a_kink_says_nothing_about_what_it_allows_and_rejects_what_it_does_not():
    def relu(w):
        return np.maximum(w, 0).sum()

    at_kink = np.array([0.0, 1.0, -1.0])
    for convention in (0.0, 0.5, 1.0):
        report = check_gradient(relu, lambda w, c=convention: np.where(w == 0, c, w > 0), at_kink)
        assert report.ok, str(report)
        # no method agrees with ½, and none rejects it
        assert convention != 0.5 or "sits on a kink" in str(report)
    failures = check_gradient(relu, lambda w: np.where(w == 0, 2.0, w > 0), at_kink).failures
    assert failures and failures[0].index == (0,)
    # near is not on
    assert not check_gradient(relu, lambda w: (w > 0) * 1.0, np.array([1e-3, 1.0, -1.0])).failures


def test_behavior_of_functions():
    def changes(w):
        w *= 2
        return (w * w).sum()

    calls = []

    def remembers(w):
        calls.append(1)
        return 2 * w * len(calls)

    w = np.ones(3)
    assert "changes w in place" in str(check_gradient(changes, lambda w: 2 * w, w))
    assert "called twice" in str(check_gradient(lambda w: (w * w).sum(), remembers, w))
    assert np.array_equal(w, np.ones(3))


def test_a_named_mistake_is_told_by_its_name():
    w = rng.standard_normal(4)
    report = check_gradient(
        lambda w: np.tanh(w).sum(), np.cosh, w, mistakes={"cosh for 1/cosh²": np.cosh}
    )
    assert report.failures[0].cause == "cosh for 1/cosh²"


def test_chosen_coordinates_are_looked_at_and_no_others():
    def df(w):  # wrong in entry 3 alone
        return 2 * w + (np.arange(6) == 3)

    def f(w):
        return (w * w).sum()

    w = rng.standard_normal(6)
    at_good = [
        g for g in check_gradient(f, df, w, coordinates=[0, 5]).findings if "E48" in g.method
    ]
    at_bad = [g for g in check_gradient(f, df, w, coordinates=[2, 3]).findings if "E48" in g.method]
    assert at_good[0].verdict == "ok" and at_bad[0].verdict == "FAIL" and at_bad[0].index == (3,)
    with pytest.raises(InputError, match="coordinates must lie between 0 and 5"):
        check_gradient(f, df, w, coordinates=[6])


def test_a_long_array_is_checked_at_chosen_entries():
    w = rng.standard_normal(5000)
    assert_gradient(lambda w: np.sin(w).sum(), np.cos, w)
    assert (
        check_gradient(lambda w: np.sin(w).sum(), lambda w: -np.cos(w), w)
        .failures[0]
        .cause.startswith("the sign")
    )


BAD = [
    (
        "no scalar",
        lambda w: 2 * w,
        lambda w: w,
        np.ones(3),
        "returns an array of shape (3,), not a scalar",
    ),
    (
        "not finite",
        lambda w: np.log(w).sum(),
        lambda w: 1 / w,
        np.array([-1.0]),
        "is nan at this point",
    ),
    ("raises", lambda w: 1 // 0, lambda w: w, np.ones(2), "raised ZeroDivisionError"),
    (
        "gradient raises",
        lambda w: w.sum(),
        lambda w: w[7],
        np.ones(2),
        "the gradient of f raised IndexError",
    ),
    (
        "no gradient at all",
        lambda w: w.sum(),
        lambda w: None,
        np.ones(2),
        "returned NoneType, not an array",
    ),
    (
        "raises nearby",
        lambda w: w.sum() if w[0] == 1 else w[9],
        lambda w: w,
        np.ones(2),
        "near this point, raised Index",
    ),
    (
        "x is nan",
        lambda w: w.sum(),
        lambda w: w,
        np.array([np.nan]),
        "x has entries that are not finite",
    ),
    ("x is text", lambda w: w.sum(), lambda w: w, "abc", "x must be an array of real numbers"),
    (
        "one gradient of two",
        lambda a, b: a @ b,
        lambda a, b: (b,),
        (np.ones(2), np.ones(2)),
        "has 1 arrays",
    ),
]


@pytest.mark.parametrize(("f", "df", "x", "said"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_one_line(f, df, x, said):
    with pytest.raises(InputError) as raised:
        check_gradient(f, df, x)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_gradient_that_is_not_finite_fails_and_says_so():
    report = check_gradient(
        lambda w: (w * w).sum(), lambda w: w / 0.0 * 0 if False else w * np.nan, np.ones(2)
    )
    assert "2 of 2 values are not finite" in str(report)


def test_jacobians_directions_and_adjoints():
    A = rng.standard_normal((4, 3))
    x = rng.standard_normal(3)

    def f(x):
        return np.sin(A @ x)

    def J(x):
        return np.cos(A @ x)[:, None] * A

    def Rf(x, u):
        return J(x) @ u

    def back(x, v):
        return J(x).T @ v

    assert_jacobian(f, J, x)
    assert_jvp(f, Rf, x)
    assert_adjoint(Rf, back, x)
    square = rng.standard_normal((3, 3))
    assert "transposed" in str(check_jacobian(lambda x: square @ x, lambda x: square.T, x))
    assert "factor 2 is missing" in str(check_jvp(f, lambda x, u: Rf(x, u) / 2, x))
    assert check_adjoint(Rf, lambda x, v: -back(x, v), x).failures
    assert check_adjoint(Rf, lambda x, v: v, x).failures  # a shape that is not x's
    for assertion, wrong in (
        (assert_jacobian, lambda x: 2 * J(x)),
        (assert_jvp, lambda x, u: 2 * Rf(x, u)),
    ):
        with pytest.raises(AssertionError, match="counted twice"):
            assertion(f, wrong, x)
    with pytest.raises(InputError, match="not finite"):
        check_jacobian(lambda x: np.log(x), lambda x: np.diag(1 / x), -np.ones(2))


def test_a_hessian_vector_product_is_the_change_of_a_gradient():
    A = rng.standard_normal((3, 3))
    assert_jvp(
        lambda x: A.T @ np.cos(A @ x), lambda x, u: -A.T @ (np.sin(A @ x) * (A @ u)), np.ones(3)
    )


def test_a_layer_in_one_line():
    class Wrong(Dense):
        def gradient(self, P, cache, dy):
            return 2 * cache.T @ dy, dy.sum(0)

    assert_layer(Dense(3, 2), (4, 3))
    with pytest.raises(AssertionError, match=r"dW(?s:.*)counted twice"):
        assert_layer(Wrong(3, 2), (4, 3))

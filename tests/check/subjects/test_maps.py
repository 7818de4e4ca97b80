"""The front doors: functions of several arguments, of trees, with values of any form."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from numgan.check import (
    assert_hessian_product,
    assert_jvp,
    assert_vjp,
    check_gradient,
    check_hessian_product,
    check_jacobian,
    check_jvp,
    check_vjp,
)
from numgan.errors import InputError

rng = np.random.default_rng(0)
X = rng.standard_normal((6, 3))


@dataclass
class Weights:
    """Two arrays and a word."""

    W: np.ndarray
    b: np.ndarray
    kind: str = "tanh"


def layer(p, x, power, scale=1.0):
    """A tree of a matrix, a number and an integer."""
    assert isinstance(power, int) and p.kind == "tanh"
    y = np.tanh(x @ p.W + p.b) * scale
    return {"y": y, "sum": (y**power).sum(), "count": 3}


def vjp(p, x, power, dy, scale=1.0):
    t = np.tanh(x @ p.W + p.b)
    d = dy["y"] + dy["sum"] * power * (t * scale) ** (power - 1)
    da = d * scale * (1 - t * t)
    return Weights(x.T @ da, da.sum(0), None), da @ p.W.T, None


def jvp(p, x, power, Rp, Rx, scale=1.0):
    t = np.tanh(x @ p.W + p.b)
    Ry = (Rx @ p.W + x @ Rp.W + Rp.b) * (1 - t * t) * scale
    return {"y": Ry, "sum": (power * (t * scale) ** (power - 1) * Ry).sum(), "count": None}


POINT = (Weights(rng.standard_normal((3, 4)), rng.standard_normal(4)), X, 3)


def test_trees_integers_strings_and_keywords():
    assert_vjp(layer, vjp, POINT, {"scale": 2.0})
    assert_jvp(layer, jvp, POINT, {"scale": 2.0})
    assert not check_vjp(layer, lambda *a, scale: vjp(*a), POINT, {"scale": 2.0}).ok


def test_a_wrong_leaf_is_named():
    def wrong(*arguments):
        dp, dx, _ = vjp(*arguments)
        return Weights(dp.W, 2 * dp.b), dx  # nothing for the integer

    failures = check_vjp(layer, wrong, POINT).failures
    assert {f.parameter for f in failures} == {"dp.b"} and "counted twice" in failures[0].cause


def test_a_wrong_place_of_a_direction_is_named():
    def wrong(p, x, power, Rp, Rx):
        return jvp(p, x, power, Rp, Rx * np.where(np.arange(18).reshape(6, 3) == 7, 3, 1))

    assert "wrong along x at (2, 1)" in str(check_jvp(layer, wrong, POINT))


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("tree", "grown"),
    [
        ({"a": X, "b": [X, 1]}, lambda t: {"b": [3 * t["b"][0] ** 2, None], "a": 2 * t["a"]}),
        ([X, (X, "s")], lambda t: (2 * t[0], [3 * t[1][0] ** 2, None])),
        (Pair(X, {"b": X}), lambda t: Pair(2 * t.a, {"b": 3 * t.b["b"] ** 2})),
    ],
    ids=["dict", "list", "namedtuple"],
)
def test_gradients_by_trees(tree, grown):
    def f(t):
        """Σ first² + Σ second³"""
        kind = type(t)
        if kind is dict:
            first, second = t["a"], t["b"][0]
        elif kind is list:
            first, second = t[0], t[1][0]
        else:
            first, second = t.a, t.b["b"]
        return (first**2).sum() + (second**3).sum()

    assert check_gradient(f, grown, tree).ok
    assert len({f.parameter for f in check_gradient(f, lambda t: tree, tree).failures}) == 2


def test_jacobians_of_several_arguments_and_sparse_ones():
    a, b = rng.standard_normal((2, 4))

    class Sparse:
        """What SciPy's matrices have in common."""

        def __init__(self, A):
            self.A = A

        def toarray(self):
            return self.A

    assert check_jacobian(np.multiply, lambda a, b: (np.diag(b), Sparse(np.diag(a))), (a, b)).ok
    wrong = check_jacobian(lambda a, b: a * b, lambda a, b: (np.diag(b), np.diag(b)), (a, b))
    assert {f.parameter for f in wrong.failures} == {"J by b"}


def test_a_wrong_column_of_a_long_jacobian_is_named():
    x = rng.standard_normal(1500)

    def J(x):
        wrong = np.diag(np.cos(x))
        wrong[5, 1200] = 1
        return wrong

    failure = check_jacobian(np.sin, J, x).failures[0]
    assert failure.index == (5, 1200) and "1 of 1500 columns, at (1200,)" in failure.note


def cubes(x):
    return (x**3).sum() + x[0] * x[1]


def hvp(x, u):
    return 6 * x * u + np.r_[u[1], u[0], 0 * u[2:]]


def test_hessian_products_with_and_without_the_gradient():
    x = rng.standard_normal(5)
    assert_hessian_product(cubes, hvp, x)
    assert_hessian_product(cubes, hvp, x, df=lambda x: 3 * x**2 + np.r_[x[1], x[0], 0 * x[2:]])
    wrong = check_hessian_product(cubes, lambda x, u: hvp(x, u) - np.r_[0, u[0], 0 * u[2:]], x)
    assert wrong.failures[0].cause == "the product is wrong by x at (1,)"
    with pytest.raises(InputError, match="pass its gradient as df"):
        check_hessian_product(lambda x: np.abs(x).sum(), lambda x, u: 0 * u, x)


def test_no_evaluation_leaves_the_domain():
    def entropy(p):
        assert (np.real(p) > 0).all() and (np.real(p) < 1).all()
        return -(p * np.log(p) + (1 - p) * np.log(1 - p)).sum()

    for p in (np.array([1e-3, 0.999]), np.linspace(0.001, 0.9, 50)):
        report = check_gradient(entropy, lambda p: np.log((1 - p) / p), p, domain=(0, 1))
        assert report.ok, str(report)
        assert check_gradient(
            lambda k, p: k * entropy(p),
            lambda k, p: (entropy(p), k * np.log((1 - p) / p)),
            (2.0, p),
            domain={"p": (0, 1)},
        ).ok


def test_an_error_of_the_checkers_own_is_not_the_users(monkeypatch):
    def broken(*_):
        raise KeyError("a fault of numgan's own")

    monkeypatch.setattr("numgan.check.subjects.gradients.methods_for", broken)
    with pytest.raises(KeyError):
        check_gradient(lambda x: (x * x).sum(), lambda x: 2 * x, X)


def test_the_users_traceback_is_kept():
    def raises(x):
        return {}["a"]

    with pytest.raises(InputError, match=r"raised KeyError: 'a' \(test_maps.py, line") as error:
        check_vjp(raises, lambda x, dy: dy, X)
    assert isinstance(error.value.__cause__, KeyError)


BAD = {
    "f returned NoneType, not an array": lambda: check_vjp(lambda x: None, vjp, X),
    "f returned str": lambda: check_vjp(lambda x: "y", vjp, X),
    "returned no real numbers": lambda: check_vjp(lambda x: 3, vjp, X),
    "x has no entries": lambda: check_vjp(np.sin, vjp, np.zeros((0, 3))),
    "write them as 1.0": lambda: check_jvp(np.sin, jvp, np.arange(3)),
    "is complex": lambda: check_hessian_product(cubes, hvp, X + 1j),
    "of parts of different shapes": lambda: check_vjp(
        lambda x: x, lambda x, dy: [dy, dy[:2]], X[0]
    ),
    "at p is one of W: expected an array for each of W, b, kind": lambda: check_vjp(
        layer, lambda p, x, k, dy: ({"W": X}, x, None), POINT
    ),
    "has 1 arrays, the function 2 arguments": lambda: check_vjp(
        np.multiply, lambda a, b, dy: (b,), (X, X)
    ),
    "at its value is float: expected a tuple of 2": lambda: check_jvp(
        lambda x: (x, x), lambda x, u: 1.0, X
    ),
    "not on its edge": lambda: check_gradient(cubes, cubes, np.ones(3), domain=(0, 1)),
    "the domain names 'q': expected one of x": lambda: check_gradient(
        cubes, cubes, np.ones(3), domain={"q": (0, 2)}
    ),
    "expected (low, high)": lambda: check_gradient(cubes, cubes, np.ones(3), domain={"x": 3}),
    "expected a function to check, got int": lambda: check_vjp(3, vjp, X),
    "expected the vjp of sin as a function, got int": lambda: check_vjp(np.sin, 3, X),
    "unexpected keyword argument 'k'": lambda: check_vjp(cubes, vjp, X[0], {"k": 1}),
    "is not finite at this point": lambda: check_jvp(lambda x: x * np.nan, jvp, X),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_input_is_one_line(said):
    with pytest.raises(InputError) as error:
        BAD[said]()
    assert said in str(error.value) and "\n" not in str(error.value)

"""Gradients written for PyTorch, JAX and SciPy, held to what they claim by numgan's means."""

import sys

import numpy as np
import pytest

from numgan.check.adapters import (
    assert_jax,
    assert_scipy,
    assert_torch,
    check_jax,
    check_scipy,
    check_torch,
)
from numgan.cli import main
from numgan.errors import InputError

x = np.random.default_rng(0).standard_normal((4, 3))
W = np.random.default_rng(1).standard_normal((3, 2))


# ── SciPy ────────────────────────────────────────────────────────────────────────────────────────


def rosenbrock(p, a=1.0):
    return 100 * (p[1] - p[0] ** 2) ** 2 + (a - p[0]) ** 2


def slope(p, a=1.0):
    r = p[1] - p[0] ** 2
    return np.array([-400 * p[0] * r - 2 * (a - p[0]), 200 * r])


def curvature(p, a=1.0):
    return np.array([[1200 * p[0] ** 2 - 400 * p[1] + 2, -400 * p[0]], [-400 * p[0], 200.0]])


POINT = np.array([-1.2, 1.0])


def test_an_objective_of_scipy():
    assert_scipy(rosenbrock, POINT, slope, curvature, lambda p, d: curvature(p) @ d)
    assert_scipy(lambda p, a: (rosenbrock(p, a), slope(p, a)), POINT, True, args=(3.0,))
    wrong = check_scipy(rosenbrock, POINT, slope, lambda p: curvature(p) - [[2, 0], [0, 0]])
    assert {f.subject for f in wrong.failures} == {"the gradient of rosenbrock"}
    assert not check_scipy(rosenbrock, POINT, slope, None, lambda p, d: curvature(p) @ d / 2).ok
    with pytest.raises(InputError, match="jac is '2-point': expected a function, or True"):
        check_scipy(rosenbrock, POINT, "2-point")


def test_no_library_is_imported():
    before = set(sys.modules)
    check_scipy(rosenbrock, POINT, slope)
    assert not {"torch", "jax", "scipy"} & (set(sys.modules) - before)
    if "torch" not in sys.modules:
        with pytest.raises(InputError, match="torch is not imported: import it"):
            check_torch(np.sin, x)


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="the adapter's tests need PyTorch")


@pytest.fixture(scope="module")
def functions(torch):
    """Custom functions by name, each with a factor that is 1 where its backward pass is right."""

    class Exp(torch.autograd.Function):
        factor = 1.0

        @staticmethod
        def forward(ctx, x):
            y = torch.exp(x)
            ctx.save_for_backward(y)
            return y

        @classmethod
        def backward(cls, ctx, dy):
            return dy * ctx.saved_tensors[0]

    class HalfExp(Exp):
        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.saved_tensors[0] / 2

    class Dense(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, W, power):
            ctx.save_for_backward(x, W)
            ctx.power = power
            return (x @ W) ** power

        @staticmethod
        def backward(ctx, dy):
            x, W = ctx.saved_tensors
            d = dy * ctx.power * (x @ W) ** (ctx.power - 1)
            return d @ W.T, x.T @ d, None

    class Clamp(torch.autograd.Function):  # no complex numbers: E47
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx, dy):
            return dy * (ctx.saved_tensors[0] > 0)

    return {"Exp": Exp, "HalfExp": HalfExp, "Dense": Dense, "Clamp": Clamp}


def test_functions_of_pytorch(torch, functions):
    assert_torch(functions["Exp"], x)
    assert_torch(functions["Dense"], (x, W, 3))
    assert_torch(functions["Clamp"], torch.tensor(x))
    assert "the code does not run on complex numbers" in str(check_torch(functions["Clamp"], x))
    wrong = check_torch(functions["HalfExp"], x)
    assert "a factor 2 is missing" in wrong.failures[0].cause


def test_modules_and_functions_of_tensors(torch):
    module = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
    report = check_torch(module, x)
    assert report.ok, str(report)
    assert {"dparameters['0.weight']", "dinput"} <= {f.parameter for f in report}
    assert_torch(lambda x, W: torch.sin(x) @ W, (x, W))


TORCH_FILE = """
import torch
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return 2 * x
    @staticmethod
    def backward(ctx, dy): return FACTOR * dy
class Net(torch.nn.Linear):
    def __init__(self): super().__init__(3, 2)
"""


def test_the_command_line_recognizes_pytorch(torch, tmp_path, capsys):
    for factor, status in ((2, 0), (3, 1)):
        path = tmp_path / f"mine{factor}.py"
        path.write_text(TORCH_FILE.replace("FACTOR", str(factor)))
        assert main(["check", f"{path}:Twice", "--input-shape", "4,3"]) == status
    assert main(["check", f"{path}:Net", "--input-shape", "4,3"]) == 0
    assert main(["check", f"{path}:Twice"]) == 2
    assert "give --input-shape" in capsys.readouterr().err


# ── JAX ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def jax():
    return pytest.importorskip("jax", reason="the adapter's tests need JAX")


def test_rules_of_jax(jax):
    jnp = jax.numpy

    def cube(factor):
        @jax.custom_vjp
        def f(x, y):
            return x**3 * y

        f.defvjp(
            lambda x, y: (f(x, y), (x, y)),
            lambda saved, d: (factor * saved[0] ** 2 * saved[1] * d, saved[0] ** 3 * d),
        )
        return f

    assert_jax(cube(3), (x, x + 1))
    assert {f.parameter for f in check_jax(cube(2), (x, x + 1)).failures} == {"dx"}

    @jax.custom_jvp
    def log1pexp(x):
        return jnp.log1p(jnp.exp(x))

    @log1pexp.defjvp
    def _(primals, tangents):
        return log1pexp(*primals), (1 - 1 / (1 + jnp.exp(primals[0]))) * tangents[0]

    assert_jax(log1pexp, x)
    assert_jax(lambda p, k: {"y": jnp.tanh(x @ p["W"]) * k}, ({"W": W}, 3))


JAX_FILE = """
import jax
@jax.custom_vjp
def square(x): return x * x
square.defvjp(lambda x: (x * x, x), lambda x, d: (FACTOR * x * d,))
"""


def test_the_command_line_recognizes_jax(jax, tmp_path, capsys):
    for factor, status in ((2, 0), (1, 1)):
        path = tmp_path / f"rule{factor}.py"
        path.write_text(JAX_FILE.replace("FACTOR", str(factor)))
        assert main(["check", f"{path}:square", "--input-shape", "4,3"]) == status
    assert "a factor 2 is missing" in capsys.readouterr().out

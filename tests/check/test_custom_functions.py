"""Custom functions of the kinds that PyTorch's and JAX's users write: right ones are not accused.

Each is checked in one line. A straight-through gradient is no derivative by intention, and the
report says so.
"""

import numpy as np
import pytest

from numgan.check.adapters import check_jax, check_torch

X = np.random.default_rng(5).standard_normal((4, 3))
POSITIVE = np.abs(X) + 0.3
SQUARE = X[:3] @ X[:3].T + 3 * np.eye(3)


# ── PyTorch
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def torch_functions(torch):
    """Name: a function, or a class with forward and backward, and its arguments."""
    Function = torch.autograd.Function
    F = torch.nn.functional

    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.y = x.exp()
            return ctx.y

        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.y

    class Legendre(Function):
        """(5x³ − 3x)/2"""

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 0.5 * (5 * x**3 - 3 * x)

        @staticmethod
        def backward(ctx, dy):
            (x,) = ctx.saved_tensors
            return dy * 1.5 * (5 * x**2 - 1)

    class Linear(Function):
        @staticmethod
        def forward(ctx, x, W, b):
            ctx.save_for_backward(x, W)
            return x @ W.T + b

        @staticmethod
        def backward(ctx, dy):
            x, W = ctx.saved_tensors
            return dy @ W, dy.T @ x, dy.sum(0)

    class Scaled(Function):
        """a constant that has no gradient"""

        @staticmethod
        def forward(ctx, x, c):
            ctx.c = c
            return x * c

        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.c, None

    class Swish(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * torch.sigmoid(x)

        @staticmethod
        def backward(ctx, dy):
            s = torch.sigmoid(ctx.saved_tensors[0])
            return dy * s * (1 + ctx.saved_tensors[0] * (1 - s))

    class RowNorm(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, x.norm(dim=1, keepdim=True))
            return x.norm(dim=1, keepdim=True)

        @staticmethod
        def backward(ctx, dy):
            x, s = ctx.saved_tensors
            return dy * x / s

    class Softmax(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.p = F.softmax(x, 1)
            return ctx.p

        @staticmethod
        def backward(ctx, dy):
            return ctx.p * (dy - (dy * ctx.p).sum(1, keepdim=True))

    class Sort(Function):
        @staticmethod
        def forward(ctx, x):
            y, ctx.order = x.sort(dim=1)
            return y

        @staticmethod
        def backward(ctx, dy):
            return torch.zeros_like(dy).scatter(1, ctx.order, dy)

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, dy):
            return 3 * ctx.saved_tensors[0] ** 2 * dy

    class Inverse(Function):
        @staticmethod
        def forward(ctx, A):
            ctx.B = torch.linalg.inv(A)
            return ctx.B

        @staticmethod
        def backward(ctx, dy):
            return -ctx.B.T @ dy @ ctx.B.T

    class Root(Function):
        """y + y³ = x, solved by Newton's method: the implicit function's derivative 1/(1 + 3y²)"""

        @staticmethod
        def forward(ctx, x):
            y = torch.zeros_like(x)
            for _ in range(60):
                y = y - (y + y**3 - x) / (1 + 3 * y**2)
            ctx.y = y
            return y

        @staticmethod
        def backward(ctx, dy):
            return dy / (1 + 3 * ctx.y**2)

    class Clamp(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(-0.8, 0.8)

        @staticmethod
        def backward(ctx, dy):
            return dy * (ctx.saved_tensors[0].abs() < 0.8)

    class TwoValues(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.sin(), x.cos()

        @staticmethod
        def backward(ctx, da, db):
            (x,) = ctx.saved_tensors
            return da * x.cos() - db * x.sin()

    return {
        "exp": (Exp, X),
        "legendre": (Legendre, X),
        "linear": (Linear, (X, X[:2], X[0, :2])),
        "a constant": (Scaled, (X, 2.5)),
        "swish": (Swish, X),
        "row norm": (RowNorm, X),
        "softmax": (Softmax, X),
        "sort": (Sort, X),
        "cube": (Cube, X),
        "inverse": (Inverse, SQUARE),
        "implicit root": (Root, X),
        "clamp": (Clamp, X),
        "two values": (TwoValues, X),
        "clipped gradient": (lambda x: torch.where(x > 0, x, 0.1 * x) ** 2, X),
        "layer norm": (lambda x: F.layer_norm(x, (3,)), X),
        "cross entropy": (lambda x: F.cross_entropy(x, torch.tensor([0, 2, 1, 1])), X),
    }


TORCH = (
    "exp, legendre, linear, a constant, swish, row norm, softmax, sort, cube, inverse, "
    "implicit root, clamp, two values, clipped gradient, layer norm, cross entropy"
).split(", ")


@pytest.mark.parametrize("name", TORCH)
def test_a_custom_function_of_pytorch_is_not_accused(name):
    torch = pytest.importorskip("torch", reason="the adapter's tests need PyTorch")
    function, args = torch_functions(torch)[name]
    report = check_torch(function, args)
    assert report.ok, str(report)


def test_a_straight_through_gradient_is_said_to_be_none():
    """round(x) with the slope 1, where its derivative is 0."""
    torch = pytest.importorskip("torch", reason="the adapter's tests need PyTorch")

    class Through(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

        @staticmethod
        def backward(ctx, dy):
            return dy

    assert not check_torch(Through, X).ok


# ── JAX
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def jax_functions(jax):
    """Name: a function with a rule of its own, and its arguments."""
    jnp, lax = jax.numpy, jax.lax

    def with_vjp(f, forward, backward, **options):
        rule = jax.custom_vjp(f, **options)
        rule.defvjp(forward, backward)
        return rule

    def with_jvp(f, tangent):
        rule = jax.custom_jvp(f)
        rule.defjvp(tangent)
        return rule

    def log1pexp(x):
        return jnp.log1p(jnp.exp(x))

    def norm(x):
        return jnp.sqrt(jnp.sum(x * x))

    def logsumexp(x):
        m = jnp.max(x, axis=1, keepdims=True)
        return jnp.log(jnp.exp(x - m).sum(1)) + m[:, 0]

    @jax.jit
    def fixed_point(a):
        return lax.fori_loop(0, 60, lambda _, x: 0.5 * (x + a / x), jnp.ones_like(a))

    def scan_sum(x):
        def step(carry, row):
            carry = 0.9 * carry + jnp.sin(row)
            return carry, carry

        return lax.scan(step, jnp.zeros(x.shape[1]), x)[1]

    def power(x, n):
        return x**n

    return {
        "sin": (with_vjp(jnp.sin, lambda x: (jnp.sin(x), x), lambda x, d: (jnp.cos(x) * d,)), X),
        "x sin y": (
            with_vjp(
                lambda x, y: jnp.sin(x) * y,
                lambda x, y: (jnp.sin(x) * y, (x, y)),
                lambda r, d: (jnp.cos(r[0]) * r[1] * d, jnp.sin(r[0]) * d),
            ),
            (X, X + 1),
        ),
        "log(1 + e^x)": (
            with_jvp(log1pexp, lambda p, t: (log1pexp(*p), t[0] / (1 + jnp.exp(-p[0])))),
            X,
        ),
        "norm": (
            with_vjp(norm, lambda x: (norm(x), (x, norm(x))), lambda r, d: (d * r[0] / r[1],)),
            X,
        ),
        "logsumexp": (
            with_vjp(
                logsumexp,
                lambda x: (logsumexp(x), jnp.exp(x - logsumexp(x)[:, None])),
                lambda p, d: (p * d[:, None],),
            ),
            X,
        ),
        "fixed point": (
            with_vjp(
                fixed_point, lambda a: (fixed_point(a), fixed_point(a)), lambda y, d: (d / (2 * y),)
            ),
            POSITIVE,
        ),
        "static power": (
            with_vjp(
                power,
                lambda x, n: (x**n, x),
                lambda n, x, d: (n * x ** (n - 1) * d,),
                nondiff_argnums=(1,),
            ),
            (X, 3),
        ),
        "residual of a matrix product": (
            with_vjp(
                lambda x, W: x @ W,
                lambda x, W: (x @ W, (x, W)),
                lambda r, d: (d @ r[1].T, r[0].T @ d),
            ),
            (X, X.T),
        ),
        "sqrt": (
            with_jvp(jnp.sqrt, lambda p, t: (jnp.sqrt(p[0]), t[0] / (2 * jnp.sqrt(p[0])))),
            POSITIVE,
        ),
        "relu by jvp": (
            with_jvp(
                lambda x: jnp.maximum(x, 0), lambda p, t: (jnp.maximum(p[0], 0), t[0] * (p[0] > 0))
            ),
            X,
        ),
        "scan": (jax.jit(scan_sum), X),
        "tree": (lambda p: {"a": p["u"] * p["v"], "b": jnp.tanh(p["v"])}, {"u": X, "v": X - 1}),
        "checkpoint": (jax.checkpoint(lambda x: jnp.sin(jnp.exp(x))), X),
        "cond": (jax.jit(lambda x: lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x)), X),
        "vmap": (jax.vmap(lambda row: row @ row), X),
        "solve": (lambda A: jnp.linalg.solve(A, jnp.ones(3)), SQUARE),
        "gather": (lambda x: x[jnp.array([0, 2, 2, 1])], X),
        "stop": (lambda x: x * lax.stop_gradient(2.0), X),
    }


JAX = (
    "sin; x sin y; log(1 + e^x); norm; logsumexp; fixed point; static power; "
    "residual of a matrix product; sqrt; relu by jvp; scan; tree; checkpoint; cond; vmap; solve; "
    "gather; stop"
).split("; ")


@pytest.mark.parametrize("name", JAX)
def test_a_custom_rule_of_jax_is_not_accused(name):
    jax = pytest.importorskip("jax", reason="the adapter's tests need JAX")
    function, args = jax_functions(jax)[name]
    report = check_jax(function, args)
    assert report.ok, str(report)

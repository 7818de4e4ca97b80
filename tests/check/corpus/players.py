"""Three checkers that are given the same function and the same derivative."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.check.corpus.fault import Fault

OPEN = (
    "no known pattern",
    "right but for",
    "right where",
    "only entry",
    "only row",
    "only column",
    "each column is off",
    "each row is off",
    "the ratio is constant, analytic",
    "its part of the gradient is",
)


class Verdict(NamedTuple):
    """What a checker says about one derivative."""

    found: bool
    arrays: frozenset[str] = frozenset()  # that it blames
    cause: str = ""


def names_of(fault: Fault) -> list[str]:
    """The arrays that are differentiated by, as d and the argument's name."""
    code = fault.f.__code__ if hasattr(fault.f, "__code__") else None
    names = code.co_varnames[: code.co_argcount] if code else ["x"]
    pairs = zip(names, fault.args, strict=False)
    return ["d" + name for name, a in pairs if np.asarray(a).dtype.kind == "f"]


def numgan(fault: Fault, derivative: Callable) -> Verdict:
    """numgan's: the first failure of each array has the cause."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = fault.check(derivative)
    arrays = frozenset(f.parameter for f in report.failures)
    causes = [f.cause for f in report.failures if f.cause]
    return Verdict(bool(report.failures), arrays, causes[0] if causes else "")


def as_vjp(fault: Fault, derivative: Callable) -> Callable:
    """The derivative as a function of the arguments and dy, in a tuple."""
    scalar = np.ndim(fault.f(*fault.args)) == 0

    def vjp(args, dy):
        with np.errstate(all="ignore"):
            got = derivative(*args) if scalar else derivative(*args, dy)
        several = got if isinstance(got, tuple) else (got,)
        return tuple((dy * d if scalar else d) for d in several)

    return vjp


def torch(fault: Fault, derivative: Callable) -> Verdict:
    """torch.autograd.gradcheck with its own tolerances."""
    import torch as library

    vjp = as_vjp(fault, derivative)

    class Function(library.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.args = [t.detach().numpy() for t in tensors]
            return library.from_numpy(np.array(fault.f(*ctx.args)))

        @staticmethod
        def backward(ctx, dy):
            found = iter(vjp(ctx.args, dy.numpy()))
            return tuple(
                library.from_numpy(np.array(next(found))) if a.dtype.kind == "f" else None
                for a in ctx.args
            )

    tensors = [
        library.from_numpy(np.array(a)).requires_grad_(np.asarray(a).dtype.kind == "f")
        for a in fault.args
    ]
    try:
        library.autograd.gradcheck(Function.apply, tensors)
    except Exception as error:
        number = re.search(r"respect to input (\d+)", str(error))
        names = names_of(fault)
        blamed = [names[int(number[1])]] if number and int(number[1]) < len(names) else names
        return Verdict(True, frozenset(blamed))
    return Verdict(False)


def jax(fault: Fault, derivative: Callable) -> Verdict:
    """jax.test_util.check_grads of reverse mode, with its own tolerances."""
    import jax as library
    from jax.test_util import check_grads

    vjp = as_vjp(fault, derivative)
    moving = [k for k, a in enumerate(fault.args) if np.asarray(a).dtype.kind == "f"]

    def whole(values):
        args = list(fault.args)
        for k, value in zip(moving, values, strict=True):
            args[k] = np.asarray(value)
        return args

    def shape_of(a):
        return library.ShapeDtypeStruct(np.shape(a), np.float64)

    # a fault that writes in place is refused by JAX, which also prints it
    logging.getLogger("jax._src.callback").setLevel(logging.CRITICAL)
    with library.enable_x64(True):
        y = fault.f(*fault.args)

        @library.custom_vjp
        def f(*values):
            return library.pure_callback(
                lambda *v: np.asarray(fault.f(*whole(v)), np.float64), shape_of(y), *values
            )

        def forward(*values):
            return f(*values), values

        def backward(values, dy):
            shapes = tuple(shape_of(v) for v in values)
            return library.pure_callback(
                lambda v, d: tuple(np.asarray(g, np.float64) for g in vjp(whole(v), np.asarray(d))),
                shapes,
                values,
                dy,
            )

        f.defvjp(forward, backward)
        try:
            check_grads(f, tuple(np.asarray(fault.args[k]) for k in moving), 1, modes=["rev"])
        except Exception:
            return Verdict(True, frozenset(names_of(fault)))
    return Verdict(False)


def is_named(fault: Fault, verdict: Verdict) -> bool:
    """True if the cause is the right one."""
    return re.search(fault.says, verdict.cause) is not None


def is_misleading(fault: Fault, verdict: Verdict) -> bool:
    """True if a cause is given that is another one: places and plain ratios claim no cause."""
    claims = verdict.cause and not any(text in verdict.cause for text in OPEN)
    return bool(claims) and not is_named(fault, verdict)

"""The rules of JAX functions against the derivative of what they compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any

import numpy as np

from numgan.check.adapters.library import arguments_of, as_text, loaded
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.maps import check_jvp, check_vjp
from numgan.check.subjects.trees import flat, mapped


def check_jax(
    function: Any,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """The rule of a jax.custom_vjp or jax.custom_jvp function, or the derivative of any other.

    args are arrays, as for check_vjp; the numbers are double precision, on the CPU. A custom_jvp is
    checked by its jvp, everything else by its vjp. Raises InputError as check_vjp does.
    """
    jax = loaded("jax", function)
    name = name or as_text(function)
    doubles = getattr(jax, "enable_x64", None)
    if doubles is None:  # before JAX 0.8
        doubles = import_module(f"{jax.__name__}.experimental").enable_x64

    def inside() -> Any:
        """Double precision on the CPU."""
        return doubles(True) if jax.config.jax_enable_x64 is False else nullcontext()

    def as_jax(tree: Any) -> Any:
        return mapped(
            lambda _, leaf: jax.numpy.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf,
            tree,
            "",
        )

    def as_numpy(tree: Any) -> Any:
        def numbers(_: str, leaf: Any) -> Any:
            return np.array(leaf) if hasattr(leaf, "dtype") else leaf

        return mapped(numbers, tree, "")

    def f(*arrays: Any, **options: Any) -> Any:
        with inside():
            return as_numpy(function(*map(as_jax, arrays), **options))

    def split(arrays: Sequence[Any]) -> tuple[list[int], Callable]:
        """The places of the arguments with real numbers, and f as a function of them alone."""
        places = [k for k, tree in enumerate(arrays) if any(map(is_real, flat(tree)))]

        def alone(options: dict[str, Any]) -> Callable:
            def g(*moving: Any) -> Any:
                every = list(map(as_jax, arrays))
                for k, value in zip(places, moving, strict=True):
                    every[k] = value
                return function(*every, **options)

            return g

        return places, alone

    def vjp(*arguments: Any, **options: Any) -> Any:
        *arrays, dy = arguments
        places, alone = split(arrays)
        with inside():
            moving = [as_jax(arrays[k]) for k in places]
            _, back = jax.vjp(alone(options), *moving)
            return tuple(as_numpy(dx) for dx in back(as_jax(dy)))

    def jvp(*arguments: Any, **options: Any) -> Any:
        count = next(n for n in range(1, len(arguments)) if fits(arguments, n))
        arrays, tangents = arguments[:count], arguments[count:]
        places, alone = split(arrays)
        with inside():
            moving = tuple(as_jax(arrays[k]) for k in places)
            return as_numpy(jax.jvp(alone(options), moving, tuple(map(as_jax, tangents)))[1])

    args = args if isinstance(args, tuple) else (args,)  # jax.vjp answers with a tuple
    setattr(f, "__signature__", arguments_of(function, len(args)))  # noqa: B010
    by_jvp = type(function).__name__ == "custom_jvp"
    check, rule = (check_jvp, jvp) if by_jvp else (check_vjp, vjp)
    return check(f, rule, args, kwargs, domain=domain, name=name, seed=seed)


def is_real(leaf: Any) -> bool:
    """True for an array of real floating-point numbers."""
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def fits(arguments: Sequence[Any], count: int) -> bool:
    """True if after so many arguments there is one direction for each with real numbers."""
    moving = [a for a in arguments[:count] if any(map(is_real, flat(a)))]
    return len(moving) == len(arguments) - count


def assert_jax(function: Any, args: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_jax passes."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_jax(function, args, *more, **options))

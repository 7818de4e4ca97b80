"""The form that a thing needs before it can be checked. A wrong form raises InputError with one
line, not a traceback.

A first layer often forgets the cache, returns a bare array for a tuple, or lacks `initial`. Each
would appear as an error of NumPy somewhere else; here the message names the place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.layers import Layer
from numgan.layers.layer import Around

# Every pass of a layer and what it is called with.
PASSES = {
    "forward": "P, x",
    "backward": "P, cache, dy",
    "gradient": "P, cache, dy",
    "rforward": "P, cache, RP, Rx",
    "rbackward": "P, cache, RP, Rcache, dy, Rdy",
    "rgradient": "P, cache, RP, Rcache, dy, Rdy",
}
R_PASSES = ("rforward", "rbackward", "rgradient")


def kind_of(thing: Any) -> str:
    """A thing in a few words, for the end of a message."""
    if thing is None or isinstance(thing, (bool, str)):
        return repr(thing)
    if isinstance(thing, (int, float, np.generic)):
        return f"the number {thing:.6g}" if np.isreal(thing) else f"the number {thing}"
    if inspect.isclass(thing):
        return f"the class {thing.__name__}"
    if isinstance(thing, (tuple, list)):
        return f"a {type(thing).__name__} of {len(thing)}"
    if isinstance(thing, np.ndarray):
        return f"an array of {thing.dtype}, of shape {thing.shape}"
    if inspect.isroutine(thing) or isinstance(thing, np.ufunc):
        return "a function"
    name = type(thing).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def require_kind(thing: Any, kinds: Any, what: str) -> None:
    """Raise InputError unless the thing is of one of the kinds."""
    if not isinstance(thing, kinds):
        raise InputError(f"expected {what}, got {kind_of(thing)}")


def require_real_array(thing: Any, what: str, like: str) -> Array:
    """The thing as an array. Raises InputError unless it is an array of floating-point numbers."""
    if not isinstance(thing, (np.ndarray, np.floating)) or thing.dtype.kind != "f":
        raise InputError(
            f"{what} is {kind_of(thing)}: expected {like}, an array of floating-point numbers"
        )
    return np.asarray(thing)


def require_tuple(arrays: Any, names: Sequence[str], what: str) -> tuple:
    """The arrays. Raises InputError unless they are a tuple with one array for each name."""
    wanted = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    if not isinstance(arrays, (tuple, list)):
        raise InputError(f"{what} returns {kind_of(arrays)}: expected a tuple {wanted}")
    if len(arrays) != len(names):
        raise InputError(f"{what} returns {len(arrays)} arrays: expected a tuple {wanted}")
    return tuple(arrays)


def require_pair(result: Any, what: str, wanted: str) -> tuple[Any, Any]:
    """The two things that were returned. Raises InputError for anything but two."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise InputError(f"{what} returns {kind_of(result)}: expected {wanted}")
    return result[0], result[1]


# ── layers ────────────────────────────────────────────────────────────────────────────────────────


def defines(layer: Any, name: str) -> bool:
    """True if the layer has this pass itself and does not only inherit the empty one."""
    return hasattr(layer, name) and getattr(type(layer), name, None) is not getattr(Layer, name)


def missing_passes(layer: Any) -> list[str]:
    """The R-passes that a layer, or a layer inside it, does not have."""
    needed = R_PASSES if hasattr(layer, "parameters") and layer.parameters() else R_PASSES[:2]
    parts = [*getattr(layer, "layers", ()), *([layer.layer] if isinstance(layer, Around) else [])]
    return [each for each in needed if not defines(layer, each)] + [
        each for part in parts for each in missing_passes(part)
    ]


def accepts(f: Callable, count: int) -> bool:
    """True if f can be called with so many arguments."""
    try:
        inspect.signature(f).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # no signature to ask
        return True
    return True


def whole_number(n: Any) -> int:
    """n if it is a whole number, else 0."""
    return int(n) if isinstance(n, Integral) else 0


def require_layer(layer: Any, shape: Any, name: str) -> None:
    """Raise InputError unless this is a layer, the shape is that of a batch, and each pass takes
    its arguments.
    """
    if inspect.isclass(layer):
        raise InputError(
            f"expected a layer, got the class {layer.__name__}: write {layer.__name__}(…)"
        )
    for needed in ("forward", "backward"):
        if not defines(layer, needed):
            raise InputError(f"{name} has no {needed}: expected {needed}({PASSES[needed]})")
    if (
        not isinstance(shape, (tuple, list))
        or len(shape) < 2
        or not min(whole_number(n) for n in shape) > 0
    ):
        raise InputError(
            f"{name} is checked on a batch: expected its shape (N, …), such as (4, "
            f"3), got {shape!r}"
        )
    random = getattr(layer, "random", False)
    for each, arguments in PASSES.items():
        given = f"{arguments}, rng" if random and each == "forward" else arguments
        if not defines(layer, each) or accepts(getattr(layer, each), given.count(",") + 1):
            continue
        why = f"{name}: {each}{inspect.signature(getattr(layer, each))} does not take ({given})"
        if each == "forward" and accepts(layer.forward, 2 if random else 3):
            why += f"; a layer that draws random numbers says random = True, this one says {random}"
        raise InputError(why)


def parameter_shapes(layer: Any, name: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the layer's parameters; none if it has no `parameters`."""
    shapes = layer.parameters() if hasattr(layer, "parameters") else {}
    if not isinstance(shapes, dict):
        raise InputError(
            f"{name}: parameters returns {kind_of(shapes)}: expected a dict such as {{'W': (3, 2)}}"
        )
    for parameter, shape in shapes.items():
        if not isinstance(shape, (tuple, list)):
            raise InputError(
                f"{name}: parameters gives {parameter} the shape {shape!r}: expected "
                f"a tuple such as (3,)"
            )
    fixed = getattr(layer, "fixed", ())
    if isinstance(fixed, str) or not set(fixed) <= set(shapes):
        known = ", ".join(shapes) or "(none)"
        raise InputError(
            f"{name}: fixed is {fixed!r}: expected a tuple of names of its "
            f"parameters, which are {known}"
        )
    if shapes and not defines(layer, "gradient"):
        wanted = ", ".join("d" + n for n in shapes)
        raise InputError(
            f"{name} has the parameters {', '.join(shapes)} and no gradient: expected "
            f"gradient(P, cache, "
            f"dy), which returns ({wanted}{',' if len(shapes) == 1 else ''})"
        )
    return shapes


def initial_parameters(
    layer: Any, shapes: dict[str, tuple[int, ...]], rng: Any, name: str
) -> tuple[Array, ...]:
    """P at the start of training; zeros for a layer without `initial`."""
    if not hasattr(layer, "initial"):
        return tuple(np.zeros(shape) for shape in shapes.values())
    start, names = layer.initial(rng), ", ".join(shapes) or "(none)"
    if isinstance(start, (tuple, list)) and len(start) != len(shapes):
        raise InputError(f"{name}: initial gives {len(start)} arrays for the parameters {names}")
    start = require_tuple(start, list(shapes), f"{name}: initial")
    for (parameter, shape), p in zip(shapes.items(), start, strict=True):
        if np.shape(p) != tuple(shape):
            raise InputError(
                f"{name}: initial gives {parameter} of shape {np.shape(p)}, parameters says {shape}"
            )
        if np.asarray(p).dtype.kind not in "fiu":
            raise InputError(
                f"{name}: initial gives {parameter} as {kind_of(p)}: expected real numbers"
            )
    return start


def require_y_and_cache(result: Any, x: Array, name: str) -> tuple[Array, Any]:
    """(y, cache) from forward. Raises InputError unless it is that, with a row of y for each row of
    x.
    """
    y, cache = require_pair(result, f"{name}: forward", "(y, cache)")
    y = require_real_array(y, f"{name}: forward's y", "y")
    if y.ndim == 0 or len(y) != len(x):
        raise InputError(
            f"{name}: forward gives y of shape {y.shape}: expected a row for each of "
            f"the {len(x)} of x"
        )
    return y, cache


def require_dx(dx: Any, name: str) -> None:
    """Raise InputError unless backward returns one array."""
    if isinstance(dx, (tuple, list)):
        raise InputError(
            f"{name}: backward returns {kind_of(dx)}: expected dx alone, the rest is "
            f"gradient's to return"
        )
    require_real_array(dx, f"{name}: backward's dx", "dx")


def require_dP(dP: Any, names: Sequence[str], name: str) -> None:
    """Raise InputError unless gradient returns a tuple of arrays. Their number is judged later."""
    if not isinstance(dP, (tuple, list)):
        require_tuple(dP, ["d" + n for n in names], f"{name}: gradient")
    for i, d in enumerate(dP):
        what = "d" + names[i] if i < len(names) else f"dP[{i}]"
        require_real_array(d, f"{name}: gradient's {what}", what)

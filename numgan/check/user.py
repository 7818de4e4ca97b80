"""Code of your own, named on the command line: `my_module:MyLayer`, `my_file.py:my_objective`.

An objective, a penalty, an optimizer, a network or a game is an instance of numgan's class. A layer
follows the protocol of numgan.layers.Layer. A class or a function that makes the object is called,
with plain values in parentheses: `my_module:MyLayer(3, 2)` or `my_module:make_game()`.

A torch.autograd.Function, a PyTorch module and a JAX function with a rule of its own are checked at
arrays of the shapes of --input-shape.

A function returns a scalar, and its gradient is found in one of two ways: `loss` returns the pair
(value, gradient), or a function `dloss` beside `loss` returns the gradient. For a function of
several arrays the gradient is a tuple with one array for each. Without --input-shape the point is
the default values of the arguments.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.adapters import check_jax, check_torch
from numgan.check.adapters.library import library_of
from numgan.check.place import place_in
from numgan.check.report import Report
from numgan.check.subjects.calls import call, error_line
from numgan.check.subjects.functions import check_gradient
from numgan.check.subjects.games import check_game
from numgan.check.subjects.layers import check_layer
from numgan.check.subjects.networks import check_network
from numgan.check.subjects.objectives import check_objective
from numgan.check.subjects.optimizers import check_optimizer
from numgan.check.subjects.penalties import check_penalty
from numgan.check.subjects.protocol import kind_of
from numgan.errors import InputError
from numgan.game import Game
from numgan.network import Network
from numgan.optimizers import Optimizer
from numgan.penalties import Penalty
from numgan.values import BaseObjective

Shape = tuple[int, ...]

CHECKS: dict[type, Callable[..., Report]] = {
    BaseObjective: check_objective,
    Penalty: check_penalty,
    Network: check_network,
    Game: check_game,
}


def check_target(
    target: str, shapes: list[Shape], seed: int = 0, rule: str | None = None
) -> Report:
    """The report on MODULE:NAME. Raises InputError if there is no such thing, or if it cannot be
    checked.
    """
    found = re.fullmatch(r"([^()]+):(\w+)(\(.*\))?", target.strip(), re.DOTALL)
    if not found:
        raise InputError(
            f"expected MODULE:NAME, such as my_module:MyLayer or "
            f"my_file.py:my_function, got {target!r}"
        )
    module, name, call = load_module(found[1]), found[2], found[3]
    if not hasattr(module, name):
        raise InputError(f"the module {found[1]} has no {name}")
    thing = getattr(module, name)
    optimizer = inspect.isclass(thing) and issubclass(thing, Optimizer)
    if call or inspect.isclass(thing) and not optimizer and adapter_of(thing) is None:
        thing = build(thing, name, call or "()")
    if rule is not None and not (isinstance(thing, Optimizer) or optimizer):
        raise InputError(f"--rule is that of an optimizer, {name} is {kind_of(thing)}")
    report = report_on(thing, module, name, shapes, seed, rule)
    return report.placed(lambda f: place_in(thing, module, name, f.parameter, f.method))


def report_on(
    thing: Any, module: ModuleType, name: str, shapes: list[Shape], seed: int, rule: str | None
) -> Report:
    """The report of the check for this kind of thing."""
    check = next((check for kind, check in CHECKS.items() if isinstance(thing, kind)), None)
    adapter = adapter_of(thing)
    optimizer = isinstance(thing, Optimizer) or inspect.isclass(thing) and not adapter
    if shapes and (check or optimizer):
        kind = "optimizer" if optimizer else type(thing).__name__.lower()
        raise InputError(
            f"--input-shape is for layers and functions: the {kind} {name} goes without"
        )
    if check:
        return check(thing, name, seed=seed)
    if adapter:
        return adapter_report(adapter, thing, name, shapes, seed)
    if optimizer:
        return check_optimizer(thing, rule, name, seed=seed)
    if hasattr(thing, "forward") or hasattr(thing, "backward"):
        return layer_report(thing, name, shapes, seed)
    if not callable(thing):
        raise InputError(
            f"{name} is {kind_of(thing)}: expected a layer, a function, an Objective, "
            f"a Penalty, an "
            "Optimizer, a Network or a Game"
        )
    return function_report(module, thing, name, shapes, seed)


def adapter_of(thing: Any) -> Callable[..., Report] | None:
    """The check of a PyTorch or JAX object; None for anything else."""
    torch = library_of(thing, "torch")
    if torch and (not inspect.isclass(thing) or issubclass(thing, torch.autograd.Function)):
        return check_torch
    return check_jax if library_of(thing, "jax") and not inspect.isclass(thing) else None


def adapter_report(
    adapter: Callable[..., Report], thing: Any, name: str, shapes: list[Shape], seed: int
) -> Report:
    """The report on a PyTorch or JAX object, at standard normal arrays of the given shapes."""
    if not shapes:
        raise InputError(
            f"where is {name} to be checked? give --input-shape, a shape for each of its arrays"
        )
    rng = np.random.default_rng(seed)
    arrays = tuple(rng.standard_normal(shape) for shape in shapes)
    return adapter(thing, arrays, name=name, seed=seed)


def load_module(name: str) -> ModuleType:
    """The module, from the current folder first; a file if the name ends in .py."""
    if name.endswith(".py"):
        return load_file(Path(name))
    if not re.fullmatch(r"[\w.]+", name):
        raise InputError(
            f"expected a module such as my_module, or a file such as my_file.py, got {name!r}"
        )
    if sys.path[:1] != [""]:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.split(".")[0] != error.name.split(".")[0]:
            raise InputError(f"importing {name} raised {error_line(error)}") from None
        raise InputError(
            f"there is no module {name} in this folder or among the installed ones"
        ) from None
    except Exception as error:
        raise InputError(f"importing {name} raised {error_line(error)}") from None


def load_file(path: Path) -> ModuleType:
    """The module of a file in any folder; it can import from its own folder."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    sys.path.insert(0, str(path.absolute().parent))
    spec = importlib.util.spec_from_file_location(path.name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up; no module that is imported ends in .py
    sys.modules[path.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InputError(f"importing {path} raised {error_line(error)}") from None
    return module


def build(factory: Callable, name: str, call: str) -> Any:
    """The object that MyLayer(3, 2) makes. Its arguments are plain values."""
    try:
        tree = ast.parse(f"f{call}", mode="eval").body
        assert isinstance(tree, ast.Call)
        positional = [ast.literal_eval(node) for node in tree.args]
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in tree.keywords}
    except (SyntaxError, ValueError, AssertionError):
        raise InputError(
            f"the arguments in {name}{call} must be plain values, such as {name}(3, 2)"
        ) from None
    try:
        return factory(*positional, **named)
    except InputError as error:
        raise InputError(f"{name}{call}: {error}") from None
    except TypeError as error:
        raise InputError(
            f"{name}{call} raised {error_line(error)}; write its arguments as in {name}(3, 2), "
            "or name what is made of it"
        ) from None
    except Exception as error:
        raise InputError(f"{name}{call} raised {error_line(error)}") from None


def layer_report(layer: Any, name: str, shapes: list[Shape], seed: int) -> Report:
    """The report on a layer, for one batch."""
    if len(shapes) != 1 or len(shapes[0]) < 2:
        raise InputError(
            f"the layer {name} needs --input-shape N,…: one shape, the batch first, such as 4,3"
        )
    return check_layer(layer, shapes[0], name, seed=seed)


def function_report(
    module: ModuleType, f: Callable, name: str, shapes: list[Shape], seed: int
) -> Report:
    """The report on a function and its gradient, at the chosen point."""
    x = chosen_point(f, name, shapes, seed)
    value = call(f, deepcopy(x), name)
    at = x if len(x) > 1 else x[0]
    if isinstance(value, tuple) and len(value) == 2:
        return check_gradient(component(f, 0), component(f, 1), at, name=name, seed=seed)
    df = getattr(module, "d" + name, None)
    if df is None:
        raise InputError(
            f"{name} returns no pair (value, gradient), and {module.__name__} has no d{name} with "
            f"its gradient"
        )
    return check_gradient(f, df, at, name=name, seed=seed)


def component(f: Callable, i: int) -> Callable:
    """The value, or the gradient, of a function that returns both."""

    @wraps(f)
    def alone(*arrays: Array) -> Any:
        return f(*arrays)[i]

    return alone


def chosen_point(f: Callable, name: str, shapes: list[Shape], seed: int) -> tuple[Array, ...]:
    """Standard normal arrays of the given shapes, one for each argument; without shapes the default
    arguments.
    """
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if not shapes and not parameters:
        raise InputError(
            f"{name} is a function of nothing; one that makes what is to be checked "
            f"is called: {name}()"
        )
    if not shapes:
        defaults = [p.default for p in parameters]
        if not defaults or any(d is inspect.Parameter.empty for d in defaults):
            asked = " ".join(f"SHAPE_OF_{p.name}" for p in parameters) or "SHAPE"
            raise InputError(
                f"where is {name} to be checked? give --input-shape {asked}, or its arguments "
                f"default values"
            )
        return tuple(defaults)  # whole numbers, labels and strings keep their type
    required = sum(
        p.default is inspect.Parameter.empty and p.kind is not p.VAR_POSITIONAL for p in parameters
    )
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(shapes) < required or (len(shapes) > len(parameters) and not variadic and parameters):
        raise InputError(
            f"{name} has the arguments {', '.join(p.name for p in parameters)}, got "
            f"{len(shapes)} shapes"
        )
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal(shape) for shape in shapes)

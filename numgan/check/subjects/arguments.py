"""A function at the point where it is checked: its arguments, as trees of arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.subjects.calls import call, real_array_of
from numgan.check.subjects.trees import leaves, mapped, matched_leaves, rebuild
from numgan.check.subjects.watch import mixed_values
from numgan.errors import InputError

Box = tuple[Any, Any]  # the lower and the upper bound
INSIDE = 0.99  # the share of the way to the bounds of a domain that a step may go


@dataclass(frozen=True)
class Arguments:
    """The arguments of a function, and their leaves by path: x, params['W'], state[0].

    The leaves at `variables` are arrays of float64, by which f is differentiated. The others, and
    the keyword arguments, are constants and keep their type: integers, labels, strings.
    """

    name: str  # of the function
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    paths: tuple[str, ...]  # of the arguments
    names: tuple[str, ...]  # of the leaves
    leaves: tuple[Any, ...]
    variables: tuple[int, ...]
    several: bool  # the point is a tuple of arguments, so the gradient is a tuple
    boxes: dict[int, Box]  # the domain of each variable that has one

    def copies(self) -> list[Any]:
        """Copies of the leaves, which user code may change."""
        return [deepcopy(leaf) for leaf in self.leaves]

    def evaluate(self, f: Callable, leaves: Iterable[Any], *more: Any) -> Any:
        """f at these leaves, with further arguments behind."""
        args = rebuild(self.args, iter(leaves))
        return f(*args, *more, **deepcopy(self.kwargs))

    def numbers(self, f: Callable, what: str, *more: Any) -> Any:
        """f at copies of the leaves. Raises InputError if it raises anything."""
        if not callable(f):
            raise InputError(f"expected {what} as a function, got {type(f).__name__}")
        return call(lambda: self.evaluate(f, self.copies(), *deepcopy(more)), (), what)

    def as_function_of(self, f: Callable, i: int) -> Callable[[Array], Any]:
        """f as a function of the leaf i, with the others constant."""

        def alone(x: Array) -> Any:
            return self.evaluate(f, [*self.leaves[:i], x, *self.leaves[i + 1 :]])

        return alone

    def shifted(self, epsilon: Any, u: Sequence[Array]) -> list[Any]:
        """The leaves with x + εu for each variable x."""
        moved = list(self.leaves)
        for i, direction in zip(self.variables, u, strict=True):
            moved[i] = moved[i] + epsilon * direction
        return moved

    def line(self, f: Callable, u: Sequence[Array]) -> Callable[[Any], Any]:
        """ε ↦ f(x + εu)."""
        return lambda e: self.evaluate(f, self.shifted(e, u))

    def tangents(self, u: Sequence[Array]) -> list[Any]:
        """One direction in the form of each argument that has variables; None at its constants."""
        given, places, trees = dict(zip(self.variables, u, strict=True)), count(), []
        for tree in self.args:
            direction = mapped(lambda path, leaf: given.get(next(places)), tree, "")
            if any(leaf is not None for leaf in values_of(direction)):
                trees.append(direction)
        return trees

    def directions(self, seed: int | list[int]) -> list[Array]:
        """A random direction for each variable: x ± u stays inside the domain."""
        rng = np.random.default_rng([47, *np.atleast_1d(seed)])  # not a user's default_rng(seed)
        return [self.fit(i, rng.standard_normal(self.leaves[i].shape)) for i in self.variables]

    def fit(self, i: int, u: Array) -> Array:
        """u, shortened so that x ± u stays inside the domain of the variable i."""
        if i not in self.boxes or not u.any():
            return u
        x, (low, high) = self.leaves[i], self.boxes[i]
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(u != 0, np.minimum(x - low, high - x) / np.abs(u), np.inf)
        return u * min(1.0, INSIDE * float(room.min()))

    def elsewhere(self) -> list[Any]:
        """Other values of the variables, of mixed signs and sizes, inside the domain."""
        values = self.copies()
        for i in self.variables:
            values[i] = mixed_values(values[i])
            if i in self.boxes:
                x, (low, high) = self.leaves[i], self.boxes[i]
                values[i] = np.clip(values[i], x - INSIDE * (x - low), x + INSIDE * (high - x))
        return values

    def gradients(self, result: Any, what: str) -> list[Array]:
        """The array for each variable in what a gradient or a vjp returned.

        It has the form of the arguments. Where constants are among several arguments, None or
        nothing stands for them. Raises InputError for another form.
        """
        if not self.several and not (is_leaf(self.args[0]) and is_one_of(result)):
            result = (result,)
        owners = [k for k, tree in enumerate(self.args) if any(map(is_variable, values_of(tree)))]
        if not isinstance(result, (tuple, list)):
            result = (result,)
        if len(result) == len(owners) != len(self.args):
            given = dict(zip(owners, result, strict=True))
            result = [given.get(k) for k in range(len(self.args))]
        if len(result) != len(self.args):
            raise InputError(
                f"{what} has {len(result)} arrays, the function {len(owners)} arguments"
            )
        found = [
            leaf
            for tree, part, path in zip(self.args, result, self.paths, strict=True)
            for leaf in matched_leaves(tree, part, path, what)
        ]
        return [real_array_of(found[i], what) for i in self.variables]


def is_one_of(result: Any) -> bool:
    """True for (dx,): the gradient of one argument, as a tuple."""
    return isinstance(result, tuple) and len(result) == 1 and not hasattr(result, "_fields")


def values_of(tree: Any) -> list[Any]:
    """The leaves of a tree."""
    return [leaf for _, leaf in leaves(tree, "")]


def is_leaf(tree: Any) -> bool:
    """True for a tree that is one leaf."""
    return [path for path, _ in leaves(tree, "")] == [""]


def is_variable(leaf: Any) -> bool:
    """True for an array of float64."""
    return isinstance(leaf, np.ndarray) and leaf.dtype == np.float64


def read_arguments(
    f: Callable,
    args: Any,
    name: str | None = None,
    kwargs: dict[str, Any] | None = None,
    domain: Any = None,
) -> Arguments:
    """The arguments of f: a tuple of them, or one alone.

    Raises InputError if a number is not finite or complex, and if there are no real numbers.
    """
    if not callable(f):
        raise InputError(f"expected a function to check, got {type(f).__name__}")
    several = isinstance(args, tuple) and not hasattr(args, "_fields")
    trees = args if several else (args,)
    paths = argument_names(f, len(trees))
    args = tuple(
        mapped(lambda inside, leaf: as_argument(leaf, inside), tree, path)
        for tree, path in zip(trees, paths, strict=True)
    )
    found = [pair for tree, path in zip(args, paths, strict=True) for pair in leaves(tree, path)]
    names, values = tuple(path for path, _ in found), tuple(leaf for _, leaf in found)
    variables = tuple(i for i, leaf in enumerate(values) if is_variable(leaf))
    if not variables:
        asked = "x must be an array of real numbers, or a tuple of such arrays"
        first: Any = values[0] if values else None
        whole = (np.ndim(first) or np.isscalar(first)) and np.asarray(first).dtype.kind in "iub"
        hint = f": {names[0]} has whole numbers, write them as 1.0 or x.astype(float)"
        raise InputError(asked + (hint if whole else ""))
    if not all(np.isfinite(values[i]).all() for i in variables):
        raise InputError("x has entries that are not finite")
    if not any(values[i].size for i in variables):
        raise InputError("x has no entries: there is nothing to differentiate by")
    name = name or getattr(f, "__name__", "f").replace("<lambda>", "f")
    at = Arguments(name, args, kwargs or {}, paths, names, values, variables, several, {})
    return replace(at, boxes=read_domain(domain, at))


def read_domain(domain: Any, at: Arguments) -> dict[int, Box]:
    """The bounds of each variable, from (low, high) for all or {name: (low, high)} for some.

    Raises InputError unless the point lies inside them.
    """
    boxes: dict[int, Box] = {}
    if domain is None:
        return boxes
    named = domain if isinstance(domain, dict) else {at.names[i]: domain for i in at.variables}
    for name, box in named.items():
        places = [i for i in at.variables if at.names[i] == name]
        if not places:
            known = ", ".join(at.names[i] for i in at.variables)
            raise InputError(f"the domain names {name!r}: expected one of {known}")
        if not isinstance(box, (tuple, list)) or len(box) != 2:
            raise InputError(f"the domain of {name} is {box!r}: expected (low, high)")
        (i,) = places
        low, high = (np.broadcast_to(np.asarray(b, float), at.leaves[i].shape) for b in box)
        if not ((low < at.leaves[i]) & (at.leaves[i] < high)).all():
            raise InputError(
                f"{name} must lie inside its domain, not on its edge: both sides are evaluated"
            )
        boxes[i] = low, high
    return boxes


def as_argument(a: Any, name: str) -> Any:
    """Real floating-point numbers as an array of float64, which holds those of float32 exactly;
    anything else unchanged.

    Raises InputError for complex numbers, and for numbers that float64 would round.
    """
    if callable(a) or isinstance(a, (str, bytes)):
        return a
    try:
        array = np.array(a)
    except ValueError:  # lists of different lengths
        return a
    if array.dtype.kind == "c":
        raise InputError(
            f"{name} is complex: derivatives here are by real numbers. Check f as a "
            f"function of the real and the imaginary part, as in lambda re, im: f(re + 1j * im)"
        )
    if array.dtype.kind != "f":
        return array if isinstance(a, np.ndarray) else a
    double = array.astype(np.float64)
    if not np.array_equal(double.astype(array.dtype), array, equal_nan=True):
        raise InputError(
            f"{name} is {array.dtype}, with digits that float64 does not hold: pass "
            f"{name}.astype(float)"
        )
    return double


def argument_names(f: Callable, count: int) -> tuple[str, ...]:
    """The names in f's own signature, or x, or x0, x1, … if it has none."""
    try:
        parameters = inspect.signature(f).parameters.values()
        names = tuple(p.name for p in parameters if p.kind is not p.VAR_POSITIONAL)[:count]
    except (TypeError, ValueError):
        names = ()
    if len(names) == count:
        return names
    return ("x",) if count == 1 else tuple(f"x{i}" for i in range(count))

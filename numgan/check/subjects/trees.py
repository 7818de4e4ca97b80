"""Trees of arrays: tuples, lists, dicts and dataclasses, nested in any way.

A leaf is everything else. A list of numbers alone is a leaf too, an array that is written as a
list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from numbers import Number
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError


def branches(tree: Any, path: str) -> list[tuple[str, Any]] | None:
    """The parts of a tree with their paths, in order; None for a leaf.

    >>> branches({"W": 1.0, "b": 2.0}, "p")
    [("p['W']", 1.0), ("p['b']", 2.0)]
    """
    if isinstance(tree, dict):
        return [(f"{path}[{key!r}]", part) for key, part in tree.items()]
    if isinstance(tree, tuple) or isinstance(tree, list) and not is_numbers(tree):
        return [(f"{path}[{i}]", part) for i, part in enumerate(tree)]
    if is_dataclass(tree) and not isinstance(tree, type):
        return [(f"{path}.{field.name}", getattr(tree, field.name)) for field in fields(tree)]
    return None


def is_numbers(thing: Any) -> bool:
    """True for a list of numbers, or of such lists."""
    return isinstance(thing, list) and all(isinstance(p, Number) or is_numbers(p) for p in thing)


def leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The leaves of a tree with their paths, in order.

    >>> list(leaves((1.0, {"W": 2.0}), "x"))
    [('x[0]', 1.0), ("x[1]['W']", 2.0)]
    """
    parts = branches(tree, path)
    if parts is None:
        yield path, tree
    else:
        for inside, part in parts:
            yield from leaves(part, inside)


def rebuild(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same form whose leaves are the next values.

    >>> rebuild((1.0, {"W": 2.0}), iter("ab"))
    ('a', {'W': 'b'})
    """
    parts = branches(tree, "")
    if parts is None:
        return next(values)
    new = [rebuild(part, values) for _, part in parts]
    if isinstance(tree, dict):
        return type(tree)(zip(tree, new, strict=True))
    if is_dataclass(tree):
        return replace(tree, **{f.name: v for f, v in zip(fields(tree), new, strict=True)})  # type: ignore[type-var]
    return type(tree)(*new) if hasattr(tree, "_fields") else type(tree)(new)


def mapped(f: Callable[[str, Any], Any], tree: Any, path: str) -> Any:
    """The tree with f(path, leaf) at each leaf.

    >>> mapped(lambda path, leaf: leaf * 10, {"W": 2.0}, "x")
    {'W': 20.0}
    """
    return rebuild(tree, iter([f(inside, leaf) for inside, leaf in leaves(tree, path)]))


def matched_leaves(tree: Any, other: Any, path: str, what: str) -> Iterator[Any]:
    """The leaf of `other` at the place of each leaf of the tree; None where other has None.

    Tuples and lists match each other, as do a dataclass and a dict of its fields. Raises InputError
    where `other` has another form.

    >>> list(matched_leaves({"W": 1.0, "b": 2.0}, {"b": 5.0, "W": 4.0}, "x", "the gradient of f"))
    [4.0, 5.0]
    """
    parts = branches(tree, path)
    if parts is None or other is None:
        yield from [other] * (1 if parts is None else len(list(leaves(tree, path))))
        return
    if isinstance(tree, dict) or is_dataclass(tree):
        keys = list(tree) if isinstance(tree, dict) else [field.name for field in fields(tree)]
        held = other if isinstance(other, dict) else getattr(other, "__dict__", {})
        if set(held) != set(keys):
            got = f"one of {', '.join(map(str, held))}" if held else type(other).__name__
            expected = ", ".join(map(str, keys))
            raise InputError(f"{what} at {path} is {got}: expected an array for each of {expected}")
        others = [held[key] for key in keys]
    else:
        if not isinstance(other, (tuple, list)) or len(other) != len(parts):
            got = f"{len(other)} arrays" if hasattr(other, "__len__") else type(other).__name__
            raise InputError(
                f"{what} at {path} is {got}: expected a {type(tree).__name__} of {len(parts)}"
            )
        others = list(other)
    for (inside, part), one in zip(parts, others, strict=True):
        yield from matched_leaves(part, one, inside, what)


# ── the numbers of a value ───────────────────────────────────────────────────────────────────────


def flat(tree: Any) -> list[Any]:
    """The leaves of a value."""
    return [leaf for _, leaf in leaves(tree, "y")]


def is_float(leaf: Any) -> bool:
    """True for real or complex floating-point numbers, and lists of them."""
    return not isinstance(leaf, str) and np.asarray(leaf).dtype.kind in "fc"


def vector(value: Any) -> Array:
    """The numbers of a value as one vector; of one array as it is."""
    parts = [np.asarray(leaf) for leaf in flat(value) if is_float(leaf)]
    return parts[0].ravel() if len(parts) == 1 else np.concatenate([p.ravel() for p in parts])


def cotangent(value: Any, seed: int) -> Any:
    """A random dy in the form of a value; None for what has no real numbers."""
    rng = np.random.default_rng([seed, 1])

    def drawn(path: str, leaf: Any) -> Any:
        return rng.standard_normal(np.shape(leaf)) if is_float(leaf) else None

    return mapped(drawn, value, "y")

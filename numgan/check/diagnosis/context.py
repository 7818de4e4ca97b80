"""What the checker knows about an array besides its right value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from types import ModuleType
from typing import Any

import numpy as np

from numgan.backend import Array


@dataclass(frozen=True)
class Context:
    """What is known about an array besides its right value. Each array has its shape; a function
    returns one.
    """

    # a mistake in words → what it gives
    mistakes: dict[str, Array | Callable[[], Array]] = field(default_factory=dict)
    # the summands of the right answer, by name
    terms: dict[str, Array] = field(default_factory=dict)
    unrelated: dict[str, Array] = field(default_factory=dict)  # arrays that should not appear in it
    # {"N": 5}: numbers that a missing factor may be
    sizes: dict[str, int] = field(default_factory=dict)
    # {"x > 0": mask}: where a formula may be right
    regions: dict[str, Array] = field(default_factory=dict)
    x: Array | None = None  # the input, for the paths through its mean and variance
    # the unrelated arrays that the value certainly does not contain
    not_in_value: set[str] = field(default_factory=set)
    # {"alpha": 0.5}: the object's own hyper-parameters
    factors: dict[str, float] = field(default_factory=dict)
    # the function of the array whose gradient, or other derivative, this is, and the point
    function: Callable[[Array], Any] | None = None
    point: Array | None = None
    fit: Callable[[Array], Array] = lambda u: u  # a direction, made to fit the domain
    # how the derivative acts on a direction, and the directions if they are given
    product: Callable[[Array, Array], Any] = lambda gradient, u: (gradient * u).sum()
    directions: list[Array] | None = None
    whole: bool = True  # the derivative has the shape of the point
    cotangent: Array | None = None  # dy, of whatever shape


def hyperparameters(thing: Any, depth: int = 3) -> dict[str, float]:
    """The numbers in the fields of an object and of its parts, by name: α, λ, β, a scale."""
    try:
        held = dict(vars(thing))
    except TypeError:
        return {}
    found: dict[str, float] = {}
    for name, value in held.items():
        if isinstance(value, Real) and not isinstance(value, bool):
            found.setdefault(name, float(value))
        elif depth > 0 and not isinstance(value, (type, ModuleType)) and not callable(value):
            for part in value if isinstance(value, (tuple, list)) else (value,):
                found = hyperparameters(part, depth - 1) | found
    return {name: value for name, value in found.items() if np.isfinite(value)}

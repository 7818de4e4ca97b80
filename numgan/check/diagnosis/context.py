"""What the checker knows about an array beside its right value, and when two arrays are taken for
the same.
"""

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
    """What is known about an array beside its right value; every entry an array of its shape, or
    makes one.
    """

    # a mistake → what it would give
    mistakes: dict[str, Array | Callable[[], Array]] = field(default_factory=dict)
    # the summands of the right answer, by name
    terms: dict[str, Array] = field(default_factory=dict)
    unrelated: dict[str, Array] = field(default_factory=dict)  # arrays that have no business in it
    # {"N": 5}: numbers that a missing factor may be
    sizes: dict[str, int] = field(default_factory=dict)
    # {"x > 0": mask}: where a formula may be right
    regions: dict[str, Array] = field(default_factory=dict)
    x: Array | None = None  # the input, for the paths through its mean and variance
    # the strangers that the value is known not to have
    not_in_value: set[str] = field(default_factory=set)
    # {"alpha": 0.5}: the object's own hyper-parameters
    factors: dict[str, float] = field(default_factory=dict)


def hyperparameters(thing: Any, depth: int = 3) -> dict[str, float]:
    """The numbers that an object, or one that it is made of, holds in its fields, by name: α, λ, β,
    a scale.
    """
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

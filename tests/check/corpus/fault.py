"""What a fault of the corpus is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.check import check_gradient, check_vjp
from numgan.check.report import Report


@dataclass(frozen=True)
class Fault:
    """A derivative as somebody had it, and as it should be.

    Of a scalar f, `wrong` and `right` take the arguments and return the gradient; of any other f
    they take dy too and return dx, for several arguments a tuple. `says` is a regular expression
    that the cause must match; `arrays` are the wrong arrays, where there are several.
    """

    title: str
    source: str  # where it was reported
    f: Callable
    wrong: Callable
    right: Callable
    args: tuple[Any, ...]
    says: str
    arrays: tuple[str, ...] = ()

    def check(self, derivative: Callable) -> Report:
        """numgan's report on one of the two derivatives."""
        args = self.args if len(self.args) > 1 else self.args[0]
        check = check_gradient if np.ndim(self.f(*self.args)) == 0 else check_vjp
        return check(self.f, derivative, args, name="f")


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal numbers."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def sigmoid(x):
    """1/(1 + e⁻ˣ)"""
    return 1 / (1 + np.exp(-x))


def softmax(x):
    """eˣ over its sum along the last axis"""
    e = np.exp(x - np.max(np.real(x), -1, keepdims=True))
    return e / e.sum(-1, keepdims=True)

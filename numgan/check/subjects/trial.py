"""A layer at a random point: all that its checks need, drawn once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.means.differences import Estimate, Line, exactly
from numgan.check.subjects.protocol import (
    initial_parameters,
    parameter_shapes,
    require_dP,
    require_dx,
    require_y_and_cache,
)
from numgan.check.subjects.watch import mixed_values
from numgan.errors import InputError

Arrays = tuple[Array, ...]


@dataclass(frozen=True)
class Trial:
    """A layer, its input x (N, …), parameters P, dy = ∂V/∂y, and a direction (RP, Rx, Rdy) along
    which all move.
    """

    layer: Any
    P: Arrays
    x: Array
    dy: Array
    RP: Arrays
    Rx: Array
    Rdy: Array
    seed: int
    derive: Callable[[Line], Estimate] = exactly

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of P."""
        return tuple(names_and_shapes(self.layer))

    @property
    def fixed(self) -> tuple[str, ...]:
        """The parameters that the layer remembers and that nothing is differentiated by."""
        return tuple(getattr(self.layer, "fixed", ()))

    def forward(self, P: Arrays, x: Array) -> tuple[Array, Any]:
        """y and the cache. A random layer draws the same numbers each time."""
        if getattr(self.layer, "random", False):
            return self.layer.forward(P, x, np.random.default_rng(self.seed))
        return self.layer.forward(P, x)

    def gradient(self, P: Arrays, cache: Any, dy: Array) -> Arrays:
        """dP; () for a layer without `gradient`."""
        return tuple(self.layer.gradient(P, cache, dy)) if hasattr(self.layer, "gradient") else ()

    def gradients(self) -> dict[str, Array]:
        """dx, then every dP by name, from a forward pass of its own."""
        return self.gradients_from(self.forward(self.P, self.x)[1])

    def gradients_from(self, cache: Any) -> dict[str, Array]:
        """The same from the cache of a given forward pass."""
        dP = self.gradient(self.P, cache, self.dy)
        names = [self.names[i] if i < len(self.names) else f"P[{i}]" for i in range(len(dP))]
        return {"dx": self.layer.backward(self.P, cache, self.dy)} | {
            "d" + n: d for n, d in zip(names, dP, strict=True)
        }

    def variables(self) -> Iterator[tuple[str, Array, Callable[[Array], Array]]]:
        """x and every parameter that is not fixed, each with y as a function of it alone.

        The other arrays take its type: a layer may rely on one type for all of its arrays.
        """

        def y(i: int, moving: Array) -> Array:
            arrays = [a.astype(moving.dtype) for a in (*self.P, self.x)]
            arrays[i] = moving
            return self.forward(tuple(arrays[:-1]), arrays[-1])[0]

        yield "x", self.x, partial(y, -1)
        for i, name in enumerate(self.names):
            if name not in self.fixed:
                yield name, self.P[i], partial(y, i)

    def copy(self) -> Trial:
        """The same with copies of the arrays."""
        change: dict[str, Any] = {
            name: getattr(self, name).copy() for name in ("x", "dy", "Rx", "Rdy")
        }
        change |= {name: tuple(p.copy() for p in getattr(self, name)) for name in ("P", "RP")}
        return replace(self, **change)

    def with_mixed_values(self) -> Trial:
        """The same at x, dy and P of mixed signs and sizes, with zeros; fixed parameters keep their
        values.
        """
        named = enumerate(zip(self.names, self.P, strict=True))
        P = tuple(p.copy() if n in self.fixed else mixed_values(p, i) for i, (n, p) in named)
        return replace(self.copy(), x=mixed_values(self.x, 10), dy=mixed_values(self.dy, 11), P=P)

    def as_type(self, dtype: str) -> Trial:
        """The same numbers in another precision."""
        change: dict[str, Any] = {
            name: getattr(self, name).astype(dtype) for name in ("x", "dy", "Rx", "Rdy")
        }
        change |= {
            name: tuple(p.astype(dtype) for p in getattr(self, name)) for name in ("P", "RP")
        }
        return replace(self, **change)

    def nearby(self, epsilon: float) -> list[Trial]:
        """The trial JITTERS times, with every entry of x, dy and P jittered, except fixed
        parameters.
        """
        rng, trials = np.random.default_rng(self.seed), []
        for _ in range(JITTERS):
            P = [
                p if n in self.fixed else jitter(p, epsilon, rng)
                for n, p in zip(self.names, self.P, strict=True)
            ]
            trials.append(
                replace(
                    self,
                    x=jitter(self.x, epsilon, rng),
                    dy=jitter(self.dy, epsilon, rng),
                    P=tuple(P),
                )
            )
        return trials


JITTERS = 4  # an entry that hardly moves in one of them by chance moves in another


def jitter(a: Array, epsilon: float, rng: Any) -> Array:
    """Every entry moved by 8 ε of itself, up or down, as several roundings may."""
    return a * (1 + 8 * epsilon * rng.choice([-1.0, 1.0], a.shape))


def draw_trial(
    layer: Any, shape: tuple[int, ...], seed: int, name: str, finite: bool = True
) -> Trial:
    """A trial with standard normal x, dy and directions, at random parameters near their initial
    values.

    The numbers are no float32 numbers, so a cast to float32 shows. The layer sees copies:
    behavior.py reports what it changes in place. Raises InputError if the layer returns something
    of the wrong form.
    """
    rng = np.random.default_rng(seed)
    expected = layer.output_shape(tuple(shape[1:])) if hasattr(layer, "output_shape") else None
    x, Rx = rng.standard_normal((2, *shape))
    shapes, fixed = parameter_shapes(layer, name), getattr(layer, "fixed", ())
    start = initial_parameters(layer, shapes, rng, name)
    P, RP = [], []
    for (parameter, size), p in zip(shapes.items(), start, strict=True):
        free = parameter not in fixed
        P.append(p + 0.3 * rng.standard_normal(size) * free)
        RP.append(rng.standard_normal(size) * free)
    trial = Trial(layer, tuple(P), x, x, tuple(RP), Rx, x, seed)
    y, cache = require_y_and_cache(trial.copy().forward(trial.copy().P, x.copy()), x, name)
    if fixed and hasattr(layer, "observe"):  # remembered values must fit the rest of P
        layer.observe(trial.P, cache)
        y = trial.forward(trial.copy().P, x.copy())[0]
    if finite and not np.isfinite(y).all():
        raise InputError(
            f"forward of {name} is not finite at standard normal x: there is nothing to check"
        )
    if expected is not None and y.shape != (shape[0], *expected):
        raise InputError(
            f"{name}: forward gives y of shape {y.shape}, output_shape says {(shape[0], *expected)}"
        )
    dy, Rdy = rng.standard_normal((2, *y.shape))
    trial = replace(trial, dy=dy, Rdy=Rdy)
    seen = trial.copy()
    require_dx(layer.backward(seen.P, cache, seen.dy), name)
    if hasattr(layer, "gradient"):
        seen = trial.copy()
        require_dP(
            layer.gradient(seen.P, seen.forward(seen.P, seen.x)[1], seen.dy), trial.names, name
        )
    return trial


def moved_parameters(P: Arrays, e: Any, RP: Arrays) -> Arrays:
    """P + εRP, of the type of ε."""
    return tuple(p + e * Rp for p, Rp in zip(P, RP, strict=True))


def names_and_shapes(layer: Any) -> dict[str, tuple[int, ...]]:
    """The layer's parameters; none if it has no `parameters`."""
    return layer.parameters() if hasattr(layer, "parameters") else {}


def name_of(layer: Any) -> str:
    """The repr of the layer, or the name of its class."""
    text = repr(layer)
    return type(layer).__name__ if " object at 0x" in text else text

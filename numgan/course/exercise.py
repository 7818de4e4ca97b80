"""What an exercise is: a right answer, the arguments to try it at, and the mistakes that people
make in it. Its words stand in en/ and zh/.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numgan.backend import Array

# a size for each letter, all different, so that a shape names its letters; and another set, at
# which an answer with a number in the place of a size is wrong
SIZES = dict(zip("NIOKmABCLUJ", (5, 4, 3, 6, 7, 2, 7, 3, 14, 3, 6), strict=True))
OTHER_SIZES = dict(zip("NIOKmABCLUJ", (7, 3, 5, 4, 9, 3, 2, 5, 12, 4, 5), strict=True))

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Given:
    """An argument: the letters of its shape, `N I`, and how one is drawn."""

    letters: str
    draw: Draw
    is_function: bool = False

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape, with those sizes for the letters."""
        return tuple(size(letter, sizes) for letter in self.letters.split())


def size(letter: str, sizes: Mapping[str, int]) -> int:
    """The size of a letter; 2A is twice that of A, and 2 is 2."""
    if letter.isdigit():
        return int(letter)
    return sizes[letter[-1]] * int(letter[:-1] or 1)


def normal(letters: str) -> Given:
    """Standard normal numbers."""
    return Given(letters, lambda rng, shape: rng.standard_normal(shape))


def between(low: float, high: float, letters: str = "") -> Given:
    """Numbers between two bounds; a single one without letters."""
    return Given(letters, lambda rng, shape: rng.uniform(low, high, shape or None))


def distribution(letters: str) -> Given:
    """Positive numbers that sum to 1 along the last axis."""
    return Given(letters, lambda rng, shape: softmax(rng.standard_normal(shape)))


def softmax(a: Array) -> Array:
    """eᵃ over its sum along the last axis."""
    e = np.exp(a)
    return e / e.sum(-1, keepdims=True)


def sigma(a):
    """σ(a) = 1/(1 + e⁻ᵃ)."""
    return 1 / (1 + np.exp(-a))


def one_of_K(letters: str) -> Given:
    """Rows with one 1 each, and 0 elsewhere."""
    return Given(
        letters, lambda rng, shape: np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    )


def unit(letters: str) -> Given:
    """A vector of length 1."""
    return Given(letters, lambda rng, shape: direction(rng.standard_normal(shape)))


def direction(v: Array) -> Array:
    """The vector with the length 1."""
    return v / np.linalg.norm(v)


def whole(low: int, high: int) -> Given:
    """A whole number from low to high."""
    return Given("", lambda rng, shape: int(rng.integers(low, high + 1)))


def a_function(make: Callable[[np.random.Generator], Callable]) -> Given:
    """A function of an array."""
    return Given("", lambda rng, shape: make(rng), True)


@dataclass(frozen=True, eq=False)
class Exercise:
    """A function that a student writes.

    The answer's name and arguments are those of the student's function. A mistake is a function of
    the same arguments that computes what people compute by mistake: the whole result, or {output:
    array} of some outputs. An edge is a further point, at which one thing goes wrong. `terms` gives
    {output: {formula: array}}, the summands of the right answer.
    """

    answer: Callable
    level: str  # warm-up, core, hard
    labels: str  # of the derivation: "E1 E2"
    chapters: tuple[int, ...]  # that prepare it
    needs: tuple[str, ...]  # the exercises before it
    given: dict[str, Given]
    returns: dict[str, str]  # the letters of the shape of each output
    library: tuple[str, ...]  # where the library computes it, below numgan
    mistakes: dict[str, Callable] = field(default_factory=dict)
    edges: dict[str, Callable[[], tuple]] = field(default_factory=dict)
    terms: Callable[..., dict[str, dict[str, Array]]] | None = None

    @property
    def name(self) -> str:
        return self.answer.__name__

    @property
    def call(self) -> str:
        """name(x, y)"""
        return f"{self.name}({', '.join(self.given)})"

    @property
    def letters(self) -> list[str]:
        """The letters of all shapes."""
        all_of_them = " ".join([g.letters for g in self.given.values()] + [*self.returns.values()])
        return sorted(set(all_of_them.split()))

    def point(self, seed: int, sizes: Mapping[str, int] = SIZES) -> tuple[Any, ...]:
        """Arguments, the same for the same seed."""
        rng = np.random.default_rng(seed)
        return tuple(given.draw(rng, given.shape(sizes)) for given in self.given.values())

    def outputs(self, result: Any) -> dict[str, Array]:
        """What a right answer, or a mistake, returns, by name."""
        if isinstance(result, dict):
            return result
        results = result if len(self.returns) > 1 else (result,)
        return dict(zip(self.returns, map(np.asarray, results), strict=True))

    def source(self) -> str:
        """The source of the answer, with the functions of the course that it calls above it."""
        helpers: list[Callable] = [
            f
            for f in named(self.answer)
            if inspect.isfunction(f) and f.__module__.startswith("numgan.course")
        ]
        return "\n\n\n".join(inspect.getsource(f).rstrip() for f in [*helpers, self.answer])


def named(f: Callable) -> list[Any]:
    """What the names in a function's code, and in functions inside it, stand for."""
    codes, names = [f.__code__], list[str]()
    for code in codes:
        names += code.co_names
        codes += [part for part in code.co_consts if inspect.iscode(part)]
    return [f.__globals__[name] for name in dict.fromkeys(names) if name in f.__globals__]

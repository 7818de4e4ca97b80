"""One iteration of a game of the lab as a page of `numgan trace`.

The tracer computes in float64, to compare with the complex step. So the training at the iteration's
start is brought there, and its noise and data are drawn as they were in float32: the same x and z.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from numgan.errors import InputError
from numgan.lab.play import Play
from numgan.trace import html
from numgan.trace.opening import opening
from numgan.trace.record import record
from numgan.training import Training

MOST = 20_000_000  # parameters times samples: beyond, a trace takes minutes


@dataclass
class SameNoise:
    """A generator that draws in float32 and gives the same numbers as float64."""

    rng: Any

    def standard_normal(self, size: Any, dtype: Any = "float64") -> Any:
        return self.rng.standard_normal(size, "float32").astype(dtype)

    def random(self, size: Any, dtype: Any = "float64") -> Any:
        return self.rng.random(size, "float32").astype(dtype)

    def integers(self, high: int, size: Any = None) -> Any:
        return self.rng.integers(high, size=size)


@dataclass
class SameData:
    """A source whose float32 samples are given as float64."""

    source: Any

    def batch(self, m: int, rng: Any) -> Any:
        return self.source.batch(m, rng.rng).astype("float64")


def in_float64(training: Training) -> Training:
    """The training in float64, on the same noise and data; its own arrays are copied."""
    t = copy.deepcopy(training)
    for optimizer in (t.optimizer_d, t.optimizer_g):
        optimizer.theta = None  # it is to belong to a θ of float64
        optimizer.state = {name: array.astype("float64") for name, array in optimizer.state.items()}
    theta = {
        name: getattr(t, name).astype("float64") for name in ("theta_d", "theta_g", "theta_bar")
    }
    return replace(t, data=SameData(t.data), rng=SameNoise(t.rng), **theta)


def page(play: Play, language: str = "en") -> str:
    """The page of the next iteration of a game, in a language; the game is left as it is. Raises
    InputError for a game that is too large to be told line by line."""
    t = play.training
    if play.k_g != 1:
        raise InputError("a trace has one step of G an iteration: set k of G to 1")
    if play.config.rule != "alternating":
        raise InputError(
            f"a trace follows Algorithm 1, and this game is played by the rule {play.config.rule}: "
            f"set the rule to alternating"
        )
    if t.m * (t.game.D.size * t.k + t.game.G.size) > MOST or play.config.arch != "mlp":
        raise InputError(
            "this game is too large to be traced here: save it, then numgan trace --run FOLDER"
        )
    about = (
        f"Here the iteration {t.iterations + 1} of the lab's game on {play.choices['dataset']}, "
        f"m = {t.m}: the data and the noise that it drew, computed in float64"
    )
    return html.page(record(in_float64(t)), opening(t, about), language=language)

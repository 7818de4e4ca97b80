"""A game that is played: the library's own run, whose settings may change between two steps.

    play = Play("ring", seed=0)
    play.iterate(200)                 200 iterations of Algorithm 1
    play.set(k=5)
    play.step("d")                    one ascent of D alone
    play.iterate(100)
    play.save("runs/mine")            numgan train --out runs/mine --resume goes on with it

Nothing here knows a clock or a page: the same calls give the same bits. While nothing is changed,
`iterate` is `Training.iteration`; with k_g > 1 the descent of G (E32) is taken k_g times.
"""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from numgan.data import Dataset, dataset
from numgan.data.dataset import from_rows
from numgan.dynamics.play import GAME_RULES, RuleTraining
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, GeneratorStep
from numgan.lab.settings import CHOICES, PRESETS, SETTINGS, changed, config_fields, points_array
from numgan.optimizers import Optimizer
from numgan.run.build import kind_of_training, objective, optimizer, penalty, restore, snapshot
from numgan.run.config import Config
from numgan.run.finite import check_finite
from numgan.run.loop import ROWS
from numgan.run.measure import LEAST
from numgan.run.options import Whole
from numgan.run.plan import fitted
from numgan.run.presets import preset
from numgan.run.record import discriminator_numbers, film, generator_numbers, is_due
from numgan.run.run import COLUMNS, Run
from numgan.training import Training

POINTS = "points.npy"  # drawn data, in the folder of a run that was saved


class Play:
    """A run that is in no folder yet. `points` (n, 2) are data drawn by hand, `data` is a path of
    the user's own.

    The choices are named as in SETTINGS and CHOICES; the preset has what is not named. η is
    constant, for there is no last step. Raises InputError for what a run refuses.
    """

    def __init__(
        self,
        dataset: str = "ring",
        points: Any = None,
        data: str | None = None,
        k_g: int = 1,
        **chosen: Any,
    ):
        Whole(1).check("k_g", k_g)
        if k_g > 1 and chosen.get("rule", "alternating") != "alternating":
            raise InputError("a rule moves both players at once: k_g must be 1")
        self.points, self.k_g = None if points is None else points_array(points), k_g
        name = "drawn" if points is not None else "file" if data is not None else dataset
        fields = config_fields(chosen)
        config = Config(
            dataset=name if name == dataset else "file",
            data=POINTS if name == "drawn" else data and os.path.abspath(data),
            schedule="constant",
            **{**preset(name, fields), **PRESETS.get(name, {}), **fields},
        )
        rows = self.rows(config)
        if rows.rows is not None and rows.rows < LEAST:
            raise InputError(f"{data} has {rows.rows} rows: expected at least {LEAST}")
        config, rows = fitted(config, rows)
        self.run = Run(config, Path(), rows)
        film(self.run)
        self.last: tuple[DiscriminatorStep | None, GeneratorStep | None] = (None, None)
        self.told: dict[str, float] = {}  # the numbers of steps that are not kept in `last`

    def rows(self, config: Config) -> Dataset:
        """The data of a configuration; drawn points as `numgan train points.npy` has them."""
        if self.points is not None:
            return from_rows(self.points, config.dtype)
        return dataset(config.dataset, config.dtype, config.data, config.choices())

    @property
    def config(self) -> Config:
        return self.run.config

    @property
    def training(self) -> Training:
        return self.run.training

    @property
    def iterations(self) -> int:
        return self.training.iterations

    # ── steps ────────────────────────────────────────────────────────────────────────────────────

    def step(self, player: str, times: int = 1) -> None:
        """Steps of one player alone, "d" (E31) or "g" (E32); of "both", iterations."""
        if player == "both":
            return self.iterate(times)
        if player not in ("d", "g"):
            raise InputError(f"player must be d, g or both, got {player!r}")
        with np.errstate(all="ignore"):
            for _ in range(times):
                d, g = self.last
                if player == "d":
                    self.last = self.training.discriminator_step(), g
                else:
                    self.last = d, self.training.generator_step()
                self.check()
        return None

    def iterate(self, times: int = 1) -> None:
        """Iterations of Algorithm 1. Raises Diverged where a player is not finite any more."""
        with np.errstate(all="ignore"):
            for _ in range(times):
                self.last = self.training.iteration() if self.k_g == 1 else self.iteration()
                self.check()
                self.write_down()

    def iteration(self) -> tuple[DiscriminatorStep, GeneratorStep]:
        """As `Training.iteration`, with k_g descents of G."""
        training = self.training
        for _ in range(training.k):
            discriminator = training.discriminator_step()  # E31
        for _ in range(self.k_g):
            generator = training.generator_step()  # E32
        training.iterations += 1
        return discriminator, generator

    def check(self) -> None:
        """Raise Diverged where a gradient of the last steps, or θ, is not finite."""
        t, (d, g) = self.training, self.last
        d = d or DiscriminatorStep(t.theta_d, t.theta_d, t.theta_d, [])
        g = g or GeneratorStep(t.theta_g, t.theta_g, [])
        check_finite(t, d, g, whole=False)

    def write_down(self) -> None:
        """Keep a row of numbers where one is due, as `numgan train` does. A run that goes beyond
        its last step becomes twice as long; the rows that are due in the longer one stay."""
        run, step = self.run, self.iterations
        if step > run.config.steps:
            run.config = replace(run.config, steps=2 * run.config.steps)
            run.rows = [row for row in run.rows if is_due(int(row[0]), ROWS, run.config.steps)]
        if is_due(step, ROWS, run.config.steps):
            numbers = self.numbers()
            run.rows.append((step, *(numbers[name] for name in COLUMNS[1:]), float("nan")))

    def numbers(self) -> dict[str, float]:
        """COLUMNS of a run, less the step, of each player that has stepped: the values, the
        beliefs and the gradients' norms of its last step."""
        d, g = self.last
        with np.errstate(all="ignore"):
            return {
                **self.told,
                **(discriminator_numbers(self.training, d) if d is not None else {}),
                **(generator_numbers(self.training, g) if g is not None else {}),
            }

    # ── settings ─────────────────────────────────────────────────────────────────────────────────

    @property
    def settings(self) -> dict[str, Any]:
        """The live settings, by the names of SETTINGS."""
        c = self.config
        row = GAME_RULES.get(c.rule)
        own = {
            "k_g": self.k_g,
            "lr_g": c.lr,
            "lr_d": c.lr if c.lr_d is None else c.lr_d,
            "strength": row.strength if row and c.strength is None else c.strength,
        }
        return {name: own[name] if name in own else getattr(c, name) for name in SETTINGS}

    @property
    def choices(self) -> dict[str, Any]:
        """What the game began with, by the names of CHOICES."""
        name = "drawn" if self.points is not None else self.config.dataset
        return {"dataset": name, **{name: getattr(self.config, name) for name in CHOICES}}

    def set(self, **settings: Any) -> None:
        """Settings from the next step on. Raises InputError, and changes nothing, where they cannot
        be.

        Another update rule begins at t = 0; with another η or β a rule keeps what it remembers.
        Another penalty has its own weight, and is taken at every step. Another rule for both
        players (E57 to E60) begins without memory, and moves each of them once.
        """
        config = replace(self.config, **changed(self.config, settings))
        once = config.rule in GAME_RULES and config.rule != self.config.rule
        self.adopt(config, settings.get("k_g", 1 if once else self.k_g))

    def adopt(self, config: Config, k_g: int) -> None:
        """Play on by a configuration that differs in live settings alone."""
        Whole(1).check("k_g", k_g)
        before, rows = self.training, self.run.data.rows
        if config.rule in GAME_RULES and k_g > 1:
            raise InputError(
                f"the rule {config.rule} moves both players once: steps of G must be 1, got {k_g}"
            )
        if rows is not None and config.batch > rows:
            raise InputError(f"batch must be at most {rows}, the rows of the data")
        rule_d = optimizer(config, config.lr if config.lr_d is None else config.lr_d)
        rule_g = optimizer(config, config.lr)
        if config.optimizer == self.config.optimizer:
            for rule, old in ((rule_d, before.optimizer_d), (rule_g, before.optimizer_g)):
                rule.follow(old)
        same = {field.name: getattr(before, field.name) for field in fields(Training)}
        same |= {
            "game": replace(before.game, objective=objective(config), penalty=penalty(config)),
            "optimizer_d": rule_d,
            "optimizer_g": rule_g,
            "m": config.batch,
            "k": config.k,
            "every": config.every,
        }
        after = kind_of_training(config)(**same)
        if isinstance(before, RuleTraining) and config.rule == self.config.rule:
            after.memory = before.memory  # type: ignore[attr-defined]
        self.told, self.last = self.numbers(), (None, None)
        self.run.training, self.run.config, self.k_g = after, config, k_g

    # ── the state, and a folder ──────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """All that the next step depends on, and the rows so far: for `restore` of this game."""
        arrays, about = snapshot(self.training, self.run.there)
        return {
            "arrays": {name: array.copy() for name, array in arrays.items()},
            "about": about,
            "config": self.config,
            "k_g": self.k_g,
            "rows": list(self.run.rows),
            "told": self.numbers(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Put a `state` of this game back."""
        self.adopt(state["config"], state["k_g"])
        arrays = {name: array.copy() for name, array in state["arrays"].items()}
        restore(self.training, self.run.there, arrays, state["about"])
        self.run.rows = list(state["rows"])
        self.told, self.last = state["told"], (None, None)

    def copy(self) -> Play:
        """The same game at the same state, with arrays and noise of its own."""
        other = Play.__new__(Play)
        other.points, other.k_g = self.points, self.k_g
        other.run = Run(self.config, Path(), self.run.data)
        other.run.frames, other.run.frame_steps = list(self.run.frames), list(self.run.frame_steps)
        other.last, other.told = (None, None), {}
        other.restore(self.state())
        return other

    def save(self, folder: str | Path) -> Path:
        """Write a run folder that `numgan train --out FOLDER --resume` continues, and return it.
        Raises InputError where a run is there already, or where `numgan train` has no such game."""
        from numgan.lab.folder import save

        return save(self, Path(folder))


def zeros(rule: Optimizer, theta: Any) -> dict[str, Any]:
    """What a rule remembers; before its first step zeros, as a checkpoint has them."""
    return rule.state or {name: np.zeros_like(theta) for name in rule.remembers}

"""Slow motion: one step of a player in four stages, each with its equation, its line, its numbers.

    forward   samples, and D on them                                      E29, E32
    logit     the gradient at D's logit                                   E33, E34
    back      back through D: to θ_d for D's step, to x for G's           E31, E35
    update    the step itself

The stages are computed beside the game, from copies of its noise: the update then is the game's own
step, on the same x and z.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from numgan.game import Game
from numgan.lab.observe import Observer
from numgan.lab.play import Play
from numgan.lab.protocol import array, number
from numgan.run.record import norm
from numgan.trace.source import find
from numgan.training import Training

STAGES = ("forward", "logit", "back", "update")
MOST = 512  # points of a stage


def line(function: Any, label: str, formula: str, beside: str) -> dict[str, Any]:
    """A line of the library, the one with the words `beside`: its label, formula and place."""
    found = find(function, formula=formula, beside=beside).source
    return {"label": label, "formula": formula, "source": found and found._asdict()}


D_STEP, G_STEP = Game.discriminator_step, Game.generator_step
# fmt: off
LINES = {
    ("d", "forward"): (D_STEP, "E29", "x, x̃ = G(z)  →  a(x), a(x̃)", "(a_real, a_fake), tapes"),
    ("d", "logit"): (D_STEP, "E33", "∂Ṽ/∂a(x), ∂Ṽ/∂a(x̃)", "da = "),
    ("d", "back"): (D_STEP, "E31", "∇_{θ_d} Ṽ = Σ (∂a/∂θ_d)ᵀ ∂Ṽ/∂a", "dtheta_d = "),
    ("d", "update"): (Training.discriminator_step, "E31", "θ_d ← θ_d + η ∇_{θ_d} Ṽ", "ascend"),
    ("g", "forward"): (G_STEP, "E32", "z  →  x̃ = G(z)  →  a(x̃)", "a_fake, tape_d"),
    ("g", "logit"): (G_STEP, "E33", "∂Ṽ_g/∂a(x̃)", "da_fake = "),
    ("g", "back"): (G_STEP, "E35", "∂Ṽ_g/∂x̃ = (∂a/∂x̃)ᵀ ∂Ṽ_g/∂a", "dx = "),
    ("g", "update"): (Training.generator_step, "E32", "θ_g ← θ_g − η ∇_{θ_g} Ṽ_g", "descend"),
}
# fmt: on


class Slow:
    """One step of one player, stage by stage."""

    def __init__(self, play: Play, observer: Observer, player: str):
        self.player, self.observer, self.number = player, observer, 0
        t = play.training
        data, rng = copy.copy(t.data.source), copy.deepcopy(t.rng)  # type: ignore[attr-defined]
        G, D = t.game.G, t.game.D
        relative = player == "g" and t.game.objective.relative
        x = data.batch(t.m, rng) if player == "d" else None
        self.z = t.latents(t.m, rng)
        if relative:
            x = data.batch(t.m, rng)
        with np.errstate(all="ignore"):
            self.x = x
            self.samples, tape_g = G.forward(t.theta_g, self.z, rng)
            a_real = None if x is None else D(t.theta_d, x, rng)
            a_fake, tape_d = D.forward(t.theta_d, self.samples, rng)
            if player == "d":
                da_real, da_fake = t.game.objective.gradient(a_real, a_fake)  # E33
            else:
                da_real, da_fake = None, t.game.objective.generator_gradient(a_fake, a_real)  # E34
            dx = D.backward(t.theta_d, tape_d, da_fake)  # E35
        self.logits = {"a_real": a_real, "a_fake": a_fake}
        self.slopes = {"da_real": da_real, "da_fake": da_fake}
        self.g = -t.m * dx * observer.units[1]

    @property
    def stage(self) -> str:
        return STAGES[self.number]

    def shown(self, play: Play) -> dict[str, Any]:
        """The stage, as the protocol has it; `play` is the game, after its step at the update."""
        player, stage = self.player, self.stage
        found = line(*LINES[player, stage])
        if (player, stage) == ("g", "logit"):
            found["label"] = play.training.game.objective.label or "E33"
        found |= {"kind": "stage", "player": player, "stage": stage, "number": self.number}
        found |= vectors(self.logits) | {"iteration": play.iterations}
        found |= self.points("samples", self.samples)
        if self.x is not None:
            found |= self.points("x", self.x)
        if self.number >= 1:
            found |= vectors(self.slopes)
        if self.number >= 2 and player == "g" and self.observer.extent:
            with np.errstate(all="ignore"):
                drawn, said = self.observer.scaled(self.g)
            found |= {"arrows": array(drawn[:MOST]), "arrow": said}
        if stage == "update":
            found |= self.after(play)
        return found

    def after(self, play: Play) -> dict[str, Any]:
        """What the step has changed: the gradient's norm, and where the same points are now."""
        t, (d, g) = play.training, play.last
        gradient = d.dtheta_d if self.player == "d" else g.dtheta_g  # type: ignore[union-attr]
        with np.errstate(all="ignore"):
            samples = t.game.G.evaluation()(t.theta_g, self.z)
        return {"norm": number(norm(gradient)), **self.points("moved", samples)}

    def points(self, name: str, x: Any) -> dict[str, Any]:
        """Points in the units of the data; of pictures and wide rows none."""
        if not self.observer.extent:
            return {}
        x = self.observer.data.original(x[:MOST])
        return {name: array(x[:, 0] if x.shape[1] == 1 else x)}


def vectors(found: dict[str, Any]) -> dict[str, Any]:
    """Each as an array (n,), those that are there."""
    return {name: array(x[:MOST, 0]) for name, x in found.items() if x is not None}

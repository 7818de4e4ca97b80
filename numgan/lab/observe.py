"""What is seen of a game at one moment: a frame, as the protocol has it. Nothing is changed.

A `View` is the training with copies of its vectors, so that it can be looked at while the game goes
on. All latents are drawn from generators of their own: the same z in every frame.
"""

from __future__ import annotations

import copy
from math import log2
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.data import Dataset
from numgan.lab.laws import DRAWS, Laws
from numgan.lab.play import Play
from numgan.lab.protocol import array, number
from numgan.layers import Pack
from numgan.layers.functions import sigmoid
from numgan.network import Network
from numgan.training import Training

GRID = 80  # cells of the field on a side
LINE = 240  # places on a line
LONGEST = 0.12  # of the plane's width: no arrow is drawn longer
USUAL = 0.05  # of the width: what nine of ten arrows should not exceed
LINES, POINTS = 15, 48  # of the grid of latents that shows G's manifold


class View(NamedTuple):
    """A game at one moment, with arrays of its own."""

    training: Training
    numbers: dict[str, float]
    iteration: int

    @staticmethod
    def of(play: Play) -> View:
        """The game as it is now."""
        training = copy.copy(play.training)
        training.theta_d, training.theta_g = training.theta_d.copy(), training.theta_g.copy()
        return View(training, play.numbers(), play.iterations)


class Observer:
    """What stays the same from one frame of a game to the next: places, latents, data."""

    def __init__(self, play: Play):
        game = play.training.game
        self.data: Dataset = play.run.data
        self.G, self.D = game.G.evaluation(), game.D.evaluation()
        # D of a place: of a pack of samples that are all there
        first, self.pack, self.judge = self.D.layers[0], 1, self.D
        if isinstance(first, Pack):
            self.pack = first.M
            self.judge = Network(self.D.layers[1:], (first.M * self.data.dim,))
        self.latent = game.G.input_shape[0]
        self.seed = play.config.seed
        self.dtype = play.config.dtype
        self.shape = self.data.image_shape
        self.many = 25 if self.shape and np.prod(self.shape) > 400 else 64
        self.power = 0.0  # of two: the arrows' factor
        self.real = np.zeros(0)
        self.laws: Laws | None = None
        self.extent: list[float] = []
        if not self.shape and self.data.dim <= 2:
            self.place()

    def place(self) -> None:
        """The part of the line or of the plane that is shown, and D* on it."""
        x = self.data.original(self.data.peek(2000))
        low, high = x.min(0), x.max(0)
        centre, half = (low + high) / 2, 0.65 * (high - low)
        if self.data.dim == 2:
            half = np.full(2, half.max())
        sides = np.stack([centre - half, centre + half], axis=1)
        self.extent = sides.reshape(-1).tolist()
        count = LINE if self.data.dim == 1 else GRID
        self.axes = [np.linspace(low, high, count) for low, high in sides]
        offset, scale = (np.broadcast_to(v, (self.data.dim,)) for v in self.units)
        within = [(axis - o) / s for axis, o, s in zip(self.axes, offset, scale, strict=True)]
        self.laws = Laws(self.data, self.latent, within)
        mesh = np.meshgrid(*within)  # rows upwards
        places = np.stack([m.reshape(-1) for m in mesh], axis=1).astype(self.dtype)
        self.places = np.tile(places, (1, self.pack))

    @property
    def units(self) -> tuple[Any, Any]:
        """Original units are offset + scale · x."""
        return self.data.offset, self.data.scale

    def latents(self, n: int, part: int = 0) -> Array:
        """n latents that depend on the seed alone; the first of more are the same."""
        rng = np.random.default_rng([self.seed, 9, part])
        return rng.standard_normal((n, self.latent), dtype=self.dtype)  # type: ignore[call-overload]

    # ── a frame ──────────────────────────────────────────────────────────────────────────────────

    def frame(
        self, view: View, show: set[str], field: str, n: int, again: bool = False
    ) -> dict[str, Any]:
        """What the protocol calls a game of a frame; `again` keeps the arrows' factor of the one
        before, beside which it is drawn."""
        found: dict[str, Any] = {
            "iteration": view.iteration,
            "numbers": {name: number(x) for name, x in view.numbers.items()},
        }
        with np.errstate(all="ignore"):
            if self.shape:
                return found | self.pictures(view, show)
            if self.laws is None:
                return found
            found |= {"extent": self.extent} | self.points(view, show, n, again)
            if self.data.dim == 2:
                return found | self.plane(view, show, field)
            return found | self.line(view, show)

    def points(self, view: View, show: set[str], n: int, again: bool) -> dict[str, Any]:
        """Data, samples, D under them, arrows: on a line and in a plane."""
        flat = self.data.dim == 1
        found: dict[str, Any] = {}
        if "data" in show:
            if len(self.real) != n:
                self.real = self.data.original(self.data.peek(n))
            found["data"] = array(self.real[:, 0] if flat else self.real)
        if not {"samples", "arrows"} & show:
            return found
        z = self.latents(n)
        samples, D, g = self.arrows(view, z)
        x = self.data.original(samples)
        found["samples"] = array(x[:, 0] if flat else x)
        found["sample_D" if flat else "D"] = array(D)
        if flat:
            found["z"] = array(z[:, 0]) if self.latent == 1 else array(np.linalg.norm(z, axis=1))
        if "arrows" in show:
            drawn, said = self.scaled(g, again)
            found |= {"arrows": array(drawn[:, 0] if flat else drawn), "arrow": said}
        return found

    def arrows(self, view: View, z: Array) -> tuple[Array, Array, Array]:
        """Samples (n, dim), D on them (n,), and −m ∂Ṽ_g/∂x in the units of the data (E35)."""
        t = view.training
        samples = self.G(t.theta_g, z)
        a, tape = self.D.forward(t.theta_d, samples)
        objective = t.game.objective
        a_real = self.D(t.theta_d, self.beside(len(z))) if objective.relative else None
        da = objective.generator_gradient(a, a_real)  # E33, E34
        dx = self.D.backward(t.theta_d, tape, da)  # E35: back through D to x
        return samples, sigmoid(a)[:, 0], -len(z) * dx * self.units[1]

    def beside(self, n: int) -> Array:
        """n data; of fewer rows each again and again, so that every sample has its own (E54)."""
        x = self.data.peek(n)
        return x if len(x) == n else np.resize(x, (n, self.data.dim))

    def scaled(self, g: Array, again: bool = False) -> tuple[Array, dict[str, Any]]:
        """Arrows as they are drawn: times a power of two, which changes only where the arrows have
        become four times too long or too short, and capped."""
        width = self.extent[1] - self.extent[0]
        length = np.linalg.norm(g, axis=1)
        usual = float(np.quantile(length, 0.9)) if np.isfinite(length).all() else 0.0
        if usual > 0 and not again:
            fitting = log2(USUAL * width / usual)
            if abs(fitting - self.power) > 2:
                self.power = float(np.clip(round(fitting), -20, 20))
        factor, cap = 2.0**self.power, LONGEST * width
        drawn = factor * g
        shrink = np.minimum(1, cap / np.maximum(factor * length, 1e-30))
        return drawn * shrink[:, None], {
            "factor": factor,
            "cap": cap,
            "text": f"−m ∂Ṽ_g/∂x × {shown_power(self.power)}, at most {cap:.2g} long",
        }

    def plane(self, view: View, show: set[str], field: str) -> dict[str, Any]:
        """The field and G's manifold."""
        found: dict[str, Any] = {}
        if "field" in show:
            found = {"field": array(self.field(view, field)), "field_of": field}
        if "manifold" in show:
            lines = self.grid()
            x = self.G(view.training.theta_g, lines.reshape(-1, self.latent))
            x = self.data.original(x).reshape(*lines.shape[:2], 2)
            found["manifold"] = array(x)
        return found

    def field(self, view: View, field: str) -> Array:
        """D, its logit, D* or D − D* at the places of the grid, (GRID, GRID)."""
        t, laws = view.training, self.laws
        assert laws is not None
        a = self.logits(view).reshape(GRID, GRID) if field != "best" else None
        if field == "logit":
            return a
        if field == "D":
            return sigmoid(a)
        best = laws.best(laws.q(self.G, t.theta_g, self.G(t.theta_g, self.latents(DRAWS, 1))))
        return best if a is None else sigmoid(a) - best

    def logits(self, view: View) -> Array:
        """D's logit at all places, in blocks whose layers stay in the cache: twice as fast."""
        return self.judge.each(view.training.theta_d, self.places, 400)[:, 0]

    def grid(self) -> Array:
        """Lines of latents (lines, POINTS, latent): of two, a grid; of more, the rest 0; of one,
        the line itself."""
        t = np.linspace(-2.5, 2.5, POINTS)
        if self.latent == 1:
            return np.linspace(-3.5, 3.5, 5 * POINTS, dtype=self.dtype).reshape(1, -1, 1)
        z = np.zeros((2 * LINES, POINTS, self.latent), self.dtype)
        for n, c in enumerate(np.linspace(-2.5, 2.5, LINES)):
            z[n, :, 0], z[n, :, 1] = c, t
            z[LINES + n, :, 0], z[LINES + n, :, 1] = t, c
        return z

    def line(self, view: View, show: set[str]) -> dict[str, Any]:
        """Densities, D and D* along the line, and G as a curve."""
        t, laws = view.training, self.laws
        assert laws is not None
        a = self.logits(view)
        samples = self.G(t.theta_g, self.latents(DRAWS, 1)) if not laws.exact else None
        q = laws.q(self.G, t.theta_g, samples)
        best, D = laws.best(q), sigmoid(a)
        scale = float(np.broadcast_to(self.units[1], (1,))[0])
        found = {
            "x": array(self.axes[0]),
            "p": array(laws.p / scale),
            "q": array(q / scale),
            "D": array(D),
            "logit": array(a),
            "best": array(best),
            "difference": array(D - best),
        }
        if "manifold" in show and self.latent == 1:
            z = np.linspace(-3.5, 3.5, LINE, dtype=self.dtype)[:, None]
            x = self.data.original(self.G(t.theta_g, z))
            found["map"] = {"z": array(z[:, 0]), "x": array(x[:, 0])}
        return found

    def pictures(self, view: View, show: set[str]) -> dict[str, Any]:
        """Samples and data as images in [0, 1], and what D makes of each."""
        t = view.training
        found: dict[str, Any] = {}

        def shown(x: Array) -> dict[str, Any]:
            return array(np.clip((x + 1) / 2, 0, 1).reshape(-1, *(self.shape or ())))

        if "samples" in show:
            x = self.G(t.theta_g, self.latents(self.many))
            found |= {"images": shown(x), "D": array(sigmoid(self.D(t.theta_d, x))[:, 0])}
        if "data" in show:
            x = self.data.peek(self.many)
            found |= {"real": shown(x), "real_D": array(sigmoid(self.D(t.theta_d, x))[:, 0])}
        return found


def shown_power(power: float) -> str:
    """2ᵖ as a person writes it.

    >>> shown_power(-3), shown_power(2)
    ('1/8', '4')
    """
    return f"1/{2 ** int(-power)}" if power < 0 else f"{2 ** int(power)}"


def frames(
    observer: Observer, views: list[View], show: set[str], field: str, samples: int
) -> list[dict[str, Any]]:
    """The games of a frame, with arrows of one scale."""
    return [observer.frame(view, show, field, samples, again=n > 0) for n, view in enumerate(views)]

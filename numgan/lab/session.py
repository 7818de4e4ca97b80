"""A session: one game that is touched. Commands in, answers out, plain data; no web and no threads.

    session = Session("ring")
    session.do({"do": "set", "settings": {"k": 5}})     answers, as the protocol has them
    session.do({"do": "play"})
    session.advance(0.02)                               plays for 20 ms, or one iteration at least
    session.state()                                     what a page shows of it, without pictures

Commands that train go through a `History` and so to the library's own Training; a second game, if
there is one, takes the same steps with settings of its own, from the same state of the noise.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from numgan.errors import InputError
from numgan.lab import record, steptrace
from numgan.lab.curves import Curves, Meter, levels
from numgan.lab.history import History, act
from numgan.lab.lessons import LESSONS, commands
from numgan.lab.observe import Observer, View
from numgan.lab.play import Play
from numgan.lab.protocol import checked, number
from numgan.lab.settings import CHOICES
from numgan.lab.stages import STAGES, Slow
from numgan.lab.words import lines, paragraph
from numgan.run.finite import Diverged

AT_ONCE = 20  # steps of one command; more are done while others are seen to
SHOWN = ("data", "samples", "field", "curves")

Answers = list[dict[str, Any]]


class Session:
    """The state of the lab. `do` takes one command, already checked; `advance` plays on."""

    def __init__(self, *args: Any, folder: str | Path = "runs", **choices: Any):
        self.folder = Path(folder)
        self.own = choices.get("data")  # data of the user's own, which a page may only name "file"
        self.playing = False
        self.speed: int | None = None  # iterations a second; None: all that can be done
        self.show, self.field, self.samples = set(SHOWN), "D", 500
        self.lesson: tuple[int, int] | None = None
        self.queue: deque[dict[str, Any]] = deque()
        self.changes = 0  # of what is seen, apart from iterations
        self.away = False  # nobody looks
        self.begin(Play(*args, **choices))

    def begin(self, play: Play) -> None:
        """Another game, from its first step."""
        self.history, self.began = History(play), record.beginning(play)
        self.observer, self.curves = Observer(play), [Curves()]
        self.meter = Meter(play.run.data, self.observer)
        self.other: Play | None = None
        self.change: dict[str, Any] | None = None
        self.slow: Slow | None = None
        self.lost: dict[str, Any] | None = None
        self.playing = False
        self.changes += 1

    @property
    def play(self) -> Play:
        return self.history.play

    @property
    def plays(self) -> list[Play]:
        """The game, and the second one beside it."""
        return [self.play] if self.other is None else [self.play, self.other]

    @property
    def busy(self) -> bool:
        """True while there is something to train."""
        return not self.away and (bool(self.queue) or self.playing)

    def leave(self) -> None:
        """Pause, for nobody looks; what a lesson or a link has still to do waits."""
        self.playing, self.away = False, True

    def come(self) -> dict[str, Any]:
        """Somebody looks (again): the state."""
        self.away = False
        self.changes += 1
        return self.state()

    # ── commands ─────────────────────────────────────────────────────────────────────────────────

    def do(self, command: dict[str, Any]) -> Answers:
        """Carry out one command. Raises InputError for what cannot be, and changes nothing."""
        given = dict(command)
        name, number = given.pop("do"), given.pop("id", None)
        answer = getattr(self, f"do_{name}")(**given)
        self.changes += 1
        found = answer or {"kind": "done", "do": name}
        return [found | ({} if number is None else {"id": number})]

    def do_play(self) -> None:
        self.playing, self.lost = True, None

    def do_pause(self) -> None:
        self.playing = False
        self.queue.clear()

    def do_speed(self, per_second: int | None) -> None:
        self.speed = per_second

    def do_step(self, player: str, times: int = 1) -> None:
        self.lost = None
        if times > AT_ONCE:
            self.queue.append({"do": "step", "player": player, "times": times})
            return
        for _ in range(times):
            self.train(*(("iterate", None) if player == "both" else ("step", player)))

    def do_stage(self, player: str) -> dict[str, Any] | None:
        self.playing, self.lost = False, None
        if self.slow is None or self.slow.player != player or self.slow.stage == "update":
            self.slow = Slow(self.play, self.observer, player)
        else:
            self.slow.number += 1
        slow = self.slow
        if slow.number == len(STAGES) - 1:
            self.train("step", player)
            if self.lost:
                return None
            self.slow = slow
        return slow.shown(self.play)

    def do_set(self, settings: dict[str, Any]) -> None:
        if self.other is not None:
            trial = self.other.copy()
            trial.set(**{k: v for k, v in settings.items() if k not in (self.change or {})})
            self.history.do("set", settings)
            self.other = trial
        else:
            self.history.do("set", settings)
        self.slow = None

    def do_restart(self, choices: dict[str, Any]) -> None:
        name = choices.get("dataset", self.play.choices["dataset"])
        same = name == self.play.choices["dataset"]
        kept = {k: v for k, v in self.began.items() if k == "seed" or (same and k in CHOICES)}
        kept |= self.play.settings if same else {}
        given = {k: v for k, v in choices.items() if k != "dataset"}
        of_data = {"dataset": name}
        if name == "drawn":
            points = self.began.get("points", self.points)
            if points is None:
                raise InputError("nothing was drawn yet: draw some points first")
            of_data = {"points": points}
        elif name == "file":
            if self.own is None:
                raise InputError("there are no data of your own: numgan lab PATH opens them")
            of_data = {"data": self.own}
        if given.get("penalty", kept.get("penalty")) != kept.get("penalty"):
            kept.pop("weight", None)
        self.start(**{**kept, **given, **of_data})

    points: Any = None  # that were drawn last

    def do_draw(self, points: list[list[float]]) -> None:
        near = [[round(x, 4), round(y, 4)] for x, y in points]
        kept = self.play.settings if self.play.run.data.dim == 2 else {}
        self.start(points=near, seed=self.play.config.seed, **kept)
        self.points = near

    def start(self, **arguments: Any) -> None:
        """A new game in place of this one, once it is there."""
        play = Play(**arguments)
        self.queue.clear()
        self.begin(play)

    def do_watch(
        self, show: list[str] | None = None, field: str | None = None, samples: int | None = None
    ) -> None:
        self.show = self.show if show is None else set(show)
        self.field = field or self.field
        self.samples = samples or self.samples

    def do_pick(self, sample: int | None = None, z: list[float] | None = None) -> dict[str, Any]:
        latent, observer = self.observer.latent, self.observer
        if z is not None and len(z) != latent:
            raise InputError(f"z has {latent} numbers in this game, got {len(z)}")
        places = np.array([z]) if z is not None else observer.latents((sample or 0) + 1)[-1:]
        view = View.of(self.play)
        with np.errstate(all="ignore"):
            x, D, g = observer.arrows(view, places.astype(observer.dtype))
            a = observer.D(view.training.theta_d, x)
        arrow = observer.scaled(g, again=True)[0][0] if observer.extent else []
        return {
            "kind": "sample",
            "index": sample,
            "iteration": view.iteration,
            "z": places[0].tolist(),
            "x": [number(v) for v in self.play.run.data.original(x)[0]],
            "a": number(a[0, 0]),
            "D": number(D[0]),
            "gradient": [number(x) for x in g[0]],
            "arrow": [number(x) for x in arrow],
            "lines": lines(),
        }

    def do_label(self, label: str, language: str) -> dict[str, Any]:
        return paragraph(label, language)

    def do_back(self, iteration: int) -> None:
        self.history.back(iteration)
        self.queue.clear()
        self.other, self.change, self.slow, self.lost = None, None, None, None
        self.curves, self.playing = self.curves[:1], False

    def do_two(self, change: dict[str, Any] | None) -> None:
        if change is None:
            self.other, self.change, self.curves = None, None, self.curves[:1]
            return
        other = self.play.copy()
        other.set(**change)
        self.other, self.change, self.curves = other, change, [self.curves[0], Curves()]

    def do_trace(self) -> dict[str, Any]:
        last = self.play.iterations
        if not last:
            raise InputError("no iteration was shown yet: step once")
        return {
            "kind": "trace",
            "iteration": last,
            "html": steptrace.page(self.history.before(last)),
        }

    def do_save(self, name: str) -> dict[str, Any]:
        place = self.play.save(self.folder / name)
        return {
            "kind": "saved",
            "folder": str(place),
            "command": f"numgan train --out {place} --resume",
        }

    def do_script(self) -> dict[str, Any]:
        return {"kind": "script", "text": record.script(self.began, self.history)}

    def do_link(self) -> dict[str, Any]:
        return {"kind": "link", "link": record.link(self.began, self.history)}

    def do_open(self, link: str) -> None:
        began, log = record.unpacked(link)
        self.start(**began)
        for name, argument, times in log:
            if name == "set":
                self.queue.append({"do": "set", "settings": argument})
            else:
                player = argument or "both"
                self.queue.append({"do": "step", "player": player, "times": times})

    def do_lesson(self, number: int | None, step: int) -> None:
        if number is None:
            self.lesson = None
            return
        if number > len(LESSONS) or step >= len(LESSONS[number - 1].steps):
            raise InputError(f"there is no step {step} of a lesson {number}")
        asked = commands(number, step, after=self.lesson)
        self.queue.clear()
        self.queue.extend(checked(command) for command in asked)
        self.lesson, self.playing = (number, step), False

    # ── training ─────────────────────────────────────────────────────────────────────────────────

    def train(self, name: str, argument: Any = None) -> None:
        """One step of the game, and of the second one. Where one diverges the last good state comes
        back, the session pauses, and `lost` says which player it was."""
        history, play, other, ahead = self.history, self.play, self.other, self.curves[0]
        if history.place < history.length:
            ahead.cut(play.iterations)
        self.slow = None
        if other is not None:
            same_noise(play, other)
        try:
            history.do(name, argument)
        except Diverged as error:
            place = history.place
            self.stop(error, play, game=0)
            history.return_to(place)
            return
        if other is not None:
            try:
                act(other, name, argument)
            except Diverged as error:
                self.stop(error, other, game=1)
                self.other, self.change, self.curves = None, None, self.curves[:1]
        for play, curves in zip(self.plays, self.curves, strict=True):
            due = play.iterations % curves.spacing == 0
            if name == "iterate" and (due or not self.busy):
                curves.add(play.iterations, play.numbers())

    def stop(self, error: Diverged, play: Play, game: int) -> None:
        """Pause, and say what diverged."""
        text = str(error)
        kept = [n for n in self.history.kept if n < max(1, self.play.iterations - 10)]
        self.lost = {
            "player": "d" if "discriminator" in text else "g",
            "iteration": play.iterations,
            "text": text,
            "back": kept[-1] if kept else 0,
            "game": game,
        }
        self.playing = False
        self.queue.clear()
        self.changes += 1

    def advance(self, seconds: float, wanted: Callable[[], bool] = lambda: False) -> Answers:
        """Train for so long, or until something else is wanted: what is queued, then on while
        playing. At least one step is done. Returns answers that nobody asked for: errors of what
        was queued."""
        until = time.monotonic() + seconds
        while self.busy:
            if not self.queue:
                self.train("iterate")
            elif found := self.next():
                return found
            if wanted() or time.monotonic() >= until:
                break
        return []

    def next(self) -> Answers:
        """One step of what is queued, or one command."""
        command = self.queue[0]
        if command["do"] == "step":
            player, times = command["player"], command.get("times", 1)
            if times > 1:
                self.queue[0] = command | {"times": times - 1}
            else:
                self.queue.popleft()
            self.lost = None
            self.train(*(("iterate", None) if player == "both" else ("step", player)))
            return []
        self.queue.popleft()
        left, lesson = list(self.queue), self.lesson
        try:
            self.do(command)
        except InputError as error:
            self.queue.clear()
            return [{"kind": "error", "do": command["do"], "text": str(error)}]
        self.lesson = lesson
        if command["do"] in ("restart", "draw"):
            self.queue.extend(left)  # a new game clears the queue, but not of its own lesson
        return []

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict[str, Any]:
        """All that a page needs to come back to where it was."""
        play, data, laws = self.play, self.play.run.data, self.observer.laws
        return {
            "kind": "state",
            "playing": self.playing,
            "iteration": play.iterations,
            "speed": self.speed,
            "settings": play.settings,
            "choices": play.choices,
            "watch": {"show": sorted(self.show), "field": self.field, "samples": self.samples},
            "dim": data.dim,
            "image": data.image_shape,
            "exact": bool(laws and laws.exact),
            "note": laws.note if laws else None,
            "levels": levels(play.training.game.objective),
            "history": {"kept": self.history.kept, "last": self.history.last},
            "points": len(self.points or []),
            "two": self.change,
            "left": sum(c.get("times", 1) for c in self.queue if c["do"] == "step"),
            "lesson": self.told(),
            "lost": self.lost,
        }

    def told(self) -> dict[str, Any] | None:
        """The step of the lesson that is shown."""
        if self.lesson is None:
            return None
        number, step = self.lesson
        lesson = LESSONS[number - 1]
        return {
            "number": number,
            "step": step,
            "steps": len(lesson.steps),
            "title": lesson.title,
            "text": lesson.steps[step].text,
            "do": list(lesson.steps[step].do),
        }


def same_noise(play: Play, other: Play) -> None:
    """Let the second game draw what the first one will: the same noise, and the same rows."""
    one, two = play.training, other.training
    two.rng.bit_generator.state = one.rng.bit_generator.state
    a, b = play.run.there.source, other.run.there.source
    if hasattr(a, "order"):
        b.order, b.position = a.order, a.position  # type: ignore[union-attr]


def frames(
    observer: Observer, views: list[View], show: set[str], field: str, samples: int
) -> list[dict[str, Any]]:
    """The games of a frame, with arrows of one scale."""
    return [observer.frame(view, show, field, samples, again=n > 0) for n, view in enumerate(views)]

"""A session: one game that is touched. Commands in, answers out, plain data; no web and no threads.

    session = Session("ring")
    session.do({"do": "set", "settings": {"k": 5}})     answers, as the protocol has them
    session.do({"do": "play"})
    session.advance(0.02)                               plays for 20 ms, or one iteration at least
    session.state()                                     what a page shows of it, without pictures

Commands that train go through a `History`, and so to the library's own Training.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numgan.errors import InputError
from numgan.lab import record, steptrace
from numgan.lab.curves import levels
from numgan.lab.games import Games
from numgan.lab.lessons import LESSONS, commands
from numgan.lab.observe import View
from numgan.lab.play import Play
from numgan.lab.protocol import checked
from numgan.lab.settings import CHOICES
from numgan.lab.stages import STAGES, Slow
from numgan.lab.words import paragraph, picked

AT_ONCE = 20  # steps of one command; more are done while others are seen to
SHOWN = ("data", "samples", "field", "curves")

Answers = list[dict[str, Any]]


class Session(Games):
    """The state of the lab. `do` takes one command, already checked; `advance` plays on."""

    def __init__(self, *args: Any, folder: str | Path = "runs", **choices: Any):
        self.folder = Path(folder)
        self.own = choices.get("data")  # data of the user's own, which a page may only name "file"
        self.speed: int | None = None  # iterations a second; None: all that can be done
        self.show, self.field, self.samples = set(SHOWN), "D", 500
        self.lesson: tuple[int, int] | None = None
        self.queue: deque[dict[str, Any]] = deque()
        self.away = False  # nobody looks
        super().__init__(Play(*args, **choices))

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
        answer = getattr(self, f"do_{name}")(**given) or {"kind": "done", "do": name}
        self.changes += 1
        return [answer if number is None else answer | {"id": number}]

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
        if given.get("rule", kept.get("rule")) != kept.get("rule"):
            kept.pop("strength", None)
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
        return picked(self.observer, View.of(self.play), sample, z)

    def do_set(self, settings: dict[str, Any]) -> None:
        self.set(settings)

    def do_back(self, iteration: int) -> None:
        self.back(iteration)
        self.queue.clear()
        self.playing = False

    def do_two(self, change: dict[str, Any] | None) -> None:
        self.pair(change)

    def do_label(self, label: str, language: str) -> dict[str, Any]:
        return paragraph(label, language)

    def do_trace(self, language: str = "en") -> dict[str, Any]:
        last = self.play.iterations
        if not last:
            raise InputError("no iteration was shown yet: step once")
        return {
            "kind": "trace",
            "iteration": last,
            "html": steptrace.page(self.history.before(last), language),
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
            if self.lost:
                self.queue.clear()
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

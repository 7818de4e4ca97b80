"""The games of a session: one that is played, a second one beside it, and what is kept of them.

The second game takes the same steps with settings of its own, and begins each of them at the state
of the noise at which the first one does.
"""

from __future__ import annotations

from typing import Any

from numgan.lab import record
from numgan.lab.curves import Curves, Meter
from numgan.lab.history import History, act
from numgan.lab.observe import Observer
from numgan.lab.play import Play
from numgan.lab.stages import Slow
from numgan.run.finite import Diverged


class Games:
    """One game or two, in their history; `lost` says what diverged. `changes` counts what a page
    should hear of, apart from iterations."""

    def __init__(self, play: Play):
        self.playing = False
        self.changes = 0
        self.begin(play)

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
        return self.playing

    # ── changes of both ──────────────────────────────────────────────────────────────────────────

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
                self.pair(None)
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
        self.changes += 1

    def set(self, settings: dict[str, Any]) -> None:
        """Live settings, of both games; the second one keeps what it differs in."""
        if self.other is not None:
            trial = self.other.copy()
            trial.set(**{k: v for k, v in settings.items() if k not in (self.change or {})})
            self.history.do("set", settings)
            self.other = trial
        else:
            self.history.do("set", settings)
        self.slow = None

    def back(self, iteration: int) -> None:
        """Go to an iteration; the second game ends."""
        self.history.back(iteration)
        self.slow = self.lost = None
        self.pair(None)

    def pair(self, change: dict[str, Any] | None) -> None:
        """A second game from this state with settings changed; None ends it."""
        if change is None:
            self.other, self.change, self.curves = None, None, self.curves[:1]
            return
        other = self.play.copy()
        other.set(**change)
        self.other, self.change, self.curves = other, change, [self.curves[0], Curves()]


def same_noise(play: Play, other: Play) -> None:
    """Let the second game draw what the first one will: the same noise, and the same rows."""
    one, two = play.training, other.training
    two.rng.bit_generator.state = one.rng.bit_generator.state
    a, b = play.run.there.source, other.run.there.source
    if hasattr(a, "order"):
        b.order, b.position = a.order, a.position  # type: ignore[union-attr]

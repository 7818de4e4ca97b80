"""The wheel of time: what was done, in order, and snapshots from which it can be done again.

A log has entries [name, argument, times]: ["iterate", None, 200], ["step", "d", 1],
["set", {"k": 5}, 1]. Done on a new game it gives the same bits, so the state at any iteration is
the newest snapshot before it, and what was done from there. Snapshots are `spacing` iterations
apart; where there are too many, every second one goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from numgan.errors import InputError
from numgan.lab.play import Play

MEMORY = 128 << 20  # bytes of all snapshots
MOST = 64  # snapshots
FIRST = 16  # iterations between two of them at the start
LONGEST = 20_000  # entries of a log
FINER = {
    "optimizer",
    "penalty",
    "objective",
    "rule",
}  # settings whose last value is not all that counts

Entry = list[Any]


class Snapshot(NamedTuple):
    """A state, and how much had been done when it was taken."""

    iteration: int
    place: int
    state: dict[str, Any]


@dataclass
class History:
    """Of one game: every change of it goes through `do`. A place is the number of single changes
    that have been done there.

        >>> history = History(Play("gaussian", hidden=(4,)))
        >>> history.do("iterate", times=20)
        >>> history.do("set", {"k": 2})
        >>> history.do("iterate", times=20)
        >>> history.back(10)
        >>> history.play.iterations, history.play.settings["k"], history.last, history.log
        (10, 1, 40, [['iterate', None, 10]])
    """

    play: Play

    def __post_init__(self) -> None:
        self.entries: list[Entry] = []  # all that was done, that which lies ahead too
        self.place = 0  # where the game stands
        self.length = 0  # the place of the end
        self.last = 0  # the iteration of the end
        self.spacing = FIRST
        self.snapshots: list[Snapshot] = []
        self.keep()

    @property
    def log(self) -> list[Entry]:
        """What was done up to now."""
        log, left = [], self.place
        for name, argument, times in self.entries:
            if not left:
                break
            log.append([name, argument, min(times, left)])
            left -= log[-1][2]
        return log

    @property
    def kept(self) -> list[int]:
        """The iterations of the snapshots."""
        return [snapshot.iteration for snapshot in self.snapshots]

    # ── forward ──────────────────────────────────────────────────────────────────────────────────

    def do(self, name: str, argument: Any = None, times: int = 1) -> None:
        """Change the game, and write it down; what lay ahead is forgotten.

        What raises an error is not written down: after InputError the game is as it was, after
        Diverged `return_to(place)` brings the last good state back.
        """
        if len(self.entries) >= LONGEST:
            raise InputError(f"a session has at most {LONGEST} changes: save it, and begin anew")
        for _ in range(times):
            act(self.play, name, argument)
            self.write(name, argument)
            if name == "iterate" and self.play.iterations % self.spacing == 0:
                self.keep()

    def write(self, name: str, argument: Any) -> None:
        """Write one change down."""
        if self.place < self.length:
            self.entries = self.log
            self.snapshots = [s for s in self.snapshots if s.place <= self.place]
        before, given, times = self.entries[-1] if self.entries else ("", {}, 0)
        if name == before == "set" and given.keys() == argument.keys() and not FINER & given.keys():
            self.entries[-1] = [name, argument, times]  # a slider that is drawn
        else:
            if name == before != "set" and argument == given:
                self.entries[-1] = [name, argument, times + 1]
            else:
                self.entries.append([name, argument, 1])
            self.place += 1
        self.length, self.last = self.place, self.play.iterations

    def keep(self) -> None:
        """Take a snapshot of now; where there are too many, let every second one go."""
        self.snapshots.append(Snapshot(self.play.iterations, self.place, self.play.state()))
        size = sum(array.nbytes for array in self.snapshots[-1].state["arrays"].values())
        most = max(4, min(MOST, MEMORY // size))
        while len(self.snapshots) > most:
            self.spacing *= 2
            self.snapshots = [s for s in self.snapshots if s.iteration % self.spacing == 0]

    # ── back, and forward again ──────────────────────────────────────────────────────────────────

    def back(self, iteration: int) -> None:
        """Go to where this iteration was first reached. What lies ahead stays until something else
        is done. Raises InputError for an iteration that was never reached."""
        self.return_to(self.reached(iteration))

    def return_to(self, place: int) -> None:
        """Go to a place."""
        self.replay(self.play, place)
        self.place = place

    def before(self, iteration: int) -> Play:
        """Another game, as this one was when this iteration began."""
        other = self.play.copy()
        self.replay(other, self.reached(iteration) - 1)
        return other

    def reached(self, iteration: int) -> int:
        """The place where an iteration was first reached."""
        if not 0 <= iteration <= self.last:
            raise InputError(f"iteration {iteration} was never reached: expected 0 to {self.last}")
        place, left = 0, iteration
        for name, _, times in self.entries:
            if not left:
                break
            if name == "iterate":
                times = min(times, left)
                left -= times
            place += times
        return place

    def replay(self, play: Play, place: int) -> None:
        """Bring a game to a place: from the newest snapshot, do again what is written."""
        newest = [s for s in self.snapshots if s.place <= place][-1]
        play.restore(newest.state)
        for name, argument in islice(self.after(newest.place), place - newest.place):
            act(play, name, argument)

    def after(self, place: int) -> Iterator[tuple[str, Any]]:
        """Every single change after a place."""
        for name, argument, times in self.entries:
            for _ in range(place, times):
                yield name, argument
            place = max(0, place - times)


def act(play: Play, name: str, argument: Any) -> None:
    """One change of a game."""
    if name == "iterate":
        play.iterate()
    elif name == "step":
        play.step(argument)
    else:
        play.set(**argument)

"""A session that goes on by itself, in three threads.

    training   owns the session: takes commands between two iterations, and plays on
    looking    makes a frame of copies of θ, at most FRAMES a second, and only when one is wanted
    slowly     eigenvalues and metrics of copies, about once a second

The one that trains waits for nobody: who wants to look leaves a request, and finds a copy after the
iteration. What is not wanted is not made; what comes too late is dropped.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet  # in 3.10 not the built-in one
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from numgan.data import Dataset
from numgan.dynamics import kind, largest_step
from numgan.lab.answers import mistake
from numgan.lab.curves import Meter
from numgan.lab.observe import Observer, View, frames
from numgan.lab.protocol import array, number
from numgan.lab.session import Session
from numgan.run.spectrum import spectrum

FRAMES = 30  # a second
FAIR = 3  # frames may take a third of a core
SLICE = 0.02  # seconds of training between two looks at the clock
EVERY = 1.0  # seconds between two spectra, and two states while iterations pass
CURVES = 0.25  # seconds between two tables of curves
SHARE = 8  # a spectrum may take an eighth of the time

Publish = Callable[[dict[str, Any]], None]


@dataclass
class Told:
    """Of which state the page knows."""

    changes: int = -1
    place: int = -1  # of the history: a step of one player alone counts too
    time: float = 0.0


class Live:
    """Runs a session. `publish` is given every message that nobody asked for, from any thread;
    `ready` says whether somebody would draw another frame."""

    def __init__(self, session: Session, publish: Publish, ready: Callable[[], bool]):
        self.session, self.publish, self.ready = session, publish, ready
        self.asked: queue.SimpleQueue = queue.SimpleQueue()
        self.stopped = threading.Event()
        self.look = threading.Event()  # something may have changed, or somebody is ready
        self.frame = 0
        self.threads = [
            threading.Thread(target=self.go_on, args=(work,), name=work.__name__, daemon=True)
            for work in (self.training, self.looking, self.slowly)
        ]

    def go_on(self, work: Callable[[], None]) -> None:
        """Work until the end; a mistake in it is told to the pages, and it begins again."""
        while not self.stopped.is_set():
            with self.telling():
                work()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Within, a mistake is told, and waited after."""
        try:
            yield
        except Exception as error:
            self.publish(mistake(error))
            self.stopped.wait(EVERY)

    def start(self) -> None:
        """Begin."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """End all three, and wait for them."""
        self.stopped.set()
        self.look.set()
        self.asked.put(None)
        for thread in self.threads:
            if thread.is_alive():
                thread.join(2)  # a spectrum of large networks takes longer, and is not waited for

    # ── what others ask of the thread that trains ────────────────────────────────────────────────

    def ask(self, work: Callable[[Session], Any]) -> Future:
        """Something to do with the session, between two iterations; what it returned, later."""
        future: Future = Future()
        self.asked.put((work, future))
        return future

    def do(self, command: dict[str, Any]) -> Future:
        """A command; its answers, or an InputError."""
        return self.ask(lambda session: session.do(command))

    def answer(self) -> None:
        """Do what was asked, one thing; wait for it."""
        asked = self.asked.get()
        if asked is None:
            return
        work, future = asked
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work(self.session))
        except BaseException as error:  # whoever asked is told
            future.set_exception(error)

    def training(self) -> None:
        """Answer, and train."""
        session, told, due = self.session, Told(), time.monotonic()
        while not self.stopped.is_set():
            while not self.asked.empty() or not session.busy:
                if session.changes != told.changes or not session.busy:
                    self.tell(told)
                self.answer()
                if self.stopped.is_set():
                    return
            if session.speed:  # iterations a second
                now = time.monotonic()
                if due > now:
                    time.sleep(min(due - now, SLICE))
                    continue
                due = max(due, now - SLICE) + 1 / session.speed
            limit = 0.0 if session.speed else SLICE
            for message in session.advance(limit, lambda: not self.asked.empty()):
                self.publish(message)
            self.look.set()
            if session.changes != told.changes or time.monotonic() > told.time + EVERY:
                self.tell(told)

    def tell(self, told: Told) -> None:
        """Publish the state, if it is another one than was told last or steps were taken."""
        session = self.session
        now = (session.changes, session.history.place)
        if now == (told.changes, told.place):
            return
        told.changes, told.place, told.time = *now, time.monotonic()
        self.publish(session.state())
        self.look.set()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def looking(self) -> None:
        """Frames, and the curves now and then."""
        last: Any = None
        curved, rate = 0.0, Rate()
        while not self.stopped.is_set():
            self.look.wait()
            self.look.clear()
            if self.stopped.is_set() or not self.ready():
                continue
            began, worked = time.monotonic(), time.thread_time()
            seen = self.wait(self.ask(Look.of))
            if seen is None:
                return
            if seen.mark == last:
                continue
            last = seen.mark
            games = frames(seen.observer, seen.views, seen.show, seen.field, seen.samples)
            now = rate.at(seen.views[0].iteration, began) if seen.busy else 0.0
            self.frame += 1
            for game in games:
                game["rate"] = now
            self.publish({"kind": "frame", "frame": self.frame, "games": games})
            if "curves" in seen.show and (began > curved + CURVES or not seen.busy):
                curved = began
                for n, table in enumerate(self.wait(self.ask(tables)) or []):
                    self.publish({"kind": "curves", "game": n, **table})
            pause = max(1 / FRAMES, FAIR * (time.thread_time() - worked))
            self.stopped.wait(max(0.0, began + pause - time.monotonic()))

    def wait(self, future: Future) -> Any:
        """The result, or None where the lab ends before."""
        while not self.stopped.is_set():
            with suppress(NotYet):
                return future.result(0.2)
        return None

    # ── eigenvalues and metrics ──────────────────────────────────────────────────────────────────

    def slowly(self) -> None:
        """The spectrum, and JSD and modes, of whatever has changed since."""
        last, pause = None, EVERY
        while not self.stopped.wait(pause):
            pause = EVERY
            if not self.ready():
                continue
            seen = self.wait(self.ask(Look.of))
            if seen is None:
                return
            asked = seen.show & {"spectrum", "curves"}
            mark = (sorted(asked), seen.mark[1], len(seen.views), id(seen.observer))
            if mark == last or not asked:
                continue
            last, began = mark, time.monotonic()
            for n, view in enumerate(seen.views):
                if "spectrum" in asked and seen.dense:
                    with suppress(np.linalg.LinAlgError):  # numbers too large for it: none is shown
                        found = eigenvalues(view, seen.data)
                        self.publish({"kind": "spectrum", "game": n, **found})
                if "curves" in asked and (numbers := seen.meter.measure(view)):
                    self.ask(keeper(n, view, numbers, seen.meter))
            pause = max(EVERY, SHARE * (time.monotonic() - began))


class Look(NamedTuple):
    """What frames are made of, taken between two iterations."""

    views: list[View]
    observer: Observer
    meter: Meter
    data: Dataset
    show: set[str]
    field: str
    samples: int
    dense: bool  # no convolutions, of which a spectrum takes minutes
    busy: bool
    mark: Any  # the same for the same frame

    @staticmethod
    def of(session: Session) -> Look:
        views = [View.of(play) for play in session.plays]
        return Look(
            views,
            session.observer,
            session.meter,
            session.play.run.data,
            set(session.show),
            session.field,
            session.samples,
            session.play.config.arch == "mlp",
            session.busy,
            (session.changes, session.history.place),
        )


class Rate:
    """Iterations a second, over half a second."""

    def __init__(self) -> None:
        self.count, self.time, self.rate = 0, 0.0, 0.0

    def at(self, count: int, now: float) -> float:
        """The rate at this count of iterations."""
        if count < self.count or now > self.time + 5:
            self.count, self.time, self.rate = count, now, 0.0
        elif now > self.time + 0.5:
            self.rate = round((count - self.count) / (now - self.time), 1)
            self.count, self.time = count, now
        return self.rate


def tables(session: Session) -> list[dict[str, Any]]:
    """The curves of each game."""
    return [curves.table() for curves in session.curves]


def keeper(n: int, view: View, found: dict[str, float], meter: Any) -> Callable[[Session], None]:
    """Write down what was measured, unless there is another game or another past by now."""

    def keep(session: Session) -> None:
        if session.meter is meter and n < len(session.curves):
            if view.iteration <= session.plays[n].iterations:
                session.changes += not session.busy  # the curves are sent once more
                session.curves[n].measure(view.iteration, found)

    return keep


def eigenvalues(view: View, data: Any) -> dict[str, Any]:
    """The outermost eigenvalues of the game's Jacobian, on a minibatch that stays (E38)."""
    with np.errstate(all="ignore"):
        found = spectrum(view.training, data, np.random.default_rng(5))
    found = found[np.isfinite(found)]
    some = len(found) > 0
    return {
        "iteration": view.iteration,
        "re": array(found.real),
        "im": array(found.imag),
        "verdict": kind(found) if some else "undecided",
        "step": number(largest_step(found)) if some else 0.0,
        "label": "E38",
    }

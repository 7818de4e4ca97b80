"""How a run is asked to stop: Ctrl-C, a polite kill, or the terminal that goes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from numgan.streams import complain


@contextmanager
def interrupts(*numbers: int) -> Iterator[threading.Event]:
    """A context in which a signal sets an event, so that the run finishes its step and saves.

    The signals are those of `caught`, or the numbers. A second signal prints that the run is
    saving. Only the main thread can catch signals; in another thread the event is never set.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return

    def stop(*_: Any) -> None:
        if event.is_set():
            with suppress(RuntimeError):  # of a stream that is being written to at this moment
                complain("saving, one moment")
        event.set()

    before = {number: signal.signal(number, stop) for number in numbers or caught()}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def caught() -> list[signal.Signals]:
    """SIGINT, SIGTERM and, where it exists, SIGHUP, unless nohup has it ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


@contextmanager
def delayed_signals() -> Iterator[None]:
    """A context that delays Ctrl-C and SIGTERM: the first that came acts at the end.

    Only the main thread gets signals: another has nothing to delay.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {s: signal.signal(s, lambda number, _: came.append(number)) for s in caught()}
    try:
        yield
    finally:
        for s, handler in before.items():
            signal.signal(s, signal.SIG_DFL if handler is None else handler)
        if came:
            signal.raise_signal(came[0])

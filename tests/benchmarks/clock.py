"""How long n iterations take: by the clock, and on a GPU by the events of the library that computes
there.
"""

from __future__ import annotations

import time
from collections.abc import Callable

Run = Callable[[int], None]
Clock = Callable[[Run, int], float]


def by_the_clock(run: Run, n: int) -> float:
    """Seconds, of work that is done when `run` returns."""
    start = time.perf_counter()
    run(n)
    return time.perf_counter() - start


def by_events_of_cupy(run: Run, n: int) -> float:
    """Seconds between two marks in the queue of the GPU, once it has come to the second."""
    from cupy.cuda import Event, get_elapsed_time

    start, end = Event(), Event()
    start.record()
    run(n)
    end.record()
    end.synchronize()
    return get_elapsed_time(start, end) / 1e3


def by_events_of_torch(run: Run, n: int) -> float:
    """The same, in PyTorch's queue."""
    from torch.cuda import Event

    start, end = Event(enable_timing=True), Event(enable_timing=True)
    start.record()
    run(n)
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3


def clock(contender: str, device: str) -> Clock:
    """The one for a contender on a device."""
    if device == "cpu":
        return by_the_clock
    return by_events_of_torch if contender.startswith("torch") else by_events_of_cupy

"""How fast the lab is: python -m tests.benchmarks.lab [DATASET] [--seconds S] [--rounds R].

In turns within one run, so that a machine that drifts drifts for all: the bare Training; the lab's
session alone, without anybody who looks; the lab with a page that draws at once (arrows, D at
80×80, curves, spectrum). The page is another process, as a browser is. Printed are iterations and
frames a second, the training that is left beside a watcher, and how long a changed setting takes
until a frame shows it, while playing. No test: run it by hand on a quiet machine, with two cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from statistics import median, quantiles

from numgan.backend import keep_memory
from numgan.lab.play import Play
from numgan.lab.session import Session
from tests.lab.serving import client, serving

SHOW = ["data", "samples", "arrows", "field", "curves", "spectrum"]


def bare(name: str, seconds: float) -> float:
    """Iterations a second of the Training alone."""
    training = Play(name).training
    n, stop = 0, time.perf_counter() + seconds
    while time.perf_counter() < stop:
        training.iteration()
        n += 1
    return n / seconds


def alone(name: str, seconds: float) -> float:
    """Iterations a second of a session that nobody looks at."""
    session = Session(name)
    session.do({"do": "play"})
    session.advance(seconds)
    return session.play.iterations / seconds


def page(port: int, seconds: float, field: str, results) -> None:
    """A page: what it has seen goes into `results`."""
    with client(port) as opened:
        opened.ask("watch", show=SHOW, field=field)
        opened.ask("play")
        first = opened.hear(lambda m: m["kind"] == "frame" and m["games"][0]["iteration"] > 0)
        opened.frames.clear()
        began = time.perf_counter()
        last = first
        while time.perf_counter() < began + seconds:
            last = opened.hear(lambda m: m["kind"] == "frame")
        took, frames = time.perf_counter() - began, len(opened.frames)
        iterations = last["games"][0]["iteration"] - first["games"][0]["iteration"]
        opened.ask("pause")
        opened.ask("play")
        results.put((iterations / took, frames / took, [latency(opened, n) for n in range(12)]))


def latency(opened, n: int) -> float:
    """Seconds from a changed setting to the first frame of a state that has it."""
    began = time.perf_counter()
    opened.ask("set", settings={"lr_d": 1e-3 + n * 1e-4})
    changed = opened.hear(lambda m: m["kind"] == "frame")  # may be of before
    while changed is opened.hear(lambda m: m["kind"] == "frame"):
        pass
    return time.perf_counter() - began


def watched(name: str, seconds: float, field: str) -> tuple[float, float, list[float]]:
    """Iterations and frames a second with a page, and the delays of changed settings."""
    spawn = multiprocessing.get_context("spawn")
    results = spawn.SimpleQueue()
    with serving(Session(name)) as port:
        other = spawn.Process(target=page, args=(port, seconds, field, results))
        other.start()
        found = results.get()
        other.join()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", nargs="?", default="ring")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--field", default="D", help="D, logit, best or difference")
    options = parser.parse_args()
    keep_memory()
    rows = []
    for n in range(options.rounds):
        free = bare(options.dataset, options.seconds)
        session = alone(options.dataset, options.seconds)
        seen, frames, delays = watched(options.dataset, options.seconds, options.field)
        rows.append((free, session, seen, frames, seen / session, *delays))
        print(
            f"round {n + 1}: bare {free:.0f}, session {session:.0f}, watched {seen:.0f} iterations "
            f"a second ({100 * seen / session:.0f} % of the session alone), {frames:.1f} frames a "
            f"second, a setting is seen after {1e3 * median(delays):.0f} ms "
            f"(nine of ten within {1e3 * quantiles(delays, n=10)[-1]:.0f} ms)",
            flush=True,
        )
    middle = [median(column) for column in zip(*rows, strict=True)]
    print(
        f"median: {middle[0]:.0f}, {middle[1]:.0f}, {middle[2]:.0f} iterations a second; "
        f"{100 * middle[4]:.0f} %; {middle[3]:.1f} frames a second; "
        f"{1e3 * median(middle[5:]):.0f} ms"
    )


if __name__ == "__main__":
    main()

"""How far long work has come: a bar on a terminal, a line every ten seconds where there is none."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, TextIO

EVERY = 10.0  # seconds between two lines; work that is done earlier says nothing


class Progress:
    """`with Progress(total, "step") as bar:` and in it `bar.advance(numbers)` after each unit of
    work, and `bar.say("drawing")` where other work begins.

    A stream that fails ends the telling, never the work. In a notebook the bar is the notebook's,
    by tqdm.auto. The clock gives seconds, and is passed in
    for tests.
    """

    def __init__(
        self,
        total: int,
        unit: str,
        done: int = 0,
        quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
        notebook: bool = False,
    ):
        if notebook:
            with warnings.catch_warnings():  # of a notebook without widgets, where it is text
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm
        else:
            from tqdm import tqdm

        self.total, self.unit, self.done, self.numbers = total, unit, done, ""
        self.stream = Forgiving(sys.stderr if stream is None else stream)
        self.lines = not quiet and not notebook and not self.stream.isatty()
        self.clock = clock
        self.began = self.last = clock()
        self.bar: Any = tqdm(
            total=total,
            initial=done,
            unit=unit,
            disable=quiet or self.lines,
            file=sys.stdout if notebook else self.stream,  # what is on stderr is red in a notebook
            dynamic_ncols=True,
            leave=False,
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the bar before other output."""
        self.bar.close()

    def advance(self, numbers: str = "") -> None:
        """One unit more is done. What is to stand beside it stays until there is something new."""
        self.done += 1
        if numbers:
            self.numbers = numbers
            self.bar.set_postfix_str(numbers, refresh=False)
        self.bar.update()
        if self.lines and (now := self.clock()) - self.last >= EVERY:
            beside = f": {self.numbers}" if self.numbers else ""
            self.tell(f"{self.unit} {self.done:,} of {self.total:,}{beside}", now)

    def say(self, what: str) -> None:
        """What is done now: before the bar, or as a line where the work has already lasted."""
        self.bar.set_description_str(what)
        if self.lines and (now := self.clock()) - self.began >= EVERY:
            self.tell(what, now)

    def tell(self, text: str, now: float) -> None:
        """A line."""
        self.last = now
        self.stream.write(f"numgan: {text}\n")
        self.stream.flush()


class Forgiving:
    """A stream whose reader may leave: what can no longer be written is dropped."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self.stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

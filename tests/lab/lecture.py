"""A class of ten minutes in the lab, by the clock:  python -m tests.lab.lecture [--minutes 10]

Goes through the lessons in a headless Chromium as a lecturer would: a sentence is read at three
words a second, `next` is pressed, a last step plays on until its share of the time is over. A line
for each step says what the page showed meanwhile. No test: its figures are those of the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from numgan.lab.lessons import LESSONS
from tests.lab.chromium import CHROMIUM, Chromium
from tests.lab.test_browser import READY, do, served

WORDS = 3.0  # that are read a second
COUNT = "lab.frames = 0; lab.on('frame', () => { lab.frames++; }); 0"


def taken(browser: Chromium, expression: str, seconds: float = 120) -> float:
    """Seconds until the page says so."""
    began = time.monotonic()
    browser.until(expression, seconds)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    limits = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("no Chromium here: apt-get install chromium")
    share = 60 * limits.minutes / len(LESSONS)
    with tempfile.TemporaryDirectory() as place, served(Path(place, "runs")) as address:
        browser = Chromium(Path(place, "profile"))
        try:
            browser.open(address, READY)
            browser.evaluate(COUNT)
            began = time.monotonic()
            print(" clock  step  shown ms  done s  frames/s  ms of a setting   iteration  V")
            for number, lesson in enumerate(LESSONS, 1):
                end = began + share * number
                for step in range(len(lesson.steps)):
                    one_step(browser, number, step, end, began)
            print(f"console: {browser.console or 'nothing'}")
        finally:
            browser.close()


def one_step(browser: Chromium, number: int, step: int, end: float, began: float) -> None:
    """Show a step, read it, wait for what it trains; the last one of a lesson plays to the end."""
    text = LESSONS[number - 1].steps[step].text["en"]
    at = time.monotonic() - began
    do(browser, "lesson", number=number, step=step)
    shown = taken(browser, f"document.getElementById('lesson-text').textContent === {text!r}")
    frames, since = browser.evaluate("lab.frames"), time.monotonic()
    done = taken(browser, "lab.state.left === 0 || lab.state.playing")
    last = step + 1 == len(LESSONS[number - 1].steps)
    if last:
        do(browser, "play")
    read = len(text.split()) / WORDS
    until = end if last else since + max(read, done)
    setting = ""
    if last:
        time.sleep(2)
        eta = round(9.9e-4 + 1e-6 * number, 7)
        asked = time.monotonic()
        do(browser, "set", settings={"lr_g": eta})
        browser.until(f"lab.state.settings.lr_g === {eta}")
        setting = f"{1e3 * (time.monotonic() - asked):.0f}"
    time.sleep(max(0.0, until - time.monotonic()))
    took = time.monotonic() - since
    rate = (browser.evaluate("lab.frames") - frames) / took
    V = browser.evaluate("document.querySelector('[data-number=V]').textContent")
    iteration = browser.evaluate("lab.state.iteration")
    print(
        f" {int(at // 60)}:{at % 60:04.1f}  {number}.{step + 1}  {1e3 * shown:9.0f}{done:8.1f}"
        f"{rate:10.1f}{setting:>17}{iteration:12}  {V}",
        flush=True,
    )
    if last:
        do(browser, "pause")


if __name__ == "__main__":
    main()

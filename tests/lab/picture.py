"""The README's pictures of the lab:  python -m tests.lab.picture      half a minute

Plays steps of lessons in a headless Chromium until enough was trained, and writes
demos/pictures/lab_*.png, small and of few colours.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.lab.chromium import CHROMIUM, Chromium
from tests.lab.test_browser import READY, do, served

PICTURES = Path(__file__).parents[2] / "demos" / "pictures"
# name: (lesson, step, iterations)
SHOWN = {"lab_best_d": (1, 3, 1500), "lab_two_games": (4, 2, 1500)}
SIZE, WIDTH, COLOURS = (1280, 860), 900, 96


def main() -> None:
    if CHROMIUM is None:
        sys.exit("no Chromium here: apt-get install chromium")
    with tempfile.TemporaryDirectory() as place, served(Path(place, "runs")) as address:
        browser = Chromium(Path(place, "profile"), SIZE)
        try:
            browser.open(address, READY)
            # its two letters are Chinese, and fonts differ
            browser.evaluate("document.getElementById('language').hidden = true")
            for name, (lesson, step, iterations) in SHOWN.items():
                do(browser, "lesson", number=lesson, step=step)
                browser.until("lab.state.left === 0 || lab.state.playing", 120)
                do(browser, "play")
                enough = f"lab.view.games.every(g => g.iteration >= {iterations})"
                browser.until(enough, 300)
                do(browser, "pause")
                browser.until("!lab.state.playing")
                browser.evaluate("new Promise(done => setTimeout(done, 1500))")  # the last frame
                path = Path(place, "whole.png")
                browser.picture(path)
                image = Image.open(path).convert("RGB")
                size = WIDTH, round(image.height * WIDTH / image.width)
                small = image.resize(size, Image.Resampling.LANCZOS)
                few = small.quantize(COLOURS, Image.Quantize.FASTOCTREE)
                few.save(PICTURES / f"{name}.png", optimize=True)
        finally:
            browser.close()


if __name__ == "__main__":
    main()

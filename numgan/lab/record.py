"""A session as text: a script of a few lines, and a link. Both hold how the game began and what was
done, and give the same bits.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from numgan.errors import InputError
from numgan.lab.checks import configured, listed, table, whole, word
from numgan.lab.history import Entry, History
from numgan.lab.play import Play
from numgan.lab.protocol import CHOICES, LIVE, POINT

LONGEST = 1 << 20  # characters of a link, unpacked
MOST = 1_000_000  # iterations that a link may ask for


def beginning(play: Play) -> dict[str, Any]:
    """The arguments with which `Play` makes this game anew, but for live settings that changed."""
    chosen = {name: value for name, value in play.choices.items() if name != "dataset"}
    of_file = {"data": play.config.data} if play.choices["dataset"] == "file" else {}
    of_points = {"points": play.points.tolist()} if play.points is not None else {}
    name = {} if of_file or of_points else {"dataset": play.config.dataset}
    return {**name, **of_file, **of_points, **chosen, **play.settings}


def differing(began: dict[str, Any]) -> dict[str, Any]:
    """The same arguments without those that `Play` would take by itself."""
    least = {name: began[name] for name in ("dataset", "data", "points") if name in began}
    usual = beginning(Play(**least))
    return {
        name: value for name, value in began.items() if name in least or value != usual.get(name)
    }


def script(began: dict[str, Any], history: History) -> str:
    """The session as Python."""
    given = ",\n".join(f"    {name}={value!r}" for name, value in differing(began).items())
    lines = ["from numgan.lab.play import Play", "", f"play = Play(\n{given},\n)"]
    for name, argument, times in history.log:
        if name == "iterate":
            lines.append(f"play.iterate({times})")
        elif name == "step":
            lines.append(f"play.step({argument!r}, times={times})")
        else:
            lines.append(f"play.set({', '.join(f'{k}={v!r}' for k, v in argument.items())})")
    return "\n".join([*lines, "print(play.iterations, play.numbers())", ""])


def link(began: dict[str, Any], history: History) -> str:
    """The session as letters, digits, - and _. Raises InputError where its data are a file: another
    machine does not have it."""
    if "data" in began:
        raise InputError("a link cannot hold a file of data: save the run, or take the script")
    text = json.dumps([differing(began), history.log], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(link: str) -> tuple[dict[str, Any], list[Entry]]:
    """How the game of a link began, and what was done, entirely checked. Raises InputError."""
    wrong = InputError("this is no link of a session, or it was cut short")
    try:
        packed = base64.urlsafe_b64decode(link.encode("ascii") + b"=" * (-len(link) % 4))
        opened = zlib.decompressobj()
        text = opened.decompress(packed, LONGEST)
        if not opened.eof:
            raise wrong
        began, log = json.loads(text)
    except (ValueError, zlib.error, TypeError, RecursionError):
        raise wrong from None
    if not isinstance(began, dict) or not isinstance(log, list):
        raise wrong
    began = table({**CHOICES, "dataset": DATASET, "points": listed(POINT, 6, 5000)})("link", began)
    for entry in log:
        if not isinstance(entry, list) or len(entry) != 3:
            raise wrong
        name, argument, times = entry
        whole(1, MOST)("link", times)
        if name == "step":
            word("d", "g")("link", argument)
        elif name == "set":
            entry[1:] = [table(LIVE, least=1)("link", argument), 1]
        elif name != "iterate" or argument is not None:
            raise wrong
    if sum(times for *_, times in log) > MOST:
        raise InputError(f"this link asks for more than {MOST:,} steps")
    return began, log


DATASET = configured("dataset")

"""Wrong answers that people give, and what the message has to say: one text file for each section.

    == kl
    -- bits
    return (p * np.log2(p / q)).sum()

The line with -- is a part of the message; below it is the body of the function.

`python -m tests.course.wrong` prints the table: of each exercise how many wrong answers are named,
not named, and misleading (another cause is named).
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numgan.course.exercises import EXERCISES
from numgan.course.judge import judge
from numgan.course.show import message
from numgan.course.texts import words
from numgan.course.verdict import Verdict

FOLDER = Path(__file__).parent
NOT_NAMED = ("unknown", "checker", "entries", "slices", "ratio", "along")  # true, but no cause


class Wrong(NamedTuple):
    """One answer."""

    exercise: str
    says: str  # a part of the message
    body: str

    def function(self):
        """The answer as a function, in a fresh module."""
        names = {"np": np}
        exercise = EXERCISES[self.exercise]
        code = f"def {exercise.call}:\n{textwrap.indent(self.body, '    ')}\n"
        exec(compile(code, self.exercise, "exec"), names)
        return names[self.exercise]

    def verdict(self) -> Verdict:
        return judge(EXERCISES[self.exercise], self.function())

    def outcome(self, verdict: Verdict) -> str:
        """named, not named, misleading; or right, which none should be."""
        if verdict.is_right:
            return "right"
        if self.says in message(verdict, words("en")).says:
            return "named"
        return "not named" if verdict.cause in NOT_NAMED else "misleading"


def read() -> list[Wrong]:
    """All wrong answers."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for name, text in by_exercise(path):
            _, *answers = re.split(r"^-- (.+)\n", text, flags=re.MULTILINE)
            found += [
                Wrong(name, says.strip(), body.strip("\n"))
                for says, body in zip(answers[::2], answers[1::2], strict=True)
            ]
    return found


def by_exercise(path: Path) -> list[tuple[str, str]]:
    """The name of each exercise in a file, and the text below it."""
    _, *parts = re.split(r"^== (\w+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2], strict=True))

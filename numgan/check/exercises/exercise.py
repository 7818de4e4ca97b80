"""What an exercise is: code with one mistake in it, the checks that it meets, and what they should say."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numgan.check.finding import Finding
from numgan.check.report import Report


@dataclass(frozen=True)
class Exercise:
    """`code` is shown; `findings` checks it. The report must blame `where` and say `why`: the tests hold it to that."""

    title: str  # what the code claims to be
    code: Any  # the class or function with the mistake
    findings: Callable[[int], list[Finding]]  # from a seed, all that is found about it
    where: str  # part of the name of the array, or of the method, that must fail
    why: str  # part of the likely cause
    mistake: str  # in a few words
    solution: str  # the right line, and how one sees it

    def source(self) -> str:
        """The code as it stands in its file."""
        return textwrap.dedent(inspect.getsource(self.code)).rstrip()

    def report(self, seed: int = 0) -> Report:
        """What the checker finds."""
        return Report([f for f in self.findings(seed) if f.verdict != "skipped"])

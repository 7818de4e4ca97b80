"""What an exercise is: code with one mistake, its check, and the cause that the check must name."""

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
    """`code` is shown and `findings` checks it. The report must blame `where` and say `why`; the
    tests require it.
    """

    title: str  # what the code claims to be
    code: Any  # the class or function with the mistake
    findings: Callable[[int], list[Finding]]  # from a seed, all that is found about it
    where: str  # part of the name of the array, or of the method, that must fail
    why: str  # part of the likely cause
    mistake: str  # in a few words
    solution: str  # the right line, and how one sees it
    of: Any = None  # the function whose gradient the code is

    def source(self) -> str:
        """The source of the code, after that of the function whose gradient it is, and the classes
        that it builds on.
        """
        parts = [
            textwrap.dedent(inspect.getsource(part)).rstrip()
            for part in (self.of, self.code)
            if part is not None
        ]
        bases = (
            self.code.__bases__
            if inspect.isclass(self.code) and self.code.__bases__ != (object,)
            else ()
        )
        parts += [
            f"# The rest is that of {base.__module__}.{base.__name__}, which is right."
            for base in bases
        ]
        return "\n\n".join(parts)

    def report(self, seed: int = 0) -> Report:
        """What the checker finds."""
        return Report([f for f in self.findings(seed) if f.verdict != "skipped"])

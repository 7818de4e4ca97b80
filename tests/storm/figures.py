"""The figures of a storm: how many points and commands, and what was found, each kind with its
least example.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

RANDOM = re.compile(
    r"(?<!\w)(\.[\w.]+)\.[a-z0-9_]{8}\b"
)  # a hidden name, and what tempfile puts at its end


@dataclass
class Figures:
    """What one test has seen."""

    points: int = 0
    runs: int = 0
    found: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, faults: list[tuple[str, str]], how: str) -> None:
        """Keep faults, (kind, what), with the commands that show them."""
        for kind, what in faults:
            self.found[kind, RANDOM.sub(r"\1.*", what)].append(how)

    def verdict(self) -> None:
        """Fail where anything was found."""
        assert not self.found, self.report()

    def kinds(self) -> Counter:
        """How many of each kind."""
        return Counter(
            {
                kind: sum(len(hows) for (k, _), hows in self.found.items() if k == kind)
                for kind, _ in self.found
            }
        )

    def report(self, most: int = 40) -> str:
        """A paragraph for each fault, the commonest first."""
        ranked = sorted(self.found.items(), key=lambda item: -len(item[1]))
        lines = [
            f"{kind} × {len(hows)}: {what}\n    {hows[0]}" for (kind, what), hows in ranked[:most]
        ]
        rest = [f"and {len(ranked) - most} more"] if len(ranked) > most else []
        return "\n".join([f"{len(ranked)} kinds of fault", *lines, *rest])


ALL: dict[str, Figures] = {}


def table() -> list[str]:
    """A line for each test."""
    columns = ("stuck", "damaged", "traceback", "different")
    lines = [
        f"{'':60}{'points':>8}{'runs':>8}" + "".join(f"{name:>11}" for name in (*columns, "other"))
    ]
    for name, figures in ALL.items():
        kinds = figures.kinds()
        counts = [kinds[column] for column in columns]
        counts.append(sum(kinds.values()) - sum(counts))
        lines.append(
            f"{name:60}{figures.points:8}{figures.runs:8}"
            + "".join(f"{count:11}" for count in counts)
        )
    return lines

"""What may be seen of a command, and what may not: each fault that is found has one of these
kinds.
"""

from __future__ import annotations

import stat
from pathlib import Path

from tests.storm.client import Outcome

KINDS = (
    "stuck",
    "damaged",
    "traceback",
    "different",
    "lost",
    "hang",
    "status",
    "lines",
    "left",
    "foreign",
    "memory",
)


def spoken(outcome: Outcome, statuses: tuple[int, ...]) -> list[tuple[str, str]]:
    """The faults in how a command ended: (kind, what). A refusal is one line on stderr, which
    begins with numgan.
    """
    err, faults = outcome.err, []
    if outcome.status is None:
        faults.append(("hang", "it did not end"))
    elif outcome.status not in statuses and "Traceback" not in outcome.err:
        faults.append(("status", f"{outcome.status}, expected one of {sorted(set(statuses))}"))
    if "Traceback" in err or "Traceback (most recent" in outcome.out or "Exception ignored" in err:
        faults.append(("traceback", err.strip().splitlines()[-1][:300]))
    elif "Warning: " in err:
        faults.append(("lines", f"a warning: {first(err, 'Warning: ')}"))
    elif outcome.status == 2 and (
        not err.startswith("numgan") or err.count("\n") != 1 or not err.endswith("\n")
    ):
        faults.append(("lines", f"{err[:300]!r}"))
    if outcome.outside:
        faults.append(("foreign", f"changed outside its folder: {outcome.outside[0]}"))
    return faults


def first(text: str, part: str) -> str:
    """The first line that has this part."""
    return next(line for line in text.splitlines() if part in line)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path; of what is no regular file, its type."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        name = path.relative_to(folder).as_posix()
        if stat.S_ISREG(mode):
            found[name] = path.read_bytes()
        elif not stat.S_ISDIR(mode):
            found[name] = f"type {stat.S_IFMT(mode):o}".encode()
    return found


def compared(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[tuple[str, str]]:
    """The faults of a folder that should hold these files, bit for bit, and no other."""
    faults = [("left", f"{name} is left") for name in sorted(found.keys() - wanted.keys())]
    faults += [("different", f"{name} is missing") for name in sorted(wanted.keys() - found.keys())]
    unequal = [name for name in sorted(found.keys() & wanted.keys()) if found[name] != wanted[name]]
    return faults + [("different", f"{name} differs") for name in unequal]

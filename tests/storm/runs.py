"""The tiny run of the storm, undisturbed: what every disturbed one must end as."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from tests.storm.client import Outcome, Sandbox, Zygote
from tests.storm.verdict import compared, contents, spoken

SMALL = ("--hidden", "4", "--batch", "8", "--latent", "2", "--quiet")
RESUME = ("train", "--out", "run", "--resume", "--quiet")
SAMPLE = ("sample", "run", "-n", "5", "-o", "run.npy")
REPORT = ("report", "run", "-o", "run.html")


def train(steps: int, *options: str, out: str = "run") -> tuple[str, ...]:
    """The command of a tiny run."""
    return "train", "ring", "--steps", str(steps), *SMALL, *options, "--out", out


@cache
def undisturbed(zygote: Zygote, command: tuple[str, ...], draw: bool = False):
    """The files that a command leaves in a fresh sandbox, and the points that it passes."""
    with Sandbox(zygote.folder) as sandbox:
        outcome = zygote.run(sandbox, *command, draw=draw)
        assert not (found := spoken(outcome, (0,))), found
        return contents(sandbox), outcome.points


def recovery(
    zygote: Zygote,
    sandbox: Path,
    begin: tuple[str, ...],
    wanted: dict[str, bytes],
    kept: bool,
    order: int = 0,
):
    """The faults after a disturbed run: it can be resumed, or `begin` begins it anew, and it ends
    as wanted.

    One is tried after the other, in an order that may be turned round: what is refused does no harm
    to the other. `kept`: a step was saved before, so beginning anew would lose it. Gives the faults
    and the commands that were run.
    """
    faults, outcomes = [], []
    for command in (RESUME, begin)[:: -1 if order else 1]:
        outcomes.append(zygote.run(sandbox, *command))
        faults += spoken(outcomes[-1], (0, 2))
        if outcomes[-1].status == 0:
            if command == begin and kept:
                faults.append(("lost", f"a run that was saved is begun anew: {said(outcomes[0])}"))
            return faults + compared(contents(sandbox), wanted), outcomes
    words = "; ".join(said(outcome) for outcome in outcomes)
    return [*faults, ("stuck", f"neither resumed nor begun anew: {words}")], outcomes


def said(outcome: Outcome) -> str:
    """The last line on stderr."""
    return (outcome.err.strip().splitlines() or ["no word"])[-1]


def copied(folder: Path, sandbox: Path) -> None:
    """Put a prepared sandbox's content into this one."""
    shutil.copytree(folder, sandbox, dirs_exist_ok=True, symlinks=True)

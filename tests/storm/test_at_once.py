"""A second command at each point of a run, which stands still meanwhile: one of two trainings has
the folder.

Deterministic: the first stops itself at a point, the second runs to its end, the first goes on.
"""

import signal

import pytest

from tests.storm.client import Sandbox
from tests.storm.runs import REPORT, RESUME, SAMPLE, said, train, undisturbed
from tests.storm.verdict import compared, contents, spoken

STEPS = 3
FIRST, OTHER = train(STEPS), train(STEPS, "--seed", "7")
SECONDS = {"same": FIRST, "other": OTHER, "resume": RESUME, "sample": SAMPLE, "report": REPORT}


@pytest.mark.parametrize("name", SECONDS)
def test_a_second_command_at_each_point(zygote, seen, long, name):
    """The folder is of the one that claimed it, bit for bit as if alone; the other is refused in a
    line.
    """
    second, (wanted, points) = SECONDS[name], undisturbed(zygote, FIRST)
    seen.points = len(points)
    quick = [*range(0, 12, 3), len(points) // 2] if name in ("same", "other") else [3, 14, 30]
    for at in range(len(points)) if long else quick:
        with Sandbox(zygote.folder) as sandbox:
            child = zygote.start(sandbox, *FIRST, fault={"kind": "stop", "at": at})
            assert zygote.wait(child) is None, "it did not stop at its point"
            two = zygote.run(sandbox, *second, timeout=30)
            child.signal(signal.SIGCONT)
            one = zygote.wait(child)
            found = [*spoken(one, (0, 2)), *spoken(two, (0, 2))]
            there = contents(sandbox)
            if second in (SAMPLE, REPORT):
                there.pop(second[-1], None)
            begins = second in (FIRST, OTHER)
            if one.status == 0 and (two.status != 0 or not begins):
                found += compared(there, wanted)
            elif begins and two.status == 0 and one.status == 2:
                found += compared(there, undisturbed(zygote, second)[0])
            elif one.status == two.status == 0:
                found.append(
                    ("different", "two trainings had one folder, and both ended with status 0")
                )
            else:
                found.append(("different", f"neither came to its end: {said(one)}; {said(two)}"))
        seen.runs += 2
        seen.note(found, f"{one} at {points[at]}, then {two}")
    seen.verdict()


def test_default_folders_of_two_at_once(zygote, seen, long):
    """Without --out each training has a folder of its own: runs/ring, runs/ring-2."""
    command = FIRST[: FIRST.index("--out")]
    alone, points = undisturbed(zygote, command)
    wanted = {
        path.removeprefix("runs/ring/"): content
        for path, content in alone.items()
        if path != "notes.txt"
    }
    seen.points = len(points)
    for at in range(len(points)) if long else (0, 1, 2, 3, 8):
        with Sandbox(zygote.folder) as sandbox:
            child = zygote.start(sandbox, *command, fault={"kind": "stop", "at": at})
            assert zygote.wait(child) is None, "it did not stop at its point"
            two = zygote.run(sandbox, *command, timeout=30)
            child.signal(signal.SIGCONT)
            one = zygote.wait(child)
            found = [*spoken(one, (0,)), *spoken(two, (0,))]
            folders = sorted((sandbox / "runs").iterdir())
            if len(folders) != 2:
                found.append(("different", f"{len(folders)} folder for two trainings"))
            for folder in folders:
                found += compared(contents(folder), wanted)
        seen.runs += 2
        seen.note(found, f"{one} at {points[at]}, then {two}")
    seen.verdict()

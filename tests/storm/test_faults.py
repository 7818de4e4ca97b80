"""A fault at each call of a run that changes a file: the run can be resumed, or its place is free.

Either way it ends bit for bit as the undisturbed one; nothing is left over, nothing else is
touched, no traceback.
"""

import random

import pytest

from tests.storm.client import Sandbox
from tests.storm.points import ERRORS, SIGNALS
from tests.storm.runs import REPORT, RESUME, SAMPLE, copied, recovery, train, undisturbed
from tests.storm.verdict import contents, spoken

KINDS = ("kill", "torn", *SIGNALS, "impatient", *ERRORS)
STATUSES = {
    "kill": (-9,),
    "torn": (-9,),
    "SIGTERM": (-15, 143, 130, 2),
    "SIGINT": (130, 2),
    "SIGHUP": (-1, 129, 130, 2),
    "impatient": (130, 2),
    **dict.fromkeys(ERRORS, (2,)),
}


def faults(points: list[str], few: int | None):
    """Each kind of fault at each point where it means something; a choice of a `few` of them."""
    every = [
        {"kind": kind, "at": at}
        for at, point in enumerate(points)
        for kind in KINDS
        if kind != "torn" or point.startswith("write")
    ]
    return every if few is None else random.Random(0).sample(every, min(few, len(every)))


def saved_before(points: list[str], at: int) -> bool:
    """True where a step, not only the beginning, was saved before this point: the second checkpoint
    took its name.
    """
    named = [
        number
        for number, point in enumerate(points)
        if point.startswith("rename") and point.endswith("/checkpoint.npz")
    ]
    return len(named) > 1 and at > named[1]


@pytest.mark.parametrize("options", [(), ("--spectrum", "2", "--optimizer", "sgd", "--k", "2")])
def test_a_run_that_begins(zygote, seen, long, options):
    """Faults from the first folder to the last picture."""
    command = train(6 if long else 3, *options)
    wanted, points = undisturbed(zygote, command)
    seen.points = len(points)
    for fault in faults(points, None if long else 30 if not options else 8):
        with Sandbox(zygote.folder) as sandbox:
            disturbed = zygote.run(sandbox, *command, fault=fault)
            found = spoken(disturbed, (0, *STATUSES[fault["kind"]]))
            kept = saved_before(points, fault["at"])
            after, outcomes = recovery(
                zygote, sandbox, command, wanted, kept, order=fault["at"] % 2
            )
        seen.runs += 1 + len(outcomes)
        where = points[fault["at"]]
        seen.note(found, f"{disturbed} at {where}")
        seen.note(after, f"{disturbed} at {where}; then {'; '.join(map(str, outcomes))}")
    seen.verdict()


@pytest.mark.parametrize("stop", [2, 5], ids=["interrupted", "whole"])
def test_a_run_that_goes_on(zygote, seen, long, stop):
    """Faults while a run is resumed, one that was killed at its third step, and one that is
    whole.
    """
    command = train(5)
    wanted, _ = undisturbed(zygote, command)
    with Sandbox(zygote.folder) as before, Sandbox(zygote.folder) as probe:
        zygote.run(before, *command, fault={"kind": "kill", "iteration": stop})
        copied(before, probe)
        points = zygote.run(probe, *RESUME).points
        seen.points = len(points)
        for fault in faults(points, None if long else 6):
            with Sandbox(zygote.folder) as sandbox:
                copied(before, sandbox)
                disturbed = zygote.run(sandbox, *RESUME, fault=fault)
                found = spoken(disturbed, (0, *STATUSES[fault["kind"]]))
                after, outcomes = recovery(zygote, sandbox, command, wanted, kept=True)
            seen.runs += 1 + len(outcomes)
            seen.note(found, f"{disturbed} at {points[fault['at']]}")
            seen.note(
                after, f"{disturbed} at {points[fault['at']]}; then {'; '.join(map(str, outcomes))}"
            )
    seen.verdict()


@pytest.mark.parametrize("command", [SAMPLE, REPORT], ids=["sample", "report"])
def test_a_file_that_is_replaced(zygote, seen, long, command):
    """Whatever strikes, the file that was there is still there or the new one is; an error leaves
    nothing beside it.
    """
    with Sandbox(zygote.folder) as before, Sandbox(zygote.folder) as probe:
        zygote.run(before, *train(2))
        copied(before, probe)
        whole = zygote.run(probe, *command)
        new = contents(probe)
        (name,) = new.keys() - contents(before).keys()
        (before / name).write_text("old")
        old = contents(before)
        seen.points = len(whole.points)
        for fault in faults(whole.points, None if long else 6):
            with Sandbox(zygote.folder) as sandbox:
                copied(before, sandbox)
                disturbed = zygote.run(sandbox, *command, fault=fault)
                found, there = spoken(disturbed, (0, *STATUSES[fault["kind"]])), contents(sandbox)
            seen.runs += 1
            how = f"{disturbed} at {whole.points[fault['at']]}"
            # what cannot be removed stays: a hidden name that says which process made it
            stays = "unlink" in whole.points[fault["at"]]
            if (
                fault["kind"] not in ("kill", "torn", *SIGNALS)
                and not stays
                and there.keys() != old.keys()
            ):
                found.append(("left", f"{len(there.keys() - old.keys())} files are left"))
            if any(there.get(path) not in (old[path], new[path]) for path in old):
                found.append(
                    (
                        "damaged",
                        f"{name} is neither the old nor the new one, or another file has changed",
                    )
                )
            if disturbed.status == 0 and there.get(name) != new[name]:
                found.append(("damaged", f"status 0, and {name} is not the new one"))
            seen.note(found, how)
    seen.verdict()


def test_what_takes_a_name_was_flushed_to_the_disk(zygote, seen):
    """Every file is written, then flushed by fsync, then renamed: no name without its content if
    the power goes.
    """
    seen.points = 0
    last: dict[str, str] = {}
    for point in undisturbed(zygote, train(3))[1]:
        kind, _, path = point.partition(" ")
        if kind == "rename":
            source, target = path.split(" to ")
            assert last[source] == "fsync", (
                f"{target} takes its name before its content is on the disk"
            )
            seen.points += 1
        elif kind in ("write", "fsync"):
            last[path] = kind
    assert seen.points > 3


def test_real_pictures(zygote, seen, long):
    """The same where matplotlib draws: a fault at a few points of the drawing."""
    if not long:
        pytest.skip("drawing takes seconds: --long")
    command = train(3)
    wanted, points = undisturbed(zygote, command, draw=True)
    first = next(number for number, point in enumerate(points) if ".png" in point)
    seen.points = len(points) - first
    for fault in faults(points, None)[-(len(points) - first) * len(KINDS) :: 7]:
        with Sandbox(zygote.folder) as sandbox:
            disturbed = zygote.run(sandbox, *command, fault=fault, draw=True)
            found = spoken(disturbed, (0, *STATUSES[fault["kind"]]))
            resumed = zygote.run(sandbox, *RESUME, draw=True)
            found += spoken(resumed, (0,))
            if contents(sandbox) != wanted:
                found.append(("different", "its files are not those of the undisturbed run"))
        seen.runs += 2
        seen.note(found, f"{disturbed} at {points[fault['at']]}")
    seen.verdict()

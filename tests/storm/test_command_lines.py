"""Random command lines: a status of the documented ones, an error of one line, never a traceback,
nothing elsewhere.
"""

import os
import random
import shutil
import stat

from tests.storm.client import Sandbox
from tests.storm.furniture import furnish
from tests.storm.grammar import line, options
from tests.storm.runs import train
from tests.storm.verdict import contents, spoken

STATUSES = (0, 1, 2, 3, 130, 141)


def test_random_command_lines(zygote, seen, long):
    """A prepared folder, a random line, and what it may do: files may appear, what was there
    stays.
    """
    source, known = random.Random(1), options()
    with Sandbox(zygote.folder) as before:
        furnish(before)
        zygote.run(before, *train(2))
        zygote.run(before, *train(4, out="half"), fault={"kind": "SIGINT", "iteration": 2})
        nodes = [name for name in ("null.npy", "full.npy") if (before / name).exists()]
        for _ in range(3000 if long else 60):
            words = line(source, known)
            with Sandbox(zygote.folder) as sandbox:
                prepare(before, sandbox, nodes)
                first = contents(sandbox)
                outcome = zygote.run(sandbox, *words, timeout=60)
                found = spoken(outcome, STATUSES)
                there = contents(sandbox)
            seen.runs += 1
            if outcome.status == 2 and there.keys() != first.keys():
                found.append(("left", f"{sorted(there.keys() ^ first.keys())[0]} after a refusal"))
            for name in first:
                mine = (
                    name.startswith("half/") or outcome.status == 0 and f"{name}" in " ".join(words)
                )
                if there.get(name) != first[name] and not (mine and first[name][:5] != b"type "):
                    found.append(("damaged", f"{name} was replaced"))
            seen.note(found, str(outcome)[:600])
    seen.points = seen.runs
    seen.verdict()


def prepare(before, sandbox, nodes):
    """A copy of the prepared folder; device nodes are made anew, for a copy would read them."""
    shutil.copytree(
        before, sandbox, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns(*nodes)
    )
    for name in nodes:
        os.mknod(sandbox / name, stat.S_IFCHR | 0o666, os.stat(before / name).st_rdev)

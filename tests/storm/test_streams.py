"""Streams that cannot take what is written, closed ones, full ones, narrow terminals: every command
of the README ends with a status and without a traceback.
"""

import os
import subprocess
import sys

import pytest

from tests.storm import readme
from tests.storm.client import ROOT, Sandbox
from tests.storm.furniture import furnish
from tests.storm.runs import copied, train
from tests.storm.verdict import spoken

STATUSES = (0, 1, 2, 3, 120, 141)  # 120: the interpreter's own, where a stream cannot be flushed
ENCODINGS = ("cp1252", "latin-1", "ascii", "gbk", "ascii:surrogateescape", "utf-16", "cp437")
OTHERS = (
    ["train", "--help"],
    ["check", "--help"],
    [],
    ["--version"],
    ["train", "rign"],
    ["check", "--exercise"],
    ["check", "--exercise", "3", "--solution"],
    ["trace", "--step"],
    [*train(2, out="日本/\udcff")],
)


def conditions(full: str | None):
    """Names, and options of a command in the warm process."""
    found = {f"encoding {name}": {"encoding": name} for name in ENCODINGS}
    found |= {
        "no stdin": {"stdin": None},
        "no stdout": {"stdout": None},
        "no stderr": {"stderr": None},
        "no streams": {"stdin": None, "stdout": None, "stderr": None},
        "20 columns": {"environment": {"COLUMNS": "20"}},
        "1 column": {"environment": {"COLUMNS": "1"}},
        "ascii, 20 columns": {"encoding": "ascii", "environment": {"COLUMNS": "20"}},
    }
    if full:
        found |= {
            "a full stdout": {"stdout": full},
            "a full stderr": {"stderr": full},
            "full streams": {"stdout": full, "stderr": full},
        }
    return found


@pytest.fixture
def furnished(zygote):
    """A sandbox with what the README's commands speak of."""
    with Sandbox(zygote.folder) as sandbox:
        furnish(sandbox)
        for name in ("wrong_layer.py", "wrong_objective.py"):
            (sandbox / name).write_bytes((ROOT / "demos" / name).read_bytes())
        zygote.run(sandbox, *train(2))
        yield sandbox


def test_the_readmes_commands_on_any_stream(zygote, seen, long, furnished):
    """Every command under every condition; the quick version gives each command one in turn."""
    nodes = [name for name in ("full.npy", "null.npy") if (furnished / name).exists()]
    full = "/dev/full" if nodes else None  # a stream of the child, which nothing replaces
    for name in nodes:
        os.unlink(furnished / name)
    ways = list(conditions(full).items())
    everything = [*readme.commands(), *OTHERS]
    seen.points = len(everything) * len(ways)
    for number, command in enumerate(everything):
        for name, options in ways if long else [ways[number * 7 % len(ways)]]:
            with Sandbox(zygote.folder) as sandbox:
                copied(furnished, sandbox)
                outcome = zygote.run(sandbox, *command, **options)
            found = [
                fault
                for fault in spoken(outcome, STATUSES)
                if fault[0] != "lines" or "encoding" in options
            ]
            if long and name == "a full stdout" and outcome.status == 0:
                with Sandbox(zygote.folder) as sandbox:
                    copied(furnished, sandbox)
                    if zygote.run(sandbox, *command).out:
                        found.append(("different", "its output was lost, and the status is 0"))
            if "encoding utf-16" in name:
                found = [fault for fault in found if fault[0] != "lines"]
            seen.runs += 1
            seen.note(found, f"{outcome} with {name}")
    seen.verdict()


REAL = {  # what only a fresh interpreter can show
    "MPLBACKEND": ({"MPLBACKEND": "nosuch"}, "", train(2)),
    "closed": ({}, "<&- >&- 2>&-", ("trace",)),
    "closed stdout": ({}, ">&-", ("check", "--exercise")),
    "full": ({}, ">/dev/full", ("train", "--help")),
    "C": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "", ("trace",)),
    "POSIX": ({"LC_ALL": "POSIX"}, "", ("train", "--help")),
    "cp1252": ({"PYTHONIOENCODING": "cp1252"}, "", ("check", "--exercise")),
    "no such encoding of the terminal": ({"LC_ALL": "xx_YY.nosuch"}, "", ("trace",)),
    "optimised": ({"PYTHONOPTIMIZE": "2"}, "", ("train", "--help")),
    "no HOME": ({"HOME": "/nonexistent", "MPLCONFIGDIR": "/nonexistent/mpl"}, "", train(1)),
}
QUICK = ("MPLBACKEND", "full", "closed")


@pytest.mark.parametrize("name", REAL)
def test_a_fresh_interpreter(tmp_path, seen, long, name):
    """The same from the very beginning to the very end of a process, by a shell."""
    if not long and name not in QUICK:
        pytest.skip("a second each: --long")
    if not (os.path.exists("/dev/full") and os.path.exists("/bin/sh")):
        pytest.skip("needs a shell and /dev/full")
    environment, redirection, command = REAL[name]
    seen.points = seen.runs = 1
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONIOENCODING"} | {
        "PYTHONPATH": str(ROOT)
    }
    script = f'exec "{sys.executable}" -m numgan "$@" {redirection}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command],
        cwd=tmp_path,
        capture_output=True,
        env=variables | environment,
        timeout=300,
    )
    error = done.stderr.decode(errors="replace")
    assert "Traceback" not in error and "Exception ignored" not in error, error
    assert done.returncode in STATUSES, (done.returncode, error)
    if not redirection:
        assert done.returncode == 0, error

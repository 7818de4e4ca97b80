"""What stands at an output's path stays what it is: a link is followed, a device, a FIFO or a
folder never replaced.
"""

import os
import stat
import threading

import pytest

from tests.storm.client import Sandbox
from tests.storm.runs import train
from tests.storm.verdict import contents, spoken

COMMANDS = {
    "sample": ("sample", "run", "-n", "3", "-o"),
    "report": ("report", "run", "-o"),
    "trace": ("trace", "--hidden", "2", "--html"),
    "check": ("check", "--only", "Dense", "--json"),
}


@pytest.fixture(scope="module")
def trained(zygote):
    """A sandbox with a run."""
    with Sandbox(zygote.folder) as sandbox:
        zygote.run(sandbox, *train(2))
        (sandbox / "elsewhere").mkdir()
        yield sandbox


def node(path, kind):
    """Put a thing of this kind at a path in a sandbox; False where this user may not make it."""
    devices = {"null": "/dev/null", "full": "/dev/full"}
    if kind in devices:
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.stat(devices[kind]).st_rdev)
        except OSError:
            return False
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        (path.parent / "elsewhere" / "target").write_text("old")
        path.symlink_to("elsewhere/target")
    elif kind == "dangling":
        path.symlink_to("elsewhere/target")
    elif kind == "loop":
        path.symlink_to(path.name)
    return True


@pytest.mark.parametrize("kind", ["null", "full", "fifo", "folder", "link", "dangling", "loop"])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_output_that_is_no_file(zygote, seen, trained, long, name, kind):
    """Written through with status 0, or refused in a line; its type is what it was, and nothing
    lies beside it.
    """
    if name in ("report", "check") and not long:
        pytest.skip("drawn and checked for a second each: --long")
    path = trained / ("o.npy" if name == "sample" else "o.html")
    for old in (path, trained / "elsewhere" / "target"):
        if old.is_dir() and not old.is_symlink():
            old.rmdir()
        elif os.path.lexists(old):
            old.unlink()
    if not node(path, kind):
        pytest.skip("only root makes device nodes")
    before, type_before = contents(trained), stat.S_IFMT(path.lstat().st_mode)
    drain(path) if kind == "fifo" else None
    outcome = zygote.run(trained, *COMMANDS[name], path.name, timeout=60)
    found = spoken(outcome, (2,) if kind in ("full", "folder", "loop") else (0, 2))
    if not os.path.lexists(path) or stat.S_IFMT(path.lstat().st_mode) != type_before:
        found.append(("damaged", f"the {kind} was replaced"))
    target = trained / "elsewhere" / "target"
    if (
        kind in ("link", "dangling")
        and outcome.status == 0
        and not (target.exists() and target.stat().st_size > 3)
    ):
        found.append(("damaged", "the link's target was not written"))
    added = contents(trained).keys() - before.keys() - {"elsewhere/target"}
    found += [("left", f"{other} is left") for other in added]
    seen.points = seen.runs = 1
    seen.note(found, f"{outcome} where {path.name} is a {kind}")
    path.rmdir() if kind == "folder" and path.is_dir() else os.unlink(path)
    seen.verdict()


def drain(path):
    """A reader at the other end of a FIFO; it goes away once someone has written and left, or with
    the test.
    """

    def read():
        descriptor = os.open(path, os.O_RDONLY)
        while os.read(descriptor, 1 << 16):
            pass
        os.close(descriptor)

    threading.Thread(target=read, daemon=True).start()

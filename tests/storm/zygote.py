"""The warm process: it imports numgan once, and forks a child for each command that it is asked to
run.

Started as `python -m tests.storm.zygote FOLDER`. Requests and replies are lines of JSON on stdin
and stdout: `start` gives the pid of a new child, `wait` what became of it. So a command costs
milliseconds, and can be killed, stopped, or starved of memory without harm to anything else.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import select
import signal
import sys
import tempfile
import threading
import time

from tests.storm.child import live

LIVES: dict[int, int] = {}  # pid → the end of a pipe on which the child reports


def warm_up(folder: str) -> None:
    """Import what commands import, and run each once, so that no child pays for it."""
    import tqdm

    from numgan.cli import main
    from tests.storm.pictures import draw_nothing

    tqdm.tqdm.monitor_interval = 0  # its thread would not survive a fork
    tqdm.tqdm.set_lock(
        threading.RLock()
    )  # its own is shared by all children: one that is killed would keep it
    draw_nothing()
    os.chdir(folder)
    tempfile.tempdir = os.path.realpath("scratch")  # the one place outside a sandbox for files
    os.mkdir(tempfile.tempdir)
    run = [
        "train",
        "ring",
        "--steps",
        "2",
        "--hidden",
        "4",
        "--batch",
        "8",
        "--quiet",
        "--out",
        "warm",
    ]
    commands = [
        run,
        ["sample", "warm", "-n", "3", "-o", "warm.npy"],
        ["trace"],
        ["report", "warm"],
        ["check", "--only", "Dense"],
        ["train", "--help"],
        ["train", "--lr", "x"],
        ["book", "--out", "b", "--source", "b"],
        ["check", "--exercise", "3"],
    ]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for command in commands:
            with contextlib.suppress(BaseException):  # a command that fails here fails in the tests
                main(command)


def start(request: dict) -> dict:
    """Fork a child that runs a command; its pid."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        for pipe in (reading, *LIVES.values()):
            os.close(pipe)
        live(request, writing)  # never returns
    os.close(writing)
    LIVES[pid] = reading
    return {"pid": pid}


def wait(pid: int, timeout: float) -> dict:
    """What a child reports until it ends or stops itself: its status (−signal, None while it is
    there), its points.
    """
    report, until = b"", time.monotonic() + timeout
    while (left := until - time.monotonic()) > 0:
        if not select.select([LIVES[pid]], [], [], left)[0]:
            break
        part = os.read(LIVES[pid], 1 << 16)
        report += part
        if part.endswith(b"STOPPED\n"):
            os.waitpid(pid, os.WUNTRACED)
            return {"status": None, "stopped": True}
        if not part:
            os.close(LIVES.pop(pid))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            return {
                "status": status,
                "stopped": False,
                **json.loads(report.rpartition(b"STOPPED\n")[2] or b"{}"),
            }
    return {"status": None, "stopped": False}


def serve() -> None:
    """Answer requests until there are no more."""
    replies = os.fdopen(os.dup(1), "w")
    os.set_inheritable(replies.fileno(), False)
    os.dup2(2, 1)
    warm_up(sys.argv[1])
    gc.collect()
    gc.freeze()  # children then touch, and copy, fewer pages
    print("ready", file=replies, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        reply = start(request) if "arguments" in request else wait(**request)
        print(json.dumps(reply), file=replies, flush=True)
    for pid in LIVES:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve()

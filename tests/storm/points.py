"""The points of a command: each call that asks the system to change a file, or to open one. A fault
strikes at one.

Most calls announce themselves by an audit event, before they are made; a hook that raises takes
their place. Writes and fsync have no event, so files opened for writing are of a class of ours.
Only what lies in the sandbox counts.

A fault is {"kind", "at"}, or {"kind", "iteration"} for a signal that comes in the midst of
Algorithm 1.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
import sys
import tempfile

EVENTS = {
    "os.mkdir": "mkdir",
    "os.rename": "rename",
    "os.remove": "unlink",
    "os.rmdir": "rmdir",
    "os.chmod": "chmod",
    "os.link": "link",
    "os.symlink": "symlink",
    "os.truncate": "truncate",
    "fcntl.flock": "lock",
    "fcntl.lockf": "lock",
}
CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FILLING = ("open", "write", "mkdir", "link", "symlink")  # what a full disk refuses
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
ERRORS = ("EIO", "ENOSPC", "MemoryError")
IMPATIENT = 4  # how many points in a row see a Ctrl-C of an impatient user


class Watch:
    """Counts the points of this process from now on, and lets the fault strike."""

    def __init__(self, sandbox: str, fault: dict | None, report: int):
        self.sandbox, self.fault, self.report = os.path.realpath(sandbox), fault or {}, report
        self.points: list[
            str
        ] = []  # "kind path", paths relative to the sandbox; "rename path to path"
        self.outside: list[str] = []  # what was changed elsewhere
        self.free = ("/dev/null", "/dev/full", "/proc/", tempfile.gettempdir() + os.sep)
        self.on, self.full = True, False
        sys.addaudithook(self.hear)
        self.replace_files()
        if "iteration" in self.fault:
            self.interrupt(self.fault["iteration"])

    def end(self) -> None:
        """Count no more."""
        self.on = False

    def hear(self, event: str, arguments: tuple) -> None:
        """An audit event: a point, if it is one."""
        if not self.on:
            return
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            self.point("open" if (arguments[2] or 0) & CHANGES else "read", arguments[0])
        elif event in EVENTS:
            self.point(EVENTS[event], arguments[0], arguments[1] if event == "os.rename" else None)

    def point(self, kind: str, where, to=None) -> bool:
        """Note a point. A fault may strike: raise, signal, kill; True where half of a write is to
        be done.
        """
        path = self.place(where)
        if path is None or not self.on:
            return False
        if not (path + os.sep).startswith(self.sandbox + os.sep):
            if kind != "read" and not path.startswith(self.free):
                self.outside.append(f"{kind} {path}")
            return False
        target = "" if to is None else f" to {os.path.relpath(self.place(to) or '?', self.sandbox)}"
        self.points.append(f"{kind} {os.path.relpath(path, self.sandbox)}{target}")
        return self.strike(kind, len(self.points) - 1)

    def strike(self, kind: str, now: int) -> bool:
        """Let the fault happen if its time has come."""
        fault, at = self.fault.get("kind"), self.fault.get("at", -1)
        if self.full and kind in FILLING:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if fault == "impatient" and at <= now < at + IMPATIENT and at >= 0:
            signal.raise_signal(signal.SIGINT)
        if now != at:
            return False
        if fault in SIGNALS:
            signal.raise_signal(getattr(signal, fault))
        elif fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault == "stop":
            os.write(self.report, b"STOPPED\n")
            os.kill(os.getpid(), signal.SIGSTOP)
        elif fault in ("torn", *ERRORS):
            if kind == "write":
                return True
            self.fail()
        return False

    def fail(self) -> None:
        """The end of a call that the fault has struck."""
        kind = self.fault["kind"]
        if kind == "torn":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "MemoryError":
            raise MemoryError
        self.full = kind == "ENOSPC"
        number = getattr(errno, kind)
        raise OSError(number, os.strerror(number))

    def place(self, where) -> str | None:
        """The absolute path of a path or of an open file; None for what has none."""
        if not isinstance(where, int):
            return os.path.abspath(os.fsdecode(where))
        try:
            path = os.readlink(f"/proc/self/fd/{where}")
        except OSError:
            return os.path.join(self.sandbox, "?") if where > 2 else None
        return path.removesuffix(" (deleted)") if path.startswith("/") and where > 2 else None

    def replace_files(self) -> None:
        """Let every write and fsync of Python code pass through here."""
        watch, write, open_ = self, os.write, io.open

        def written(number, content):
            if watch.point("write", number):
                write(number, bytes(content)[: len(content) // 2])
                watch.fail()
            return write(number, content)

        def synced(number):
            watch.point("fsync", number)  # nothing is done: processes die here, no machine does

        class File(io.FileIO):
            """An open file whose writes are points."""

            def write(self, content):
                if watch.point("write", self.fileno()):
                    super().write(bytes(content)[: len(content) // 2])
                    watch.fail()
                return super().write(content)

        def opened(
            file,
            mode="r",
            buffering=-1,
            encoding=None,
            errors=None,
            newline=None,
            closefd=True,
            opener=None,
        ):
            if not set(mode) & set("wax+"):
                return open_(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = File(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            if buffering == 0:
                return raw
            stream = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw)
            return stream if "b" in mode else io.TextIOWrapper(stream, encoding, errors, newline)

        os.write, os.fsync = written, synced
        if hasattr(os, "fdatasync"):
            os.fdatasync = synced
        builtins.open = io.open = sys.modules["_io"].open = opened

    def interrupt(self, iteration: int) -> None:
        """Send the signal in the midst of Algorithm 1, before this iteration."""
        from numgan.training import Training

        once, name = Training.iteration, self.fault["kind"]

        def iterate(training):
            if training.iterations == iteration:
                number = signal.SIGKILL if name == "kill" else getattr(signal, name)
                os.kill(os.getpid(), number)
            return once(training)

        Training.iteration = iterate

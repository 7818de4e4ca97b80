"""Commands of numgan in children of the warm process, and what is seen of them from outside."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """What a command did: status as a shell sees it, −signal where one ended it, None where it
    never ended.
    """

    arguments: list[str]
    fault: dict | None
    status: int | None
    out: str
    err: str
    points: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    grown: int = 0  # bytes of memory beyond what the warm process has

    def __str__(self) -> str:
        fault = "" if self.fault is None else f"  [{' '.join(map(str, self.fault.values()))}]"
        return f"numgan {' '.join(map(ascii, self.arguments))}{fault}"


@dataclass
class Child:
    """A command under way."""

    pid: int
    arguments: list[str]
    fault: dict | None
    files: tuple[str | None, str | None]

    def signal(self, number: int) -> None:
        """Send it a signal, SIGCONT for instance."""
        os.kill(self.pid, number)


class Zygote:
    """The warm process. `folder` is its own, outside every sandbox."""

    def __init__(self, folder: Path):
        self.folder, self.count = folder, itertools.count()
        environment = dict(
            os.environ, OPENBLAS_NUM_THREADS="1", PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1"
        )
        for name in ("COLUMNS", "MPLBACKEND", "PYTHONIOENCODING", "PYTHONWARNINGS"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "tests.storm.zygote", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        assert self.process.stdout is not None and self.process.stdin is not None
        assert self.process.stdout.readline() == "ready\n", "the warm process did not start"

    def ask(self, request: dict) -> dict:
        """A request, and its reply."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def start(
        self,
        folder: Path,
        *arguments: str,
        fault: dict | None = None,
        sandbox: Path | None = None,
        stdin: str | None = os.devnull,
        stdout: str | None = "",
        stderr: str | None = "",
        encoding: str = "utf-8",
        memory: int | None = 4 << 30,
        draw: bool = False,
        environment: dict[str, str] | None = None,
    ) -> Child:
        """Begin a command in a folder; a stream of None is closed, one of "" is kept to be looked
        at.
        """
        number = next(self.count)
        files = [
            str(self.folder / f"{number}.{name}") if path == "" else path
            for name, path in (("out", stdout), ("err", stderr))
        ]
        request = {
            "arguments": list(arguments),
            "folder": str(folder),
            "sandbox": str(sandbox or folder),
            "fault": fault,
            "stdin": stdin,
            "stdout": files[0],
            "stderr": files[1],
            "encoding": encoding,
            "memory": memory,
            "draw": draw,
            "environment": environment or {},
        }
        return Child(self.ask(request)["pid"], list(arguments), fault, tuple(files))

    def wait(self, child: Child, timeout: float = 120) -> Outcome | None:
        """What became of it; None where it has stopped itself. One that does not end is killed."""
        reply = self.ask({"pid": child.pid, "timeout": timeout})
        if reply["stopped"]:
            return None
        hung = reply["status"] is None
        if hung:
            child.signal(signal.SIGKILL)
            self.ask({"pid": child.pid, "timeout": 60})
        texts = []
        for path in child.files:
            mine = path is not None and Path(path).parent == self.folder and os.path.exists(path)
            texts.append(Path(path).read_bytes().decode(errors="replace") if mine else "")
            if mine:
                os.unlink(path)
        status = None if hung else reply["status"]
        seen = {name: reply[name] for name in ("points", "outside", "grown") if name in reply}
        return Outcome(child.arguments, child.fault, status, *texts, **seen)

    def run(self, folder: Path, *arguments: str, timeout: float = 120, **options) -> Outcome:
        """A command from beginning to end."""
        outcome = self.wait(self.start(folder, *arguments, **options), timeout)
        assert outcome is not None, "a command that stops itself is to be started and waited for"
        return outcome

    def close(self) -> None:
        """End the warm process, and with it its children."""
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class Sandbox:
    """A fresh folder with a bystander's file in it, which nothing may touch; removed at the end."""

    def __init__(self, parent: Path):
        self.parent = parent

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(dir=self.parent))
        (self.path / "notes.txt").write_text("mine")
        return self.path

    def __exit__(self, *_) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

"""What a forked child does: it takes its place in the world, runs one command as the console script
would, reports.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import traceback
import warnings

import numgan.progress
from tests.storm import pictures, points


def live(request: dict, report: int) -> None:
    """Run the command of a request, report on a pipe, and end with its status. Never returns."""
    status = 99
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(
                number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler
            )
        numgan.progress.EVERY = float("inf")  # no line that depends on the clock
        os.chdir(request["folder"])
        os.environ.update(request["environment"])
        streams(request)
        limits(request["memory"])
        pictures.draw_nothing() if not request["draw"] else pictures.draw()
        watch = points.Watch(request["sandbox"], request["fault"], report)
        before = peak()
        status = command(request["arguments"])
        watch.end()
        found = {"points": watch.points, "outside": watch.outside, "grown": peak() - before}
        os.write(report, json.dumps(found).encode())
    except BaseException:
        os.write(2, traceback.format_exc().encode(errors="replace"))
    os._exit(status)


def command(arguments: list[str]) -> int:
    """`sys.exit(main())` and the interpreter's own end, with the status that a shell would see."""
    from numgan.cli import main

    sys.argv = ["numgan", *arguments]
    try:
        status = main()
    except SystemExit as end:
        status = 0 if end.code is None else end.code if isinstance(end.code, int) else 1
    except BaseException:
        if sys.stderr is not None:
            traceback.print_exc()
        status = 1
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError as error:
            status = 120
            os.write(
                2, f"Exception ignored in: <{name}>\n{type(error).__name__}: {error}\n".encode()
            )
    return status


def streams(request: dict) -> None:
    """The three streams as the interpreter makes them: files, or closed; encoded as
    PYTHONIOENCODING says.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        path = request[name]
        if path is None:
            os.close(number)
            setattr(sys, name, None)
            continue
        opened = os.open(
            path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666
        )
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        encoding, _, errors = request["encoding"].partition(":")
        errors = "backslashreplace" if number == 2 else errors or "strict"
        if number == 0:
            stream = io.TextIOWrapper(
                io.BufferedReader(io.FileIO(0, "r", closefd=False)), encoding, errors
            )
        else:
            stream = io.TextIOWrapper(
                io.BufferedWriter(io.FileIO(number, "w", closefd=False)),
                encoding,
                errors,
                line_buffering=number == 2,
            )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    warnings.resetwarnings()
    warnings.simplefilter("default")


def limits(memory: int | None) -> None:
    """No core files, no file above 1 GB, and no more than `memory` bytes beside what the warm
    process has.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if memory is not None and os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))


def peak() -> int:
    """The largest resident size so far, in bytes; macOS tells bytes, others kilobytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

"""A process that has imported what all chapters import, and forks a child for each of them: none
pays a second for that.

It reads lines of JSON, [path, options, folder], and answers each with a status, as a shell sees it.
The child runs the chapter in the folder as its main module; what it says is in out.txt and err.txt.
"""

from __future__ import annotations

import gc
import io
import json
import os
import runpy
import signal
import sys
import traceback

LONGEST = 120  # seconds


def warm_up() -> None:
    """Import all but `figure`, which reads a chapter's options, and draw once, for fonts and
    formulas.
    """
    import matplotlib.animation  # noqa: F401
    import matplotlib.pyplot as plt

    import numgan.data
    import numgan.dynamics
    import numgan.metrics
    import numgan.study.exercises
    import numgan.study.slides
    import numgan.theory
    import numgan.trace.text  # noqa: F401

    drawing, axes = plt.subplots()
    axes.set_title("$x^2$")
    drawing.savefig(io.BytesIO())
    plt.close(drawing)
    gc.collect()
    gc.freeze()  # children then touch, and copy, fewer pages


def live(path: str, options: list[str], folder: str) -> None:
    """Run a chapter as `python path options` would, and end with its status. Never returns."""
    status = 1
    try:
        signal.alarm(LONGEST)
        os.chdir(folder)
        for number, name in ((1, "out.txt"), (2, "err.txt")):
            file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o666)
            os.dup2(file, number)
            os.close(file)
        sys.path[0], sys.argv = os.path.dirname(path), [path, *options]
        runpy.run_path(path, run_name="__main__")
        gc.collect()  # what is forgotten says so
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def serve() -> None:
    """Answer requests until there are no more."""
    warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            live(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()

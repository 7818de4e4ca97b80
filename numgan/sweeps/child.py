"""`numgan train` as a process of a sweep, which stops by itself when the sweep is gone.

    python -m numgan.sweeps.child train ring --out runs/ring/seed-0

Its standard input is a pipe into which nobody writes. The process that started it alone holds the
other end (`ended` in work.py). However that process ends, by SIGKILL too, the system closes the
pipe, and the run saves and stops as on SIGTERM.

That process is the sweep itself by default, a worker under --cluster, a rank under --mpi. A Dask
worker outlives its sweep, and finishes what it has begun.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from numgan.cli import main


def stop_with(pipe: int) -> None:
    """Wait until the pipe is closed, and raise SIGTERM in this process."""
    while os.read(pipe, 1):
        pass
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    pipe = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # who reads standard input finds nothing
    threading.Thread(target=stop_with, args=[pipe], daemon=True).start()
    sys.exit(main())

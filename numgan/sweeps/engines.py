"""Where the runs of a sweep are computed: on any executor of concurrent.futures.

here      a thread for each process of `numgan train`
cluster   Dask's distributed, `pip install "numgan[cluster]"`
mpi       the ranks of mpi4py.futures, `pip install "numgan[mpi]"`, under
          `mpiexec -n 4 python -m mpi4py.futures -m numgan sweep …`
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from numgan.errors import InputError


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def here(jobs: int | None) -> Iterator[Executor]:
    """An executor of this many processes at a time, by default one for each core."""
    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs must be at least 1, got {jobs}")
    with ThreadPoolExecutor(jobs or cores()) as executor:
        yield executor


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster. Raises InputError if none answers, or if Dask is missing."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError(
            "--cluster needs Dask's distributed: pip install 'numgan[cluster]'"
        ) from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(
            f"no Dask scheduler answers at {address} ({reason}): start one with `dask scheduler`"
        ) from None
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()


@contextmanager
def mpi() -> Iterator[Executor]:
    """The other ranks of this MPI program. Raises InputError if mpi4py is missing."""
    try:
        from mpi4py.futures import MPIPoolExecutor
    except (ModuleNotFoundError, RuntimeError) as error:
        raise InputError(
            f"--mpi needs mpi4py and an MPI library: pip install 'numgan[mpi]' ({error})"
        ) from None
    with MPIPoolExecutor() as executor:
        yield executor

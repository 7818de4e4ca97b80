"""Where the runs of a sweep are computed: on any executor of concurrent.futures.

here      a thread for each process of `numgan train`
cluster   Dask's distributed, `pip install "numgan[cluster]"`
mpi       the ranks of mpi4py.futures, `pip install "numgan[mpi]"`, under
          `mpiexec -n 4 python -m mpi4py.futures -m numgan sweep …`
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from numgan import __version__
from numgan.errors import InputError
from numgan.streams import complain

PATIENCE = 10.0  # seconds for a scheduler to answer


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
    """The workers of a Dask cluster. Raises InputError if nobody answers, if a worker has another
    numgan, or if Dask is missing.
    """
    try:
        from distributed import Client, Security
        from distributed.comm import connect
    except ModuleNotFoundError:
        raise InputError(
            "--cluster needs Dask's distributed: pip install 'numgan[cluster]'"
        ) from None
    keys = Security().get_connection_args("client")

    async def reach() -> None:
        """Connect once: a Client waits without end for a server of another kind."""
        comm = await asyncio.wait_for(connect(address, **keys), PATIENCE)
        comm.abort()

    try:
        asyncio.run(reach())
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, asyncio.TimeoutError) as error:
        reason = " ".join(str(error).split())[:100] or "it says nothing"
        raise InputError(
            f"no Dask scheduler answers at {address} ({reason}): start one with `dask scheduler`"
        ) from None
    with client:
        # a function of numgan would be no question to a worker without numgan
        versions = client.run(eval, "__import__('numgan').__version__", on_error="return")
        check_versions(versions)
        if not versions:
            complain(f"no worker at {address} yet; the runs wait for `dask worker {address}`")
        yield client.get_executor(pure=False)


def check_versions(versions: Mapping[str, Any]) -> None:
    """Raise InputError if a worker has another numgan, or none: it would take the runs one by one,
    and each would fail.

    >>> check_versions({"tcp://127.0.0.1:40331": __version__})
    """
    for worker, version in versions.items():
        if version != __version__:
            has = f"numgan {version}" if isinstance(version, str) else f"no numgan ({version})"
            raise InputError(
                f"worker {worker} has {has}, this is {__version__}: install the same there"
            )


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

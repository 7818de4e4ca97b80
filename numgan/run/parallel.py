"""`mpiexec -n 4 numgan train fashion --parallel`: one run on all ranks of MPI (numgan/ranks.py).
With `--sync` rows couple across ranks as they do in one process (numgan/synced.py).

Rank 0 is the command as it always is: it reads, records, saves and prints. Before every iteration
it tells the others to take their part in it; they hold the same state and do nothing else.
"""

from __future__ import annotations

import signal
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from numgan import __version__
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.ranks import coupled, ranked
from numgan.run.begin import saved_step, withdraw
from numgan.run.build import data_of, restore, snapshot
from numgan.run.run import Run
from numgan.streams import complain
from numgan.training import Training


@dataclass
class RankTraining(Training):
    """Algorithm 1 whose iterations are played by the game on all ranks."""

    comm: Any = None
    together: Game | None = None  # the game on all ranks; `game` stays that of one process

    def iteration(self) -> tuple[DiscriminatorStep, GeneratorStep]:
        if self.comm.rank == 0:
            tell(self.comm, True)  # the others wait for this
        alone = self.game
        assert self.together is not None
        self.game = self.together
        try:
            return super().iteration()
        finally:
            self.game = alone


def on_ranks(training: Training, comm: Any, sync: bool) -> RankTraining:
    """The same training, of the same arrays, on all ranks. Raises InputError where a rule of its
    own plays the game, and for what `sync` does not reach.
    """
    if type(training) is not Training:
        raise InputError("--parallel is for alternating steps: leave --rule out")
    same = {field.name: getattr(training, field.name) for field in fields(Training)}
    together = ranked(training.game, comm, training.m, sync)
    return RankTraining(**same, comm=comm, together=together)


def run_on_ranks(options: Namespace, train: Callable[[Namespace], int]) -> int:
    """`train(options)` on rank 0, with `options.comm` for `leading`; the other ranks follow."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise InputError(
            f"--parallel needs mpi4py and an MPI library: pip install 'numgan[mpi]' "
            f"({str(error).splitlines()[0]})"
        ) from None
    comm = options.comm = MPI.COMM_WORLD
    if comm.rank:
        return follow(comm)
    options.led = False
    try:
        return train(options)
    finally:
        if not options.led:  # nothing came of it: the others need not wait
            tell(comm, False)


def tell(comm: Any, more: bool) -> None:
    """From rank 0 to the others: there is more to do, or all is done."""
    comm.Ibcast(np.array([more])).Wait()


def hear(comm: Any) -> bool:
    """What rank 0 tells. MPI waits by asking all the time; who waits long, while rank 0 measures
    and draws, sleeps in between and leaves it the cores.
    """
    more, began = np.empty(1, bool), time.monotonic()
    told = comm.Ibcast(more)
    while not told.Test():
        if time.monotonic() - began > 0.01:
            time.sleep(0.001)
    return bool(more[0])


@contextmanager
def leading(run: Run, options: Namespace) -> Iterator[None]:
    """A context on rank 0 in which the run's iterations are those of all ranks."""
    comm = options.comm
    try:
        run.training = on_ranks(run.training, comm, options.sync)
    except InputError:
        if saved_step(run) == 0 and not options.resume:
            withdraw(run)
        raise
    if not options.sync and (says := coupled(run.training.game, run.training.m, comm)):
        complain(says)
    if not options.quiet:
        complain(
            f"{comm.size} ranks; if one dies, MPI ends them all: the last checkpoint goes on with "
            f"the same mpiexec, --out {run.folder} --resume"
        )
    options.led = True
    tell(comm, True)
    state = snapshot(run.training, run.there)
    comm.bcast((__version__, options.sync, run.config, run.data.digest, *state))
    try:
        yield
    finally:
        tell(comm, False)


def follow(comm: Any) -> int:
    """Any other rank: take part in every iteration that rank 0 begins. A rank that cannot go on
    ends them all.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # rank 0 hears it, saves, and ends
    if not hear(comm):
        return 0
    try:
        version, sync, config, digest, arrays, about = comm.bcast(None)
        if version != __version__:
            raise InputError(f"numgan {__version__} is here, {version} on rank 0")
        run = Run(config, None, data_of(config), config.device)
        if not run.data.same_as(digest):
            raise InputError(f"{config.data or config.dataset} is other data than on rank 0")
        restore(run.training, run.there, arrays, about, config.device)
        training = on_ranks(run.training, comm, sync)
        while hear(comm):
            training.iteration()
    except InputError as error:
        complain(f"rank {comm.rank}: {error}")
        comm.Abort(2)
    except BaseException as error:
        complain(f"rank {comm.rank}: {type(error).__name__}: {error}")
        comm.Abort(1)
    return 0

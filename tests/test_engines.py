"""A sweep on a Dask cluster and on the ranks of MPI gives the bits of a sweep here."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from numgan.cli import main
from tests.test_sweep import OPTIONS, theta


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The seeds 0 and 1, done by processes of this machine."""
    folder = tmp_path_factory.mktemp("here") / "s"
    assert main(["sweep", "ring", *OPTIONS, "--seeds", "2", "--out", str(folder)]) == 0
    return folder


def same(one, other):
    return all(theta(one / f"seed-{seed}") == theta(other / f"seed-{seed}") for seed in (0, 1))


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and two workers, each a process; its address."""
    pytest.importorskip("distributed")
    start = [sys.executable, "-m"]
    file, quiet = (
        tmp_path / "scheduler.json",
        {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT},
    )
    where = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [subprocess.Popen([*start, "distributed.cli.dask_scheduler", *where], **quiet)]
    for _ in range(600):
        if file.exists():
            break
        time.sleep(0.1)
    work = ["--nthreads", "1", "--no-dashboard", "--no-nanny", "--scheduler-file", str(file)]
    worker = [*start, "distributed.cli.dask_worker", *work, "--local-directory", str(tmp_path)]
    processes += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        yield json.loads(file.read_text())["address"], processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_on_a_dask_cluster(scheduler, here, tmp_path):
    address, _ = scheduler
    out = tmp_path / "far"
    command = [sys.executable, "-m", "numgan", "sweep", "ring", *OPTIONS, "--seeds", "2"]
    said = subprocess.run(
        [*command, "--cluster", address, "--out", str(out)], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert same(here, out)


def test_on_the_ranks_of_mpi(here, tmp_path):
    pytest.importorskip("mpi4py")
    beside = str(Path(sys.executable).parent)
    mpiexec = shutil.which("mpiexec", path=beside + os.pathsep + os.environ["PATH"])
    if mpiexec is None:
        pytest.skip("no mpiexec here")
    out = tmp_path / "ranks"
    ranks = [mpiexec, "-n", "3", sys.executable, "-m", "mpi4py.futures", "-m", "numgan"]
    said = subprocess.run(
        [*ranks, "sweep", "ring", *OPTIONS, "--seeds", "2", "--mpi", "--out", str(out)],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert same(here, out)

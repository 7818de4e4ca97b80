"""A sweep on a Dask cluster and on the ranks of MPI gives the bits of a sweep here. The commands
are those of the guide.
"""

import json
import subprocess
import time

import pytest

from numgan.cli import main
from tests.guide import command
from tests.test_sweep import OPTIONS, theta

ADDRESS = "tcp://127.0.0.1:8786"  # in the guide


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The seeds 0 and 1, done by processes of this machine."""
    folder = tmp_path_factory.mktemp("here") / "s"
    assert main(["sweep", "ring", *OPTIONS, "--seeds", "2", "--out", str(folder)]) == 0
    return folder


def same(one, other):
    return all(theta(one / f"seed-{seed}") == theta(other / f"seed-{seed}") for seed in (0, 1))


@pytest.fixture
def address(tmp_path):
    """The address of a scheduler with two workers, each a process, as the guide starts them; but
    on a free port.
    """
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": tmp_path}
    here = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [subprocess.Popen([*command("dask scheduler", {}), *here], **quiet)]
    try:
        for _ in range(600):
            if file.exists():
                break
            time.sleep(0.1)
        found = json.loads(file.read_text())["address"]
        worker = [*command("dask worker", {ADDRESS: found}), "--no-dashboard", "--no-nanny"]
        processes += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        yield found
    finally:
        for process in processes:
            process.kill()
            process.wait()


def swept(words, out):
    """The sweep of a command, into a folder."""
    said = subprocess.run([*words, "--out", str(out)], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


def test_on_a_dask_cluster(address, here, tmp_path):
    instead = {"10": 2, "ring": ["ring", *OPTIONS], ADDRESS: address}
    swept(command("numgan sweep ring --seeds 10 --cluster", instead), tmp_path / "far")
    assert same(here, tmp_path / "far")


def test_on_the_ranks_of_mpi(here, tmp_path):
    pytest.importorskip("mpi4py")
    instead = {"4": 3, "10": 2, "ring": ["ring", *OPTIONS]}
    swept(command("mpiexec -n 4 python -m mpi4py.futures", instead), tmp_path / "ranks")
    assert same(here, tmp_path / "ranks")

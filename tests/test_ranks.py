"""One training on R ranks is the training of one process: ranks as threads, and as MPI has them."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from numgan import (
    OBJECTIVES,
    PENALTIES,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    Game,
    Network,
    Tanh,
    Training,
)
from numgan.cli import main
from numgan.data.sources import Fresh
from numgan.data.toy import ring
from numgan.errors import InputError
from numgan.layers import LAYERS, MinibatchDeviation
from numgan.ranks import coupled, ranked, rows

M = 50


class Thread:
    """What the ranks ask of MPI, between threads."""

    def __init__(self, rank, size, shared, barrier):
        self.rank, self.size, self.shared, self.barrier = rank, size, shared, barrier

    def Allreduce(self, here, total):
        self.shared[self.rank] = here
        self.barrier.wait(60)
        total[...] = sum(self.shared[r] for r in range(self.size))
        self.barrier.wait(60)


def on_ranks(size, work):
    """work(comm) on every rank; the results in their order."""
    shared, barrier, found = {}, threading.Barrier(size), {}

    def one(rank):
        try:
            found[rank] = work(Thread(rank, size, shared, barrier))
        except BaseException:
            barrier.abort()
            raise

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[rank] for rank in range(size)]


def training(comm=None, objective="nonsaturating", penalty="wgan-gp", inside=()):
    rng = np.random.default_rng(0)
    G = Network([Dense(2, 8), Tanh(), Dense(8, 2)], (2,))
    D = Network([Dense(2, 8), Tanh(), *inside, Dense(8 + len(inside), 1)], (2,))
    game = Game(G, D, OBJECTIVES[objective], PENALTIES[penalty])
    theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
    game = game if comm is None else ranked(game, comm, M)
    source = Fresh(ring(), "float64")
    return Training(game, source, rng, theta_d, theta_g, Adam(1e-3), Adam(1e-3), m=M, k=2, every=2)


def trained(*arguments, **options):
    run = training(*arguments, **options)
    for _ in range(100):
        discriminator, generator = run.iteration()
    return run.theta_d, run.theta_g, discriminator.a_real, generator.a_fake


def dropping(comm=None):
    """With masks, whose rows each rank takes from the draws of the whole minibatch."""
    rng = np.random.default_rng(0)
    G = Network([Dense(2, 8), Tanh(), Dense(8, 2)], (2,))
    D = Network([Dense(2, 8), Tanh(), Dropout(0.5), Dense(8, 1)], (2,))
    game = Game(G, D, OBJECTIVES["minimax"], PENALTIES["dragan"])
    theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
    game = game if comm is None else ranked(game, comm, M)
    return game.generator_step(theta_d, theta_g, rng.standard_normal((M, 2)), rng).dtheta_g


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_run_of_one_process(size):
    """50 rows on 3 ranks are 16, 17 and 17. 1e-12: a hundred steps of Adam on sums in another
    order.
    """
    alone = trained()
    for found in on_ranks(size, trained):
        for here, there in zip(alone, found, strict=True):
            assert there == pytest.approx(here, abs=1e-12, rel=0)


def test_masks_are_those_of_the_whole_minibatch():
    alone = dropping()
    for found in on_ranks(3, dropping):
        assert found == pytest.approx(alone, abs=1e-14, rel=0)


@pytest.mark.parametrize("inside", [(MinibatchDeviation(),)])
def test_what_couples_rows_is_another_run_and_is_said(inside):
    """A check that can fail: the agreement above is no accident of the comparison."""
    alone, (found, _) = (
        trained(inside=inside),
        on_ranks(2, lambda comm: trained(comm, inside=inside)),
    )
    assert np.abs(found[0] - alone[0]).max() > 1e-4
    says = coupled(training(inside=inside).game, M, Thread(0, 2, {}, None))
    assert says == "MinibatchDeviation: each rank uses its own rows, about 25 of 50"
    assert coupled(training().game, M, Thread(0, 2, {}, None)) == ""


def test_remembered_statistics_are_the_mean_over_the_ranks():
    """Ghost batches have their own means, whose average over equal parts is that of all rows."""

    def observed(comm=None):
        rng = np.random.default_rng(0)
        D = Network([BatchNorm(2), Dense(2, 1)], (2,))
        game = Game(Network([], (2,)), D, OBJECTIVES["minimax"])
        theta = D.initial(rng, "float64")
        game = game if comm is None else ranked(game, comm, M)
        x, z = rng.standard_normal((2, M, 2))
        step = game.discriminator_step(theta, np.zeros(0), x, z, rng)
        game.D.observe(theta, step.tape)
        return theta[game.D.fixed][:2]  # the running means

    alone = observed()
    for found in on_ranks(2, observed):
        assert found == pytest.approx(alone, abs=1e-15)


@pytest.mark.parametrize("name", [layer.__name__ for layer in LAYERS])
def test_a_layer_says_whether_it_couples_rows(name):
    """Change the first row of x: do the others of y move?"""
    layer_class = next(layer for layer in LAYERS if layer.__name__ == name)
    rng = np.random.default_rng(0)
    for layer, shape in layer_class.examples():
        if shape[0] == 1:
            continue
        P = layer.initial(rng)
        x = rng.standard_normal(shape)
        other = x.copy()
        other[0] += 1
        draws = [np.random.default_rng(1) for _ in range(2)] if layer.random else [None, None]
        y, moved = (
            (layer.forward(P, v, rng) if layer.random else layer.forward(P, v))[0]
            for v, rng in zip((x, other), draws, strict=True)
        )
        assert layer.couples == bool(np.any(y[1:] != moved[1:])), layer


def test_rows_are_dealt_out_once():
    for size in (1, 2, 3, 7):
        parts = [rows(M, Thread(r, size, {}, None)) for r in range(size)]
        dealt = np.concatenate([np.arange(M)[part] for part in parts])
        assert np.array_equal(dealt, np.arange(M))


def test_more_ranks_than_rows_are_refused():
    with pytest.raises(InputError, match="9 ranks share a minibatch of 8 rows"):
        ranked(training().game, Thread(0, 9, {}, None), 8)


# ── the command, on the ranks of MPI ──────────────────────────────────────────────────────────────


def on_mpi(ranks, *arguments):
    """numgan train … --parallel on so many ranks."""
    pytest.importorskip("mpi4py")
    beside = str(Path(sys.executable).parent)
    mpiexec = shutil.which("mpiexec", path=beside + os.pathsep + os.environ["PATH"])
    if mpiexec is None:
        pytest.skip("no mpiexec here")
    command = [mpiexec, "-n", str(ranks), sys.executable, "-m", "numgan", "train"]
    return subprocess.run([*command, *arguments, "--parallel"], capture_output=True, text=True)


def test_a_run_on_three_ranks_goes_on_with_two_and_with_one(tmp_path):
    options = ["--batch", "48", "--hidden", "8", "--dtype", "float64", "--penalty", "r1", "--quiet"]
    folders = [str(tmp_path / name) for name in ("one", "many")]
    assert main(["train", "ring", *options, "--steps", "40", "--out", folders[0]]) == 0
    many = on_mpi(3, "ring", *options, "--steps", "40", "--out", folders[1])
    assert many.returncode == 0, many.stderr
    one, other = (np.load(tmp_path / name / "checkpoint.npz") for name in ("one", "many"))
    for name in ("array.theta_d", "array.theta_g", "array.theta_bar"):
        assert other[name] == pytest.approx(one[name], abs=1e-12, rel=0)
    again = on_mpi(2, "--out", folders[1], "--resume", "--quiet")
    assert again.returncode == 0, again.stderr


def test_bad_input_ends_all_ranks_in_one_line(tmp_path):
    said = on_mpi(2, "ring", "--k", "0", "--out", str(tmp_path / "r"))
    assert said.returncode == 2 and said.stderr.count("numgan:") == 1
    said = on_mpi(3, "ring", "--batch", "2", "--quiet", "--out", str(tmp_path / "r"))
    assert said.returncode == 2 and "3 ranks share a minibatch of 2 rows" in said.stderr
    assert not (tmp_path / "r").exists()

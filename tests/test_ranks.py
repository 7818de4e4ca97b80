"""One training on R ranks is the training of one process: ranks as threads, and as MPI has them."""

import argparse
import re
import subprocess
import sys
import threading

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
    Momentum,
    Network,
    Tanh,
    Training,
)
from numgan.cli import main
from numgan.costs import COSTS
from numgan.data.sources import Fresh
from numgan.data.toy import ring
from numgan.errors import InputError
from numgan.layers import LAYERS, MinibatchDeviation, Pack, Residual
from numgan.ranks import coupled, ranked, rows
from numgan.run.begin import start
from numgan.run.loop import proceed
from numgan.run.train_command import add_arguments, configuration
from tests.guide import command, program

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


def training(
    comm=None,
    objective="nonsaturating",
    penalty="wgan-gp",
    inside=(),
    norm=(),
    sync=False,
    cost=None,
    rule=lambda: Adam(1e-3),
):
    rng = np.random.default_rng(0)
    G = Network([Dense(2, 8), *norm, Tanh(), Dense(8, 2)], (2,))
    wide = 8 + sum(type(layer) is MinibatchDeviation for layer in inside)
    D = Network([Dense(2, 8), Tanh(), *inside, Dense(wide, 1)], (2,))
    game = Game(G, D, OBJECTIVES[objective], PENALTIES[penalty], cost=cost)
    theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
    game = game if comm is None else ranked(game, comm, M, sync)
    source = Fresh(ring(), "float64")
    return Training(game, source, rng, theta_d, theta_g, rule(), rule(), m=M, k=2, every=2)


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


NORM = (BatchNorm(8),)
INSIDE_ANOTHER = (Residual((Dense(8, 8), BatchNorm(8), Tanh())),)
COUPLED = {
    "batch norm, with R-passes through it": {"inside": NORM, "norm": NORM, "penalty": "wgan-gp"},
    "batch norm within a residual sum": {"inside": INSIDE_ANOTHER, "penalty": "r1"},
    "minibatch deviation": {"inside": (MinibatchDeviation(),), "penalty": "r1"},
    "relativistic means": {
        "objective": "relativistic",
        "penalty": "r1",
        "cost": COSTS["transport"],
    },
}


FIRST, *OTHERS = COUPLED


@pytest.mark.parametrize(
    ("name", "size"), [*[(FIRST, size) for size in (1, 2, 3)], *[(name, 3) for name in OTHERS]]
)
def test_with_sync_coupled_rows_are_the_run_of_one_process(name, size):
    """1e-12 as above, of plain steps: a bias before batch norm, and that of the logit under
    relativistic means, have the gradient 0, and Adam divides its rounding by itself. What batch
    norm remembers is part of θ.
    """
    options = {**COUPLED[name], "rule": lambda: Momentum(0.02)}
    alone = trained(**options)
    for found in on_ranks(size, lambda comm: trained(comm, sync=True, **options)):
        for here, there in zip(alone, found, strict=True):
            assert there == pytest.approx(here, abs=1e-12, rel=0)


@pytest.mark.parametrize("name", COUPLED)
def test_without_sync_they_are_another_run(name):
    """A check that can fail: the agreement above is no accident of the comparison."""
    alone = trained(**COUPLED[name])
    found, _ = on_ranks(2, lambda comm: trained(comm, **COUPLED[name]))
    assert max(np.abs(one - other).max() for one, other in zip(alone, found, strict=True)) > 1e-4


def test_a_pack_holds_rows_of_other_ranks_and_sync_refuses_it():
    with pytest.raises(InputError, match=re.escape("--sync does not reach Pack(M=2)")):
        ranked(packed(), Thread(0, 2, {}, None), M, sync=True)


def packed():
    net = Network([Pack(2), Dense(4, 1)], (2,))
    return Game(Network([], (2,)), net, OBJECTIVES["minimax"])


def test_masks_are_those_of_the_whole_minibatch():
    alone = dropping()
    for found in on_ranks(3, dropping):
        assert found == pytest.approx(alone, abs=1e-14, rel=0)


def test_what_couples_rows_is_said():
    ghost = training(inside=(MinibatchDeviation(),), objective="relativistic").game
    says = coupled(ghost, M, Thread(0, 2, {}, None))
    assert says.startswith(
        "MinibatchDeviation, relativistic means: each rank uses its own rows, about 25 of 50; "
    )
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
    """numgan train … --parallel on so many ranks, as the guide starts it."""
    pytest.importorskip("mpi4py")
    instead = {"4": ranks, "fashion": arguments}
    words = command("mpiexec -n 4 numgan train fashion --parallel", instead)
    return subprocess.run(words, capture_output=True, text=True)


def test_a_run_goes_on_with_three_ranks_to_the_numbers_of_one_process(tmp_path):
    """Convolutions with batch norm in both players; 1e-12 as above."""
    options = ["digits", "--arch", "dcgan", "--hidden", "2,2", "--latent", "2", "--batch", "16"]
    options += ["--steps", "8", "--dtype", "float64", "--optimizer", "sgd", "--penalty", "r1"]
    read = argparse.ArgumentParser()
    add_arguments(read)
    for name, until in (("one", 8), ("many", 4)):
        begun = start(configuration(read.parse_args(options)), tmp_path / name)
        proceed(begun, until=until)
    many = on_mpi(3, "--out", str(tmp_path / "many"), "--resume", "--sync")
    assert "3 ranks; if one dies, MPI ends them all" in many.stderr
    assert many.returncode == 0 and "each rank uses its own rows" not in many.stderr, many.stderr
    one, other = (np.load(tmp_path / name / "checkpoint.npz") for name in ("one", "many"))
    for name in ("array.theta_d", "array.theta_g", "array.theta_bar"):
        assert other[name] == pytest.approx(one[name], abs=1e-12, rel=0)


def test_bad_input_ends_all_ranks_in_one_line(tmp_path):
    said = on_mpi(2, "ring", "--k", "0", "--out", str(tmp_path / "r"))
    assert said.returncode == 2 and said.stderr.count("numgan:") == 1
    assert main(["train", "ring", "--sync"]) == main(
        ["train", "ring", "--parallel", "--seeds", "2"]
    )
    said = on_mpi(3, "ring", "--batch", "2", "--quiet", "--out", str(tmp_path / "r"))
    assert said.returncode == 2 and "3 ranks share a minibatch of 2 rows" in said.stderr
    assert not (tmp_path / "r").exists()


OTHER_DATA = """
import sys
from dataclasses import replace
from numgan.cli import main
from numgan.run import parallel
read = parallel.data_of
parallel.data_of = lambda config: replace(read(config), digest="other")
sys.exit(main(sys.argv[1:]))
"""


def test_a_rank_with_other_data_ends_all_in_a_line(tmp_path):
    pytest.importorskip("mpi4py")
    train = ["train", "digits", "--parallel", "--batch", "16", "--hidden", "4", "--steps", "9"]
    train += ["--quiet", "--out", str(tmp_path / "r")]
    one, other = ["-n", "1", program("numgan")], ["-n", "1", sys.executable, "-c", OTHER_DATA]
    ranks = [program("mpiexec"), *one, *train, ":", *other, *train]
    said = subprocess.run(ranks, capture_output=True, text=True)
    assert said.returncode == 2 and "Traceback" not in said.stderr
    assert "numgan: rank 1: digits is other data than on rank 0" in said.stderr

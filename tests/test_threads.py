"""The threads of matrix products: chosen from their size, said, and set."""

import os
import warnings

import numpy as np
import pytest

from numgan.architectures import dcgan28, mlp, mlp784
from numgan.cli import main
from numgan.game import Game
from numgan.layers.blocks import joined, shared
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import PENALTIES
from numgan.run import threads
from numgan.run.threads import CHOSEN, Threads, chosen, largest_product
from numgan.training import Training

threadpoolctl = pytest.importorskip("threadpoolctl")


class Fixed:
    """Data that are one batch."""

    def __init__(self, x):
        self.x = x

    def batch(self, m, rng):
        return self.x


class Played:
    """What is looked at of a training."""

    def __init__(self, G, D, m):
        self.game, self.m = Game(G, D, OBJECTIVES["minimax"]), m
        self.theta_d = np.zeros(D.size)


SMALL = Played(mlp([2, 128, 2]), mlp([2, 128, 1]), 256)
LARGE, IMAGES = Played(*mlp784(), 128), Played(*dcgan28(), 64)


@pytest.fixture(autouse=True)
def nothing_was_chosen(monkeypatch):
    for name in CHOSEN:
        monkeypatch.delenv(name, raising=False)


def test_the_products_of_a_convolution_are_counted_at_the_smaller_image():
    """4·4·64·128 weights at each of 7·7 pixels, in D and in G alike."""
    assert {largest_product(net, 64) for net in dcgan28()} == {64 * 49 * 4 * 4 * 64 * 128}


def test_small_products_take_one_thread_and_the_users_word_is_the_last(monkeypatch):
    assert chosen(SMALL, None) == Threads(1) and chosen(LARGE, None) == Threads()
    assert chosen(SMALL, 4) == Threads(4) and chosen(IMAGES, 3) == Threads(1, 3)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    assert chosen(IMAGES, None) == Threads(1, 2)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")  # of the user's shell
    assert chosen(SMALL, None) == Threads()
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setattr(threads, "find_spec", lambda name: None)
    assert chosen(SMALL, None) == Threads()


def test_images_that_threads_share_give_the_same_bits():
    """A whole iteration of dcgan28, 40 images in blocks of 16."""

    def theta(images):
        rng = np.random.default_rng(0)
        G, D = dcgan28()
        game = Game(G, D, OBJECTIVES["nonsaturating"], PENALTIES["r1"])
        data = Fixed(rng.uniform(-1, 1, (40, 784)).astype("float32"))
        players = D.initial(rng), G.initial(rng)
        one = Training(game, data, rng, *players, Adam(1e-3), Adam(1e-3), m=40)
        with Threads(1, images).limited():
            one.iteration()
        return one.theta_d.tobytes() + one.theta_g.tobytes()

    assert theta(3) == theta(1)


def test_shared_blocks_raise_and_ignore_as_the_caller_does():
    x = np.zeros((40, 1))
    with shared(2), pytest.raises(FloatingPointError), np.errstate(all="raise"):
        joined(lambda x: 1 / x, x)
    with shared(2), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(joined(lambda x: 1 / x, x)).all()


def test_blas_has_so_many_threads_while_it_lasts():
    def now():
        return {found["num_threads"] for found in threadpoolctl.threadpool_info()}

    before = now()
    if not before:
        pytest.skip("threadpoolctl knows no library of this NumPy")
    with Threads(1).limited():
        assert now() == {1}
    with Threads().limited():
        assert now() == before
    assert now() == before


def test_a_run_says_its_threads_and_refuses_none(tmp_path, capsys):
    folder = tmp_path / "run"
    train = ["train", "ring", "--steps", "1", "--hidden", "2", "--out", str(folder)]
    assert main([*train, "--threads", "0"]) == 2
    assert "--threads must be a whole number of at least 1, got 0" in capsys.readouterr().err
    assert not os.path.exists(folder)
    assert main(train) == 0
    assert "Products take 1 thread: --threads N takes N." in capsys.readouterr().out

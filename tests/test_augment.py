"""`--augment` (L20): D judges all images through random maps, in training alone."""

import numpy as np
import pytest

import numgan
from numgan.architectures import augmented, block
from numgan.errors import InputError
from numgan.layers import Conditioned, Dense, Translation
from numgan.network import Network
from numgan.penalties import PENALTIES
from numgan.ranks import Draws, rows
from numgan.run import begin, loop
from numgan.run.config import Config

SMALL = {"hidden": (6, 4), "latent": 3, "batch": 16, "steps": 6, "augment": "translation,cutout"}
KINDS = {
    "mlp": {},
    "residual, R1 and R2": {
        "arch": "residual",
        "objective": "paired",
        "penalty": "r1,r2",
        "weight": (0.1, 0.1),
    },
    "packs of classes": {"conditional": True, "pack": 2},
    "a projection": {"arch": "dcgan", "conditional": True},
    "a rule": {"rule": "extragradient"},
}


@pytest.fixture(autouse=True)
def in_short(monkeypatch):
    monkeypatch.setattr(loop, "FRAMES", 1)
    monkeypatch.setattr(loop, "METRICS", 1)


def end(run):
    """All that six steps have changed."""
    t = run.training
    return np.concatenate([t.theta_d, t.theta_g, t.theta_bar]), t.rng.bit_generator.state


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_resumed_has_the_bits_of_one_that_is_not(kind, tmp_path):
    config = Config("digits", **SMALL | KINDS[kind])
    whole, broken = begin.start(config, None), begin.start(config, tmp_path / "run")
    assert loop.proceed(whole)
    loop.proceed(broken, until=3)
    again = loop.resume(tmp_path / "run")
    assert loop.proceed(again)
    (theta, state), (other, at) = end(whole), end(again)
    assert np.array_equal(theta, other) and state == at
    plain = begin.start(Config("digits", **SMALL | KINDS[kind] | {"augment": None}), None)
    loop.proceed(plain)
    assert not np.array_equal(theta, end(plain)[0])


def test_outside_training_d_sees_the_images_themselves():
    run = numgan.start("digits", **SMALL)
    plain = numgan.start("digits", **SMALL | {"augment": None}).training.game.D
    x, theta = run.data.all_rows()[:9], run.training.theta_d
    assert np.array_equal(run.training.game.D.evaluation()(theta, x), plain(theta, x))


def test_the_class_is_not_augmented():
    run = numgan.start("digits", conditional=True, **SMALL | {"augment": "brightness"})
    front = run.training.game.D.layers[0]
    assert isinstance(front, Conditioned) and not front.seen
    x = run.pairs.all_rows()[:5]
    y, _ = front.forward((), x, np.random.default_rng(0))
    assert np.array_equal(y[:, 64:], x[:, 64:]) and not np.array_equal(y[:, :64], x[:, :64])


def test_a_penalty_takes_the_slope_at_the_image_before_it_is_augmented():
    """a = w·x on 1×3 images moved by −1, 0 or 1: the slope of x ↦ a(Ax) is Aᵀw."""
    D = augmented(Network([Dense(3, 1)], (3,)), (1, 3, 1), [Translation(0.4)])
    theta, x = np.array([1.0, 2.0, 4.0, 0.0]), np.zeros((500, 3))
    R1 = PENALTIES["r1"].value(D, theta, x, x, np.random.default_rng(0))
    _, b = Translation(0.4).draw((500, 1, 3, 1), np.random.default_rng(0))
    squares = {-1: 1 + 4, 0: 1 + 4 + 16, 1: 4 + 16}  # of w moved back by b, what left it gone
    assert R1 == pytest.approx(np.mean([squares[s] for s in b.tolist()]) / 2, rel=1e-12)


def test_the_rows_of_all_ranks_have_the_draws_of_one_process():
    class Rank:
        size = 3

    drawn = []
    for Rank.rank in range(3):
        mine = rows(10, Rank)
        rng = Draws(np.random.default_rng(5), 10, mine)
        drawn.append(rng.integers(9, size=mine.stop - mine.start))
    assert np.array_equal(np.concatenate(drawn), np.random.default_rng(5).integers(9, size=10))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dataset": "ring", "augment": "cutout"}, "--augment is for images, and 'ring' has none"),
        ({"dataset": "digits", "augment": "flip"}, "--augment must be one of brightness, transl"),
        ({"dataset": "ring", "arch": "residual"}, "--arch residual is for images, and 'ring'"),
        (
            {"dataset": "digits", "arch": "residual", "hidden": (8, 8, 8, 8, 8)},
            "images of shape (8, 8, 1) cannot be halved 4 times",
        ),
    ],
)
def test_bad_input_is_one_line(options, said):
    with pytest.raises(InputError) as raised:
        begin.start(Config(**options), None)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_block_starts_as_the_identity():
    """Every residual branch ends in weights of 0: D's blocks pass their input on."""
    one, x = block(4), np.random.default_rng(0).standard_normal((2, 3, 3, 4))
    assert np.array_equal(one.forward(one.initial(np.random.default_rng(1)), x)[0], x)

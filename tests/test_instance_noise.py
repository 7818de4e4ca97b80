"""`--instance-noise` (L19): D judges data and samples with noise that falls to 0 over the run."""

import json
from dataclasses import asdict

import numpy as np
import pytest

import numgan
from numgan.cli import main
from numgan.errors import InputError
from numgan.layers import Conditioned, InstanceNoise
from numgan.ranks import ranked
from numgan.run import begin, convergence, loop
from numgan.run.build import first_parameters
from numgan.run.config import Config
from tests.test_ranks import on_ranks

SIGMA = 0.5
SMALL = {"hidden": (6, 4), "latent": 3, "batch": 16, "steps": 6, "instance_noise": SIGMA}
KINDS = {
    "mlp": {},
    "two steps of D": {"k": 2},
    "R1 and R2": {"objective": "paired", "penalty": "r1,r2", "weight": (0.1, 0.1), "every": 2},
    "clipped": {"objective": "wasserstein", "clip": 0.01},
    "packs of classes": {"conditional": True, "pack": 2},
    "a projection": {"arch": "dcgan", "conditional": True},
    "augmented": {"augment": "translation", "conditional": True},
    "a rule of first order": {"rule": "extragradient"},
    "a rule that remembers": {"rule": "lookahead", "horizon": 2},
    "a rule of second order": {"rule": "lola", "penalty": "wgan-gp"},
}


@pytest.fixture(autouse=True)
def in_short(monkeypatch):
    monkeypatch.setattr(loop, "FRAMES", 1)
    monkeypatch.setattr(loop, "METRICS", 1)


def end(run):
    """All that the steps have changed."""
    t = run.training
    return np.concatenate([t.theta_d, t.theta_g, t.theta_bar]), t.rng.bit_generator.state


def counted(run):
    """What D's layer has counted, and T of its layer: t stands first in θ_d."""
    front = run.training.game.D.layers[0]
    noise = next(iter(front.layers)) if isinstance(front, Conditioned) else front
    assert isinstance(noise, InstanceNoise) and run.training.game.D.fixed[0]
    return run.training.theta_d[0], noise.steps


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_resumed_has_the_bits_of_one_that_is_not(kind, tmp_path):
    options = SMALL | KINDS[kind]
    whole = begin.start(Config("digits", **options), None)
    broken = begin.start(Config("digits", **options), tmp_path / "run")
    assert loop.proceed(whole)
    loop.proceed(broken, until=3)
    again = loop.resume(tmp_path / "run")
    assert loop.proceed(again)
    (theta, state), (other, at) = end(whole), end(again)
    assert np.array_equal(theta, other) and state == at
    if kind != "augmented":
        steps = 6 * options.get("k", 1)
        assert counted(again) == (steps, steps)  # at its last step the noise is σ/T, then 0
    plain = begin.start(Config("digits", **options | {"instance_noise": 0.0}), None)
    loop.proceed(plain)
    assert not np.array_equal(theta[1:], end(plain)[0])


def test_d_judges_data_and_samples_with_noise_and_none_outside_training():
    """The noise of 16·64 numbers knows its deviation σ to σ/√2048: five of them."""
    run = numgan.start("digits", **SMALL)
    plain = numgan.start("digits", **SMALL | {"instance_noise": 0.0}).training.game.D
    D, theta = run.training.game.D, run.training.theta_d
    x = run.data.all_rows()[:16]
    assert np.array_equal(D.evaluation()(theta, x), plain(theta[1:], x))
    y, _ = D.layers[0].forward((theta[:1],), x, np.random.default_rng(0))
    assert abs(np.std(y - x) - SIGMA) < 5 * SIGMA / 2048**0.5
    assert np.array_equal(D(theta, x, np.random.default_rng(0)), plain(theta[1:], y))


def test_the_noise_stands_between_the_augmentations_and_d():
    run = numgan.start("digits", **SMALL | {"augment": "translation"})
    assert [str(layer) for layer in run.training.game.D.layers[:4]] == [
        "Reshape(shape=(8, 8, 1))",
        "Translation(share=0.125)",
        "Flatten()",
        "InstanceNoise(sigma=0.5, steps=6)",
    ]


def test_the_class_has_no_noise():
    run = numgan.start("digits", conditional=True, **SMALL)
    front, x = run.training.game.D.layers[0], run.pairs.all_rows()[:5]
    y, _ = front.forward((np.zeros(1),), x, np.random.default_rng(0))
    assert np.array_equal(y[:, 64:], x[:, 64:]) and not np.any(y[:, :64] == x[:, :64])


def test_a_longer_run_has_the_fall_of_its_length_and_is_resumed_to_the_bit(tmp_path):
    """As its η: at step 6 of 6 there is no noise, at step 6 of 10 it is 0.4 σ."""
    run = numgan.train("digits", **SMALL, out=tmp_path / "run", quiet=True)
    assert counted(run) == (6, 6)
    run.more(4, quiet=True)
    other = numgan.load(tmp_path / "run")
    assert counted(run) == counted(other) == (10, 10)
    run.more(3, quiet=True)
    other.more(3, quiet=True)
    assert np.array_equal(end(run)[0], end(other)[0])
    run, other = (numgan.load(tmp_path / "run") for _ in range(2))
    for at in (run, other):
        loop.extend(at, 5)
    loop.proceed(run, until=other.training.iterations + 2)
    again = numgan.load(tmp_path / "run")
    assert loop.proceed(run) and loop.proceed(again)
    assert counted(again) == (18, 18) and np.array_equal(end(run)[0], end(again)[0])


def test_the_ranks_count_and_draw_as_one_process_does():
    """1e-12: six steps on sums in another order."""

    def trained(comm=None):
        options = SMALL | {"dtype": "float64", "penalty": "wgan-gp", "batch": 17}
        training = begin.start(Config("digits", **options), None).training
        if comm is not None:
            training.game = ranked(training.game, comm, training.m)
        for _ in range(6):
            training.iteration()
        return training.theta_d, training.theta_g

    alone = trained()
    for found in on_ranks(3, trained):
        assert found[0][0] == alone[0][0] == 6
        for here, there in zip(alone, found, strict=True):
            assert there == pytest.approx(here, abs=1e-12, rel=0)


def test_along_the_path_to_the_end_nothing_moves_but_the_variables(monkeypatch):
    """E61: the count of steps is none, and ten thousand steps would be all of the path's length."""
    run, seen = numgan.train("ring", **SMALL, quiet=True), {}
    monkeypatch.setattr(convergence, "path_angle", lambda v, *ends: seen.update(v=v, ends=ends))
    convergence.path_of(run)
    (start, last, _), free = seen["ends"], seen["v"].free
    G, D = run.training.game.G, run.training.game.D
    first = np.concatenate(first_parameters(run.config, G, D))
    assert not free[0] and start[0] == last[0] == 6 and first[0] == 0
    assert np.array_equal(start[free], first[free])


def test_a_configuration_of_before_has_no_noise(tmp_path):
    run = numgan.train("ring", **SMALL | {"instance_noise": 0.0}, out=tmp_path / "r", quiet=True)
    config = json.loads((tmp_path / "r/config.json").read_text())
    assert config.pop("instance_noise") == 0.0
    (tmp_path / "r/config.json").write_text(json.dumps(config))
    again = numgan.load(tmp_path / "r")
    assert asdict(again.config) == asdict(run.config)
    assert np.array_equal(end(again)[0], end(run)[0])


def test_report_and_trace_of_such_a_run(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--hidden", "4", "--batch", "8", "--steps", "3", "--quiet", "--out", "run"]
    assert main(["train", "ring", "--instance-noise", "0.25", *options]) == 0
    begin.start(Config("ring", **SMALL), tmp_path / "half")
    half = loop.resume(tmp_path / "half")
    loop.proceed(half, until=3)
    assert main(["report", "run"]) == 0
    page = (tmp_path / "run/report.html").read_text()
    assert "--instance-noise 0.25" in page and "InstanceNoise(sigma=0.25, steps=3)" in page
    capsys.readouterr()
    assert main(["trace", "--run", "half"]) == 0
    said = capsys.readouterr().out
    assert "y = x + s ξ" in said and "✗" not in said.partition("══")[2]


def test_it_is_an_axis_of_a_sweep(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--batch", "8", "--steps", "3", "--out", "s"]
    assert main(["sweep", "ring", *small, "--over", "instance-noise=0,0.25", "--seeds", "1"]) == 0
    configs = [json.loads(path.read_text()) for path in tmp_path.rglob("config.json")]
    assert sorted(config["instance_noise"] for config in configs) == [0.0, 0.25]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"instance_noise": -0.1}, "--instance-noise must be a finite number of at least 0"),
        ({"instance_noise": float("nan")}, "--instance-noise must be a finite number"),
        (
            {"instance_noise": 0.1, "steps": 2**23, "k": 3},
            "--instance-noise counts D's 25,165,824 steps in float32, which goes to 16,777,216: "
            "take fewer, or --dtype float64",
        ),
    ],
)
def test_bad_input_is_one_line(options, said):
    with pytest.raises(InputError) as raised:
        Config("ring", **options)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_the_count_is_exact_as_far_as_it_goes():
    """The last step of the longest run counts; one more would not."""
    t = np.array([2**24 - 1], "float32")
    noise = InstanceNoise(0.1, 2**24)
    noise.observe((t,), None)
    assert t == 2**24
    noise.observe((t,), None)
    assert t == 2**24
    Config("ring", instance_noise=0.1, steps=2**24)
    Config("ring", instance_noise=0.1, steps=2**25, dtype="float64")

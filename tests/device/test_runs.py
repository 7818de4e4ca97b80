"""`numgan train` and what looks at a run, on a device: the CPU's numbers; and a run that moves from
one to another.
"""

import json
import shutil
import signal
import sys

import numpy as np
import pytest

from numgan import checkpoint
from numgan.backend import namespace
from numgan.cli import main
from numgan.layers import blocks
from numgan.run import begin, loop, measure
from numgan.run.config import Config
from numgan.study import plots
from numgan.training import Training

STEPS = 12
SMALL = ["--steps", str(STEPS), "--batch", "8", "--hidden", "8,4", "--quiet"]
RUNS = {
    "ring": ["ring"],
    "gaussian, relativistic": ["gaussian", "--objective", "relativistic"],
    "digits, float64": ["digits", "--dtype", "float64"],
    "digits, conditional": ["digits", "--conditional", "--spectrum", "6"],
    "convolutions": ["digits", "--arch", "dcgan", "--steps", "4"],
    "convolutions, conditional": ["digits", "--arch", "dcgan", "--steps", "4", "--conditional"],
    "R1": ["ring", "--penalty", "r1", "--every", "2", "--spectrum", "6"],
    "clipped": ["ring", "--objective", "wasserstein", "--clip", "0.05", "--k", "2"],
    "packed": ["ring", "--pack", "2"],
    "two penalties, paired, a cost": [
        *"ring --objective paired --penalty r1,r2 --cost transport,decay".split()
    ],
    "lola": ["ring", "--rule", "lola", "--penalty", "r2"],
    "competitive": "ring --rule competitive --optimizer sgd --lr 0.05".split(),
    "lookahead": ["ring", "--rule", "lookahead", "--horizon", "3"],
    "unrolled": ["ring", "--rule", "unrolled", "--horizon", "2"],
}


@pytest.fixture
def in_full():
    """For a test that has the pictures drawn and the images judged."""


@pytest.fixture(autouse=True)
def in_short(request, monkeypatch):
    """Every third iteration has a row, so that there are some that nobody looks at. What is drawn
    and judged is arrays of the host, and takes most of a short run: elsewhere it is made, and then
    left."""
    for name, times in (("ROWS", 4), ("METRICS", 2), ("FRAMES", 2), ("SAVES", 1)):
        monkeypatch.setattr(loop, name, times)
    if "in_full" not in request.fixturenames:
        for name in ("samples_png", "training_png", "training_gif", "spectrum_png"):
            monkeypatch.setattr(plots, name, lambda *arrays: b"")
        monkeypatch.setattr(measure, "image_quality", lambda *arrays: {})


def train(folder, *options):
    return main(["train", "--out", str(folder), *SMALL, *options])


def resume(folder, *options):
    return main(["train", "--out", str(folder), "--resume", "--quiet", *options])


def on(device):
    """What the same run is asked for there. Of a GPU plain gradient steps: where a gradient is zero
    but for rounding, Adam makes a whole step of it, to a side that the order of summation
    decides."""
    return ["--optimizer", "sgd", "--lr", "0.01"] if device.real else []


def written(folder):
    """The arrays of the checkpoint, the text without where the run was begun, and metrics.csv."""
    arrays, about = checkpoint.load(folder / "checkpoint.npz")
    del about["config"]["device"]
    return arrays, about, (folder / "metrics.csv").read_bytes()


def bits(folder):
    arrays, about, table = written(folder)
    return {name: array.tobytes() for name, array in arrays.items()}, about, table


def same_run(here, there, device):
    """Two folders hold the same numbers: on the stand-in to the bit, on a GPU the players up to
    rounding, for the eigenvalues and some metrics jump where rounding decides. Up to 24 steps of D
    and 12 of G, each from the last."""
    if not device.real:
        assert bits(here) == bits(there)
        return
    (right, *_), (found, *_) = written(here), written(there)
    for name in ("theta_d", "theta_g", "theta_bar", "frames"):
        device.agree(found[name], right[name], 40)
    device.agree(
        found["rows"][:, :-1].astype("float32"), right["rows"][:, :-1].astype("float32"), 40
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_whole_run_is_that_of_the_cpu(name, device, tmp_path, capsys, monkeypatch):
    # a device convolves all images at once: so does the CPU here, for sums in the same order
    monkeypatch.setattr(blocks, "IMAGES", 10**9)
    told = []
    for where in ("cpu", "cuda"):
        assert train(tmp_path / where, *RUNS[name], *on(device), "--device", where, "--json") == 0
        told.append(json.loads(capsys.readouterr().out) | {"folder": ""})
    same_run(tmp_path / "cpu", tmp_path / "cuda", device)
    assert device.real or told[0] == told[1]


def test_so_are_its_pictures_and_what_images_are_judged_by(
    in_full, device, tmp_path, capsys, monkeypatch
):
    same = test_a_whole_run_is_that_of_the_cpu
    same("digits, conditional", device, tmp_path, capsys, monkeypatch)
    for name in ("samples.png", "training.png", "training.gif", "spectrum.png"):
        here, there = ((tmp_path / where / name).read_bytes() for where in ("cpu", "cuda"))
        assert len(there) > 1000 and (device.real or here == there)


@pytest.mark.parametrize("noise", ["host", "device"])
def test_nothing_waits_between_two_rows(noise, device, tmp_path):
    config = Config(
        "digits",
        steps=STEPS,
        batch=8,
        hidden=(8,),
        conditional=True,
        penalty="wgan-gp",
        clip=0.1,
        device="cuda",
        noise=noise,
    )
    run, seen = begin.start(config, tmp_path / "run"), []
    device.forget()

    def watch(row):
        seen.append((bool(row), bool(device.waits)))
        device.forget()

    assert loop.proceed(run, watch)
    assert [row for row, _ in seen] == [False, False, True] * 4
    assert device.real or all(row == waited for row, waited in seen)
    assert namespace(run.training.theta_d).__name__ == "cupy"


def interrupt(monkeypatch, *stops):
    """Ctrl-C at these steps."""
    iteration, left = Training.iteration, set(stops)

    def interrupted(self):
        if self.iterations in left:
            left.remove(self.iterations)
            signal.raise_signal(signal.SIGINT)
        return iteration(self)

    monkeypatch.setattr(Training, "iteration", interrupted)


@pytest.mark.parametrize(
    "way", [("cuda", "cuda"), ("cuda", "cpu"), ("cpu", "cuda"), ("cuda", "cpu", "cuda")]
)
@pytest.mark.parametrize("name", ["ring", "digits, conditional"])
def test_a_run_goes_on_on_any_device(name, way, device, tmp_path, monkeypatch, capsys):
    assert train(tmp_path / "whole", *RUNS[name], *on(device)) == 0
    interrupt(monkeypatch, 4, 7)
    assert train(tmp_path / "parts", *RUNS[name], *on(device), "--device", way[0]) == 130
    for where in (*way[1:], *way[-1:])[:2]:
        said = capsys.readouterr().err
        status = resume(tmp_path / "parts", "--device", where)
    again = f"--resume --device {way[1]}\n" if way[1] != way[0] else "--resume\n"
    # what it says after the second stop names where it is
    assert status == 0 and said.endswith(again)
    same_run(tmp_path / "whole", tmp_path / "parts", device)


def test_the_devices_own_noise_goes_on_there_alone_and_is_looked_at_anywhere(
    device, tmp_path, monkeypatch, capsys
):
    own = [*RUNS["digits, conditional"], "--device", "cuda", "--noise", "device"]
    assert train(tmp_path / "whole", *own) == 0
    interrupt(monkeypatch, 4)
    assert train(tmp_path / "parts", *own) == 130
    before = bits(tmp_path / "parts")
    capsys.readouterr()
    assert resume(tmp_path / "parts", "--device", "cpu") == 2
    said = capsys.readouterr().err
    assert "its random numbers are those of cuda" in said and said.count("\n") == 1
    assert bits(tmp_path / "parts") == before
    assert resume(tmp_path / "parts") == 0
    assert bits(tmp_path / "whole") == bits(tmp_path / "parts")
    monkeypatch.setitem(sys.modules, "cupy", None)
    for command in (["sample", "-o", str(tmp_path / "s.npy")], ["report"]):
        assert main([command[0], str(tmp_path / "whole"), *command[1:]]) == 0


@pytest.mark.parametrize(
    ("name", "options"), [("ring", []), ("digits, conditional", ["--class", "3"])]
)
def test_samples_are_the_same_wherever_they_are_drawn(name, options, device, tmp_path):
    assert train(tmp_path / "run", *RUNS[name], "--device", "cuda") == 0
    drawn = []
    for where in ("cpu", "cuda"):
        file = tmp_path / f"{where}.npy"
        assert (
            main(
                [
                    "sample",
                    str(tmp_path / "run"),
                    "-o",
                    str(file),
                    "-n",
                    "9",
                    "--device",
                    where,
                    *options,
                ]
            )
            == 0
        )
        drawn.append(np.load(file))
    device.agree(drawn[1], drawn[0], 10)


def test_divergence_is_noticed_before_anything_is_saved(device, tmp_path, capsys):
    """Steps of 1e30 times a gradient overflow float32 in the first iterations, at which nobody
    looks.
    """
    assert (
        train(tmp_path / "run", "ring", "--device", "cuda", "--optimizer", "sgd", "--lr", "1e30")
        == 1
    )
    assert "not finite after step 3: gradient, θ_d of the discriminator" in capsys.readouterr().err
    arrays, about = checkpoint.load(tmp_path / "run" / "checkpoint.npz")
    assert (
        about["iterations"] == 0
        and np.isfinite(arrays["theta_d"]).all()
        and np.isfinite(arrays["theta_g"]).all()
    )


def test_divergence_is_noticed_before_an_interrupted_run_is_saved(
    device, tmp_path, capsys, monkeypatch
):
    interrupt(monkeypatch, 1)
    assert (
        train(tmp_path / "run", "ring", "--device", "cuda", "--optimizer", "sgd", "--lr", "1e30")
        == 1
    )
    assert "not finite after step 2: gradient, θ_d of the discriminator" in capsys.readouterr().err
    assert checkpoint.load(tmp_path / "run" / "checkpoint.npz")[1]["iterations"] == 0


def test_runs_from_before_there_were_devices_go_on(tmp_path, pretended, monkeypatch):
    assert train(tmp_path / "whole", "ring") == 0
    interrupt(monkeypatch, 4)
    assert train(tmp_path / "parts", "ring") == 130
    file, config = tmp_path / "parts" / "checkpoint.npz", tmp_path / "parts" / "config.json"
    arrays, about = checkpoint.load(file)
    older = {
        name: value for name, value in about["config"].items() if name not in ("device", "noise")
    }
    checkpoint.save(file, arrays, about | {"config": older})
    config.write_text(json.dumps(older))
    shutil.copytree(tmp_path / "parts", tmp_path / "moved")
    assert resume(tmp_path / "parts") == 0 and resume(tmp_path / "moved", "--device", "cuda") == 0
    assert bits(tmp_path / "whole") == bits(tmp_path / "parts") == bits(tmp_path / "moved")


NO_GPU = {
    "train": ["train", "ring", "--device", "cuda", "--out", "new"],
    "resume": ["train", "--resume", "--out", "run", "--device", "cuda"],
    "sample": ["sample", "run", "-o", "samples.npy", "--device", "cuda"],
    "check": ["check", "--device", "cuda"],
}


@pytest.mark.parametrize("command", NO_GPU)
def test_without_cupy_it_is_one_line_and_status_2(command, tmp_path, monkeypatch, capsys):
    assert train(tmp_path / "run", "ring") == 0
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "cupy", None)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    capsys.readouterr()
    assert main(NO_GPU[command]) == 2
    out, err = capsys.readouterr()
    assert not out and "cannot compute on device cuda" in err and err.count("\n") == 1
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "ring", "--device", "tpu"], "--device must be one of cpu, cuda, got 'tpu'"),
        (["train", "ring", "--noise", "white"], "--noise must be one of host, device, got 'white'"),
        (["train", "ring", "--noise", "device"], "--noise device is for --device cuda"),
        (
            ["sample", "run", "-o", "x.npy", "--device", "tpu"],
            "--device must be one of cpu, cuda, got 'tpu'",
        ),
        (["check", "--device", "tpu"], "a device is one of cpu, cuda, got 'tpu'"),
        (["check", "own:loss", "--device", "cuda"], "does not go with a target"),
    ],
)
def test_places_that_there_are_not(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_the_noise_of_a_run_cannot_be_changed(pretended, tmp_path, capsys):
    assert train(tmp_path / "run", "ring", "--device", "cuda") == 0
    assert resume(tmp_path / "run", "--noise", "device") == 2
    assert "noise was 'host', got 'device'" in capsys.readouterr().err

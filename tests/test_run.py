"""Whole runs from the command line: what they leave behind, how they stop, and how they go on."""

import csv
import io
import json
import signal
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageSequence

from numgan import checkpoint
from numgan.cli import main
from numgan.errors import InputError
from numgan.run.choose import remarks
from numgan.run.config import Config
from numgan.study.plots import training_gif


@pytest.fixture
def pictures():
    """For tests that look at them."""


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch, request):
    """Drawing takes most of a short run: done where a test asks for `pictures`, and then of a few
    frames.
    """
    from numgan.run import loop, train_command

    monkeypatch.setattr(loop, "FRAMES", 4)
    monkeypatch.setattr(loop, "METRICS", 4)
    if "pictures" not in request.fixturenames:
        monkeypatch.setattr(train_command, "draw", lambda run: [])


SMALL = ["--steps", "60", "--batch", "16", "--hidden", "8,8", "--quiet"]
FILES = {
    "config.json",
    "metrics.csv",
    "checkpoint.npz",
    "samples.png",
    "training.png",
    "training.gif",
}


def train(folder, *options, dataset="ring"):
    return main(["train", dataset, "--out", str(folder), *SMALL, *options])


def bits(folder):
    """Everything in a run that depends on its numbers, to the bit."""
    arrays, about = checkpoint.load(folder / "checkpoint.npz")
    return (
        {name: array.tobytes() for name, array in arrays.items()},
        about,
        (folder / "metrics.csv").read_bytes(),
    )


def interrupt(monkeypatch, *stops):
    """Ctrl-C at these steps, once at each."""
    from numgan.dynamics import RuleTraining
    from numgan.training import Training

    left = set(stops)

    def interrupted(iteration, self):
        if self.iterations in left:
            left.remove(self.iterations)
            signal.raise_signal(signal.SIGINT)
        return iteration(self)

    for kind in (Training, RuleTraining):
        stopped = partial(interrupted, kind.iteration)
        monkeypatch.setattr(kind, "iteration", lambda self, stopped=stopped: stopped(self))


@pytest.mark.parametrize("dataset", ["ring", "gaussian", "digits", "moons"])
def test_a_run_leaves_its_files(tmp_path, dataset, capsys, pictures):
    assert train(tmp_path / "run", "--json", dataset=dataset) == 0
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
    said = json.loads(capsys.readouterr().out)
    assert said["V"]["optimum"] == -np.log(4) and said["D_real"]["optimum"] == 0.5
    rows = list(csv.DictReader((tmp_path / "run" / "metrics.csv").read_text().splitlines()))
    assert [int(float(row["step"])) for row in rows] == list(range(1, 61))
    assert all(
        np.isfinite(float(row[name])) for row in rows for name in ("V", "V_g", "norm_d", "norm_g")
    )
    assert all(0 < float(row[name]) < 1 for row in rows for name in ("D_real", "D_fake"))
    assert (tmp_path / "run" / "samples.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "run" / "training.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize(("dim", "shape"), [(1, None), (2, None), (64, (8, 8, 1))])
def test_a_frame_of_a_film_shows_its_own_samples_alone(dim, shape):
    first, last, data = np.random.default_rng(0).uniform(-1, 1, (3, 64, dim))
    alone = pixels(training_gif([last], [7], data, shape))
    film = pixels(training_gif([first, last], [3, 7], data, shape))
    assert len(alone) == 1 and len(film) == 2
    assert np.array_equal(film[1], alone[0]) and not np.array_equal(film[0], film[1])


def pixels(gif):
    """The frames of a film, as arrays."""
    frames = ImageSequence.Iterator(Image.open(io.BytesIO(gif)))
    return [np.array(frame.convert("RGB")) for frame in frames]


def test_same_seed_same_run_other_seed_other_run(tmp_path):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert train(tmp_path / name, "--seed", seed) == 0
    assert bits(tmp_path / "a") == bits(tmp_path / "b")
    assert bits(tmp_path / "a")[2] != bits(tmp_path / "c")[2]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "momentum", "nesterov", "rmsprop"])
@pytest.mark.parametrize("dataset", ["ring", "digits"])
def test_interrupting_and_resuming_gives_the_same_bits(
    tmp_path, optimizer, dataset, monkeypatch, capsys
):
    """Ctrl-C at arbitrary steps: the step is finished, the run saved, the status 130; --resume goes
    on.
    """
    options = ["--optimizer", optimizer, "--lr", "1e-3", "--k", "2"]
    assert train(tmp_path / "whole", *options, dataset=dataset) == 0
    interrupt(monkeypatch, 7, 31)
    assert train(tmp_path / "parts", *options, dataset=dataset) == 130
    assert "interrupted after step 8" in capsys.readouterr().err
    again = ["train", "--out", str(tmp_path / "parts"), "--resume", "--quiet"]
    assert main(again) == 130
    assert main(again) == 0
    assert bits(tmp_path / "whole") == bits(tmp_path / "parts")


def test_a_real_ctrl_c_reaches_a_real_process(tmp_path):
    """SIGINT to `python -m numgan train`: status 130, a checkpoint that loads, one line that says
    how to go on.
    """
    command = [
        sys.executable,
        "-m",
        "numgan",
        "train",
        "ring",
        "--out",
        str(tmp_path / "run"),
        "--steps",
        "1000000",
        "--hidden",
        "8",
        "--batch",
        "8",
        "--seed",
        "5",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    seen = threading.Event()

    def send():
        while not (tmp_path / "run" / "checkpoint.npz").exists():
            seen.wait(0.02)
        # let it get into the loop; earlier, Python's own KeyboardInterrupt gives the same status
        seen.wait(1.0)
        process.send_signal(signal.SIGINT)

    threading.Thread(target=send, daemon=True).start()
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in error
    checkpoint.load(tmp_path / "run" / "checkpoint.npz")


def test_a_finished_run_can_be_resumed_and_changes_nothing(tmp_path):
    train(tmp_path / "run")
    before = bits(tmp_path / "run")
    assert main(["train", "--out", str(tmp_path / "run"), "--resume", "--quiet"]) == 0
    assert bits(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--optimizer", "sgd", "--lr", "1e30"],
            "not finite after step 1: gradient, θ_g, θ̄_g of the generator",
        ),
        (
            ["--objective", "hinge", "--lr", "1e5", "--batch", "8"],
            "not finite after step 2: Adam's v of the discriminator",
        ),
        (
            ["--objective", "hinge", "--lr", "1e5", "--batch", "8", "--optimizer", "rmsprop"],
            "RMSProp's v of the",
        ),
        (
            ["--objective", "leastsquares", "--lr", "1e12", "--optimizer", "sgd"],
            "θ_g, θ̄_g of the generator",
        ),
    ],
    ids=["gradient", "Adam", "RMSProp", "θ"],
)
def test_divergence_is_named_and_the_last_good_checkpoint_kept(tmp_path, capsys, options, says):
    """Steps of 1e30 times a gradient overflow float32 at once. Where g² does, v of Adam and of
    RMSProp is infinite, and the player stands still at a finite θ. Resumed, it diverges again."""
    assert train(tmp_path / "run", *options) == 1
    error = capsys.readouterr().err
    assert says in error and "try a smaller --lr" in error and error.count("\n") == 1
    arrays, _ = checkpoint.load(tmp_path / "run" / "checkpoint.npz")
    assert all(
        np.isfinite(arrays[name]).all()
        for name in arrays
        if name.startswith(("theta", "optimizer"))
    )
    assert main(["train", "--out", str(tmp_path / "run"), "--resume", "--quiet"]) == 1
    assert capsys.readouterr().err == error


@pytest.mark.parametrize(
    ("quantity", "says"),
    [
        ("theta_d", "θ_d of the discriminator"),
        ("theta_g", "θ_g of the generator"),
        ("theta_bar", "θ̄_g of the generator"),
        ("optimizer_d", "Adam's m of the discriminator"),
        ("optimizer_g", "Adam's m of the generator"),
        ("dtheta_d", "gradient of the discriminator"),
        ("dtheta_g", "gradient of the generator"),
        ("V", "V on the minibatch of the discriminator"),
        ("V_g", "V_g on the minibatch of the generator"),
    ],
)
def test_every_quantity_is_looked_at_before_it_is_saved(
    tmp_path, monkeypatch, capsys, quantity, says
):
    """Each made infinite in one entry after step 30, at which the table has a row."""
    from numgan.run import loop
    from numgan.training import Training

    def spoilt(self, iteration=Training.iteration):
        discriminator, generator = iteration(self)
        if self.iterations == 30:
            arrays = {
                "dtheta_d": discriminator[0],
                "optimizer_d": self.optimizer_d.state["m"],
                "dtheta_g": generator[0],
                "optimizer_g": self.optimizer_g.state["m"],
            }
            if quantity not in ("V", "V_g"):
                arrays.get(quantity, getattr(self, quantity, None))[-1] = (
                    np.inf if "m" in says else np.nan
                )
        return discriminator, generator

    def observed(run, *steps, observed=loop.observed):
        row = observed(run, *steps)
        return (
            row | {quantity: np.inf} if run.training.iterations == 30 and quantity in row else row
        )

    monkeypatch.setattr(Training, "iteration", spoilt)
    monkeypatch.setattr(loop, "observed", observed)
    assert train(tmp_path / "run") == 1
    assert (
        f"not finite after step 30: {says}; the last good checkpoint, of step 27"
        in capsys.readouterr().err
    )
    assert checkpoint.load(tmp_path / "run" / "checkpoint.npz")[1]["iterations"] == 27


def test_a_large_gradient_is_no_divergence():
    """g·g overflows float32, and no number of the training does: ‖g‖ is told all the same."""
    from types import SimpleNamespace

    from numgan.game import DiscriminatorStep, GeneratorStep
    from numgan.objectives import OBJECTIVES
    from numgan.optimizers import Optimizer
    from numgan.run.finite import Diverged, check_finite
    from numgan.run.loop import norm

    g = np.array([3e25, -4e25], np.float32)
    assert norm(g) == pytest.approx(5e25, rel=1e-7)  # of float32
    assert norm(np.float32([3, 4])) == 5
    training = SimpleNamespace(
        iterations=1,
        theta_d=g,
        theta_g=g,
        theta_bar=g,
        game=SimpleNamespace(objective=OBJECTIVES["f-kl"]),
        optimizer_d=Optimizer(0.1),
        optimizer_g=Optimizer(0.1),
    )
    a, tall = np.float32([[0.0]]), np.float32([[100.0]])
    d = DiscriminatorStep(g, a, a, [])
    with np.errstate(over="ignore"):
        check_finite(training, d, GeneratorStep(g, a, []), whole=False)
        with pytest.raises(Diverged, match="gradient of the generator$"):
            check_finite(training, d, GeneratorStep(g * np.float32(1e30), a, []), whole=False)
        with pytest.raises(
            Diverged,
            match=r"gradient of the generator: −exp\(a − 1\) is beyond "
            r"float32 at a = 100",
        ):
            check_finite(training, d, GeneratorStep(g * np.float32(1e30), tall, []), whole=False)


def test_a_discriminator_that_is_worse_than_blind_is_told(tmp_path, capsys):
    """Adam with η = 1: every number is finite, and V far below −log 4, which a D of logit 0
    everywhere has.
    """
    from numgan.metrics import Estimate
    from numgan.run.summary import Summary

    def doubt(V, blind):
        e = Estimate(V, 0.0, 0.0)
        return Summary(e, e, e, 0.0, {}, True, blind).doubt()

    assert "V = -2.272e+04 is far below -1.386" in doubt(-22716.0, -np.log(4))
    assert doubt(-3.0, -np.log(4)) and doubt(np.nan, -2.0) and doubt(-np.inf, -2.0)
    assert not doubt(-1.4, -np.log(4)) and not doubt(-0.1, -2.0)
    assert not doubt(-50.0, 0.0)  # wasserstein's, for which no bound is known
    assert train(tmp_path / "run", "--lr", "1", "--ema", "0") == 0
    error = capsys.readouterr().err
    assert not error or ("far below" in error and error.count("\n") == 1)


@pytest.mark.parametrize("suffix", ["png", "npy", "npz"])
@pytest.mark.parametrize("dataset", ["ring", "digits"])
def test_sample(tmp_path, suffix, dataset, capsys):
    train(tmp_path / "run", dataset=dataset)
    output = tmp_path / f"samples.{suffix}"
    assert main(["sample", str(tmp_path / "run"), "-n", "10", "-o", str(output)]) == 0
    shape = (10, 2) if dataset == "ring" else (10, 8, 8, 1)
    assert capsys.readouterr().out == f"wrote 10 samples of shape {shape[1:]} to {output}\n"
    if suffix == "npy":
        assert np.load(output).shape == shape
    elif suffix == "npz":
        assert np.load(output)["samples"].shape == shape
    else:
        assert output.read_bytes().startswith(b"\x89PNG")


BAD = {
    "unknown data set": (["train", "rings"], "unknown data set 'rings'"),
    "no data set": (["train"], "name a data set"),
    "unknown objective": (
        ["train", "ring", "--objective", "hope"],
        "--objective must be one of minimax",
    ),
    "unknown optimizer": (
        ["train", "ring", "--optimizer", "hope"],
        "--optimizer must be one of sgd",
    ),
    "unknown activation": (
        ["train", "ring", "--activation", "hope"],
        "--activation must be one of relu",
    ),
    "unknown activation of D": (
        ["train", "ring", "--activation-d", "hope"],
        "--activation-d must be one of relu",
    ),
    "unknown schedule": (
        ["train", "ring", "--schedule", "hope"],
        "--schedule must be one of constant",
    ),
    "unknown dtype": (["train", "ring", "--dtype", "float16"], "--dtype must be one of float32"),
    "k": (["train", "ring", "--k", "0"], "--k must be a whole number of at least 1, got 0"),
    "steps": (
        ["train", "ring", "--steps", "-3"],
        "--steps must be a whole number of at least 1, got -3",
    ),
    "batch": (
        ["train", "ring", "--batch", "0"],
        "--batch must be a whole number of at least 1, got 0",
    ),
    "latent": (["train", "ring", "--latent", "0"], "--latent must be"),
    "hidden": (["train", "ring", "--hidden", "8,0"], "--hidden must be"),
    "hidden text": (
        ["train", "ring", "--hidden", "wide"],
        "must be widths like 128,128, got 'wide'",
    ),
    "seed": (["train", "ring", "--seed", "-1"], "--seed must be a whole number of at least 0"),
    "beta1": (
        ["train", "ring", "--beta1", "-1"],
        "--beta1 must be a finite number above -1 and below 1, got -1.0",
    ),
    "beta1 of 1": (
        ["train", "ring", "--beta1", "1"],
        "--beta1 must be a finite number above -1 and below 1, got 1.0",
    ),
    "more than 64 bits": (
        ["train", "ring", "--steps", str(2**63)],
        "--steps must be a whole number below 2⁶³",
    ),
    "batch beyond memory": (["train", "ring", "--batch", str(10**12)], f"--batch {10**12} takes"),
    "hidden beyond memory": (
        ["train", "ring", "--hidden", "100000000,100000000"],
        "--hidden 100000000,100000000",
    ),
    "channels beyond memory": (
        ["train", "digits", "--arch", "dcgan", "--hidden", "100000000,100000000"],
        "--hidden 100000000,100000000",
    ),
    "latent beyond memory": (["train", "ring", "--latent", str(10**12)], f"--latent {10**12}"),
    "pack beyond memory": (["train", "ring", "--pack", str(10**12)], f"--pack {10**12}"),
    "lr": (["train", "ring", "--lr", "nan"], "--lr must be a finite number of at least 0, got nan"),
    "lr text": (["train", "ring", "--lr", "fast"], "invalid float value: 'fast'"),
    "ema": (
        ["train", "ring", "--ema", "1"],
        "--ema must be a finite number of at least 0 and below 1, got 1.0",
    ),
    "unknown option": (
        ["train", "ring", "--fast"],
        "there is no option --fast (see numgan train --help)",
    ),
    "batch of all": (
        ["train", "digits", "--batch", "1798"],
        "--batch 1798 is larger than the data, which has 1797",
    ),
    "data for ring": (
        ["train", "ring", "--data", "x.npy"],
        "'ring' is no data of yours: leave --data out",
    ),
    "no data for file": (["train", "file"], "'file' needs --data PATH"),
    "no name for data": (["train", "--data", ""], "'file' needs --data PATH"),
    "no such file": (["train", "--data", "nothing.npy"], "nothing.npy"),
    "a name that is too long": (
        ["train", "--data", "x" * 300 + ".npy"],
        "xxx.npy: File name too long",
    ),
    "a folder too long": (
        ["train", "ring", "--hidden", "8", "--out", "new/" + "x" * 300],
        "cannot make",
    ),
    "resume without out": (["train", "ring", "--resume"], "--resume needs --out FOLDER"),
    "resume nothing": (
        ["train", "--resume", "--out", "nothing"],
        "cannot read nothing/config.json",
    ),
    "unknown command": (["fly"], "there is no command 'fly'; there are train,"),
    "sample of nothing": (["sample", "nothing", "-o", "x.png"], "cannot read nothing/config.json"),
    "sample format": (["sample", "nothing", "-o", "x.bmp"], "must end in .png, .npy, .npz"),
    "sample count": (
        ["sample", "nothing", "-n", "0", "-o", "x.png"],
        "-n must be a whole number of at least 1",
    ),
    "sample count of more than 64 bits": (
        ["sample", "nothing", "-n", str(2**63), "-o", "x.png"],
        "below 2⁶³, got",
    ),
}


@pytest.mark.parametrize("arguments, says", BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_status_2(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error and error.startswith("numgan: ") and error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "kind"),
    [("iteration", MemoryError), ("latents", MemoryError), ("iteration", InputError)],
)
def test_a_run_that_comes_to_nothing_leaves_nothing(tmp_path, monkeypatch, capsys, where, kind):
    """Refused in `start`, which draws latents for the first frame, or in a step before anything was
    saved: the same --out is free again, and what else is in it stays."""
    from numgan.training import Training

    before = getattr(Training, where)

    def refuse(self, *_):
        if self.iterations >= (2 if where == "iteration" else 0):
            raise kind("Unable to allocate 9 TiB")
        return before(self, *_)

    monkeypatch.setattr(Training, where, refuse)
    out = tmp_path / "runs" / "here"
    assert train(out) == 2
    error = capsys.readouterr().err
    assert "Unable to allocate 9 TiB" in error and error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
    out.mkdir(parents=True)
    (out / "notes.txt").write_text("mine")
    assert train(out) == 2
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_memory_that_ends_later_keeps_what_was_saved(tmp_path, monkeypatch, capsys):
    from numgan.training import Training

    def ends(self, before=Training.iteration):
        if self.iterations == 31:
            raise MemoryError
        return before(self)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "iteration", ends)
        assert train(tmp_path / "run") == 2
    assert capsys.readouterr().err == "numgan: not enough memory: ask for less\n"
    assert main(["train", "--out", str(tmp_path / "run"), "--resume", "--quiet"]) == 0
    train(tmp_path / "whole")
    assert bits(tmp_path / "run") == bits(tmp_path / "whole")


def test_more_samples_than_memory_holds(tmp_path, capsys):
    train(tmp_path / "run")
    assert (
        main(
            ["sample", str(tmp_path / "run"), "-n", str(2 * 10**11), "-o", str(tmp_path / "x.npy")]
        )
        == 2
    )
    error = capsys.readouterr().err
    # (2 of z + twice 2) · 4 bytes each
    assert f"-n {2 * 10**11} takes 4,470.3 GiB" in error and error.count("\n") == 1
    assert not (tmp_path / "x.npy").exists()


def test_another_run_is_never_overwritten(tmp_path, capsys):
    train(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert train(tmp_path / "run", "--seed", "9") == 2
    assert "holds another run" in capsys.readouterr().err
    assert main(["train", "--out", str(tmp_path / "run"), "--resume", "--lr", "0.5"]) == 2
    assert "--lr was" in capsys.readouterr().err
    assert main(["train", "--out", str(tmp_path / "run"), "--resume", "--steps", "70"]) == 2
    assert (
        "--steps was 60, got 70; the schedule of this run ends at step 60"
        in capsys.readouterr().err
    )
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


@pytest.mark.parametrize("name", ["samples.png", "metrics.csv"])
def test_a_file_that_a_run_would_write_over_is_in_its_way(tmp_path, capsys, name):
    (tmp_path / name).write_text("mine")
    assert train(tmp_path) == 2
    assert f"holds another run ({name})" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name] and (
        tmp_path / name
    ).read_text() == "mine"


@pytest.mark.parametrize(
    "options",
    [
        ["grid", "--penalty", "none"],
        ["grid", "--penalty", "r1", "--weight", "1", "--every", "2"],
        ["digits"],
        [
            "ring",
            "--activation-d",
            "relu",
            "--lr-d",
            "1e-3",
            "--ema",
            "0",
            "--clip",
            "1",
            "--pack",
            "2",
        ],
        ["digits", "--conditional", "--json"],
    ],
    ids=" ".join,
)
def test_a_run_goes_on_with_its_own_command_line(tmp_path, options):
    command = ["train", *options, *SMALL, "--out", str(tmp_path / "run")]
    assert main(command) == 0
    before = bits(tmp_path / "run")
    assert main([*command, "--resume"]) == 0
    assert bits(tmp_path / "run") == before


def test_the_default_folder_is_the_next_free_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["train", "ring", *SMALL]) == 0
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["ring", "ring-2"]


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert train(tmp_path / "file" / "run") == 2
    assert "cannot make the folder" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_damaged_checkpoint_and_a_foreign_configuration_are_refused(tmp_path, capsys):
    train(tmp_path / "run")
    path = tmp_path / "run" / "checkpoint.npz"
    content = path.read_bytes()
    again = ["train", "--out", str(tmp_path / "run"), "--resume"]
    path.write_bytes(content[: len(content) // 2])
    assert main(again) == 2 and "damaged" in capsys.readouterr().err
    path.write_bytes(content)
    config = tmp_path / "run" / "config.json"
    config.write_text(config.read_text().replace('"batch": 16', '"batch": 17'))
    assert main(again) == 2 and "different runs" in capsys.readouterr().err
    for strange in (
        "{}",
        "[" * 100_000,
        json.dumps(json.loads(config.read_text()) | {"lr": 10**400}),
    ):
        config.write_text(strange)
        assert main(again) == 2
        error = capsys.readouterr().err
        assert "no configuration of a run" in error and error.count("\n") == 1


def test_importing_numgan_is_light():
    """What draws, shows progress, or needs a GPU is imported where it is used."""
    heavy = "('matplotlib', 'PIL', 'tqdm', 'cupy', 'scipy')"
    code = f"import sys, numgan, numgan.cli; print([m for m in {heavy} if m in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"


def test_a_conditional_run_is_asked_for_classes(tmp_path, capsys):
    folder = tmp_path / "run"
    assert train(folder, "--conditional", "--json", dataset="digits") == 0
    said = json.loads(capsys.readouterr().out)
    assert {"precision", "recall", "class accuracy", "MMD² of features"} <= set(said)
    # ten of each class
    assert checkpoint.load(folder / "checkpoint.npz")[0]["frames"].shape[1:] == (100, 64)
    for klass, status in (("3", 0), ("10", 2)):
        assert (
            main(
                [
                    "sample",
                    str(folder),
                    "-n",
                    "5",
                    "-o",
                    str(tmp_path / "five.npy"),
                    "--class",
                    klass,
                ]
            )
            == status
        )
    assert np.load(tmp_path / "five.npy").shape == (5, 8, 8, 1)
    file = tmp_path / "all.npz"
    for options, classes in (([], None), (["--class", "3"], [3] * 40)):
        assert main(["sample", str(folder), "-n", "40", "-o", str(file), *options]) == 0
        with np.load(file) as drawn:
            assert drawn["samples"].shape == (40, 8, 8, 1) and drawn["classes"].shape == (40,)
            assert classes is None or drawn["classes"].tolist() == classes
            assert set(drawn["classes"]) <= set(range(10))
    assert train(tmp_path / "plain", "--json", dataset="digits") == 0
    assert (
        main(["sample", str(tmp_path / "plain"), "-o", str(tmp_path / "x.npy"), "--class", "1"])
        == 2
    )
    assert "--conditional" in capsys.readouterr().err


def test_convolutions_from_the_command_line(tmp_path, capsys):
    options = ("--arch", "dcgan", "--hidden", "8,4", "--steps", "4", "--json")
    assert train(tmp_path / "run", *options, dataset="digits") == 0
    assert json.loads(capsys.readouterr().out)["V"]["value"] < 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--conditional"], "no classes"),
        (["--arch", "dcgan"], "for images"),
        (["--weight", "1"], "--penalty"),
        (["--every", "2"], "--penalty"),
        (["--penalty", "r3"], "one of r1"),
        (["--penalty", "r1,r2", "--weight", "0.1"], "r1,r2 takes 2 weights, got 1"),
        (["--penalty", "r1", "--weight", "0.1,0.2"], "r1 takes 1 weight, got 2"),
        (["--penalty", "r1,r1"], "names r1 twice"),
        (["--cost-weight", "1"], "name one with --cost"),
        (["--rule", "sideways"], "alternating"),
        (["--rule", "lola", "--k", "2"], "--k must be 1, got 2"),
        (["--rule", "competitive"], "add --optimizer sgd"),
        (["--strength", "1"], "--rule alternating has no --strength"),
        (["--rule", "lola", "--horizon", "2"], "--rule lola has no --horizon"),
        (["--cost", "transport", "--latent", "3"], "choose --latent as long as a row"),
        (["--objective", "hinge", "--smoothing", "0.1"], "labels to smooth"),
        (["--clip", "-1"], "--clip"),
        (["--pack", "0"], "--pack"),
        (["--spectrum", "-1"], "--spectrum"),
    ],
)
def test_games_that_cannot_be_are_refused_in_one_line(tmp_path, capsys, options, said):
    assert train(tmp_path / "run", *options) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "q"),
    [
        ({"penalty": "r1", "weight": 10, "every": 4, "lr": 0.1, "optimizer": "sgd"}, "4"),
        # γ = 1 + 2·2
        ({"penalty": "r1,zero-gp", "weight": (1.0, 2.0), "every": 10, "lr_d": 0.1}, "5"),
        ({"penalty": "r1", "weight": 10, "every": 4, "lr": 0.04}, None),
        ({"penalty": "wgan-gp", "weight": 1000, "lr": 0.1}, None),  # its slope rests at 1
        ({}, None),
    ],
)
def test_E56_a_penalty_beyond_the_limit_of_plain_steps_is_told(given, q):
    said = " ".join(remarks(Config("ring", **given)))
    assert (f"ηγn = {q} " in said) == (q is not None) and ("E56" in said) == (q is not None)
    assert ("adam's steps are not plain" in said) == (q == "5")


@pytest.mark.parametrize(
    "options",
    [
        ["--objective", "wasserstein", "--penalty", "wgan-gp", "--every", "3"],
        ["--objective", "relativistic", "--penalty", "dragan"],
        ["--objective", "hinge", "--clip", "0.05"],
        ["--pack", "3", "--smoothing", "0.1"],
        "--rule extraadam --penalty r1 --every 3".split(),
        "--rule lookahead --horizon 7 --clip 0.1 --objective wasserstein".split(),
        "--objective paired --penalty r1,dragan --weight 0.1,0.2 --every 2 --pack 2 "
        "--cost transport,decay --cost-weight 0.01,1e-3".split(),
    ],
    ids=" ".join,
)
def test_every_game_runs_and_goes_on(tmp_path, options, monkeypatch):
    """Stopped and resumed it gives the same bits as in one piece, eigenvalues included."""
    options = [*options, "--spectrum", "20"]
    assert train(tmp_path / "whole", *options) == 0
    interrupt(monkeypatch, 31)
    assert train(tmp_path / "parts", *options) == 130
    assert main(["train", "--out", str(tmp_path / "parts"), "--resume", "--quiet"]) == 0
    assert bits(tmp_path / "whole") == bits(tmp_path / "parts")
    spectra = checkpoint.load(tmp_path / "parts" / "checkpoint.npz")[0]["spectra"]
    assert spectra.shape[0] == 4 and np.iscomplexobj(spectra)  # steps 0, 20, 40, 60

"""Commands that a person would guess: names in any spelling, a run by its name, --epochs, and what
a typo meant.
"""

import json
import os
import subprocess
import sys
from math import ceil

import numpy as np
import pytest

from numgan.cli import COMMANDS, main, parser
from numgan.data import DATASETS, dataset
from numgan.errors import InputError
from numgan.layers import ACTIVATIONS
from numgan.names import plain, spellings
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES
from numgan.run import loop, train_command
from numgan.run.config import Config
from numgan.run.options import OneOf, kind_of
from numgan.run.train_command import configuration

SMALL = ["--steps", "3", "--batch", "8", "--hidden", "4", "--quiet"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The working directory is one of our own; of runs no pictures are drawn."""
    monkeypatch.setattr(train_command, "draw", lambda run: [])
    monkeypatch.setattr(loop, "FRAMES", 2)
    monkeypatch.setattr(loop, "METRICS", 1)
    monkeypatch.chdir(tmp_path)


def read(*arguments):
    """The configuration that a command line of `numgan train` asks for."""
    return configuration(parser().parse_args(["train", *arguments]))


def refused(capsys, *arguments):
    """The one line that refuses a command line."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert err.startswith("numgan: ") and err.count("\n") == 1 and not out
    return err


@pytest.mark.parametrize(
    "arguments", [[], ["help"], ["--help"], *([name, "--help"] for name in COMMANDS)]
)
def test_help(arguments, capsys):
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith("usage: numgan") and not err
    assert arguments not in ([], ["help"]) or all(name in out for name in COMMANDS)


@pytest.mark.parametrize(
    ("option", "text", "name"),
    [
        ("dataset", "swiss-roll", "swissroll"),
        ("dataset", "Swiss_Roll", "swissroll"),
        ("dataset", "RING", "ring"),
        ("dataset", "fashion_small", "fashion-small"),
        ("dataset", "fashionMNIST", "fashion"),
        ("objective", "lsgan", "leastsquares"),
        ("objective", "Least-Squares", "leastsquares"),
        ("objective", "WGAN", "wasserstein"),
        ("objective", "ns", "nonsaturating"),
        ("objective", "bce", "nonsaturating"),
        ("objective", "non_saturating", "nonsaturating"),
        ("objective", "jsd", "f-js"),
        ("objective", "F_KL", "f-kl"),
        ("objective", "gan", "nonsaturating"),
        ("objective", "RaGAN", "relativistic"),
        ("penalty", "WGAN_GP", "wgan-gp"),
        ("penalty", "gp", "wgan-gp"),
        ("penalty", "R1", "r1"),
        ("penalty", "None", "none"),
        ("optimizer", "Adam", "adam"),
        ("optimizer", "RMSprop", "rmsprop"),
        ("activation", "LeakyReLU", "leaky_relu"),
        ("activation_d", "leaky-relu", "leaky_relu"),
        ("activation", "swish", "silu"),
        ("schedule", "Cosine", "cosine"),
        ("arch", "DCGAN", "dcgan"),
        ("dtype", "Float64", "float64"),
        ("device", "GPU", "cuda"),
    ],
)
def test_a_name_in_any_spelling(option, text, name):
    assert kind_of(Config, option).read(text) == name


def test_no_two_names_of_a_table_are_spelled_alike():
    """Nor an alias like a name of another row: it would never be reached."""
    for field in Config.__dataclass_fields__.values():
        kind = field.metadata["kind"]
        if isinstance(kind, OneOf):
            rows = kind.choices if isinstance(kind.choices, dict) else {}
            of_rows = [alias for row in rows.values() for alias in getattr(row, "aliases", ())]
            texts = [plain(text) for text in [*kind.choices, *of_rows, *kind.aliases]]
            assert len(texts) == len(set(texts)), field.name
            assert set(spellings(kind.choices, kind.aliases).values()) <= set(kind.choices), (
                field.name
            )


def test_the_configuration_holds_the_canonical_name_and_takes_no_other():
    config = read("Swiss-Roll", "--objective", "LSGAN", "--optimizer", "Adam", "--penalty", "R2")
    assert config == read(
        "swissroll", "--objective", "leastsquares", "--optimizer", "adam", "--penalty", "r2"
    )
    assert json.loads(config.json())["objective"] == "leastsquares"
    assert read("grid", "--penalty", "NONE").penalty is None
    with pytest.raises(
        InputError, match="--optimizer must be one of sgd.*got 'Adam', did you mean adam\\?"
    ):
        Config("ring", optimizer="Adam")


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (["--learning-rate", "0.5"], "lr", 0.5),
        (["--batch-size", "9"], "batch", 9),
        (["--iterations", "7"], "steps", 7),
        (["--n-critic", "5"], "k", 5),
        (["--penalty", "r1", "--lambda", "3"], "weight", 3.0),
        (["--latent-dim", "4"], "latent", 4),
    ],
)
def test_an_option_by_the_name_that_others_give_it(words, field, value):
    assert getattr(read("ring", *words), field) == value


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trian", "ring"], "there is no command 'trian', did you mean train? There are train,"),
        (["digits"], "'digits' is no command, but a data set: numgan train digits"),
        (["train", "rings"], "unknown data set 'rings', did you mean ring? There are gaussian"),
        (
            ["train", "ring", "--stesp", "3"],
            "there is no option --stesp, did you mean --steps? (see numgan train --help)",
        ),
        (["train", "ring", "--sedd=3"], "did you mean --seed?"),
        (
            ["sample", "run", "--sede", "1", "-o", "x.png"],
            "did you mean --seed? (see numgan sample --help)",
        ),
        (["train", "ring", "--objective", "hinje"], "got 'hinje', did you mean hinge?"),
        (["train", "ring", "--objective", "lsgn"], "got 'lsgn', did you mean leastsquares?"),
        (
            ["train", "ring", "--objective", "wgan-gp"],
            "write --objective wasserstein --penalty wgan-gp",
        ),
        (
            ["train", "ring", "--objective", "WGAN_GP"],
            "write --objective wasserstein --penalty wgan-gp",
        ),
        (["train", "ring", "moons"], "'moons' is one argument too many (see numgan train --help)"),
        (["train", "ring", "--dataset", "moons"], "dataset is given twice: 'ring' and 'moons'"),
        (["train", "ring", "--lat", "3"], "ambiguous option: --lat could match --latent"),
        (["trace", "file"], "train on your data, then trace the run with --run FOLDER"),
        (["trace", "rign"], "got 'rign', did you mean ring?"),
        (["train", "ring", "--out", ""], "expected a path, got an empty name"),
        (["check", "--device", "cpuu"], "cpuu"),
    ],
)
def test_what_a_typo_meant(arguments, says, capsys, tmp_path):
    assert says in refused(capsys, *arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["rows.csv", "rows.npy", "folder/rows", "there"])
def test_a_path_in_the_place_of_the_data_set_is_data(name, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "digits").mkdir()  # a data set's name is a data set
    config = read(name)
    assert (config.dataset, config.data) == ("file", name)
    assert read("digits").data is None


def test_a_path_that_is_not_there_is_looked_for(capsys):
    assert "no such file: " in refused(capsys, "train", "rows.csv")
    assert "given twice" in refused(capsys, "train", "rows.csv", "--data", "other.csv")


@pytest.mark.parametrize("words", [["ring"], ["--dataset", "Ring"], ["ring", "--dataset", "ring"]])
def test_trace_takes_a_data_set_as_train_does(words, capsys):
    assert main(["trace", *words]) == 0
    assert "the data are ring" in " ".join(capsys.readouterr().out.split())
    assert read(*words).dataset == "ring"


def test_a_run_by_its_name(tmp_path, capsys):
    """The newest by the time when it was begun; what exists at the place itself wins; other names
    are no runs of it.
    """
    for _ in range(3):
        assert main(["train", "Ring", *SMALL]) == 0
    (tmp_path / "runs" / "ring-x").mkdir()
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == [
        "ring",
        "ring-2",
        "ring-3",
        "ring-x",
    ]
    for number, name in enumerate(("ring", "ring-3", "ring-2")):
        os.utime(tmp_path / "runs" / name / "config.json", (1e9, 1e9 + number))
    capsys.readouterr()
    assert main(["sample", "RING", "-n", "3", "-o", "x.npy"]) == 0
    assert (
        capsys.readouterr().err
        == f"numgan: the run is {loop.Path('runs/ring-2')}, the newest of 3\n"
    )
    assert main(["trace", "--run", "ring-3", "--layer", "D:0"]) == 0
    assert capsys.readouterr().err == f"numgan: the run is {loop.Path('runs/ring-3')}\n"
    assert main(["trace", "runs/ring"]) == 0
    assert "Here of runs/ring at step 3" in " ".join(capsys.readouterr().out.split())
    assert main(["train", "--resume", "--out", "ring-3", "--quiet"]) == 0
    os.rename("runs/ring-3", "ring")
    capsys.readouterr()
    assert main(["sample", "ring", "-n", "3", "-o", "x.npy"]) == 0
    assert capsys.readouterr().err == ""
    assert "cannot read moons/config.json" in refused(capsys, "sample", "moons", "-o", "x.npy")


@pytest.mark.parametrize(("epochs", "k", "m"), [(1.0, 1, 64), (2.5, 3, 50), (1e-9, 1, 64)])
def test_epochs_are_steps_in_which_d_sees_the_rows_so_often(epochs, k, m):
    options = ("digits", "--epochs", str(epochs), "--k", str(k), "--batch", str(m))
    steps, R = read(*options).steps, dataset("digits").rows
    assert steps == max(1, ceil(epochs * R / (k * m)))
    assert (steps - 1) * k * m <= max(epochs * R, 1) <= max(steps * k * m, 1)


def test_epochs_where_they_say_nothing(capsys, tmp_path):
    assert "'ring' is drawn afresh, so say --steps N" in refused(
        capsys, "train", "ring", "--epochs", "2"
    )
    assert "--epochs and --steps" in refused(
        capsys, "train", "digits", "--epochs", "2", "--steps", "3"
    )
    for wrong in ("0", "-1", "nan", "inf"):
        assert "--epochs must be a finite number above 0" in refused(
            capsys, "train", "digits", f"--epochs={wrong}"
        )
    assert not list(tmp_path.iterdir())


def test_a_run_of_epochs_goes_on_with_its_own_command_line(capsys):
    np.save("rows.npy", np.random.default_rng(0).standard_normal((40, 2)))
    command = [
        "train",
        "rows.npy",
        "--epochs",
        "1",
        "--held",
        "0",
        "--batch",
        "8",
        "--hidden",
        "4",
        "--quiet",
        "--out",
        "run",
    ]
    assert main(command) == 0 and main([*command, "--resume"]) == 0
    assert Config.read(loop.Path("run/config.json")).steps == 5
    command[3] = "2"
    assert "--steps was 5, got 10" in refused(capsys, *command, "--resume")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--objective", "wgan"],
            "wasserstein wants a D with bounded slope: add --penalty wgan-gp, or --clip 0.01",
        ),
        (["--objective", "wgan", "--clip", "0.01"], ""),
        (["--objective", "wgan", "--penalty", "r1"], ""),
        (["--objective", "hinge", "--clip", "0.01"], "--clip is for wasserstein: hinge plays with"),
        ([], ""),
    ],
)
def test_what_is_hardly_meant_is_told_once_and_trained(options, says, capsys):
    command = ["train", "ring", *SMALL, *options, "--out", "run"]
    assert main(command) == 0
    err = capsys.readouterr().err
    assert err.count("\n") == (1 if says else 0) and says in err
    assert main([*command, "--resume"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["gaussian", "ring"])
def test_the_metric_of_the_curve_is_that_of_the_table(name, capsys):
    """One estimator: of the last step of the run, both say the same number, to the nine digits of
    the file.
    """
    assert main(["train", name, *SMALL, "--json", "--out", "run"]) == 0
    said = json.loads(capsys.readouterr().out)
    head, *_, last = (
        line.split(",") for line in loop.Path("run/metrics.csv").read_text().splitlines()
    )
    assert float(last[-1]) == pytest.approx(said[head[-1]]["value"], rel=1e-8)


def test_every_table_is_in_the_help(capsys):
    main(["train", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    for name in [*DATASETS, *OBJECTIVES, *PENALTIES, *OPTIMIZERS, *ACTIVATIONS]:
        assert name in words.replace("- ", "-")
    assert "leastsquares or ls or lsgan" in words


def test_a_command_imports_only_its_own_module():
    """Which is most of the time that it needs to start: a version is told without NumPy."""
    code = (
        "import sys; from numgan.cli import main; main(sys.argv[1:]); "
        "print([name for name in ('numpy', 'numgan.book.command', 'numgan.run.train_command') "
        "if name in sys.modules])"
    )

    def loaded(*arguments):
        command = [sys.executable, "-c", code, *arguments]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return said.strip().split("\n")[-1]

    assert loaded("--version") == "[]"
    assert "train_command" not in loaded("book", "--help")

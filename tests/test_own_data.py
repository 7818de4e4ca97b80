"""A run on the user's own data: it speaks their units, finds them from anywhere, and notices when
they have changed.
"""

import csv
import re
from dataclasses import fields

import numpy as np
import pytest

from numgan import checkpoint
from numgan.cli import main
from numgan.data import Choices, dataset
from numgan.run import loop, train_command
from numgan.study.plots import TILES, sheet

CHOICES = [field.name for field in fields(Choices)]

SMALL = ["--steps", "60", "--batch", "16", "--hidden", "8,8", "--quiet"]
MEANS, SPREADS = np.array([1000.0, 0.0, -20.0]), np.array([1.0, 2.0, 3.0])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The working directory is one of our own, with rows.npy in it;
    of runs no pictures are drawn."""
    monkeypatch.setattr(train_command, "draw", lambda run: [])
    monkeypatch.setattr(loop, "FRAMES", 4)
    monkeypatch.setattr(loop, "METRICS", 4)
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", rows())


def rows(n=300):
    return MEANS + SPREADS * np.random.default_rng(0).standard_normal((n, 3))


def train(*options, data="rows.npy", out="run"):
    return main(["train", "--data", data, "--out", out, *SMALL, *options])


def sampled(*options, run="run", file="s.npz"):
    """The samples, and their classes or None."""
    assert main(["sample", run, "-o", file, *options]) == 0
    if file.endswith(".npy"):
        return np.load(file), None
    with np.load(file) as drawn:
        return drawn["samples"], drawn.get("classes")


@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_samples_are_in_the_units_of_the_rows(kind):
    """The networks see rows of mean 0 and spread 1: without the way back the first column would be
    a thousand spreads off. So short a training leaves the means within 0.2 spreads and the spreads
    within 10 % with each of six seeds; half a spread, and a factor of 2, is room for a seventh."""
    if kind == "csv":
        with open("rows.csv", "w", newline="") as file:
            csv.writer(file).writerows(rows().tolist())
    penalty = ("--penalty", "r1", "--weight", "0.3", "--ema", "0.99")
    options = ("--steps", "1500", "--batch", "64", "--hidden", "32,32", "--latent", "3", *penalty)
    assert train(*options, data=f"rows.{kind}") == 0
    x, _ = sampled("-n", "2000", file="s.npy")
    assert (abs(x.mean(0) - MEANS) <= 0.5 * SPREADS).all()
    assert ((0.5 * SPREADS <= x.std(0)) & (x.std(0) <= 2 * SPREADS)).all()


def test_samples_are_the_generators_brought_back_and_no_more():
    assert train() == 0
    x, classes = sampled("-n", "50", "--seed", "3")
    run = loop.resume(loop.Path("run"))
    assert np.array_equal(x, run.data.original(run.generate(run.drawn(50, 3)))) and classes is None


@pytest.mark.parametrize(
    ("images", "low", "high"),
    [
        (np.random.default_rng(0).integers(0, 256, (30, 4, 4)), 0, 255),
        (np.random.default_rng(0).random((30, 4, 4, 3)), 0, 1),
        (np.random.default_rng(0).uniform(-1, 1, (30, 4, 4)), -1, 1),
    ],
    ids=["0 to 255", "0 to 1", "-1 to 1"],
)
def test_pixels_are_in_the_units_of_the_pictures(images, low, high, capsys):
    """tanh leaves no pixel outside, but for a rounding of the way back; one that has hardly learnt
    is grey.
    """
    np.save("images.npy", images)
    assert train("--batch", "8", data="images.npy") == 0
    x, _ = sampled("-n", "40")
    shape = (4, 4, images.shape[3] if images.ndim == 4 else 1)
    assert (
        x.shape == (40, *shape)
        and f"wrote 40 samples of shape {shape} to s.npz" in capsys.readouterr().out
    )
    assert low - 1e-4 <= x.min() and x.max() <= high + 1e-4
    assert abs(x.mean() - (low + high) / 2) <= (high - low) / 4


def test_a_run_is_found_from_anywhere_and_goes_on_with_its_own_command_line(tmp_path, monkeypatch):
    assert train() == 0
    before = (tmp_path / "run" / "checkpoint.npz").read_bytes()
    assert train("--resume") == 0  # with a path as it was given, and as the run has it
    assert train("--resume", data=str(tmp_path / "rows.npy")) == 0
    assert checkpoint.load(tmp_path / "run" / "checkpoint.npz")[1]["config"]["data"] == str(
        tmp_path / "rows.npy"
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    sampled(run="../run")
    assert main(["report", "../run"]) == 0
    assert train("--resume", data="../rows.npy", out="../run") == 0
    assert main(["train", "--out", "../run", "--resume", "--quiet"]) == 0
    assert train("--resume", out="../run") == 2  # there is no rows.npy here
    assert (tmp_path / "run" / "checkpoint.npz").read_bytes() == before  # it was finished


COMMANDS = {
    "resume": ["train", "--out", "run", "--resume", "--quiet"],
    "sample": ["sample", "run", "-o", "x.npy"],
    "report": ["report", "run"],
}


CHANGES = {
    "scaled, and the same once it is standardised": lambda x: 3 * x + 7,
    "reversed": lambda x: x[::-1],
    "shorter": lambda x: x[:-1],
    "narrower": lambda x: x[:, :2],
    "by a bit": lambda x: np.nextafter(x, np.inf),
}


def test_data_that_have_changed_are_noticed(tmp_path, capsys):
    assert train() == 0
    before = {path: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    for how, change in CHANGES.items():
        np.save("rows.npy", change(rows()))
        for command in COMMANDS.values():
            capsys.readouterr()
            assert main(command) == 2, how
            says = f"numgan: {tmp_path / 'rows.npy'} is not the data that this run was trained on\n"
            assert capsys.readouterr().err == says
    assert {path: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    np.save("rows.npy", rows())
    assert all(main(command) == 0 for command in COMMANDS.values())


def test_a_run_from_before_there_were_digests_is_still_one(tmp_path, capsys):
    assert train() == 0
    file = tmp_path / "run" / "checkpoint.npz"
    arrays, about = checkpoint.load(file)
    del about["digest"]
    checkpoint.save(file, arrays, about)
    assert all(main(command) == 0 for command in COMMANDS.values())
    assert checkpoint.load(file)[1] == about  # it was finished

    checkpoint.save(file, arrays, about)
    np.save("rows.npy", rows()[:, :2])
    for command in COMMANDS.values():
        capsys.readouterr()
        assert main(command) == 2
        error = capsys.readouterr().err
        assert "as theta_d: expected float32 of shape" in error and error.count("\n") == 1


@pytest.mark.parametrize("n", [1, 5])
def test_too_few_rows_are_refused_before_anything_is_made(n, tmp_path, capsys):
    np.save("few.npy", rows(n))
    assert train("--batch", "1", data="few.npy") == 2
    says = (
        f"numgan: {tmp_path / 'few.npy'} has {n} rows: expected at least 6, to measure samples by\n"
    )
    assert capsys.readouterr().err == says and not (tmp_path / "run").exists()


def test_six_rows_are_enough():
    np.save("few.npy", rows(6))
    assert train("--batch", "1", data="few.npy") == 0


def test_bad_numbers_are_named(tmp_path, capsys):
    bad = rows()
    bad[7, 2] = np.nan
    np.save("bad.npy", bad)
    assert train(data="bad.npy") == 2
    assert (
        "bad.npy, row 8, column 3: nan" in capsys.readouterr().err
        and not (tmp_path / "run").exists()
    )


def test_what_was_read_is_printed_and_kept(tmp_path, capsys):
    table = "age,height,kind\n" + "".join(
        f"{20 + n % 9},{1.5 + n / 99:.4f},{'ab'[n % 2]}\n" for n in range(90)
    )
    (tmp_path / "a.csv").write_text(table)
    options = ["train", "--data", "a.csv", "--labels", "kind", "--columns", "plain", *SMALL]
    # SMALL is quiet
    assert main([*options, "--out", "loud"]) == 0 and capsys.readouterr().out == ""
    options.remove("--quiet")
    assert main([*options, "--out", "run"]) == 0
    told = (tmp_path / "run" / "data.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.startswith(told)
    assert told.splitlines() == [
        f"data         {tmp_path / 'a.csv'}",
        "rows         90 rows × 2 columns",
        "columns      age, height",
        "header       line 1 (--header no takes it for a row)",
        "separator    comma (--separator)",
        "decimal      point (--decimal)",
        "labels       the column kind",
        "whole        age: samples are rounded to whole numbers",
        "classes      2: a (45), b (45)",
    ]
    assert main([*options, "--out", "told", "--json"]) == 0 and capsys.readouterr().out.startswith(
        "{"
    )
    assert main(["report", "run"]) == 0
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "What was read" in page and "2: a (45), b (45)" in page


def test_rows_with_classes_and_back_to_a_table(tmp_path, capsys):
    """Conditional on words; samples come back under the names of the columns, and are read again as
    they were.
    """
    rng, kinds = np.random.default_rng(0), ["cat", "dog", "eel"]
    table = "".join(
        f"{n % 7};{rng.normal():.3f};{kinds[n % 3]}\n".replace(".", ",") for n in range(60)
    )
    (tmp_path / "a.csv").write_text("legs;length, m;kind\n" + table)
    assert train("--labels", "kind", "--conditional", data="a.csv") == 0
    assert main(["sample", "run", "-n", "30", "-o", "s.csv", "--class", "eel"]) == 0
    with open("s.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["legs", "length, m", "kind"] and len(rows) == 30
    assert all(row[0] in "0123456" and row[2] == "eel" for row in rows)
    x, classes = sampled("-n", "30", "--class", "eel")
    assert np.array_equal(x, [[float(cell) for cell in row[:2]] for row in rows]) and set(
        classes
    ) == {"eel"}
    again = dataset("file", "float64", "s.csv", Choices(header="yes", labels="kind"))
    assert np.array_equal(again.original(again.source.rows).round(9), x.round(9))
    capsys.readouterr()
    assert main(["sample", "run", "-o", "s.csv", "--class", "3"]) == 2
    assert capsys.readouterr().err == "numgan: --class must be one of cat, dog, eel, got '3'\n"
    assert train("--labels", "kind", "--conditional", "--resume", data="a.csv") == 0
    (tmp_path / "a.csv").write_text("legs;length, m;kind\n" + table.replace("dog", "fox"))
    assert main(COMMANDS["sample"]) == 2  # other classes are other data


def test_a_class_is_asked_for_by_its_label(tmp_path, capsys):
    images = np.random.default_rng(0).integers(0, 256, (40, 4, 4), dtype=np.uint8)
    np.savez("a.npz", x_train=images, y_train=np.array([0, 5, 200])[np.arange(40) % 3])
    assert train("--conditional", data="a.npz") == 0
    x, classes = sampled("-n", "9", "--class", "200")
    assert set(classes) == {200} and x.dtype == np.uint8 and x.shape == (9, 4, 4, 1)
    _, classes = sampled("-n", "60")
    assert set(classes) == {0, 5, 200}
    capsys.readouterr()
    assert main(["sample", "run", "-o", "s.npz", "--class", "1"]) == 2
    assert capsys.readouterr().err == "numgan: --class must be one of 0, 5, 200, got '1'\n"


@pytest.mark.parametrize("C", [2, 5, 9])
def test_images_of_any_channels_are_trained_and_drawn(C, monkeypatch, tmp_path, capsys):
    from numgan.run.picture import draw

    monkeypatch.setattr(train_command, "draw", draw)
    np.save("a.npy", np.random.default_rng(0).random((30, 4, 3, C)))
    assert main(["train", "--data", "a.npy", "--out", "run", *SMALL[:-1]]) == 0
    out = capsys.readouterr().out
    # the table
    assert (
        f"drawn        each of the {C} channels as a grey picture" in out and "near copies" in out
    )
    assert main(["report", "run"]) == 0 and main(["sample", "run", "-o", "s.png"]) == 0


def test_channels_lie_side_by_side():
    images = np.linspace(-1, 1, 2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    page = sheet(images, 1)
    assert page.shape == (2 * 4 + 1, 2 * 4 + 2, 1)
    assert np.array_equal(page[1:4, 1:5, 0], (images[0, :, :, 0] + 1) / 2)
    assert np.array_equal(page[5:8, 5:9, 0], (images[1, :, :, 1] + 1) / 2)
    assert sheet(np.zeros((1, 3, 4, 99)), 1).shape == (5, 4 * TILES + 2, 1)


def test_a_batch_that_nobody_named_fits_the_data(tmp_path, capsys):
    np.save("few.npy", rows(100))
    options = ["train", "--data", "few.npy", "--columns", "plain", "--steps", "30"]
    options += ["--hidden", "8"]
    assert main([*options, "--out", "run"]) == 0
    assert (
        "batch        64 in place of 128, for there are 100 rows (--batch decides)"
        in capsys.readouterr().out
    )
    assert loop.resume(loop.Path("run")).config.batch == 64
    assert main([*options, "--out", "run", "--resume", "--quiet"]) == 0
    assert main([*options, "--out", "other", "--batch", "101"]) == 2
    says = (
        "numgan: --batch 101 is larger than the data, which has 100 rows: name a smaller one, or "
        "none\n"
    )
    assert capsys.readouterr().err == says and not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["ring", "--header", "no"],
            "--header says nothing about the data set 'ring', which is read in one way",
        ),
        (
            ["--data", "rows.npy", "--separator", "comma"],
            "--separator says nothing about rows.npy, an array: leave it",
        ),
        (["--data", "rows.npy", "--axes", "NHW"], "--axes is for images: .*rows.npy has shape"),
        (["--data", "rows.npy", "--range", "5"], "--range must be black,white"),
        (["--data", "rows.csv"], "no such file: .*rows.csv; there is rows.npy"),
        (
            ["--data", "rows.npy", "--conditional"],
            "these data have no classes to condition on: name them",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(options, says, tmp_path, capsys):
    assert main(["train", *options, "--out", "run", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert re.search(says, error) and error.count("\n") == 1 and not (tmp_path / "run").exists()


def test_labels_that_a_run_did_not_know_change_nothing(tmp_path):
    """A run from before labels were read goes on: it knows its rows, and asks for no classes."""
    np.savez("a.npz", x=rows(), y=np.arange(300) % 3)
    assert train("--columns", "plain", data="a.npz") == 0
    file = tmp_path / "run" / "checkpoint.npz"
    arrays, about = checkpoint.load(file)
    about["digest"] = checkpoint.checksum({"rows": rows()}, "")
    about["config"] = {
        name: about["config"][name]
        for name in about["config"]
        if name not in CHOICES or name == "columns"
    }
    checkpoint.save(file, arrays, about)
    assert all(main(command) == 0 for command in COMMANDS.values())

"""Many runs: seeds, grids and tables; what happens to a process changes no number of its run."""

import csv
import errno
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import Namespace
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from math import isnan, sqrt
from urllib.parse import quote

import numpy as np
import pytest

import numgan
from numgan.cli import main
from numgan.errors import InputError
from numgan.run.claim import claimed
from numgan.sweeps import command as sweep_command
from numgan.sweeps import engines, work
from numgan.sweeps.cells import cells, read_over, read_seeds, words
from numgan.sweeps.page import page
from numgan.sweeps.pictures import lines_of
from numgan.sweeps.runs import RECORD, read_record, run_cells
from numgan.sweeps.table import table
from numgan.sweeps.work import Outcome, pack, train, train_elsewhere, unpack

TINY = {"dataset": "ring", "steps": 3, "batch": 8, "hidden": (4,)}
OPTIONS = ["--steps", "3", "--batch", "8", "--hidden", "4", "--quiet"]


class Immediate(Executor):
    """An executor that does the work as it is submitted; not of threads, so folders go as bytes."""

    def submit(self, work, *arguments):
        future = Future()
        future.set_result(work(*arguments))
        return future


def theta(folder):
    """The bytes of both players."""
    with np.load(folder / "checkpoint.npz") as file:
        return {name: file[name].tobytes() for name in file.files if ".theta_" in name}


# ── which runs ────────────────────────────────────────────────────────────────────────────────────


def test_a_grid_is_every_combination_with_every_seed():
    found = cells(TINY, [("k", ["1", "2"]), ("penalty", ["none", "r1"])], [0, 5])
    assert len(found) == len({cell.name for cell in found}) == 8
    assert {(c.named["k"], c.named["penalty"], c.seed) for c in found} == {
        (k, penalty, seed) for k in (1, 2) for penalty in (None, "r1") for seed in (0, 5)
    }


def test_a_sample_of_a_grid_is_a_part_of_it():
    over = [("k", list("123456789"))]
    part = {c.choices for c in cells(TINY, over, [0], sample=4)}
    assert len(part) == 4 and part < {c.choices for c in cells(TINY, over, [0])}


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        (read_seeds, "0", "--seeds is how many"),
        (read_seeds, "many", "got 'many'"),
        (read_seeds, "1,1", "twice"),
        (read_seeds, "-3", "--seeds is how many"),
        (read_over, "objectve=hinge", "did you mean --objective"),
        (read_over, "objective", "expected OPTION=VALUE"),
        (read_over, "k=1,,2", "expected OPTION=VALUE"),
        (read_over, "out=a,b", "there is no option --out of a run"),
        (read_seeds, "1000000000", "at most 10,000 seeds"),
        (read_over, "seed=1,2", "--seeds gives seeds"),
    ],
)
def test_a_wrong_text_is_refused_in_a_line(read, text, says):
    with pytest.raises(InputError, match=re.escape(says)) as refusal:
        read(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ("k=1,1", "--over k: 1 is there twice"),
        ("lr=1e-3,0.001", "--over lr: 0.001 is there twice"),
        ("steps=1,2", "--steps and --over steps: leave one of them out"),
        ("conditional=1,0", "expected yes or no, got '1'"),
        ("lr=fast", "--lr cannot be 'fast'"),
    ],
)
def test_wrong_values_are_refused(over, says):
    with pytest.raises(InputError, match=re.escape(says)):
        cells(TINY, [read_over(over)], [0])


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"over": {"learning": [1]}}, "no option --learning of a run"),
        ({"over": {"lr": "1e-3"}}, "expected a list of values, got '1e-3'"),
        ({"over": {"lr": 1e-3}}, "expected a list of values, got 0.001"),
        ({"over": {"lr": []}}, "expected at least one value"),
        ({"over": {"seed": [1, 2]}}, "--seeds gives seeds"),
        ({"seed": 3}, "write seeds=[3]"),
        ({"objectve": "hinge"}, "did you mean objective"),
        ({"seeds": "12"}, "seeds is how many, or which"),
        ({"dataset": np.zeros((9, 2))}, "name of a data set"),
    ],
)
def test_a_wrong_keyword_is_refused_in_a_line(choices, says):
    with pytest.raises(InputError, match=re.escape(says)) as refusal:
        numgan.sweep(**{"dataset": "ring", **choices})
    assert "\n" not in str(refusal.value)


def test_keywords_are_read_as_those_of_a_training():
    """Other names of an option, texts, lists, and NumPy's numbers."""
    choices = {"steps": "2", "batch_size": 8, "hidden": [4], "penalty": "none", "lr": np.float32(1)}
    runs = numgan.sweep("ring", {"n_critic": np.arange(1, 3)}, np.arange(2), **choices)
    assert [(run["k"], run["seed"]) for run in runs] == [("1", 0), ("1", 1), ("2", 0), ("2", 1)]


def test_a_choice_of_nothing_stays_one():
    """`--labels none` is a text, `--penalty none` and `--columns plain` are None in a run."""
    named = {**TINY, "dataset": "file", "data": "a.csv", "columns": None, "lr_d": None}
    (cell,) = cells(named, [read_over("labels=none"), read_over("penalty=none")], [0])
    said = words(cell.named)
    assert cell.choices == (("labels", "none"), ("penalty", "none"))
    for option, text in (("--labels", "none"), ("--penalty", "none"), ("--columns", "plain")):
        assert said[said.index(option) + 1] == text
    assert "--lr-d" not in said


def test_a_path_is_your_own_data_wherever_a_run_begins(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).standard_normal((60, 2))
    np.savetxt("a.csv", rows, delimiter=",", header="p,q", comments="")
    command = ["sweep", "a.csv", *OPTIONS, "--seeds", "1", "--out", "s"]
    assert main(command) == 0
    assert str(tmp_path / "a.csv") in read_record(tmp_path / "s")["seed-0"]["words"]
    monkeypatch.chdir(tmp_path.parent)
    again = ["sweep", str(tmp_path / "a.csv"), *OPTIONS, "--seeds", "1", "--resume"]
    assert main([*again, "--out", str(tmp_path / "s")]) == 0  # nothing is other


def test_a_configuration_that_cannot_be_is_refused_before_any_run(tmp_path, capsys):
    command = ["sweep", "ring", *OPTIONS, "--over", "k=1,0", "--out", str(tmp_path / "s")]
    assert main(command) == 2
    assert "--k must be a whole number of at least 1, got 0" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


# ── the runs themselves ───────────────────────────────────────────────────────────────────────────


def test_a_cell_is_a_plain_run_with_the_bits_of_the_command(tmp_path, capsys):
    assert main(["sweep", "ring", *OPTIONS, "--seeds", "0,7", "--out", str(tmp_path / "s")]) == 0
    assert main(["train", "ring", *OPTIONS, "--seed", "7", "--out", str(tmp_path / "one")]) == 0
    assert theta(tmp_path / "s" / "seed-7") == theta(tmp_path / "one")
    assert theta(tmp_path / "s" / "seed-0") != theta(tmp_path / "one")
    files = {path.name for path in (tmp_path / "s").iterdir()}
    assert files == {
        "seed-0",
        "seed-7",
        RECORD,
        "table.csv",
        "samples.png",
        "curves.png",
        "index.html",
    }
    with open(tmp_path / "s" / "table.csv", encoding="utf-8", newline="") as file:
        assert [row["seed"] for row in csv.DictReader(file)] == ["0", "7"]
    page = (tmp_path / "s" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="https?:', page)
    capsys.readouterr()

    # a second time nothing is trained again; another seed is added
    before = {seed: (tmp_path / "s" / f"seed-{seed}").stat().st_mtime_ns for seed in (0, 7)}
    again = ["sweep", "ring", *OPTIONS, "--out", str(tmp_path / "s")]
    assert main([*again, "--seeds", "0,7"]) == 2
    assert "finish it with --resume" in capsys.readouterr().err
    assert main([*again, "--seeds", "0,7,8", "--resume", "--json"]) == 0
    assert [run["seed"] for run in json.loads(capsys.readouterr().out)] == [0, 7, 8]
    assert before == {s: (tmp_path / "s" / f"seed-{s}").stat().st_mtime_ns for s in (0, 7)}

    # and other options are not mixed in
    other = ["sweep", "ring", "--steps", "4", "--seeds", "0,", "--out", str(tmp_path / "s")]
    assert main([*other, "--resume"]) == 2
    assert "was begun with other options" in capsys.readouterr().err


def test_a_run_that_diverges_is_a_row_and_loses_no_other(tmp_path):
    runs = numgan.sweep(
        "ring",
        {"lr": [1e-3, 1e30]},
        out=tmp_path,
        jobs=2,
        steps=3,
        batch=8,
        hidden=(4,),
        objective="hinge",
        optimizer="sgd",
    )
    status = {run["lr"]: run["status"] for run in runs}
    assert status["0.001"] == "done" and status["1e+30"].startswith("diverged: ")


def test_E55_weights_of_a_sum_are_one_value_of_a_sweep():
    over = [read_over("weight=0.1,0.2;1,1")]
    found = cells({**TINY, "penalty": "r1,r2"}, over, [0])
    assert [cell.named["weight"] for cell in found] == [(0.1, 0.2), (1.0, 1.0)]
    assert words({"dataset": "ring", "penalty": "r1,r2", "weight": (0.1, 0.2)})[-1] == "0.1,0.2"


LONG = {**TINY, "steps": 4000, "seed": 3}


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """The folder of the long run, which nothing disturbed."""
    folder = tmp_path_factory.mktemp("calm")
    assert train(words(LONG), folder).status == "done"
    return folder


def processes(folder):
    """The processes in whose command line, of any width (-ww), the folder stands."""
    listed = subprocess.run(["ps", "-Aww", "-o", "pid=,args="], capture_output=True, text=True)
    lines = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return [int(pid) for pid, *line in lines if str(folder) in "".join(line)]


def test_a_killed_process_goes_on_to_the_same_bits(calm, tmp_path):
    def kill():
        """SIGKILL, as soon as there is a checkpoint to lose."""
        place = tmp_path / "killed" / "checkpoint.npz"
        while len(killed) < 2 and not over.is_set():
            time.sleep(0.02)
            if place.exists():
                for pid in processes(tmp_path / "killed"):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                time.sleep(0.3)

    over, killed = threading.Event(), []
    killer = threading.Thread(target=kill)
    killer.start()
    outcome = train(words(LONG), tmp_path / "killed")
    over.set()
    killer.join()
    assert killed
    assert outcome.status == "done"
    assert theta(tmp_path / "killed") == theta(calm)


def test_the_runs_of_a_killed_sweep_save_and_end(calm, tmp_path):
    long = ["ring", *OPTIONS, "--steps", "4000", "--seeds", "3,", "--out", str(tmp_path)]
    sweep = subprocess.Popen([sys.executable, "-m", "numgan", "sweep", *long])
    wait_for(tmp_path)
    sweep.kill()
    sweep.wait()
    within(60, lambda: not processes(tmp_path))
    assert numgan.load(tmp_path / "seed-3").training.iterations < 4000
    assert main(["sweep", *long, "--resume"]) == 0
    assert theta(tmp_path / "seed-3") == theta(calm)


def within(seconds, holds):
    """Wait until it holds. The bound ends a test that would wait forever, and is no measure."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_stopped_runs_save_and_a_sweep_is_finished_later(tmp_path):
    todo = cells({**TINY, "steps": 10**6}, [], [0, 1, 2])
    stop = threading.Event()
    watch = threading.Thread(target=lambda: (wait_for(tmp_path), stop.set()))
    watch.start()
    with ThreadPoolExecutor(1) as executor:
        found = run_cells(todo, tmp_path, executor, stop)
    watch.join()
    assert {outcome.status for outcome in found.values()} == {"stopped"}
    assert (tmp_path / "seed-0" / "checkpoint.npz").exists()
    assert not (tmp_path / "seed-2").exists()


def wait_for(folder):
    """Until a run of the sweep has a checkpoint."""
    while not list(folder.glob("*/checkpoint.npz")):
        time.sleep(0.05)


def test_from_a_worker_a_folder_comes_home_as_bytes(tmp_path):
    todo = cells(TINY, [], [4])
    (tmp_path / "far").mkdir()
    found = run_cells(todo, tmp_path / "far", Immediate(), threading.Event())
    assert found["seed-4"].status == "done"
    assert main(["train", "ring", *OPTIONS, "--seed", "4", "--out", str(tmp_path / "near")]) == 0
    assert theta(tmp_path / "far" / "seed-4") == theta(tmp_path / "near")


def test_a_worker_with_another_version_says_so():
    outcome, packed = train_elsewhere([], b"", "9.9")
    assert outcome.status == "failed" and "this is 9.9" in outcome.says and packed == b""


def test_a_full_disk_of_a_worker_is_a_line_with_its_name(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(work, "unpack", full)
    outcome, _ = train_elsewhere([], b"", numgan.__version__)
    says = f"worker {platform.node()} cannot write the run: No space left on device"
    assert (outcome.status, outcome.says) == ("failed", says)


def test_two_sweeps_into_one_folder_and_how_a_failed_run_goes_on(tmp_path, capsys):
    command = ["sweep", "ring", *OPTIONS, "--out", str(tmp_path)]
    with claimed(tmp_path, "s"):
        assert main(command) == 2
    assert "another process trains a run in" in capsys.readouterr().err
    with claimed(tmp_path / "seed-0", "r"):
        assert main(command) == 1
    said = capsys.readouterr().err
    assert "seed-0: failed: another process trains a run in" in said
    assert "1 of 1 runs failed, the others are kept; go on with the same command, --out" in said
    assert main([*command, "--resume"]) == 0


def test_a_folder_that_holds_something_else_is_left_as_it_is(tmp_path, capsys):
    command = ["sweep", "ring", *OPTIONS, "--out", str(tmp_path)]
    (tmp_path / "table.csv").write_text("mine")
    for more in ([], ["--resume"]):
        assert main([*command, *more]) == 2
        assert "holds table.csv, which is of no sweep" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    (tmp_path / "table.csv").unlink()
    assert main([*command, "--resume"]) == 2
    assert "holds no sweep: leave --resume out" in capsys.readouterr().err


def test_a_run_of_no_sweep_that_is_there_is_not_gone_on_with(tmp_path, capsys):
    seed = str(tmp_path / "seed-0")
    assert main(["train", "ring", *OPTIONS, "--lr", "0.5", "--out", seed]) == 0
    before = theta(tmp_path / "seed-0")
    assert main(["sweep", "ring", *OPTIONS, "--out", str(tmp_path)]) == 2
    assert "seed-0 holds a run of no sweep" in capsys.readouterr().err
    assert theta(tmp_path / "seed-0") == before


def test_all_runs_are_in_the_record_from_the_beginning(tmp_path):
    """So a sweep that is killed before its first run ends is known by its options."""

    class Seen(Immediate):
        def submit(self, *work):
            assert read_record(tmp_path)["seed-5"]["status"] == "stopped"
            return super().submit(*work)

    run_cells(cells(TINY, [], [0, 5]), tmp_path, Seen(), threading.Event())
    assert {run["status"] for run in read_record(tmp_path).values()} == {"done"}


def test_an_exception_stops_the_runs_that_go_on(tmp_path):
    """The first run ends and its teller fails; the others would last for hours."""
    short, *long = cells(TINY, [], [0, 1, 2])
    todo = [short, *(cell._replace(named={**cell.named, "steps": 10**6}) for cell in long)]

    def fail(*_):
        raise InputError("the disk is full")

    with pytest.raises(InputError, match="the disk is full"), ThreadPoolExecutor(2) as executor:
        run_cells(todo, tmp_path, executor, threading.Event(), fail)
    assert not processes(tmp_path)


def test_an_unknown_metric_is_refused_after_the_first_run(tmp_path, capsys):
    command = ["sweep", "ring", *OPTIONS, "--seeds", "2", "--jobs", "1", "--out", str(tmp_path)]
    assert main([*command, "--by", "mode"]) == 2
    assert "there is no metric 'mode', did you mean modes?" in capsys.readouterr().err
    assert read_record(tmp_path)["seed-0"]["status"] == "done"
    assert read_record(tmp_path)["seed-1"]["status"] == "stopped"
    assert main([*command, "--by", "modes", "--resume"]) == 0


def test_options_that_do_not_go_together_are_refused(capsys):
    for line, says in (
        (["train", "ring", "--jobs", "2"], "add --seeds"),
        (["sweep", "ring", "--seeds", ""], "--seeds is how many"),
        (["sweep", "ring", "--jobs", "2", "--mpi"], "--jobs is of this machine"),
        (["sweep", "ring", "--cluster", "tcp://a:1", "--mpi"], "both say where"),
        (["train", "ring", "--seeds", "2", "--epochs", "1"], "say --steps"),
    ):
        assert main(line) == 2
        assert says in capsys.readouterr().err


def test_ctrl_c_while_the_pictures_are_drawn_is_a_line(tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_command, "samples_picture", interrupt)
    assert main(["sweep", "ring", *OPTIONS, "--out", str(tmp_path)]) == 130
    said = capsys.readouterr().err
    assert f"the runs are kept, and drawn by the same command, --out {tmp_path} --resume" in said


def test_a_lost_worker_is_a_row(tmp_path):
    class Lost(Immediate):
        def submit(self, *work):
            future = Future()
            future.set_exception(RuntimeError("worker died"))
            return future

    found = run_cells(cells(TINY, [], [0]), tmp_path, Lost(), threading.Event())
    assert found["seed-0"].status == "failed" and "worker died" in found["seed-0"].says
    assert read_record(tmp_path)["seed-0"]["status"] == "failed"


def test_packing_refuses_a_path(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.txt").write_text("a")
    unpack(pack(tmp_path / "run").replace(b"a.txt", b"../bb"), tmp_path / "other")
    assert not (tmp_path / "bb").exists() and not list((tmp_path / "other").iterdir())


# ── the table ─────────────────────────────────────────────────────────────────────────────────────


def outcomes(values):
    """Finished runs of one metric, whose optimum is 1: (k, seed) ↦ value."""
    todo = cells(TINY, [("k", sorted({k for k, _ in values}))], sorted({s for _, s in values}))
    return todo, {
        cell.name: Outcome(
            "done", {"JSD": {"value": values[key], "error": 0.1, "optimum": 1.0}}, "", 2.0
        )
        if (key := (cell.choices[0][1], cell.seed)) in values
        else Outcome("diverged", {}, "θ_d is not finite", 1.0)
        for cell in todo
    }


def test_means_errors_and_paired_differences():
    values = {("1", 0): 5.0, ("1", 1): 7.0, ("1", 2): 9.0, ("2", 0): 2.0, ("2", 1): 3.0}
    found = table(*outcomes(values))
    first, second = found.rows
    assert first.choices == (("k", "2"),)  # the nearer to 1
    mean = second.spread("JSD")
    assert mean.mean == 7.0 and mean.error == pytest.approx(2 / sqrt(3)) and mean.n == 3
    assert found.optima == {"JSD": 1.0}
    gap = found.difference(second, "JSD")  # on the seeds 0 and 1: 3 and 4
    assert gap.mean == 3.5 and gap.error == pytest.approx(0.5) and gap.n == 2
    assert first.failed == {2: "diverged: θ_d is not finite"}
    assert "k=2, seed 2: diverged: θ_d is not finite" in found.text()
    assert [run["status"] for run in found.dicts()].count("done") == 5


def test_one_seed_has_no_error_and_an_unknown_metric_is_refused():
    todo, found = outcomes({("1", 0): 5.0})
    assert isnan(table(todo, found).rows[0].spread("JSD").error)
    with pytest.raises(InputError, match="there is no metric 'JDS', did you mean JSD"):
        table(todo, found, by="JDS")


def test_an_optimum_that_a_run_has_not_is_none_of_the_table():
    """V has one with logistic objectives, and none with hinge."""
    todo, found = outcomes({("1", 0): 5.0, ("2", 0): 2.0})
    found["k=1/seed-0"].numbers["JSD"]["optimum"] = None
    assert table(todo, found).optima == {}


def test_nan_is_null_in_json(capsys):
    todo, found = outcomes({("1", 0): float("nan")})
    sweep_command.show(table(todo, found), Namespace(json=True))
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail)[0]["JSD"] is None


def test_the_page_leads_to_every_run_and_shows_the_least_and_the_greatest(tmp_path):
    todo = cells({**TINY, "dataset": "file"}, [("data", ["a/b.csv"])], [0])
    done = {"JSD": {"value": 1.5, "error": 0.1, "optimum": 1.0}}
    html = page(table(todo, {todo[0].name: Outcome("done", done, "", 2.0)}), "a", ["numgan"], {})
    assert f'href="{quote(todo[0].name)}/"' in html
    assert all(f'<th scope="row">{name}</th>' in html for name in ("mean", "least", "greatest"))


def test_every_seed_of_one_combination_has_a_picture():
    names = [[cell.seed for cell in line] for _, line in lines_of(cells(TINY, [], range(12)))]
    assert names == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]


def test_a_worker_of_another_version_is_refused_before_any_run():
    engines.check_versions({"a": numgan.__version__})
    for has, says in (("9.9", "worker b has numgan 9.9"), (ImportError("no"), "has no numgan")):
        with pytest.raises(InputError, match=says):
            engines.check_versions({"a": numgan.__version__, "b": has})


def test_a_server_that_is_no_scheduler_is_a_line(monkeypatch):
    """It takes the connection, and says nothing."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(engines, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            with engines.cluster(address):
                pass


def test_a_damaged_record_is_refused(tmp_path):
    (tmp_path / RECORD).write_text('{"runs": [1]}')
    with pytest.raises(InputError, match="no record of a sweep"):
        read_record(tmp_path)


def test_an_address_where_nobody_listens_is_a_line(tmp_path):
    pytest.importorskip("distributed")
    command = [sys.executable, "-m", "numgan", "sweep", "ring", *OPTIONS, "--cluster"]
    said = subprocess.run(
        [*command, "tcp://127.0.0.1:9", "--out", str(tmp_path / "s")],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 2 and "no Dask scheduler answers at tcp://127.0.0.1:9" in said.stderr
    assert "Traceback" not in said.stderr

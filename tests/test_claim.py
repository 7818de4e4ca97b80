"""A run's folder belongs to one process, and at every instant it can be resumed or its place is
free."""

import os
import signal
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from numgan import checkpoint
from numgan.cli import main
from numgan.errors import InputError
from numgan.run import begin, loop, train_command
from numgan.run.claim import claimed, held, make
from numgan.signals import interrupts
from numgan.training import Training

SMALL = ["--steps", "20", "--batch", "8", "--hidden", "4", "--latent", "1", "--quiet"]


@pytest.fixture(autouse=True)
def in_short(monkeypatch):
    """Few frames, no pictures, and little that is measured at the end."""
    for name, times in (("FRAMES", 1), ("METRICS", 1), ("SAVES", 4)):
        monkeypatch.setattr(loop, name, times)
    monkeypatch.setattr(train_command, "draw", lambda run: [])
    monkeypatch.setattr(train_command, "summarize", lambda run: SimpleNamespace(doubt=lambda: ""))


def train(folder, *options):
    return main(["train", "gaussian", "--out", str(folder), *SMALL, *options])


def resume(folder):
    return main(["train", "--out", str(folder), "--resume", "--quiet"])


def bits(folder):
    arrays, about = checkpoint.load(folder / "checkpoint.npz")
    return (
        {name: array.tobytes() for name, array in arrays.items()},
        about,
        (folder / "metrics.csv").read_bytes(),
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ── whose folder it is ────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_held_once(tmp_path):
    with held(tmp_path):
        for ask in (held(tmp_path), claimed(tmp_path, "")):
            with pytest.raises(InputError, match="another process trains a run in .*--out"), ask:
                pass
        assert names(tmp_path) == []  # no file of a lock
    with held(tmp_path):
        pass


def test_a_lock_ends_with_its_process(tmp_path):
    """Killed with no chance to say so."""
    code = (
        "import os, signal, sys; from pathlib import Path; from numgan.run.claim import held\n"
        "with held(Path(sys.argv[1])): print(flush=True); os.kill(os.getpid(), signal.SIGSTOP)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    with pytest.raises(InputError, match="another process"), held(tmp_path):
        pass
    process.kill()
    process.communicate()
    with held(tmp_path):
        pass


def test_two_that_want_the_default_folder_get_one_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    got, ready = [], threading.Barrier(8, timeout=20)

    def ask():
        ready.wait()
        with claimed(None, "ring") as folder:
            (folder / "file").touch()
            got.append(str(folder))
            ready.wait()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(["runs/ring", *(f"runs/ring-{n}" for n in range(2, 9))])


def test_what_was_made_for_nothing_is_taken_back_unless_another_has_it(tmp_path):
    folder = tmp_path / "new" / "er" / "est"
    with pytest.raises(KeyError), claimed(folder, ""):
        raise KeyError
    assert names(tmp_path) == []
    with claimed(folder, ""):
        with pytest.raises(InputError), claimed(folder, ""):
            pass
        assert folder.is_dir()
        (folder / "file").touch()
    assert names(folder) == ["file"]
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / "a" / ("x" * 300)):
        with pytest.raises(InputError, match="cannot make the folder"):
            make(place, [])
    assert names(tmp_path) == ["file", "new"]


def test_a_folder_that_is_taken_back_while_another_waits_is_made_again(tmp_path, monkeypatch):
    """Between making the folder and holding it, its first owner removes it."""
    from numgan.run import claim

    lock, times = claim.lock, []

    def removed_once(folder):
        if not times:
            times.append(folder.rmdir())
        return lock(folder)

    monkeypatch.setattr(claim, "lock", removed_once)
    with claimed(tmp_path / "run", "") as folder:
        assert folder.is_dir()
    assert names(tmp_path) == []


def test_a_run_that_is_trained_can_be_looked_at_and_no_more(tmp_path, capsys):
    run = tmp_path / "run"
    assert train(run) == 0
    before = bits(run)
    with held(run):
        for command in (
            ["train", "--resume", "--out", str(run)],
            ["train", "ring", "--out", str(run)],
        ):
            assert main(command) == 2
            error = capsys.readouterr().err
            assert "another process trains a run in" in error and error.count("\n") == 1
        assert main(["sample", str(run), "-n", "3", "-o", str(tmp_path / "x.npy")]) == 0
    assert bits(run) == before


# ── at every instant ──────────────────────────────────────────────────────────────────────────────

KILLED = """
import os, sys
from numgan.cli import main
from numgan.run import loop
number, when, step = int(sys.argv[1]), sys.argv[2], os.replace
loop.FRAMES = loop.METRICS = 1
loop.SAVES = 4

def replace(*names):
    global number
    number -= 1
    if number == 0:
        if when == "after":
            step(*names)
        os._exit(9)
    step(*names)

os.replace = replace
main(sys.argv[3:])
"""


@pytest.mark.parametrize(
    ("number", "when", "resumes"),
    [
        (1, "before", False),
        (1, "after", True),
        (2, "before", True),
        (3, "before", True),
        (5, "before", True),
    ],
)
def test_killed_at_a_file_a_run_goes_on_or_its_place_is_free(tmp_path, number, when, resumes):
    """The files in order: checkpoint, configuration, table; then the same but for the
    configuration. What the dead process left half written goes."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    command = ["train", "gaussian", "--out", str(run), *SMALL, "--spectrum", "10"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(number), when, *command], capture_output=True
    )
    assert killed.returncode == 9, killed.stderr
    assert any(name.startswith(".numgan-") for name in names(run)) == (when == "before")
    assert (resume(run) if resumes else train(run, "--spectrum", "10")) == 0
    assert train(whole, "--spectrum", "10") == 0
    assert names(run) == names(whole) == ["checkpoint.npz", "config.json", "metrics.csv"]
    assert bits(run) == bits(whole)
    assert (run / "config.json").read_bytes() == (whole / "config.json").read_bytes()


def test_a_run_without_its_configuration_is_still_one(tmp_path):
    """As a kill between its first two files leaves it."""
    run = tmp_path / "run"
    assert train(run) == 0
    (run / "config.json").unlink()
    (run / "metrics.csv").write_text("of another time")
    assert main(["sample", str(run), "-n", "3", "-o", str(tmp_path / "x.npy")]) == 0
    assert not (run / "config.json").exists()  # to look at it writes nothing
    assert resume(run) == 0
    assert train(tmp_path / "whole") == 0
    assert bits(run) == bits(tmp_path / "whole")
    assert loop.Config.read(run / "config.json") == loop.Config.read(
        tmp_path / "whole" / "config.json"
    )


def test_a_finished_run_is_not_written_again(tmp_path, monkeypatch):
    run = tmp_path / "run"
    assert train(run) == 0
    before = os.stat(run / "checkpoint.npz").st_ino
    assert resume(run) == 0
    assert os.stat(run / "checkpoint.npz").st_ino == before


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(5, "Input/output error"),
        MemoryError("no more"),
    ],
    ids=["full", "broken", "memory"],
)
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_disk_that_fails_costs_at_most_what_was_not_saved(
    tmp_path, monkeypatch, capsys, number, error
):
    """At the n-th file. One that fails before anything was trained leaves nothing."""
    run, count = tmp_path / "run", []

    def fail(*names, replace=os.replace):
        count.append(1)
        if len(count) == number:
            raise error
        replace(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        assert train(run) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and (getattr(error, "strerror", None) or "no more") in said
    if number < 5:
        assert names(tmp_path) == []
        assert train(run) == 0
    else:
        assert names(run) == ["checkpoint.npz", "config.json", "metrics.csv"]
        assert isinstance(error, MemoryError) or "up to step 5, goes on with --resume" in said
        assert resume(run) == 0
    assert train(tmp_path / "whole") == 0
    assert bits(run) == bits(tmp_path / "whole")


# ── signals ───────────────────────────────────────────────────────────────────────────────────────


def at_step(monkeypatch, step, *signals):
    def interrupted(self, iteration=Training.iteration):
        if self.iterations == step:
            for number in signals:
                signal.raise_signal(number)
        return iteration(self)

    monkeypatch.setattr(Training, "iteration", interrupted)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_signal_saves(tmp_path, monkeypatch, capsys, number):
    outside = signal.signal(number, signal.default_int_handler)  # under nohup SIGHUP is ignored
    try:
        with monkeypatch.context() as patch:
            at_step(patch, 6, number)
            assert train(tmp_path / "run") == 130
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, outside)
    assert "interrupted after step 7; continue with" in capsys.readouterr().err
    assert checkpoint.load(tmp_path / "run" / "checkpoint.npz")[1]["iterations"] == 7


def test_a_second_ctrl_c_lets_the_save_finish_and_says_so(tmp_path, monkeypatch, capsys):
    save = loop.save

    def interrupted(run):
        if run.training.iterations == 7:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
        save(run)

    with monkeypatch.context() as patch:
        at_step(patch, 6, signal.SIGINT)
        patch.setattr(loop, "save", interrupted)
        assert train(tmp_path / "run") == 130
    error = capsys.readouterr().err
    assert error.count("saving, one moment") == 2 and "interrupted after step 7" in error
    assert resume(tmp_path / "run") == 0 and train(tmp_path / "whole") == 0
    assert bits(tmp_path / "run") == bits(tmp_path / "whole")


def test_nohup_is_heeded():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts() as interrupted:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupted.is_set() and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_while_it_is_drawn_leaves_a_whole_run(tmp_path, monkeypatch, capsys):
    def interrupted(run):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train_command, "draw", interrupted)
        assert train(tmp_path / "run") == 130
    assert "--resume" in capsys.readouterr().err
    assert resume(tmp_path / "run") == 0


def test_ctrl_c_before_the_first_file_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(run):
        raise KeyboardInterrupt

    for place in ("film", "save"):
        with monkeypatch.context() as patch:
            patch.setattr(begin, place, interrupted)
            assert train(tmp_path / "runs" / "run") == 130
        assert names(tmp_path) == []


def test_the_checkpoint_is_taken_back_last():
    """A kill in the midst of that leaves a run, or nothing."""
    assert loop.FILES[-1] == loop.CHECKPOINT

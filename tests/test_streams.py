"""What is printed never ends in a traceback, whatever the streams, the terminal and the file names
are.
"""

import io
import os
import subprocess
import sys

import numpy as np
import pytest

from numgan.cli import COMMANDS, main
from numgan.progress import EVERY, Progress
from numgan.run import loop, train_command

TINY = ["--steps", "3", "--batch", "8", "--hidden", "4"]
COMMAND_LINES = {  # those of the README, with small budgets
    "train": ["train", "ring", *TINY, "--out", "new"],
    "train a critic": [
        "train",
        "ring",
        *TINY,
        "--objective",
        "wasserstein",
        "--k",
        "5",
        "--out",
        "new",
    ],
    "train on data": ["train", "--data", "rows.npy", *TINY, "--out", "new"],
    "resume": ["train", "--out", "run", "--resume"],
    "sample": ["sample", "run", "-n", "5", "-o", "x.npy"],
    "report": ["report", "run", "-o", "x.html"],
    "trace": ["trace"],
    "trace a layer": ["trace", "--layer", "D:2", "--step"],
    "trace to a page": ["trace", "--html", "trace.html"],
    "check": ["check", "--only", "layer tanh", "--full"],
    "check a function": ["check", "own:wrong", "--input-shape", "3"],
    "exercises": ["check", "--exercise"],
    "an exercise": ["check", "--exercise", "17", "--solution"],
    "bad input": ["train", "ring", "--objective", "θ̄"],
    **{f"help of {name}": [name, "--help"] for name in COMMANDS},
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a run, data and code; of runs no pictures are drawn."""
    monkeypatch.setattr(
        train_command, "draw", lambda run: [loop.Path(os.fsdecode(b"\xff"), "θ.png")]
    )
    monkeypatch.setattr(loop, "FRAMES", 2)
    monkeypatch.setattr(loop, "METRICS", 1)
    monkeypatch.setattr("numgan.report.page.page", lambda run: os.fsdecode(b"\xff"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    np.save("rows.npy", np.random.default_rng(0).standard_normal((40, 2)))
    (tmp_path / "own.py").write_text("def wrong(w): return (w**2).sum()\ndef dwrong(w): return w\n")
    assert main(["train", "ring", *TINY, "--out", "run", "--quiet"]) == 0
    yield tmp_path
    sys.modules.pop("own", None)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "gbk", "utf-8"])
def test_an_encoding_without_our_letters_prints_question_marks(here, encoding, monkeypatch):
    for what, arguments in COMMAND_LINES.items():
        out, err = io.BytesIO(), io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
        monkeypatch.setattr(
            sys, "stderr", io.TextIOWrapper(err, encoding=encoding, errors="backslashreplace")
        )
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        for new in (here / "new").glob("*"):
            new.unlink()
        status = main(arguments)
        assert status == {"check a function": 1, "bad input": 2}.get(what, 0), what
        text, said = out.getvalue().decode(encoding), err.getvalue().decode(encoding)
        assert "Traceback" not in text + said and (text or what == "bad input"), what
        assert what != "trace" or ("✓" in text) == (encoding == "utf-8")


def streams(state):
    """(stdout, stderr) in a bad state, and the statuses that a command that prints may end with."""
    if state == "closed":
        return None, None, 0
    if state == "full":
        out, err = (
            io.TextIOWrapper(open("/dev/full", "wb", 0), write_through=True) for _ in range(2)
        )
        # as with python -u: nothing is held back, so a failure that is passed over is forgotten
        return out, err, 2
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w"), io.StringIO(), 141


@pytest.mark.parametrize("what", ["trace", "check", "train", "help of train", "sample"])
@pytest.mark.parametrize(
    "state",
    [
        "closed",
        "left",
        pytest.param(
            "full",
            marks=pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device"),
        ),
    ],
)
def test_output_that_cannot_be_written_ends_with_a_status(here, state, what, monkeypatch):
    out, err, status = streams(state)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "stdin", None)
        assert main(COMMAND_LINES[what]) == status
        for stream in (out, err):
            if stream is not None:
                stream.flush()  # as Python does when it ends: nothing is left that could fail
                stream.close()
    if what == "train":
        assert {path.name for path in (here / "new").iterdir()} >= {"checkpoint.npz", "metrics.csv"}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", ["1", "20"])
def test_help_in_a_narrow_terminal(name, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_a_hostile_place(tmp_path):
    """A real process: no stream open, no such backend, a terminal without columns or letters, a
    file whose name is no text. The run is whole, and neither its numbers nor its pictures have been
    printed into."""
    data = os.path.join(os.fsencode(tmp_path), b"\xff\xfe.npy")
    np.save(os.fsdecode(data), np.random.default_rng(0).standard_normal((40, 2)))
    environment = os.environ | {
        "MPLBACKEND": "nosuch",
        "COLUMNS": "20",
        "TERM": "dumb",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
    }
    environment.pop("PYTHONUTF8", None)
    script = (
        f'"{sys.executable}" -m numgan train "$1" --steps 3 --batch 8 --hidden 4 --out run '
        "<&- >&- 2>&-"
    )
    assert (
        subprocess.run(
            ["sh", "-c", script.encode(), b"sh", data], cwd=tmp_path, env=environment
        ).returncode
        == 0
    )
    assert (tmp_path / "run" / "training.gif").read_bytes().startswith(b"GIF89a")
    assert (tmp_path / "run" / "samples.png").read_bytes().startswith(b"\x89PNG")
    np.load(tmp_path / "run" / "checkpoint.npz").close()


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_line_every_ten_seconds_where_there_is_no_terminal():
    clock, stream = Clock(), io.StringIO()
    with Progress(1200, "step", stream=stream, clock=clock) as bar:
        bar.say("drawing")  # short work says nothing
        for _ in range(1200):
            clock.now += EVERY / 320  # 2⁻⁵, which adds up without rounding
            bar.advance("V -1.39" if bar.done == 600 else "")
        bar.say("measuring")
    assert stream.getvalue().splitlines() == [
        "numgan: step 320 of 1,200",
        "numgan: step 640 of 1,200: V -1.39",
        "numgan: step 960 of 1,200: V -1.39",
        "numgan: measuring",
    ]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_bar_on_a_terminal_and_nothing_where_quiet(quiet):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    clock, stream = Clock(), Terminal()
    with Progress(2, "step", quiet=quiet, stream=stream, clock=clock) as bar:
        clock.now = 100.0
        bar.advance("V -1.39")
        bar.say("drawing")
    assert "numgan:" not in stream.getvalue()
    assert ("drawing" in stream.getvalue()) == (not quiet)


def test_a_reader_who_leaves_does_not_end_the_work():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    clock = Clock()
    for terminal in (False, True):
        stream = Gone()
        stream.isatty = lambda terminal=terminal: terminal
        with Progress(9, "step", stream=stream, clock=clock) as bar:
            clock.now += 2 * EVERY
            bar.advance("V -1.39")
            bar.say("drawing")


def test_long_commands_tell_how_far_they_are(here, monkeypatch, capsys):
    """With no seconds between two lines, each step and each object has its own."""
    monkeypatch.setattr("numgan.progress.EVERY", 0.0)
    assert main(["train", "ring", *TINY, "--out", "new"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in said] == [
        " step 1 of 3",
        " step 2 of 3",
        " step 3 of 3",
        " drawing",
        " measuring",
    ]
    assert "V " in said[2] and "high quality" in said[2]
    assert main(["check", "--only", "layer tanh"]) == 0
    assert capsys.readouterr().err == "numgan: object 1 of 1: layer Tanh\n"

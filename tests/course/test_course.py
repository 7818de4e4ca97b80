"""`numgan course`: a folder from beginning to end, and everything that may be in a file."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numgan.course
from numgan.cli import main
from numgan.course import command, worker
from numgan.course import grade as grading
from numgan.course.exercises import EXERCISES, NUMBERS
from numgan.course.folder import STATE, file_name, load
from numgan.course.judge import judge
from numgan.course.load import verdict_of
from numgan.course.show import WIDTH, verdict_text
from numgan.trace.words import columns

DENSE, KL = EXERCISES["dense_backward"], EXERCISES["kl"]


# these are about the processes; the others judge in this one, which is faster
IN_PROCESSES = ("test_a_whole_pass", "test_a_file_that_ends", "test_an_endless", "test_the_worker")


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch):
    if not request.node.name.startswith(IN_PROCESSES):
        judged = lambda files: (worker.run(name, path) for name, path in files)  # noqa: E731
        monkeypatch.setattr(command, "grade", judged)


@pytest.fixture
def folder(tmp_path, capsys) -> Path:
    assert main(["course", "start", str(tmp_path / "mine")]) == 0
    capsys.readouterr()
    return tmp_path / "mine"


def solve(folder: Path, *names: str) -> None:
    for name in names:
        answer = EXERCISES[name].source()
        (folder / file_name(EXERCISES[name])).write_text(
            f"import numpy as np\n\n\n{answer}\n", "utf-8"
        )


def said(capsys, *arguments: object, status: int = 0) -> str:
    assert main(["course", *map(str, arguments)]) == status
    out, err = capsys.readouterr()
    # the path of a folder may be long
    assert all(columns(line) <= WIDTH + 1 for line in out.splitlines() if os.sep not in line)
    return err if status == 2 else out


def body(folder: Path, name: str, text: str) -> Path:
    """Write a file whose function has this body."""
    path = folder / file_name(EXERCISES[name])
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    path.write_text(f"import numpy as np\ndef {EXERCISES[name].call}:\n{lines}\n", "utf-8")
    return path


def test_a_whole_pass(folder, capsys):
    """All answers put in: the course is solved. Those of the library run in a process of their
    own, as a student's do.
    """
    assert said(capsys, "next", folder).startswith("01 entropy")
    solve(folder, *EXERCISES)
    out = said(capsys, "check", folder)
    assert f"{len(EXERCISES)} of {len(EXERCISES)} are right" in out
    assert "All exercises are solved" in out
    assert out.count("✓") == len(EXERCISES)
    assert f"{len(EXERCISES)} of {len(EXERCISES)}" in said(capsys, "progress", folder)
    assert "All exercises are solved" in said(capsys, "next", folder)


def test_check_grades_and_remembers(folder, capsys):
    body(folder, "dense_backward", "return dy @ W.T, dy.T @ x, dy.sum(0)")
    number = NUMBERS["dense_backward"]
    for _ in range(2):  # the same answer is one try
        out = said(capsys, "check", folder, number, status=1)
        assert "it is transposed" in " ".join(out.split())
        assert "Wrong: dW. Right: dx, db." in out and "Think:" in out
    record = load(folder).of(DENSE)
    assert (record.tries, record.solved, record.causes) == (1, False, {"shape_transposed": 1})
    solve(folder, "dense_backward")
    assert (
        said(capsys, "check", folder, "dense-backward") == f"✓ {number:02} dense_backward: right\n"
    )
    assert load(folder).of(DENSE).tries == 2
    assert "✓" in said(capsys, "progress", folder)


def test_hints_come_one_at_a_time_and_a_solution_after_a_question(folder, capsys):
    texts = [said(capsys, "hint", folder, "kl") for _ in range(4)]
    assert [sum(f"  {n}. " in text for n in (1, 2, 3)) for text in texts] == [1, 2, 3, 3]
    assert load(folder).of(KL).hints == 3
    assert "Sure?" in said(capsys, "solution", folder, "kl", status=2)
    assert not load(folder).of(KL).solution
    out = capsys_free(["course", "solution", str(folder), "kl", "--yes"], capsys)
    assert "# E2" in out and "numgan/theory/information.py:" in out and "derivation.md" in out
    assert load(folder).of(KL).solution


def capsys_free(arguments, capsys) -> str:
    """What is printed, the library's long lines among it."""
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def kl(p, q:\n", "Python cannot read line 1: '(' was never closed"),
        ("def KL(p, q):\n    return 0\n", "There is no function kl, but there is KL."),
        ("x = 1\n", "There is no function kl. "),
        ("kl = 3\n", "There is no function kl. "),
        ("def kl(p):\n    return 0\n", "cannot be called as kl(p, q)"),
        ("def kl(p, q):\n    return [1.0]\n", "KL is a list, expected one number"),
        ("def kl(p, q):\n    return 'no'\n", "KL is a str, expected an array of numbers"),
        ("def kl(p, q):\n    return 1j\n", "KL is complex"),
        ("def kl(p, q):\n    p - q\n", "It returns None."),
        ("def kl(p, q):\n    p += q\n    return 0.0\n", "It changes its argument p"),
        (
            "def kl(p, q):\n    return p @ q[:2]\n",
            "The shapes here are p (6,) = (K,), q (6,) = (K,)",
        ),
        (
            "def kl(p, q):\n    return (p - q[:2]).sum()\n",
            "`keepdims=True` keeps the axis of a sum",
        ),
        ("def kl(p, q):\n    return p.dot(q[:2])\n", "which one do both factors share"),
        ("def kl(p, q):\n    return 1 / 0\n", "ZeroDivisionError"),
        ("import numpyy\n", "Line 1 raises ModuleNotFoundError"),
        ("def kl(p, q):\n    return kl(p, q)\n", "RecursionError"),
        ("import random\ndef kl(p, q):\n    return random.random()\n", "other numbers each time"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_file_may_be_anything(tmp_path, text, says):
    """One verdict in a few lines, and no traceback."""
    path = tmp_path / file_name(KL)
    path.write_text(text, "utf-8")
    verdict = verdict_of(KL, path)
    assert verdict.status in ("broken", "wrong")
    out = " ".join(verdict_text(verdict, "en").split())
    assert says in out and "Traceback" not in out


def test_a_file_that_ends_the_process_costs_its_own_verdict_alone(folder, capsys):
    body(folder, "entropy", "import os\nos._exit(0)")
    body(folder, "kl", "raise SystemExit")
    (folder / file_name(DENSE)).write_text("x = input()\n")
    solve(folder, "tanh_backward")
    out = " ".join(said(capsys, "check", folder, status=1).split())
    assert "ended without a word" in out and "It ends Python" in out and "EOFError" in out
    assert out.count("✓") == 1 and "4 begun" in out


def test_an_endless_loop_is_stopped_and_the_rest_judged(folder, capsys, monkeypatch):
    monkeypatch.setattr(grading.grade, "__defaults__", (1.0,))
    body(folder, "entropy", "while True:\n    print('round')")
    solve(folder, "kl")
    out = said(capsys, "check", folder, 1, 3, status=1)
    assert "not done after 1 seconds" in out and "03 kl: right" in out


def test_a_stub_a_deleted_file_and_cheating_are_said_plainly(folder, capsys):
    assert "not begun" in said(capsys, "check", folder, 2, status=1)
    (folder / file_name(KL)).unlink()
    assert "is not there" in said(capsys, "check", folder, "kl", status=1)
    number = NUMBERS["dense_backward"]
    (folder / file_name(DENSE)).write_text(
        "from numgan import Dense\ndef dense_backward(W, x, dy):\n"
        "    layer = Dense(*W.shape)\n    dW, db = layer.gradient((W, None), x, dy)\n"
        "    return layer.backward((W, None), x, dy), dW, db\n"
    )
    out = said(capsys, "check", folder, number)
    assert "right" in out and "imports numgan" in out and "not forbidden" in " ".join(out.split())
    body(folder, "entropy", "print('look', p.shape)\nreturn 0.0")
    assert "look (6,)" in said(capsys, "check", folder, 1, status=1)


def test_start_never_overwrites(folder, capsys):
    mine = body(folder, "kl", "return 0.0  # mine")
    (folder / file_name(DENSE)).unlink()
    before = mine.read_text()
    said(capsys, "hint", folder, "kl")
    out = said(capsys, "start", folder)
    assert "Wrote 1 file into" in out and f"{len(EXERCISES) - 1} files were there" in out
    assert mine.read_text() == before and load(folder).of(KL).hints == 1
    assert (folder / file_name(DENSE)).is_file()


@pytest.mark.parametrize(
    ("name", "check"),
    [
        (".", "numgan course check"),
        ("mine", "numgan course check mine"),
        ("my course", 'numgan course check "my course"'),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_start_says_commands_that_run(tmp_path, monkeypatch, capsys, name, check, language):
    """Alone on a line, so that they can be copied: no full stop belongs to the folder."""
    monkeypatch.chdir(tmp_path)
    lines = said(capsys, "start", name, "--lang", language).splitlines()
    assert (str(tmp_path) if name == "." else name) in lines[0] and ".." not in lines[0]
    assert lines[-2:] == [f"    {check}", f"    {check.replace('check', 'next')}"]


def test_a_second_sentence_in_chinese_begins_without_a_space():
    def no_mean_and_no_minus(a_fake):
        return 1 / (1 + np.exp(a_fake))

    verdict = judge(EXERCISES["nonsaturating_gradient"], no_mean_and_no_minus)
    assert "缺了 1/N。而且符号相反。" in verdict_text(verdict, "zh")
    assert "1/N is missing. And the sign is wrong." in verdict_text(verdict, "en")


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("{", "cannot read"),
        ('{"course": 99}', "is of version 99 of the course"),
        ("[]", "is of version None"),
        ('{"course": 1, "exercises": {"kl": {"tries": "x"}}}', "does not hold the state"),
        (
            '{"course": 1, "language": "xx", "kind": "files", "last": "", "exercises": {}}',
            "does not",
        ),
    ],
)
def test_another_state_is_refused_in_a_line(folder, capsys, state, says):
    (folder / STATE).write_text(state)
    for action in ("check", "next", "progress", "start"):
        err = said(capsys, action, folder, status=2)
        assert says in err and err.count("\n") == 1
    assert (folder / STATE).read_text() == state


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chekc"], "there is no action 'chekc', did you mean check?"),
        (["start"], "expected one folder"),
        (["check"], "there is no course in"),
        (["check", "nowhere"], "there is no exercise 'nowhere'"),
        (["check", "no/where"], "there is no folder no/where"),
        (["check", "99"], "they have the numbers 1 to"),
        (["check", "--csv", "x.csv"], "--csv goes with numgan course report"),
        (["next", "--notebook"], "--notebook goes with numgan course start"),
        (["report"], "expected folders"),
        (["start", "file"], "file is a file, expected the name of a folder"),
    ],
)
def test_wrong_commands(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    err = said(capsys, *arguments, status=2)
    assert says in err and err.count("\n") == 1


def test_a_report_on_a_class(tmp_path, capsys):
    for name in ("ada", "=emmy"):
        said(capsys, "start", tmp_path / name)
    body(tmp_path / "ada", "kl", "return (p * np.log2(p / q)).sum()")
    solve(tmp_path / "=emmy", "kl")
    said(capsys, "check", tmp_path / "ada", "kl", status=1)
    said(capsys, "check", tmp_path / "=emmy", "kl")
    said(capsys, "hint", tmp_path / "ada", "kl")
    table, page = tmp_path / "class.csv", tmp_path / "class.html"
    folders = [tmp_path / "ada", tmp_path / "=emmy"]
    out = said(capsys, "report", *folders, "--csv", table, "--html", page)
    assert "03 kl                        1/2 solved    2 tries   1 hints" in out
    assert "1 × The logarithm has the base 2" in out
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert len(rows) == 2 * len(EXERCISES)
    ada, emmy = (row for row in rows if row["exercise"] == "03 kl")
    assert (ada["student"], ada["solved"], ada["tries"], ada["hints"]) == ("ada", "0", "1", "1")
    assert "base 2" in ada["commonest"]
    assert emmy["student"] == "'=emmy" and emmy["solved"] == "1"  # no formula of a table program
    html = page.read_text("utf-8")
    assert '<th scope="col">ada</th>' in html and "base 2" in html and "http" not in html
    assert "there is no course" in said(capsys, "report", tmp_path, status=2)


# ── in a notebook ────────────────────────────────────────────────────────────────────────────────


def test_a_cell_checks_a_function(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def tanh_backward(y, dy):
        return 1 - y**2

    shown = numgan.course.check(tanh_backward)
    assert "slope alone" in str(shown) and "slope alone" in shown._repr_html_()
    main(["course", "start", "."])

    def kl(p, q):
        """As it was written for the student."""

    assert "not begun" in str(numgan.course.check(kl))
    assert load(Path()).of(KL).tries == 0
    numgan.course.check(tanh_backward)
    numgan.course.hint(tanh_backward)
    record = load(Path()).of(EXERCISES["tanh_backward"])
    assert (record.tries, record.hints) == (1, 1)


def test_a_notebook_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    """Its cells run in order in this process: first as they come, then with the answers."""
    pytest.importorskip("nbformat")
    monkeypatch.chdir(tmp_path)
    said(capsys, "start", ".", "--notebook")
    book = json.loads(Path("1_information.ipynb").read_text("utf-8"))
    codes = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    shown = run_cells(codes)
    assert shown and all("None" in str(each) for each in shown)
    answered = [
        EXERCISES[code[4:].partition("(")[0]].source() if code.startswith("def ") else code
        for code in codes
    ]
    assert all(": right" in str(each) for each in run_cells(answered))
    for cell in book["cells"]:
        if cell["cell_type"] == "code" and "".join(cell["source"]).startswith("def kl("):
            cell["source"] = ["%time\n", KL.source()]
    Path("1_information.ipynb").write_text(json.dumps(book), "utf-8")
    assert "03 kl: right" in said(capsys, "check", "kl")
    assert "not begun" in said(capsys, "check", "2", status=1)


def run_cells(codes: list[str]) -> list:
    """What the checking cells show."""
    names: dict = {}
    shown = []
    for code in codes:
        if code.startswith("check("):
            shown.append(eval(code, names))
        else:
            exec(code, names)
    return shown


def test_a_function_that_numpy_wrote_itself():
    assert judge(KL, np.dot).status == "wrong"


def test_the_worker_needs_no_installed_command(folder):
    """`python -m numgan course` from another folder: the worker finds the package."""
    done = subprocess.run(
        [sys.executable, "-m", "numgan", "course", "check", str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "0 of" in done.stdout

"""What the README and the guide show is what happens: their Python runs, and their reports are the
ones that the command prints.
"""

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import numgan
from tests.frames import Frame

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "numgan" / "study" / "guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_python_runs(number, capsys):
    exec(compile(BLOCKS[number], f"guide, block {number}", "exec"), {"np": np})
    if number == 0:
        # four seeds: within 0.03
        assert abs(float(capsys.readouterr().out.split()[0]) + np.log(4)) < 0.1


def test_the_tour_in_python_runs(tmp_path, monkeypatch):
    """The cells of the table, in their order, with small budgets."""
    monkeypatch.chdir(tmp_path)
    table = README.split("## From Python")[1].split("\n## ")[0]
    cells = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ")][1:]
    calls = [call for cell in cells for call in re.findall(r"`([^`]+)`", cell)]
    assert len(calls) > 10
    small = {"steps": 4, "hidden": (4,), "batch": 8, "quiet": True}
    frame = Frame({"size": list(range(12)), "species": ["cat", "dog"] * 6})
    monkeypatch.setattr(numgan, "train", partial(numgan.train, **small), raising=False)
    names = {"numgan": numgan, "frame": frame}
    for call in calls:
        exec(call, names)
    assert names["run"].training.iterations == 504 and names["run"].by_hand == (1, 1)


def test_the_loop_is_the_librarys_own():
    """The 30-line example, as Training would do it: the same draws in the same order give the same
    bits.
    """
    names: dict = {}
    exec(compile(BLOCKS[0].replace("range(2000)", "range(5)"), "guide", "exec"), names)
    from numgan import Adam, Training
    from numgan.data import dataset

    rng = np.random.default_rng(0)
    theta_g, theta_d = names["G"].initial(rng), names["D"].initial(rng)
    training = Training(
        names["game"],
        dataset("swissroll"),
        rng,
        theta_d,
        theta_g,
        Adam(1e-3, beta1=0.5),
        Adam(1e-3, beta1=0.5),
        m=256,
    )
    for _ in range(5):
        training.iteration()
    assert training.theta_g.tobytes() == names["theta_g"].tobytes()
    assert training.theta_d.tobytes() == names["theta_d"].tobytes()


@pytest.mark.parametrize(
    "target", [["wrong_layer:Square", "--input-shape", "4,3"], ["wrong_objective:margin"]]
)
def test_the_report_is_the_one_that_is_printed(target):
    command = [sys.executable, "-m", "numgan", "check", *target]
    said = subprocess.run(command, cwd=ROOT / "demos", capture_output=True, text=True)
    shown = re.search(rf"```\n(FAIL    {target[0].split(':')[1]}.*?)```", GUIDE, re.DOTALL)
    assert said.returncode == 1 and shown is not None and shown[1] in said.stdout


def test_the_objective_is_the_one_of_the_file():
    code = next(block for block in BLOCKS if "Objective(" in block)
    assert code in (ROOT / "demos" / "wrong_objective.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "numgan/study/guide.md", "CONTRIBUTING.md"])
def test_every_file_that_is_linked_is_there(page):
    path = ROOT / page
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link

"""`numgan check` from the command line: what it prints, what it returns, and what it says to bad
input.
"""

import json

import pytest

from numgan.cli import main

MODULE = """
import numpy as np

def loss(w): return (w * w).sum()
def dloss(w): return 2 * w

def wrong(W, b=0): return (W * W).sum() + (b * b).sum()
def dwrong(W, b): return 2 * W, b

def both(w): return (w * w).sum(), 2 * w
def default(w=np.array([1.0, 2.0])): return (w * w).sum(), 2 * w
def absolute(w): return np.abs(w).sum(), np.sign(w)
def vector(w): return w
def dvector(w): return w
def orphan(w): return w.sum()
def fails(w): raise RuntimeError("two\\nlines")

class Layer:
    def __init__(self, I=3, O=2): self.I, self.O = I, O
    def parameters(self): return {"W": (self.I, self.O)}
    def forward(self, P, x): return x @ P[0], x
    def backward(self, P, x, dy): return dy @ P[0].T
    def gradient(self, P, x, dy): return (x.T @ dy,)

class Mean(Layer):
    def gradient(self, P, x, dy): return (x.T @ dy / len(x),)

class Needs(Layer):
    def __init__(self, I, O): self.I, self.O = I, O

class Infinite(Layer):
    def forward(self, P, x): return x / 0.0, x

layer, number = Layer(), 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own with a module `own`, and nothing of it left behind."""
    import sys

    (tmp_path / "own.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "lacking.py").write_text("import no_such_package_at_all\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("own", "broken", "lacking"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    for name in ("own", "broken", "lacking"):
        sys.modules.pop(name, None)


def run(capsys, *arguments):
    status = main(["check", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["own:loss", "--input-shape", "3"], "0 failed"),
        (["own:both", "--input-shape", "2,2"], "0 failed"),
        (["own:default"], "0 failed"),
        (["own:absolute", "--input-shape", "3"], "E47 and E49 still apply"),
        (["own:layer", "--input-shape", "4,3"], "the layer has no R-passes"),
        (["own:Layer", "--input-shape", "4,3"], "0 failed"),
        (["own:Layer(5, O=1)", "--input-shape", "1,5"], "0 failed"),
        (["own:Needs(3, 2)", "--input-shape", "4,3"], "0 failed"),
    ],
)
def test_right_code_of_the_users(folder, capsys, arguments, said):
    status, out, err = run(capsys, *arguments)
    assert (status, err) == (0, "") and said in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["own:wrong", "--input-shape", "2,3", "4"],
            ["FAIL    wrong · db", "a factor 2 is missing"],
        ),
        (
            ["own:Mean", "--input-shape", "4,3"],
            ["FAIL    Mean · dW", "4 is the batch N, a sum is written as a mean"],
        ),
    ],
)
def test_wrong_code_of_the_users(folder, capsys, arguments, said):
    status, out, err = run(capsys, *arguments)
    assert (status, err) == (1, "") and all(text in out for text in said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["own"], "expected MODULE:NAME"),
        (["own:nothing"], "the module own has no nothing"),
        (["own:number"], "number is the number 3: expected a layer, a function, an Objective"),
        (["absent:f"], "there is no module absent"),
        (["broken:f"], "importing broken raised ZeroDivisionError"),
        (["lacking:f"], "No module named 'no_such_package_at_all'"),
        (["own:loss"], "where is loss to be checked?"),
        (["own:loss", "--input-shape", "2", "2"], "loss has the arguments w, got 2 shapes"),
        (["own:loss", "--input-shape", "2,x"], "must be sizes like 4,3"),
        (["own:loss", "--input-shape", "0"], "must be sizes like 4,3"),
        (["own:vector", "--input-shape", "2"], "returns an array of shape (2,), not a scalar"),
        (["own:orphan", "--input-shape", "2"], "has no dorphan"),
        (["own:fails", "--input-shape", "2"], "fails raised RuntimeError: two lines (own.py, line"),
        (["own:Layer"], "needs --input-shape"),
        (["own:Layer", "--input-shape", "4"], "the batch first"),
        (
            ["own:Layer", "--input-shape", "4,7"],
            "Layer with input of shape (4, 7) raised ValueError",
        ),
        (["own:Needs", "--input-shape", "4,3"], "write its arguments as in Needs(3, 2)"),
        (["own:Needs(3, x)", "--input-shape", "4,3"], "must be plain values"),
        (["own:Infinite", "--input-shape", "4,3"], "not finite"),
        (["--input-shape", "3"], "goes with code of your own"),
        (["own:loss", "--only", "x"], "each does not go with a target"),
        (["--only", "zzz"], "nothing to check is called 'zzz'"),
        (["--seed", "-1"], "--seed must be"),
        (["--solution"], "goes with --exercise"),
        (["--exercise", "9999"], "there are exercises 1 to"),
        (["own:loss", "--exercise", "1"], "does not go with a target"),
        (["--json", "no/such/folder.json"], "there is no folder"),
    ],
)
def test_bad_input_is_one_line_and_status_2(folder, capsys, arguments, said):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err and err.startswith("numgan: ") and err.count("\n") == 1


def test_a_part_of_the_suite_as_a_table_and_as_json(tmp_path, capsys):
    file = tmp_path / "found.json"
    status, out, _ = run(capsys, "--only", "layer tanh", "--json", str(file), "--seed", "3")
    assert (
        status == 0
        and "layer Tanh" in out
        and "worst relative error" in out
        and "layer Dense" not in out
    )
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["ok"] and found["seed"] == 3 and found["worst"]["E48"] <= 1e-12
    assert {"subject", "parameter", "method", "relative", "tolerance", "verdict"} <= set(
        found["findings"][0]
    )


def test_the_full_table_has_a_line_for_each_parameter_and_method(capsys):
    status, out, _ = run(capsys, "--only", "layer d?nse", "--full")
    rows = [line for line in out.split("\n") if line.startswith("layer Dense")]
    assert status == 0 and len(rows) > 20
    assert any("dW" in row and "complex step E48" in row and row.endswith("ok") for row in rows)


def test_a_failure_of_the_suite_is_status_1_and_told(capsys, monkeypatch):
    from numgan.layers import Tanh

    monkeypatch.setattr(Tanh, "ddphi", lambda self, y: 0.0)
    status, out, _ = run(capsys, "--only", "layer tanh")
    assert (
        status == 1
        and "FAIL" in out
        and "the second derivative" in out
        and "layer Tanh · Rdx" in out
    )


def test_exercises_from_the_command_line(capsys):
    status, listing, _ = run(capsys, "--exercise")
    assert status == 0 and "  1  " in listing
    status, question, _ = run(capsys, "--exercise", "6")
    assert status == 0 and "def gradient" in question
    status, answer, _ = run(capsys, "--exercise", "6", "--solution")
    assert status == 0 and "FAIL" in answer and len(answer) > len(question)

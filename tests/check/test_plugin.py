"""`pytest --gradients`, in a pytest of its own: what it collects, how a check fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
from functools import partial
import numpy as np
from numgan.check import assert_gradient, check_gradient
w = np.array([1.0, 3.0, 4.0])
def loss(w): return (w**2).sum()
def dloss(w):
    return 2 * w
def half(w):
    return w
def test_other(): pass
"""
LISTED = """
numgan_checks = [
    ("right", partial(check_gradient, loss, dloss, w)),
    ("half", partial(check_gradient, loss, half, w)),
]
"""
YIELDED = """
def numgan_checks():
    yield "report", check_gradient(loss, dloss, w)
    yield "asserts", lambda: assert_gradient(loss, half, w)
    yield "raises", lambda: 1 / 0
    yield "number", lambda: 3
    yield "integers", partial(check_gradient, loss, dloss, np.array([1, 2]))
"""


def pytest_of(folder, *options, **environment):
    """pytest with the plugin and no other."""
    root = Path(__file__).resolve().parents[2]
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(root), **environment}
    # under CI pytest says each failure twice, the second time whole in its summary
    services = ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS")
    environment = {k: v for k, v in os.environ.items() if k not in services} | alone
    command = [sys.executable, "-m", "pytest", "-p", "numgan.check.plugin", "-rA", *options]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def outcomes(text):
    """{name of the test: outcome} of pytest's summary."""
    lines = [line.split(" - ")[0] for line in text.split("\n")]
    words = [line.split(" ", 1) for line in lines if line.startswith(("PASSED ", "FAILED "))]
    return {name.split("py::", 1)[1]: outcome for outcome, name in words}


def test_checks_are_tests_whose_failure_is_the_diagnosis(tmp_path):
    (tmp_path / "test_listed.py").write_text(HEAD + LISTED)
    (tmp_path / "test_yielded.py").write_text(HEAD.replace("test_other", "test_more") + YIELDED)
    done = pytest_of(tmp_path, "--gradients", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    passed = ("test_other", "test_more", "numgan_checks::right", "numgan_checks::report")
    failed = [f"numgan_checks::{n}" for n in ("half", "asserts", "raises", "number", "integers")]
    assert outcomes(done.stdout) == dict.fromkeys(passed, "PASSED") | dict.fromkeys(
        failed, "FAILED"
    )
    cause = "        likely cause: the ratio is constant, analytic = 0.5 × numeric"
    assert done.stdout.count(f"\n{cause}") == 2
    assert "'number' returned int: expected a Report" in done.stdout
    assert "has whole numbers" in done.stdout
    # the user's line alone, of pytest's and numgan's none
    assert 'yield "raises", lambda: 1 / 0' in done.stdout and "_pytest" not in done.stdout
    said = [line for line in done.stdout.split("\n") if line.startswith("::error")]
    line = HEAD.split("\n").index("    return w") + 1
    assert len(said) == 5 and said[0].startswith(f"::error file=test_listed.py,line={line},title=")
    assert all(len(each) < 1000 for each in said)


def test_without_the_option_nothing_is_collected(tmp_path):
    (tmp_path / "test_listed.py").write_text(HEAD + LISTED)
    done = pytest_of(tmp_path)
    assert done.returncode == 0 and outcomes(done.stdout) == {"test_other": "PASSED"}


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("numgan_checks = 3", "got int"),
        ("numgan_checks = ['loss']", "item 0 is 'loss'"),
        ("numgan_checks = [('loss', 3)]", "'loss' comes with int"),
        ("numgan_checks = [('a', print), ('a', print)]", "two checks called 'a'"),
    ],
)
def test_what_is_no_list_of_checks_is_one_line(listed, said):
    from numgan.check.plugin import pairs

    namespace = {}
    exec(listed, namespace)
    with pytest.raises(pytest.Collector.CollectError, match=said) as error:
        pairs(namespace["numgan_checks"])
    assert "\n" not in str(error.value)


def test_the_plugin_costs_other_runs_nothing():
    """Whoever has numgan installed imports it in every run of pytest."""
    code = "import pytest, sys; a = set(sys.modules); import numgan.check.plugin; "
    code += "print(*sorted(set(sys.modules) - a))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["numgan", "numgan.check", "numgan.check.plugin"]


def test_the_entry_point_names_the_plugin():
    from configparser import ConfigParser

    setup = ConfigParser()
    setup.read(Path(__file__).resolve().parents[2] / "setup.cfg")
    assert "numgan = numgan.check.plugin" in setup["options.entry_points"]["pytest11"]

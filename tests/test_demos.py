"""The chapters in demos/: each runs alone, claims what is true, and draws what it says.

A chapter prints its claims as rows of a table, `difference ≤ allowed  how`. The test reads those rows and holds each to
the bound of its kind: 1e-14 for sums of a few terms, 1e-10 for quadrature and for long computations, 4 standard errors
for means over samples. The seeds are fixed, so a row that passes passes again.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEMOS = Path(__file__).resolve().parent.parent / "demos"
CHAPTERS = {
    "01_entropy": ["E1"],
    "02_kl_and_its_direction": ["E2", "E3", "E4", "E5", "E6"],
    "03_maximum_likelihood_is_kl": ["E7", "E8", "E9", "E10"],
    "04_no_inverse_needed": ["E11", "E12"],
    "05_optimal_discriminator": ["E13", "E14", "E15", "E16", "E17", "E18"],
    "06_minus_log_four": ["E19", "E20", "E21", "E22", "E23"],
    "07_jensen_shannon": ["E24", "E25"],
    "08_the_ideal_loop": ["E26", "E27", "E28", "E37"],
    "09_algorithm_one": ["E29", "E30", "E31", "E32", "E33", "E35", "E36"],
    "10_saturation": ["E34"],
    "11_f_divergences": ["E41", "E42", "E43"],
    "12_checking_a_gradient": ["E47", "E48", "E49", "E50"],
    "13_convolution_by_hand": ["L1", "L3", "L4", "L9", "L10"],
    "14_batch_norms_gradient": ["L5", "L6"],
    "15_dcgan": ["L2", "L5", "L7", "L9", "L10", "L11", "L12", "L13"],
    "16_conditional_digits": ["L8"],
    "17_between_latents": ["L8", "E11", "E44"],
    "18_gradients_at_the_logit": ["E33", "E34", "E41", "E42", "E43"],
    "19_gradient_penalty_by_hand": ["E46"],
    "20_pearlmutters_operator": ["E44", "E45"],
    "21_f_gan": ["E6", "E41", "E42"],
    "22_the_critic_of_wgan": ["E43", "E46"],
    "23_dirac_gan": ["E39", "E40"],
    "24_eigenvalues_and_step_sizes": ["E38"],
    "25_k_and_two_time_scales": ["E31", "E38", "E40"],
    "26_the_finite_game": ["E37"],
    "27_the_spectrum_of_a_real_game": ["E38", "E44", "E45"],
}
ANIMATED = {"09_algorithm_one", "23_dirac_gan"}
LARGEST = {"sum": 1e-14, "quadrature": 1e-10, "rounding": 1e-10}
ROW = re.compile(r"^([EL]\d+)\b.*\s(\S+) ≤ (\S+)  (sum|quadrature|rounding|4 standard errors)\b", re.MULTILINE)


def source(name: str) -> str:
    return (DEMOS / f"{name}.py").read_text(encoding="utf-8")


def cells(name: str) -> list[str]:
    return re.split(r"^(?=# %%)", source(name), flags=re.MULTILINE)[1:]


def test_every_chapter_is_here():
    assert sorted(path.stem for path in DEMOS.glob("[0-9]*.py")) == sorted(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_a_notebook_that_names_its_labels(name):
    """It begins with a markdown cell whose title names the labels; prose is comments; code imports what it may."""
    assert source(name).startswith("# %% [markdown]\n# # ")
    title = cells(name)[0].splitlines()[1]
    assert title.startswith(f"# # {int(name[:2])} · ")
    assert set(CHAPTERS[name]) <= set(re.findall(r"\b[EL]\d+\b", title))
    for cell in cells(name):
        first, *rest = cell.rstrip("\n").splitlines()
        assert first in ("# %%", "# %% [markdown]")
        if first == "# %% [markdown]":
            assert all(text.startswith("#") for text in rest if text)
    imported = {
        module.split(".")[0]
        for node in ast.walk(ast.parse(source(name)))
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                       [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
    }  # fmt: skip
    assert imported - set(sys.stdlib_module_names) <= {"figure", "matplotlib", "numgan", "numpy"}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs_and_claims_what_is_true(name, tmp_path):
    """As a reader starts it, but in an empty folder, with no display, and with every warning an error."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "PYTHONPATH")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"PYTHONWARNINGS": "error", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(DEMOS / f"{name}.py"), "--quick"],
        cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not [said for said in done.stdout.splitlines() if said.endswith("WRONG")]

    rows = ROW.findall(done.stdout)
    assert rows, "no table"
    for label, difference, allowed, how in rows:
        assert float(difference) <= float(allowed), (label, difference, allowed, how)
        assert float(allowed) <= LARGEST.get(how, float("inf")), (label, allowed, how)
    numbered = set(re.findall(r"^([EL]\d+)\b", done.stdout, re.MULTILINE))
    assert set(CHAPTERS[name]) <= numbered, "a label without a number"

    made = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    assert set(made) == {f"{name}.png"} | ({f"{name}.gif"} if name in ANIMATED else set())
    png = made[f"{name}.png"]
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(png[16:20], "big") >= 800  # the width in its header: 120 dots an inch
    if name in ANIMATED:
        gif = made[f"{name}.gif"]
        assert gif.startswith(b"GIF8")
        assert gif.count(b"\x21\xf9\x04") > 3  # graphic control extensions, one a frame


def test_out_takes_the_figure_elsewhere(tmp_path):
    done = subprocess.run(
        [sys.executable, str(DEMOS / "01_entropy.py"), "--quick", "--out", "one/two"],
        cwd=tmp_path, env=os.environ | {"PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "one" / "two").iterdir()] == ["01_entropy.png"]

"""The chapters in demos/: each runs alone, claims what is true, and draws what it says.

A chapter prints its claims as rows of a table, `difference ≤ allowed
    how`. The test reads those rows and holds each to
the bound of its kind: 1e-14 for sums of a few terms, 1e-10 for quadrature and for long
computations, 4 standard errors for means over samples. The seeds are fixed, so a row that passes
passes again.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import chapters
from tests.chapters import LONGEST

DEMOS = Path(__file__).resolve().parent.parent / "demos"
LABEL = re.compile(r"\b[EL]\d+\b")
LARGEST = {"sum": 1e-14, "quadrature": 1e-10, "rounding": 1e-10}
ROW = re.compile(
    r"^([EL]\d+)\b.*\s(\S+) ≤ (\S+)  (sum|quadrature|rounding|4 standard errors)\b", re.MULTILINE
)


def source(name: str) -> str:
    return (DEMOS / f"{name}.py").read_text(encoding="utf-8")


def cells(name: str) -> list[str]:
    return re.split(r"^(?=# %%)", source(name), flags=re.MULTILINE)[1:]


def labels(name: str) -> set[str]:
    """The labels in the chapter's title: the equations that it shows."""
    return set(LABEL.findall(cells(name)[0].splitlines()[1]))


def figures(name: str) -> list[str]:
    """The names of what the chapter saves, in order: its own name, and NN_name_more."""
    return re.findall(r"^save\(\w+, \"([^\"]+)\", run", source(name), re.MULTILINE)


def animated(name: str) -> set[str]:
    """Those among them with an animation too: save(…, animation)."""
    return set(re.findall(r"^save\(\w+, \"([^\"]+)\", run, .*\)$", source(name), re.MULTILINE))


CHAPTERS = sorted(path.stem for path in DEMOS.glob("[0-9][0-9]_*.py"))


def test_chapters_are_numbered_from_1_without_a_gap():
    assert [int(name[:2]) for name in CHAPTERS] == list(range(1, len(CHAPTERS) + 1))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_a_notebook_that_names_its_labels(name):
    """It begins with a markdown cell whose title names the labels; prose is comments; code imports
    what it may.
    """
    assert source(name).startswith("# %% [markdown]\n# # ")
    title = cells(name)[0].splitlines()[1]
    assert title.startswith(f"# # {int(name[:2])} · ")
    assert labels(name), "the title ends with the labels that the chapter shows, as in (E1, E2)"
    for cell in cells(name):
        first, *rest = cell.rstrip("\n").splitlines()
        assert first in ("# %%", "# %% [markdown]")
        if first == "# %% [markdown]":
            assert all(text.startswith("#") for text in rest if text)
    imported = {
        module.split(".")[0]
        for node in ast.walk(ast.parse(source(name)))
        for module in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) <= {"figure", "matplotlib", "numgan", "numpy"}


def bare() -> dict[str, str]:
    """The environment of a reader without a display, in which every warning is an error."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "PYTHONPATH")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    return environment | {"PYTHONWARNINGS": "error", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}


def started(path: Path, options: list[str], folder: Path) -> subprocess.CompletedProcess:
    """What becomes of `python path options` in the folder."""
    return subprocess.run(
        [sys.executable, str(path), *options],
        cwd=folder,
        env=bare(),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
    )


@pytest.fixture(scope="module")
def start():
    """`started` in forks of a process that has done the imports; itself where nothing forks."""
    if not hasattr(os, "fork"):
        yield started
        return
    with subprocess.Popen(
        [sys.executable, chapters.__file__],
        env=bare(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:

        def forked(path: Path, options: list[str], folder: Path) -> subprocess.CompletedProcess:
            print(json.dumps([str(path), options, str(folder)]), file=process.stdin, flush=True)
            status = int(process.stdout.readline())
            said = [(folder / name).read_text(encoding="utf-8") for name in ("out.txt", "err.txt")]
            return subprocess.CompletedProcess([path, *options], status, *said)

        yield forked
        process.stdin.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs_and_claims_what_is_true(name, start, tmp_path):
    """As a reader starts it, but in an empty folder, with no display, and with every warning an
    error.
    """
    done = start(DEMOS / f"{name}.py", ["--quick"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not [said for said in done.stdout.splitlines() if said.endswith("WRONG")]

    rows = ROW.findall(done.stdout)
    assert rows, "no table"
    for label, difference, allowed, how in rows:
        assert float(difference) <= float(allowed), (label, difference, allowed, how)
        assert float(allowed) <= LARGEST.get(how, float("inf")), (label, allowed, how)
    numbered = set(re.findall(r"^([EL]\d+)\b", done.stdout, re.MULTILINE))
    assert labels(name) <= numbered, "a label without a number"

    made = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    stills, films = figures(name), animated(name)
    assert name in stills and all(still.startswith(name) for still in stills)
    assert set(made) == {f"{still}.png" for still in stills} | {f"{film}.gif" for film in films}
    for still in stills:
        png = made[f"{still}.png"]
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(png[16:20], "big") >= 800  # the width in its header: 120 dots an inch
    for film in films:
        gif = made[f"{film}.gif"]
        assert gif.startswith(b"GIF8")
        assert gif.count(b"\x21\xf9\x04") > 3  # graphic control extensions, one a frame


@pytest.mark.parametrize("flags", [[], ["--quick"]])
def test_a_quick_figure_says_so_in_its_corner(flags):
    """And only a quick one."""
    code = (
        "import figure; print([text.get_text() for text in figure.panels(1, 2, 'title')[0].texts])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *flags], cwd=DEMOS, capture_output=True, encoding="utf-8"
    )
    assert done.stdout == ("['title', 'quick']\n" if flags else "['title']\n"), done.stderr


def test_slides_have_one_panel_each_and_the_shape_of_a_screen(tmp_path):
    """The three products of chapter 10 on three slides."""
    path = DEMOS / "10_one_dense_layer_by_hand.py"
    done = started(path, ["--quick", "--slides"], tmp_path)
    assert done.returncode == 0, done.stderr
    made = sorted((tmp_path / "figures").iterdir())
    stem = "10_one_dense_layer_by_hand_slide"
    assert [path.name for path in made] == [f"{stem}_{n}.png" for n in (1, 2, 3)]
    for path in made:
        png = path.read_bytes()
        size = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
        assert size == (1920, 1080)


SHARED = """
import figure, matplotlib
from numgan.study.slides import slides
matplotlib.rcParams.update(figure.STYLE)
drawing, axes = figure.panels(2, 2, "t", sharex=True, sharey=True, slides=[(0,), (1, 3)])
for axis in axes.flat:
    axis.plot([0, 1], [0, 1])
axes[0, 0].set_ylabel("V")
axes[1, 1].set_xlabel("step")
for _ in slides(drawing, drawing.slides):
    print([n for n, axis in enumerate(axes.flat) if axis.get_visible()], axes[0, 1].get_ylabel())
"""


def test_a_slide_shows_its_panels_with_the_names_of_their_axes():
    """Panels of a group together; a panel that left the name of its axis to a neighbour has it."""
    done = subprocess.run(
        [sys.executable, "-c", SHARED], cwd=DEMOS, capture_output=True, encoding="utf-8"
    )
    assert done.stdout == "[0] \n[1, 3] V\n", done.stderr


def test_out_takes_the_figure_elsewhere(tmp_path):
    """This chapter starts in a process of its own, and imports what it needs itself."""
    options = ["--quick", "--out", "one/two"]
    done = started(DEMOS / "01_entropy.py", options, tmp_path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    made = {path.stem for path in (tmp_path / "one" / "two").iterdir()}
    assert made == set(figures("01_entropy"))
    assert os.listdir(tmp_path) == ["one"]


def test_the_index_is_in_step_with_the_chapters(monkeypatch):
    """demos/README.md is what demos/index.py writes, with one small picture for each chapter."""
    monkeypatch.syspath_prepend(DEMOS)
    import index

    written = (DEMOS / "README.md").read_text(encoding="utf-8")
    assert written == index.page(), "python demos/index.py makes it anew"
    pictures = {path.stem: path for path in (DEMOS / "pictures").glob("[0-9][0-9]_*.png")}
    assert sorted(pictures) == CHAPTERS
    assert all(
        f"]({name}.py)" in written and f"pictures/{name}.png" in written for name in CHAPTERS
    )
    for path in pictures.values():
        png = path.read_bytes()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(png[16:20], "big") == index.WIDTH
    assert sum(path.stat().st_size for path in pictures.values()) < 1.2e6

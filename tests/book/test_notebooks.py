"""The chapters as notebooks: cell by cell, runnable in any folder, and never over a reader's own
changes.
"""

# ruff: noqa: E402 (without the extra a file is skipped before it is imported)

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="the extra numgan[notebooks] is not installed")

from numgan.book import notebook
from numgan.book.notebook import make_notebooks
from numgan.book.source import collect
from numgan.cli import main
from numgan.errors import InputError
from tests.book.small import CHAPTER, plant

ROOT = Path(__file__).resolve().parents[2]
SOURCE = collect(ROOT)
QUICK = 2  # chapters that are run: the first, which take a second each


@pytest.fixture
def figure(monkeypatch):
    """What the chapters share, which chooses matplotlib's backend and style."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib

    from numgan.study import figure

    with matplotlib.rc_context():
        yield figure


def small(tmp_path, **changed):
    return collect(plant(tmp_path / "in", **changed))


def read(path):
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    return book


def test_a_notebook_has_the_cells_of_its_chapter_in_their_order(tmp_path, figure):
    assert make_notebooks(tmp_path / "out", SOURCE) == len(SOURCE.chapters) > 20
    for chapter in SOURCE.chapters:
        book = read(tmp_path / "out" / f"{Path(chapter.path).stem}.ipynb")
        marks = [line for line in chapter.lines if line.startswith("# %%")]
        assert [cell.cell_type == "markdown" for cell in book.cells] == [
            "[markdown]" in mark for mark in marks
        ]
        assert book.cells[0].source.startswith("# ")  # the title
        assert not any(line.startswith("# %%") for c in book.cells for line in c.source.split("\n"))
        code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
        compile(code, chapter.path, "exec")
        assert "from figure import" not in code  # what chapters share is in the package
        if "from figure import" not in chapter.text:  # a demo that draws nothing of its own
            continue
        shared = re.search(
            r"^from numgan\.study\.figure import (\([^)]*\)|.+)$", code, re.MULTILINE
        )
        names = re.findall(r"\w+", shared[1])
        assert names and all(hasattr(figure, name) for name in names)


def test_the_same_chapters_are_the_same_files(tmp_path):
    source = small(tmp_path)
    for name in ("one", "two"):
        make_notebooks(tmp_path / name, source)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two and set(one) == {"01_half.ipynb", "notebooks.json"}


def test_a_chapter_that_is_gone_goes_and_what_is_somebodys_stays(tmp_path):
    source, out = small(tmp_path), tmp_path / "out"
    make_notebooks(out, source)
    (out / "mine.ipynb").write_text("{}")
    (tmp_path / "in" / "demos" / "02_new.py").write_text(CHAPTER.replace("1 · Half", "2 · New"))
    (tmp_path / "in" / "demos" / "01_half.py").unlink()
    make_notebooks(out, collect(tmp_path / "in"))
    assert {path.name for path in out.iterdir()} == {"02_new.ipynb", "mine.ipynb", "notebooks.json"}


def test_a_notebook_that_a_reader_changed_is_kept(tmp_path, capsys):
    source, out = plant(tmp_path / "in"), tmp_path / "out"
    words = ["book", "--notebooks", str(out), "--source", str(source)]
    assert main(words) == 0
    assert main(words) == 0  # unchanged ones may be written again
    assert capsys.readouterr().out == f"{out}: 1 notebook\n" * 2
    book = json.loads((out / "01_half.ipynb").read_text(encoding="utf-8"))
    book["cells"][0]["source"] = "my notes"
    (out / "01_half.ipynb").write_text(json.dumps(book), encoding="utf-8")
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "01_half.ipynb was changed" in error
    assert "give --notebooks another folder" in error
    assert "my notes" in (out / "01_half.ipynb").read_text(encoding="utf-8")


def test_bad_folders_are_one_line_and_stay_as_they_are(tmp_path, capsys):
    mine, file = tmp_path / "mine", tmp_path / "file"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    file.write_text("a file")
    assert (
        main(["book", "--out", str(tmp_path / "book"), "--source", str(plant(tmp_path / "in"))])
        == 0
    )
    capsys.readouterr()
    for folder, says in {
        mine: "must be a new or empty folder, or earlier notebooks",
        file: "must be a new or empty folder, or earlier notebooks",
        file / "inside": "cannot make the folder",
        tmp_path / "book": "or earlier notebooks",  # its own list is another
    }.items():
        words = ["book", "--notebooks", str(folder), "--source", str(tmp_path / "in")]
        assert main(words) == 2, folder
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and says in error and str(folder) in error
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


def test_a_folder_that_may_not_be_written_to_is_refused_before_the_work(tmp_path, monkeypatch):
    def refuse(path):
        raise InputError(f"cannot write {path}: Permission denied")

    monkeypatch.setattr("numgan.book.write.writable", refuse)
    monkeypatch.setattr(notebook, "notebook", None)  # no chapter is looked at
    with pytest.raises(InputError, match="Permission denied"):
        make_notebooks(tmp_path / "out", small(tmp_path))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "absent, run", [("nbformat", False), ("nbclient", True), ("ipykernel", True)]
)
def test_without_the_extra_it_says_what_to_install_in_one_line(
    absent, run, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(notebook, "find_spec", lambda name: None if name == absent else True)
    words = ["book", "--notebooks", str(tmp_path / "out"), *(["--run"] if run else [])]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told == "numgan: notebooks need a few packages more: pip install '.[notebooks]'\n"
    assert not (tmp_path / "out").exists()


def test_a_source_without_chapters_is_named(tmp_path):
    plant(tmp_path / "in")
    (tmp_path / "in" / "setup.cfg").unlink()  # a package alone
    with pytest.raises(InputError, match="there are no chapters in .*: give the repository with"):
        make_notebooks(tmp_path / "out", collect(tmp_path / "in"))


def test_both_folders_are_two_and_one_is_needed(tmp_path, capsys):
    assert main(["book", "--out", str(tmp_path), "--notebooks", str(tmp_path)]) == 2
    assert "must be two folders" in capsys.readouterr().err
    assert main(["book"]) == 2
    assert "--out DIR for the book, --notebooks DIR" in capsys.readouterr().err


# ── run ──────────────────────────────────────────────────────────────────────────────────────────


def needs_a_kernel():
    for needed in notebook.RUN:
        pytest.importorskip(needed, reason="the extra numgan[notebooks] is not installed")


def test_chapters_run_as_notebooks_and_a_figure_follows_its_section(tmp_path, request):
    """With the quick settings, which the environment tells; all chapters with --long."""
    needs_a_kernel()
    every = request.config.getoption("--long", default=False)
    chosen = SOURCE.chapters if every else SOURCE.chapters[:QUICK]
    others = [module for module in SOURCE.chapters if module not in chosen]
    source = replace(SOURCE, modules=tuple(m for m in SOURCE.modules if m not in others))
    assert make_notebooks(tmp_path / "out", source, run=True) == len(chosen)
    for chapter in chosen:
        book = read(tmp_path / "out" / f"{Path(chapter.path).stem}.ipynb")
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        outputs = [(cell, output) for cell in code for output in cell.outputs]
        told = "".join(
            o.text for _, o in outputs if o.output_type == "stream" and o.name == "stdout"
        )
        assert re.search(r"^[EL]\d+ .*≤", told, re.MULTILINE) and "WRONG" not in told
        drawn = [(c, o) for c, o in outputs if "image/png" in o.get("data", {})]
        assert drawn
        for cell, output in drawn:
            assert "save(" in cell.source or "show(" in cell.source
            assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")


def test_a_chapter_that_fails_as_a_notebook_is_named_and_nothing_is_written(tmp_path):
    needs_a_kernel()
    chapter = "# %% [markdown]\n# # 1 · Half\n# %%\nprint(1)\nraise ValueError('no half')\n"
    source = small(tmp_path, **{"01_half": chapter})
    with pytest.raises(InputError, match="^demos/01_half.py does not run: ValueError: no half$"):
        make_notebooks(tmp_path / "out", source, run=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options, quick", [("--quick", True), ("", False)])
def test_a_notebook_reads_its_options_from_the_environment(options, quick):
    """A reader's own run is the whole one; `--run` asks for the quick one."""
    code = (
        "import sys; sys.modules['ipykernel'] = sys; from numgan.study import figure; "
        "print(figure.options().quick, figure.QUICK)"
    )
    environment = os.environ | {notebook.OPTIONS: options}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.stdout == f"{quick} {quick}\n", done.stderr


def test_what_is_printed_in_pieces_is_joined():
    stream = {"output_type": "stream", "name": "stdout"}
    drawn = {"output_type": "display_data", "data": {}}
    joined = notebook.joined(
        [stream | {"text": "a"}, stream | {"text": "b"}, drawn, stream | {"text": "c"}]
    )
    assert joined == [stream | {"text": "ab"}, drawn, stream | {"text": "c"}]

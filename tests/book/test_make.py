"""Making a book of a small repository: chapters that run, parts that are missing, folders that are
somebody's.
"""

# ruff: noqa: E402 (without the extra a file is skipped before it is imported)

from __future__ import annotations

import json

import pytest

for needed in ("latex2mathml", "markdown_it", "mdit_py_plugins", "pygments"):
    pytest.importorskip(needed, reason="the extra numgan[book] is not installed")

import numgan.book.write
from numgan.book.make import make
from numgan.errors import InputError
from tests.book.reading import Reading
from tests.book.small import MODULE, plant


def read(folder, name):
    text = (folder / name).read_text(encoding="utf-8")
    return text, Reading(text)


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_without_running_a_chapter_has_prose_and_code_and_says_so(tmp_path):
    make(tmp_path / "out", plant(tmp_path / "in"))
    text, page = read(tmp_path / "out", "demos.01_half.html")
    assert "without running the chapters" in text
    assert "<samp>" not in text and "<img" not in text
    assert (
        page.lines[10] == "from numgan.one import half"
        or "from numgan.one import half" in page.lines.values()
    )


def test_a_chapter_that_runs_shows_its_numbers_under_their_cells_and_its_figure(tmp_path):
    make(tmp_path / "out", plant(tmp_path / "in"), run=True)
    text, page = read(tmp_path / "out", "demos.01_half.html")
    assert (
        "half of 4 &lt; 2.0" in text and "<samp>done</samp>" in text and "<samp>figure:" not in text
    )
    assert (
        text.index('data-n="12"')
        < text.index("half of 4 &lt;")
        < text.index("The figure")
        < text.index("<img")
        < text.index("The end")
    )
    assert [attributes for tag, attributes in page.tags if tag == "img"] == [
        {"src": "01_half.png", "width": "5", "height": "3", "alt": "Figure of chapter 1 · Half"}
    ]
    assert (tmp_path / "out" / "01_half.png").read_bytes().startswith(b"\x89PNG")


def test_a_chapter_that_fails_is_named_and_nothing_is_written(tmp_path):
    chapter = "# %% [markdown]\n# # 1 · Half\n# %%\nprint(1)\nraise ValueError('no half')\n"
    root = plant(tmp_path / "in", **{"01_half": chapter})
    with pytest.raises(InputError, match="^demos/01_half.py does not run: ValueError: no half$"):
        make(tmp_path / "out", root, run=True)
    assert not (tmp_path / "out").exists()


def test_docstrings_stand_at_the_left_with_the_equation_that_the_code_names(tmp_path):
    make(tmp_path / "out", plant(tmp_path / "in"))
    text, page = read(tmp_path / "out", "numgan.one.html")
    assert "h(x) = x/2 &lt; x." in text and '"""' not in text
    assert (
        page.lines[MODULE.split("\n").index("    return x / 2  # E1") + 1]
        == "    return x / 2  # E1"
    )
    # the statement of E1, beside the function
    assert text.index('class="card"') < text.index("half</span>(x):")
    assert page.formulas == 4  # the statements of E1 and E2, each once
    assert 'href="numgan.one.html#line-7"' in text  # the name in the docstring of Twice


def test_pictures_of_the_readme_come_along_if_they_are_files_beside_it(tmp_path):
    readme = (
        "# One\n\n![drawn](docs/one.png) ![gone](docs/two.png) "
        "![outside](https://example.org/three.png)\n"
    )
    root = plant(tmp_path / "in", README=readme)
    (root / "docs").mkdir()
    (root / "docs" / "one.png").write_bytes(b"one")
    make(tmp_path / "out", root)
    assert (tmp_path / "out" / "docs.one.png").read_bytes() == b"one"
    _, page = read(tmp_path / "out", "design.html")
    assert [each for tag, each in page.tags if tag == "img"] == [
        {"src": "docs.one.png", "alt": "drawn"}
    ]
    assert "gone" in page.prose and "outside" in page.prose


def test_a_package_alone_has_a_book_without_tests_chapters_and_readme(tmp_path):
    """As it is installed: what lies beside it without a setup.cfg belongs to others."""
    root = plant(tmp_path / "in")
    (root / "setup.cfg").unlink()
    make(tmp_path / "out", root)
    names = set(everything(tmp_path / "out"))
    assert names == {
        "index.html",
        "derivation.html",
        "section-1.html",
        "equations.html",
        "numgan.__init__.html",
        "numgan.one.html",
        "search.html",
        "search.js",
        "index.js",
        "book.css",
        "book.json",
    }
    for name in (name for name in names if name.endswith(".html")):
        for target in read(tmp_path / "out", name)[1].links:
            assert target.partition("#")[0] in {"", *names} or target.startswith(
                "https://arxiv.org/"
            ), (name, target)


def test_a_book_is_the_same_each_time(tmp_path):
    root = plant(tmp_path / "in")
    make(tmp_path / "one", root)
    make(tmp_path / "two", root)
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


def test_a_folder_that_is_no_book_is_refused_and_left_as_it_was(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    with pytest.raises(InputError, match="new or empty folder, or an earlier book, got .*mine"):
        make(tmp_path / "mine", plant(tmp_path / "in"))
    with pytest.raises(InputError, match="got .*index.html"):
        make(tmp_path / "mine" / "index.html", tmp_path / "in")
    assert everything(tmp_path / "mine") == {"index.html": b"mine"}


def test_a_new_book_replaces_the_old_one_and_nothing_else(tmp_path):
    root, out = plant(tmp_path / "in"), tmp_path / "out"
    make(out, root)
    (out / "notes.txt").write_text("mine")
    (root / "demos" / "01_half.py").unlink()
    make(out, root)
    assert not (out / "demos.01_half.html").exists()
    assert (out / "notes.txt").read_text() == "mine"
    assert sorted(json.loads((out / "book.json").read_text())["numgan book"]) == sorted(
        set(everything(out)) - {"notes.txt", "book.json"}
    )


def test_a_list_that_names_files_elsewhere_removes_none(tmp_path):
    root, out = plant(tmp_path / "in"), tmp_path / "out"
    make(out, root)
    (tmp_path / "mine.txt").write_text("mine")
    (out / "book.json").write_text(json.dumps({"numgan book": ["../mine.txt", 3, "index.html"]}))
    make(out, root)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_after_an_interruption_the_folder_is_still_a_book(tmp_path, monkeypatch):
    root, out, count = plant(tmp_path / "in"), tmp_path / "out", iter(range(100))
    whole = numgan.book.write.write_whole

    def interrupted(path, content):
        if next(count) == 3:
            raise KeyboardInterrupt
        whole(path, content)

    monkeypatch.setattr(numgan.book.write, "write_whole", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(out, root)
    monkeypatch.undo()
    make(out, root)
    make(tmp_path / "other", root)
    assert everything(out) == everything(tmp_path / "other")


@pytest.mark.parametrize(
    "text, message",
    [
        ("def half(x:\n", "numgan/one.py, line 1: not Python"),
        (None, "cannot read .*one.py: not UTF-8"),
    ],
)
def test_a_source_that_cannot_be_read_is_named(tmp_path, text, message):
    root = plant(tmp_path / "in", **({"one": text} if text else {}))
    if text is None:
        (root / "numgan" / "one.py").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InputError, match=message):
        make(tmp_path / "out", root)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_derivation_is_no_source(tmp_path):
    with pytest.raises(
        InputError, match="--source must be a folder that holds numgan/study/derivation.md"
    ):
        make(tmp_path / "out", tmp_path)

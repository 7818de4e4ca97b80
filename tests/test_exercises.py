"""The exercises at the end of each chapter: their form, and that what they name exists."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from numgan.check.exercises import EXERCISES
from numgan.course.exercises import EXERCISES as COURSE
from numgan.study.exercises import KINDS, Exercise, lesson, listing

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "demos").glob("[0-9][0-9]_*.py"))
DERIVATION = (ROOT / "numgan" / "study" / "derivation.md").read_text(encoding="utf-8")
LABELS = set(re.findall(r"^\*\*([EL]\d+) \(", DERIVATION, re.MULTILINE))
CODE = re.compile(r"`numgan check --exercise (\d+)` \(([^`]+?)\)(?=[ ,.:])")


def code_of(text: str) -> str:
    """The code of a chapter, with its lines of prose left out."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("#"))


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    """A chapter's text, and what it says of itself."""
    text = request.param.read_text(encoding="utf-8")
    return text, lesson(text)


def test_a_chapter_says_what_it_needs_what_it_gave_and_what_it_owes(chapter):
    _, read = chapter
    assert read.needs and read.owed
    assert len(read.recap) == 3


def test_three_to_five_exercises_of_all_kinds(chapter):
    """A prediction has its answer in the run, the questions for paper and for a line are folded."""
    text, read = chapter
    assert 3 <= len(read.exercises) <= 5
    assert [each.number for each in read.exercises] == list(range(1, len(read.exercises) + 1))
    assert {each.kind for each in read.exercises} >= set(KINDS) - {"Write it"}
    for each in read.exercises:
        assert bool(each.answer) == (each.kind in ("On paper", "Change a line")), each.number
    answered = [
        node.args[0].value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "answer"
    ]
    assert answered == [each.number for each in read.exercises if each.kind == "Predict"]


def test_labels_and_chapters_that_are_named_exist(chapter):
    _, read = chapter
    said = " ".join([read.needs, *read.recap, read.owed, *(e.question for e in read.exercises)])
    said += " ".join(each.answer for each in read.exercises)
    assert set(re.findall(r"\b[EL]\d+\b", said)) <= LABELS
    numbers = re.findall(r"(?i)chapters? (\d+)(?: (?:and|to) (\d+))?", said)
    assert all(1 <= int(n) <= len(CHAPTERS) for pair in numbers for n in pair if n)


def test_the_line_to_change_is_there_once_and_its_change_is_python(chapter):
    text, read = chapter
    for each in read.exercises:
        if each.kind == "Change a line":
            old, new, *_ = each.codes
            assert code_of(text).count(old) == 1, old
            ast.parse(code_of(text).replace(old, new))


def test_mistakes_to_find_are_those_of_the_checker(chapter):
    """The number goes with the title: a new exercise moves the numbers of those behind it."""
    _, read = chapter
    for each in read.exercises:
        if each.kind == "Find the mistake":
            named = CODE.findall(" ".join(each.question.split()))
            assert len(named) == each.question.count("--exercise") > 0
            assert [EXERCISES[int(n) - 1].title for n, _ in named] == [title for _, title in named]


def test_functions_to_write_are_those_of_the_course_that_the_chapter_prepares(chapter):
    """And a chapter that prepares one names one."""
    _, read = chapter
    number = int(read.title.split()[0])
    prepared = {name for name, exercise in COURSE.items() if number in exercise.chapters}
    named = [
        code.removeprefix("numgan course hint ")
        for each in read.exercises
        if each.kind == "Write it"
        for code in each.codes
        if code.startswith("numgan course hint")
    ]
    assert set(named) <= prepared
    assert bool(named) == bool(prepared)


def test_a_chapter_without_exercises_reads_as_empty():
    read = lesson("# %% [markdown]\n# # 1 · Entropy (E1)\n#\n# *A sentence.*\n")
    assert (read.title, read.needs, read.recap, read.owed) == ("1 · Entropy (E1)", "", (), "")
    assert read.exercises == ()


def test_the_code_of_a_question_is_on_one_line():
    assert Exercise(1, "Change a line", "Replace `a\nb` by `c`.", "").codes == ["a b", "c"]


@pytest.mark.parametrize("option", ["--exercises", "--answers"])
def test_a_chapter_shows_its_exercises_and_computes_nothing(tmp_path, option):
    """In a second, without a figure, and without what is folded but for --answers."""
    path = CHAPTERS[0]
    done = subprocess.run(
        [sys.executable, str(path), option],
        cwd=tmp_path,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not os.listdir(tmp_path)
    assert done.stdout.strip() == listing(path, option == "--answers").strip()
    read = lesson(path.read_text(encoding="utf-8"))
    folded = read.exercises[1].answer.split("\n")[0][:40]
    assert (folded in done.stdout) == (option == "--answers")
    assert "<details>" not in done.stdout and max(map(len, done.stdout.split("\n"))) <= 100

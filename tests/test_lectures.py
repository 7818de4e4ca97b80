"""The page for lecturers: every chapter, exercise, slide and command that it names exists."""

import re
import shlex
from pathlib import Path

import pytest

from numgan.check.exercises import EXERCISES
from numgan.cli import parser
from numgan.course.exercises import find
from numgan.lab.lessons import LESSONS
from numgan.study.exercises import lesson

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "numgan" / "study" / "lectures.md").read_text(encoding="utf-8")
CHAPTERS = {int(p.name[:2]): p for p in (ROOT / "demos").glob("[0-9][0-9]_*.py")}
TEXTS = {number: path.read_text(encoding="utf-8") for number, path in CHAPTERS.items()}
COMMANDS = sorted(
    {line.split("#")[0].strip() for line in PAGE.split("\n") if line.startswith("numgan ")}
    | set(re.findall(r"`(numgan [^`]+)`", PAGE))
)
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.split("\n") if "|" in row]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one(command):
    """It parses, and what it names by a number or by a name is there."""
    args = parser().parse_args(shlex.split(command)[1:])
    words = command.split()
    if words[1] == "check":
        assert 1 <= args.exercise <= len(EXERCISES)
    if words[1:3] == ["lab", "--lesson"]:
        assert 1 <= int(words[3]) <= len(LESSONS)
    if words[1:3] == ["course", "hint"]:
        assert find(words[3]).name == words[3]


def test_each_slide_is_drawn_by_its_chapter():
    """By the names that the chapter saves; the film has no slides."""
    named = re.findall(r"`(\d\d_\w+?)(?:_slide_(\d))?`", PAGE)
    assert len(named) > 40
    for name, number in named:
        saved = re.findall(r"^save\(\w+, \"([^\"]+)\", run", TEXTS[int(name[:2])], re.MULTILINE)
        assert name in saved, name
        assert bool(number) != name.endswith("_film"), name


def test_each_exercise_and_each_chapter_is_there():
    """5.1 is the first of chapter 5; the second column of each plan has chapters."""
    counts = {number: len(lesson(text).exercises) for number, text in TEXTS.items()}
    named = re.findall(r"(?<![\w.])(\d+)\.(\d)(?![\w.])", re.sub(r"`[^`]*`", "", PAGE))
    assert len(named) > 50
    assert all(1 <= int(n) <= counts[int(chapter)] for chapter, n in named)
    listed = [int(n) for row in ROWS for n in re.findall(r"\d+", row[1])]
    assert set(listed) <= set(CHAPTERS)
    weeks = [int(n) for row in ROWS if len(row) == 5 for n in re.findall(r"\d+", row[1])]
    assert sorted(weeks) == sorted(CHAPTERS), "twelve weeks tell each chapter once"


def test_minutes_follow_each_other():
    """Each row begins when the one above it ends; a block begins at 0."""
    minutes = [tuple(map(int, m)) for m in re.findall(r"^\| (\d+)-(\d+) ", PAGE, re.MULTILINE)]
    assert [end for _, end in minutes].count(120) == 1
    for (_, end), (start, _) in zip(minutes, minutes[1:], strict=False):
        assert start in (end, 0)
    assert all(start < end for start, end in minutes)

"""The exercises of a chapter, read from the chapter's own file.

    python demos/05_optimal_discriminator.py --exercises    what it needs, and the questions
    python demos/05_optimal_discriminator.py --answers      the questions with their answers

A chapter says below its title what it **Needs.**, and ends with a `## Recap` of three lines, with
**What we still owe.**, and with `## Exercises`. Each exercise is of one kind: a prediction, whose
answer the chapter computes and prints at its end; a derivation on paper; a line to change; a
mistake to find; and, where the course has one, a function to write. What stands between <details>
and </details> is folded.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

KINDS = ("Predict", "On paper", "Change a line", "Find the mistake", "Write it")
EXERCISE = re.compile(rf"^\*\*(\d) · ({'|'.join(KINDS)})\.\*\* ", re.MULTILINE)
FOLD = re.compile(r"<details><summary>([^<]+)</summary>\n\n(.+?)\n\n</details>", re.DOTALL)
NEEDS = re.compile(r"^\*\*Needs\.\*\* (.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
OWED = re.compile(r"^\*\*What we still owe\.\*\* (.+?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
WIDTH = 96


@dataclass(frozen=True)
class Exercise:
    """One exercise: the question, and what is folded (empty where the run gives the answer)."""

    number: int
    kind: str
    question: str
    answer: str

    @property
    def codes(self) -> list[str]:
        """What the question sets in code, such as the line to change and the new line."""
        return [" ".join(code.split()) for code in CODE.findall(self.question)]


@dataclass(frozen=True)
class Lesson:
    """What a chapter says about itself."""

    title: str
    needs: str
    recap: tuple[str, ...]
    owed: str
    exercises: tuple[Exercise, ...]


def lesson(text: str) -> Lesson:
    """Read a chapter's text; what is missing is empty."""
    prose = prose_of(text)
    title = prose.partition("\n")[0].removeprefix("# ")
    _, _, end = prose.partition("\n## Recap\n")
    recap, _, questions = end.partition("\n## Exercises\n")
    lines = re.findall(r"^\* (.+?)(?=\n\* |\n\n|\Z)", recap, re.MULTILINE | re.DOTALL)
    parts = EXERCISE.split(questions)[1:]
    exercises = [
        Exercise(int(number), kind, FOLD.sub("", body).strip(), "\n\n".join(folds(body)))
        for number, kind, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    needs, owed = NEEDS.search(prose), OWED.search(recap)
    return Lesson(
        title,
        one_line(needs[1]) if needs else "",
        tuple(map(one_line, lines)),
        one_line(owed[1]) if owed else "",
        tuple(exercises),
    )


def prose_of(text: str) -> str:
    """The Markdown of all cells of prose, without the # before each line."""
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    prose = [cell.partition("\n")[2] for cell in cells if cell.startswith(" [markdown]")]
    return "\n".join(re.sub(r"^# ?", "", cell, flags=re.MULTILINE) for cell in prose)


def folds(text: str) -> list[str]:
    """What is folded in a text."""
    return [fold[1].strip() for fold in FOLD.findall(text)]


def one_line(text: str) -> str:
    """The words with single spaces."""
    return " ".join(text.split())


def listing(chapter: Path, answers: bool) -> str:
    """The exercises of a chapter for a terminal, with what is folded or without."""
    read = lesson(chapter.read_text(encoding="utf-8"))
    parts = [read.title, f"Needs: {read.needs}"]
    for exercise in read.exercises:
        parts.append(f"{exercise.number} · {exercise.kind}. {exercise.question}")
        if answers:
            parts.append(exercise.answer or "The run prints the answer at its end.")
    return "\n\n".join(map(wrapped, parts))


def wrapped(text: str) -> str:
    """Paragraphs of at most WIDTH columns; lines that begin with $$ or | stay."""
    paragraphs = re.split(r"\n\n+", text)
    return "\n\n".join(
        each if each.startswith(("$$", "|")) else textwrap.fill(one_line(each), WIDTH)
        for each in paragraphs
    )

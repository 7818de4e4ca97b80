"""What the course says, as text for a terminal of 80 columns and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from numgan.course.exercise import Exercise
from numgan.course.exercises import EXERCISES, NUMBERS, SECTIONS, title
from numgan.course.folder import HINTS, State
from numgan.course.texts import Message, Words, words
from numgan.course.verdict import Verdict
from numgan.trace.words import columns
from numgan.trace.wrap import filled

WIDTH = 79
LINES = 5  # of what a file printed
MARKS = {"right": "✓", "wrong": "✗", "broken": "✗", "empty": "·"}


def message(verdict: Verdict, say: Words) -> Message:
    """The sentence and the question of a verdict; both empty where the answer is right."""
    if not verdict.cause:
        return Message("", "")
    name, _, mistake = verdict.cause.partition(".")
    if mistake:
        says, asks = say.exercises[name].messages[mistake]
    else:
        said = say.messages[name]
        says, asks = said.says.format(**verdict.values), said.asks.format(**verdict.values)
    if verdict.values.get("also"):
        says += ("" if says.endswith("。") else " ") + say(
            "also_" + verdict.values["also"], **verdict.values
        )
    return Message(says, asks)


def thought(asks: str, say: Words) -> str:
    """The question, with what is said before it."""
    head = say("think")
    return head + ("" if head.endswith("：") else " ") + asks


def others(verdict: Verdict, say: Words) -> str:
    """Which outputs are wrong and which are right, where there are several."""
    if verdict.values.get("right"):
        return say("wrong_outputs", **verdict.values)
    return ""


def verdict_text(verdict: Verdict, language: str) -> str:
    """A verdict in a few lines: the cause first, then the question."""
    say = words(language)
    exercise = EXERCISES[verdict.exercise]
    status = say("empty_word" if verdict.status == "empty" else verdict.status)
    lines = [f"{MARKS[verdict.status]} {title(exercise)}: {status}"]
    says, asks = message(verdict, say)
    texts = [says, others(verdict, say), asks and thought(asks, say)]
    texts += [say(key, **values) for key, values in verdict.notes]
    lines += [filled(text, WIDTH, "    ", "    ") for text in texts if text]
    if printed := verdict.printed.strip("\n"):
        rows = list(dict.fromkeys(printed.split("\n")))  # each call prints it again
        lines.append(f"    {say('printed')}")
        lines += [f"      {row[: WIDTH - 6]}" for row in rows[:LINES]]
        lines += ["      …"] if len(rows) > LINES else []
    return "\n".join(lines)


def verdict_html(verdict: Verdict, language: str = "en") -> str:
    """The same for the cell of a notebook."""
    say = words(language)
    says, asks = message(verdict, say)
    color = {"right": "#2a7d4f", "empty": "#777777"}.get(verdict.status, "#b3402a")
    status = say("empty_word" if verdict.status == "empty" else verdict.status)
    head = f"{MARKS[verdict.status]} {title(EXERCISES[verdict.exercise])}: {status}"
    parts = [f'<div style="color: {color}; font-weight: 600">{escape(head)}</div>']
    texts = [says, others(verdict, say), *(say(key, **values) for key, values in verdict.notes)]
    parts += [f"<div>{escape(text)}</div>" for text in texts if text]
    if asks:
        parts.append(f"<div><em>{escape(say('think'))}</em> {escape(asks)}</div>")
    style = f"border-left: 4px solid {color}; padding: 0.3em 0.8em; max-width: 46em"
    return f'<div style="{style}">{"".join(parts)}</div>'


@dataclass(frozen=True)
class Shown:
    """A text, and how a notebook shows it."""

    text: str
    html: str = ""

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html or f"<pre>{escape(self.text)}</pre>"


def hints_text(state: State, exercise: Exercise) -> str:
    """The hints of an exercise that were shown so far."""
    say = words(state.language)
    count = state.of(exercise).hints
    lines = [title(exercise)]
    for number, text in enumerate(say.exercises[exercise.name].hints[:count], 1):
        lines.append(filled(text, WIDTH, "     ", f"  {number}. "))
    if count == HINTS:
        lines.append(filled(say("no_more_hints"), WIDTH))
    return "\n".join(lines)


# ── progress ─────────────────────────────────────────────────────────────────────────────────────


def progress_text(state: State) -> str:
    """A bar, and the map: each exercise with those that it needs."""
    say = words(state.language)
    done, total = state.solved(), len(EXERCISES)
    full = round(40 * len(done) / total)
    bar = f"[{'#' * full}{'-' * (40 - full)}] {say('of', done=len(done), total=total)}"
    return "\n".join([bar, *map_lines(state, say), "", say("legend")])


def map_lines(state: State, say: Words) -> Iterator[str]:
    """The map, section by section."""
    done = state.solved()
    for number, (name, section) in enumerate(SECTIONS.items(), 1):
        yield ""
        yield f"{number} {say.sections[name]}"
        for exercise in section:
            record = state.of(exercise)
            ready = done.issuperset(exercise.needs)
            mark = "✓" if record.solved else "○" if ready else "·"
            needs = " ".join(f"{NUMBERS[need]:02}" for need in exercise.needs)
            level = say("level_" + exercise.level.replace("-", "_"))
            line = (
                f"  {mark} {title(exercise):26} {pad(level, 8)} {'← ' + needs if needs else '':11}"
            )
            yield f"{line} {record_text(state, exercise.name, say)}".rstrip()


def record_text(state: State, name: str, say: Words) -> str:
    """3 tries, 1 hint, solution shown"""
    record = state.records[name]
    parts = []
    if record.tries:
        parts.append(say("tries_one" if record.tries == 1 else "tries", count=record.tries))
    if record.hints:
        parts.append(say("hints_one" if record.hints == 1 else "hints", count=record.hints))
    if record.solution:
        parts.append(say("solution_shown"))
    return ", ".join(parts)


def pad(text: str, width: int) -> str:
    """The text, with spaces up to so many columns."""
    return text + " " * (width - columns(text))

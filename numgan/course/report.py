"""A class in one table: exercise × student, from the folders' course.json. Nothing is executed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from numgan.course.exercise import Exercise
from numgan.course.exercises import EXERCISES, SECTIONS, section_of, title
from numgan.course.folder import State, load
from numgan.course.show import message
from numgan.course.texts import Words, words
from numgan.course.verdict import Verdict
from numgan.errors import InputError
from numgan.files import writable, write_whole
from numgan.report.style import STYLE
from numgan.trace.wrap import filled

HEAD = "exercise,level,labels,student,solved,tries,hints,solution,commonest"


@dataclass(frozen=True)
class Class:
    """The states of all folders, by the folders' names."""

    states: dict[str, State]

    def solvers(self, exercise: Exercise) -> list[str]:
        """Who solved it."""
        return [name for name, state in self.states.items() if state.of(exercise).solved]

    def commonest(self, exercise: Exercise) -> tuple[str, int]:
        """The cause that most wrong answers had, and how many; "" and 0 for none."""
        causes: Counter[str] = Counter()
        for state in self.states.values():
            causes.update(state.of(exercise).causes)
        return causes.most_common(1)[0] if causes else ("", 0)


def write_report(
    folders: Sequence[Path], language: str | None, csv_file: Path | None, html_file: Path | None
) -> str:
    """Write the files, and return the table for a terminal, in that language or in the one of the
    first folder. Raises InputError for a folder without a course, or a name that comes twice.
    """
    for file in (csv_file, html_file):
        if file is not None:
            writable(file)
    found = Class(read(folders))
    say = words(language or next(iter(found.states.values())).language)
    if csv_file is not None:
        write_whole(csv_file, csv_text(found, say).encode())
    if html_file is not None:
        write_whole(html_file, page(found, say).encode())
    return text(found, say)


def read(folders: Sequence[Path]) -> dict[str, State]:
    """The state of each folder, by its name; by its path where two have one name."""
    names = [folder.resolve().name for folder in folders]
    found: dict[str, State] = {}
    for folder, name in zip(folders, names, strict=True):
        name = name if names.count(name) == 1 else str(folder)
        if name in found:
            raise InputError(f"the folder {folder} is named twice")
        found[name] = load(folder)
    return found


def says(cause: str, states: Iterable[State], exercise: Exercise, say: Words) -> str:
    """The sentence of a cause, with the values of the first answer that had it; the bare key where
    the words are not there.
    """
    for state in states:
        values = state.of(exercise).values.get(cause)
        if values is not None:
            try:
                return message(Verdict(exercise.name, "wrong", cause, values), say).says
            except (KeyError, AttributeError, TypeError):  # of a file that someone wrote
                break
    return cause


def text(found: Class, say: Words) -> str:
    """One line for each exercise: who solved it, tries, hints, and the commonest cause."""
    count = len(found.states)
    lines = [say("class_head", count=count), ""]
    for name, section in SECTIONS.items():
        lines.append(say.sections[name])
        for exercise in section:
            records = [state.of(exercise) for state in found.states.values()]
            numbers = say(
                "class_row",
                solved=f"{len(found.solvers(exercise)):3}/{count}",
                tries=sum(r.tries for r in records),
                hints=sum(r.hints for r in records),
                solutions=sum(r.solution for r in records),
            )
            line = f"  {title(exercise):26} {numbers}"
            cause, times = found.commonest(exercise)
            lines.append(line)
            if cause:
                lines.append(
                    filled(
                        f"{times} × {says(cause, found.states.values(), exercise, say)}",
                        79,
                        "         ",
                        "     ",
                    )
                )
    return "\n".join(lines)


def csv_text(found: Class, say: Words) -> str:
    """A row for each exercise and student."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEAD.split(","))
    for exercise in EXERCISES.values():
        for name, state in found.states.items():
            record = state.of(exercise)
            row: list[object] = [title(exercise), exercise.level, exercise.labels, safe(name)]
            row += [int(record.solved), record.tries, record.hints, int(record.solution)]
            table.writerow([*row, safe(says(record.commonest, [state], exercise, say))])
    return out.getvalue()


def safe(text: str) -> str:
    """The text, which no table program takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text


def page(found: Class, say: Words) -> str:
    """The table as one page that needs no other file."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in found.states)
    rows = "".join(row(found, exercise, say) for exercise in EXERCISES.values())
    totals = "".join(f"<td>{len(state.solved())}</td>" for state in found.states.values())
    name, last = escape(say("class_title")), escape(say("class_commonest"))
    return f"""<!DOCTYPE html>
<html lang="{say.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>numgan: {name}</title>
<style>{STYLE}
.wide {{ overflow-x: auto }} .wide th {{ text-align: left; white-space: nowrap }}
.wide td {{ text-align: center; white-space: nowrap; padding: 0.3em 0.6em }}
.wide td.says {{ text-align: left; white-space: normal; min-width: 22em }}
.solved {{ background: #2a7d4f33 }} .tried {{ background: #b3402a22 }}
.section th {{ padding-top: 1em }}</style>
</head>
<body>
<h1>{name}</h1>
<p>{escape(say("class_legend"))}</p>
<div class="wide" tabindex="0" role="region" aria-label="{name}"><table>
<thead><tr><th scope="col"></th>{head}<th scope="col">{last}</th></tr></thead>
<tbody>{rows}
<tr><th scope="row">{escape(say("class_solved"))}</th>{totals}<td class="says"></td></tr></tbody>
</table></div>
</body>
</html>
"""


def row(found: Class, exercise: Exercise, say: Words) -> str:
    """The row of an exercise, under the title of its section if it is the first of it."""
    section = section_of(exercise)
    above = ""
    if SECTIONS[section][0] is exercise:
        span = len(found.states) + 2
        above = (
            f'<tr class="section"><th colspan="{span}">{escape(say.sections[section])}</th></tr>'
        )
    cells = "".join(cell(state, exercise, say) for state in found.states.values())
    cause, times = found.commonest(exercise)
    states = found.states.values()
    said = f"{times} × {says(cause, states, exercise, say)}" if cause else ""
    return (
        f'{above}\n<tr><th scope="row">{escape(title(exercise))}</th>{cells}'
        f'<td class="says">{escape(said)}</td></tr>'
    )


def cell(state: State, exercise: Exercise, say: Words) -> str:
    """✓ 3 ·1: solved, tries, hints; s where the solution was shown."""
    record = state.of(exercise)
    if not (record.tries or record.hints or record.solution):
        return "<td></td>"
    mark = "✓" if record.solved else "✗" if record.tries else ""
    shown = f"{mark} {record.tries}" + " ?" * record.hints + (" !" if record.solution else "")
    kind = "solved" if record.solved else "tried" if record.tries else ""
    why = escape(says(record.commonest, [state], exercise, say))
    return f'<td class="{kind}" title="{why}">{shown.strip()}</td>'

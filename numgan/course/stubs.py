"""What a student gets: the statement of an exercise, as text, and as a file with a place for the
answer.
"""

from __future__ import annotations

from numgan.course.exercise import Exercise, Given
from numgan.course.exercises import NUMBERS, SECTIONS, title
from numgan.course.texts import Words, words
from numgan.trace.wrap import filled

STUB = '''"""{docstring}
"""

import numpy as np


def {call}:
    """{returns}"""
    ...
'''


def stub(exercise: Exercise, language: str) -> str:
    """The file of an exercise."""
    say = words(language)
    number = NUMBERS[exercise.name]
    commands = [say("check_with", number=number), say("hint_with", number=number)]
    docstring = "\n".join([statement(exercise, say), "", *commands])
    returns = filled(say("return_stop", outputs=outputs(exercise, say)), 70, "    ").strip()
    return STUB.format(docstring=docstring, call=exercise.call, returns=returns)


def statement(exercise: Exercise, say: Words, width: int = 79) -> str:
    """The question, what is given, and what to return."""
    text = say.exercises[exercise.name]
    lines = [
        f"{title(exercise)}: {text.title}",
        about(exercise, say),
        "",
        *filled(text.statement, width).split("\n"),
        "",
    ]
    label, back = say("given"), say("return")
    lines += filled(f"{label}  {inputs(exercise, say)}", width, "    ").split("\n")
    lines += filled(f"{back}  {outputs(exercise, say)}", width, "    ").split("\n")
    return "\n".join(lines)


def about(exercise: Exercise, say: Words) -> str:
    """core · E2 E3 · chapter 2 · needs 01"""
    parts = [
        say("level_" + exercise.level.replace("-", "_")),
        exercise.labels,
        say("prepared_by", chapters=", ".join(map(str, exercise.chapters))),
    ]
    if exercise.needs:
        numbers = ", ".join(f"{NUMBERS[name]:02}" for name in exercise.needs)
        parts.append(say("needs", needs=numbers))
    return " · ".join(parts)


def inputs(exercise: Exercise, say: Words) -> str:
    """x (N, I), eps a number"""
    return ", ".join(f"{name} {shape(given, say)}" for name, given in exercise.given.items())


def shape(given: Given, say: Words) -> str:
    """(N, I), or what it is instead."""
    if given.is_function:
        return say("function_word")
    return letters(given.letters, say)


def outputs(exercise: Exercise, say: Words) -> str:
    """dx (N, I), dW (I, O)"""
    return ", ".join(f"{name} {letters(of, say)}" for name, of in exercise.returns.items())


def letters(of: str, say: Words) -> str:
    """(N, I); (K,) for one letter."""
    names = of.split()
    if not names:
        return say("number_word")
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def notebook_name(section: str) -> str:
    """1_information.ipynb"""
    return f"{list(SECTIONS).index(section) + 1}_{section}.ipynb"

"""The course as notebooks, one for each section. nbformat, of the extra `notebooks`, is named here
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from numgan.course.exercise import Exercise
from numgan.course.exercises import SECTIONS, title
from numgan.course.stubs import about, inputs, notebook_name, outputs
from numgan.course.texts import Words, words
from numgan.errors import InputError

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebooks(language: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each notebook. Raises InputError without nbformat."""
    if find_spec("nbformat") is None:
        raise InputError('notebooks need nbformat: pip install "numgan[notebooks]"')
    import nbformat

    for section in SECTIONS:
        yield notebook_name(section), nbformat.writes(notebook(section, language)) + "\n"


def notebook(section: str, language: str) -> Any:
    """A section: for each exercise its statement, a cell for the answer and one that checks it."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    say = words(language)
    cells = [
        new_markdown_cell(f"# {say.sections[section]}\n\n{say('notebook')}", id="head"),
        new_code_cell("import numpy as np\n\nfrom numgan.course import check, hint", id="imports"),
    ]
    for exercise in SECTIONS[section]:
        name = exercise.name
        cells += [
            new_markdown_cell(markdown(exercise, say), id=f"{name}-says"[:64]),
            new_code_cell(place(exercise, say), id=f"{name}-answer"[:64]),
            new_code_cell(f"check({name})", id=f"{name}-check"[:64]),
        ]
    return new_notebook(cells=cells, metadata=KERNEL)


def markdown(exercise: Exercise, say: Words) -> str:
    """The statement, as Markdown; names with an underscore stay as they are."""
    text = say.exercises[exercise.name]
    lines = [
        f"## {title(exercise)}: {text.title}".replace("_", r"\_"),
        f"*{about(exercise, say)}*",
        escaped(text.statement),
        escaped(
            f"**{say('given')}** {inputs(exercise, say)}  \n"
            f"**{say('return')}** {outputs(exercise, say)}",
            stars=False,
        ),
    ]
    return "\n\n".join(lines)


def escaped(text: str, stars: bool = True) -> str:
    """Without the marks of Markdown."""
    text = text.replace("_", r"\_").replace("<", "&lt;")
    return text.replace("*", r"\*") if stars else text


def place(exercise: Exercise, say: Words) -> str:
    """The cell for the answer."""
    returns = f"{say('return')} {outputs(exercise, say)}."
    return f'def {exercise.call}:\n    """{returns}"""\n    ...'

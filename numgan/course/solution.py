"""The answer of an exercise, and the library's own lines with their derivation."""

from __future__ import annotations

import inspect
import textwrap
from importlib import import_module
from typing import Any

import numgan
from numgan.course.exercise import Exercise
from numgan.course.exercises import title
from numgan.course.texts import words

LONGEST = 70  # lines of the library's code; of a longer class the methods that carry a label


def solution(exercise: Exercise, language: str) -> str:
    """The answer as code, then each place where the library computes it."""
    say = words(language)
    text = say.exercises[exercise.name]
    labels = exercise.labels.split()
    document = "derivation.zh.md" if language == "zh" else "derivation.md"
    parts = [
        f"{title(exercise)}: {text.title}",
        text.hints[-1],
        "import numpy as np\n\n\n" + exercise.source(),
        say("proof", labels=", ".join(labels), file=f"numgan/study/{document}"),
    ]
    for name in exercise.library:
        found = look_up(name)
        parts.append(
            f"{say('library', place=place(found))}\n\n{textwrap.indent(code(found), '    ')}"
        )
    return "\n\n".join(parts)


def look_up(name: str) -> Any:
    """What a name below numgan stands for: layers.dense.Dense.

    >>> look_up("theory.information.kl").__name__
    'kl'
    """
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(["numgan", *parts[:count]]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found
    raise ImportError(f"numgan has no {name}")


def place(found: Any) -> str:
    """numgan/layers/dense.py:15"""
    file = (inspect.getsourcefile(found) or "").replace("\\", "/")
    line = inspect.getsourcelines(found)[1]
    inside = file.rpartition(f"/{numgan.__name__}/")[2]
    return f"{numgan.__name__}/{inside}:{line}"


def code(found: Any) -> str:
    """The source; of a long class its docstring and the methods with a label, such as # dL5."""
    source = textwrap.dedent(inspect.getsource(found)).rstrip()
    if not inspect.isclass(found) or source.count("\n") < LONGEST:
        return source
    doc = textwrap.indent(inspect.getdoc(found) or "", "    ")
    own = [m for name, m in vars(found).items() if f"    def {name}(" in source]
    methods = [inspect.getsource(m) for m in own if inspect.isfunction(m)]
    labelled = [
        m.rstrip() for m in methods if "# L" in m or "# dL" in m or "# R{" in m or "# E" in m
    ]
    return "\n\n".join([f"class {found.__name__}:\n{doc}", *labelled])

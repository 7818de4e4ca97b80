"""The course: exercises along the derivation, in which a student writes every gradient, and is told
what is wrong.

On the command line `numgan course`; in a notebook:

    from numgan.course import check, hint
    check(dense_backward)        # the verdict, with the cause and a question to think about
    hint(dense_backward)         # one more of the three hints

To read the source, in this order:

    exercise      What an exercise is; exercises/ has them, en/ and zh/ their words
    judge         Is a function right? At which points, and to how many digits
    diagnosis     Why is it wrong? The exercise's own mistakes, and the patterns of the checker
    load, worker, grade    Files that may be anything, judged in a process of their own
    folder        What a student has: files, and course.json
    stubs, show, solution, notebook, report    What is written and said
    command       numgan course
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numgan.course.show import Shown

__all__ = ["check", "hint"]


def check(f: Callable, lang: str | None = None) -> Shown:
    """The verdict on a function whose name is that of an exercise. In a folder that `numgan course
    start` wrote it counts in your progress. Raises InputError where no exercise has this name.

    >>> import numpy as np
    >>> def tanh_backward(y, dy):
    ...     return 1 - y**2
    >>> print(check(tanh_backward, lang="en"))
    ✗ 18 tanh_backward: not yet
        This is the slope alone, not yet times dy.
        Think: By what does the chain rule multiply?
    """
    from numgan.course.exercises import find
    from numgan.course.folder import STATE, load, save
    from numgan.course.judge import judge
    from numgan.course.load import is_stub
    from numgan.course.show import Shown, verdict_html, verdict_text
    from numgan.course.verdict import Verdict
    from numgan.errors import InputError

    name = getattr(f, "__name__", "")
    if not callable(f) or not name:
        raise InputError(f"expected your function, got {type(f).__name__}")
    exercise = find(name)
    empty = is_stub(f, exercise.name)
    verdict = Verdict(exercise.name, "empty", "empty") if empty else judge(exercise, f)
    language = lang or "en"
    if Path(STATE).is_file():
        state = load(Path())
        language = lang or state.language
        state.of(exercise).add(verdict, digest(f))
        state.last = exercise.name
        save(Path(), state)
    return Shown(verdict_text(verdict, language), verdict_html(verdict, language))


def hint(f: Callable | str, lang: str | None = None) -> Shown:
    """One more hint for a function, or for the name of an exercise. Raises InputError where no
    exercise has this name.

    >>> print(hint("entropy", lang="en"))
    01 entropy
      1. A mean over outcomes weights each of them with its probability, not with
         1/K.
    """
    from numgan.course.exercises import find
    from numgan.course.folder import STATE, State, load, save
    from numgan.course.show import Shown, hints_text

    exercise = find(f if isinstance(f, str) else f.__name__)
    recorded = Path(STATE).is_file()
    state = load(Path()) if recorded else State()
    state.language = lang or state.language
    state.of(exercise).hint()
    text = hints_text(state, exercise)
    if recorded:
        save(Path(), state)
    return Shown(text)


def digest(f: Callable) -> str:
    """A short digest of a function's source; of its code where there is no source."""
    try:
        text = inspect.getsource(f).encode()
    except (OSError, TypeError):
        text = getattr(getattr(f, "__code__", None), "co_code", b"")
    return hashlib.sha256(text).hexdigest()[:16]

"""Mistakes to find: real code with one mistake each, most of them seen in public GANs written from
scratch.

`numgan check --exercise N` shows one; `--solution` shows the checker's report and the reason. The
tests hold the checker to the right array and the right cause of each.
"""

from __future__ import annotations

from numgan.check.exercises.attention import ATTENTION
from numgan.check.exercises.dense import DENSE
from numgan.check.exercises.dense_passes import DENSE_PASSES
from numgan.check.exercises.elementwise import ELEMENTWISE
from numgan.check.exercises.exercise import Exercise
from numgan.check.exercises.functions import FUNCTIONS
from numgan.check.exercises.images import IMAGES
from numgan.check.exercises.objectives import OBJECTIVE
from numgan.check.exercises.optimizers import OPTIMIZER
from numgan.check.exercises.penalties import PENALTY
from numgan.check.exercises.play import PLAY
from numgan.check.exercises.players import PLAYERS
from numgan.check.exercises.training import TRAINING

EXERCISES: list[Exercise] = [
    *FUNCTIONS,
    *DENSE,
    *DENSE_PASSES,
    *ELEMENTWISE,
    *OBJECTIVE,
    *PLAYERS,
    *TRAINING,
    *OPTIMIZER,
    *IMAGES,
    *PENALTY,
    *PLAY,
    *ATTENTION,
]


def listing() -> str:
    """All exercises, by number."""
    lines = [f"{number:3}  {exercise.title}" for number, exercise in enumerate(EXERCISES, 1)]
    return "\n".join(
        [
            *lines,
            "",
            "numgan check --exercise N shows one, and with --solution what is wrong with it.",
        ]
    )


def question(number: int, seed: int = 0) -> str:
    """The code and the question."""
    exercise = EXERCISES[number - 1]
    failed = dict.fromkeys(f"{f.parameter} ({f.method})" for f in exercise.report(seed).failures)
    return "\n".join(
        [
            f"Exercise {number}: {exercise.title}. There is one mistake in it.",
            "",
            exercise.source(),
            "",
            f"The checker rejects "
            f"{', '.join(list(failed)[:3])}{' and more' if len(failed) > 3 else ''}.",
            f"Which line is wrong, and what should it be?  (numgan check --exercise {number} "
            f"--solution)",
        ]
    )


def solution(number: int, seed: int = 0) -> str:
    """The checker's report, and the reason."""
    exercise = EXERCISES[number - 1]
    return "\n".join(
        [
            f"Exercise {number}: {exercise.title}. The mistake: {exercise.mistake}.",
            "",
            exercise.source(),
            "",
            str(exercise.report(seed)),
            "",
            exercise.solution,
        ]
    )

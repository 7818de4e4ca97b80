"""The exercises, in the order of the derivation: a file for each section. Their words stand in en/
and zh/.
"""

from __future__ import annotations

from numgan.course.exercise import Exercise
from numgan.course.exercises.checking import CHECKING
from numgan.course.exercises.divergences import DIVERGENCES
from numgan.course.exercises.dynamics import DYNAMICS
from numgan.course.exercises.game import GAME
from numgan.course.exercises.images import IMAGES
from numgan.course.exercises.information import INFORMATION
from numgan.course.exercises.layers import LAYERS
from numgan.course.exercises.players import PLAYERS
from numgan.course.exercises.second import SECOND
from numgan.course.exercises.training import TRAINING
from numgan.errors import InputError
from numgan.names import guess, plain

SECTIONS: dict[str, tuple[Exercise, ...]] = {
    "information": INFORMATION,
    "game": GAME,
    "training": TRAINING,
    "layers": LAYERS,
    "images": IMAGES,
    "players": PLAYERS,
    "dynamics": DYNAMICS,
    "divergences": DIVERGENCES,
    "second": SECOND,
    "checking": CHECKING,
}
EXERCISES: dict[str, Exercise] = {e.name: e for section in SECTIONS.values() for e in section}
NUMBERS: dict[str, int] = {name: number for number, name in enumerate(EXERCISES, 1)}


def find(word: str) -> Exercise:
    """The exercise of a name, a number, or a file such as 03_kl.py. Raises InputError for none.

    >>> find("2").name == list(EXERCISES)[1]
    True
    """
    number, _, rest = word.partition("_")
    if number.isdigit():
        word = list(EXERCISES)[int(number) - 1] if 0 < int(number) <= len(EXERCISES) else word
    by_plain = {plain(name): name for name in EXERCISES}
    if (name := by_plain.get(plain(word))) is None:
        raise InputError(
            f"there is no exercise {word!r}{guess(word, EXERCISES)}: "
            f"they have the numbers 1 to {len(EXERCISES)} (numgan course progress)"
        )
    return EXERCISES[name]


def title(exercise: Exercise) -> str:
    """03 kl"""
    return f"{NUMBERS[exercise.name]:02} {exercise.name}"


def section_of(exercise: Exercise) -> str:
    """The name of the section that it is in."""
    return next(name for name, section in SECTIONS.items() if exercise in section)

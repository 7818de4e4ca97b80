"""Every planted mistake is caught, and named: the array (or what was done) and the cause."""

import pytest

from numgan.check.exercises import EXERCISES, listing, question, solution
from numgan.optimizers import Optimizer

SEEDS = (range(3), range(1))  # one for an optimizer: a thousand steps in long doubles are slow
NUMBERED = list(enumerate(EXERCISES, 1))


@pytest.mark.parametrize(
    ("number", "exercise"), NUMBERED, ids=[f"{n}-{e.code.__name__}" for n, e in NUMBERED]
)
def test_the_mistake_is_caught_and_named(number, exercise):
    for seed in SEEDS[isinstance(exercise.code, type) and issubclass(exercise.code, Optimizer)]:
        failures = exercise.report(seed).failures
        named = [f for f in failures if exercise.where in f.parameter or exercise.where in f.method]
        assert any(exercise.why in f.cause + f.note for f in named), (
            f"seed {seed}\n{exercise.report(seed)}"
        )


def test_an_exercise_shows_its_source_and_keeps_its_secret():
    for number, exercise in NUMBERED[::9]:
        text = question(number)
        assert exercise.code.__name__ in text and "?" in text
        assert exercise.solution not in text and exercise.mistake not in text.split("\n", 1)[1]
        assert exercise.title in listing()


def test_a_solution_has_the_report_and_the_reason():
    text = solution(1)
    assert EXERCISES[0].mistake in text and "FAIL" in text and EXERCISES[0].solution in text

"""The exercises: their answers are right by other means, their words are complete in both
languages, and the messages name what is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import numgan
from numgan.check.diagnosis.likeness import alike
from numgan.course.exercise import OTHER_SIZES, SIZES, Exercise, size
from numgan.course.exercises import EXERCISES, NUMBERS, SECTIONS, find, title
from numgan.course.judge import POINTS, judge
from numgan.course.show import WIDTH, verdict_text
from numgan.course.slips import LONGEST, slips
from numgan.course.solution import look_up, solution
from numgan.course.stubs import stub
from numgan.course.texts import LANGUAGES, words
from numgan.errors import InputError
from numgan.lab.words import paragraphs
from numgan.trace.words import columns
from tests.course.wrong import NOT_NAMED, Wrong, by_exercise, read

ROOT = Path(numgan.__file__).parents[1]
each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


@each
def test_the_answer_passes_and_every_listed_mistake_is_named(exercise: Exercise):
    assert judge(exercise, exercise.answer).is_right
    for key, mistake in exercise.mistakes.items():
        with np.errstate(all="ignore"):
            wrong = exercise.outputs(mistake(*exercise.point(0)))
        right = exercise.outputs(exercise.answer(*exercise.point(0)))
        for output, array in wrong.items():
            if (
                array is None
                or np.shape(array) == right[output].shape
                and alike(array, right[output])
            ):
                continue  # a mistake may leave one of the outputs right
            verdict = judge(exercise, with_mistake(exercise, mistake, output))
            assert verdict.cause == f"{exercise.name}.{key}", (key, output, verdict)


def with_mistake(exercise: Exercise, mistake, output: str):
    """The right answer with one output from the mistake."""

    def f(*args):
        right = exercise.outputs(exercise.answer(*args))
        right[output] = np.asarray(exercise.outputs(mistake(*args))[output])
        results = tuple(right.values())
        return results if len(results) > 1 else results[0]

    return f


@each
def test_points_tell_sizes_apart(exercise: Exercise):
    """Else a wrong axis would not show in the shape."""
    for sizes in (SIZES, OTHER_SIZES):
        found = [size(letter, sizes) for letter in exercise.letters]
        assert len(set(found)) == len(found)
    outputs = exercise.outputs(exercise.answer(*exercise.point(0)))
    for name, array in outputs.items():
        expected = tuple(size(letter, SIZES) for letter in exercise.returns[name].split())
        assert array.shape == expected


@each
def test_what_an_exercise_points_at_is_there(exercise: Exercise):
    labels = paragraphs("en")
    assert all(label in labels for label in exercise.labels.split())
    assert all(list(ROOT.glob(f"demos/{n:02}_*.py")) for n in exercise.chapters)
    assert all(NUMBERS[need] < NUMBERS[exercise.name] for need in exercise.needs)
    assert exercise.level in ("warm-up", "core", "hard")
    assert all(callable(look_up(name)) for name in exercise.library)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_complete(language: str):
    say = words(language)
    assert set(say.sections) == set(SECTIONS)
    assert set(say.exercises) == set(EXERCISES)
    for name, exercise in EXERCISES.items():
        text = say.exercises[name]
        assert len(text.hints) == 3, name
        assert set(text.messages) == {*exercise.mistakes, *exercise.edges}, name
        assert all(said.says and said.asks for said in text.messages.values()), name
        for key in text.messages:
            assert text.messages[key].says.endswith((".", "。")), (name, key)
            assert text.messages[key].asks.endswith(("?", "？", ".", "。", ")")), (name, key)


def test_the_languages_say_the_same_things():
    """The same keys, with the same values in their sentences; and Chinese is Chinese."""
    en, zh = (words(language) for language in ("en", "zh"))
    assert en.messages.keys() == zh.messages.keys()
    for key, said in en.messages.items():
        for ours, theirs in zip(said, zh.messages[key], strict=True):
            assert fields(ours) == fields(theirs), key
            assert bool(ours) == bool(theirs), key
    for name, text in zh.exercises.items():
        said = [text.statement, *(part for message in text.messages.values() for part in message)]
        assert all(re.search("[\u4e00-\u9fff]", part) for part in said), name


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


@pytest.mark.parametrize("language", LANGUAGES)
@each
def test_what_is_written_fits_a_terminal(exercise: Exercise, language: str):
    text = stub(exercise, language)
    compile(text, exercise.name, "exec")
    assert max(columns(line) for line in text.splitlines()) <= WIDTH + 1
    shown = solution(exercise, language)
    assert exercise.source() in shown


def test_a_right_answer_in_another_form_is_right():
    """By loops, by einsum, step by step: no right answer is accused."""
    for name, body in by_exercise(Path(__file__).parent / "right.txt"):
        verdict = Wrong(name, "", body.strip("\n")).verdict()
        assert verdict.is_right, verdict


# ── wrong answers ────────────────────────────────────────────────────────────────────────────────


def test_wrong_answers_are_named_and_no_message_misleads():
    """At least five of each exercise. `python -m tests.course.wrong` prints the table."""
    counts, outcomes, misled = Counter(), Counter(), []
    for wrong in read():
        verdict = wrong.verdict()
        outcome = wrong.outcome(verdict)
        counts[wrong.exercise] += 1
        outcomes[outcome] += 1
        if outcome not in ("named", "not named"):
            misled.append((wrong.exercise, wrong.says, verdict.cause))
        for language in LANGUAGES:
            said = verdict_text(verdict, language)
            assert language == "en" or re.search("[\u4e00-\u9fff]{2}", said)
            assert max(map(columns, said.splitlines())) <= WIDTH + 1, said
    assert misled == []
    assert outcomes["named"] >= 0.85 * outcomes.total()
    assert all(counts[name] >= 5 for name in EXERCISES), counts


def test_an_answer_with_one_slip_is_named():
    """One sign, factor, term, power or function of some answers, one at a time; and no message
    shows a piece that would be the solution.
    """
    for exercise in list(EXERCISES.values())[2::9]:
        for slip in slips(exercise):
            verdict = judge(exercise, slip.answer)
            assert verdict.status in ("right", "broken") or verdict.cause not in NOT_NAMED, slip
            assert all(len(piece) <= LONGEST for piece in verdict.values.values()) or (
                not verdict.cause.startswith("slip")
            )


def test_an_exercise_is_found_by_number_name_and_file():
    first = next(iter(EXERCISES))
    for word in ("1", "01", first, first.upper(), f"01_{first}"):
        assert find(word).name == first
    assert title(find("1")) == f"01 {first}"
    for word in ("0", "999", "nothing"):
        with pytest.raises(InputError, match="there is no exercise"):
            find(word)


def test_the_points_are_those_of_the_seed():
    exercise = find("dense_backward")
    assert len({exercise.point(seed)[0].tobytes() for seed in range(POINTS)}) == POINTS
    assert np.array_equal(exercise.point(1)[0], exercise.point(1)[0])

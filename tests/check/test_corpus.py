"""numgan's checker on the faults of the corpus, and on their corrected twins."""

from functools import cache

import pytest

from tests.check.corpus import CORPUS, players


@cache
def verdict_on(number):
    """numgan's verdict on a wrong derivative."""
    return players.numgan(CORPUS[number], CORPUS[number].wrong)


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[fault.title for fault in CORPUS])
def test_a_fault_is_found_and_located_and_its_twin_is_right(number):
    fault = CORPUS[number]
    assert verdict_on(number).arrays == set(fault.arrays or players.names_of(fault))
    report = fault.check(fault.right)
    assert report.ok, str(report)


def test_most_faults_are_named_and_hardly_any_is_misnamed():
    """The share that `python -m tests.check.corpus` prints, which was 96 % and 0 %."""
    verdicts = [(fault, verdict_on(number)) for number, fault in enumerate(CORPUS)]
    assert len(CORPUS) >= 60
    assert sum(players.is_named(*pair) for pair in verdicts) >= 0.9 * len(CORPUS)
    assert sum(players.is_misleading(*pair) for pair in verdicts) <= 0.02 * len(CORPUS)

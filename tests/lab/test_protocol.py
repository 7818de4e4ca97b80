"""Messages: what is a command and what is not; a hostile one changes nothing."""

import json
import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.lab import protocol
from numgan.lab.lessons import LESSONS, PLAY, commands
from numgan.lab.session import Session
from numgan.lab.words import paragraph, paragraphs
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from numgan.run.finite import Diverged

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=6), inside),
    max_leaves=8,
)
FIELDS = sorted(
    {f for table in (protocol.REQUIRED, protocol.OPTIONAL) for r in table.values() for f in r}
)
NAMES = sorted(protocol.REQUIRED)


def state(lab):
    """All of a session that a page sees, and all bits that the next step depends on."""
    of_play = lab.play.state()
    arrays = {name: array.tobytes() for name, array in of_play["arrays"].items()}
    return json.dumps(lab.state()), arrays, of_play["about"], of_play["config"]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.text() | JSON.map(lambda x: json.dumps(x)))
def test_what_is_no_command_is_refused_in_one_line(message):
    with pytest.raises(InputError) as refused:
        protocol.command(message)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 500


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_fields_of_any_kind_are_checked_or_refused(name, fields):
    """What comes through has the fields of its command and JSON's own types."""
    try:
        found = protocol.command(json.dumps({"do": name, **fields}))
    except InputError:
        return
    assert found["do"] == name
    allowed = protocol.REQUIRED[name].keys() | protocol.OPTIONAL.get(name, {}).keys()
    assert found.keys() - {"do", "id"} <= allowed


HOSTILE = [
    ({"do": "back", "iteration": 10**9}, "was never reached"),
    ({"do": "pick", "z": [0.0] * 7}, "z has 1 numbers"),
    ({"do": "label", "label": "E999", "language": "en"}, "the derivation has no"),
    ({"do": "lesson", "number": 50, "step": 0}, "there is no step"),
    ({"do": "set", "settings": {"batch": 4000}}, "at most 11"),
    ({"do": "set", "settings": {"weight": 1.0}}, "--penalty"),
    ({"do": "restart", "choices": {"dataset": "drawn"}}, "nothing was drawn"),
    ({"do": "restart", "choices": {"dataset": "file"}}, "no data of your own"),
    ({"do": "two", "change": {"weight": 1.0}}, "--penalty"),
    ({"do": "draw", "points": [[0.0, float(n)] for n in range(9)]}, "both axes"),
    ({"do": "open", "link": "eJyLBQAAfgA_"}, "no link"),
    ({"do": "trace"}, "no iteration was shown"),
    ({"do": "save", "name": "x"}, "before the first iteration"),
]


@pytest.mark.parametrize("asked, says", HOSTILE, ids=[h[0]["do"] for h in HOSTILE])
def test_what_cannot_be_changes_nothing(asked, says, tmp_path):
    given = (
        {"points": np.random.default_rng(0).normal(size=(11, 2))} if "batch" in str(asked) else {}
    )
    lab = Session(**(given or {"dataset": "gaussian"}), hidden=(3,), batch=4, folder=tmp_path)
    before = state(lab)
    with pytest.raises(InputError, match=says):
        lab.do(protocol.checked(asked))
    assert state(lab) == before


REFUSED = [
    ("[" * 100_000, "JSON"),
    ("{" + '"do":' * 10, "JSON"),
    ('{"do": "set", "settings": {"lr_d": NaN}}', "NaN is no number"),
    ('{"do": "set", "settings": {"lr_d": 1e999}}', "finite"),
    ('{"do": "set", "settings": {"lr_d": -1}}', "at least 0"),
    ('{"do": "set", "settings": {"lr_d": true}}', "finite number"),
    ('{"do": "set", "settings": {"k": 1000000}}', "at most 100"),
    ('{"do": "set", "settings": {"__class__": 1}}', "has no '__class__'"),
    ('{"do": "__init__"}', "there is no command"),
    ('{"do": "save", "name": "../up"}', "letters, digits"),
    ('{"do": "save", "name": ".hidden"}', "letters, digits"),
    ('{"do": "save", "name": ""}', "1 to 64"),
    ('{"do": "restart", "choices": {"hidden": [1000000]}}', "at most 512"),
    ('{"do": "restart", "choices": {"hidden": []}}', "a list of 1 to 6"),
    ('{"do": "restart", "choices": {"dataset": "/etc/passwd"}}', "must be one of"),
    ('{"do": "step", "player": "d", "times": 10000000}', "at most 10000"),
    ('{"do": "pick"}', "a sample's number or a z"),
    ('{"do": "play", "fast": 1}', "play has no 'fast'"),
    ('{"do": "step"}', "step needs player"),
    ('{"do": "play", "id": "x"}', "id must be"),
    ("x" * (protocol.LONGEST + 1), "expected at most"),
    ('{"do": "draw", "points": [[1, 2, 3]]}', "a list of 6 to 5000"),
    ('{"do": "draw", "points": ' + str([[0, 1]] * 5001) + "}", "a list of 6 to 5000"),
]


@pytest.mark.parametrize("message, says", REFUSED, ids=[m[:40] for m, _ in REFUSED])
def test_a_message_that_is_wrong_is_told_why(message, says):
    with pytest.raises(InputError, match=says):
        protocol.command(message)


def test_arrays_go_there_and_back():
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    x[0, 0] = np.nan
    assert np.array_equal(
        protocol.numbers(json.loads(json.dumps(protocol.array(x)))), x, equal_nan=True
    )


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_label_has_a_paragraph_in_both_languages():
    assert paragraphs("en").keys() == paragraphs("zh").keys()
    for label in paragraphs("en"):
        for language in ("en", "zh"):
            found = paragraph(label, language)
            assert found["title"] and len(found["text"]) > 40 and "`code:" not in found["text"]


@pytest.mark.parametrize("table", [OBJECTIVES, PENALTIES, GAME_RULES], ids=["V", "R", "rule"])
def test_every_row_is_explained_in_chinese_too(table):
    """What the lab says of a choice in English has a line of HELP in numgan/lab/page/words.js."""
    page = files("numgan.lab").joinpath("page/words.js").read_text(encoding="utf-8")
    lines = re.findall(r'^  "?([\w-]+)"?: "(.+)",$', page[page.index("const HELP") :], re.M)
    said = {name: text for name, text in lines if any("一" <= c <= "鿿" for c in text)}
    missing = [name for name in table if name not in said]
    assert not missing, f"numgan/lab/page/words.js: HELP has no line for {', '.join(missing)}"


def test_lessons_are_commands_in_two_languages():
    assert len(LESSONS) == 6
    for lesson in LESSONS:
        for said in (lesson.title, *(step.text for step in lesson.steps)):
            assert said.keys() == {"en", "zh"} and all(said.values())
            assert any("一" <= c <= "鿿" for c in said["zh"])
        assert lesson.steps[0].do[0]["do"] in ("restart", "draw")
        for step in lesson.steps:
            for command in step.do:
                assert protocol.checked(json.loads(json.dumps(command))) == {**command}


def test_a_jump_in_a_lesson_leads_to_the_same_state_as_going_there():
    """The third state of the first lesson: 300 steps of D, then 30 of G."""
    there, jumped = Session("gaussian"), Session("gaussian")
    for step in (0, 1, 2):
        finish(there, step)
    finish(jumped, 2)
    assert state(there) == state(jumped)
    assert PLAY not in commands(1, 2, None) and commands(1, 3, (1, 2)) == [PLAY]


def finish(lab, step):
    """Go to a step of the first lesson, and do what it asks for."""
    lab.do({"do": "lesson", "number": 1, "step": step})
    while lab.busy:
        assert lab.advance(5) == []


def test_every_objective_and_penalty_can_be_played_live():
    """From any to any other, with what is seen of each."""
    from numgan.lab.curves import levels

    lab = Session("gaussian", hidden=(3,), batch=4)
    for name, row in protocol_rows():
        lab.do({"do": "set", "settings": name})
        try:
            lab.do({"do": "step", "player": "both", "times": 2})
        except Diverged:  # it is told, not raised
            raise AssertionError(name) from None
        assert json.dumps(lab.state(), allow_nan=False)
        assert row is None or levels(row)


def protocol_rows():
    from numgan.objectives import OBJECTIVES
    from numgan.optimizers import OPTIMIZERS
    from numgan.penalties import PENALTIES

    yield from (({"objective": name}, row) for name, row in OBJECTIVES.items())
    yield from (({"penalty": name}, None) for name in (*PENALTIES, None))
    yield from (({"optimizer": name}, None) for name in OPTIMIZERS)

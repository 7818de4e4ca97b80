"""A checkpoint of a wrong structure, its checksum right: refused in one line, nothing rewritten,
memory bounded.
"""

import json
import random

import pytest

from tests.storm import structure
from tests.storm.client import Sandbox
from tests.storm.runs import RESUME, SAMPLE, copied, train
from tests.storm.verdict import compared, contents, spoken

BOUND = 150e6  # bytes beyond the warm process that a refusal may take
COMMANDS = (RESUME, SAMPLE, ("trace", "--run", "run"))


@pytest.fixture
def half(zygote):
    """A sandbox with a run that was interrupted, of every kind of array: an average, spectra, an
    optimizer's state.
    """
    with Sandbox(zygote.folder) as sandbox:
        zygote.run(sandbox, *train(4, "--spectrum", "1"), fault={"kind": "SIGINT", "iteration": 2})
        yield sandbox


def refused(zygote, seen, half, cases, commands):
    """Each case, (what it is, a function that damages a run folder), is refused by each command."""
    for what, damage in cases:
        with Sandbox(zygote.folder) as sandbox:
            copied(half, sandbox)
            damage(sandbox / "run")
            seen.points += 1
            for command in commands:
                before = contents(sandbox)
                outcome = zygote.run(sandbox, *command, timeout=60)
                found = (
                    spoken(outcome, (2,))
                    if outcome.status != 0
                    else [("damaged", f"accepted: {what}")]
                )
                if outcome.status == 2 and compared(contents(sandbox), before):
                    found.append(("damaged", "the refusal changed something"))
                if outcome.grown > BOUND:
                    found.append(("memory", f"{outcome.grown / 1e6:.0f} MB"))
                seen.runs += 1
                seen.note(found, f"{outcome} with {what}")
                if outcome.status == 0:
                    break  # the checkpoint has been rewritten
    seen.verdict()


def chosen(cases, long, few):
    """All, or a few of them that are always the same."""
    cases = list(cases)
    return cases if long else random.Random(0).sample(cases, few)


def test_wrong_arrays(zygote, seen, long, half):
    """Each array missing, of another shape or type, with values that are not finite."""
    whole = half / "run" / "checkpoint.npz"
    arrays, about = structure.read(whole)

    def case(arrays):
        return lambda folder: structure.write(folder / "checkpoint.npz", whole, arrays, about)

    cases = [(what, case(wrong)) for what, wrong in structure.wrong_arrays(arrays)]
    refused(zygote, seen, half, chosen(cases, long, 16), COMMANDS if long else COMMANDS[:1])


def test_wrong_texts(zygote, seen, long, half):
    """Each entry of the text missing or of another kind: counters, the state of the generator, the
    configuration.
    """
    whole = half / "run" / "checkpoint.npz"
    arrays, about = structure.read(whole)
    later = {
        "iterations beyond the last step": {"iterations": 5},
        "iterations of the future": {"iterations": 10**12},
        "a step that the optimizer never took": {"t_d": 10**6},
        "an optimizer at 0": {"t_g": 0},
        "one frame more than there is": {"frame_steps": [*about["frame_steps"], 3]},
    }
    wrongs = [
        *structure.wrong_texts(about),
        *((what, about | change) for what, change in later.items()),
    ]

    def case(about):
        return lambda folder: structure.write(folder / "checkpoint.npz", whole, arrays, about)

    cases = [(what, case(wrong)) for what, wrong in wrongs]
    refused(zygote, seen, half, chosen(cases, long, 16), COMMANDS if long else COMMANDS[:1])


def test_wrong_sizes(zygote, seen, long, half):
    """Sizes that are announced and not there, bombs, headers that are no header: before any memory
    is taken.
    """
    whole = half / "run" / "checkpoint.npz"

    def case(content):
        return lambda folder: (folder / "checkpoint.npz").write_bytes(content)

    cases = [
        (what, case(content))
        for what, content in structure.wrong_headers(whole)
        if long or "bomb" not in what
    ]
    refused(zygote, seen, half, chosen(cases, long, 10), COMMANDS if long else COMMANDS[:1])


def test_wrong_configurations(zygote, seen, long, half):
    """config.json alone is another: refused before networks of its size are made."""
    fields = json.loads((half / "run" / "config.json").read_text())
    huge = [
        {"hidden": [20000, 20000]},
        {"hidden": [10**9]},
        {"latent": 10**8},
        {"batch": 10**9},
        {"pack": 10**7},
        {"hidden": [4] * 10**5},
        {"steps": 10**18},
        {"seed": 10**5000},
    ]
    wrongs = [
        (how, value)
        for how, value in structure.wrong_texts(fields)
        if value not in ([], {}) and not how.endswith(" missing") and not harmless(how, fields)
    ]
    wrongs += [(f"huge {next(iter(change))} {n}", fields | change) for n, change in enumerate(huge)]

    def text(value):
        try:
            return json.dumps(value)
        except ValueError:
            return json.dumps(fields).replace('"seed": 0', '"seed": 1' + "0" * 5000)

    def case(value):
        return lambda folder: (folder / "config.json").write_text(text(value))

    cases = [(what, case(wrong)) for what, wrong in wrongs]
    refused(zygote, seen, half, chosen(cases, long, 12), COMMANDS if long else COMMANDS[:1])


def harmless(how, fields):
    """True where a field is given the value that it has: 1 and True are one to JSON's reader."""
    name, _, value = how.partition(" = ")
    return name in fields and (
        value == repr(fields[name]) or (fields[name] in (0, 1) and value == "True")
    )


def test_a_huge_game_in_both_files(zygote, seen, long, half):
    """config.json and the checkpoint agree on a game that its arrays do not have: refused before
    networks of that size are made.
    """
    whole = half / "run" / "checkpoint.npz"
    arrays, about = structure.read(whole)
    huge = [{"hidden": [20000, 20000]}, {"hidden": [10**4] * 8}, {"latent": 10**8}]
    huge += [{"pack": 10**6}]

    def case(change):
        def damage(folder):
            other = about | {"config": about["config"] | change}
            structure.write(folder / "checkpoint.npz", whole, arrays, other)
            (folder / "config.json").write_text(json.dumps(other["config"]))

        return damage

    wrongs = huge if long else huge[:2]
    cases = [
        (f"{next(iter(change))} of {list(change.values())[0]}", case(change)) for change in wrongs
    ]
    refused(zygote, seen, half, cases, COMMANDS[1:2])

"""The labels E1, E2, … and L1, L2, …: what claims one exists in the derivation, and what the
derivation names exists.

A claim is a label as it is written in code, tests and chapters: E18, dL5, test_E13_E14_…, or a
range, E1-E6.
"""

import ast
import importlib
import inspect
import re
from importlib.resources import files
from pathlib import Path

import pytest

from numgan.layers import LAYERS
from numgan.layers.elementwise import Elementwise

ROOT = Path(__file__).parents[1]
DOCUMENT = files("numgan.study").joinpath("derivation.md").read_text(encoding="utf-8")

LABEL = re.compile(
    r"(?<![A-Za-z0-9])[dR]?([EL])([1-9]\d?)(?:\s*(?:-|–|to)\s*\1([1-9]\d?))?(?![A-Za-z0-9])"
)
HEAD = re.compile(r"^\*\*([EL]\d+) \(([^*]+)\)\.\*\*", re.MULTILINE)
PLACES = re.compile(r"^`code: (.+?) · test: (.+?) · chapter: (.+?)`$", re.MULTILINE)
SECTION = re.compile(r"^## (?:(\d+) )?", re.MULTILINE)
NOT_YET = "not yet"
# sections whose labels must be claimed by code, by a test and by a chapter
CLAIMED = {1, 2, 3, 4, 5, 8}


def labels_in(text):
    """The labels that occur in a text, ranges filled in."""
    found = set()
    for kind, first, last in LABEL.findall(text):
        found |= {f"{kind}{n}" for n in range(int(first), int(last or first) + 1)}
    return found


def equations():
    """{label: (section, the text from its head to the next one's)},
    in the order of the document."""
    heads, sections, found = list(HEAD.finditer(DOCUMENT)), list(SECTION.finditer(DOCUMENT)), {}
    stops = sorted([m.start() for m in heads + sections] + [len(DOCUMENT)])
    for head in heads:
        assert head[1] not in found, f"{head[1]} stands twice in the derivation"
        section = next(m[1] for m in reversed(sections) if m.start() < head.start())
        found[head[1]] = (
            int(section or 0),
            DOCUMENT[head.start() : next(s for s in stops if s > head.start())],
        )
    return found


EQUATIONS = equations()
STRICT = [label for label, (section, _) in EQUATIONS.items() if section in CLAIMED]


def places(label):
    """The code, tests and chapters that the derivation names under an equation; an empty list for
    `not yet`.
    """
    lines = PLACES.findall(EQUATIONS[label][1])
    assert len(lines) == 1, (
        f"{label}: {len(lines)} lines of the form `code: … · test: … · chapter: …`, expected one"
    )
    return [[] if names == NOT_YET else names.split(", ") for names in lines[0]]


def texts(folder):
    """{path: text} of the Python files below a folder of the repository."""
    return {
        path: path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.py"))
    }


FOLDERS = {"code": texts("numgan"), "test": texts("tests"), "chapter": texts("demos")}
FOLDERS["test"].pop(Path(__file__))  # the labels of this file are examples
WHERE = {
    what: {
        label: {path for path, text in folder.items() if label in labels_in(text)}
        for label in EQUATIONS
    }
    for what, folder in FOLDERS.items()
}


def resolve(name):
    """The module and the object of a dotted name: numgan.game.Game.generator_step."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            module = thing = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            thing = getattr(thing, part)
        return module, thing
    raise ModuleNotFoundError(name)


def test_reading_labels():
    assert labels_in("E18, dL5 in test_E13_E14_one; R{L7}, E1-E3, E41 to E43") == {
        "E18",
        "L5",
        "E13",
        "E14",
        "L7",
        "E1",
        "E2",
        "E3",
        "E41",
        "E42",
        "E43",
    }
    assert not labels_in("LOG2, 1E5, E1x, FE2, E123, L0, E_1, MODEL3")


def test_the_derivation_has_every_label_once_and_in_order():
    """E1 to E50 in their order; what came later stands where its proof belongs. L1, L2,
    … in order."""
    numbers = [int(label[1:]) for label in EQUATIONS if label[0] == "E"]
    assert [n for n in numbers if n <= 50] == list(range(1, 51))
    assert {n: EQUATIONS[f"E{n}"][0] for n in numbers if n > 50} == {
        51: 5,
        52: 6,
        53: 8,
        54: 8,
        55: 9,
        56: 7,
        57: 7,
        58: 7,
        59: 7,
        60: 7,
        61: 7,
        62: 7,
    }
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    layers = [int(label[1:]) for label in EQUATIONS if label[0] == "L"]
    assert layers == list(range(1, len(layers) + 1)) and len(layers) >= 13


@pytest.mark.parametrize("what", FOLDERS)
def test_every_claimed_label_is_in_the_derivation(what):
    unknown = {
        str(path): sorted(labels_in(text) - set(EQUATIONS)) for path, text in FOLDERS[what].items()
    }
    assert not {path: labels for path, labels in unknown.items() if labels}


def test_every_label_that_the_derivation_mentions_is_in_it():
    assert labels_in(DOCUMENT) <= set(EQUATIONS)


def test_every_label_has_a_source_or_is_said_to_have_none():
    sources = DOCUMENT[DOCUMENT.index("## Sources") :]
    assert labels_in(sources) == set(EQUATIONS)


@pytest.mark.parametrize("label", EQUATIONS)
def test_an_equation_is_stated_and_proved(label):
    _, text = EQUATIONS[label]
    assert "∎" in text and text.count("$$") % 2 == 0
    assert "$$" in text or "| --- |" in text  # stated in a formula of its own, or a table of them
    assert re.search(r"\*(Proof|Definition|Why|What)", text)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_every_layer_has_its_derivation_and_a_chapter(layer):
    """It is named behind `code:` of an equation; the activations are all derived at once, as
    Elementwise.
    """
    kind = Elementwise if issubclass(layer, Elementwise) else layer
    name = f"{kind.__module__}.{kind.__name__}"
    derived = [label for label in EQUATIONS if name in places(label)[0]]
    assert derived, (
        f"no `code:` line of numgan/study/derivation.md names {name}: give the layer an equation"
    )
    assert all(places(label)[2] for label in derived), (
        f"numgan/study/derivation.md: {derived} have no chapter"
    )


@pytest.mark.parametrize("label", EQUATIONS)
def test_the_code_under_an_equation_exists_and_names_it(label):
    for name in places(label)[0]:
        module, thing = resolve(name)
        has_source = inspect.isclass(thing) or inspect.isroutine(thing)
        own = inspect.getsource(thing) if has_source else inspect.getsource(module)
        assert label in labels_in(own + (module.__doc__ or "")), f"{name} does not mention {label}"


@pytest.mark.parametrize("label", EQUATIONS)
def test_the_tests_under_an_equation_exist_and_name_it(label):
    """A test that serves many labels, tests/file.py::test_name, need not name them."""
    for name in places(label)[1]:
        file, _, function = name.partition("::")
        assert ROOT / file in FOLDERS["test"], f"{label}: there is no {file}"
        if function:
            tree = ast.parse(FOLDERS["test"][ROOT / file])
            assert function in {
                node.name for node in tree.body if isinstance(node, ast.FunctionDef)
            }, name
        else:
            assert ROOT / file in WHERE["test"][label], f"{file} does not mention {label}"


@pytest.mark.parametrize("label", EQUATIONS)
def test_the_chapters_under_an_equation_exist_and_name_it(label):
    for name in places(label)[2]:
        assert ROOT / name in FOLDERS["chapter"], f"{label}: there is no {name}"
        assert ROOT / name in WHERE["chapter"][label], f"{name} does not mention {label}"


@pytest.mark.parametrize("label", STRICT)
def test_the_labels_of_sections_1_to_5_and_8_are_claimed_by_code_a_test_and_a_chapter(label):
    assert all(places(label)), f"the derivation names no code, no test or no chapter for {label}"
    assert {what for what in FOLDERS if WHERE[what][label]} == set(FOLDERS)


@pytest.mark.parametrize(
    "label", [label for label in EQUATIONS if f"`code: {NOT_YET}" in EQUATIONS[label][1]]
)
def test_an_equation_without_code_is_claimed_by_none(label):
    assert not WHERE["code"][label], (
        f"{label} has code: name it in the derivation, in place of `{NOT_YET}`"
    )

"""The examples in docstrings: each prints what it says; in these rooms no function lacks one."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

from numgan import check

PACKAGE = Path(__file__).parents[1] / "numgan"
ROOMS = """
    theory metrics dynamics optimizers backend values objectives penalties costs points terms
    relativistic data architectures network
""".split()  # each with all that is inside it


def module_name(path):
    """numgan/metrics/__init__.py -> numgan.metrics."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


WITH_EXAMPLES = [
    module_name(path) for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text("utf-8")
]


def failures(module):
    """A report for each example that does not print what it says, and the number of examples."""
    reports, runner = [], doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test, out=reports.append)
    return reports, runner.tries


def public(module):
    """The functions and classes that a module defines under names without an underscore."""
    for name, thing in vars(module).items():
        thing = inspect.unwrap(thing) if callable(thing) else thing  # what lru_cache wraps
        if not (inspect.isfunction(thing) or inspect.isclass(thing)) or name.startswith("_"):
            continue
        if thing.__module__ == module.__name__ and thing.__name__ == name:
            yield name, thing


def without_example(module):
    """The names of its public functions and classes whose docstring has no example."""
    return [name for name, thing in public(module) if ">>> " not in (thing.__doc__ or "")]


def modules(room):
    """The module of a room and, if it is a package, all modules inside it."""
    module = importlib.import_module(f"numgan.{room}")
    inside = pkgutil.walk_packages(getattr(module, "__path__", []), f"numgan.{room}.")
    return [module, *(importlib.import_module(found.name) for found in inside)]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_print_what_they_say(name):
    reports, tries = failures(importlib.import_module(name))
    assert not reports, "\n".join(reports)
    assert tries


@pytest.mark.parametrize("room", ROOMS)
def test_each_public_function_of_a_room_has_an_example(room):
    missing = [
        f"{module.__name__}.{name}" for module in modules(room) for name in without_example(module)
    ]
    assert not missing, f"no example (>>>) in the docstring of {', '.join(missing)}"


def test_each_public_name_of_the_checker_has_an_example():
    """The names of numgan.check; its rooms have many more, for readers of the source."""
    things = {name: getattr(check, name) for name in check.__all__}
    assert not [name for name, thing in things.items() if ">>> " not in (thing.__doc__ or "")]


def test_no_example_is_skipped():
    texts = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    assert not [path for path, text in texts.items() if "doctest: +SKIP" in text]


def test_a_wrong_and_a_missing_example_are_found(tmp_path, monkeypatch):
    """A planted mistake of each kind, and a warning, which is an error here."""
    (tmp_path / "planted.py").write_text(
        "import warnings\n"
        "from fractions import Fraction\n"
        "def right():\n    '>>> 1 + 1\\n2'\n"
        "def wrong():\n    '>>> 1 + 1\\n3'\n"
        "def warning():\n    '>>> warnings.warn(\"a warning\")'\n"
        "def missing():\n    'No example.'\n"
        "class Missing:\n    pass\n"
        "def _private(): pass\n"
        "constant = lambda: 0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    planted = importlib.import_module("planted")
    assert without_example(planted) == ["missing", "Missing"]
    reports, tries = failures(planted)
    assert tries == 3 and len(reports) == 2
    assert "planted.wrong" in (both := "".join(reports)) and "UserWarning: a warning" in both

"""`pytest --gradients`: checks of gradients as tests, each of which fails with its diagnosis.

A test module has a list `numgan_checks`, or a function of that name that returns or yields it, of
pairs (name, check). A check is a Report, or a callable that returns one or raises AssertionError:

    numgan_checks = [
        ("loss", partial(check_gradient, loss, dloss, w)),
        ("layer", lambda: check_layer(MyLayer(3, 2), (4, 3))),
    ]

Every run of pytest imports this file where numgan is installed: it imports nothing but pytest until
--gradients is given. On GitHub the failures are also annotations.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

NAME = "numgan_checks"
EXPECTED = f"{NAME} must be a list, or a function that yields pairs (name, callable or Report)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option --gradients (a hook of pytest)."""
    group = parser.getgroup("numgan")
    group.addoption(
        "--gradients",
        action="store_true",
        help=f"also check the gradients that test modules list as {NAME}",
    )


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> Any:
    """The checks of a module; None, which leaves it to pytest, for everything else."""
    if name != NAME or not collector.config.getoption("gradients", False):
        return None
    return (
        Checks.from_parent(collector, name=name) if isinstance(collector, pytest.Module) else None
    )


class Checks(pytest.Collector):
    """`numgan_checks` of one module."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each pair."""
        assert isinstance(self.parent, pytest.Module)
        listed = getattr(self.parent.obj, NAME)
        for name, check in pairs(listed() if callable(listed) else listed):
            yield Check.from_parent(self, name=name, check=check)


def pairs(listed: Any) -> list[tuple[str, Any]]:
    """(name, check), one by one. Raises CollectError, in one line, for anything else."""
    from numgan.check.report import Report

    if not isinstance(listed, Iterable) or isinstance(listed, (str, Report)):
        raise pytest.Collector.CollectError(f"{EXPECTED}, got {type(listed).__name__}")
    found: dict[str, Any] = {}
    for k, pair in enumerate(listed):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[0], str):
            raise pytest.Collector.CollectError(f"{EXPECTED}; item {k} is {short_text(pair)}")
        name, check = pair
        if not callable(check) and not isinstance(check, Report):
            got = type(check).__name__
            raise pytest.Collector.CollectError(f"{EXPECTED}; {name!r} comes with {got}")
        if name in found:
            raise pytest.Collector.CollectError(f"{NAME} has two checks called {name!r}")
        found[name] = check
    return list(found.items())


def short_text(thing: Any) -> str:
    """An object in one short line."""
    return " ".join(repr(thing).split())[:60]


class Check(pytest.Item):
    """One check. It passes where the report is ok, or the callable returns None."""

    def __init__(self, *, check: Any, **of_item: Any):
        super().__init__(**of_item)
        self.check = check

    def runtest(self) -> None:
        from numgan.check.report import Report, raise_unless_ok
        from numgan.errors import InputError

        report = self.check if isinstance(self.check, Report) else self.check()
        if isinstance(report, Report):
            raise_unless_ok(report)
        elif report is not None:
            raise InputError(
                f"the check {self.name!r} returned {type(report).__name__}: expected a Report, or "
                "None from an assert_…"
            )

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The diagnosis, the line of an InputError, or the user's traceback for any other."""
        from numgan.errors import InputError

        if excinfo.errisinstance((AssertionError, InputError)) and str(excinfo.value):
            return str(excinfo.value).strip("\n")
        own = [k for k, entry in enumerate(excinfo.traceback) if str(entry.path) == __file__]
        excinfo.traceback = excinfo.traceback[own[-1] + 1 if own else 0 :] or excinfo.traceback
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """The line of the gradient where it is known, else that of the module."""
        from numgan.check.place import gradient_code, place_of

        place = place_of(gradient_code(self.check)) if callable(self.check) else None
        if place is None:
            return self.path, None, self.name
        return place.file, place.line - 1, self.name


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """On GitHub, an annotation for each check that failed."""
    chosen = terminalreporter.config.getoption("gradients", False)
    if not chosen or os.environ.get("GITHUB_ACTIONS") != "true":
        return
    from numgan.check.ci import annotation

    for failed in terminalreporter.stats.get("failed", []):
        if f"::{NAME}::" in failed.nodeid:
            file, line, title = failed.location
            crash = getattr(failed.longrepr, "reprcrash", None)
            text = getattr(crash, "message", failed.longreprtext)
            said = annotation("error", title, text, file, (line or 0) + 1)
            terminalreporter.write_line(said)

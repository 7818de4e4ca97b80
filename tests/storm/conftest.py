"""`pytest tests/storm` runs a quick storm; `pytest tests/storm --long -s` a long one, of half an
hour.

The long one ends with a table: points (calls at which a fault was let strike, or ways of damage),
runs (commands), and how many were stuck, damaged, ended in a traceback, or were different without a
word.
"""

from __future__ import annotations

import os

import pytest

from tests.storm import figures


def pytest_collection_modifyitems(items):
    if not hasattr(os, "fork"):
        for item in items:
            if "storm" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="commands are forked"))


@pytest.fixture(scope="session")
def long(request) -> bool:
    """True where the long version is asked for."""
    return request.config.getoption("--long", default=False)


@pytest.fixture(scope="session")
def zygote(tmp_path_factory):
    """The warm process."""
    from tests.storm.client import Zygote

    process = Zygote(tmp_path_factory.mktemp("zygote"))
    yield process
    process.close()


@pytest.fixture
def seen(request):
    """The figures of this test, for the table at the end."""
    figures.ALL[request.node.name] = figures.Figures()
    return figures.ALL[request.node.name]


def pytest_terminal_summary(terminalreporter):
    if figures.ALL and terminalreporter.config.getoption("--long", default=False):
        terminalreporter.section("storm")
        for line in figures.table():
            terminalreporter.write_line(line)

"""What several files of tests share: an option, and what is made once, since it takes a while."""

import os
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        action="store_true",
        help="the long version of tests/storm (half an hour) and of the notebooks (all are run)",
    )


@pytest.fixture(scope="session", autouse=True)
def unflushed():
    """No test cuts the power: a flush to the disk, which takes milliseconds, would show nothing.
    Tests that watch or refuse a flush put their own in this place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session")
def whole_book(tmp_path_factory):
    """The book of this very repository, without running the chapters."""
    for needed in ("latex2mathml", "markdown_it", "mdit_py_plugins", "pygments"):
        pytest.importorskip(needed, reason="the extra numgan[book] is not installed")
    from numgan.book.make import make

    folder = tmp_path_factory.mktemp("book") / "book"
    make(folder, Path(__file__).resolve().parents[1])
    return folder

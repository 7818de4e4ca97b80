"""What several files of tests share: an option, and what is made once, since it takes a while."""

from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        action="store_true",
        help="the long version of tests/storm (half an hour) and of the notebooks (all are run)",
    )


@pytest.fixture(scope="session")
def whole_book(tmp_path_factory):
    """The book of this very repository, without running the chapters."""
    for needed in ("latex2mathml", "markdown_it", "mdit_py_plugins"):
        pytest.importorskip(needed, reason="the extra numgan[book] is not installed")
    from numgan.book.make import make

    folder = tmp_path_factory.mktemp("book") / "book"
    make(folder, Path(__file__).resolve().parents[1])
    return folder

"""`numgan book` on the command line. Needs nothing of the extra but the last test."""

from __future__ import annotations

import pytest

from numgan.book import command
from numgan.cli import main
from tests.book.small import plant


def test_without_the_extra_it_says_what_to_install_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert main(["book", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert (
        said.err == "numgan: the book needs a few packages more: pip install '.[book]'\n"
        and not said.out
    )
    assert not (tmp_path / "out").exists()


def test_out_is_required(capsys):
    assert main(["book"]) == 2
    assert "--out" in capsys.readouterr().err


def test_it_tells_where_the_book_begins(tmp_path, capsys):
    for needed in command.NEEDED:
        pytest.importorskip(needed, reason="the extra numgan[book] is not installed")
    assert (
        main(["book", "--out", str(tmp_path / "out"), "--source", str(plant(tmp_path / "in"))]) == 0
    )
    assert capsys.readouterr().out == f"{tmp_path / 'out' / 'index.html'}: 10 pages\n"
    assert (tmp_path / "out" / "index.html").is_file()

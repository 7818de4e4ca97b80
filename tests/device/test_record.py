"""What is written down of a GPU, and that nothing is where there is none."""

import sys

from tests.device import record

ROW = ["2030-01-02", "A card", "13.0, 12.9", "14.0.0", "5 passed in 1.00s"]


def test_the_first_row_takes_the_place_of_the_sentence_that_there_is_none(tmp_path):
    text = f"# Title\n\nWhat.\n\n{record.NONE_YET}, nothing.\n\n| date |\n| --- |\n"
    once = record.added(text, ROW)
    assert once == "# Title\n\nWhat.\n\n| date |\n| --- |\n| " + " | ".join(ROW) + " |\n"
    assert record.added(once, ROW) == once + "| " + " | ".join(ROW) + " |\n"


def test_the_file_has_rows_or_says_that_it_has_none():
    text = record.RESULTS.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| 20")]
    assert (record.NONE_YET in text) == (not rows) and all(
        row.count("|") == len(ROW) + 1 for row in rows
    )


def test_a_row_is_what_pytest_said(monkeypatch, tmp_path, capsys):
    results = tmp_path / "RESULTS.md"
    results.write_text(record.RESULTS.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(record, "RESULTS", results)
    for name, value in (
        ("cuda_problem", lambda: ""),
        ("card", lambda: ROW[1:4]),
        ("tested", lambda: (ROW[4], 1)),
    ):
        monkeypatch.setattr(record, name, value)
    assert record.main() == 1
    assert (
        " | ".join(ROW[1:]) in capsys.readouterr().out
        and " | ".join(ROW[1:]) in results.read_text()
    )


def test_without_a_gpu_nothing_is_written(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    before = record.RESULTS.read_bytes()
    assert record.main() == 2
    assert capsys.readouterr().err.count("\n") == 1 and record.RESULTS.read_bytes() == before

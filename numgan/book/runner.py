"""Run a chapter cell by cell: `python runner.py CHAPTER OPTIONS`. After each cell of code comes a
separator.

It is a program of its own and imports nothing of numgan: the chapter imports what it needs.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

END = "\x1e\n"  # the record separator


def run(path: Path) -> None:
    """Each cell's statements, with the numbers of their lines, in one namespace."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines, 1) if re.match("# %%", line)]
    statements = ast.parse(text).body
    names = {"__name__": "__main__", "__file__": str(path)}
    for first, stop in zip(marks, [*marks[1:], len(lines) + 1], strict=True):
        if "[markdown]" not in lines[first - 1]:
            cell = ast.Module([each for each in statements if first < each.lineno < stop], [])
            exec(compile(cell, str(path), "exec"), names)
            print(end=END, flush=True)


if __name__ == "__main__":
    chapter = Path(sys.argv[1])
    sys.argv = sys.argv[1:]
    sys.path[0] = str(chapter.parent)
    run(chapter)

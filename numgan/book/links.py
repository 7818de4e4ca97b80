"""Link: where every label, file, line and name stands in the book, and where every label is written
in the source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from numgan.book.cells import pairs
from numgan.book.derivation import Entry, Section
from numgan.book.labels import labels_in
from numgan.book.rows import definitions, docstring_lines, start
from numgan.book.source import Module, Source


@dataclass(frozen=True)
class Links:
    """The address book. What is not in it has no link."""

    labels: dict[str, str]  # E18 → section-4.html#E18
    entries: dict[str, Entry]
    files: dict[str, str]  # numgan/game.py, demos/ → numgan.game.html, index.html#demos
    names: dict[
        str, str
    ]  # numgan.game.Game.value, tests/test_game.py::test_value → numgan.game.html#line-54
    places: dict[
        str, dict[str, dict[int, str]]
    ]  # E18 → {numgan/theory/discriminator.py: {94: its address}}
    used: dict[str, list[str]]  # E18 → the entries whose text mentions it

    def find(self, what: str) -> str | None:
        """The address of a file, a folder, a name or a label."""
        for book in (self.files, self.names, self.labels):
            if what in book:
                return book[what]
        return None


def link(source: Source, sections: list[Section]) -> Links:
    """Walk through everything once."""
    labels = {
        entry.label: f"{section.page}#{entry.label}"
        for section in sections
        for entry in section.entries
    }
    entries = {entry.label: entry for section in sections for entry in section.entries}
    files = {module.path: module.page for module in source.modules}
    for room in {module.room for module in source.modules}:
        files |= {room: f"index.html#{room}", f"{room}/": f"index.html#{room}"}
    files["numgan/study/derivation.md"] = "derivation.html"
    names: dict[str, str] = {}
    places: dict[str, dict[str, dict[int, str]]] = {label: {} for label in labels}
    for module in source.modules:
        anchor = anchors(module)
        names.setdefault(module.name, module.page)
        for name, node in definitions(module).items():
            address = f"{module.page}#{anchor(start(module, node))}"
            names |= {f"{module.name}.{name}": address, f"{module.path}::{name}": address}
        for number, line in enumerate(module.lines, 1):
            for label in labels_in(line) & set(labels):
                places[label].setdefault(module.path, {})[number] = (
                    f"{module.page}#{anchor(number)}"
                )
    mentions = {label: labels_in(entry.statement + entry.proof) for label, entry in entries.items()}
    used = {
        label: [other for other in entries if other != label and label in mentions[other]]
        for label in labels
    }
    return Links(labels, entries, files, names, places, used)


def anchors(module: Module) -> Callable[[int], str]:
    """The fragment of a line: its own if it is shown as code, otherwise that of the prose it became
    part of.
    """
    if module.is_chapter:
        owner = {n: pair.first for pair in pairs(module) for n in range(pair.first, pair.stop)}
    else:
        owner = docstring_lines(module)
    return partial(fragment, owner)


def fragment(owner: dict[int, int], line: int) -> str:
    """Of a line, given where each line that became prose now stands."""
    return f"about-{owner[line]}" if line in owner else f"line-{line}"

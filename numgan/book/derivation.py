"""Collect: the derivation as sections, and each section as running text and labelled equations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

HEAD = re.compile(r"^\*\*([EL]\d+) \(([^*]+)\)\.\*\* *", re.MULTILINE)
PLACES = re.compile(r"^`code: (.+?) · test: (.+?) · chapter: (.+?)`\n?", re.MULTILINE)
SECTION = re.compile(r"^## (?:(\d+) )?(.+)\n", re.MULTILINE)
SUBSECTION = re.compile(r"^### (.+)\n", re.MULTILINE)
PROOF = re.compile(r"^\*(?:Proof|Definition|Why|What)", re.MULTILINE)

MOST = 8  # entries of one page: with its proofs and code it is to have 150 kB at most


@dataclass(frozen=True)
class Entry:
    """An equation: its statement, its proof, and the places that the line under it names."""

    label: str
    title: str
    statement: str
    proof: str
    code: tuple[str, ...]  # numgan.theory.information.kl
    test: tuple[str, ...]  # tests/theory/test_information.py, or with ::test_name
    chapter: tuple[str, ...]  # demos/01_entropy.py


@dataclass(frozen=True)
class Section:
    """A page of a numbered section, or a section without a number; its parts are text (Markdown)
    and entries, as they follow. A subsection begins a page of its own, and so does what is too much
    for one.
    """

    number: str
    title: str
    parts: tuple[str | Entry, ...]
    nth: int = 1  # of the pages of its number

    @property
    def entries(self) -> list[Entry]:
        return [part for part in self.parts if isinstance(part, Entry)]

    @property
    def page(self) -> str:
        if not self.number:
            return "derivation.html"
        return f"section-{self.number}{f'-{self.nth}' if self.nth > 1 else ''}.html"


def sections(document: str) -> tuple[str, list[Section]]:
    """What stands before the first section, and the sections."""
    preamble, *rest = SECTION.split(document)
    found: list[Section] = []
    for number, title, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        first, *more = SUBSECTION.split(text) if number else (text,)
        inside = [(title, first), *zip(more[::2], more[1::2], strict=True)]
        pages = [(name, page) for name, text in inside for page in portions(parts(text))]
        found += [Section(number or "", *page, nth) for nth, page in enumerate(pages, 1)]
    return preamble, found


def portions(parts: tuple[str | Entry, ...]) -> list[tuple[str | Entry, ...]]:
    """The parts on as few pages as hold at most MOST entries each, and about equally many."""
    count = sum(isinstance(part, Entry) for part in parts)
    each = ceil(count / max(ceil(count / MOST), 1))
    pages: list[list[str | Entry]] = [[]]
    for part in parts:
        full = sum(isinstance(other, Entry) for other in pages[-1]) == each
        if full and isinstance(part, Entry):
            pages.append([])
        pages[-1].append(part)
    return [tuple(page) for page in pages]


def parts(text: str) -> tuple[str | Entry, ...]:
    """An entry goes from its head to its line of places; what stands between entries is text."""
    found: list[str | Entry] = []
    before, *rest = HEAD.split(text)
    found.append(before)
    for label, title, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        places = PLACES.search(body)
        content, after = (body[: places.start()], body[places.end() :]) if places else (body, "")
        proof = PROOF.search(content)
        cut = proof.start() if proof else len(content)
        found += [Entry(label, title, content[:cut], content[cut:], *place_names(places)), after]
    return tuple(part for part in found if isinstance(part, Entry) or part.strip())


def place_names(places: re.Match | None) -> tuple[tuple[str, ...], ...]:
    """What a line of places names for code, test and chapter; nothing where it says `not yet`."""
    groups = places.groups() if places else ("not yet",) * 3
    return tuple(() if group == "not yet" else tuple(group.split(", ")) for group in groups)

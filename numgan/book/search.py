"""Link: what a search in the book finds. The index is made here, and search.js looks things up in
it, in the reader's browser, without a server.
"""

from __future__ import annotations

import ast
import json
import re
from html import unescape

from numgan.book.cells import pairs, title
from numgan.book.derivation import Entry, Section
from numgan.book.links import Links
from numgan.book.mathml import mathml
from numgan.book.prose import NUMBER
from numgan.book.rows import Definition, definitions
from numgan.book.source import Module, Source

# right and wrong versions of what stands elsewhere
EXERCISES = ("numgan/check/exercises", "numgan/course/exercises")
SHOWN = 110  # characters of the text beside a title
KINDS = ("equation", "section", "chapter", "module", "code")
# place of the kind, title, address (none for a module, whose path tells it; of code the line alone:
# it follows its module), text
Found = tuple[int, str, str, str]

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)
MARKS = re.compile(r"(?<!\w)[*>]+|[*`]+(?!\w)|`")


def index(source: Source, sections: list[Section], links: Links) -> bytes:
    """The index as a script that search.html loads: a page opened from a disk may load scripts, and
    no other data.
    """
    found = [
        *(each for section in sections for each in of_section(section)),
        *(of_chapter(chapter) for chapter in source.chapters),
        *(
            each
            for room in source.rooms.values()
            for module in room
            for each in of_module(module, links)
        ),
    ]
    rows = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in found)
    return f"const KINDS = {json.dumps(KINDS)};\nconst INDEX = [\n{rows}\n];\n".encode()


def of_section(section: Section) -> list[Found]:
    """A section, and its equations."""
    number = f"{section.number} · " if section.number else ""
    texts = [part for part in section.parts if isinstance(part, str)]
    first = [(1, number + section.title, section.page, plain(" ".join(texts[:1])))]
    return [*first, *(of_entry(entry, section.page) for entry in section.entries)]


def of_entry(entry: Entry, page: str) -> Found:
    """An equation: its label, its title, the start of its statement."""
    text = entry.statement if entry.statement.strip() else entry.proof
    head = f"{entry.label} · {entry.title}"
    return 0, head, f"{page}#{entry.label}", plain(text)


def of_chapter(chapter: Module) -> Found:
    """A chapter, with the headings and the words of its prose."""
    prose = " ".join(pair.prose.partition("\n")[2] for pair in pairs(chapter)[:1])
    headings = re.findall(r"^# ## (.+)$", chapter.text, re.MULTILINE)
    return 2, title(chapter), chapter.page, plain(" · ".join([prose, *headings]), 2 * SHOWN)


def of_module(module: Module, links: Links) -> list[Found]:
    """A module, and the functions and classes that it defines with a docstring; of the tests
    and the exercises the modules alone.
    """
    found: list[Found] = [(3, module.path, "", plain(module.says, SHOWN // 2))]
    if module.room.split("/")[0] != "numgan" or module.room in EXERCISES:
        return found
    for name, node in definitions(module).items():
        doc = ast.get_docstring(node) if isinstance(node, Definition) else None
        if doc and "." not in name:
            line = links.names[f"{module.name}.{name}"].removeprefix(module.page)
            first = " ".join(doc.partition("\n\n")[0].split())
            found.append((4, name, line, plain(first, SHOWN // 4)))
    return found


def plain(text: str, most: int = SHOWN) -> str:
    """The words of a text without the marks of Markdown, formulas as they would be read, cut off
    where it is longer.
    """
    read = FORMULA.sub(lambda found: unicode(found[1] or found[2]), text)
    words = " ".join(MARKS.sub("", read).split())
    return words if len(words) <= most else words[:most].rpartition(" ")[0] + " …"


def unicode(latex: str) -> str:
    """A formula in letters and signs."""
    drawn = re.sub("<mspace[^>]*>", " ", mathml(NUMBER.sub("", latex), False))
    return unescape(re.sub("<[^>]*>", "", drawn))

"""Render: the pages of the book, one module a kind of page; `pages` puts them in order."""

from __future__ import annotations

from numgan.book.derivation import Section
from numgan.book.frame import Page
from numgan.book.links import Links
from numgan.book.outputs import Output
from numgan.book.pages.chapter import chapter_page
from numgan.book.pages.derivation import derivation_page, section_page
from numgan.book.pages.front import contents_page, design_page, equations_page, search_page
from numgan.book.pages.module import module_page
from numgan.book.prose import reader
from numgan.book.source import Source


def pages(
    source: Source, preamble: str, sections: list[Section], links: Links, outputs: dict[str, Output]
):
    """All pages in the order of reading, and the pictures of the README: (pages, {name in the book:
    path}).
    """
    pictures: dict[str, str] = {}

    def picture(path: str) -> str | None:
        """The file of an image in the README, if it is a file beside it: such a file is copied into
        the book.
        """
        if "://" in path or not (source.root / path).is_file():
            return None
        name = path.replace("/", ".")
        pictures[name] = path
        return name

    read = reader(links)
    numbered = [section for section in sections if section.number]
    found: list[Page] = [
        contents_page(source, sections, links),
        derivation_page(preamble, sections, links, read),
        *(section_page(section, source, links, read) for section in numbered),
        *(
            chapter_page(chapter, outputs.get(chapter.path), links, read)
            for chapter in source.chapters
        ),
        *(module_page(module, links, read) for room in source.rooms.values() for module in room),
        equations_page(links),
    ]
    if source.readme is not None:
        guide = "" if source.guide is None else source.guide.partition("\n")[2]  # without its title
        found.append(design_page(f"{source.readme}\n{guide}", reader(links, picture)))
    found.append(search_page())
    return found, pictures

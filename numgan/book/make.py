"""The whole way: collect, link, render, write."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from numgan.book.derivation import sections
from numgan.book.frame import document
from numgan.book.links import link
from numgan.book.outputs import outputs
from numgan.book.pages import pages
from numgan.book.search import index
from numgan.book.source import collect
from numgan.book.write import book_files, write


def make(folder: Path, root: Path | None = None, run: bool = False) -> int:
    """Write the book of the repository `root` into `folder`, and return the number of its pages."""
    book_files(folder)  # a folder that holds something else is refused before any work
    source = collect(root)
    preamble, parts = sections(source.derivation)
    links = link(source, parts)
    ran = outputs(source) if run else {}
    found, pictures = pages(source, preamble, parts, links, ran)

    names = {page.file for page in found}
    content = {
        page.file: document(page, before, after, names).encode()
        for before, page, after in zip([None, *found], found, [*found[1:], None], strict=False)
    }
    content |= {name: (source.root / path).read_bytes() for name, path in pictures.items()}
    content |= {
        picture.name: picture.content for output in ran.values() for picture in output.pictures
    }
    for name in ("book.css", "search.js"):
        content[name] = files("numgan.book").joinpath(name).read_bytes()
    content["index.js"] = index(source, parts, links)
    write(folder, content)
    return len(found)

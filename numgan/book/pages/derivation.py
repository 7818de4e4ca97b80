"""The derivation, a page a section: each equation and its proof at the left, the code that computes
it at the right.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import groupby

from numgan.book.badge import badge, badges
from numgan.book.derivation import Entry, Section
from numgan.book.frame import Page, row
from numgan.book.labels import labels_in
from numgan.book.links import Links
from numgan.book.pages.excerpt import excerpt
from numgan.book.source import Source

Read = Callable[[str], str]


def derivation_page(preamble: str, sections: list[Section], links: Links, read: Read) -> Page:
    """How to read it, its sections, and what has no number: the sources."""
    rest = "\n".join(
        f"<h2>{escape(section.title)}</h2>\n{read(part)}"
        for section in sections
        if not section.number
        for part in section.parts
        if isinstance(part, str)
    )
    content = f"{read(preamble)}\n<h2>Sections</h2>\n{section_list(sections, links)}\n{rest}"
    return Page("derivation.html", "The derivation", content, columns="one")


def section_list(sections: list[Section], links: Links) -> str:
    """The numbered sections with their labels; a subsection stands below its section."""
    items = ""
    for _, pages in groupby((each for each in sections if each.number), lambda page: page.number):
        lines = []
        for title, same in groupby(pages, lambda page: page.title):
            first, *more = same
            labels = [entry.label for page in (first, *more) for entry in page.entries]
            lines.append(
                f'<a href="{first.page}">{escape(title)}</a> '
                f'<span class="badges">{badges(labels, links)}</span>'
            )
        items += f"<li>{'<br>'.join(lines)}</li>\n"
    return f'<ol class="sections">\n{items}</ol>'


def section_page(section: Section, source: Source, links: Links, read: Read) -> Page:
    """The equations of a page of a section, in their order."""
    rows = []
    for part in section.parts:
        if isinstance(part, Entry):
            right = "\n".join(excerpt(part.label, name, source, links) for name in part.code)
            rows.append(row(equation(part, links, read), right, part.label))
        else:
            rows.append(row(read(part), ""))
    labels = [entry.label for entry in section.entries]
    some = section.nth > 1 or len(labels) > 1
    title = f"{section.number} · {section.title}"
    told = f"{title}, {labels[0]} to {labels[-1]}" if some and labels else title
    head = f"<h1>{escape(title)}</h1>"
    return Page(section.page, told, "\n".join([head, *rows]), columns="even")


def equation(entry: Entry, links: Links, read: Read) -> str:
    """Statement, proof, and where the equation is at work."""
    title = entry.title[:1].upper() + entry.title[1:]
    return "\n".join(
        [
            f"<h2>{badge(entry.label, entry.label, links)} {escape(title)}</h2>",
            f'<div class="statement">{read(entry.statement)}</div>'
            if entry.statement.strip()
            else "",
            f'<div class="proof">{read(entry.proof)}</div>',
            places_list(entry, links),
        ]
    )


def places_list(entry: Entry, links: Links) -> str:
    """What the derivation names, and everything else that mentions the label, by file and line."""
    named = [
        (kind, ", ".join(link_to(name, links) for name in names) or "<em>not yet</em>")
        for kind, names in (("code", entry.code), ("test", entry.test), ("chapter", entry.chapter))
    ]
    if links.used[entry.label]:
        named.append(("used in", badges(links.used[entry.label], links)))
    terms = "".join(f"<dt>{kind}</dt><dd>{found}</dd>" for kind, found in named)
    files = "".join(
        f'<li><a href="{links.files[path]}">{escape(path)}</a>: '
        + ", ".join(f'<a href="{address}">{line}</a>' for line, address in lines.items())
        + "</li>"
        for path, lines in links.places[entry.label].items()
    )
    count = sum(len(lines) for lines in links.places[entry.label].values())
    everywhere = (
        (
            f"<details><summary>{entry.label} in the source: "
            f"{count} line{'s' * (count != 1)}</summary>"
            f"<ul>{files}</ul></details>"
        )
        if files
        else ""
    )
    return f'<dl class="where">{terms}</dl>\n{everywhere}'


def link_to(name: str, links: Links) -> str:
    """A name, as short as it can be told: kl, test_information.py, 02_kl_and_its_direction."""
    address = links.find(name)
    if "::" in name:
        short = name.partition("::")[2]
    elif "/" in name:
        short = name.rpartition("/")[2].removesuffix(".py")
    else:
        short = (
            ".".join(name.split(".")[-2:])
            if name.split(".")[-2][:1].isupper()
            else name.rpartition(".")[2]
        )
    shown = f"<code>{escape(short)}</code>"
    return f'<a href="{address}" title="{escape(name)}">{shown}</a>' if address else shown


def card(label: str, links: Links, read: Read) -> str:
    """An equation's statement, to stand beside code that is it."""
    entry = links.entries[label]
    title = entry.title[:1].upper() + entry.title[1:]
    return (
        '<aside class="card"><p class="card-title">'
        f"{badge(label, label, links)} {escape(title)}</p>\n"
        f"{read(entry.statement)}</aside>"
    )


def cards(text: str, links: Links) -> list[str]:
    """The labels of a text that the derivation has."""
    return [label for label in links.entries if label in labels_in(text)]

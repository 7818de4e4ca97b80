"""The pages around the book: contents, the index of equations, and the README as the page on
design.
"""

from __future__ import annotations

from html import escape

from numgan.book.badge import badge, badges
from numgan.book.cells import title
from numgan.book.derivation import Section
from numgan.book.docstring import inline
from numgan.book.frame import Page
from numgan.book.links import Links
from numgan.book.pages.derivation import Read, link_to, section_list
from numgan.book.source import Module, Source

HOW = """<p class="lead">Generative adversarial networks from scratch, every gradient by hand:
the derivation and its program, side by side.</p>
<h2>How to read this book</h2>
<p>Mathematics stands at the left, its code at the right; in a chapter the code follows. Every
equation has a label, such as {example}. The label stands beside the line of code that computes
the equation, in the test that confirms it and in the chapter that shows it. Each label links to
its equation, and each equation links to all these places. So you can begin with the derivation
and look up the code, begin with the code and look up the reason, or begin with a chapter and its
figure.</p>
<p>A name like <span class="label L">dL5</span> is the gradient of layer L5, and
<span class="label L">R{{dL5}}</span> the change of that gradient along a direction. An array
<code>x</code> has the gradient <code>dx</code>; <code>Rx</code> and <code>Rdx</code> are the
changes of both.</p>"""


def contents_page(source: Source, sections: list[Section], links: Links) -> Page:
    """What the book is, how to read it, and everything in it."""
    example = badges(list(links.labels)[17:18] or list(links.labels)[:1], links)
    parts = [
        "<h1>numgan, annotated</h1>",
        HOW.format(example=example),
        '<h2><a href="derivation.html">The derivation</a></h2>',
        section_list(sections, links),
    ]
    rooms = source.rooms
    if source.chapters:
        parts += [
            '<h2 id="demos">The chapters</h2>',
            '<ul class="chapters">',
            *(chapter_item(chapter, links) for chapter in source.chapters),
            "</ul>",
            *helpers(rooms.pop("demos", []), links),
        ]
    for heading, top in (("The code", "numgan"), ("The tests", "tests")):
        inside = [name for name in rooms if name.split("/")[0] == top]
        parts += [f"<h2>{heading}</h2>"] * bool(inside)
        for name in inside:
            parts += [f'<h3 id="{name}"><code>{name}/</code></h3>', *items(rooms[name], links)]
    return Page("index.html", "numgan, annotated", "\n".join(parts), columns="one")


def chapter_item(chapter: Module, links: Links) -> str:
    """A chapter in the list, with the labels it is about."""
    labels = badges((label for label in links.labels if chapter.path in links.places[label]), links)
    return (
        f'<li><a href="{chapter.page}">{escape(title(chapter))}</a> '
        f'<span class="badges">{labels}</span></li>'
    )


def helpers(modules: list[Module], links: Links) -> list[str]:
    """The modules that stand beside the chapters and are none."""
    return ["<p>Beside them:</p>", *items(modules, links)] if modules else []


def items(modules: list[Module], links: Links) -> list[str]:
    """A room: each module with the first sentences of its docstring."""
    return [
        '<dl class="modules">',
        *(
            f'<dt><a href="{module.page}">'
            f"<code>{escape(module.path.rpartition('/')[2])}</code></a></dt>"
            f"<dd>{inline(module.says, links)}</dd>"
            for module in modules
        ),
        "</dl>",
    ]


def search_page() -> Page:
    """The field, and the places that search.js finds."""
    content = """<h1>Search</h1>
<form role="search">
<input type="search" name="q" aria-label="Search the book" placeholder="E18, spectral norm, …">
</form>
<p class="note">Equations, sections, chapters, modules and what they define, by their names and
first sentences. All words must occur.</p>
<noscript><p>The search needs JavaScript; the <a href="equations.html">equations</a> and the
<a href="index.html">contents</a> do not.</p></noscript>
<p id="count" role="status" aria-live="polite"></p>
<ol id="results"></ol>"""
    return Page("search.html", "Search", content, "one", ("index.js", "search.js"))


def equations_page(links: Links) -> Page:
    """The table of all labels."""
    rows = "\n".join(
        f'<tr id="{label}"><th scope="row">{badge(label, label, links)}</th>'
        f"<td>{escape(entry.title)}</td>"
        + "".join(
            f"<td>{', '.join(link_to(name, links) for name in names) or '–'}</td>"
            for names in (entry.code, entry.test, entry.chapter)
        )
        + "</tr>"
        for label, entry in links.entries.items()
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("label", "equation", "code", "test", "chapter")
    )
    head = f"<thead><tr>{heads}</tr></thead>"
    table = f'<table class="equations">\n{head}\n<tbody>\n{rows}\n</tbody>\n</table>'
    return Page(
        "equations.html",
        "The equations",
        f'<h1>The equations</h1>\n<div class="scroll" tabindex="0">{table}</div>',
    )


def design_page(text: str, read: Read) -> Page:
    """The README and the guide."""
    return Page("design.html", "Use and design", read(text), columns="one")

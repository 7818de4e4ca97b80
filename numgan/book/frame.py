"""Render: what every page has around it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from numgan import __version__

GENERATOR = "numgan book"
TOP = (
    ("index.html", "Contents"),
    ("derivation.html", "Derivation"),
    ("equations.html", "Equations"),
    ("design.html", "Design"),
)
# leads to search.html, and works without a script of its own
FIELD = """<form role="search" action="search.html">
<input type="search" name="q" aria-label="Search the book" placeholder="Search">
</form>
"""


@dataclass(frozen=True)
class Page:
    """A page: its file, its title in plain text, and the HTML of its content, which begins with an
    <h1>.
    """

    file: str
    title: str
    content: str
    # the code: "wide" or "even" beside the mathematics; below it, as in a notebook, in a "chapter";
    # or "one" column
    columns: str = "wide"
    scripts: tuple[str, ...] = ()  # of the search alone


def document(page: Page, before: Page | None, after: Page | None, files: set[str]) -> str:
    """The page as HTML, with the way to the pages before and after it."""
    here = ' aria-current="page"'
    ways = "\n".join(
        f'<a href="{file}"{here if file == page.file else ""}>{name}</a>'
        for file, name in TOP
        if file in files
    )
    turns = "\n".join(
        f'<a rel="{rel}" href="{other.file}"><span class="arrow">{arrow}</span> '
        f"{escape(other.title)}</a>"
        for rel, arrow, other in (("prev", "←", before), ("next", "→", after))
        if other is not None
    )
    scripts = "".join(f'<script src="{name}" defer></script>\n' for name in page.scripts)
    search = "" if page.scripts else FIELD
    title = escape(page.title if page.file == "index.html" else f"{page.title} · numgan")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="{GENERATOR}">
<title>{title}</title>
<link rel="stylesheet" href="book.css">
{scripts}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="home" href="index.html">numgan</a>
<nav aria-label="Book">
{ways}
</nav>
{search}</header>
<main id="content" class="{page.columns}">
{page.content}
</main>
<nav class="turn" aria-label="Neighbouring pages">
{turns}
</nav>
<footer>numgan {__version__}, annotated: each line of mathematics beside its line of code.</footer>
</body>
</html>
"""


def row(prose: str, code: str, anchor: str = "") -> str:
    """Prose at the left, code at the right."""
    here = f' id="{anchor}"' if anchor else ""
    left = f'<div class="prose"{here}>\n{prose}\n</div>'
    return f'<section class="row">\n{left}\n<div class="beside">\n{code}\n</div>\n</section>'

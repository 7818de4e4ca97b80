"""A chapter: its prose beside its code and, after a run, the output of each cell and
its figures.
"""

from __future__ import annotations

import re
from html import escape

from numgan.book.badge import badges, link_labels
from numgan.book.cells import pairs, title
from numgan.book.frame import Page, row
from numgan.book.highlight import numbered_block
from numgan.book.links import Links
from numgan.book.outputs import Output, Picture
from numgan.book.pages.derivation import Read
from numgan.book.source import Module

NOT_RUN = (
    '<p class="note">Prose and code only: this book was made without running the chapters. '
    "<code>numgan book --run</code> adds what they print and draw.</p>"
)
RUN = '<p class="note">The numbers and figures are those of a run with <code>--quick</code>.</p>'


def chapter_page(module: Module, output: Output | None, links: Links, read: Read) -> Page:
    """A chapter: prose beside code, and what the code printed and drew where it has been run."""
    name = title(module)
    note = NOT_RUN if output is None else RUN
    cells = pairs(module)
    present = badges((label for label in links.labels if module.path in links.places[label]), links)
    parts = [
        f'<h1>{escape(name)}</h1>\n<p class="present">Equations: {present}</p>\n{note}\n'
        f'<p class="note">Run it: <code>python {escape(module.path)}</code></p>'
    ]
    for n, pair in enumerate(cells):
        prose = pair.prose if n else rest(pair.prose)
        code = numbered_block(module.text, pair.code, links)
        if output is not None and pair.cell is not None:
            code += printed(output.printed[pair.cell], links)
        if output is not None:
            code += "".join(
                figure(picture, name) for picture in pictures_of_cell(output, pair.cell)
            )
        parts.append(row(read(prose), code, f"about-{pair.first}"))
    return Page(module.page, name, "\n".join(parts), columns="chapter")


def pictures_of_cell(output: Output, cell: int | None) -> list[Picture]:
    """The pictures that this cell of code drew, as it printed: `figure: figures/NAME.png`."""
    said = "" if cell is None else output.printed[cell]
    names = re.findall(r"^(?:figure|animation): .*?([^/\\\n]+)$", said, re.MULTILINE)
    return [picture for picture in output.pictures if picture.name in names]


def rest(prose: str) -> str:
    """What follows the heading of the chapter."""
    return prose.partition("\n")[2]


def printed(text: str, links: Links) -> str:
    """What a cell printed, without the line that tells where the figure went. The answers to the
    exercises are folded.
    """
    told = "\n".join(
        line for line in text.splitlines() if not line.startswith(("figure:", "animation:"))
    ).strip("\n")
    if not told:
        return ""
    shown = f'<pre class="output" tabindex="0"><samp>{link_labels(told, links)}</samp></pre>'
    if told.startswith("Answer "):
        return f"\n<details><summary>Answers to the predictions</summary>{shown}</details>"
    return f"\n{shown}"


def figure(picture: Picture, chapter: str) -> str:
    """A picture; one that moves only when it is asked for."""
    width, height = picture.size
    alt = f"{picture.kind} of chapter {chapter}"
    drawn = (
        f'<img src="{escape(picture.name)}" width="{width}" height="{height}" alt="{escape(alt)}">'
    )
    if picture.kind == "Animation":
        drawn = f"<details><summary>The animation</summary>{drawn}</details>"
    return f"\n<figure>{drawn}</figure>"

"""Render: Markdown with formulas, as it stands in the derivation, in the chapters and in the
README.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from numgan.book.badge import badge, link_labels
from numgan.book.highlight import block
from numgan.book.links import Links
from numgan.book.mathml import mathml

NUMBER = re.compile(
    r"\s*\\qq?uad\s*\(\\mathrm\{([EL]\d+)\}\)\s*$"
)  # the number of an equation, at its right
LONG = 24  # characters: a formula in the text that may be wider than a phone


def reader(
    links: Links, picture: Callable[[str], str | None] | None = None
) -> Callable[[str], str]:
    """The function that turns Markdown into HTML.

    `picture` is for a whole document: it says under which name an image stands in the book, and
    headings get anchors.
    """

    def formula(latex: str, options) -> str:
        number = NUMBER.search(latex)
        drawn = mathml(latex[: number.start()] if number else latex, options["display_mode"])
        if not options["display_mode"]:
            return (
                f'<span class="long">{drawn}</span>'
                if len(re.sub("<[^>]*>", "", drawn)) > LONG
                else drawn
            )
        label = number[1] if number else ""
        return f'<span class="formula">{drawn}</span>' + (
            badge(label, label, links) if label in links.labels else ""
        )

    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    md.use(dollarmath_plugin, double_inline=True, allow_labels=False, renderer=formula)
    if picture is not None:
        md.use(anchors_plugin, max_level=4)

    def text(self, tokens, n, options, env):
        depth = sum(
            (token.type == "link_open") - (token.type == "link_close") for token in tokens[:n]
        )
        return escape(tokens[n].content) if depth else link_labels(tokens[n].content, links)

    def code(self, tokens, n, options, env):
        content = tokens[n].content
        shown = f"<code>{escape(content)}</code>"
        address = links.find(content)
        return f'<a href="{address}">{shown}</a>' if address else shown

    def fence(self, tokens, n, options, env):
        language = tokens[n].info.strip()
        return block(tokens[n].content, links if language == "python" else None)

    def image(self, tokens, n, options, env):
        name = picture(str(tokens[n].attrs["src"])) if picture is not None else None
        alt = escape(tokens[n].content)
        return f'<img src="{escape(name)}" alt="{alt}">' if name else alt

    rules = {"text": text, "code_inline": code, "fence": fence, "code_block": fence, "image": image}
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    md.core.ruler.push("addresses", lambda state: addresses(state.tokens, links))
    return md.render


def addresses(tokens, links: Links) -> None:
    """Links to files lead to their pages; a file without a page keeps its words alone."""
    for token in tokens:
        lost = []
        for child in token.children or []:
            if child.type == "link_open":
                href = str(child.attrs["href"])
                outside = "://" in href or href.startswith(("#", "mailto:"))
                address = href if outside else links.find(href)
                lost.append(address is None)
                child.attrs = {"href": address} if address else {}
                child.tag = "a" if address else "span"
            elif child.type == "link_close" and lost.pop():
                child.tag = "span"

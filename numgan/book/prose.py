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
from numgan.book.breaks import pieces
from numgan.book.highlight import block
from numgan.book.links import Links
from numgan.book.mathml import mathml

NUMBER = re.compile(
    r"\s*\\qq?uad\s*\(\\mathrm\{([EL]\d+)\}\)\s*$"
)  # the number of an equation, at its right
# of HTML the prose may have this alone: what is folded until it is asked for
FOLD = re.compile(r"<details><summary>[\w ,.]+</summary>|</details>")
SCROLLS = 'class="long" tabindex="0"'
LONG = 24  # characters: a formula that may be wider than a phone


def reader(
    links: Links, picture: Callable[[str], str | None] | None = None
) -> Callable[[str], str]:
    """The function that turns Markdown into HTML.

    `picture` is for a whole document: it says under which name an image stands in the book, and
    headings get anchors.
    """

    def formula(latex: str, options) -> str:
        number = NUMBER.search(latex)
        drawn = breakable(latex[: number.start()] if number else latex, options["display_mode"])
        if not options["display_mode"]:
            return drawn
        label = number[1] if number else ""
        drawn = drawn.replace(f"<span {SCROLLS}>", "<span>")  # the whole line scrolls instead
        scrolls = ' tabindex="0"' if "<span>" in drawn else ""
        return f'<span class="formula"{scrolls}>{drawn}</span>' + (
            badge(label, label, links) if label in links.labels else ""
        )

    md = MarkdownIt("commonmark", {"html": True}).enable("table")
    md.use(dollarmath_plugin, double_inline=True, allow_labels=False, renderer=formula)
    if picture is not None:
        md.use(anchors_plugin, max_level=4)

    def text(self, tokens, n, options, env):
        content = tokens[n].content
        return escape(content) if inside_link(tokens, n) else link_labels(content, links)

    def code(self, tokens, n, options, env):
        content = tokens[n].content
        shown = f"<code>{escape(content)}</code>"
        address = None if inside_link(tokens, n) else links.find(content)
        return f'<a href="{address}">{shown}</a>' if address else shown

    def fence(self, tokens, n, options, env):
        language = tokens[n].info.strip()
        return block(tokens[n].content, links if language == "python" else None)

    def image(self, tokens, n, options, env):
        name = picture(str(tokens[n].attrs["src"])) if picture is not None else None
        alt = escape(tokens[n].content)
        return f'<img src="{escape(name)}" alt="{alt}">' if name else alt

    def table_open(self, tokens, n, options, env):
        return '<div class="scroll" tabindex="0"><table>\n'

    def table_close(self, tokens, n, options, env):
        return "</table></div>\n"

    def html(self, tokens, n, options, env):
        content = tokens[n].content
        return content if FOLD.fullmatch(content.strip()) else escape(content)

    rules = {"text": text, "code_inline": code, "fence": fence, "code_block": fence, "image": image}
    rules |= {"html_block": html, "html_inline": html}
    rules |= {"table_open": table_open, "table_close": table_close}
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    md.core.ruler.push("addresses", lambda state: addresses(state.tokens, links))
    return md.render


def breakable(latex: str, display: bool) -> str:
    """A formula that may break where mathematics may; what cannot and is long can be scrolled, on a
    narrow screen, with the keyboard too.
    """
    drawn = mathml(latex, display)
    if letters(drawn) <= LONG:
        return drawn
    found: list[str] = []
    for piece, wide in pieces(latex):
        drawn = mathml(piece, display)
        kind = " ".join(["more"] * bool(found) + ["wide"] * wide)
        drawn = drawn.replace("<math", f'<math class="{kind}"', 1) if kind else drawn
        long = letters(drawn) > LONG
        found.append(f"<span {SCROLLS}>{drawn}</span>" if long else drawn)
    return "<wbr>".join(found)


def letters(drawn: str) -> int:
    """The characters of a formula."""
    return len(re.sub("<[^>]*>", "", drawn))


def inside_link(tokens, n: int) -> bool:
    """Whether the n-th token is part of a link's words."""
    return sum((t.type == "link_open") - (t.type == "link_close") for t in tokens[:n]) > 0


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

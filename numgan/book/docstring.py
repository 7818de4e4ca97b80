"""Render: a docstring, which is Unicode mathematics in plain text; what is indented keeps its
shape.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from textwrap import dedent

from numgan.book.badge import link_labels
from numgan.book.links import Links

BRACES = re.compile(r"(?<=\S)([_^])\{([^{}]*)\}")
# one letter with d, R or ∂ before and an accent behind, or a Greek letter, or ∇, Σ, Π
LETTER = r"(?<![\w.])(?:R?d|R|∂)?(?:[A-Za-z]|[^\W\d_a-zA-Z])[\u0300-\u036f]?|[∇∂ΣΠ‖]"
INDEX = re.compile(rf"({LETTER})_([a-z0-9]{{1,2}})(?![\w(])")
BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)([^*]+)(?<=\S)\*\*(?![\w*])")


def docstring(text: str, links: Links) -> str:
    """Paragraphs, lists of lines that begin with a dash, and indented passages as they are."""
    return "\n".join(
        passage(kind, "\n".join(lines), links) for kind, lines in passages(text) if kind != "gap"
    )


def passages(text: str):
    """(kind, lines): "prose", "maths" for indented lines and the gaps between them, "list"; in
    between "gap".
    """
    lines = text.splitlines()
    kinds: list[str] = []
    for n, line in enumerate(lines):
        if not line.strip():
            following = next((later for later in lines[n:] if later.strip()), "")
            kinds.append(
                "maths"
                if kinds and kinds[-1] == "maths" and following.startswith("    ")
                else "gap"
            )
        elif line.startswith("- ") or (kinds and kinds[-1] == "list" and line.startswith(" ")):
            kinds.append("list")
        else:
            kinds.append("maths" if line.startswith("    ") else "prose")
    for kind, group in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        yield kind, [line for _, line in group]


def passage(kind: str, text: str, links: Links) -> str:
    """One passage of a kind that `passages` tells apart."""
    if kind == "maths":
        shown = lowered(link_labels(dedent(text).rstrip(), links))
        return f'<pre class="maths" tabindex="0">{shown}</pre>'
    if kind == "list":
        items = re.split(r"^- ", text, flags=re.MULTILINE)[1:]
        return f"<ul>{''.join(f'<li>{inline(item, links)}</li>' for item in items)}</ul>"
    return f"<p>{inline(text, links)}</p>"


def inline(text: str, links: Links) -> str:
    """A paragraph: `names` in the type of code and linked, and wide spaces kept wide."""
    pieces = re.split(r"`([^`\n]+)`", text)
    for n, piece in enumerate(pieces):
        if n % 2:
            address = links.find(piece)
            shown = f"<code>{escape(piece)}</code>"
            pieces[n] = f'<a href="{address}">{shown}</a>' if address else shown
        else:
            wide = re.sub(r" {2,}", "\u2003", link_labels(piece, links))
            pieces[n] = BOLD.sub(r"<strong>\1</strong>", lowered(wide))
    return "".join(pieces)


def lowered(html: str) -> str:
    """Indices as indices: ∇_{θ_d}, x_ni, dW_io, and powers: e^{a}. Names of Python, a_real, stay as
    they are.
    """
    return INDEX.sub(r"\1<sub>\2</sub>", BRACES.sub(script, html))


def script(found: re.Match) -> str:
    """What stands in braces, raised or lowered; an index within it stays on its line."""
    tag = "sup" if found[1] == "^" else "sub"
    return f"<{tag}>{found[2].replace('_', '')}</{tag}>"

"""Render: running text in which every label is a badge that leads to its equation."""

from __future__ import annotations

import re
from html import escape

from numgan.book.labels import MENTION
from numgan.book.links import Links

ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def badge(text: str, label: str, links: Links) -> str:
    """A label, as it is written, in the colour of its kind."""
    return f'<a class="label {label[0]}" href="{links.labels[label]}">{escape(text)}</a>'


def link_labels(text: str, links: Links) -> str:
    """The text, escaped, with badges for the labels that the derivation has, and with links to
    papers.
    """
    found, done = [], 0
    for mention in MENTION.finditer(text):
        label = mention[1] or mention[2]
        if label in links.labels:
            found += [papers(text[done : mention.start()]), badge(mention[0], label, links)]
            done = mention.end()
    return "".join([*found, papers(text[done:])])


def papers(text: str) -> str:
    """The text, escaped, with links where it names a paper of arXiv."""
    return ARXIV.sub(r'<a href="https://arxiv.org/abs/\1">arXiv:\1</a>', escape(text))


def badges(labels, links: Links) -> str:
    """Labels side by side."""
    return " ".join(badge(label, label, links) for label in labels)

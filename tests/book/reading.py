"""What the tests know of a page: its tags in order, its anchors, its links, and the text of its
lines of code.
"""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "hr", "wbr", "input"}


class Reading(HTMLParser):
    """A page, read as a browser would; a tag that is not closed where it should be is an
    AssertionError.
    """

    def __init__(self, text: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.depth: Counter[str] = Counter()  # of the open tags
        self.line: int | None = None  # of code, that is being read
        self.tags: list[tuple[str, dict]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.lines: dict[int, str] = {}  # of code, by number
        self.from_lines: dict[int, list[str]] = {}  # the links in them
        # the links inside of each element with an anchor
        self.from_anchor: dict[str, list[str]] = {}
        self.prose = ""  # all text outside of code
        self.formulas = 0
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        assert len(attributes) == len(pairs), f"an attribute twice in <{tag}>"
        self.tags.append((tag, attributes))
        # a wide formula is several elements, and the later ones say so
        self.formulas += tag == "math" and "more" not in attributes.get("class", "").split()
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self.open.append((tag, attributes))
            self.depth[tag] += 1
        if attributes.get("id", "").startswith("line-"):
            self.line = int(attributes["id"].removeprefix("line-"))
            self.lines[self.line] = ""
        if tag == "a":
            self.links.append(attributes["href"])
            for _, outer in self.open:
                if "id" in outer:
                    self.from_anchor.setdefault(outer["id"], []).append(attributes["href"])
            if self.line is not None:
                self.from_lines.setdefault(self.line, []).append(attributes["href"])

    def handle_startendtag(self, tag, pairs):
        assert self.depth["math"] or tag in VOID, f"<{tag}/> outside of a formula"
        self.tags.append((tag, dict(pairs)))

    def handle_endtag(self, tag):
        name, attributes = self.open.pop()
        assert name == tag, f"</{tag}> closes <{name}>"
        self.depth[tag] -= 1
        if attributes.get("id") == f"line-{self.line}":
            self.line = None

    def handle_data(self, data):
        if self.line is not None:
            self.lines[self.line] += data
        if not (self.depth["pre"] or self.depth["code"] or self.depth["title"]):
            self.prose += data

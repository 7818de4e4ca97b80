"""The words of the course, read from the folders en/ and zh/: a file for each section with its
exercises, and messages.md with everything else that is said.

    # The title of the section

    ## name: The title of an exercise

    What it asks, in paragraphs.

    1. The first hint.
    2. The second.
    3. The third.

    - `key`: What is wrong. | A question to think about?
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

LANGUAGES = ("en", "zh")
HEAD = re.compile(r"^## ([a-z_0-9]+)[:：] ?(.+)$", re.MULTILINE)
HINT = re.compile(r"^\d\. ", re.MULTILINE)
MESSAGE = re.compile(r"^- `([A-Za-z_0-9]+)`[:：] ?", re.MULTILINE)
HEADING = re.compile(r"^#.*$", re.MULTILINE)
BREAK = re.compile(r"\s*\n\s*")
# Chinese needs no space where a line of the file ended
TIGHT = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n\s*|\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")


class Message(NamedTuple):
    """A sentence, and a question to think about; either may be empty."""

    says: str
    asks: str


class Text(NamedTuple):
    """The words of one exercise."""

    title: str
    statement: str  # paragraphs, each on one line, with an empty line between two
    hints: list[str]
    messages: dict[str, Message]


class Words(NamedTuple):
    """Everything that one language says."""

    language: str
    sections: dict[str, str]  # file: title
    exercises: dict[str, Text]
    messages: dict[str, Message]

    def __call__(self, key: str, **values: object) -> str:
        """A sentence of messages.md with its values."""
        return self.messages[key].says.format(**values)


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Words:
    """All words of a language.

    >>> words("en").exercises["entropy"].title
    'The entropy of a distribution'
    """
    sections, exercises, messages = {}, {}, {}
    for file in sorted(files("numgan.course").joinpath(language).iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".md"):
            continue
        text = file.read_text(encoding="utf-8")
        if file.name == "messages.md":
            messages = read_messages(text)
            continue
        title, body = text.split("\n", 1)
        sections[file.name.removesuffix(".md")] = title.removeprefix("# ").strip()
        heads = [*HEAD.finditer(body)]
        for head, after in zip(heads, [*heads[1:], None], strict=True):
            part = body[head.end() : after.start() if after else None]
            exercises[head[1]] = read_exercise(head[2].strip(), part)
    return Words(language, sections, exercises, messages)


def read_exercise(title: str, text: str) -> Text:
    """The statement, the hints and the messages of one exercise."""
    first = MESSAGE.search(text)
    above, below = (text[: first.start()], text[first.start() :]) if first else (text, "")
    statement, *hints = HINT.split(above)
    paragraphs = [joined(p) for p in statement.strip().split("\n\n")]
    return Text(title, "\n\n".join(paragraphs), [joined(h) for h in hints], read_messages(below))


def read_messages(text: str) -> dict[str, Message]:
    """The messages by their keys."""
    _, *parts = MESSAGE.split(HEADING.sub("", text))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {key: Message(*halves(joined(said))) for key, said in pairs}


def halves(said: str) -> tuple[str, str]:
    """The sentence and the question."""
    says, _, asks = said.partition(" | ")
    return says.strip(), asks.strip()


def joined(text: str) -> str:
    """A paragraph on one line; a formula, which is indented by four spaces, keeps its line."""
    text = text.strip("\n")
    if text.startswith("    "):
        return text.rstrip()
    return BREAK.sub(" ", TIGHT.sub("", text.strip()))

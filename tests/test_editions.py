"""README.zh.md beside README.md, derivation.zh.md beside derivation.md: the same mathematics in
other words.

Both are cut at their headings and at their labels. The pieces are then compared by what no language
changes.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from numgan.book.labels import labels_in

ROOT = Path(__file__).parents[1]
DERIVATION, GUIDE, LECTURES = (
    ROOT / "numgan/study" / name for name in ("derivation.md", "guide.md", "lectures.md")
)
README = ROOT / "README.md"
EDITIONS = [
    (original, edition)
    for original in (DERIVATION, README, GUIDE, LECTURES, ROOT / "tests/benchmarks/RESULTS.md")
    if (edition := original.with_suffix(".zh.md")).is_file()
]

BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r" *#.*$", re.MULTILINE)  # of code: in the language of its edition
CODE = re.compile(r"`[^`]+`")
DISPLAY = re.compile(r"\$\$.+?\$\$", re.DOTALL)
INLINE = re.compile(r"\$[^$\n]+\$")
WORDS = re.compile(r"\\text\{[^}]*\}")
LINK = re.compile(r"\]\(([^)]+)\)")
# 0.6, 25,000, 2014; not 1 or E18
FIGURE = re.compile(r"(?<![A-Za-z\d.,])\d+(?:[.,]\d+)+|(?<![A-Za-z\d.,])\d\d+")
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
BOLD = re.compile(r"\*\*[^*]+\*\*")
ABBREVIATION = re.compile(r"\b(?:et al|[A-Z])\.")
END = re.compile(r"[.?!](?=[\s*)”\"]|$)|[。？！]")  # of a sentence, in either language
START = re.compile(
    r"^(#+) (?:(\d+) )?|^\*\*([EL]\d+)(?: \(|（)", re.MULTILINE
)  # of a section, of an entry


def read(path):
    return path.read_text(encoding="utf-8")


def pieces(text):
    """[(the name of a piece, its text)], in order: ## 4, E13, E14, …. Code blocks are not searched
    for headings.
    """
    hidden = BLOCK.sub(lambda block: "`" * len(block[0]), text)
    starts = list(START.finditer(hidden))
    stops = [start.start() for start in starts[1:]] + [len(text)]
    return [
        (" ".join(filter(None, start.groups())), text[start.start() : stop])
        for start, stop in zip(starts, stops, strict=True)
    ]


def prose(text):
    """What is left without code and formulas."""
    for other in (BLOCK, CODE, DISPLAY, INLINE):
        text = other.sub(" ", text)
    return text


def sentences(text):
    """How many sentences end in the prose of a piece. A sentence that ends in a formula counts in
    neither language.

    Rows of tables, headings and lists (sources, full of initials) are left out.
    """
    lines = [
        line
        for line in prose(re.sub(INLINE, "x", DISPLAY.sub("", text))).split("\n")
        if not re.match(r"\||#|- |\d+\. |!\[", line)
    ]
    return len(END.findall(ABBREVIATION.sub("", "\n".join(lines))))


SAME = {
    "code blocks": lambda text: [COMMENT.sub("", block) for block in BLOCK.findall(text)],
    "display formulas": lambda text: [
        WORDS.sub(r"\\text{}", formula) for formula in DISPLAY.findall(text)
    ],
    # in any order
    "inline formulas": lambda text: Counter(INLINE.findall(DISPLAY.sub("", BLOCK.sub("", text)))),
    # among them `code: … · test: …`
    "names of code": lambda text: Counter(CODE.findall(BLOCK.sub("", text))),
    "labels": labels_in,
    "figures": lambda text: set(FIGURE.findall(prose(text))),
    "links": lambda text: {
        re.sub(r"\.zh\.md$", ".md", where) for where in LINK.findall(text) if where[0] != "#"
    },
    "ends of proofs": lambda text: text.count("∎"),
    "tables": lambda text: [row.count("|") for row in text.split("\n") if row.startswith("|")],
    "lists": lambda text: len(re.findall(r"^(?:-|\d+\.) ", text, re.MULTILINE)),
    "paragraphs": lambda text: len(re.split(r"\n\n+", text.strip())),
    "bold terms": lambda text: len(BOLD.findall(prose(text))),
}

each = pytest.mark.parametrize(
    ("original", "edition"), EDITIONS, ids=[edition.name for _, edition in EDITIONS]
)


def test_the_derivation_has_a_chinese_edition():
    assert DERIVATION.with_suffix(".zh.md").is_file()


@each
def test_each_links_to_the_other_at_the_top(original, edition):
    for here, there in ((original, edition), (edition, original)):
        assert f"]({there.name})" in "".join(read(here).split("\n")[:5]), (
            f"{here.name}: no link to {there.name}"
        )


@each
def test_the_same_sections_and_labels_in_the_same_order(original, edition):
    assert [name for name, _ in pieces(read(edition))] == [
        name for name, _ in pieces(read(original))
    ]


@pytest.mark.parametrize("what", SAME)
@each
def test_the_same_piece_by_piece(original, edition, what):
    for (name, own), (_, other) in zip(pieces(read(edition)), pieces(read(original)), strict=False):
        assert SAME[what](own) == SAME[what](other), f"{what} differ at {name}"


def test_the_derivation_has_as_many_sentences_a_label_in_both_editions():
    """So a sentence that comes or goes in one language asks for the other."""
    both = zip(
        pieces(read(DERIVATION)), pieces(read(DERIVATION.with_suffix(".zh.md"))), strict=True
    )
    counts = {name: (sentences(own), sentences(other)) for (name, own), (_, other) in both}
    assert not {name: count for name, count in counts.items() if count[0] != count[1]}
    # head, Proof., the proof
    assert counts["E20"] == (3, 3) and sum(count for count, _ in counts.values()) > 500


def test_sentences_are_counted_alike():
    english = (
        "**E1 (a name).** One of Goodfellow et al. 2014, with $x=0.$ in it. (Two? Yes.) $$y.$$"
    )
    chinese = "**E1（名称）。** 一句，Goodfellow 等 2014， $x=0.$ 在内。（第二句？是。） $$y.$$"
    assert sentences(english) == sentences(chinese) == 4
    assert sentences("One. Two.\n| a. | b. |\n- c. d.") == 2


@each
def test_an_edition_has_full_width_brackets_in_its_text(original, edition):
    """No ( or ) beside a Chinese character or a full stop of that language, outside code, formulas
    and links.
    """
    text = re.sub(r"\]\([^)]*\)", "]", read(edition))
    text = DISPLAY.sub("", BLOCK.sub("", CODE.sub("`", text)))
    text = INLINE.sub("x", text)
    wrong = re.findall(
        r"[^\n]{0,9}\((?=[^()\n]*[\u4e00-\u9fff])[^()\n]*\)|[\u4e00-\u9fff] "
        r"?\([^()\n]*\)",
        text,
    )
    assert not [found for found in wrong if not re.search(r"\(\d\)", found)]  # (1) (2) (3) in E11


@each
def test_the_comments_of_code_are_translated(original, edition):
    """In blocks of Python and of the shell: a comment of more than two words is in Chinese."""
    blocks = [
        block for block in BLOCK.findall(read(edition)) if block.startswith(("```py", "```sh"))
    ]
    comments = [
        line.split("#", 1)[1] for block in blocks for line in block.split("\n") if "#" in line
    ]
    assert not [
        text
        for text in comments
        if len(re.findall("[A-Za-z]{2,}", text)) > 2 and not CHINESE.search(text)
    ]


@each
def test_an_edition_is_in_chinese(original, edition):
    """No line of prose was left in English: each has a Chinese character, if only the full stop of
    a source.
    """
    lines = prose(read(edition)).split("\n")
    assert not [
        line
        for line in lines
        if len(re.findall("[A-Za-z]{2,}", line)) > 8 and not CHINESE.search(line)
    ]


@each
def test_formulas_and_emphasis_are_read_as_such(original, edition):
    """No $ and no * is left over. Next to Chinese, Markdown wants a space: after *证明。* and, on
    GitHub, before $.
    """
    markdown = pytest.importorskip("markdown_it", reason="the extra numgan[book] is not installed")
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    text = read(edition)
    md = (
        markdown.MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True)
    )
    said = [
        child.content
        for token in md.parse(text)
        for child in token.children or []
        if child.type == "text"
    ]
    assert not [words for words in said if "*" in words or "$" in words]
    bare = DISPLAY.sub("", BLOCK.sub("", text))
    assert not [
        bare[at - 9 : at + 9]
        for at in (formula.start() for formula in INLINE.finditer(bare))
        if at and bare[at - 1] not in " \n("
    ]

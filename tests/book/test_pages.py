"""The book of this very repository: its pages hold together, lose nothing of the source and ask for
nothing else.
"""

# ruff: noqa: E402 (without the extra a file is skipped before it is imported)

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

for needed in ("latex2mathml", "markdown_it", "mdit_py_plugins", "pygments"):
    pytest.importorskip(needed, reason="the extra numgan[book] is not installed")

from numgan.book.breaks import pieces
from numgan.book.derivation import sections
from numgan.book.docstring import lowered
from numgan.book.labels import labels_in
from numgan.book.links import link
from numgan.book.pages.chapter import printed
from numgan.book.prose import reader
from numgan.book.source import collect
from tests.book.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
SOURCE = collect(ROOT)
LINKS = link(SOURCE, sections(SOURCE.derivation)[1])
LINES = {module.page: [labels_in(line) for line in module.lines] for module in SOURCE.modules}
LABELS = [f"E{n}" for n in range(1, 54)] + [f"L{n}" for n in range(1, 14)]


@pytest.fixture(scope="module")
def folder(whole_book):
    return whole_book


@pytest.fixture(scope="module")
def pages(folder):
    """{file: what was read of it}; reading fails where tags do not match."""
    return {path.name: Reading(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}


def test_every_internal_link_resolves(pages, folder):
    lost = set()
    for name, page in pages.items():
        for target in page.links:
            if not target.startswith("https://"):
                file, _, fragment = target.partition("#")
                if (file or name) not in pages or (
                    fragment and fragment not in pages[file or name].ids
                ):
                    lost.add((name, target))
    assert not lost


def test_what_a_page_loads_is_a_file_beside_it_and_nothing_else(pages, folder):
    for name, page in pages.items():
        scripts = [attributes.get("src") for tag, attributes in page.tags if tag == "script"]
        assert scripts == (["index.js", "search.js"] if name == "search.html" else []), name
        loaded = [
            attributes.get("src") or attributes.get("href")
            for tag, attributes in page.tags
            if tag in ("link", "img", "source", "iframe", "object", "video", "audio", "script")
        ]
        assert all((folder / file).is_file() for file in loaded), (name, loaded)
        assert not [tag for tag, attributes in page.tags if tag == "style" or "style" in attributes]
    style = (folder / "book.css").read_text(encoding="utf-8")
    assert "url(" not in style and "@import" not in style


def test_every_page_is_made_for_all_readers(pages):
    """A language, one title, headings that skip no level, an anchor only once, words for every
    picture.
    """
    for name, page in pages.items():
        assert ("html", {"lang": "en"}) in page.tags
        assert len(set(page.ids)) == len(page.ids), name
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(
            deeper <= level + 1 for level, deeper in zip(levels, levels[1:], strict=False)
        ), (name, levels)
        assert page.links[0] == "#content" and "content" in page.ids
        assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")


def test_a_page_has_at_most_150_kilobytes(folder):
    """And so has its share of the search: one index of the whole book, for one page."""
    most = {".html": 150_000, ".css": 150_000, ".js": 200_000}
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if path.suffix in most}
    assert not {name: size for name, size in sizes.items() if size > most[Path(name).suffix]}


def test_a_region_that_may_scroll_can_be_reached_by_the_keyboard(pages):
    """Code, formulas in plain text, tables and wide formulas take the focus."""
    for name, page in pages.items():
        for tag, attributes in page.tags:
            kind = attributes.get("class", "").split()
            if tag == "pre" or "scroll" in kind or "long" in kind:
                assert attributes.get("tabindex") == "0", (name, tag, attributes)
            assert tag != "table" or ("div", {"class": "scroll", "tabindex": "0"}) in page.tags


def test_the_search_knows_every_equation_chapter_and_module_at_its_address(pages, folder):
    index, page, found = (folder / "index.js").read_text(encoding="utf-8"), "", set()
    for line in index.splitlines()[2:-1]:
        kind, title, place, text = json.loads(line.rstrip(","))
        if not place:  # a module
            page = title.removesuffix(".py").replace("/", ".") + ".html"
        address = page + place if not place or place.startswith("#") else place
        file, _, anchor = address.partition("#")
        assert file in pages and (not anchor or anchor in pages[file].ids), (title, address)
        assert len(text) <= 250 and (kind > 2 or not set("$\\") & set(text)), (title, text)
        found.add(address)
    assert found >= set(LINKS.labels.values()) | {module.page for module in SOURCE.modules}


def test_a_long_section_goes_over_several_pages(pages):
    """The layers have their own; a label leads to the page that it is on."""
    numbers = [section.number for section in sections(SOURCE.derivation)[1]]
    assert numbers.count("6") > 2 and numbers.count("1") == 1
    assert LINKS.labels["E31"].startswith("section-6.html")
    assert LINKS.labels["L1"] == "section-6-3.html#L1"
    assert "The layers" in pages["section-6-3.html"].prose


@pytest.mark.parametrize(
    "text, html",
    [
        ("∇_{θ_d}(Ṽ − R)", "∇<sub>θd</sub>(Ṽ − R)"),
        (
            "∂V/∂W_io = Σ_n x_ni dy_no",
            "∂V/∂W<sub>io</sub> = Σ<sub>n</sub> x<sub>ni</sub> dy<sub>no</sub>",
        ),
        ("Ṽ_g of a_real", "Ṽ<sub>g</sub> of a_real"),
        ("theta_d and self.k_d", "theta_d and self.k_d"),
        ("e^{−x/2}", "e<sup>−x/2</sup>"),
    ],
)
def test_indices_in_docstrings_are_lowered_and_names_of_python_are_not(text, html):
    assert lowered(text) == html


@pytest.mark.parametrize(
    "latex, parts",
    [
        ("a=b", [("a", False), ("=b", False)]),
        (r"f(a=b)\le c,\qquad d", [("f(a=b)", False), (r"\le c,", False), ("d", True)]),
        (r"\left(a=b\right)=c", [(r"\left(a=b\right)", False), ("=c", False)]),
        (r"|a=b|=\sum_{i=1}x_i", [("|a=b|", False), (r"=\sum_{i=1}x_i", False)]),
        (r"a\not=b", [(r"a\not=b", False)]),
        ("=b", [("=b", False)]),
    ],
)
def test_a_formula_breaks_before_relations_and_at_wide_spaces_outside_brackets(latex, parts):
    assert pieces(latex) == parts


@pytest.mark.parametrize("label", LABELS)
def test_a_label_has_its_anchor_and_is_linked_from_the_index(label, pages):
    file, _, anchor = LINKS.labels[label].partition("#")
    assert anchor == label and label in pages[file].ids
    assert LINKS.labels[label] in pages["index.html"].links
    assert LINKS.labels[label] in pages["equations.html"].links


@pytest.mark.parametrize("label", LABELS)
def test_under_an_equation_stands_every_line_that_mentions_it(label, pages):
    file = LINKS.labels[label].partition("#")[0]
    stands = pages[file].from_anchor[label]
    for page, lines in LINES.items():
        found = [target for target in stands if target.startswith(f"{page}#")]
        assert len(found) >= sum(label in labels for labels in lines), page


def test_a_label_in_a_line_of_code_leads_back_to_its_equation(pages):
    """Only the ends of a range are written out, so labels between them are left out here."""
    written = re.compile(r"(?<![A-Za-z0-9])[dR]?([EL][1-9]\d?)(?![A-Za-z0-9])")
    seen = 0
    for module in SOURCE.modules:
        page = pages[module.page]
        for line, text in page.lines.items():
            for label in set(written.findall(text)) & set(LABELS):
                assert LINKS.labels[label] in page.from_lines[line], (module.path, line)
                seen += 1
    assert seen > 500  # there are about two thousand


def test_no_line_of_code_is_lost_or_changed(pages):
    """Each line is shown as it is, or is empty,
    or is part of a docstring or of a chapter's prose."""
    for module in SOURCE.modules:
        page = pages[module.page]
        told = {
            n
            for node in ast.walk(module.tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and ast.get_docstring(node) is not None
            for n in range(node.body[0].lineno, node.body[0].end_lineno + 1)
        }
        for n, text in enumerate(module.lines, 1):
            if n in page.lines:
                assert page.lines[n] == text, (module.path, n)
            else:
                prose = module.is_chapter and text.startswith("#")
                assert not text.strip() or n in told or prose, (module.path, n)


def test_every_formula_is_mathml(pages):
    """As many formulas as there are pairs of dollars in the sources, and no dollar or backslash
    left over.
    """
    for name, page in pages.items():
        # docstrings are plain text
        if name not in {module.page for module in SOURCE.modules if not module.is_chapter}:
            assert "\\" not in page.prose and "$" not in page.prose, name
    for chapter in SOURCE.chapters:
        prose = "\n".join(line for line in chapter.lines if line.startswith("#"))
        assert pages[chapter.page].formulas == formulas(prose), chapter.path
    drawn = sum(
        page.formulas for name, page in pages.items() if name.startswith(("section-", "derivation"))
    )
    assert drawn == formulas(SOURCE.derivation) > 1000


def formulas(text: str) -> int:
    return len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", re.sub(r"`[^`\n]*`", "", text), re.DOTALL))


def test_answers_are_folded_and_no_other_html_passes():
    """Of HTML the prose may have <details> with a summary alone; the answers that a run prints are
    folded too."""
    read = reader(LINKS)
    folded = read("<details><summary>Answer</summary>\n\n*No*, by E18.\n\n</details>\n")
    assert "<details><summary>Answer</summary>" in folded and "</details>" in folded
    assert "<em>No</em>" in folded and 'E18">E18</a>' in folded
    for other in ("<script>x</script>", "<details open>", "a <b>c</b>", "<details><summary><i>"):
        assert "<" + other.split("<")[1] not in read(other)
    assert printed("Answer 1. Less.", LINKS).startswith("\n<details>")
    assert "<details>" not in printed("E1  a row", LINKS)


def test_the_places_under_an_equation_are_links(pages):
    """The names in `code: … · test: … · chapter: …` all lead somewhere."""
    for label, entry in LINKS.entries.items():
        stands = pages[LINKS.labels[label].partition("#")[0]].from_anchor[label]
        for name in (*entry.code, *entry.test, *entry.chapter):
            assert LINKS.find(name) in stands, (label, name)


def test_the_readme_is_there_with_links_into_the_book(pages):
    assert (
        "numgan.game.html" in pages["design.html"].links
        and "derivation.html" in pages["design.html"].links
    )

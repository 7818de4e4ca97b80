"""The pages in a real browser: headless Chromium, where there is one.

A small script, added to a copy of a page, plays the reader and leaves what it saw in the page; the
browser prints that.
"""

import re
import shutil
import subprocess

import pytest

from numgan.cli import main
from tests.book.small import plant

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

WIDTHS = "document.documentElement.scrollWidth <= innerWidth"  # nothing to scroll sideways


def seen(page, look, size):
    """What the script `look` evaluates to in the page, as text; no word on the console, nothing
    asked of any host.
    """
    asked = (
        "performance.getEntriesByType('resource').filter(e => !e.name.startsWith('file:')).map(e "
        "=> e.name)"
    )
    say = f"document.title = 'seen: ' + ({look}) + {asked}"
    tell = f"<script>addEventListener('load', () => {{ {say} }})</script></body>"
    copy = page.with_name("copy.html")
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", tell), encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            f"--window-size={size}",
            f"--user-data-dir={page.parent / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=3000",
            "--dump-dom",
            copy.as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    copy.unlink()
    assert "CONSOLE" not in done.stderr, done.stderr
    told = re.search(r"<title>seen: (.*?)</title>", done.stdout, re.DOTALL)
    assert told is not None, done.stdout[:500] + done.stderr[-500:]
    return told[1]


@pytest.mark.parametrize("size", ["1280,900", "500,900"])
def test_a_click_opens_a_stage_of_the_trace_and_a_symbol_lights_up(tmp_path, size):
    page = tmp_path / "trace.html"
    assert main(["trace", "--html", str(page)]) == 0
    look = f"""(() => {{
        const stage = document.getElementById('stage-2'), was = stage.open;
        stage.querySelector('summary').click();
        const closed = stage.open; stage.querySelector('summary').click();
        stage.querySelector('figcaption .sym').click();
        return [was, closed, stage.open,
            document.querySelectorAll('.lit').length > 1, {WIDTHS}].join(' ');
    }})()"""
    assert seen(page, look, size) == "true false true true true"


def test_the_keys_of_the_trace_and_its_drawing(tmp_path):
    """n, p: next and previous stage; f, o: fold and open all; a click on a formula's symbol."""
    page = tmp_path / "trace.html"
    assert main(["trace", "--html", str(page)]) == 0
    look = """(() => {
        const press = (key, on = document.activeElement) =>
            on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        const at = () => document.activeElement.closest('.stage').id;
        const open = () => document.querySelectorAll('.stage[open]').length;
        press('f'); const folded = open();
        press('n'); const first = at(); press('n'); const second = at();
        press('p'); const back = at(), opened = open();
        press('o'); const all = open() === document.querySelectorAll('.stage').length;
        document.querySelector('.drawing a').dispatchEvent(
            new MouseEvent('mouseover', { bubbles: true }));
        const lit = document.querySelectorAll('.lit').length > 1;
        const symbol = document.querySelector('math .sym, .formula .sym');
        symbol.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        const kept = !document.getElementById('bar').hidden;
        return [folded, first, second, back, opened, all, lit, kept].join(' ');
    })()"""
    assert seen(page, look, "1280,900") == "0 stage-1 stage-2 stage-1 2 true true true"


def test_the_trace_is_printed_on_five_pages_at_most(tmp_path):
    page, pdf = tmp_path / "trace.html", tmp_path / "trace.pdf"
    assert main(["trace", "--html", str(page)]) == 0
    subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=120,
    )
    pages = re.findall(rb"/Type\s*/Page[^s]", pdf.read_bytes())
    assert 1 <= len(pages) <= 5


@pytest.mark.parametrize("size", ["1280,900", "500,900"])
def test_the_slider_of_a_report_moves_the_picture(tmp_path, size, monkeypatch):
    from numgan.run import loop

    monkeypatch.setattr(loop, "FRAMES", 3)
    run = tmp_path / "run"
    assert (
        main(
            [
                "train",
                "ring",
                "--steps",
                "6",
                "--batch",
                "8",
                "--hidden",
                "4",
                "--quiet",
                "--out",
                str(run),
            ]
        )
        == 0
    )
    assert main(["report", str(run)]) == 0
    look = f"""(() => {{
        const slider = document.querySelector('.slider input');
        const frames = [...document.querySelectorAll('.frame')];
        const at = () => frames.findIndex(f => !f.hidden), last = at();
        slider.value = 0; slider.dispatchEvent(new Event('input'));
        return [frames.length - 1 === last, at(), !slider.hidden, {WIDTHS}].join(' ');
    }})()"""
    assert seen(run / "report.html", look, size) == "true 0 true true"


# formulas that end beyond their column, in nothing that scrolls; scroll regions that the keyboard
# does not reach; boxes that hide what is below their edge
CUT = """(() => {
    const overflow = e => /auto|scroll/.test(getComputedStyle(e).overflowX);
    const inside = e => { while (e && !overflow(e)) e = e.parentElement; return e; };
    const column = e => e.closest('.prose, .card, td, main').getBoundingClientRect().right + 1;
    const open = e => !e.closest('details:not([open])');
    const sums = [...document.querySelectorAll('math')].filter(open);
    const all = [...document.querySelectorAll('main *')];
    const cut = sums.filter(e => !inside(e) && e.getBoundingClientRect().right > column(e));
    const deaf = all.filter(e => overflow(e) && e.scrollWidth > e.clientWidth + 1
        && e.tabIndex < 0 && !e.querySelector('a, button'));
    const low = all.filter(e => getComputedStyle(e).overflowY === 'hidden' && e.clientHeight
        && e.scrollHeight > e.clientHeight + 2);
    return [cut, deaf, low].map(found => found.length).join(' ');
})()"""


@pytest.mark.parametrize("size", ["1280,900", "500,900"])
@pytest.mark.parametrize("name", ["section-4", "section-8", "numgan.game"])
def test_the_mathematics_of_the_book_is_visible_and_never_cut(whole_book, name, size):
    least = 50 if name.startswith("section") else 0
    look = f"""(() => {{
        const sums = [...document.querySelectorAll('math')]
            .filter(m => !m.closest('details:not([open])')).map(m => m.getBoundingClientRect());
        return [sums.length > {least}, sums.every(b => b.width > 1 && b.height > 1), {WIDTHS},
            {CUT}].join(' ');
    }})()"""
    assert seen(whole_book / f"{name}.html", look, size) == "true true true 0 0 0"


def test_the_tables_of_a_chapter_are_on_the_screen_whole(tmp_path):
    """The widest row that a chapter prints, up to «4 standard errors», at 1280 pixels."""
    pytest.importorskip("latex2mathml")
    pytest.importorskip("mdit_py_plugins")
    chapter = "# %% [markdown]\n# # 1 · Half (E1)\n\n# %%\nprint('E1' + 135 * 'x')\n"
    root = plant(tmp_path / "in", **{"01_half": chapter})
    words = ["--out", str(tmp_path / "out"), "--source", str(root), "--run"]
    assert main(["book", *words]) == 0
    look = """(() => {
        const table = document.querySelector('pre.output');
        return [table.textContent.trim().length, table.scrollWidth <= table.clientWidth].join(' ');
    })()"""
    assert seen(tmp_path / "out" / "demos.01_half.html", look, "1280,900") == "137 true"


def test_the_search_of_the_book_finds_equations_and_code(whole_book):
    look = """(() => {
        const field = document.querySelector('main input');
        const first = words => {
            field.value = words; field.dispatchEvent(new Event('input'));
            const link = document.querySelector('#results a');
            return link ? link.getAttribute('href') : 'none';
        };
        return ['E18', 'gradient penalty', 'ADAM', 'spectral norm', 'no such words'].map(first)
            .join(' ');
    })()"""
    found = "section-4.html#E18 section-9.html#E46 section-6-2.html#E36 section-6-4.html#L11 none"
    assert seen(whole_book / "search.html", look, "1280,900") == found

"""The lab in a real browser: a reader of the page, against the library's own Training.

One server and one Chromium serve all tests; each test begins a small game of its own.
"""

import base64
import io
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from importlib.util import find_spec

import numpy as np
import pytest

from numgan.lab.lessons import LESSONS
from numgan.lab.play import Play
from numgan.objectives import OBJECTIVES
from numgan.run import loop
from numgan.run.loop import norm
from tests.lab.chromium import CHROMIUM, Chromium

NEEDED = ("starlette", "uvicorn", "websockets")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(None in map(find_spec, NEEDED), reason="the extra `lab` is not here"),
]

GAME = {"dataset": "ring", "seed": 5, "hidden": [16, 16], "batch": 32}
READY = "window.lab?.state && lab.view.games.length > 0"
NUMBERS = ("V", "V_g", "D_real", "D_fake", "norm_d", "norm_g")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """The page of `numgan lab`, open, and where it saves; at the end it has asked nobody else."""
    folder = tmp_path_factory.mktemp("lab")
    with served(folder / "runs") as address:
        chromium = Chromium(folder / "profile")
        try:
            chromium.folder, chromium.address = folder / "runs", address
            chromium.open(address, READY)
            yield chromium
            home = address.partition("//")[2].partition("/")[0]
            others = [each for each in chromium.asked if f"//{home}/" not in each]
            assert [each for each in others if not each.startswith(("data:", "blob:"))] == []
        finally:
            chromium.close()


@contextmanager
def served(folder):
    """The address of a lab that runs, as a user starts it."""
    command = ["lab", "ring", "--port", "0", "--no-browser", "--out", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-m", "numgan", *command], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield re.search(r"http://\S+", process.stdout.readline())[0]
        finally:
            process.terminate()


@pytest.fixture
def page(browser):
    """A page at the first step of a small game; after the test it has said nothing on the
    console."""
    browser.resize(1280, 900)
    for key in ("Escape", "Escape"):
        browser.press(key)
    browser.console.clear()
    browser.evaluate("scrollTo(0, 0)")
    do(browser, "pause")
    do(browser, "two", change=None)
    do(browser, "lesson", number=None, step=0)
    do(browser, "restart", choices=GAME)
    browser.until("lab.state.iteration === 0 && lab.view.games[0].iteration === 0")
    yield browser
    assert browser.console == []


def do(browser, name, **fields):
    """A command of the page; its answer, or None for an error."""
    return browser.evaluate(f"lab.do({json.dumps(name)}, {json.dumps(fields)})")


SAID = "Number(document.querySelector('[data-number=V]').textContent.replace('−', '-'))"


def put(browser, where, value):
    """Give a control another value, as a reader's hand does."""
    browser.evaluate(
        f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('input')); "
        f"e.dispatchEvent(new Event('change')); }})(document.getElementById({json.dumps(where)}))"
    )


def click(browser, where):
    """Click what a selector finds."""
    browser.evaluate(f"document.querySelector({json.dumps(where)}).click()")


def game(**changes):
    """The same game in Python."""
    return Play(**{**GAME, "hidden": tuple(GAME["hidden"]), **changes})


def said(text):
    """A number of the page."""
    return float(text.replace("−", "-").replace(",", ""))


def shown(browser, name, second=False):
    """A number in the table beside the picture, as it is written there."""
    find = f"document.querySelector('[data-number={name}]')"
    return browser.evaluate(
        f"{find}.closest('tr').querySelector('.second').textContent"
        if second
        else f"{find}.textContent"
    )


def rounded(value):
    """To the six digits of the page."""
    return float(f"{value:.5e}")


def test_one_step_of_d_has_the_numbers_of_training_to_the_last_digit(page):
    page.press("d")
    page.until("document.querySelector('[data-number=V]').textContent !== '–'")
    training = game().training
    step = training.discriminator_step()
    objective = training.game.objective
    sigma = 1 / (1 + np.exp(-step.a_real.astype("float64")))
    assert said(shown(page, "V")) == rounded(objective.value(step.a_real, step.a_fake))
    assert said(shown(page, "norm_d")) == rounded(norm(step.dtheta_d))
    assert said(shown(page, "D_real")) == pytest.approx(sigma.mean(), rel=1e-5)  # six digits
    assert len(re.sub(r"^[−0.]*|[.]", "", shown(page, "V"))) == 6


def test_many_steps_of_d_alone_are_seen_when_they_are_done(page):
    do(page, "step", player="d", times=40)
    play = game()
    play.step("d", times=40)
    V = rounded(play.numbers()["V"])
    page.until(f"{SAID} === {V}")
    assert page.evaluate("lab.state.left") == 0


def test_play_pause_save_and_resume_give_the_same_bits(page):
    page.press("Space")
    page.until("lab.state.playing && lab.state.iteration >= 20")
    page.press("Space")
    page.until("!lab.state.playing")
    iterations = page.evaluate("lab.state.iteration")
    page.press("v")
    put(page, "save-name", "mine")
    click(page, "#save-form button")
    page.until("document.getElementById('saved').textContent.includes('--resume')")
    page.press("Escape")
    run, play = loop.resume(page.folder / "mine", "cpu"), game()
    play.iterate(iterations + 5)
    for _ in range(5):
        run.training.iteration()
    assert run.training.iterations == iterations + 5
    for name in ("theta_d", "theta_g"):
        ours, theirs = getattr(run.training, name), getattr(play.training, name)
        assert ours.tobytes() == theirs.tobytes(), name


def test_data_drawn_with_brush_and_eraser_are_trained_on(page):
    page.press("p")
    box = page.evaluate("(b => [b.x, b.y, b.width])(board.getBoundingClientRect())")
    across = [(box[0] + f * box[2], box[1] + f * box[2]) for f in (0.3, 0.4, 0.5, 0.6)]
    page.drag(across)
    page.press("ArrowUp")
    page.press("Enter")
    count = page.until("lab.view.drawn.length")
    assert count > 6
    click(page, "#eraser")
    page.drag(across[:1])
    left = page.evaluate("lab.view.drawn.length")
    assert 6 <= left < count
    click(page, "#draw-use")
    page.until("lab.state.choices.dataset === 'drawn' && lab.state.iteration === 0")
    page.press("b")
    page.until("lab.state.iteration === 1")
    assert page.evaluate("lab.state.points") == left


def test_back_in_time_and_on_again_is_the_same_run(page):
    do(page, "step", player="both", times=20)
    page.until("lab.view.games[0].iteration === 20")
    put(page, "time", "7")
    page.until("lab.view.games[0].iteration === 7")
    assert page.evaluate("Number(document.getElementById('time').max)") == 20
    page.press("b")
    page.until("lab.view.games[0].iteration === 8")
    play = game()
    play.iterate(8)
    assert said(shown(page, "V")) == rounded(play.numbers()["V"])
    page.press("ArrowLeft")
    page.until("lab.view.games[0].iteration < 8")


def test_a_new_game_and_live_settings_are_chosen_in_the_page(page):
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    put(page, "restart-dataset", "gaussian")
    click(page, "#restart button.main")
    page.until("lab.state.choices.dataset === 'gaussian' && lab.view.games[0].x")
    assert page.evaluate("lab.state.choices.hidden") == list(Play("gaussian").choices["hidden"])
    put(page, "restart-hidden", "8, 8")
    click(page, "#restart button.main")
    page.until("String(lab.state.choices.hidden) === '8,8'")
    put(page, "live-objective", "hinge")
    put(page, "live-penalty", "r1")
    page.until("lab.state.settings.objective === 'hinge' && lab.state.settings.penalty === 'r1'")
    put(page, "live-penalty", "")
    page.until("lab.state.settings.penalty === null")
    options = page.evaluate("[...document.getElementById('live-objective').options].length")
    assert options == len(OBJECTIVES)
    put(page, "live-rule", "lookahead")
    page.until("lab.state.settings.strength === 0.5 && lab.state.settings.k === 1")
    page.until("document.getElementById('live-k').closest('.control').hidden")
    page.press("b")
    page.until("lab.view.games[0].iteration === 1")
    put(page, "live-rule", "alternating")
    page.until("!document.getElementById('live-k').closest('.control').hidden")
    do(page, "set", settings={"objective": "nonsaturating"})


def test_two_games_differ_in_one_thing_alone(page):
    do(page, "step", player="both", times=3)
    page.evaluate("document.getElementById('fold-two').open = true")
    put(page, "two-change", "k")
    put(page, "two-k", "4")
    click(page, "#two-now")
    page.until("lab.state.two?.k === 4 && !document.getElementById('second').hidden")
    page.press("b")
    page.until("lab.view.games.length === 2 && lab.view.games[1].iteration === 4")
    one = game()
    one.iterate(3)
    two = one.copy()
    two.set(k=4)
    one.iterate(1)
    two.iterate(1)
    assert said(shown(page, "V")) == rounded(one.numbers()["V"])
    assert said(shown(page, "V", second=True)) == rounded(two.numbers()["V"])
    click(page, "#two-now")
    page.until("!lab.state.two && document.getElementById('second').hidden")


def test_slow_motion_shows_four_stages_and_ends_in_the_step(page):
    for stage in ("forward", "logit", "back", "update"):
        page.press("s")
        page.until(f"lab.view.stage?.stage === '{stage}'")
        assert page.evaluate("document.querySelector('#slow-panel .equation code').textContent")
    play = game()
    play.step("d")
    page.until("document.querySelector('[data-number=V]').textContent !== '–'")
    assert said(shown(page, "V")) == rounded(play.numbers()["V"])
    page.press("s")
    page.until("lab.view.stage?.player === 'g'")
    page.press("Escape")
    assert page.evaluate("document.getElementById('slow-panel').hidden && !lab.view.stage")


def test_a_click_opens_a_sample_and_its_number_opens_its_equation(page):
    where = page.until("""(() => {
        const {found, canvas} = lab.view.boards[0], {samples, extent} = lab.view.games[0];
        if (!found) return null;
        const inside = i => [0, 1].every(c => samples[2 * i + c] > extent[2 * c]
            && samples[2 * i + c] < extent[2 * c + 1]);
        const i = [...Array(50).keys()].find(inside), box = canvas.getBoundingClientRect();
        return [box.x + found.X(samples[2 * i]), box.y + found.Y(samples[2 * i + 1])];
    })()""")
    page.drag([tuple(where)])
    page.until("!document.getElementById('sample').hidden")
    D = page.evaluate("document.querySelectorAll('#sample-text tr')[3].querySelector('.number')"
                      ".textContent")  # fmt: skip
    assert 0 < said(D) < 1
    click(page, "#sample-text [data-label=E35]")
    page.until("document.getElementById('equation').open")
    assert page.evaluate("document.querySelectorAll('#equation-text math').length") > 2
    assert page.evaluate("document.getElementById('equation-title').textContent").startswith("E35")
    page.press("Escape")
    page.until("!document.getElementById('equation').open")


def test_a_link_holds_the_whole_session(page):
    page.press("b")
    put(page, "live-k", "3")
    page.until("lab.state.settings.k === 3")
    page.press("b")
    page.until("lab.view.games[0].iteration === 2")
    page.until("document.getElementById('iteration').textContent === '2'")
    before = shown(page, "V")
    link = do(page, "link")["link"]
    do(page, "restart", choices={"seed": 6, "k": 1})
    page.until("lab.state.iteration === 0")
    do(page, "open", link=link)
    page.until("lab.view.games[0].iteration === 2 && lab.state.settings.k === 3")
    assert shown(page, "V") == before


def test_the_last_step_is_shown_as_a_trace(page):
    page.press("b")
    page.until("lab.view.games[0].iteration === 1")
    page.press("t")
    html = page.until("document.querySelector('#trace[open] iframe')?.srcdoc")
    assert "Algorithm 1, line by line" in html and "E31" in html
    page.press("Escape")


def test_a_lost_connection_comes_back_to_the_same_state(page):
    do(page, "step", player="both", times=4)
    page.until("lab.view.games[0].iteration === 4")
    page.evaluate("lab.state = null; lab.socket.close()")
    page.until("lab.state?.iteration === 4 && document.getElementById('notice').hidden")
    page.press("b")
    page.until("lab.view.games[0].iteration === 5")


def test_a_film_is_a_gif_that_others_read(page):
    image = pytest.importorskip("PIL.Image")
    page.evaluate("localStorage.clear(); document.documentElement.dataset.theme = 'light'")
    text = page.evaluate("""import('./gif.js').then(gif => gif.film(
        () => document.getElementById('board'), 2, 60, () => {})).then(blob => new Promise(done => {
            const reader = new FileReader();
            reader.onload = () => done(reader.result.split(',')[1]);
            reader.readAsDataURL(blob); }))""")
    film = image.open(io.BytesIO(base64.b64decode(text)))
    assert film.n_frames == 2 and film.size[0] <= 480
    film.seek(1)
    colours = np.asarray(film.convert("RGB")).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) > 10  # a picture, and all of it was read


def test_lessons_go_to_their_end(page):
    for number, lesson in enumerate(LESSONS, 1):
        page.press("l")
        page.evaluate(f"document.querySelectorAll('#contents-list button')[{number - 1}].click()")
        for step in range(len(lesson.steps)):
            page.until(f"lab.state.lesson?.number === {number} && lab.state.lesson.step === {step}")
            text = page.until("document.getElementById('lesson-text').textContent")
            assert text == lesson.steps[step].text["en"]
            page.press("ArrowRight")
        page.until("lab.state.lesson === null && document.getElementById('lesson').hidden")
        do(page, "pause")


@pytest.mark.parametrize("width", [1280, 390])
def test_both_widths_themes_and_languages(page, width):
    page.resize(width, 844, scale=2)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.press("n")
    page.until("!document.getElementById('sample').hidden")
    for _ in range(2):
        page.press("e")
        page.press("m")
        page.until("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(NAMELESS) == []
        sharp = "(c => c.width === Math.round(2 * c.clientWidth))(document.getElementById('board'))"
        page.until(sharp)
    page.evaluate("localStorage.clear()")


def test_every_word_of_the_page_is_there_in_both_languages(page):
    """The keys that the page's files name, and its texts: pairs, of which the second has Chinese
    letters wherever the first has English words."""
    texts = {
        name: page.evaluate(f"import('./{name}.js').then(m => ({{...m.{table}}}))")
        for name, table in (("words", "WORDS"), ("captions", "CAPTIONS"))
    }
    keys = texts["words"] | texts["captions"]
    assert len(keys) == sum(map(len, texts.values()))
    source = "".join(
        entry.read_text(encoding="utf-8")
        for entry in files("numgan.lab").joinpath("page").iterdir()
    )
    named = re.findall(r"""\bt\(\s*"(\w+)"|data-(?:t|name|hint)="(\w+)\"""", source)
    assert {a or b for a, b in named} <= keys.keys()
    for key, (english, chinese) in keys.items():
        if re.search(r"[a-z]{4}", english) and key not in ("languageHint", "name_drawn"):
            assert re.search(r"[一-鿿]", chinese), key


# what can be used and has no name: for who hears the page and does not see it
NAMELESS = """[...document.querySelectorAll('button, input, select, textarea, canvas, dialog')]
    .filter(e => e.checkVisibility() && !(e.textContent.trim() && e.tagName === 'BUTTON')
        && !e.ariaLabel && !e.labels?.length && !e.getAttribute('aria-labelledby'))
    .map(e => e.outerHTML.slice(0, 80))"""

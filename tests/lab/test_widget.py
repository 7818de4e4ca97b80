"""The lab in a notebook: the widget on the kernel's side with a comm that keeps what is sent, the
page's modules as text, and both in a browser that stands for the notebook."""

import json
import re
import threading
from graphlib import CycleError
from importlib.util import find_spec

import numpy as np
import pytest

import numgan
from numgan.errors import InputError
from numgan.lab import modules
from numgan.lab.play import Play
from numgan.lab.protocol import numbers
from tests.lab.chromium import CHROMIUM, Chromium

needs_anywidget = pytest.mark.skipif(
    find_spec("anywidget") is None, reason="the extra `notebook` is not here"
)
GAME = {"seed": 5, "hidden": [16, 16], "batch": 32}
WAIT = 60  # seconds after which an answer that does not come fails a test


class Notebook:
    """What stands for the front end: it keeps the widget's messages, and sends as a page does."""

    def __init__(self, monkeypatch):
        import comm

        class Comm(comm.DummyComm):
            def publish_msg(self, msg_type, data=None, **_):
                front.hear(data or {})

        front = self
        self.heard, self.news, self.number = [], threading.Condition(), 0
        monkeypatch.setattr(comm, "create_comm", Comm)

    def show(self, *args, **choices):
        self.widget = numgan.show_lab(*args, **{**GAME, **choices})
        return self.widget

    def hear(self, data):
        if data.get("method") == "custom":
            with self.news:
                self.heard.append((data["content"]["page"], json.loads(data["content"]["text"])))
                self.news.notify_all()

    def send(self, content):
        """A message of the front end, as the kernel has it from its comm."""
        data = {"method": "custom", "content": content}
        self.widget.comm.handle_msg({"content": {"data": data}, "buffers": []})

    def say(self, page, what, **fields):
        self.send({"page": page, "say": what, **fields})

    def command(self, page, do, /, **fields):
        self.say(page, "command", text=json.dumps({"do": do, **fields}))

    def ask(self, page, do, /, **fields):
        """The answer to a command."""
        self.number += 1
        self.command(page, do, id=self.number, **fields)
        return self.until(page, lambda message: message.get("id") == self.number)

    def until(self, page, wanted):
        """The first message to a page that is wanted, and was not taken before."""

        def found():
            return next((each for each in self.heard if each[0] == page and wanted(each[1])), None)

        with self.news:
            assert self.news.wait_for(found, WAIT), [message["kind"] for _, message in self.heard]
            each = found()
            self.heard.remove(each)
            return each[1]


def kind(name, **fields):
    """Whether a message is of a kind, with these fields."""
    return lambda message: (
        message["kind"] == name and all(message[key] == value for key, value in fields.items())
    )


@pytest.fixture
def notebook(monkeypatch):
    notebook = Notebook(monkeypatch)
    yield notebook
    notebook.widget.close()
    assert not any(thread.is_alive() for thread in notebook.widget.live.threads)


@needs_anywidget
def test_a_page_is_greeted_and_a_step_of_D_has_the_numbers_of_a_training(notebook):
    notebook.show("ring")
    notebook.say("a", "come")
    assert len(notebook.until("a", kind("hello"))["lessons"]) == 6
    assert notebook.until("a", kind("state"))["choices"]["hidden"] == [16, 16]
    first = notebook.until("a", kind("frame"))
    assert notebook.ask("a", "step", player="d")["kind"] == "done"
    notebook.command("a", "seen", frame=first["frame"])
    seen = notebook.until("a", lambda m: kind("frame")(m) and m["games"][0]["numbers"]["V"])
    play = Play("ring", **GAME)
    play.step("d")
    expected = play.numbers()
    for name, value in seen["games"][0]["numbers"].items():
        if value is not None:
            assert value == expected[name], name  # the same bits: JSON has full precision
    shown = numbers(seen["games"][0]["D"])
    assert np.isfinite(shown).all() and len(shown) > 100


@needs_anywidget
@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "come",
        {},
        {"page": "b", "say": "command", "text": "{}"},  # it did not come
        {"page": 3, "say": "come"},
        {"page": "x" * 65, "say": "come"},
        {"page": "a", "say": "exec", "text": "1"},
    ],
)
def test_what_is_no_message_is_answered_by_an_error_and_changes_nothing(notebook, content):
    widget = notebook.show("ring")
    notebook.say("a", "come")
    notebook.until("a", kind("state"))
    notebook.send(content)
    assert "no message of an open page" in notebook.until("", kind("error"))["text"]
    assert list(widget.pages) == ["a"] and widget.session.play.iterations == 0


@needs_anywidget
@pytest.mark.parametrize(
    "text, says",
    [
        ("{", "a command is JSON"),
        ('{"do": "import"}', "there is no command 'import'"),
        ('{"do": "step", "player": "x"}', "player must be one of"),
        (7, "a command is text"),
        ('{"do": "step", "player": "d", "times": 1e9}', "times"),
    ],
)
def test_a_hostile_command_is_answered_by_an_error_and_changes_nothing(notebook, text, says):
    widget = notebook.show("ring")
    notebook.say("a", "come")
    notebook.until("a", kind("state"))
    notebook.say("a", "command", text=text)
    error = notebook.until("a", kind("error"))["text"]
    assert says in error and "\n" not in error
    assert widget.session.play.iterations == 0


@needs_anywidget
def test_a_refusal_carries_the_number_of_its_command(notebook):
    notebook.show("ring")
    notebook.say("a", "come")
    answer = notebook.ask("a", "save", name="before-the-first-iteration")
    assert answer["kind"] == "error" and answer["do"] == "save" and "nothing" in answer["text"]


@needs_anywidget
def test_no_frame_comes_before_the_last_one_was_drawn(notebook):
    widget = notebook.show("ring")
    notebook.say("a", "come")
    first = notebook.until("a", kind("frame"))
    notebook.ask("a", "play")
    notebook.until("a", lambda m: kind("state")(m) and m["iteration"] > 50)
    notebook.ask("a", "pause")
    assert not any(kind("frame")(message) for _, message in notebook.heard)
    notebook.command("a", "seen", frame=first["frame"])
    last = notebook.until("a", kind("frame"))["games"][0]["iteration"]
    assert last == widget.session.play.iterations > 50  # the newest, and none between


@needs_anywidget
def test_the_session_pauses_with_the_last_page_and_comes_back_to_the_same_state(notebook):
    widget = notebook.show("ring")
    for page in ("a", "b"):
        notebook.say(page, "come")
        notebook.until(page, kind("state"))
    notebook.ask("a", "play")
    notebook.say("a", "leave")
    notebook.until("b", lambda m: kind("state")(m) and m["playing"] and m["iteration"] > 20)
    notebook.say("b", "leave")
    # what is asked for after the leave is done after it
    left = widget.live.ask(lambda session: (session.playing, session.play.iterations)).result(WAIT)
    again = widget.live.ask(lambda session: session.play.iterations).result(WAIT)
    assert left == (False, again)
    notebook.say("c", "come")
    state = notebook.until("c", kind("state"))
    assert (state["iteration"], state["playing"]) == (again, False)


@needs_anywidget
def test_a_page_that_draws_no_more_has_left(notebook, monkeypatch):
    from numgan.lab import widget as room

    monkeypatch.setattr(room, "GONE", 0.0)  # at once, in place of seconds
    widget = notebook.show("ring")
    notebook.say("a", "come")
    notebook.until("a", kind("frame"))
    notebook.ask("a", "play")
    notebook.until("a", kind("state", playing=False))
    monkeypatch.undo()
    notebook.ask("a", "step", player="both")  # it was there after all
    assert not widget.session.away


@needs_anywidget
def test_pages_are_bounded(notebook):
    from numgan.lab.widget import PAGES

    widget = notebook.show("ring")
    for n in range(PAGES + 1):
        notebook.say(f"page {n}", "come")
    assert "close one" in notebook.until(f"page {PAGES}", kind("error"))["text"]
    assert len(widget.pages) == PAGES


@needs_anywidget
def test_a_lesson_begins_at_its_first_step(notebook):
    assert notebook.show("ring", lesson=2).session.lesson == (2, 0)


@needs_anywidget
@pytest.mark.parametrize(
    "args, choices, says",
    [
        (["rng"], {}, "did you mean ring"),
        ([3], {}, "dataset must be a text or a path"),
        (["ring"], {"lesson": 7}, "--lesson must be 1 to 6"),
        (["ring"], {"sed": 1}, "there is no choice 'sed', did you mean seed"),
        (["ring"], {"hidden": 3}, "hidden must be a list"),
        (["ring"], {"seed": -1}, "seed must be"),
        (["ring"], {"height": 3}, "height must be"),
        (["nowhere.csv"], {}, "no such file"),
    ],
)
def test_bad_input_is_refused_in_a_line(args, choices, says):
    with pytest.raises(InputError, match=re.escape(says)) as refusal:
        numgan.show_lab(*args, **choices)
    assert "\n" not in str(refusal.value)


def test_without_anywidget_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("numgan.lab.notebook.find_spec", lambda name: None)
    with pytest.raises(InputError, match=re.escape('pip install "numgan[notebook]"')):
        numgan.show_lab("ring")


# ── the page as text ──────────────────────────────────────────────────────────────────────────────


def test_every_part_stands_after_those_that_it_names():
    known = set()
    for name, pieces in modules.parts():
        assert set(pieces[1::2]) <= known, name
        known.add(name)
    assert (name, pieces[1::2]) == ("index.html", ["main.js"])
    assert "style.css" not in pieces[0]  # its text stands in the document


def test_every_import_of_a_module_is_a_piece_and_the_rest_its_own_text():
    for name, pieces in modules.parts()[:-1]:
        text = modules.files("numgan.lab").joinpath("page", name).read_text("utf-8")
        # every form that an import may have, not that of IMPORT alone
        found = re.findall(r"""(?:\bfrom|\bimport)\b\s*\(?\s*["']([^"']+)["']""", text)
        assert found == [f"./{piece}" for piece in pieces[1::2]], name
        assert text == "".join(f"./{x}" if i % 2 else x for i, x in enumerate(pieces)), name


def test_modules_that_import_each_other_are_refused(monkeypatch, tmp_path):
    page = tmp_path / "page"
    page.mkdir()
    for name, text in {
        "a.js": 'import { b } from "./b.js";\n',
        "b.js": 'import { a } from "./a.js";\n',
        "index.html": '<head></head><script src="a.js"></script>',
        "style.css": "",
    }.items():
        (page / name).write_text(text)
    monkeypatch.setattr(modules, "files", lambda package: tmp_path)
    with pytest.raises(CycleError):
        modules.parts()


# ── in a browser ──────────────────────────────────────────────────────────────────────────────────

# A notebook: the widget's own module, and a model that keeps what is sent until the test takes it
HOST = """<!DOCTYPE html><meta charset="utf-8"><title>notebook</title>
<link rel="icon" href="data:,">
<body style="background: #fff; color: #111"><div id="out"></div>
<script type="application/json" id="state">STATE</script>
<script type="module">
const state = JSON.parse(document.getElementById("state").textContent), ears = new Set();
window.sent = [];
window.tell = content => { for (const f of ears) f(content); };
const model = {
  get: name => state[name],
  on: (name, f) => ears.add(f),
  off: (name, f) => ears.delete(f),
  send: content => window.sent.push(content),
};
const module = new Blob([state.esm], { type: "text/javascript" });
const { default: widget } = await import(URL.createObjectURL(module));
window.leave = widget.render({ model, el: document.getElementById("out") });
window.page = () => document.querySelector("iframe").contentWindow;
</script>"""


@needs_anywidget
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_in_a_browser_the_page_steps_and_says_nothing_on_the_console(notebook, tmp_path):
    widget = notebook.show("ring", height=900)
    state = {"esm": widget._esm, "parts": widget.parts, "height": widget.height}
    text = json.dumps(state).replace("<", "\\u003c")
    (tmp_path / "host.html").write_text(HOST.replace("STATE", text, 1), "utf-8")
    # a file of this folder, that may read Blobs of its own
    browser = Chromium(tmp_path / "profile", (1000, 950), "--allow-file-access-from-files")
    try:
        browser.open((tmp_path / "host.html").as_uri(), "window.page?.().lab")

        def carried(expression):
            """Carry messages both ways until the page's expression holds."""
            for _ in range(2000):
                for content in browser.evaluate("window.sent.splice(0)"):
                    notebook.send(content)
                with notebook.news:
                    notebook.news.wait(0.01)
                    heard, notebook.heard = notebook.heard, []
                for page, message in heard:
                    content = {"page": page, "text": json.dumps(message)}
                    browser.evaluate(f"window.tell({json.dumps(content)})")
                if value := browser.evaluate(expression):
                    return value
            raise AssertionError(f"never true: {expression}; console: {browser.console}")

        carried("page().lab.state && page().lab.view.games.length > 0")
        browser.evaluate("page().document.querySelector('[data-step=d]').click()")
        value = carried("page().lab.view.games[0].numbers.V")
        play = Play("ring", **GAME)
        play.step("d")
        assert value == play.numbers()["V"]
        width = browser.evaluate("page().innerWidth")
        assert browser.evaluate("page().document.documentElement.scrollWidth") <= width
        # the address of the skip link stays in the frame
        browser.evaluate("page().document.querySelector('.skip').click()")
        assert browser.evaluate("page().location.href") == "about:srcdoc#board"
        assert browser.evaluate("page().document.documentElement.dataset.theme") == "light"
        browser.picture(tmp_path / "page.png")
        browser.evaluate("leave()")
        assert browser.evaluate("sent.at(-1).say") == "leave"
        assert browser.console == []
        others = {each.partition(":")[0] for each in browser.asked}
        assert others <= {"file", "blob", "data", "about"}
    finally:
        browser.close()

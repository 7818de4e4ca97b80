"""The lab as a widget of notebooks: the page in the output of a cell, a session in the kernel.

There is no server: commands and answers, those of `numgan.lab.protocol`, go as messages of the
widget, and the notebook carries them.

    page → kernel    {"page": id, "say": "come" | "leave"}
                     {"page": id, "say": "command", "text": "…"}
    kernel → page    {"page": id, "text": "…"}

`id` is a page's own: a notebook may show one widget in several outputs, and gives each of them
every message. The threads are those of the server (`numgan.lab.live`); commands wait while the
kernel is busy with a cell. The only module of numgan that imports anywidget.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from numgan.errors import InputError
from numgan.lab import protocol
from numgan.lab.answers import encoded, failure
from numgan.lab.greeting import hello
from numgan.lab.live import Live
from numgan.lab.modules import parts
from numgan.lab.session import Session

PAGES = 8  # that may be open at once
LONGEST = 64  # characters of a page's id
GONE = 10.0  # seconds after which a page that neither draws its frame nor says anything is gone


class Page:
    """One place where the widget is shown."""

    def __init__(self) -> None:
        self.drawn = True  # its last frame, so that another one may come
        self.heard = time.monotonic()  # when it said something, or that frame was sent


class LabWidget(anywidget.AnyWidget):
    """A session, shown. It pauses where no page is left, and comes back to the same state."""

    _esm = files("numgan.lab").joinpath("widget.js").read_text("utf-8")
    parts: traitlets.List = traitlets.List().tag(sync=True)
    height = traitlets.Int().tag(sync=True)

    def __init__(self, session: Session, height: int):
        super().__init__(parts=parts(), height=height)
        self.session = session
        self.live = Live(session, self.publish, self.ready)
        self.pages: dict[str, Page] = {}
        self.sending = threading.Lock()
        self.begun = False
        self.on_msg(self.hear)

    def close(self) -> None:
        """End the threads, and remove the widget from the notebook."""
        if hasattr(self, "live"):  # it is closed at the end of Python too, however far it came
            self.pages = {}
            self.live.stop()
        super().close()

    # ── to the pages ─────────────────────────────────────────────────────────────────────────────

    def tell(self, page: str, message: dict[str, Any]) -> None:
        """Send a page a message, from any thread."""
        with self.sending:
            self.send({"page": page, "text": encoded(message)})

    def publish(self, message: dict[str, Any]) -> None:
        """Send every page a message; a frame goes to those that have drawn the last one."""
        for name, page in tuple(self.pages.items()):
            if message["kind"] == "frame":
                if not page.drawn:
                    continue
                page.drawn, page.heard = False, time.monotonic()
            self.tell(name, message)

    def ready(self) -> bool:
        """True where a page has drawn its last frame. Where all are gone without a word, as with a
        browser that was closed, the session pauses."""
        pages = tuple(self.pages.values())
        if any(page.drawn for page in pages):
            return True
        if pages and self.session.busy and all(late(page) for page in pages):
            self.live.ask(self.lose)
        return False

    def lose(self, session: Session) -> None:
        """Pause, unless a page was heard since."""
        if all(late(page) for page in tuple(self.pages.values())):
            session.leave()

    # ── from the pages ───────────────────────────────────────────────────────────────────────────

    def hear(self, widget: Any, content: Any, buffers: Any) -> None:
        """One message of the front end: done, or answered by an error."""
        match content:
            case {"page": str(name), "say": "come"} if len(name) <= LONGEST:
                self.come(name)
            case {"page": str(name), "say": "leave"}:
                self.leave(name)
            case {"page": str(name), "say": "command", "text": text} if name in self.pages:
                self.command(name, text)
            case _:
                self.tell("", failure("", InputError("this is no message of an open page")))

    def come(self, name: str) -> None:
        """A page begins: it is greeted, and told the state."""
        if len(self.pages) >= PAGES and name not in self.pages:
            self.tell(name, failure("", InputError(f"{PAGES} pages are open: close one of them")))
            return
        self.pages[name] = Page()
        if not self.begun:
            self.begun = True
            self.live.start()
        self.tell(name, hello(self.session))

        def answer(future: Future) -> None:
            self.tell(name, future.result())
            self.live.look.set()

        self.live.ask(Session.come).add_done_callback(answer)

    def leave(self, name: str) -> None:
        """A page ends; with the last one the session pauses."""
        if self.pages.pop(name, None) and not self.pages:
            self.live.ask(Session.leave)

    def command(self, name: str, text: Any) -> None:
        """One command of a page, whose answers follow."""
        try:
            command = protocol.command(text)
        except InputError as error:
            self.tell(name, failure("", error))
            return
        page = self.pages[name]
        page.heard = time.monotonic()
        do = command["do"]
        number = {"id": command["id"]} if "id" in command else {}
        if do == "seen":
            page.drawn = True
            self.live.look.set()
            return

        def work(session: Session) -> list[dict[str, Any]]:
            if session.away:  # the page is there after all
                session.come()
            return session.do(command)

        def answer(future: Future) -> None:
            if error := future.exception():
                self.tell(name, failure(do, error) | number)
                return
            for message in future.result():
                self.tell(name, message)

        self.live.ask(work).add_done_callback(answer)


def late(page: Page) -> bool:
    """True where a page has neither drawn its last frame nor said anything for long."""
    return not page.drawn and time.monotonic() > page.heard + GONE

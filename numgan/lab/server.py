"""The lab's web server: one page, its few files, and one WebSocket around a session.

It stands on starlette, uvicorn and websockets (the extra `lab`, some 8 MB) and not on the standard
library, which has no WebSocket: frames, masks, fragments, pings, closing and limits of a protocol
written by hand would be a thousand lines that nobody has attacked yet; server-sent events, which
need none, would split every command from its answer over two connections. Starlette's part is
small: routes, one middleware, one endpoint.

Who may come in
    the address    127.0.0.1 alone, unless --host names another
    the token      256 random bits in the page's address; without it no page and no WebSocket
    Host           one of the lab's own names: a name that a stranger's DNS leads here is none
    Origin         of a browser, the lab's own: another page's script is refused
    sizes          a command at most 1 MB, checked before it is parsed; eight pages at once
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from numgan.lab import protocol
from numgan.lab.answers import encoded, failure
from numgan.lab.greeting import hello
from numgan.lab.live import Live
from numgan.lab.session import Session
from numgan.trace.page import SCRIPT

PAGES = 8  # that may be open at once
WAITING = 64  # messages that a page may leave unread before it is let go
LARGEST = 1 << 20  # bytes of one message to the lab
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
}
# of a trace, which stands in a frame of the page
TRACE = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'self' 'sha256-{TRACE}'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the token is in the address
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# ── who may come in ──────────────────────────────────────────────────────────────────────────────


class Guard:
    """Refuses whoever does not come from the lab's own page: Host, Origin and the token."""

    def __init__(self, app: ASGIApp, token: str, host: str, port: int):
        self.app, self.token, self.host, self.port = app, token, host, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if why := self.refusal(HTTPConnection(scope)):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008})  # 403 before it is open
                    return
                await PlainTextResponse(why + "\n", 403, HEADERS)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def refusal(self, connection: HTTPConnection) -> str:
        """Why a connection is refused; "" for one that is not."""
        host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
        if not self.own(host):
            return "this is no name of the lab: open the address that `numgan lab` printed"
        if origin is not None and origin != f"http://{host}":
            return "another page asked: open the address that `numgan lab` printed"
        public = connection.url.path not in ("/", "/ws")
        given = connection.query_params.get("token", "")
        if not public and not secrets.compare_digest(given.encode(), self.token.encode()):
            return "the token is missing or wrong: open the address that `numgan lab` printed"
        return ""

    def own(self, host: str) -> bool:
        """True for a Host that is the lab's: localhost, the address that it listens at, or, where
        it listens at all of them, any address in numbers."""
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        name = name.strip("[]")
        if name in ("localhost", "127.0.0.1", "::1", self.host):
            return True
        try:
            here, asked = ipaddress.ip_address(self.host), ipaddress.ip_address(name)
        except ValueError:
            return False
        return here.is_unspecified and bool(asked)


# ── pages that are open ──────────────────────────────────────────────────────────────────────────


class Page:
    """One open page: what it is still to be sent."""

    def __init__(self) -> None:
        self.outbox: asyncio.Queue[str] = asyncio.Queue()
        self.drawn = True  # its last frame, so that another one may come
        self.late = False  # it reads nothing any more


class Lab:
    """The session that runs, and the pages that look at it."""

    def __init__(self, session: Session):
        self.live = Live(session, self.publish, self.ready)
        self.pages: set[Page] = set()
        self.loop: asyncio.AbstractEventLoop | None = None

    def ready(self) -> bool:
        """True where a page has drawn its last frame."""
        return any(page.drawn for page in tuple(self.pages))

    def publish(self, message: dict[str, Any]) -> None:
        """Send a message to every page, from any thread."""
        if self.loop is None or not self.pages:
            return
        text = encoded(message)
        with suppress(RuntimeError):  # the loop is closed: the lab ends
            self.loop.call_soon_threadsafe(self.deliver, message["kind"], text)

    def deliver(self, kind: str, text: str) -> None:
        """Put a message into the outboxes. A frame goes to who has drawn the last one; of curves
        and spectra a late page misses some."""
        for page in self.pages:
            unread = page.outbox.qsize()
            if kind == "frame":
                if page.drawn and unread < WAITING:
                    page.drawn = False
                    page.outbox.put_nowait(text)
            elif kind in ("curves", "spectrum"):
                if unread < WAITING // 8:
                    page.outbox.put_nowait(text)
            elif unread < WAITING:
                page.outbox.put_nowait(text)
            else:
                page.late = True

    async def talk(self, socket: WebSocket) -> None:
        """One page, from its coming to its leaving."""
        if len(self.pages) >= PAGES:
            await socket.close(1013)
            return
        self.loop = asyncio.get_running_loop()
        await socket.accept()
        page = Page()
        self.pages.add(page)
        page.outbox.put_nowait(encoded(hello(self.live.session)))
        state = await asyncio.wrap_future(self.live.ask(Session.come))
        page.outbox.put_nowait(encoded(state))
        self.live.look.set()
        sending = asyncio.create_task(self.send(socket, page))
        try:
            while not page.late:
                await self.hear(await socket.receive_text(), page)
        except (WebSocketDisconnect, RuntimeError, KeyError):  # KeyError: bytes came
            pass
        finally:
            sending.cancel()
            self.pages.discard(page)
            if not self.pages:
                self.live.ask(Session.leave)
            with suppress(RuntimeError):
                await socket.close()

    async def send(self, socket: WebSocket, page: Page) -> None:
        """Send what is in the outbox, one after the other."""
        with suppress(WebSocketDisconnect, RuntimeError):
            while not page.late:
                await socket.send_text(await page.outbox.get())
            await socket.close(1013)

    async def hear(self, text: str, page: Page) -> None:
        """One message of a page: done, or answered by an error. The next one is read after it."""
        number: dict[str, Any] = {}
        name = ""
        try:
            command = protocol.command(text)
            name = command["do"]
            number = {"id": command["id"]} if "id" in command else {}
            if name == "seen":
                page.drawn = True
                self.live.look.set()
                return
            found: Future = self.live.do(command)
            for answer in await asyncio.wrap_future(found):
                page.outbox.put_nowait(encoded(answer))
        except Exception as error:  # it is told, and the page stays
            page.outbox.put_nowait(encoded(failure(name, error) | number))


# ── the application ──────────────────────────────────────────────────────────────────────────────


def application(session: Session, token: str, host: str, port: int) -> ASGIApp:
    """The ASGI application of a session. Its threads live as long as the application does."""
    lab = Lab(session)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        lab.live.start()
        yield
        lab.live.stop()

    routes = [WebSocketRoute("/ws", lab.talk), Route("/{name:path}", file, methods=["GET"])]
    return Guard(Starlette(routes=routes, lifespan=lifespan), token, host, port)


async def file(request: Request) -> Response:
    """One file of the page; its names are those that are there."""
    name = request.path_params["name"] or "index.html"
    kind = TYPES.get(name.rpartition(".")[2])
    folder = files("numgan.lab").joinpath("page")
    if kind is None or name not in {entry.name for entry in folder.iterdir()}:
        return PlainTextResponse("there is no such page\n", 404, HEADERS)
    content = folder.joinpath(name).read_bytes()
    return Response(content, headers={**HEADERS, "Content-Type": kind})

"""Open the lab: a GAN in your browser that can be touched while it learns.

A page of this machine alone, unless --host names an address. What the command needs beside numgan:
pip install '.[lab]'. Ctrl-C ends it.
"""

from __future__ import annotations

import secrets
import socket
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numgan.backend import keep_memory
from numgan.errors import InputError
from numgan.files import nonempty_path
from numgan.run.config import Config
from numgan.run.options import OneOf, Whole, add_positional, kind_of

if TYPE_CHECKING:
    from numgan.lab.session import Session

NEEDED = ("starlette", "uvicorn", "websockets")
PORT = 8765  # where it is free


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan lab`."""
    from numgan.lab.protocol import SHIPPED

    says = f"the data, default ring: {', '.join(SHIPPED)}; or a file or folder of your own"
    add_positional(parser, "dataset", kind_of(Config, "dataset"), "DATASET", says)
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the game (default 0)")
    parser.add_argument("--lesson", type=int, metavar="N", help="begin with a lesson: 1 to 6")
    parser.add_argument(
        "--out",
        type=nonempty_path,
        default=Path("runs"),
        metavar="DIR",
        help="the folder in which runs are saved (default runs)",
    )
    parser.add_argument(
        "--port", type=int, metavar="P", help=f"default {PORT}, or a free one where it is taken"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen here in place of 127.0.0.1: who has the address with its token can come in",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address alone")


def run(options: Namespace) -> int:
    """Serve until Ctrl-C. Returns the exit status."""
    if any(find_spec(name) is None for name in NEEDED):
        raise InputError("the lab needs a few packages more: pip install '.[lab]'")
    session = first(options.dataset, options.lesson, folder=options.out, seed=options.seed)
    with listening(options.host, options.port) as opened:
        keep_memory()
        serve(session, opened, options)
    return 0


def first(dataset: str | None, lesson: int | None, seed: int = 0, **choices: Any) -> Session:
    """The session that a lab begins with. Raises InputError for data, a lesson, a seed or a choice
    that there is not."""
    from numgan.lab.lessons import LESSONS
    from numgan.lab.session import Session

    if lesson is not None and lesson not in range(1, len(LESSONS) + 1):
        raise InputError(f"--lesson must be 1 to {len(LESSONS)}, got {lesson!r}")
    Whole(0).check("--seed", seed)
    session = Session(seed=seed, **data(dataset), **choices)
    if lesson is not None:
        session.do({"do": "lesson", "number": lesson, "step": 0})
    return session


def data(name: str | None) -> dict[str, str]:
    """The data of a session: a name, or a place of the user's own."""
    from numgan.lab.protocol import SHIPPED
    from numgan.run.choose import is_path

    if name is None:
        return {"dataset": "ring"}
    if is_path(name):
        return {"data": name}
    OneOf(SHIPPED).check("the data set", name)
    return {"dataset": name}


def listening(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Raises InputError where it cannot."""
    if port is not None:
        Whole(0, below=65536).check("--port", port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, PORT if port is None else port), family=family)
    except OSError as error:
        if port is None:
            return listening(host, 0)  # any that is free
        raise InputError(f"cannot listen at {host}: {error.strerror or error}") from None


def serve(session, opened: socket.socket, options: Namespace) -> None:
    """Print the address, open a browser, and serve."""
    import uvicorn

    from numgan.lab.server import application

    host, port = options.host, opened.getsockname()[1]
    token = secrets.token_urlsafe(32)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/?token={token}"
    print(f"the lab is at {address}\nCtrl-C ends it", flush=True)
    if not options.no_browser:
        import webbrowser

        with suppress(webbrowser.Error):
            webbrowser.open(address)
    config = uvicorn.Config(application(session, token, host, port), **options_of_server())
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[opened])


def options_of_server() -> dict:
    """How uvicorn serves the lab."""
    from numgan.lab.server import LARGEST

    return {
        "ws": "websockets-sansio",
        "ws_max_size": LARGEST,
        "ws_per_message_deflate": False,  # all is local, and the cores are for training
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 2,
        "lifespan": "on",
    }

"""A lab that serves, in threads of this process, until its test ends."""

import json
import socket
import threading
import time
from contextlib import contextmanager

TOKEN = "a-token-of-the-tests"


@contextmanager
def serving(session, host="127.0.0.1"):
    """The port of a lab around a session."""
    import uvicorn

    from numgan.lab.command import options_of_server
    from numgan.lab.server import application

    with socket.create_server(("127.0.0.1", 0)) as opened:
        port = opened.getsockname()[1]
        config = uvicorn.Config(application(session, TOKEN, host, port), **options_of_server())
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.005)
            yield port
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


class Client:
    """A page that draws at once: it sends commands and hears answers."""

    def __init__(self, socket):
        self.socket, self.frames, self.number = socket, [], 0

    def send(self, command, /, **fields):
        self.socket.send(json.dumps({"do": command, **fields}))

    def hear(self, *wanted):
        """The next message that is wanted; frames are seen on the way. Of several that are wanted
        the first of each, in whatever order they come."""
        found = {}
        while len(found) < len(wanted):
            message = json.loads(self.socket.recv(timeout=60))
            if message["kind"] == "frame":
                self.frames.append(message)
                self.send("seen", frame=message["frame"])
            found |= {n: message for n, f in enumerate(wanted) if n not in found and f(message)}
        return found[0] if len(wanted) == 1 else [found[n] for n in range(len(wanted))]

    def ask(self, command, /, **fields):
        """The answer to a command."""
        self.number += 1
        self.send(command, id=self.number, **fields)
        return self.hear(lambda message: message.get("id") == self.number)


@contextmanager
def client(port, token=TOKEN, **options):
    """A WebSocket to the lab."""
    from websockets.sync.client import connect

    address = f"ws://127.0.0.1:{port}/ws?token={token}"
    with connect(address, max_size=None, max_queue=None, **options) as opened:
        yield Client(opened)

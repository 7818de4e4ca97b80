"""The lab's server, from outside: who is let in, and a real WebSocket there and back."""

import http.client
import json
import time

import numpy as np
import pytest

for needed in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(needed)

from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402

from numgan.errors import InputError  # noqa: E402
from numgan.lab.play import Play  # noqa: E402
from numgan.lab.protocol import numbers  # noqa: E402
from numgan.lab.session import Session  # noqa: E402
from tests.lab.serving import TOKEN, client, serving  # noqa: E402

TINY = {"dataset": "gaussian", "hidden": (4,), "batch": 8}


@pytest.fixture(scope="module")
def lab():
    session = Session(**TINY)
    with serving(session) as port:
        yield port, session


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


# ── who may come in ───────────────────────────────────────────────────────────────────────────────


def test_the_page_and_its_files(lab):
    port, _ = lab
    answer, content = get(port, f"/?token={TOKEN}")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "http" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for name in ("main.js", "style.css"):
        assert get(port, f"/{name}")[0].status == 200
    for name in ("../server.py", "..%2fserver.py", "server.py", "a/b.js", "%00.js", "main.py"):
        assert get(port, f"/{name}")[0].status == 404


@pytest.mark.parametrize(
    "path, headers, says",
    [
        ("/", {}, "token is missing or wrong"),
        ("/?token=", {}, "token is missing or wrong"),
        (f"/?token={TOKEN}x", {}, "token is missing or wrong"),
        ("/?token=%C3%A9", {}, "token is missing or wrong"),
        (f"/?token={TOKEN}", {"Host": "evil.example"}, "no name of the lab"),
        (f"/?token={TOKEN}", {"Host": "localhost:1"}, "no name of the lab"),
        ("/main.js", {"Host": "evil.example"}, "no name of the lab"),
        (f"/?token={TOKEN}", {"Origin": "http://evil.example"}, "another page asked"),
        (f"/?token={TOKEN}", {"Origin": "null"}, "another page asked"),
    ],
)
def test_a_request_that_is_not_the_labs_own_is_refused(lab, path, headers, says):
    answer, content = get(lab[0], path, **headers)
    assert answer.status == 403 and says in content.decode() and content.count(b"\n") == 1


def test_only_what_is_read_is_allowed(lab):
    connection = http.client.HTTPConnection("127.0.0.1", lab[0], timeout=20)
    connection.request("POST", f"/?token={TOKEN}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 405


@pytest.mark.parametrize(
    "options",
    [{"token": "wrong"}, {"token": ""}, {"origin": "http://evil.example"}],
    ids=["token", "none", "origin"],
)
def test_a_websocket_that_is_not_the_labs_own_is_refused(lab, options):
    with pytest.raises(InvalidStatus) as refused, client(lab[0], **options):
        pass
    assert refused.value.response.status_code == 403


def test_a_websocket_of_another_name_is_refused(lab):
    """As of a stranger's page whose own name leads here (DNS rebinding)."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Host": "evil.example"}
    assert get(lab[0], f"/ws?token={TOKEN}", **upgrade)[0].status == 403


def test_the_labs_own_names(lab):
    from numgan.lab.server import Guard

    port = 80
    near, far = Guard(None, "", "127.0.0.1", port), Guard(None, "", "0.0.0.0", port)
    for name in ("localhost:80", "127.0.0.1:80", "[::1]:80"):
        assert near.own(name) and far.own(name)
    assert far.own("192.168.1.5:80") and not near.own("192.168.1.5:80")
    for name in ("", "localhost", "localhost:81", "rebound.example:80", "127.0.0.1.nip.io:80"):
        assert not near.own(name) and not far.own(name)


# ── there and back ────────────────────────────────────────────────────────────────────────────────


def test_a_page_plays_and_has_the_bits_of_a_play(lab, tmp_path):
    port, session = lab
    with client(port) as page:
        hello = page.hear(lambda message: message["kind"] == "hello")
        assert len(hello["lessons"]) == 6 and hello["choices"]["dataset"][0]["help"]
        assert page.hear(lambda message: message["kind"] == "state")["iteration"] == 0
        page.ask("watch", show=["data", "samples", "arrows", "field", "curves", "spectrum"])
        page.ask("step", player="both", times=30)
        page.hear(lambda m: m["kind"] == "state" and m["left"] == 0 and m["iteration"] == 30)
        page.ask("set", settings={"k": 2})
        page.send("step", player="both", times=5)
        frame, curves, _ = page.hear(
            lambda m: m["kind"] == "frame" and m["games"][0]["iteration"] == 35,
            lambda m: m["kind"] == "curves",
            lambda m: m["kind"] == "spectrum" and m["iteration"] == 35,
        )
        assert curves["whole"]
    alone = Play(**TINY)
    alone.iterate(30)
    alone.set(k=2)
    alone.iterate(5)
    assert np.array_equal(session.play.training.theta_g, alone.training.theta_g)
    assert frame["games"][0]["numbers"] == alone.numbers()  # to the last digit
    z = session.observer.latents(500)
    samples = alone.training.game.G(alone.training.theta_g, z)[:, 0]
    assert np.array_equal(numbers(frame["games"][0]["samples"]), samples)


def test_leaving_pauses_and_coming_back_finds_the_same_state(lab):
    port, session = lab
    with client(port) as page:
        page.ask("play")
        page.hear(lambda m: m["kind"] == "frame" and m["games"][0]["iteration"] > 60)
    for _ in range(500):
        if not session.busy:
            break
        time.sleep(0.01)
    n = session.play.iterations
    time.sleep(0.1)
    assert session.play.iterations == n and not session.playing
    with client(port) as page:
        state = page.hear(lambda message: message["kind"] == "state")
        assert state["iteration"] == n and state["settings"]["k"] == 2
        frame = page.hear(lambda message: message["kind"] == "frame")
        assert frame["games"][0]["iteration"] == n


def test_no_frame_comes_before_the_last_one_was_seen(lab):
    port, _ = lab
    with client(port) as page:
        page.send("play")
        kinds = []
        stop = time.monotonic() + 0.5
        while time.monotonic() < stop:
            kinds.append(json.loads(page.socket.recv(timeout=20))["kind"])
            if "frame" in kinds and kinds[-1] == "state" and len(kinds) > 30:
                break
        assert kinds.count("frame") <= 1


def test_a_hostile_message_is_answered_by_an_error_and_the_lab_lives(lab):
    port, session = lab
    with client(port) as page:
        page.ask("pause")
        before = session.play.state()
        for message in ("", "{", "[]", '{"do": "exec"}', "\u0000", '{"do": "set", "settings": {}}'):
            page.socket.send(message)
            said = page.hear(lambda m: m["kind"] == "error")["text"]
            assert said and "\n" not in said
        after = session.play.state()
        assert before["about"] == after["about"] and before["config"] == after["config"]
        answer = page.ask("label", label="E35", language="en")
        assert answer["kind"] == "label" and "chain rule" in answer["title"]
    for message in (b"\x00\x01", "x" * (2 << 20)):  # bytes, and more than is read
        with client(port) as page, pytest.raises(ConnectionClosed):
            page.socket.send(message)
            while True:
                page.socket.recv(timeout=20)
    with client(port) as page:
        assert page.ask("pause")["kind"] == "done"


def test_eight_pages_at_most(lab):
    port, _ = lab
    from contextlib import ExitStack

    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(client(port)).ask("pause")
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            stack.enter_context(client(port)).ask("pause")


def test_a_slider_that_is_drawn_is_one_line_of_the_script(lab):
    port, _ = lab
    with client(port) as page:
        for rate in (0.01, 0.02, 0.03):
            page.ask("set", settings={"lr_d": rate})
        text = page.ask("script")["text"]
        assert text.count("lr_d=0.0") == 1 and "play.set(lr_d=0.03)" in text


# ── the command ───────────────────────────────────────────────────────────────────────────────────


def test_the_command_refuses_what_cannot_be(capsys):
    from numgan.cli import main

    for line, says in (
        ("lab rnig", "did you mean ring"),
        ("lab --lesson 7", "--lesson must be 1 to 6"),
        ("lab --seed -1", "--seed must be"),
        ("lab --port 70000 --no-browser", "--port"),
        ("lab --host 203.0.113.7 --no-browser", "cannot listen at 203.0.113.7"),
        ("lab no-such.csv", "no-such.csv"),
    ):
        assert main(line.split()) == 2
        error = capsys.readouterr().err
        assert says in error and error.count("\n") == 1, error


def test_without_the_extra_the_command_says_what_to_install(monkeypatch):
    from argparse import Namespace

    from numgan.lab import command

    monkeypatch.setattr(command, "NEEDED", ("starlette", "no_such_package"))
    with pytest.raises(InputError, match=r"pip install '\.\[lab\]'"):
        command.run(Namespace())


def test_ctrl_c_ends_it(tmp_path):
    """The address is printed, the page is there, and an interrupt is the usual end."""
    import re
    import signal
    import subprocess
    import sys

    line = [sys.executable, "-m", "numgan", "lab", "gaussian", "--no-browser", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, cwd=tmp_path, **pipes) as process:
        said, ends = process.stdout.readline(), process.stdout.readline()
        port, token = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{43})\n", said).groups()
        assert get(int(port), f"/?token={token}")[0].status == 200
        process.send_signal(signal.SIGINT)
        rest, error = process.communicate(timeout=60)
    assert (process.returncode, ends, rest.strip(), error) == (0, "Ctrl-C ends it\n", "", "")
    assert list(tmp_path.iterdir()) == []

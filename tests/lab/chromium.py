"""A headless Chromium that a test drives: DevTools messages over a pipe, so no port and no package.

Chromium reads commands from file descriptor 3 and answers on 4, each message JSON that ends in a
zero byte (--remote-debugging-pipe).
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Chromium in place of this process, with the two pipes where it looks for them
PIPES = """
import fcntl, os, sys
high = [fcntl.fcntl(int(pipe), fcntl.F_DUPFD, 20) for pipe in sys.argv[1:3]]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEYS = {
    "Space": (" ", 32),
    "ArrowLeft": ("ArrowLeft", 37),
    "ArrowRight": ("ArrowRight", 39),
    "Escape": ("Escape", 27),
    "ArrowUp": ("ArrowUp", 38),
    "Enter": ("Enter", 13),
}


class Chromium:
    """One browser with one page. `console` has every error and warning, `asked` every address."""

    def __init__(self, profile: Path, size: tuple[int, int] = (1280, 900), *options: str):
        commands, self.out = os.pipe()
        self.into, answers = os.pipe()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                PIPES,
                str(commands),
                str(answers),
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--lang=en-US",
                "--remote-debugging-pipe",
                f"--window-size={size[0]},{size[1]}",
                f"--user-data-dir={profile}",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                *options,
            ],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self.rest, self.number, self.session = b"", 0, None
        self.console: list[str] = []
        self.asked: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(*size)

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)

    def call(self, method: str, seconds: float = 60, **params):
        """The result of a DevTools method. Raises AssertionError for an error or no answer."""
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + seconds
        while True:
            answer = self.message(until - time.monotonic(), method)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.hear(answer)

    def message(self, seconds: float, method: str) -> dict:
        """The next message of the browser."""
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.into], [], [], max(seconds, 0))
            assert ready, f"no answer to {method}"
            chunk = os.read(self.into, 1 << 16)
            assert chunk, f"Chromium has ended at {method}"
            self.rest += chunk
        first, _, self.rest = self.rest.partition(b"\0")
        return json.loads(first)

    def hear(self, event: dict) -> None:
        """Keep what a page must not do: complain, or ask elsewhere."""
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled" and params["type"] in (
            "error",
            "warning",
            "assert",
        ):
            self.console.append(str([each.get("value") for each in params["args"]]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.console.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(params["url"])

    def open(self, address: str, ready: str = "true") -> None:
        """Load the page and wait until the expression holds."""
        self.call("Page.navigate", url=address)
        self.until(ready)

    def resize(self, width: int, height: int, scale: float = 1) -> None:
        """The page's width and height in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 500,
        )

    def scheme(self, value: str) -> None:
        """What the reader prefers: light or dark."""
        features = [{"name": "prefers-color-scheme", "value": value}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def evaluate(self, expression: str):
        """The value of an expression (or of the promise that it is) in the page."""
        result = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, (
            result["exceptionDetails"].get("exception", {}).get("description", expression)
        )
        return result["result"].get("value")

    def until(self, expression: str, seconds: float = 20):
        """Wait for a value that is true; a page that never has it fails the test here."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, f"never true: {expression}; console: {self.console}"
            time.sleep(0.02)
        return value

    def press(self, key: str) -> None:
        """A key, down and up."""
        name, code = KEYS.get(key, (key, ord(key.upper()[0])))
        text = {"text": name} if len(name) == 1 else {}
        same = {"key": name, "code": key if key in KEYS else f"Key{key.upper()}"}
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", windowsVirtualKeyCode=code, **same, **text
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", windowsVirtualKeyCode=code, **same)

    def drag(self, points: list[tuple[float, float]]) -> None:
        """The mouse, pressed at the first point, moved through the others and let go. One point is
        a click."""
        same = {"button": "left", "clickCount": 1}
        (x, y), *rest = points
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, buttons=1, **same)
        for x, y in rest:
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, buttons=1)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, **same)

    def picture(self, path: Path, whole: bool = False) -> None:
        """The page as a PNG file; the whole of it, or what the window shows."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        Path(path).write_bytes(base64.b64decode(data))

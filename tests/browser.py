"""The wizard in a real browser: headless Chromium, its keys, and the text of its terminal."""

import asyncio
import base64
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pyte

from tests.terminal import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE = 60.0
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1280,800",
]
_CODES = {"enter": ("Enter", 13, "\r"), "tab": ("Tab", 9, ""), "escape": ("Escape", 27, "")}
_CODES |= {"up": ("ArrowUp", 38, ""), "down": ("ArrowDown", 40, "")}
_CODES |= {"right": ("ArrowRight", 39, ""), "left": ("ArrowLeft", 37, "")}
_CODES |= {f"f{n}": (f"F{n}", 111 + n, "") for n in range(1, 13)}
# Questions and modes that pyte takes for text.
_UNSEEN = re.compile(rb"\x1b\[[<=>?][0-9;:]*\$?[pqu]|\x1b\[>[0-9;]*m|\x1bP[^\x1b]*\x1b\\")


@asynccontextmanager
async def served(
    home: Path, environment: Mapping[str, str], *options: str
) -> AsyncIterator[tuple[str, int]]:
    """`qcall-wizard serve` on a free port; its address, with the token, and its process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "wizard", "--home", str(home), "serve", "--port", "0", *options),
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
        assert found, line
        yield found[0], process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        _, said = await process.communicate()
        assert b"Traceback" not in said


class Page:
    """A page of the browser; `text` is the output that its terminal received."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.requests: list[str] = []

    @property
    def text(self) -> str:
        """The text on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def ask(self, method: str, **parameters: Any) -> Any:
        """Ask the browser for something, and wait for its answer."""
        number = len(self._answers) + 1
        self._answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(message)
        return await asyncio.wait_for(self._answers[number], PATIENCE)

    async def _read(self) -> None:
        async for message in self._socket:
            answer = json.loads(message.data)
            if "id" in answer:
                self._answers[answer["id"]].set_result(answer.get("result"))
            elif answer["method"] == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            elif answer["method"] == "Network.webSocketFrameSent":
                self._sent(answer["params"]["response"]["payloadData"])
            elif answer["method"] == "Network.webSocketFrameReceived":
                frame = answer["params"]["response"]
                if frame["opcode"] == 2:
                    data = base64.b64decode(frame["payloadData"])
                    self._stream.feed(_UNSEEN.sub(b"", data))

    def _sent(self, payload: str) -> None:
        """Follow the size that the page reports."""
        kind, *rest = json.loads(payload)
        if kind == "resize":
            self.screen.resize(rest[0]["height"], rest[0]["width"])

    async def press(self, *names: str) -> None:
        """Press keys."""
        for name in names:
            ctrl = name.startswith("ctrl+")
            key = name.removeprefix("ctrl+")
            shown, code, text = _CODES.get(key, (key, ord(key[0].upper()), key))
            event: dict[str, Any] = {"key": shown, "code": shown, "windowsVirtualKeyCode": code}
            event["modifiers"] = 2 if ctrl else 0
            if text and not ctrl:
                event["text"] = text
            await self.ask("Input.dispatchKeyEvent", type="keyDown", **event)
            event.pop("text", None)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    async def click(self, x: int, y: int) -> None:
        """Click at a place of the page, in pixels; it has the keyboard from then on."""
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            await self.ask("Input.dispatchMouseEvent", **event)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    async def wait_for(self, *wanted: str) -> None:
        """Wait until all of this is on the screen."""
        await self.wait_until(lambda: all(text in self.text for text in wanted), wanted)

    async def wait_until(self, holds: Callable[[], Any], what: object) -> None:
        """Wait for a state; if it never comes, fail and show the screen."""
        end = monotonic() + PATIENCE
        while not holds():
            assert monotonic() < end, f"never saw {what}\n{self.text}"
            await asyncio.sleep(0.05)

    async def picture(self, path: Path) -> None:
        """Take a screenshot of the browser."""
        taken = await self.ask("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(taken["data"]))


@asynccontextmanager
async def browsing(url: str, folder: Path) -> AsyncIterator[Page]:
    """Headless Chromium on a page."""
    assert CHROMIUM
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *_QUIET, f"--user-data-dir={folder}"),
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                target = next(t for t in await answer.json() if t["type"] == "page")
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                await page.ask("Network.enable")
                await page.ask("Page.navigate", url=url)
                yield page
    finally:
        process.terminate()
        await process.wait()


async def _port(file: Path) -> int:
    end = monotonic() + PATIENCE
    while not (file.exists() and file.read_text().count("\n")):
        assert monotonic() < end, "Chromium did not start"
        await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])

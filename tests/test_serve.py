"""The wizard in a browser: by a socket as the page opens it, and in headless Chromium."""

import json
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.browser import CHROMIUM, browsing
from tests.browser import served as served_page
from tests.terminal import ROOT
from tests.test_terminal import served
from wizard.commands.options import Common
from wizard.commands.serve import command
from wizard.sandbox import MemoryShelf

KEY = "a-key-that-no-page-may-show"


def command_lines() -> str:
    """The command lines of all that runs on this machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(lines)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
async def test_a_walk_from_start_to_created_in_a_browser(tmp_path: Path) -> None:
    shelf = MemoryShelf()
    home = tmp_path / "home"
    with served(shelf) as api:
        environment = {"QCALL_API_KEY": KEY, "QCALL_API_BASE_URL": api}
        async with (
            served_page(home, environment) as (url, _),
            browsing(url, tmp_path / "chromium") as page,
        ):
            await page.wait_for("Lead qualification")
            await page.click(600, 100)
            await page.type("lead qual")
            await page.press("enter")
            await page.wait_for("Company")
            await page.type("Asha")
            await page.press("enter")
            await page.type("Acme Dental")
            await page.wait_for("Acme Dental")
            await page.press("f2")
            await page.wait_for("Go to")
            await page.press("down", "down", "enter")
            await page.wait_for("voices · English")
            await page.press("down", "enter")
            await page.wait_for("Speed")
            await page.press("f9")
            await page.wait_for("Submit")
            await page.press("ctrl+s")
            await page.wait_for("Create this assistant?")
            assert KEY not in command_lines()
            await page.press("y")
            await page.wait_for("Created")
            await page.picture(tmp_path / "created.png")
            assert (tmp_path / "created.png").stat().st_size > 10_000
            document = await page.ask("Runtime.evaluate", expression="document.body.outerHTML")
            assert KEY not in json.dumps(document)
            assert KEY not in page.text
            # Nothing is fetched from anywhere else, not even a font.
            assert page.requests
            assert all(asked.startswith(url) for asked in page.requests)
    (body,) = shelf.bodies()
    assert json.loads(body)["name"] == "Asha"


async def test_only_the_page_itself_may_open_a_wizard(tmp_path: Path) -> None:
    async with served_page(tmp_path, {}) as (url, _), aiohttp.ClientSession() as session:
        for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            async with session.get(url, headers=headers) as answer:
                assert answer.status == 403
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}/ws", headers=headers)
            assert refused.value.status == 403
        shown = b""
        async with session.ws_connect(f"{url}/ws?width=80&height=24", origin=url) as socket:
            async for message in socket:
                shown += message.data if message.type is aiohttp.WSMsgType.BINARY else b""
                if b"Start from nothing" in shown:
                    break
        assert b"Start from nothing" in shown


def test_what_is_missing_is_told_in_a_sentence(tmp_path: Path) -> None:
    without = "import sys; sys.modules['textual_serve'] = None"
    program = f"{without}; from wizard.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--home", str(tmp_path), "serve"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'qcall-wizard[serve]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_of_a_wizard_quotes_what_it_was_given() -> None:
    told = Common(sandbox=True, home="/tmp/a b; rm x")
    assert command(told).endswith("-m wizard --sandbox --home '/tmp/a b; rm x'")

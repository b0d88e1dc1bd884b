"""The wizard in a browser: by a socket as the page opens it, and in headless Chromium."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from tests.browser import CHROMIUM, browsing
from tests.browser import served as served_page
from tests.commands.test_cli import run
from tests.screens.test_terminal import served
from tests.terminal import ROOT
from wizard.commands.options import CommonOptions
from wizard.commands.serve import wizard_command
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.storage.sqlite_file import FILE_NAME

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
    store = MemoryStore()
    home = tmp_path / "home"
    with served(store) as api:
        environment = {"QCALL_API_KEY": KEY, "QCALL_API_BASE_URL": api}
        async with (
            served_page(home, environment, "--live") as (url, _),
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
            await page.wait_for("Create this assistant")
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
            assert all(asked.startswith(url.partition("?")[0]) for asked in page.requests)
            location = await page.ask("Runtime.evaluate", expression="location.href")
            assert "token" not in location["result"]["value"]
    (body,) = store.bodies()
    assert json.loads(body)["name"] == "Asha"


def split(address: str) -> tuple[str, str]:
    """The origin and the token of the address that is printed."""
    url, _, token = address.partition("/?token=")
    return url, token


async def status(session: aiohttp.ClientSession, url: str, **headers: str) -> int:
    """The status of a page; every answer forbids frames and guesses about its type."""
    async with session.get(url, headers=headers) as answer:
        assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        return answer.status


async def socket_status(session: aiohttp.ClientSession, url: str, **headers: str) -> int:
    """The status of a websocket that must be refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(url, headers=headers)
    return refused.value.status


@asynccontextmanager
async def wizard(session: aiohttp.ClientSession, url: str) -> AsyncIterator[None]:
    """A wizard over its websocket, until it shows the first screen."""
    shown = b""
    async with session.ws_connect(f"{url}/ws?width=80&height=24", origin=url) as socket:
        async for message in socket:
            shown += message.data if message.type is aiohttp.WSMsgType.BINARY else b""
            if b"Start from scratch" in shown:
                break
        assert b"Start from scratch" in shown
        yield


async def test_only_a_browser_with_the_token_is_served(tmp_path: Path) -> None:
    async with served_page(tmp_path, {}) as (address, _), aiohttp.ClientSession() as stranger:
        url, token = split(address)
        assert len(token) >= 32
        for path in ("/", "/static/js/textual.js", "/static/", "/download/x", "/nothing"):
            assert await status(stranger, url + path) == 403, path
            for wrong in ("", token[:-1], "\u00e9"):
                assert await status(stranger, f"{url}{path}?token={wrong}") == 403, path
        assert await socket_status(stranger, f"{url}/ws", Origin=url) == 403
        assert await socket_status(stranger, f"{url}/ws?token=x", Origin=url) == 403
        forged = {f"qcall-wizard-{url.rpartition(':')[2]}": token}
        async with aiohttp.ClientSession(cookies=forged) as other:
            assert await status(other, url) == 403


async def test_a_request_that_is_not_in_order_is_answered_without_a_traceback(
    tmp_path: Path,
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        served_page(tmp_path, {}) as (address, _),
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        url, _ = split(address)
        host = url.removeprefix("http://")
        assert await status(session, address) == 200
        cookie = f"Cookie: qcall-wizard-{host.partition(':')[2]}=".encode()
        for line, header, code in (
            (b"/", cookie + b"\xff", b" 403 "),
            (b"/?token=\xff", b"", b" 400 "),
            (b"/", b"x: " + b"x" * 10_000, b" 400 "),
        ):
            reader, writer = await asyncio.open_connection(*host.split(":"))
            writer.write(b"GET %s HTTP/1.1\r\nHost: %s\r\n" % (line, host.encode()))
            writer.write(header + b"\r\n\r\n")
            assert code in await reader.readline(), line
            writer.close()
        async with session.ws_connect(f"{url}/ws", origin=url) as socket:
            await socket.send_str("no JSON")
            async for _ in socket:
                """Read until the server closes."""
        assert await status(session, url) == 200


async def test_other_origins_and_hosts_are_refused_on_every_route(tmp_path: Path) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        served_page(tmp_path, {}) as (address, _),
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        url, token = split(address)
        assert await status(session, address) == 200
        for path in ("/", "/static/js/textual.js", f"/?token={token}"):
            assert await status(session, url + path) == 200
            for value in ("http://evil.example", "null", url.replace("127.0.0.1", "localhost")):
                assert await status(session, url + path, Origin=value) == 403
            for value in ("evil.example", "localhost", "127.0.0.1", "127.0.0.1:1"):
                assert await status(session, url + path, Host=value) == 403
        for path in ("/", "/static/js/textual.js", "/download/x"):
            for site in ("cross-site", "same-site"):
                assert await status(session, url + path, **{"Sec-Fetch-Site": site}) == 403
        for path in ("/ws", f"/ws?token={token}"):
            assert await socket_status(session, url + path) == 403
            assert await socket_status(session, url + path, Origin="null") == 403
            assert await socket_status(session, url + path, Origin=url, Host="localhost") == 403


async def test_the_cookie_is_for_this_server_and_no_script(tmp_path: Path) -> None:
    async with (
        served_page(tmp_path, {}) as (address, _),
        aiohttp.ClientSession() as session,
        session.get(address) as answer,
    ):
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert f"-{answer.url.port}=" in cookie
        assert split(address)[1] not in cookie


def children(pid: int) -> dict[str, Path]:
    """The command lines of the processes below one, and their folders in /proc."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"\nPPid:\t{pid}\n" in (path / "status").read_text():
                command = (path / "cmdline").read_bytes().decode().replace("\0", " ").strip()
                found |= {command: path, **children(int(path.name))}
    return found


def homes(pid: int) -> set[Path]:
    """The homes of the wizards that a server runs."""
    lines = (re.search(r"--home (\S+)", line) for line in children(pid))
    return {Path(found[1]) for found in lines if found}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc")
async def test_each_browser_has_its_own_home_on_the_sandbox_which_is_removed(
    tmp_path: Path,
) -> None:
    def browser() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    environment = {"QCALL_API_KEY": KEY, "QCALL_API_BASE_URL": "http://127.0.0.1:1/api/v1"}
    async with (
        served_page(tmp_path / "owner", environment) as (address, pid),
        browser() as one,
        browser() as other,
    ):
        url, _ = split(address)
        for each in (one, other):
            assert await status(each, address) == 200
        async with wizard(one, url):
            (first,) = homes(pid)
        async with wizard(one, url):
            assert homes(pid) == {first}
            async with wizard(other, url):
                assert len(homes(pid)) == 2
                for home in homes(pid):
                    assert home.stat().st_mode & 0o777 == 0o700
                    assert (home / FILE_NAME).exists()
                for command, process in children(pid).items():
                    assert "--sandbox" in command
                    assert KEY.encode() not in (process / "environ").read_bytes()
                kept = homes(pid)
                os.kill(pid, signal.SIGHUP)
                while Path(f"/proc/{pid}").exists() and "Z" not in state(pid):
                    await asyncio.sleep(0.05)
        assert not [home for home in kept if home.exists() or home.parent.exists()]
    assert not (tmp_path / "owner").exists()


def state(pid: int) -> str:
    """The state of a process: Z when it has ended."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_live_sessions_use_the_real_target_and_are_kept(tmp_path: Path) -> None:
    environment = {"QCALL_API_KEY": KEY, "QCALL_API_BASE_URL": "http://127.0.0.1:1/api/v1"}
    async with served_page(tmp_path, environment, "--live") as (address, pid):
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            assert await status(session, address) == 200
            async with wizard(session, split(address)[0]):
                (home,) = homes(pid)
                assert home.parent == tmp_path / "served"
                assert "--sandbox" not in "".join(children(pid))
    assert (home / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--live", "--sandbox"], "Use --live or --sandbox, not both."),
        (["--base-url", "http://127.0.0.1:1"], "--base-url needs --live"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: list[str], expected: str) -> None:
    done = run("serve", *options)
    assert done.code == 2
    assert expected in done.err


def test_a_missing_package_is_reported(tmp_path: Path) -> None:
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


def test_the_command_of_a_wizard_quotes_its_arguments() -> None:
    options = CommonOptions()
    options.sandbox = True
    assert wizard_command(options, Path("/tmp/a b; rm x")).endswith(
        "-m wizard --home '/tmp/a b; rm x' --sandbox"
    )

"""The program is killed at any moment: saved words stay, and receipts match the server."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import stat
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from screens.terminal.shutdown import write_report
from tests.serving import serving
from tests.terminal import Terminal
from wizard.contract import validation
from wizard.formats.payload_identity import payload_hash
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.storage.sqlite_file import FILE_NAME

# The long form kills the program two hundred times: CRASHES=200.
CRASHES = int(os.environ.get("CRASHES", "8"))
# What is older than this, in seconds, must be on the disk.
BEHIND = 0.5
KEY = {"QCALL_API_KEY": "a-key-of-some-length"}
PAYLOAD = str(Path(__file__).parents[1] / "payloads" / "outbound.json")


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from the file, which must be sound."""
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return file.execute(sql).fetchall()


def answers(home: Path) -> dict[str, object]:
    """The answers of the only draft."""
    ((text,),) = rows(home, "SELECT answers FROM drafts")
    found: dict[str, object] = json.loads(text)
    return found


class Seen:
    """A server that notes the body of each create request it has got whole, and takes its time."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.bodies: list[bytes] = []
        self._inner = sandbox_app.build(validation.find_errors, store=self.store)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        creates, body = scope.get("method") == "POST", bytearray()

        async def hear() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            if creates and message["type"] == "http.request" and not message.get("more_body"):
                self.bodies.append(bytes(body))
            return message

        async def say(message: Any) -> None:
            if creates and message["type"] == "http.response.start":
                await asyncio.sleep(random.choice([0.0, 0.05, 0.2, 0.5]))
            await send(message)

        await self._inner(scope, hear, say)

    def hashes(self) -> Counter[str]:
        """How often each body came."""
        return Counter(payload_hash(json.loads(body)) for body in self.bodies)

    def ids(self) -> dict[str, str]:
        """The ids of created assistants, by the hash of their bodies."""
        bodies = [payload_hash(json.loads(body)) for body in self.store.bodies()]
        made = [str(assistant["id"]) for assistant in self.store.all()]
        return dict(zip(bodies, made, strict=True))


def assert_receipts_match(home: Path, server: Seen) -> None:
    """Compare every receipt with the requests that the server received."""
    seen, made = server.hashes(), server.ids()
    receipts = rows(home, "SELECT hash, kind, assistant, title FROM receipts")
    assert set(seen) <= {row[0] for row in receipts}, "something was sent without a receipt"
    assert set(seen.values()) <= {1}, "something was sent twice"
    for body, kind, assistant, title in receipts:
        match kind:
            case "created":
                assert assistant == made[body], title
            case "not_sent" | "refused":
                assert body not in seen, title
            case "unknown":
                assert body not in seen, f"{title}: it was created, and could have been found"
            case _:
                assert kind is None


def test_the_plug_is_pulled_at_random_moments(tmp_path: Path) -> None:
    """One draft lives through all kills: at the start, while it is typed, while it is sent."""
    random.seed(7)
    server = Seen()
    moments: Counter[str] = Counter()
    with serving(server) as url:
        arguments = ("--base-url", url)
        with Terminal(*arguments, "--from", PAYLOAD, home=tmp_path, environment=KEY) as terminal:
            terminal.wait_for("Company").press("tab", "end").type(" 00 ").wait_for(" 00")
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
        typed = str(answers(tmp_path)["name"])
        arguments += ("--draft", rows(tmp_path, "SELECT id FROM drafts")[0][0])
        unanswered = 0
        for _ in range(CRASHES):
            moment = random.choice(["start", "typing", "typing", "sending", "sending"])
            moments[moment] += 1
            with Terminal(*arguments, home=tmp_path, environment=KEY) as terminal:
                if moment == "start":
                    terminal.look(random.uniform(0.0, 1.0))
                    wait = 0.0
                else:
                    typed, wait = type_and_wait(terminal, typed, sending=moment == "sending")
                terminal.kill(signal.SIGKILL)
                terminal.wait_exit()
            saved = str(answers(tmp_path)["name"])
            assert typed.startswith(saved)
            if wait > BEHIND:
                assert saved == typed
            typed = saved
            assert_receipts_match(tmp_path, server)
            moments["before the answer"] += len(open_receipts(tmp_path)) > unanswered
            unanswered = len(open_receipts(tmp_path))
        with Terminal(*arguments, home=tmp_path, environment=KEY) as terminal:
            terminal.wait_for("Company")
            terminal.wait_until(lambda: not open_receipts(tmp_path), "an end of all questions")
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
    assert_receipts_match(tmp_path, server)
    kinds = Counter(kind for (kind,) in rows(tmp_path, "SELECT kind FROM receipts"))
    print(
        f"{CRASHES} kills: {dict(moments)}; {len(server.bodies)} requests; receipts {dict(kinds)}"
    )
    assert kinds["created"] == len(server.bodies)


def type_and_wait(terminal: Terminal, typed: str, *, sending: bool) -> tuple[str, float]:
    """Type words and perhaps submit; return the text and for how long it was shown."""
    terminal.wait_for("Company").press("end")
    words = [f"{random.randint(10, 99)} " for _ in range(random.randint(1, 6))]
    for word in words:
        terminal.type(word).look(random.choice([0.0, 0.05, 0.3]))
    typed += "".join(words)
    # The words have arrived when they are seen; only then does the half second begin.
    terminal.wait_for(typed.strip()[-12:])
    begun = time.monotonic()
    if sending:
        terminal.press("f9").wait_for("Ready for").press("ctrl+s")
        terminal.wait_for("Create this assistant").press("y")
    terminal.look(random.choice([0.0, 0.05, 0.1, 0.3, 1.0]))
    return typed, time.monotonic() - begun


def open_receipts(home: Path) -> list[tuple[Any, ...]]:
    return rows(home, "SELECT id FROM receipts WHERE kind IS NULL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_saves_the_last_key(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.begin().press("tab").type("Asha").wait_for("Asha")
        terminal.kill(number)
        assert terminal.wait_exit() == 128 + number
    assert answers(tmp_path)["name"] == "Asha"
    assert "Traceback" not in terminal.raw.decode("utf-8", "replace")


def test_a_closed_window_saves_the_last_key(tmp_path: Path) -> None:
    terminal = Terminal("--sandbox", home=tmp_path)
    terminal.begin().press("tab").type("Asha").wait_for("Asha")
    assert terminal.close_window() in (0, 128 + signal.SIGHUP)
    assert answers(tmp_path)["name"] == "Asha"


def test_a_kill_while_sending_leaves_a_receipt_that_the_next_start_looks_into(
    tmp_path: Path,
) -> None:
    """The server creates the assistant, and never answers; the program is killed meanwhile."""
    store = MemoryStore()
    app = sandbox_app.build(validation.find_errors, store=store, fault=Fault.SLOW, slow_seconds=60)
    with serving(app) as url:
        arguments = ("--base-url", url)
        with Terminal(*arguments, "--from", PAYLOAD, home=tmp_path, environment=KEY) as terminal:
            terminal.wait_for("Company").press("f9").wait_for("Ready for")
            terminal.press("ctrl+s").wait_for("Create this assistant").press("y")
            terminal.wait_until(lambda: bool(store.all()), "the assistant at the server")
            terminal.kill(signal.SIGKILL)
            terminal.wait_exit()
        with Terminal(*arguments, home=tmp_path, environment=KEY) as terminal:
            terminal.wait_for("found in")
            terminal.wait_for(str(store.all()[0]["id"]))
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
    assert len(store.bodies()) == 1
    receipts = rows(tmp_path, "SELECT kind, assistant FROM receipts")
    assert receipts == [("created", store.all()[0]["id"])]


def test_quitting_while_sending_says_that_it_may_have_been_created(tmp_path: Path) -> None:
    store = MemoryStore()
    app = sandbox_app.build(validation.find_errors, store=store, fault=Fault.SLOW, slow_seconds=60)
    with (
        serving(app) as url,
        Terminal("--base-url", url, "--from", PAYLOAD, home=tmp_path, environment=KEY) as terminal,
    ):
        terminal.wait_for("Company").press("f9").wait_for("Ready for")
        terminal.press("ctrl+s").wait_for("Create this assistant").press("y")
        terminal.wait_until(lambda: bool(store.all()), "the assistant at the server")
        terminal.press("ctrl+q").wait_for("may have taken effect")
        assert terminal.wait_exit() == 4


def test_a_report_of_a_crash_is_private_and_has_no_values(tmp_path: Path) -> None:
    value = "-".join(("a", "secret"))
    with pytest.raises(ValueError, match=value) as raised:
        int(value)
    report = write_report(tmp_path, raised.value)
    assert report is not None
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text("utf-8")
    assert text.startswith("builtins.ValueError\n")
    assert value not in text

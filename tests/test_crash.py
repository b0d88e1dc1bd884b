"""The plug is pulled at any moment: every word that was saved is there, and so is the truth."""

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.terminal import Terminal
from wizard import judge, sandbox
from wizard.database import FILE_NAME
from wizard.sandbox import Fault, MemoryShelf

# The long form kills the program two hundred times: CRASHES=200.
CRASHES = int(os.environ.get("CRASHES", "20"))
# What is older than this, in seconds, must be on the disk.
BEHIND = 0.5


def answers(home: Path) -> dict[str, object]:
    """The answers of the only draft, read from the file; the file must be sound."""
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = file.execute("SELECT answers FROM drafts").fetchall()
    assert len(rows) == 1
    found: dict[str, object] = json.loads(rows[0][0])
    return found


@contextmanager
def served(shelf: MemoryShelf, fault: Fault | None = None) -> Iterator[str]:
    """A real server on this machine; the base URL."""
    app = sandbox.build(judge.find_errors, shelf=shelf, fault=fault, slow_seconds=60)
    server, listening = sandbox.listen(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)
        listening.close()


def test_every_word_older_than_half_a_second_survives_a_kill(tmp_path: Path) -> None:
    """One draft lives through all kills; each time it is opened where it was left."""
    random.seed(7)
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Company").press("tab").type("00 ").wait_for("00").press("ctrl+q")
        assert terminal.wait_exit() == 0
    typed = "00 "
    for _ in range(CRASHES):
        with Terminal("--sandbox", home=tmp_path) as terminal:
            terminal.wait_for("Go on with").press("enter").wait_for("Company").press("end")
            words = [f"{random.randint(10, 99)} " for _ in range(random.randint(1, 6))]
            for word in words:
                terminal.type(word).look(random.choice([0.0, 0.05, 0.3]))
            typed += "".join(words)
            # The words have arrived when they are seen; only then does the half second begin.
            terminal.wait_for(typed.strip()[-50:])
            wait = random.choice([0.0, 0.1, 0.3, 1.0])
            terminal.look(wait)
            terminal.kill(signal.SIGKILL)
            terminal.wait_exit()
        saved = str(answers(tmp_path)["name"])
        assert typed.startswith(saved)
        if wait > BEHIND:
            assert saved == typed
        typed = saved


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_saves_the_last_key(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal("--sandbox", home=tmp_path) as terminal:
        terminal.wait_for("Company").press("tab").type("Asha").wait_for("Asha")
        terminal.kill(number)
        assert terminal.wait_exit() == 128 + number
    assert answers(tmp_path)["name"] == "Asha"
    assert "Traceback" not in terminal.raw.decode("utf-8", "replace")


def test_a_closed_window_saves_the_last_key(tmp_path: Path) -> None:
    terminal = Terminal("--sandbox", home=tmp_path)
    terminal.wait_for("Company").press("tab").type("Asha").wait_for("Asha")
    # The terminal's end of the line goes away, as when its window is closed.
    os.close(terminal.process.child_fd)
    terminal.process.closed = True
    wait_until_saved(tmp_path, "Asha")


def wait_until_saved(home: Path, name: str) -> None:
    end = time.monotonic() + 30
    while name not in names(home):
        assert time.monotonic() < end
        time.sleep(0.05)


def names(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / FILE_NAME)) as file:
        return [row[0] for row in file.execute("SELECT name FROM drafts")]


def test_a_kill_while_sending_leaves_a_receipt_that_the_next_start_looks_into(
    tmp_path: Path,
) -> None:
    """The server creates the assistant, and never answers; the program is killed meanwhile."""
    shelf = MemoryShelf()
    key = {"QCALL_API_KEY": "a-key-of-some-length"}
    payload = str(Path(__file__).parent / "payloads" / "outbound.json")
    with served(shelf, Fault.SLOW) as url:
        arguments = ("--base-url", url)
        with Terminal(*arguments, "--from", payload, home=tmp_path, environment=key) as terminal:
            terminal.wait_for("Company").press("f9").wait_for("Ready for")
            terminal.press("ctrl+s").wait_for("Create this assistant?").press("y")
            terminal.wait_until(lambda: bool(shelf.all()), "the assistant at the server")
            terminal.kill(signal.SIGKILL)
            terminal.wait_exit()
        with Terminal(*arguments, home=tmp_path, environment=key) as terminal:
            terminal.wait_for("it is in the list")
            terminal.wait_for(str(shelf.all()[0]["id"]))
            terminal.press("ctrl+q")
            assert terminal.wait_exit() == 0
    assert len(shelf.bodies()) == 1
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        rows = file.execute("SELECT kind, assistant FROM receipts").fetchall()
    assert rows == [("created", shelf.all()[0]["id"])]

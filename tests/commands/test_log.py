"""The debug log, and that no key leaks into other places, through real processes."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import examples, fork_server
from tests.commands.test_cli import ROOT, SECONDS, Ran, address, environment, run
from tests.commands.test_drafts_and_receipts import (
    WIDGET_KEY,
    complete,
    save,
    sent,
    store_of,
    with_widget,
)
from tests.commands.test_help import every_command
from tests.terminal import MODULE, Terminal
from wizard.api.client import Client
from wizard.api.connection import connect
from wizard.api.http_client import Exchange
from wizard.api.outcomes import Created
from wizard.commands.debug_log import DebugLog, LogTrouble, open_log
from wizard.keyring_store import SETTING
from wizard.settings import read
from wizard.storage.database import COPY_NAME
from wizard.storage.sqlite_file import FILE_NAME

KEY = "qk_live_CANARY_7f3a9c"
MODEL = {"QCALL_REHEARSAL_URL": "http://127.0.0.1:1/v1", "QCALL_REHEARSAL_KEY": "mk_CANARY_2be95"}
UNREACHABLE = "https://127.0.0.1:1/api/v1"

# A time, then an event.
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 (.+)")


def events(file: Path) -> list[str]:
    found = [LINE.fullmatch(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert all(found)
    return [line[1] for line in found if line]


# The log


def test_a_command_is_logged_from_start_to_stop(tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    for arguments in (("--log", str(log), "drafts"), ("drafts", "--log", str(log))):
        assert run(*arguments, "--home", str(tmp_path / "home")).code == 0

    logged = events(log)
    assert [re.sub(r"\d+$", "N", line) for line in logged[::2]] == [
        "start: qcall-wizard drafts 0.1.0, process N"
    ] * 2
    assert logged[1::2] == ["stop", "stop"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_error_that_stopped_a_command_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    run("--log", str(log), "drafts", "show", "x", "--home", str(tmp_path))
    run("--log", str(log))

    assert events(log)[1::2] == ["stop by NoSuch", "stop by NoTerminal"]


@pytest.mark.parametrize("arguments", [(), ("drafts",), ("sandbox",)], ids=" ".join)
def test_a_log_that_cannot_be_written_is_an_error(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    for name in ("none/debug.log", "file/debug.log", "pipe", "x" * 300):
        ran = run(*arguments, "--log", str(tmp_path / name))
        assert (ran.code, ran.out, len(ran.err_lines)) == (2, "", 1)
        assert "cannot be written" in ran.err
        assert "--log" in ran.err
    folder = run(*arguments, "--log", str(tmp_path))
    assert (folder.code, folder.out) == (2, "")


def test_help_and_version_write_no_log(tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    for option in ("--help", "--version"):
        assert run("--log", str(log), option).code == 0
        assert run("drafts", option, "--log", str(log)).code == 0

    assert not log.exists()


def test_a_request_is_a_line_without_anything_secret(tmp_path: Path) -> None:
    file = tmp_path / "debug.log"
    with open_log(str(file), "test\x1b[2J\n") as log:
        log.exchange(Exchange("POST", "/api/v1/user/createAssistant", 200, 0.4121))
        log.exchange(Exchange("GET", "/a\nb", None, 61))

    assert events(file)[1:] == [
        "POST /api/v1/user/createAssistant 200 0.412 s",
        "GET /a\\x0ab no answer 61.000 s",
        "stop",
    ]
    assert "\x1b" not in file.read_text()


def test_a_full_disk_stops_nothing() -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        DebugLog(full.fileno()).event("noted")


def test_a_file_that_was_there_is_continued(tmp_path: Path) -> None:
    file = tmp_path / "debug.log"
    file.write_text("before\n")
    with open_log(str(file), "test"):
        pass
    with pytest.raises(LogTrouble), open_log(f"{file}\0", "test"):
        pass

    assert file.read_text().startswith("before\n2")


async def test_every_request_to_the_target_is_logged() -> None:
    exchanges: list[Exchange] = []
    client: Client = connect(read(sandbox=True, home="/nowhere"), on_exchange=exchanges.append)
    await client.voices()
    await client.create(json.dumps(with_widget(examples.minimal())).encode())
    await client.aclose()

    assert [(one.method, one.path, one.status) for one in exchanges] == [
        ("GET", "/api/v1/getOwnVoices", 200),
        ("POST", "/api/v1/user/createAssistant", 200),
    ]


# The canaries: two keys in the environment, and one in the payload's widget


def assert_silent(text: str) -> None:
    """Neither key is in a text, in parts or in other writings of it."""
    assert "CANARY" not in text
    assert "7f3a9c" not in text


def assert_nowhere(folder: Path, *but: str) -> None:
    """Neither key is in a file below a folder; the widget's may be in some."""
    for file in folder.rglob("*"):
        if file.is_file() and file.parent.name != "payloads":
            data = file.read_bytes()
            assert KEY.encode() not in data, file
            assert file.name.startswith(but) or b"CANARY" not in data, file


class Place:
    """A folder with a home, a log and payloads that hold the widget's key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.log = folder, folder / "home", folder / "debug.log"
        (folder / "payloads").mkdir()
        widget = with_widget(examples.full())
        self.good = self._write("good.json", json.dumps(widget))
        odd = {"enabled": "yes", "api_key": [WIDGET_KEY]}
        self.wrong = self._write("wrong.json", json.dumps(widget | {"widget_config": odd}))
        self.cut = self._write("cut.json", json.dumps(widget)[: json.dumps(widget).find("51c0")])
        self.twice = self._write("twice.json", f'{{"api_key": "{WIDGET_KEY}", "api_key": 1}}')
        self.broken = self._write("broken.yaml", f"widget_config: {{api_key: {WIDGET_KEY}\nx")
        save(self.home, "aa11aa11", widget)
        save(self.home, "bb22bb22", widget | {"widget_config": odd})
        receipt = sent(self.home, widget, key_end=KEY[-4:])
        # An attempt without an answer would be the first thing that the wizard shows.
        complete(self.home, receipt, Created("as-1", {"key": WIDGET_KEY}), 0.1)
        self.receipt = receipt.id

    def _write(self, name: str, text: str) -> str:
        file = self.folder / "payloads" / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    def run(self, *arguments: str, **extra: str) -> Ran:
        options = ("--log", str(self.log), "--home", str(self.home))
        return run(*arguments, *options, **{"QCALL_API_KEY": KEY, **MODEL, **extra})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


FORMS = ("json", "yaml", "curl", "python")
EVERY_COMMAND = [" ".join(names) for names in every_command()]
COMMANDS: list[tuple[Callable[[Place], tuple[str, ...]], int]] = [
    (lambda _: ("--help",), 0),
    (lambda _: ("drafts", "--help"), 0),
    (lambda _: ("--version",), 0),
    (lambda _: (), 2),
    (lambda p: ("--from", p.good), 2),
    (lambda p: ("--from", p.cut), 1),
    (lambda _: ("--base-url", "nonsense"), 2),
    (lambda _: ("--base-url", "http://api.qcall.ai/api/v1"), 2),
    (lambda _: ("--base-url", UNREACHABLE), 2),
    (lambda _: ("--base-url", f"https://me:{KEY}@x.example?{KEY}"), 2),
    (lambda p: ("validate", p.good), 0),
    (lambda p: ("validate", p.good, p.wrong, p.cut, p.twice, p.broken), 1),
    (lambda p: ("validate", "--json", p.good, p.wrong, p.cut, p.twice, p.broken), 1),
    (lambda _: ("schema",), 0),
    (lambda _: ("fields",), 0),
    (lambda _: ("drafts",), 0),
    (lambda _: ("drafts", "--json"), 0),
    (lambda _: ("drafts", "show", "aa"), 0),
    (lambda _: ("drafts", "show", "bb"), 0),
    (lambda _: ("drafts", "show", "cc"), 1),
    (lambda _: ("drafts", "delete", "aa"), 0),
    (lambda _: ("receipts",), 0),
    (lambda _: ("receipts", "--json"), 0),
    (lambda p: ("receipts", "show", p.receipt, "--json"), 0),
    (lambda p: ("receipts", "show", p.receipt, "--body"), 0),
    (lambda _: ("--draft", "aa"), 2),
    *((lambda _, name=name: (*name.split(), "--help"), 0) for name in EVERY_COMMAND),
    (lambda _: ("new", "--set", "widget_config.api_key"), 2),
    (lambda p: ("submit", "--dry-run", p.good), 0),
    (lambda p: ("submit", "--dry-run", "--json", p.good), 0),
    (lambda p: ("submit", "--yes", "--base-url", UNREACHABLE, p.good), 5),
    (lambda p: ("submit", "--yes", "--json", p.wrong, p.cut), 1),
    *((lambda p, form=form: ("export", p.good, "--as", form), 0) for form in FORMS),
    (lambda p: ("export", p.wrong, "--as", "curl"), 1),
    (lambda p: ("diff", p.good, p.wrong), 0),
    (lambda p: ("rehearse", p.good), 5),
    (lambda p: ("rehearse", p.good, "--read-through"), 0),
    (lambda p: ("rehearse", p.good, "--scenario", "order-delivery", "--json"), 5),
    (lambda _: ("rehearse", "aa", "--scenario", "order-delivery"), 5),
    (lambda _: ("doctor", "--sandbox", "--no-keys"), 0),
    (lambda _: ("voices", "--sandbox"), 0),
    (lambda _: ("sandbox", "--port", "99999"), 2),
]


def test_no_command_prints_a_key(place: Place) -> None:
    for arguments, code in COMMANDS:
        ran = place.run(*arguments(place))
        assert ran.code == code, ran.err
        assert_silent(ran.out + ran.err)
    assert events(place.log)
    assert_nowhere(place.folder, FILE_NAME, COPY_NAME)


def test_a_receipt_shows_only_a_hash_of_the_key(place: Place) -> None:
    ran = place.run("receipts", "show", place.receipt)

    assert "key: salted hash 3a9c" in ran.lines
    assert_silent(ran.out)


def test_a_crash_prints_no_key(place: Place) -> None:
    crash = """
import sys
from wizard.storage import store
from wizard.__main__ import main
def fail(self, *_, **__):
    key, widget = sys.modules["os"].environ["QCALL_API_KEY"], self.load("aa11aa11")
    raise ValueError(key, widget)
store.Store.drafts = fail
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", crash, "drafts", "--home", str(place.home), "--log", str(place.log)],
        cwd=ROOT,
        env=environment(QCALL_API_KEY=KEY),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (70, "", 1)
    assert "an internal error (ValueError" in done.stderr
    assert_silent(done.stderr)
    assert events(place.log)[-1] == "stop by ValueError"
    assert_nowhere(place.folder, FILE_NAME, COPY_NAME)


def command_lines(pid: int) -> str:
    """The command lines of a process and of those that it started, as everybody can read them."""
    found = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += command_lines(int(child))
    return found


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="there is no /proc here")
def test_a_server_does_not_show_the_key_in_its_command_line(place: Place) -> None:
    arguments = ("sandbox", "--log", str(place.log))
    environ = environment(QCALL_API_KEY=KEY, PYTHONUNBUFFERED="1")
    # A fork has the command line of its server.
    with fork_server.piped(arguments, environ, in_fork=False) as process:
        assert_silent(address(process))
        shown = command_lines(process.pid)

    assert "sandbox" in shown
    assert_silent(shown)


class Heard(BaseHTTPRequestHandler):
    """A server that answers every read with an empty list, and keeps the requests."""

    def do_GET(self) -> None:
        self.server.received.append((self.path, self.headers.items()))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def server() -> Iterator[tuple[str, list[tuple[str, list[tuple[str, str]]]]]]:
    """A server's base URL, and the path and the headers of each request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Heard) as serving:
        serving.received = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}/api/v1", serving.received  # type: ignore[attr-defined]
        finally:
            serving.shutdown()
            thread.join()


def visit_voices(terminal: Terminal) -> int:
    """Go to the step of the voices, which asks the server for them, and leave; the exit code."""
    terminal.wait_for("Acme Dental").press("ctrl+n").wait_for("What it speaks")
    terminal.press("ctrl+n").wait_for("change")
    terminal.press("enter").wait_for("The catalogue has no voices")
    assert_silent(command_lines(terminal.process.pid))
    return terminal.press("ctrl+q").wait_exit()


def assert_only_in_the_header(received: list[tuple[str, list[tuple[str, str]]]]) -> None:
    assert received
    for path, headers in received:
        assert KEY not in path
        assert [name.lower() for name, value in headers if KEY in value] == ["x-api-key"]


def test_the_key_of_the_environment_is_in_one_header_and_nowhere_else(place: Place) -> None:
    arguments = ("--from", place.good, "--log", str(place.log))
    with server() as (url, received):
        environment = {"QCALL_API_KEY": KEY, "QCALL_API_BASE_URL": url}
        with Terminal(
            *arguments, home=place.home, environment=environment, program=MODULE
        ) as terminal:
            assert visit_voices(terminal) == 0

    assert_only_in_the_header(received)
    assert_silent(terminal.raw.decode())
    requests = [line for line in events(place.log) if line.startswith("GET ")]
    assert re.fullmatch(r"GET /api/v1/getOwnVoices 200 \d+\.\d{3} s", requests[0])
    assert events(place.log)[-2:] == ["screens end, exit code 0", "stop"]
    assert_nowhere(place.folder, FILE_NAME, COPY_NAME)


BACKEND = f"""
from pathlib import Path
from keyring.backend import KeyringBackend
class Kept(KeyringBackend):
    priority = 5
    def get_password(self, service, username):
        Path(__file__).with_name("asked").write_text(username)
        return "{KEY}"
    set_password = delete_password = None
"""


@pytest.mark.parametrize("also_in_environment", [False, True])
def test_the_key_of_the_keyring_is_in_one_header_and_nowhere_else(
    place: Place, tmp_path_factory: pytest.TempPathFactory, also_in_environment: bool
) -> None:
    backend = tmp_path_factory.mktemp("backend")
    (backend / "canary_keyring.py").write_text(BACKEND)
    environment = {"PYTHON_KEYRING_BACKEND": "canary_keyring.Kept", "PYTHONPATH": str(backend)}
    if also_in_environment:
        environment["QCALL_API_KEY"] = KEY
    with server() as (url, received):
        with store_of(place.home) as store:
            store.remember(SETTING, url)
        arguments = ("--from", place.good, "--base-url", url)
        with Terminal(
            *arguments, home=place.home, environment=environment, program=MODULE
        ) as terminal:
            assert visit_voices(terminal) == 0

    assert_only_in_the_header(received)
    assert (backend / "asked").exists() is not also_in_environment
    assert_silent(terminal.raw.decode())
    assert_nowhere(place.folder, FILE_NAME, COPY_NAME)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_a_log_that_is_incomplete_is_reported_once() -> None:
    ran = run("templates", "--log", "/dev/full")
    assert (ran.code, ran.err) == (0, "The log /dev/full is incomplete: No space left on device.\n")
    assert ran.out

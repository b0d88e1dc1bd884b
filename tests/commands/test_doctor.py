"""`doctor`: its findings on a healthy machine and on broken ones."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import keyring
import pytest

from tests.commands.test_cli import run
from tests.disks import is_root, quick_folder
from tests.keyrings import CANARY, MemoryKeyring, PlainFile
from tests.listener import KEY, listening
from tests.terminal import ROOT, Terminal
from wizard import health_checks
from wizard.api.http_client import Limits
from wizard.health_checks import Finding, Grade
from wizard.secret import SecretStr
from wizard.settings import SANDBOX, Settings, Target, proxies
from wizard.storage.database import Database
from wizard.storage.sqlite_file import FILE_NAME


def settings_for(url: str, home: Path, key: str = KEY) -> Settings:
    return Settings(Target(url), SecretStr(key) if key else None, home)


@contextmanager
def answering(status: int, body: bytes = b"", **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """A server that gives one answer to everything, with the requests that came."""
    came: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append((self.path, self.headers["x-api-key"]))
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked may not read it all
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v1", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def grades(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.grade.value) for finding in findings]


# The command


def test_without_a_terminal_every_line_has_its_grade(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = run("doctor", "--sandbox", "--home", str(home))
    heads = [line for line in ran.lines if not line.startswith(" ")]
    checks = [line.split()[1].rstrip(":") for line in heads]

    assert ran.code == 0
    assert checks == [
        "program",
        "terminal",
        "colours",
        "characters",
        "folder",
        "space",
        "database",
        "keyring",
        "key",
        "model",
        "proxy",
        "target",
        "clock",
    ]
    assert all(line.split()[0] in list(Grade) for line in heads)
    # A finding that is not good is followed by advice.
    for line, after in zip(ran.lines, [*ran.lines[1:], ""], strict=True):
        assert line.startswith(("good", " ")) or after.startswith("          ")
    assert ran.err.endswith(" 0 bad\n")
    assert not home.exists()


def test_as_json_and_with_something_bad(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 300)
    ran = run("doctor", "--json", "--sandbox", "--home", str(tmp_path))
    checks = {line["check"]: line for line in ran.objects}

    assert ran.code == 1
    assert (checks["database"]["grade"], checks["key"]["grade"]) == ("bad", "good")
    assert "latest copy" in checks["database"]["todo"]
    assert "todo" not in checks["target"]


def test_the_key_is_sent_to_the_target_and_shown_nowhere(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with answering(200) as (url, came), answering(200) as (proxy, passed_by):
        ran = run(
            *("doctor", "--home", str(tmp_path), "--base-url", url, "--log", str(log)),
            QCALL_API_KEY=CANARY,
            HTTP_PROXY=proxy.removesuffix("/api/v1").replace("http://", "http://me:secret@"),
        )

    assert ran.code == 0
    assert came == [("/api/v1/user/listAssistant", CANARY)]
    assert passed_by == []
    assert "key: it comes from QCALL_API_KEY" in ran.out
    assert "proxy: HTTP_PROXY is http://127.0.0.1:" in ran.out
    assert CANARY not in ran.out + ran.err + log.read_text("utf-8")
    assert "secret" not in ran.out + ran.err
    assert "GET /api/v1/user/listAssistant 200" in log.read_text("utf-8")


def test_the_model_of_rehearsals_is_named_without_its_key(tmp_path: Path) -> None:
    command = ("doctor", "--sandbox", "--home", str(tmp_path))
    ran = run(
        *command, QCALL_REHEARSAL_URL="http://127.0.0.1:9/v1", QCALL_REHEARSAL_KEY="mk_CANARY"
    )

    assert "model: rehearsals use the first model that it lists at 127.0.0.1:9, with a key" in (
        ran.out.replace("\n          ", " ")
    )
    assert "CANARY" not in ran.out + ran.err
    assert "model: none is set; F7 in the wizard, or QCALL_REHEARSAL_URL" in run(*command).out
    wrong = run(*command, QCALL_REHEARSAL_URL="http://me:CANARY@models.example")
    assert (wrong.code, "doubtful  model: QCALL_REHEARSAL_URL: " in wrong.out) == (0, True)
    assert "CANARY" not in wrong.out


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    ran = run("doctor", "--home", str(tmp_path), "--base-url", "http://127.0.0.1:9")

    assert ran.code == 1
    assert (
        "bad       target: http://127.0.0.1:9 (local) cannot be reached: connection refused"
        in ran.out
    )
    assert "whether the server runs" in ran.out


def test_asking_the_terminal(tmp_path: Path) -> None:
    # An empty NO_COLOR does not count.
    environment = {"NO_COLOR": ""}
    size = (100, 40)
    with Terminal(
        "doctor", "--sandbox", home=tmp_path, size=size, environment=environment
    ) as person:
        # As a terminal does: it reports its cursor on request.
        person.screen.write_process_input = person.send  # type: ignore[method-assign]
        person.wait_for("F1").send("\x1bOP")
        person.wait_for("F2").send("\x1b[12~")
        person.wait_for("F8").send("x")
        person.wait_for("Ctrl+N").send("\x0e")
        person.wait_for("Ctrl+P").send("\r")
        assert person.wait_exit() == 0
        for expected in (
            "good      terminal: 100 columns, 40 rows",
            "good      colours: 256; TERM is xterm-256color",
            "width: a letter with a combining accent takes 1 cell",
            "width: two Chinese characters takes 4 cells",
            "width: a word in Devanagari takes",
            "doubtful  keys: F8 arrives as b'x'",
            "good      keys: F1, F2, Ctrl+N arrive",
        ):
            assert expected in person.text, person.text


def test_a_silent_terminal_is_restored(tmp_path: Path) -> None:
    with Terminal("doctor", "--sandbox", home=tmp_path, size=(60, 40)) as person:
        person.wait_for("Press each key").press("ctrl+c")
        assert person.wait_exit() == 130

    with Terminal("doctor", "--sandbox", home=tmp_path, size=(38, 60)) as person:
        person.wait_for("Press each key").press("enter")
        assert person.wait_exit() == 1
        assert person.process.getecho()
        assert "does not report its cursor" in person.text.replace("\n", "")
        assert "bad       terminal: 38 columns" in person.text


# Folders, space, database


def test_folders(tmp_path: Path) -> None:
    home = tmp_path / "home"
    found, space = health_checks.check_folders(home / "deep")
    assert (found.grade, space.check) == (Grade.GOOD, "space")
    assert "will be created" in found.found

    home.mkdir(mode=0o700)
    assert grades(health_checks.check_folders(home))[0] == ("folder", "good")
    home.chmod(0o777)
    assert grades(health_checks.check_folders(home))[0] == ("folder", "doubtful")

    file = tmp_path / "file"
    file.write_text("")
    assert grades(health_checks.check_folders(file / "home")) == [("folder", "bad")]
    assert grades(health_checks.check_folders(file)) == [("folder", "bad")]


@pytest.mark.skipif(os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert grades(health_checks.check_folders(tmp_path / "home")) == [("folder", "bad")]


def test_an_unusable_folder_is_bad(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("no folder")
    assert grades(health_checks.check_folders(tmp_path))[0] == ("folder", "bad")
    (tmp_path / "locks").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert grades(health_checks.check_folders(tmp_path / "link")) == [("folder", "bad")]


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EIO])
def test_locks_that_fail_are_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("fcntl.flock", fail)
    found = next(health_checks.check_folders(tmp_path))
    assert (found.grade, os.strerror(error) in found.found) == (Grade.BAD, True)
    assert list(tmp_path.iterdir()) == []


def test_a_program_in_place_of_the_locks_is_bad_and_an_empty_database_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "locks").touch(mode=0o755)
    (tmp_path / FILE_NAME).touch(mode=0o600)
    assert next(health_checks.check_folders(tmp_path)).grade is Grade.BAD
    assert {each.grade for each in health_checks.check_database(tmp_path)} == {Grade.GOOD}


@pytest.mark.skipif(not (is_root() and shutil.which("setpriv")), reason="acts as another user")
def test_a_file_of_another_user_is_bad() -> None:
    script = (
        "import sys; from pathlib import Path; from wizard import health_checks\n"
        "home = Path(sys.argv[1])\n"
        "for check in (health_checks.check_folders, health_checks.check_database):\n"
        "    print(*(f'{each.check} {each.grade}' for each in check(home)))"
    )
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c"]
    with quick_folder() as folder:
        home = folder / "home"
        Database.open(home).close()
        for mode, wanted in ((0o755, "folder bad"), (0o777, "folder doubtful")):
            folder.chmod(0o755)
            home.chmod(mode)
            ran = subprocess.run(
                [*command, script, home],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert ran.stdout.splitlines()[0].startswith(wanted), ran
            assert ran.stdout.splitlines()[1] == "database bad"


def test_a_database_that_another_program_writes_is_not_called_bad(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path)) as database, database.transaction():
        [found] = health_checks.check_database(tmp_path)
    assert (found.grade, "now" in found.found) == (Grade.DOUBTFUL, True)


def test_a_database_that_is_well(tmp_path: Path) -> None:
    assert grades(health_checks.check_database(tmp_path)) == [("database", "good")]
    Database.open(tmp_path).close()
    path = tmp_path / FILE_NAME
    before = path.read_bytes()
    [found] = health_checks.check_database(tmp_path)

    assert found.grade is Grade.GOOD
    assert "intact, with 0 drafts and 0 receipts" in found.found
    assert path.read_bytes() == before

    path.chmod(0o644)
    assert grades(health_checks.check_database(tmp_path)) == [
        ("database", "doubtful"),
        ("database", "good"),
    ]


def test_a_database_that_is_damaged_or_newer(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    path = tmp_path / FILE_NAME
    sound = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 900")
        connection.commit()
    [found] = health_checks.check_database(tmp_path)
    assert (found.grade, found.todo) == (Grade.BAD, "update qcall-wizard")

    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    path.write_bytes(sound[:4096] + b"\xff" * (len(sound) - 4096))
    [found] = health_checks.check_database(tmp_path)
    assert found.grade is Grade.BAD
    assert "latest copy" in found.todo


# Keyring and key


def test_keyrings(monkeypatch: pytest.MonkeyPatch) -> None:
    for ring, grade in ((MemoryKeyring(), "good"), (PlainFile(), "doubtful")):
        monkeypatch.setattr(keyring, "get_keyring", lambda ring=ring: ring)
        assert grades(health_checks.check_keyring()) == [("keyring", grade)]


def test_the_source_of_the_key_is_shown(tmp_path: Path) -> None:
    sandbox = Settings(Target(SANDBOX), None, tmp_path, sandbox_only=True)
    none = settings_for("https://api.example/v1", tmp_path, key="")

    assert grades(health_checks.check_key(sandbox, False)) == [("key", "good")]
    assert grades(health_checks.check_key(none, False)) == [("key", "doubtful")]
    assert "QCALL_API_KEY" in next(health_checks.check_key(none, True)).found

    with closing(Database.open(tmp_path)) as database:
        setting = ("key_in_keyring", "https://api.example/v1")
        database.run("INSERT INTO settings VALUES (?, ?)", *setting)
    assert "has one for https://api.example/v1" in next(health_checks.check_key(none, False)).found


# Network


def test_every_variable_that_names_a_proxy_is_looked_at(tmp_path: Path) -> None:
    names = [
        name for one in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY") for name in (one, one.lower())
    ]
    proxies = {name: f"http://{number}.example:1" for number, name in enumerate(names)}
    ran = run("doctor", "--json", "--sandbox", "--home", str(tmp_path), **proxies)
    found = [line["found"] for line in ran.objects if line["check"] == "proxy"]
    assert found == [f"{name} is {address}" for name, address in proxies.items()]


@pytest.mark.parametrize(
    ("value", "grade", "expected"),
    [
        ("http://proxy.example:8080", "good", "http://proxy.example:8080"),
        ("proxy.example:8080", "good", "http://proxy.example:8080"),
        ("http://me:geheim@proxy.example", "good", "http://proxy.example"),
        ("ftp://geheim@proxy.example", "bad", "not the address of a proxy"),
        ("http://geheim@proxy.example:many", "bad", "not the address of a proxy"),
        ("http://", "bad", "not the address of a proxy"),
    ],
)
def test_proxies(value: str, grade: str, expected: str) -> None:
    [found] = health_checks.check_proxies({"HTTPS_PROXY": value})

    assert found.grade == grade
    assert expected in found.found
    assert "geheim" not in found.found + found.todo
    assert grades(health_checks.check_proxies({})) == [("proxy", "good")]


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("localhost,127.0.0.1, ::1 ,.example.com,10.0.0.0/8,*", "good"),
        ("a.example,[::1", "bad"),
        ("fe80::/10", "bad"),
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy", "No_Proxy"])
def test_no_proxy_settings_are_graded(
    variable: str, value: str, grade: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in proxies():
        monkeypatch.delenv(name)
    monkeypatch.setenv(variable, value)
    [found] = health_checks.check_proxies(proxies())
    assert found.grade == grade
    assert variable in found.found


@pytest.mark.parametrize(
    ("status", "key", "grade"),
    [
        (200, KEY, "good"),
        (404, KEY, "good"),  # the list is a thing that may be missing
        (401, KEY, "bad"),
        (403, KEY, "bad"),
        (401, "", "good"),
        (302, KEY, "bad"),
        (500, KEY, "doubtful"),
    ],
)
def test_the_answer_of_the_target_is_graded(
    tmp_path: Path, status: int, key: str, grade: str
) -> None:
    with answering(status, b"[]", location="http://127.0.0.1:9/") as (url, came):
        target, clock = health_checks.check_target(settings_for(url, tmp_path, key))

    assert target.grade == grade
    assert clock.grade == "doubtful"
    assert len(came) == 1
    assert came[0][1] == (key or None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>Sign in</html>", "a web page"),
        (b"", "nothing"),
        (b"hello", "not with JSON"),
        (b'"hello"', "no list"),
        (b"[" + b"1," * 1_000 + b"1]", "too large"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, expected: str
) -> None:
    monkeypatch.setattr(health_checks, "_LIMITS", Limits(records_bytes=1_000))
    with answering(200, body) as (url, _):
        target, _clock = health_checks.check_target(settings_for(url, tmp_path, KEY))
    assert target.grade == "doubtful"
    assert expected in target.found


@pytest.mark.parametrize(
    ("off", "grade", "expected"),
    [
        (timedelta(seconds=20), "good", "20 s"),
        (timedelta(minutes=-30), "doubtful", "30 min"),
        (timedelta(days=400), "bad", "9,600 h"),
    ],
)
def test_the_clock(tmp_path: Path, off: timedelta, grade: str, expected: str) -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    date = f"{now + off:%a, %d %b %Y %H:%M:%S} GMT"
    with answering(200, date=date) as (url, _):
        _, clock = health_checks.check_target(settings_for(url, tmp_path), now=now)

    assert clock.grade == grade
    assert f"{expected} from the target's" in clock.found


def test_a_key_that_no_header_can_carry(tmp_path: Path) -> None:
    with listening() as heard:
        target, _ = health_checks.check_target(settings_for(heard.url, tmp_path, "a\nb"))

    assert (target.grade, target.todo.partition(";")[0]) == (Grade.BAD, "copy the key again")


@pytest.mark.parametrize(("megabytes", "grade"), [(5, "bad"), (50, "doubtful"), (500, "good")])
def test_the_free_space(
    megabytes: int, grade: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=megabytes * 1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    assert ("space", grade) in grades(health_checks.check_folders(tmp_path))


def test_a_database_that_the_group_can_read_is_doubtful(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    (tmp_path / FILE_NAME).chmod(0o640)
    assert ("database", "doubtful") in grades(health_checks.check_database(tmp_path))


def test_a_file_of_keys_that_cannot_be_read_is_doubtful(tmp_path: Path) -> None:
    assert not list(health_checks.check_keys_file(tmp_path))
    (tmp_path / "keys.toml").write_text("wizard.next = ")
    said = run("doctor", "--no-keys", "--sandbox", "--home", str(tmp_path))
    assert "doubtful  keys:" in said.out
    assert "keys.toml is not TOML" in said.out


def test_no_proxy_is_shown_without_passwords() -> None:
    value = "http://user:geheim@127.0.0.1,*.example.com,me:geheim@host"
    [found] = health_checks.check_proxies({"NO_PROXY": value})
    assert found.found == "NO_PROXY is http://127.0.0.1,*.example.com,host"
    [found] = health_checks.check_proxies({"ALL_PROXY": "user:geheim@x y:1"})
    assert (found.grade, "geheim" in found.found) == ("bad", False)

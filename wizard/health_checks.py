"""Checks the folder, the database, the keyring, the key, the network and the clock.

`wizard.commands.terminal` checks the terminal.
"""

import asyncio
import os
import platform
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from wizard import __version__, keyring_store, keys_file
from wizard.api.connection import connect
from wizard.api.http_client import Exchange, Limits
from wizard.api.proxies import proxy_trouble
from wizard.api.reasons import NotSentReason, Reason
from wizard.api.responses import NOT_JSON, Answer, parse
from wizard.errors import BadTarget, StoreTrouble
from wizard.rehearsal import model_settings
from wizard.settings import Settings, model_server, read_model_server
from wizard.storage import locks, sqlite_file
from wizard.storage.database import Database, is_lost
from wizard.storage.migrations import MIGRATIONS
from wizard.storage.sqlite_file import FILE_NAME, SQLITE_ERRORS, nearest, require_regular_file

_MEGABYTE: Final = 1_000_000
# A draft with its history takes far less.
_FREE_BAD, _FREE_DOUBTFUL = 10 * _MEGABYTE, 100 * _MEGABYTE
# Certificates and the times of receipts allow this difference.
_CLOCK_DOUBTFUL, _CLOCK_BAD = timedelta(minutes=2), timedelta(days=1)
# Shorter than for a request that creates an assistant.
_LIMITS: Final = Limits(connect=5.0, write=5.0, read=10.0, total=15.0)
_KEY_REFUSED: Final = (401, 403)


class Grade(StrEnum):
    """The grade of a finding; the wizard does not work if one is bad."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check, and the advice if it is not good."""

    check: str
    grade: Grade
    found: str
    todo: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `doctor --json` prints it."""
        finding = {"check": self.check, "grade": self.grade, "found": self.found}
        return finding | ({"todo": self.todo} if self.todo else {})


def good(check: str, found: str) -> Finding:
    """Return a finding without a problem."""
    return Finding(check, Grade.GOOD, found)


def doubtful(check: str, found: str, todo: str) -> Finding:
    """Return a finding that may cause a problem."""
    return Finding(check, Grade.DOUBTFUL, found, todo)


def bad(check: str, found: str, todo: str) -> Finding:
    """Return a finding that stops the wizard from working."""
    return Finding(check, Grade.BAD, found, todo)


def check_program() -> Iterator[Finding]:
    """Yield the versions that a bug report should name."""
    versions = f"qcall-wizard {__version__}, Python {platform.python_version()}"
    yield good("program", f"{versions}, {platform.system()}")


# Folder, space and database


def check_folders(home: Path) -> Iterator[Finding]:
    """Check the folder of drafts and receipts, its permissions and its free space."""
    elsewhere = "name another folder with --home or QCALL_WIZARD_HOME"
    existing, lock_folder = nearest(home), home / "locks"
    if not existing.is_dir():
        yield bad("folder", f"{home} cannot be a folder: {existing} is not one", elsewhere)
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        todo = f"give yourself write permission for {existing}, or {elsewhere}"
        yield bad("folder", f"{home} cannot be written", todo)
    elif reason := _try_to_store(existing):
        yield bad("folder", f"nothing can be saved in {existing}: {reason}", elsewhere)
    elif os.path.lexists(lock_folder) and not (
        lock_folder.is_dir() and os.access(lock_folder, os.W_OK | os.X_OK)
    ):
        todo = f"move {lock_folder} away, or give yourself write permission for it"
        yield bad("folder", f"no draft can be locked: {lock_folder} cannot be written", todo)
    elif existing != home.absolute():
        yield good("folder", f"{home} will be created when the first draft is saved")
    elif _open_to_others(home, stat.S_IWGRP | stat.S_IWOTH):
        yield doubtful("folder", f"{home} can be written by other users", f"chmod go-w {home}")
    else:
        yield good("folder", f"{home} can be written")
    yield _space(existing)


def _try_to_store(folder: Path) -> str:
    """Try to create a database and a lock in a folder; returns the reason of a failure."""
    try:
        with tempfile.TemporaryDirectory(prefix=".qcall-wizard-", dir=folder) as trial:
            Database.open(Path(trial)).close()
            if lock := locks.acquire(Path(trial) / "lock"):
                lock.release()
                return ""
            return "files cannot be locked"
    except OSError as error:
        return str(error.strerror or error)
    except StoreTrouble as trouble:
        return str(trouble).removesuffix(".")


def _open_to_others(path: Path, rights: int) -> bool:
    # Windows reports these permissions for every file.
    return os.name != "nt" and bool(path.stat().st_mode & rights)


def _space(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        unknown = f"the free space of {folder} is unknown: {error.strerror or error}"
        return doubtful("space", unknown, "check that the disk is mounted")
    found = f"{free // _MEGABYTE:,} MB are free in {folder}"
    if free < _FREE_BAD:
        return bad("space", found, "free disk space: drafts can soon no longer be saved")
    if free < _FREE_DOUBTFUL:
        return doubtful("space", found, "free disk space soon")
    return good("space", found)


def check_keys_file(home: Path) -> Iterator[Finding]:
    """Check that the file of own keys can be read, if there is one."""
    trouble = keys_file.read_keys_file(home).trouble
    if trouble:
        todo = (
            f"correct {home / keys_file.FILE_NAME}, or move it away; until then no key is changed"
        )
        yield doubtful("keys", trouble.removesuffix("."), todo)


def check_database(home: Path) -> Iterator[Finding]:
    """Check the file of drafts and receipts with SQLite, without changing it."""
    path = home / FILE_NAME
    try:
        require_regular_file(path)
        if is_lost(home):
            todo = "start the wizard: it opens the copy"
            yield bad("database", f"{path} is missing or empty, but its copy is there", todo)
            return
        if not os.path.lexists(path):
            yield good("database", f"{path} does not exist yet")
            return
        if _open_to_others(path, stat.S_IRWXG | stat.S_IRWXO):
            yield doubtful("database", f"{path} is open to other users", f"chmod 600 {path}")
        if not os.access(path, os.R_OK | os.W_OK):
            todo = f"give yourself read and write permission for {path}"
            yield bad("database", f"{path} cannot be read and written", todo)
            return
        with closing(sqlite_file.connect(path, read_only=True)) as connection:
            found = _soundness(connection, path)
            if found.grade is Grade.GOOD:
                # The first connection stays open, so closing the second does not move the log.
                with closing(sqlite_file.connect(path)) as writer:
                    writer.execute("BEGIN IMMEDIATE")
                    writer.execute("ROLLBACK")
            yield found
    except StoreTrouble as trouble:
        yield bad("database", str(trouble).split(". ")[0], f"move it away: {path} must be a file")
    except (*SQLITE_ERRORS, OSError) as error:
        yield _unreadable(path, error)


_RESCUE: Final = "start the wizard: it sets the file aside and opens the latest copy"


def _soundness(connection: sqlite3.Connection, path: Path) -> Finding:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [error] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if error != "ok":
        return bad("database", f"{path} is damaged: {error}", _RESCUE)
    if version > len(MIGRATIONS):
        return bad("database", f"{path} was written by a newer program", "update qcall-wizard")
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        return good("database", f"{path} is empty")
    rows = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _COUNTED]  # noqa: S608
    counts = " and ".join(f"{n} {t}" for n, t in zip(rows, _COUNTED, strict=True))
    log = f"{path.name}-wal and {path.name}-shm belong to it while they exist"
    backup = "`qcall-wizard drafts backup FILE` copies everything to one file"
    return good("database", f"{path} is intact, with {counts}; {log}: {backup}")


_COUNTED: Final = ("drafts", "receipts")


def _unreadable(path: Path, error: Exception) -> Finding:
    # An OperationalError is a lock or a permission; any other error of SQLite is damage.
    if isinstance(error, SQLITE_ERRORS) and not isinstance(error, sqlite3.OperationalError):
        return bad("database", f"{path} is damaged: {error}", _RESCUE)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        busy = f"another program is writing to {path} now"
        return doubtful("database", busy, "try again when it has ended")
    found = f"{path} cannot be read and written: {getattr(error, 'strerror', None) or error}"
    return bad("database", found, "check its permissions and those of its folder")


# Keyring and key


def check_keyring() -> Iterator[Finding]:
    """Check that the machine has a keyring, without reading a key."""
    try:
        yield good("keyring", f"{keyring_store.keyring_name()} can store a key")
    except keyring_store.KeyTrouble as trouble:
        yield doubtful("keyring", "no key can be stored on this machine", str(trouble))


def check_key(settings: Settings, environment_has_it: bool) -> Iterator[Finding]:
    """Report the source of the key, never its value."""
    if settings.sandbox_only:
        yield good("key", "not needed with --sandbox")
    elif environment_has_it:
        yield good("key", "it comes from QCALL_API_KEY")
    elif base_url := _setting(settings.home, keyring_store.SETTING):
        yield good("key", f"the keyring has one for {base_url}, which the wizard reads")
    else:
        todo = "set QCALL_API_KEY, or enter it in the wizard; the sandbox needs none"
        yield doubtful("key", "no API key is set", todo)


def check_model(home: Path) -> Iterator[Finding]:
    """Report the model server of rehearsals, never its key; none is needed."""
    try:
        server = read_model_server()
        if server is None and (url := _setting(home, model_settings.URL)):
            server = model_server(url, _setting(home, model_settings.MODEL))
    except BadTarget as error:
        yield doubtful("model", str(error), "correct it, or remove it: only rehearsals need it")
        return
    if server is None:
        yield good("model", "none is set; F7 in the wizard, or QCALL_REHEARSAL_URL, sets one")
        return
    model = server.model or "the first model that it lists"
    has_key = server.key or _setting(home, model_settings.KEY_STORED) == server.base_url
    key = "with a key" if has_key else "without a key"
    yield good("model", f"rehearsals use {model} at {server.name}, {key}")


def _setting(home: Path, name: str) -> str:
    """Return a setting of the wizard; empty if there is none."""
    try:
        require_regular_file(home / FILE_NAME)
        with closing(sqlite_file.connect(home / FILE_NAME, read_only=True)) as connection:
            sql = "SELECT value FROM settings WHERE name = ?"
            row = connection.execute(sql, (name,)).fetchone()
    except (*SQLITE_ERRORS, OSError, StoreTrouble):
        return ""
    return str(row[0]) if row else ""


# Network


def check_proxies(proxies: Mapping[str, str]) -> Iterator[Finding]:
    """Check the proxy variables of the environment, without showing users and passwords."""
    if not proxies:
        yield good("proxy", "none is set")
    for variable, value in proxies.items():
        trouble = proxy_trouble(variable, value)
        if variable.upper() == "NO_PROXY":
            todo = f"set {variable} to hosts with commas between, such as localhost,10.0.0.1"
            wrong = bad("proxy", f"{variable} cannot be used: {trouble}", todo)
            yield wrong if trouble else good("proxy", f"{variable} is {_hosts(value)}")
            continue
        scheme, host = _proxy(value)
        if scheme.startswith("socks") and host and trouble:
            todo = "pip install 'httpx[socks]', or set an http proxy"
            yield bad("proxy", f"{variable} is {scheme}://{host}, which needs a package", todo)
        elif trouble or not host:
            todo = f"set {variable} to an address such as http://proxy.example:8080"
            yield bad("proxy", f"{variable} is not the address of a proxy", todo)
        else:
            yield good("proxy", f"{variable} is {scheme}://{host}")


def _hosts(value: str) -> str:
    """Return the hosts of NO_PROXY, without users and passwords."""
    return ",".join(re.sub(r"^(\w+://)?.*@", r"\1", host) for host in value.split(","))


def _proxy(value: str) -> tuple[str, str]:
    """Return the scheme and the host of a proxy, without user and password."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "", ""
    return parts.scheme, f"{parts.hostname}{port}" if parts.hostname else ""


def check_target(
    settings: Settings,
    on_exchange: Callable[[Exchange], None] | None = None,
    now: datetime | None = None,
) -> Iterator[Finding]:
    """Check that the target answers and accepts the key, and compare the clocks.

    The one request asks for the list of assistants. `on_exchange` is called after it;
    `now` replaces the clock.
    """
    target = settings.target
    if target.is_sandbox:
        yield good("target", "the sandbox, which is inside the program")
        yield good("clock", _local(now))
        return
    answer = asyncio.run(_reach(settings, on_exchange))
    if isinstance(answer, Answer):
        yield _answered(settings, answer)
        yield _clock(answer.date, now or datetime.now(UTC))
        return
    todo = f"{_TODO.get(answer, _CONNECTION)}; --sandbox works without it"
    found = f"{target.base_url} ({_KINDS[target.kind]}) cannot be reached: {answer.title}"
    yield bad("target", found, todo)
    todo = "check the clock yourself, or try again when the target answers"
    yield doubtful("clock", f"{_local(now)}; not compared with the target's", todo)


_CONNECTION: Final = "check the network and the proxy"
_KINDS: Final = {"live": "live", "local": "local", "server": "another server"}
_TODO: Final[Mapping[Reason, str]] = {
    NotSentReason.BAD_KEY: "copy the key again",
    NotSentReason.SETUP: "correct the proxy settings or SSL_CERT_FILE",
    NotSentReason.NAME_NOT_FOUND: "check the address and the network",
    NotSentReason.CONNECTION_REFUSED: "check the address, and whether the server runs",
    NotSentReason.TLS_FAILURE: "check the address, the clock and the certificates",
    NotSentReason.PROXY_FAILED: "correct the variable, or name the server in NO_PROXY",
}


async def _reach(
    settings: Settings, on_exchange: Callable[[Exchange], None] | None
) -> Answer | Reason:
    client = connect(settings, on_exchange, limits=_LIMITS)
    try:
        return await client.reach()
    finally:
        await client.aclose()


def _answered(settings: Settings, answer: Answer) -> Finding:
    found = f"{settings.target.base_url} ({_KINDS[settings.target.kind]}) answers"
    status = answer.status
    if status in _KEY_REFUSED and settings.key is None:
        return good("target", f"{found}, and needs a key")
    if status in _KEY_REFUSED:
        return bad("target", f"{found}, but refuses the key ({status})", "copy the key again")
    if 300 <= status < 400:
        todo = "name the right address with --base-url: redirects are not followed"
        return bad("target", f"{found}, but redirects to another address ({status})", todo)
    if status >= 500:
        return doubtful("target", f"{found}, but with an error ({status})", "try again later")
    if status == 200 and (doubt := _doubt(answer)):
        todo = "check the address, and whether the network asks you to sign in on a page first"
        return doubtful("target", f"{found} ({status}), but {doubt}", todo)
    return good("target", f"{found} ({status})")


def _doubt(answer: Answer) -> str:
    """Return why an answer is not the API's list, as a clause; empty if it may be."""
    if answer.flaw:
        return answer.flaw.title
    if not answer.body.strip():
        return "with nothing"
    value = parse(answer.body)
    if value is NOT_JSON:
        is_page = answer.body.lstrip()[:1] == b"<"
        return "with a web page" if is_page else "not with JSON"
    return "" if isinstance(value, dict | list) else "with JSON that is no list"


def _clock(date: str, now: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
        off = abs(now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)))
    except (ValueError, TypeError):
        todo = "check the clock yourself"
        return doubtful("clock", f"{_local(now)}; the target sent no time to compare", todo)
    found = f"{_local(now)}, {_span(off)} from the target's"
    if off >= _CLOCK_BAD:
        return bad("clock", found, "set the clock: secure connections may fail")
    if off >= _CLOCK_DOUBTFUL:
        return doubtful("clock", found, "set the clock: receipts show wrong times")
    return good("clock", found)


def _local(now: datetime | None) -> str:
    return f"{(now or datetime.now(UTC)).astimezone():%Y-%m-%d %H:%M %Z}"


def _span(off: timedelta) -> str:
    seconds = round(off.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60:,} min" if seconds < 7200 else f"{seconds // 3600:,} h"

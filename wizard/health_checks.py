"""Looks at what the wizard needs of a machine: folders, database, keyring, network, clock, key.

What the terminal shows and sends is looked at by `wizard.commands.terminal`.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from wizard import __version__, keyring_store
from wizard.api.client import Limits, Reached, proxy_trouble
from wizard.api.connection import connect
from wizard.api.outcomes import NotSentReason, Reason
from wizard.errors import StoreTrouble
from wizard.settings import Settings
from wizard.storage import locks
from wizard.storage.database import FILE_NAME, MIGRATIONS, Database, nearest, refuse_other_kinds

_MEGABYTE: Final = 1_000_000
# A draft with its history takes far less; a full disk loses what is typed.
_FREE_BAD, _FREE_DOUBTFUL = 10 * _MEGABYTE, 100 * _MEGABYTE
# Certificates and the times of receipts bear so much.
_CLOCK_DOUBTFUL, _CLOCK_BAD = timedelta(minutes=2), timedelta(days=1)
# Nobody who asks a doctor waits as long as for a request that creates something.
_LIMITS: Final = Limits(connect=5.0, write=5.0, read=10.0, total=15.0)
_KEY_REFUSED: Final = (401, 403)


class Grade(StrEnum):
    """How a finding is to be taken: only what is bad keeps the wizard from working."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and what to do where it is not good."""

    check: str
    grade: Grade
    found: str
    todo: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form in which `doctor --json` gives it."""
        told = {"check": self.check, "grade": self.grade, "found": self.found}
        return told | ({"todo": self.todo} if self.todo else {})


def good(check: str, found: str) -> Finding:
    """A finding that is as it should be."""
    return Finding(check, Grade.GOOD, found)


def doubtful(check: str, found: str, todo: str) -> Finding:
    """A finding that may bring trouble."""
    return Finding(check, Grade.DOUBTFUL, found, todo)


def bad(check: str, found: str, todo: str) -> Finding:
    """A finding that keeps the wizard from working."""
    return Finding(check, Grade.BAD, found, todo)


def look_at_program() -> Iterator[Finding]:
    """The versions that a report of a mistake should name."""
    told = f"qcall-wizard {__version__}, Python {platform.python_version()}, {platform.system()}"
    yield good("program", told)


# What is kept


def look_at_folders(home: Path) -> Iterator[Finding]:
    """The folder of drafts and receipts, its rights, and the free space there."""
    elsewhere = "name another folder with --home or QCALL_WIZARD_HOME"
    there, lock_folder = nearest(home), home / "locks"
    if not there.is_dir():
        yield bad("folder", f"{home} cannot be a folder: {there} is not one", elsewhere)
        return
    if not os.access(there, os.W_OK | os.X_OK):
        mend = f"give yourself the right to write in {there}, or {elsewhere}"
        yield bad("folder", f"{home} cannot be written", mend)
    elif reason := _why_nothing_is_kept(there):
        yield bad("folder", f"nothing can be kept in {there}: {reason}", elsewhere)
    elif os.path.lexists(lock_folder) and not os.access(lock_folder / ".", os.W_OK | os.X_OK):
        mend = f"move {lock_folder} away, or give yourself the right to write in it"
        yield bad("folder", f"no draft can be locked: {lock_folder} cannot be written", mend)
    elif there != home.absolute():
        yield good("folder", f"{home} will be made when the first draft is saved")
    elif _open_to_others(home, stat.S_IWGRP | stat.S_IWOTH):
        yield doubtful("folder", f"{home} can be written by others", f"chmod go-w {home}")
    else:
        yield good("folder", f"{home} can be written")
    yield _space(there)


def _why_nothing_is_kept(folder: Path) -> str:
    """Keep a file and hold a lock in a folder for a moment; why that fails, or nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix=".qcall-wizard-", dir=folder) as made:
            Database.open(Path(made)).close()
            if lock := locks.take(Path(made) / "lock"):
                lock.release()
                return ""
            return "files cannot be locked"
    except OSError as error:
        return str(error.strerror or error)
    except StoreTrouble as trouble:
        return str(trouble).removesuffix(".")


def _open_to_others(path: Path, rights: int) -> bool:
    # Windows has no such rights, and says that everybody has them.
    return os.name != "nt" and bool(path.stat().st_mode & rights)


def _space(folder: Path) -> Finding:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        told = f"the free space of {folder} cannot be told: {error.strerror or error}"
        return doubtful("space", told, "look whether the disk is there")
    told = f"{free // _MEGABYTE:,} MB are free in {folder}"
    if free < _FREE_BAD:
        return bad("space", told, "make room: what is typed can soon no longer be saved")
    if free < _FREE_DOUBTFUL:
        return doubtful("space", told, "make room before long")
    return good("space", told)


def look_at_database(home: Path) -> Iterator[Finding]:
    """The file of drafts and receipts, by SQLite's own check; nothing in it is changed."""
    path = home / FILE_NAME
    try:
        refuse_other_kinds(path)
        if not os.path.lexists(path):
            yield good("database", f"there is no {path} yet")
            return
        if _open_to_others(path, stat.S_IRWXG | stat.S_IRWXO):
            yield doubtful("database", f"{path} is open to others", f"chmod 600 {path}")
        if not os.access(path, os.R_OK | os.W_OK):
            todo = f"give yourself the right to read and write {path}"
            yield bad("database", f"{path} cannot be read and written", todo)
            return
        with closing(_opened(path)) as connection:
            found = _soundness(connection, path)
            if found.grade is Grade.GOOD:
                # While the first connection is open, SQLite moves nothing out of its log.
                with closing(_opened(path, "rw")) as writer:
                    writer.execute("BEGIN IMMEDIATE")
                    writer.execute("ROLLBACK")
            yield found
    except StoreTrouble as trouble:
        yield bad("database", str(trouble).split(". ")[0], f"move it away: {path} must be a file")
    except (sqlite3.Error, OSError) as error:
        yield _unreadable(path, error)


def _opened(path: Path, mode: str = "ro") -> sqlite3.Connection:
    refuse_other_kinds(path)
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=2.0)


_RESCUED: Final = "start the wizard: it sets the file aside and rescues what can be read"


def _soundness(connection: sqlite3.Connection, path: Path) -> Finding:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [told] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if told != "ok":
        return bad("database", f"{path} is damaged: {told}", _RESCUED)
    if version > len(MIGRATIONS):
        return bad("database", f"{path} was written by a newer program", "update qcall-wizard")
    kept = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _COUNTED]  # noqa: S608
    counts = " and ".join(f"{n} {t}" for n, t in zip(kept, _COUNTED, strict=True))
    together = f"{path.name}-wal and {path.name}-shm belong to it while they exist"
    copied = "`qcall-wizard drafts backup FILE` copies all to one file"
    return good("database", f"{path} is sound, with {counts}; {together}: {copied}")


_COUNTED: Final = ("drafts", "receipts")


def _unreadable(path: Path, error: Exception) -> Finding:
    # OperationalError: a lock or a right; any other error of SQLite is about what is in the file.
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return bad("database", f"{path} is damaged: {error}", _RESCUED)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        told = f"another program is writing to {path} now"
        return doubtful("database", told, "look again when that one has ended")
    told = f"{path} cannot be read and written: {getattr(error, 'strerror', None) or error}"
    return bad("database", told, "look at its rights and at those of its folder")


# Keyring and key


def look_at_keyring() -> Iterator[Finding]:
    """Whether there is a keyring that a key could be kept in; no key is asked of it."""
    try:
        yield good("keyring", f"{keyring_store.keyring_name()} can keep a key")
    except keyring_store.KeyTrouble as trouble:
        yield doubtful("keyring", "no key can be kept on this machine", str(trouble))


def look_at_key(settings: Settings, environment_has_it: bool) -> Iterator[Finding]:
    """Where the key comes from; its value is told nowhere."""
    if settings.held:
        yield good("key", "none is needed: the sandbox was asked for")
    elif environment_has_it:
        yield good("key", "it comes from QCALL_API_KEY")
    elif kept := _kept_for(settings.home):
        yield good("key", f"the keyring keeps one for {kept}, which the wizard asks for")
    else:
        todo = "set QCALL_API_KEY, or type it in the wizard; the sandbox needs none"
        yield doubtful("key", "there is none", todo)


def _kept_for(home: Path) -> str:
    """The base URL that a key was put into the keyring for; empty where none was."""
    try:
        with closing(_opened(home / FILE_NAME)) as connection:
            asked = "SELECT value FROM settings WHERE name = ?"
            row = connection.execute(asked, (keyring_store.SETTING,)).fetchone()
    except (sqlite3.Error, OSError, StoreTrouble):
        return ""
    return str(row[0]) if row else ""


# Network


def look_at_proxies(named: Mapping[str, str]) -> Iterator[Finding]:
    """The variables about proxies; nothing of their users is told."""
    if not named:
        yield good("proxy", "the environment names none")
    for variable, value in named.items():
        trouble = proxy_trouble(variable, value)
        if variable.upper() == "NO_PROXY":
            todo = f"{variable} takes hosts with commas between, such as localhost,10.0.0.1"
            told = f"{variable} cannot be used: {trouble}"
            yield bad("proxy", told, todo) if trouble else good("proxy", f"{variable} is {value}")
            continue
        scheme, host = _proxy(value)
        if scheme.startswith("socks") and host and trouble:
            todo = "pip install 'httpx[socks]', or name a proxy of http"
            yield bad("proxy", f"{variable} is {scheme}://{host}, which needs a package", todo)
        elif trouble or not host:
            todo = f"{variable} takes an address such as http://proxy.example:8080"
            yield bad("proxy", f"{variable} names no proxy that could be used", todo)
        else:
            yield good("proxy", f"{variable} is {scheme}://{host}")


def _proxy(value: str) -> tuple[str, str]:
    """Scheme and host with port of a proxy's address, without user and password."""
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "", ""
    return parts.scheme, f"{parts.hostname}{port}" if parts.hostname else ""


def look_at_target(
    settings: Settings, noted: Any = None, now: datetime | None = None
) -> Iterator[Finding]:
    """Whether the target answers and takes the key, and how far the clock is from its own.

    One request is made, for the list of assistants; it creates nothing. `noted` is told of it,
    `now` stands in for the clock.
    """
    target = settings.target
    if target.is_sandbox:
        yield good("target", "the sandbox, which is inside the program")
        yield good("clock", _local(now))
        return
    answer = asyncio.run(_reach(settings, noted))
    if isinstance(answer, Reached):
        yield _answered(settings, answer)
        yield _clock(answer.date, now or datetime.now(UTC))
        return
    todo = f"{_TODO.get(answer, _CONNECTION)}; --sandbox works without it"
    yield bad("target", f"{target.base_url} cannot be reached: {answer.title}", todo)
    todo = "look at the clock yourself, or again once the target answers"
    yield doubtful("clock", f"{_local(now)}; there was nothing to compare it with", todo)


_CONNECTION: Final = "look at the network and at the proxy"
_TODO: Final[Mapping[Reason, str]] = {
    NotSentReason.BAD_KEY: "copy the key again",
    NotSentReason.SETUP: "correct the proxy settings or SSL_CERT_FILE",
    NotSentReason.NAME_NOT_FOUND: "look at the address and at the network",
    NotSentReason.CONNECTION_REFUSED: "look at the address, and whether the server runs",
    NotSentReason.TLS_FAILURE: "look at the address, at the clock and at the certificates",
}


async def _reach(settings: Settings, noted: Any) -> Reached | Reason:
    client = connect(settings, noted, limits=_LIMITS)
    try:
        return await client.reach()
    finally:
        await client.aclose()


def _answered(settings: Settings, answer: Reached) -> Finding:
    told = f"{settings.target.base_url} answers"
    if answer.status in _KEY_REFUSED and settings.key is None:
        return good("target", f"{told}, and wants a key")
    if answer.status in _KEY_REFUSED:
        return bad("target", f"{told}, but refuses the key ({answer.status})", "copy the key again")
    if 300 <= answer.status < 400:
        todo = "name the right address with --base-url: the key is sent nowhere else"
        return bad("target", f"{told}, but points to another address ({answer.status})", todo)
    if answer.status >= 500:
        return doubtful("target", f"{told}, but with an error ({answer.status})", "try again later")
    return good("target", f"{told} ({answer.status})")


def _clock(date: str, now: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(date)
        off = abs(now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)))
    except (ValueError, TypeError):
        todo = "look at the clock yourself"
        return doubtful("clock", f"{_local(now)}; the target told no time to compare it with", todo)
    told = f"{_local(now)}, {_span(off)} from the target's"
    if off >= _CLOCK_BAD:
        return bad("clock", told, "set the clock: no secure connection may be made")
    if off >= _CLOCK_DOUBTFUL:
        return doubtful("clock", told, "set the clock: receipts tell wrong times")
    return good("clock", told)


def _local(now: datetime | None) -> str:
    return f"{(now or datetime.now(UTC)).astimezone():%Y-%m-%d %H:%M %Z}"


def _span(off: timedelta) -> str:
    seconds = round(off.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60:,} min" if seconds < 7200 else f"{seconds // 3600:,} h"

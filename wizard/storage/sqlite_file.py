"""One SQLite file: its place, its connections, its examination and its errors."""

import functools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from wizard.errors import Damaged, NewerFile, NotWritten, StoreTrouble
from wizard.formats.files import not_a_file
from wizard.storage import migrations

FILE_NAME: Final = "wizard.sqlite3"
# Seconds to wait for another process that writes.
BUSY_SECONDS: Final = 2.0
# With less free space, in bytes, an error of the disk is that it is full.
_LEAST_FREE: Final = 65_536
_READ_ONLY: Final = "the file or its folder is read-only"
# Python raises UnicodeDecodeError in place of SQLite's message if that quotes damaged text.
SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)


def make_private(home: Path, path: Path) -> None:
    """Create the folder and the file for their owner alone; SQLite gives the log the same mode."""
    check_folder(home)
    if not home.exists():
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        home.chmod(0o700)
    # An existing file is not opened: closing it would release SQLite's own locks.
    if not path.exists():
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):  # another person's file
            path.chmod(0o600)


def check_folder(home: Path) -> None:
    """Raise StoreTrouble if a folder cannot store the file; creates and changes nothing."""
    path, existing = home / FILE_NAME, nearest(home)
    require_regular_file(path)
    if not existing.is_dir():
        raise StoreTrouble(f"{path} cannot be used: {existing} is not a folder.")
    usable = os.access(existing, os.W_OK | os.X_OK)
    if not usable or (os.path.lexists(path) and not os.access(path, os.R_OK | os.W_OK)):
        raise StoreTrouble(f"{path} cannot be used: {_READ_ONLY}.")


def nearest(path: Path) -> Path:
    """Return a path, or the nearest folder above it that exists."""
    path = path.absolute()
    return next((each for each in (path, *path.parents) if os.path.lexists(each)), path)


def require_regular_file(path: Path) -> None:
    """Raise StoreTrouble if the file, or one that SQLite writes beside it, is no regular file."""
    real = os.path.realpath(path)
    for each in (str(path), *(f"{real}{end}" for end in ("-wal", "-shm", "-journal"))):
        if kind := not_a_file(each):
            raise StoreTrouble(
                f"{each} cannot be used: it is {kind}, not a file. Move it away, or name another "
                "folder with --home."
            )


def file_id(path: Path | None) -> tuple[int, int] | None:
    """Return the device and the inode of a file, None if it does not exist."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def connect(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a file, or a database in memory."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}" if path else ":memory:",
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=path is not None,
    )
    connection.row_factory = sqlite3.Row
    # One damaged text must not hide all rows; the checksum reports it.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    # The functions that migrations call.
    for name, parameters in (("place", 1), ("meaning", 2), ("masked", 1)):
        connection.create_function(name, parameters, functools.partial(_migrated, name))
    return connection


def _migrated(name: str, *values: Any) -> Any:
    """Call a function of `wizard.storage.migrated_values`; unreadable values stay as they are."""
    from wizard.storage import migrated_values  # noqa: PLC0415 - few starts migrate

    try:
        return getattr(migrated_values, name)(*values)
    except Exception:  # SQLite would only say that there was one
        return values[-1]


def examine(path: Path) -> None:
    """Check a file without changing it; raises Damaged and NewerFile."""
    log = Path(f"{path}-wal")
    if not path.stat().st_size:
        if log.exists() and log.stat().st_size:
            raise Damaged(f"{path} is damaged: it is empty, but its log is not.")
        return
    with closing(connect(path, read_only=True)) as connection:
        connection.execute("BEGIN")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < migrations.MAX_VERSIONS:
            check_version(path, version)
        tables = frozenset(row[0] for row in connection.execute("SELECT sql FROM sqlite_master"))
        known = 0 <= version < migrations.MAX_VERSIONS
        scripts = migrations.MIGRATIONS[:version]
        if not known or not _schema(scripts) <= tables or (tables and not version):
            raise Damaged(f"{path} is damaged: its tables are not those of this program.")
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise Damaged(f"{path} is damaged.")


@functools.cache
def _schema(scripts: tuple[str, ...]) -> frozenset[str]:
    """Return the SQL of the tables and indexes that the scripts create, as SQLite stores it."""
    with closing(connect(None)) as connection:
        for statement in migrations.statements(scripts):
            connection.execute(statement)
        return frozenset(row[0] for row in connection.execute("SELECT sql FROM sqlite_master"))


def check_version(path: Path | None, version: int) -> None:
    """Raise NewerFile if a newer program has migrated the file."""
    if version > len(migrations.MIGRATIONS):
        raise NewerFile(
            f"{path} was written by a newer qcall-wizard (file version {version}, this program "
            f"reads {len(migrations.MIGRATIONS)}). It was not changed: use the newer program, or "
            "another folder with --home."
        )


@contextmanager
def translate_errors(path: Path | None) -> Iterator[None]:
    """Raise errors of SQLite and of the system as StoreTrouble, with a sentence."""
    try:
        yield
    except SQLITE_ERRORS as error:
        raise store_trouble(error, path) from error
    except NotWritten as error:
        raise StoreTrouble(f"{error}.") from error
    except (OSError, UnicodeEncodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreTrouble(f"{path} cannot be used: {reason}.") from error


def _is_full(path: Path | None) -> bool:
    """Whether the disk is full, which SQLite does not say of the files beside the database."""
    with suppress(OSError):
        return path is not None and shutil.disk_usage(path.parent).free < _LEAST_FREE
    return False


def store_trouble(error: sqlite3.Error | UnicodeDecodeError, path: Path | None) -> StoreTrouble:
    """Return the error for one of `SQLITE_ERRORS`, with a sentence."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    is_text = isinstance(error, UnicodeDecodeError)
    if is_text or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{path} is damaged.")
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        code = sqlite3.SQLITE_FULL
    reasons = {
        sqlite3.SQLITE_BUSY: "another program is writing to it",
        sqlite3.SQLITE_LOCKED: "another program is writing to it",
        sqlite3.SQLITE_READONLY: _READ_ONLY,
        sqlite3.SQLITE_CANTOPEN: "check the permissions of its folder",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk reports an error",
    }
    return StoreTrouble(f"{path} cannot be used: {reasons.get(code, str(error))}.")

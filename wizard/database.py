"""The SQLite file: opening it safely, bringing it up to date, saving what can be saved of it."""

import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wizard.errors import Damaged, NewerFile, StoreTrouble

FILE_NAME: Final = "wizard.sqlite3"
# Seconds to wait for another process that writes.
_BUSY_SECONDS: Final = 2.0
# A damaged table is read on behind a bad row so often, then given up.
_MOST_GAPS: Final = 1000

# Each entry brings a file from the version before it to its own; the last is the version of now.
MIGRATIONS: Final = (
    """
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, step TEXT NOT NULL, focus TEXT NOT NULL,
        answers TEXT NOT NULL, sources TEXT NOT NULL, seen TEXT NOT NULL, checked TEXT NOT NULL,
        done INTEGER NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, deleted TEXT,
        checksum INTEGER NOT NULL
    );
    CREATE INDEX drafts_by_age ON drafts (deleted, updated DESC);
    CREATE TABLE edits (
        draft TEXT NOT NULL, n INTEGER NOT NULL, edit TEXT NOT NULL, PRIMARY KEY (draft, n)
    );
    CREATE TABLE receipts (
        id TEXT PRIMARY KEY, draft TEXT NOT NULL, target TEXT NOT NULL, name TEXT NOT NULL,
        company TEXT NOT NULL, sent TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL,
        key_end TEXT NOT NULL, known TEXT, kind TEXT, title TEXT, status INTEGER,
        assistant TEXT, message TEXT, seconds REAL, settled TEXT
    );
    CREATE INDEX receipts_by_hash ON receipts (target, hash);
    CREATE INDEX receipts_by_name ON receipts (target, name, company);
    CREATE TABLE shelf (n INTEGER PRIMARY KEY, assistant TEXT NOT NULL, body BLOB NOT NULL);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
)
_TABLES: Final = ("drafts", "edits", "receipts", "shelf", "settings")


@dataclass(frozen=True, slots=True)
class Rescue:
    """What became of a damaged file: where it lies now, and how many rows were read from it."""

    aside: Path
    rows: int

    @property
    def sentence(self) -> str:
        """What happened, for the person."""
        return (
            f"The file of drafts was damaged. It was set aside as {self.aside.name}; "
            f"{self.rows} entries could be read and are here."
        )


class Database:
    """A connection that several threads may use, one at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, home: Path) -> "Database":
        """Open the file in a folder, made where it is missing; StoreTrouble where it cannot be."""
        path = home / FILE_NAME
        with _told(path):
            _make_private(home, path)
            connection = _connect(path)
        database = cls(connection, path)
        try:
            with _told(path):
                _settle(database, path)
        except StoreTrouble:
            connection.close()
            raise
        return database

    @classmethod
    def in_memory(cls) -> "Database":
        """A database that is gone with the program."""
        database = cls(_connect(None), None)
        _migrate(database, 0)
        return database

    @property
    def shown_path(self) -> str:
        """The file as it is named to a person."""
        return str(self.path or "memory")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Read rows; StoreTrouble where that fails."""
        with self._lock, _told(self.path):
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement inside a transaction; returns how many rows it changed."""
        with self._lock, _told(self.path):
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
        """Run one statement for each row."""
        with self._lock, _told(self.path):
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and flushed to disk at the end."""
        with self._lock, _told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def is_sound(self) -> bool:
        """Whether SQLite finds the file in order; reads all of it."""
        try:
            return [row[0] for row in self.rows("PRAGMA quick_check(1)")] == ["ok"]
        except Damaged:
            return False

    def close(self) -> None:
        """Close the connection; what was committed is on disk."""
        with self._lock:
            self._connection.close()


def rescue(home: Path) -> Rescue:
    """Set a damaged file aside under another name and copy what can be read into a new one."""
    path = home / FILE_NAME
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"wizard.damaged-{stamp}.sqlite3")
    with _told(path):
        for ending in ("", "-wal", "-shm"):
            part = Path(f"{path}{ending}")
            if part.exists():
                part.rename(f"{aside}{ending}")
        # Reading may write to the log beside the file; what was set aside stays as it was.
        copy = path.with_name(f"wizard.reading-{stamp}.sqlite3")
        for ending in ("", "-wal"):
            if Path(f"{aside}{ending}").exists():
                shutil.copyfile(f"{aside}{ending}", f"{copy}{ending}")
    database = Database.open(home)
    try:
        rows = sum(_salvage(copy, database, table) for table in _TABLES)
    finally:
        database.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)
    return Rescue(aside, rows)


def _salvage(source: Path, database: Database, table: str) -> int:
    """Copy the rows of a table that can be read; bad ones are skipped."""
    saved = last = 0
    with contextlib.closing(sqlite3.connect(source)) as old:
        old.text_factory = lambda data: data.decode("utf-8", "replace")
        for _ in range(_MOST_GAPS):
            try:
                # Each row is taken as it comes: what stands before a bad page is not lost with it.
                sql = f"SELECT rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608
                for row in old.execute(sql, (last,)):
                    last = row[0]
                    saved += _keep(database, table, row[1:])
            except sqlite3.Error:
                last += 1
            else:
                break
    return saved


def _keep(database: Database, table: str, row: tuple[Any, ...]) -> int:
    marks = ", ".join("?" * len(row))
    try:
        with database.transaction():
            return database.run(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", *row)  # noqa: S608
    except StoreTrouble:
        return 0  # a row that does not fit its table any more


def _make_private(home: Path, path: Path) -> None:
    """Folder and file are the person's own; SQLite gives its side files the mode of the file."""
    if not home.exists():
        home.mkdir(parents=True, mode=0o700)
        home.chmod(0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _connect(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path or ":memory:",
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _settle(database: Database, path: Path) -> None:
    """Set the file up: durable writes, the tables of this version."""
    database.rows("PRAGMA journal_mode=WAL")
    database.rows("PRAGMA synchronous=FULL")
    version = database.rows("PRAGMA user_version")[0][0]
    if version > len(MIGRATIONS):
        raise NewerFile(
            f"{path} was written by a newer qcall-wizard (file version {version}, this program "
            f"knows {len(MIGRATIONS)}). It is left as it is: use the newer program, or another "
            "folder with --home."
        )
    if version < len(MIGRATIONS):
        if version:
            _copy_before_migration(database, path, version)
        _migrate(database, version)


def _copy_before_migration(database: Database, path: Path, version: int) -> None:
    copy = path.with_name(f"wizard.version-{version}.sqlite3")
    copy.unlink(missing_ok=True)
    database.run("VACUUM INTO ?", str(copy))
    copy.chmod(0o600)


def _migrate(database: Database, version: int) -> None:
    with database.transaction():
        # Another process may have done it while this one waited for its turn.
        version = max(version, database.rows("PRAGMA user_version")[0][0])
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                if statement.strip():
                    database.run(statement)
        database.run(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextlib.contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """Turn what SQLite and the system say into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(error, path) from error
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be used: {error.strerror or error}.") from error


def _trouble(error: sqlite3.Error, path: Path | None) -> StoreTrouble:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{path} is damaged.")
    reasons = {
        sqlite3.SQLITE_BUSY: "another program is writing to it and does not let go",
        sqlite3.SQLITE_LOCKED: "another program is writing to it and does not let go",
        sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened: look at the folder's rights",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk does not take or give the data",
    }
    return StoreTrouble(f"{path} cannot be used: {reasons.get(code, str(error))}.")

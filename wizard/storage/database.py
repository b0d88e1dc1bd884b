"""Opens, migrates, copies and restores the SQLite file of drafts and receipts."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from wizard.errors import Damaged, StoreTrouble
from wizard.formats.files import new_file
from wizard.formats.text import counted
from wizard.storage import migrations, sqlite_file
from wizard.storage.locks import locked
from wizard.storage.migrations import KEY_SALT
from wizard.storage.sqlite_file import (
    FILE_NAME,
    SQLITE_ERRORS,
    check_version,
    connect,
    examine,
    file_id,
    make_private,
    require_regular_file,
    store_trouble,
    translate_errors,
)

COPY_NAME: Final = "wizard.backup.sqlite3"
# The copy is replaced at this age, in seconds.
_COPY_AGE: Final = 24 * 3600
# Seconds to wait for another process that restores the file.
_RESCUE_SECONDS: Final = 20.0


class Rescue(NamedTuple):
    """A damaged file that was set aside, or a missing one, and the copy that replaces it.

    `aside` is None if the file was missing. `copied` is the time of the copy, None if the new file
    is empty.
    """

    aside: Path | None
    copied: datetime | None = None
    drafts: int = 0
    receipts: int = 0

    @property
    def sentence(self) -> str:
        """The message for the person."""
        lost = "The file of drafts was missing"
        if self.aside is not None:
            lost = f"The file of drafts was damaged. It was set aside as {self.aside.name}"
        if self.copied is None:
            return f"{lost}; it has no usable copy, so the new file is empty."
        local = self.copied.astimezone()
        return (
            f"{lost}; the copy of {local.day} {local:%b %H:%M} is open: "
            f"{counted(self.drafts, 'draft')}, {counted(self.receipts, 'receipt')}."
        )


class Database:
    """A connection that threads share, one at a time.

    `reopen` replaces the file behind it, so the object stays valid. `path` is None in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.path = path
        self._connection = connection
        self._file_id = file_id(path)
        self._lock = threading.RLock()

    @classmethod
    def open(cls, home: Path) -> Database:
        """Open the file in a folder, and create both if they are missing.

        Raises StoreTrouble, and Damaged if the file is lost but its copy is there.
        """
        path = home / FILE_NAME
        with translate_errors(path):
            if is_lost(home):
                raise Damaged(f"{path} is missing or empty.")
            make_private(home, path)
            examine(path)
            connection = connect(path)
        database = cls(connection, path)
        try:
            _set_up(database)
        except BaseException:
            connection.close()
            raise
        return database

    @classmethod
    def in_memory(cls) -> Database:
        """Return a database that ends with the program."""
        return cls._migrated(connect(None))

    @classmethod
    def read_into_memory(cls, home: Path) -> Database:
        """Return a database in memory for a file that cannot be used.

        It has the content of the file if SQLite can read it, else the content of the copy. A draft
        from an old copy must not replace a newer one as soon as the file can be written.
        """
        for name in (FILE_NAME, COPY_NAME):
            with contextlib.suppress(StoreTrouble, OSError, *SQLITE_ERRORS):
                return cls._migrated(_read_into_memory(home / name))
        return cls.in_memory()

    @classmethod
    def _migrated(cls, memory: sqlite3.Connection) -> Database:
        database = cls(memory, None)
        _migrate(database)
        return database

    def reopen(self, home: Path) -> Rescue | None:
        """Open the file again, and rescue a damaged one.

        Settings and receipts that were written to memory are added to the file. Drafts are not:
        the autosave writes them. Raises StoreTrouble if the file still cannot be used.
        """
        with self._lock:
            rescued = None
            was_in_memory = self.path is None
            try:
                fresh = Database.open(home)
            except Damaged:
                if not was_in_memory:
                    self._become(Database.read_into_memory(home))
                rescued = rescue(home)
                fresh = Database.open(home)
            try:
                if was_in_memory:
                    _add_rows(self, fresh)
            except BaseException:
                fresh.close()
                raise
            self._become(fresh)
            return rescued

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Read rows; raises StoreTrouble."""
        with self._lock, translate_errors(self.path):
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> None:
        """Run one statement inside a transaction."""
        self.rows(sql, *values)

    def run_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement for each row."""
        with self._lock, translate_errors(self.path):
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Run statements all or none, and flush them to disk at the end."""
        with self._lock, translate_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                check_version(self.path, self.version())
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            # Another process may have set the file aside during the transaction.
            if file_id(self.path) != self._file_id:
                raise Damaged(f"{self.path} was moved, deleted or replaced by another program.")

    def backup(self, path: Path) -> None:
        """Copy the database to an empty file, which is complete without a log."""
        with self._lock, translate_errors(path):
            _back_up(self._connection, path)

    def refresh_copy(self) -> None:
        """Replace the copy beside the file if it is older than a day.

        Raises Damaged and keeps the old copy if the file is not sound.
        """
        if self.path and _is_old(self.path.with_name(COPY_NAME)):
            with translate_errors(self.path):
                _make_copy(self.path)

    def checkpoint(self) -> None:
        """Move the log into the file, so that a copy of the file alone is complete."""
        self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def version(self) -> int:
        """Return the version of the file."""
        return int(self.rows("PRAGMA user_version")[0][0])

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _become(self, other: Database) -> None:
        self._connection.close()
        self._connection, self.path, self._file_id = other._connection, other.path, other._file_id


def is_lost(home: Path) -> bool:
    """Return whether a folder has the copy of a file that is missing or empty."""
    path = home / FILE_NAME
    if not os.path.lexists(home / COPY_NAME):
        return False
    return not os.path.lexists(path) or (path.is_file() and not path.stat().st_size)


def rescue(home: Path) -> Rescue | None:
    """Set a damaged file aside under another name, and put the copy or an empty file in its place.

    Returns None if the file is sound: another process has already replaced it.
    """
    path = home / FILE_NAME
    require_regular_file(path)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"wizard.damaged-{stamp}.sqlite3")
    with translate_errors(path), locked(home / "rescue.lock", _RESCUE_SECONDS):
        was_missing = not os.path.lexists(path)
        if not (was_missing or is_lost(home)) and _is_usable(path):
            return None
        with new_file(str(path), over=True) as fresh:
            copied = _restore(path.with_name(COPY_NAME), fresh)
            drafts, receipts = _migrate_copy(fresh)
            _move_damaged(path, aside)
    return Rescue(None if was_missing else aside, copied, drafts, receipts)


def _is_usable(path: Path) -> bool:
    try:
        examine(path)
    except Damaged:
        return False
    except SQLITE_ERRORS as error:
        if isinstance(store_trouble(error, path), Damaged):
            return False
        raise
    return True


def _restore(copy: Path, fresh: Path) -> datetime | None:
    """Fill a new file from the copy and return the copy's time; None if there is no usable copy."""
    if not (copy.is_file() and _is_usable(copy)):
        return None
    fresh.write_bytes(copy.read_bytes())
    return datetime.fromtimestamp(copy.stat().st_mtime, UTC)


def _migrate_copy(fresh: Path) -> tuple[int, int]:
    """Migrate a restored file; returns the number of its drafts and of its receipts."""
    with contextlib.closing(connect(fresh)) as connection:
        database = Database(connection, fresh)
        with database.transaction():
            _apply_migrations(database, database.version())
        drafts = database.rows("SELECT count(*) FROM drafts WHERE deleted IS NULL")
        return drafts[0][0], database.rows("SELECT count(*) FROM receipts")[0][0]


def _move_damaged(path: Path, aside: Path) -> None:
    """Give a damaged file and its log another name; the file itself may be missing."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        log.rename(f"{aside}-wal")
    log.unlink(missing_ok=True)
    Path(f"{path}-shm").unlink(missing_ok=True)
    try:
        aside.hardlink_to(path)
    except FileNotFoundError:
        return
    except OSError:  # a file system without links
        path.rename(aside)


def _is_old(copy: Path) -> bool:
    try:
        return abs(time.time() - copy.stat().st_mtime) >= _COPY_AGE
    except FileNotFoundError:
        return True


def _make_copy(path: Path) -> None:
    """Replace the copy beside a file, on a separate connection that blocks no other."""
    with (
        new_file(str(path.with_name(COPY_NAME)), over=True) as part,
        contextlib.closing(connect(path, read_only=True)) as reader,
    ):
        _back_up(reader, part)
        _remove_secrets(part)
        examine(part)


def _remove_secrets(copy: Path) -> None:
    """Remove from a copy what files before version 2 contain."""
    with contextlib.closing(connect(copy)) as connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] != 1:
            return
        connection.execute("PRAGMA secure_delete=ON")
        for statement in migrations.statements([migrations.FORGET_KEYS]):
            connection.execute(statement)


def _back_up(source: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(connect(path)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _read_into_memory(path: Path) -> sqlite3.Connection:
    """Read a file and its log through copies, since the file may be locked or read-only."""
    import tempfile  # noqa: PLC0415 - only for a file that cannot be used

    require_regular_file(path)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / path.name
        for end in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{part}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
        examine(part)
        with contextlib.closing(connect(part)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            memory = connect(None)
            connection.backup(memory)
    return memory


def _add_rows(old: Database, new: Database) -> None:
    """Add the settings, receipts and sandbox assistants in memory to the file."""
    salts = [db.rows("SELECT value FROM settings WHERE name = ?", KEY_SALT) for db in (old, new)]
    # Hashes of keys made with different salts cannot be compared.
    changed = {} if list(map(tuple, salts[0])) == list(map(tuple, salts[1])) else {"key_end": ""}
    with new.transaction():
        for row in old.rows("SELECT * FROM settings WHERE name <> ?", KEY_SALT):
            _put(new, "settings", dict(row))
        stored = {row["assistant"] for row in new.rows("SELECT assistant FROM shelf")}
        for row in old.rows("SELECT assistant, body FROM shelf ORDER BY n"):
            if row["assistant"] not in stored:
                _put(new, "shelf", dict(row))
        for table in ("receipts", "updates"):
            receipts = {row["id"]: row for row in new.rows(f"SELECT * FROM {table}")}  # noqa: S608
            for row in old.rows(f"SELECT * FROM {table} ORDER BY rowid"):  # noqa: S608
                if _count_values(row) > _count_values(receipts.get(row["id"], ())):
                    _put(new, table, dict(row) | (changed if table == "receipts" else {}))


def _put(database: Database, table: str, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    database.run(sql, *row.values())


def _count_values(row: Iterable[Any]) -> int:
    return sum(value is not None for value in row)


def _set_up(database: Database) -> None:
    """Make writes durable, overwrite deleted rows, and migrate."""
    _use_log(database)
    database.rows("PRAGMA synchronous=FULL")
    database.rows("PRAGMA secure_delete=ON")
    if database.version() < len(migrations.MIGRATIONS):
        _migrate(database)


def _use_log(database: Database) -> None:
    """Turn the write-ahead log on. SQLite does not wait for another process that does the same."""
    end = time.monotonic() + sqlite_file.BUSY_SECONDS
    while True:
        try:
            database.rows("PRAGMA journal_mode=WAL")
        except StoreTrouble as trouble:
            code = getattr(trouble.__cause__, "sqlite_errorcode", 0) & 0xFF
            if code != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(database: Database) -> None:
    with database.transaction():
        # Read inside the transaction: another process may have migrated the file already.
        version = database.version()
        if database.path and 0 < version < len(migrations.MIGRATIONS):
            _make_copy(database.path)
        _apply_migrations(database, version)


def _apply_migrations(database: Database, version: int) -> None:
    for statement in migrations.statements(migrations.MIGRATIONS[version:]):
        database.run(statement)
    database.run(f"PRAGMA user_version = {len(migrations.MIGRATIONS)}")

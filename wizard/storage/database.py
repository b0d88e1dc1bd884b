"""Opens, migrates, copies and restores the SQLite file of drafts and receipts."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from wizard.errors import Damaged, NewerFile, NotWritten, StoreTrouble
from wizard.formats.files import new_file, not_a_file
from wizard.storage.locks import locked

FILE_NAME: Final = "wizard.sqlite3"
COPY_NAME: Final = "wizard.backup.sqlite3"
# The copy is replaced at this age, in seconds.
_COPY_AGE: Final = 24 * 3600
# Seconds to wait for another process that writes, and for one that restores the file.
_BUSY_SECONDS: Final = 2.0
_RESCUE_SECONDS: Final = 20.0
# No program reaches this version: a higher number is damage.
_MOST_VERSIONS: Final = 1000

# Takes out what an earlier version kept: keys of widgets in the sandbox's table, ends of API keys.
_FORGET: Final = """
    UPDATE shelf SET assistant = masked(assistant), body = masked(body);
    UPDATE receipts SET key_end = ''
"""
# Under this name the settings have the salt of the hashes that tell API keys apart.
KEY_SALT: Final = "key_salt"

# Each entry brings a file from the version before it to its own; the last is the version of now.
MIGRATIONS: Final = (
    """
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, step TEXT NOT NULL, focus BLOB NOT NULL,
        answers BLOB NOT NULL, sources BLOB NOT NULL, seen BLOB NOT NULL, checked BLOB NOT NULL,
        done INTEGER NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, deleted TEXT,
        checksum INTEGER NOT NULL
    );
    CREATE INDEX drafts_by_age ON drafts (deleted, updated DESC);
    CREATE TABLE edits (
        draft TEXT NOT NULL, n INTEGER NOT NULL, edit BLOB NOT NULL, checksum INTEGER NOT NULL,
        PRIMARY KEY (draft, n)
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
    f"""
    {_FORGET};
    INSERT OR IGNORE INTO settings VALUES ('key_salt', lower(hex(randomblob(16))));
    UPDATE receipts SET target = place(target), hash = meaning(body, hash)
    """,  # noqa: S608 - both are written here
)

# The columns that the checksum of a row covers.
_CHECKSUM_COLUMNS: Final = {
    "drafts": (
        "id", "name", "step", "focus", "answers", "sources", "seen", "checked", "done", "updated",
    ),
    "edits": ("draft", "n", "edit"),
}  # fmt: skip
_READ_ONLY: Final = "the file or its folder is read-only"


def checksum(table: str, row: Mapping[str, Any] | sqlite3.Row) -> int:
    """Return the checksum stored beside a row; SQLite itself does not notice changed bytes."""
    parts = (row[column] for column in _CHECKSUM_COLUMNS[table])
    return zlib.crc32(
        b"\0".join(
            part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
            for part in parts
        )
    )


class Rescue(NamedTuple):
    """A damaged file that was set aside, and the copy that replaces it.

    `copied` is the time of the copy, None if the new file is empty.
    """

    aside: Path
    copied: datetime | None = None
    drafts: int = 0
    receipts: int = 0

    @property
    def sentence(self) -> str:
        """The message for the person."""
        damaged = f"The file of drafts was damaged. It was set aside as {self.aside.name}"
        if self.copied is None:
            return f"{damaged}; it has no usable copy, so the new file is empty."
        local = self.copied.astimezone()
        return (
            f"{damaged}; the copy of {local.day} {local:%b %H:%M} is open: "
            f"{_count(self.drafts, 'draft')}, {_count(self.receipts, 'receipt')}."
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Database:
    """A connection that threads share, one at a time.

    `reopen` replaces the file behind it, so the object stays valid. `path` is None in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.path = path
        self._connection = connection
        self._file_id = _file_id(path)
        self._lock = threading.RLock()

    @classmethod
    def open(cls, home: Path) -> Database:
        """Open the file in a folder, and create both if they are missing; raises StoreTrouble."""
        path = home / FILE_NAME
        with _as_store_trouble(path):
            _make_private(home, path)
            _examine(path)
            connection = _connect(path)
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
        return cls._of(_connect(None))

    @classmethod
    def stand_in(cls, home: Path) -> Database:
        """Return a database in memory for a file that cannot be used.

        It holds the content of the file if SQLite can read it, else the content of the copy. A
        draft from an old copy must not replace a newer one as soon as the file can be written.
        """
        for name in (FILE_NAME, COPY_NAME):
            with contextlib.suppress(StoreTrouble, OSError, sqlite3.Error):
                return cls._of(_read_into_memory(home / name))
        return cls.in_memory()

    @classmethod
    def _of(cls, memory: sqlite3.Connection) -> Database:
        database = cls(memory, None)
        _migrate(database)
        return database

    @property
    def shown_path(self) -> str:
        """The path to show to a person."""
        return str(self.path or "memory")

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
                    self._become(Database.stand_in(home))
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
        with self._lock, _as_store_trouble(self.path):
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement inside a transaction; returns the number of changed rows."""
        with self._lock, _as_store_trouble(self.path):
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement for each row."""
        with self._lock, _as_store_trouble(self.path):
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Run statements all or none, and flush them to disk at the end."""
        with self._lock, _as_store_trouble(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_version()
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            # Another process may have set the file aside during the transaction.
            if _file_id(self.path) != self._file_id:
                raise Damaged(f"{self.path} was moved, deleted or replaced by another program.")

    def backup(self, path: Path) -> None:
        """Copy the database to an empty file, which is complete without a log."""
        with self._lock, _as_store_trouble(path):
            _back_up(self._connection, path)

    def refresh_copy(self) -> None:
        """Replace the copy beside the file if it is older than a day.

        Raises Damaged and keeps the old copy if the file is not sound.
        """
        if self.path and _is_old(self.path.with_name(COPY_NAME)):
            with _as_store_trouble(self.path):
                _make_copy(self.path)

    def checkpoint(self) -> None:
        """Move the log into the file, so that a copy of the file alone is complete."""
        self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def is_sound(self) -> bool:
        """Whether SQLite's integrity check, which reads the whole file, finds no error."""
        with self._lock:
            try:
                return _is_sound(self._connection)
            except sqlite3.Error:
                return False

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

    def _check_version(self) -> None:
        """Raise NewerFile if a newer program has migrated the open file."""
        version = self.version()
        if version > len(MIGRATIONS):
            raise _newer(self.path, version)


def rescue(home: Path) -> Rescue | None:
    """Set a damaged file aside under another name, and put the copy or an empty file in its place.

    Returns None if the file is sound: another process has already replaced it.
    """
    path = home / FILE_NAME
    require_regular_file(path)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"wizard.damaged-{stamp}.sqlite3")
    with _as_store_trouble(path), locked(home / "rescue.lock", _RESCUE_SECONDS):
        if _is_usable(path):
            return None
        with new_file(str(path), over=True) as fresh:
            copied = _restore(path.with_name(COPY_NAME), fresh)
            drafts, receipts = _migrate_copy(fresh)
            _set_aside(path, aside)
    return Rescue(aside, copied, drafts, receipts)


def _is_usable(path: Path) -> bool:
    try:
        _examine(path)
    except Damaged:
        return False
    except sqlite3.Error as error:
        if isinstance(_trouble(error, path), Damaged):
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
    with contextlib.closing(_connect(fresh)) as connection:
        database = Database(connection, fresh)
        with database.transaction():
            _bring_forward(database, database.version(), len(MIGRATIONS))
        drafts = database.rows("SELECT count(*) FROM drafts WHERE deleted IS NULL")
        return drafts[0][0], database.rows("SELECT count(*) FROM receipts")[0][0]


def _set_aside(path: Path, aside: Path) -> None:
    """Give a damaged file and its log another name."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        log.rename(f"{aside}-wal")
    log.unlink(missing_ok=True)
    Path(f"{path}-shm").unlink(missing_ok=True)
    try:
        aside.hardlink_to(path)
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
        contextlib.closing(_connect(path, read_only=True)) as reader,
    ):
        _back_up(reader, part)
        _remove_secrets(part)
        _examine(part)


def _remove_secrets(copy: Path) -> None:
    """Remove from a copy what files before version 2 contain."""
    with contextlib.closing(_connect(copy)) as connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] != 1:
            return
        connection.execute("PRAGMA secure_delete=ON")
        for statement in _statements([_FORGET]):
            connection.execute(statement)


def _back_up(source: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(_connect(path)) as target:
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
        _examine(part)
        with contextlib.closing(_connect(part)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            memory = _connect(None)
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
        receipts = {row["id"]: row for row in new.rows("SELECT * FROM receipts")}
        for row in old.rows("SELECT * FROM receipts ORDER BY rowid"):
            if _count_values(row) > _count_values(receipts.get(row["id"], ())):
                _put(new, "receipts", dict(row) | changed)


def _put(database: Database, table: str, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    database.run(sql, *row.values())


def _count_values(row: Iterable[Any]) -> int:
    return sum(value is not None for value in row)


def _make_private(home: Path, path: Path) -> None:
    """Create the folder and the file for their owner alone; SQLite gives the log the same mode."""
    check_place(home)
    if not home.exists():
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        home.chmod(0o700)
    # An existing file is not opened: closing it would release SQLite's own locks.
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):  # another person's file
            path.chmod(0o600)


def check_place(home: Path) -> None:
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


def _file_id(path: Path | None) -> tuple[int, int] | None:
    """Return the device and the inode of a file."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _connect(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}" if path else ":memory:",
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=path is not None,
    )
    connection.row_factory = sqlite3.Row
    # One damaged text must not hide all rows; the checksum reports it.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    # What migrations call; imported when one does.
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


def _examine(path: Path) -> None:
    """Check a file without changing it; raises Damaged and NewerFile."""
    log = Path(f"{path}-wal")
    if not path.stat().st_size:
        if log.exists() and log.stat().st_size:
            raise Damaged(f"{path} is damaged: it is empty, but its log is not.")
        return
    with contextlib.closing(_connect(path, read_only=True)) as connection:
        connection.execute("BEGIN")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if len(MIGRATIONS) < version < _MOST_VERSIONS:
            raise _newer(path, version)
        tables = frozenset(row[0] for row in connection.execute("SELECT sql FROM sqlite_master"))
        known = 0 <= version <= len(MIGRATIONS)
        if not known or not _schema(MIGRATIONS[:version]) <= tables or (tables and not version):
            raise Damaged(f"{path} is damaged: its tables are not those of this program.")
        if not _is_sound(connection):
            raise Damaged(f"{path} is damaged.")


def _is_sound(connection: sqlite3.Connection) -> bool:
    found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    return [row[0] for row in found] == ["ok"]


@functools.cache
def _schema(scripts: tuple[str, ...]) -> frozenset[str]:
    """Return the SQL of the tables and indexes that the scripts create, as SQLite stores it."""
    with contextlib.closing(_connect(None)) as connection:
        for statement in _statements(scripts):
            connection.execute(statement)
        return frozenset(row[0] for row in connection.execute("SELECT sql FROM sqlite_master"))


def _newer(path: Path | None, version: int) -> NewerFile:
    return NewerFile(
        f"{path} was written by a newer qcall-wizard (file version {version}, this program "
        f"reads {len(MIGRATIONS)}). It was not changed: use the newer program, or another "
        "folder with --home."
    )


def _set_up(database: Database) -> None:
    """Make writes durable, overwrite deleted rows, and migrate."""
    _use_log(database)
    database.rows("PRAGMA synchronous=FULL")
    database.rows("PRAGMA secure_delete=ON")
    if database.version() < len(MIGRATIONS):
        _migrate(database)


def _use_log(database: Database) -> None:
    """Turn the write-ahead log on; SQLite does not wait for another process that does the same."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            database.rows("PRAGMA journal_mode=WAL")
        except StoreTrouble as trouble:
            if not _is_busy(trouble.__cause__) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _is_busy(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _migrate(database: Database) -> None:
    with database.transaction():
        # Read inside the transaction: another process may have migrated the file already.
        version = database.version()
        if database.path and 0 < version < len(MIGRATIONS):
            _make_copy(database.path)
        _bring_forward(database, version, len(MIGRATIONS))


def _bring_forward(database: Database, version: int, wanted: int) -> None:
    for statement in _statements(MIGRATIONS[version:wanted]):
        database.run(statement)
    database.run(f"PRAGMA user_version = {wanted}")


def _statements(scripts: Sequence[str]) -> Iterator[str]:
    for script in scripts:
        yield from filter(str.strip, script.split(";"))


@contextlib.contextmanager
def _as_store_trouble(path: Path | None) -> Iterator[None]:
    """Raise errors of SQLite and of the system as StoreTrouble, with a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(error, path) from error
    except NotWritten as error:
        raise StoreTrouble(f"{error}.") from error
    except (OSError, UnicodeEncodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreTrouble(f"{path} cannot be used: {reason}.") from error


def _trouble(error: sqlite3.Error, path: Path | None) -> StoreTrouble:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{path} is damaged.")
    reasons = {
        sqlite3.SQLITE_BUSY: "another program is writing to it",
        sqlite3.SQLITE_LOCKED: "another program is writing to it",
        sqlite3.SQLITE_READONLY: _READ_ONLY,
        sqlite3.SQLITE_CANTOPEN: "check the permissions of its folder",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk reports an error",
    }
    return StoreTrouble(f"{path} cannot be used: {reasons.get(code, str(error))}.")

"""The SQLite file: opening it safely, bringing it up to date, saving what can be saved of it."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from wizard.errors import Damaged, NewerFile, StoreTrouble
from wizard.formats.files import flush, not_a_file
from wizard.storage.locks import held

if TYPE_CHECKING:
    from wizard.storage import salvage

FILE_NAME: Final = "wizard.sqlite3"
# Seconds to wait for another process that writes, and for one that rescues the file.
_BUSY_SECONDS: Final = 2.0
_RESCUE_SECONDS: Final = 20.0
# No program will ever have made so many versions: such a number is damage.
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

# What the checksum of a row is made of.
_SUMMED: Final = {
    "drafts": (
        "id", "name", "step", "focus", "answers", "sources", "seen", "checked", "done", "updated",
    ),
    "edits": ("draft", "n", "edit"),
}  # fmt: skip
_READ_ONLY: Final = "the file or its folder is read-only"


def checksum(table: str, row: Mapping[str, Any] | sqlite3.Row) -> int:
    """The checksum of a row, to be kept beside it: a disk may give back what it was not given."""
    parts = (row[column] for column in _SUMMED[table])
    return zlib.crc32(
        b"\0".join(
            part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
            for part in parts
        )
    )


class Rescue(NamedTuple):
    """What became of a damaged file: where it lies now, and what could be read from it.

    `rows` counts all rows, `lost` those that were seen and could not be read.
    """

    aside: Path
    rows: int
    drafts: int = 0
    receipts: int = 0
    lost: int = 0

    @property
    def sentence(self) -> str:
        """What happened, for the person."""
        read = f"{_count(self.drafts, 'draft')} and {_count(self.receipts, 'receipt')}"
        lost = f" {_count(self.lost, 'other entry', 'other entries')} could not be read."
        return (
            f"The file of drafts was damaged. It was set aside as {self.aside.name}; "
            f"{read} could be read and are here.{lost if self.lost else ''}"
        )


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or f'{one}s'}"


class Database:
    """A connection that several threads may use, one at a time.

    It can be opened again while it is used: who holds it goes on with the file as it is then.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.path = path
        self._connection = connection
        self._place = _place(path)
        self._lock = threading.RLock()

    @classmethod
    def open(cls, home: Path) -> Database:
        """Open the file in a folder, made where it is missing; StoreTrouble where it cannot be."""
        path = home / FILE_NAME
        with _told(path):
            _make_private(home, path)
            _examine(path)
            connection = _connect(path)
        database = cls(connection, path)
        try:
            _settle(database)
        except BaseException:
            connection.close()
            raise
        return database

    @classmethod
    def in_memory(cls) -> Database:
        """A database that is gone with the program."""
        database = cls(_connect(None), None)
        _migrate(database)
        return database

    @classmethod
    def stand_in(cls, home: Path) -> Database:
        """A database in memory with what can be read of a file that cannot be used."""
        database = cls.in_memory()
        with contextlib.suppress(StoreTrouble, OSError), database.transaction():
            _fill(database, *_read(home / FILE_NAME))
        return database

    @property
    def shown_path(self) -> str:
        """The file as it is named to a person."""
        return str(self.path or "memory")

    def reopen(self, home: Path, mend: Callable[[Database], None]) -> Rescue | None:
        """Open the file anew in place of what is open, a damaged one after it was rescued.

        What was put into a database in memory meanwhile goes along, but for the drafts: those are
        the saver's to write. Raises StoreTrouble where it is no better than before.
        """
        with self._lock:
            saved = None
            try:
                fresh = Database.open(home)
            except Damaged:
                if self.path is not None:
                    self._become(Database.stand_in(home))
                saved = rescue(home, mend)
                fresh = Database.open(home)
            try:
                if self.path is None:
                    _hand_over(self, fresh)
            except BaseException:
                fresh.close()
                raise
            self._become(fresh)
            return saved

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Read rows; StoreTrouble where that fails."""
        with self._lock, _told(self.path):
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement inside a transaction; returns how many rows it changed."""
        with self._lock, _told(self.path):
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement for each row."""
        with self._lock, _told(self.path):
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and flushed to disk at the end."""
        with self._lock, _told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_version()
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            # Another process may have set the file aside just now, with what was written to it.
            if _place(self.path) != self._place:
                raise Damaged(f"{self.path} was moved, deleted or replaced by another program.")

    def backup(self, path: Path) -> None:
        """Copy all that is kept to an empty file, which needs no other file beside it."""
        with self._lock, _told(path), contextlib.closing(_connect(path)) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

    def checkpoint(self) -> None:
        """Move what is in the log into the file, so that a copy of the file alone lacks nothing."""
        self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def is_sound(self) -> bool:
        """Whether SQLite finds the file in order; reads all of it."""
        with self._lock:
            try:
                return _is_sound(self._connection)
            except sqlite3.Error:
                return False

    def version(self) -> int:
        """The version of the file."""
        return int(self.rows("PRAGMA user_version")[0][0])

    def parts(self) -> tuple[sqlite3.Connection, Path | None, tuple[int, int] | None]:
        """What another one needs to go on in the place of this one."""
        return self._connection, self.path, self._place

    def close(self) -> None:
        """Close the connection; what was committed is on disk."""
        with self._lock:
            self._connection.close()

    def _become(self, other: Database) -> None:
        self._connection.close()
        self._connection, self.path, self._place = other.parts()

    def _check_version(self) -> None:
        """A newer program may have brought the file up to date since it was opened."""
        version = self.version()
        if version > len(MIGRATIONS):
            raise _newer(self.path, version)


def rescue(home: Path, mend: Callable[[Database], None] = lambda _: None) -> Rescue | None:
    """Set a damaged file aside under another name, with what can be read of it in a new one.

    `mend` puts in order what was read, before the new file takes its place. None where the file
    is in order: another process was here before.
    """
    path = home / FILE_NAME
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"wizard.damaged-{stamp}.sqlite3")
    fresh = path.with_name(f"wizard.rescued-{stamp}.sqlite3")
    refuse_other_kinds(path)
    with _told(path), held(home / "rescue.lock", _RESCUE_SECONDS):
        if _is_well(path):
            return None
        try:
            with _still(path):
                counts, lost = _rebuild(path, fresh, mend)
                _replace(path, aside, fresh)
        finally:
            for ending in ("", "-journal", "-wal", "-shm"):
                Path(f"{fresh}{ending}").unlink(missing_ok=True)
    return Rescue(aside, counts.total(), counts["drafts"], counts["receipts"], lost)


def _is_well(path: Path) -> bool:
    try:
        _examine(path)
    except Damaged:
        return False
    except sqlite3.Error as error:
        if isinstance(_trouble(error, path), Damaged):
            return False
        raise
    return True


@contextlib.contextmanager
def _still(path: Path) -> Iterator[None]:
    """Keep other processes from writing, as far as the damage allows.

    The second connection keeps the first from tidying up the log as it closes. The log of an
    empty file would be deleted at once.
    """
    if not path.stat().st_size:
        yield
        return
    with (
        contextlib.closing(_connect(path, read_only=True)) as witness,
        contextlib.closing(_connect(path)) as guard,
    ):
        with contextlib.suppress(sqlite3.Error):
            witness.execute("PRAGMA user_version").fetchall()
            guard.execute("BEGIN IMMEDIATE")
        yield


def _rebuild(path: Path, fresh: Path, mend: Callable[[Database], None]) -> tuple[Counter[str], int]:
    """Make a new file of what can be read: in the version of the old one, then brought forward."""
    from wizard.storage import salvage  # noqa: PLC0415 - few files are ever damaged

    main, log = _read(path)
    told = salvage.version(main)
    if told is not None and len(MIGRATIONS) < told < _MOST_VERSIONS:
        raise _newer(path, told)
    version = told if told is not None and 0 < told <= len(MIGRATIONS) else len(MIGRATIONS)
    _create_private(fresh)
    connection = _connect(fresh)
    try:
        database = Database(connection, fresh)
        with database.transaction():
            _bring_forward(database, 0, version)
            found = _fill(database, main, log)
        with database.transaction():
            _bring_forward(database, version, len(MIGRATIONS))
        mend(database)
    finally:
        connection.close()
    return found


def _replace(path: Path, aside: Path, fresh: Path) -> None:
    """Give a file another name and put the new one in its place."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        log.rename(f"{aside}-wal")
    log.unlink(missing_ok=True)
    Path(f"{path}-shm").unlink(missing_ok=True)
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system without links
        path.rename(aside)
    fresh.replace(path)
    flush(path.parent)


def _read(path: Path) -> tuple[bytes, bytes]:
    """The bytes of a file and of its log."""
    refuse_other_kinds(path)
    log = Path(f"{path}-wal")
    return path.read_bytes(), log.read_bytes() if log.exists() else b""


def _fill(database: Database, main: bytes, log: bytes) -> tuple[Counter[str], int]:
    """Put the rows that can be read into a database; how many of each table, how many not."""
    from wizard.storage import salvage  # noqa: PLC0415 - see above

    columns = _columns(database)
    found: list[_Found] = []
    lost = 0
    for row in salvage.rows(main, log):
        if row is None:
            lost += 1
        elif not _is_schema(row.values):
            fitting = _fitting(row, columns)
            found.extend([fitting] if fitting else [])
            lost += fitting is None
    for one in sorted(found, key=_Found.rank):
        with contextlib.suppress(StoreTrouble):  # a row that does not fit its table any more
            _put(database, one.table, one.values)
    counts: Counter[str] = Counter()
    for table in columns:
        counts[table] = database.rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
    return counts, lost


def _put(database: Database, table: str, row: Mapping[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    database.run(sql, *row.values())


_Columns: TypeAlias = Mapping[str, Sequence[sqlite3.Row]]
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "TEXT": (str,),
    "BLOB": (bytes,),
    "INTEGER": (int,),
    "REAL": (float, int),
}


class _Found(NamedTuple):
    """A row that was read, and the table it belongs to."""

    table: str
    number: int
    values: dict[str, Any]

    def rank(self) -> tuple[int, str, int]:
        """The order in which rows are put back: of two states of one the newer comes last."""
        told = sum(value is not None for value in self.values.values())
        return self.number, str(self.values.get("updated")), told


def _columns(database: Database) -> _Columns:
    tables = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        table["name"]: database.rows("SELECT * FROM pragma_table_info(?)", table["name"])
        for table in tables
    }


def _is_schema(values: Sequence[salvage.Value]) -> bool:
    """Whether a row is of SQLite's own table of tables."""
    return len(values) == 5 and values[0] in ("table", "index")


def _fitting(row: salvage.Row, tables: _Columns) -> _Found | None:
    """Find the table of a row by its shape; None where it fits none or its checksum is wrong."""
    fits = [name for name, columns in tables.items() if _fits(row.values, columns)]
    if not fits:
        return None
    table = min(fits, key=lambda name: len(tables[name]))
    named = zip(tables[table], row.values, strict=False)
    values = {
        column["name"]: row.number if _is_number(column) else value for column, value in named
    }
    if table in _SUMMED and checksum(table, values) != values["checksum"]:
        return None
    return _Found(table, row.number, values)


def _fits(values: Sequence[salvage.Value], columns: Sequence[sqlite3.Row]) -> bool:
    """Whether a row may be of a table; one from before a column was added is shorter."""
    if len(values) > len(columns):
        return False
    told = zip(values, columns, strict=False)
    return all(_has_type(value, column) for value, column in told) and not any(
        column["notnull"] and column["dflt_value"] is None for column in columns[len(values) :]
    )


def _has_type(value: salvage.Value, column: sqlite3.Row) -> bool:
    if value is None:
        return not column["notnull"]
    return isinstance(value, _TYPES[column["type"]])


def _is_number(column: sqlite3.Row) -> bool:
    """Whether a column is the row's number itself, which is not kept among its values."""
    return bool(column["pk"]) and column["type"] == "INTEGER" and not column["notnull"]


def _hand_over(old: Database, new: Database) -> None:
    """Put into a file what was kept in memory while there was none; drafts are saved anew."""
    salts = [db.rows("SELECT value FROM settings WHERE name = ?", KEY_SALT) for db in (old, new)]
    # A hash of a key says nothing beside another salt.
    other = {} if list(map(tuple, salts[0])) == list(map(tuple, salts[1])) else {"key_end": ""}
    with new.transaction():
        for row in old.rows("SELECT * FROM settings WHERE name <> ?", KEY_SALT):
            _put(new, "settings", dict(row))
        there = {row["assistant"] for row in new.rows("SELECT assistant FROM shelf")}
        for row in old.rows("SELECT assistant, body FROM shelf ORDER BY n"):
            if row["assistant"] not in there:
                _put(new, "shelf", dict(row))
        receipts = {row["id"]: row for row in new.rows("SELECT * FROM receipts")}
        for row in old.rows("SELECT * FROM receipts ORDER BY rowid"):
            if _told_of(row) > _told_of(receipts.get(row["id"], ())):
                _put(new, "receipts", dict(row) | other)


def _told_of(row: Iterable[Any]) -> int:
    return sum(value is not None for value in row)


def _make_private(home: Path, path: Path) -> None:
    """Folder and file are the person's own; SQLite gives its side files the mode of the file."""
    check_place(home)
    if not home.exists():
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        home.chmod(0o700)
    # An existing file is never opened here: to close it would take the locks off SQLite's hands.
    if not path.exists():
        _create_private(path)
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):  # another person's file
            path.chmod(0o600)


def check_place(home: Path) -> None:
    """Raise StoreTrouble if nothing can be kept in a folder; nothing is made or changed."""
    path, there = home / FILE_NAME, nearest(home)
    refuse_other_kinds(path)
    if not there.is_dir():
        raise StoreTrouble(f"{path} cannot be used: {there} is not a folder.")
    usable = os.access(there, os.W_OK | os.X_OK)
    if not usable or (os.path.lexists(path) and not os.access(path, os.R_OK | os.W_OK)):
        raise StoreTrouble(f"{path} cannot be used: {_READ_ONLY}.")


def nearest(path: Path) -> Path:
    """Return a path, or the nearest folder above it that exists."""
    path = path.absolute()
    return next((each for each in (path, *path.parents) if os.path.lexists(each)), path)


def refuse_other_kinds(path: Path) -> None:
    """Raise StoreTrouble if the file or one that SQLite keeps beside it is no regular file."""
    real = os.path.realpath(path)
    for each in (str(path), *(f"{real}{end}" for end in ("-wal", "-shm", "-journal"))):
        if kind := not_a_file(each):
            raise StoreTrouble(
                f"{each} cannot be used: it is {kind}, not a file. Move it away, or name another "
                "folder with --home."
            )


def _create_private(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _place(path: Path | None) -> tuple[int, int] | None:
    """Which file lies at a path now."""
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
    # A damaged text is told by its checksum, and does not hide all others.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    # What migrations call; imported when one does.
    for name, parameters in (("place", 1), ("meaning", 2), ("masked", 1)):
        connection.create_function(name, parameters, functools.partial(_migrated, name))
    return connection


def _migrated(name: str, *values: Any) -> Any:
    """Call a function of `wizard.storage.migrating`; what it cannot read stays as it is."""
    from wizard.storage import migrating  # noqa: PLC0415 - imports this module

    try:
        return getattr(migrating, name)(*values)
    except Exception:  # SQLite would only say that there was one
        return values[-1]


def _examine(path: Path) -> None:
    """Look at a file without a change to it; Damaged or NewerFile where it cannot be used."""
    log = Path(f"{path}-wal")
    if not path.stat().st_size:
        if log.exists() and log.stat().st_size:
            raise Damaged(f"{path} is damaged: all of it is gone but its log.")
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
        if _is_cut(log):
            raise Damaged(f"{path} is damaged: its log breaks off.")


def _is_cut(log: Path) -> bool:
    """Whether a log breaks off before its end; to look at the file began an empty one."""
    if not (log.exists() and log.stat().st_size):
        return False
    from wizard.storage import salvage  # noqa: PLC0415 - a file that nobody has open has no log

    return salvage.is_cut(log.read_bytes())


def _is_sound(connection: sqlite3.Connection) -> bool:
    found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    return [row[0] for row in found] == ["ok"]


@functools.cache
def _schema(scripts: tuple[str, ...]) -> frozenset[str]:
    """What SQLite notes of the tables that these scripts make."""
    with contextlib.closing(_connect(None)) as connection:
        for statement in _statements(scripts):
            connection.execute(statement)
        return frozenset(row[0] for row in connection.execute("SELECT sql FROM sqlite_master"))


def _newer(path: Path | None, version: int) -> NewerFile:
    return NewerFile(
        f"{path} was written by a newer qcall-wizard (file version {version}, this program "
        f"knows {len(MIGRATIONS)}). It is left as it is: use the newer program, or another "
        "folder with --home."
    )


def _settle(database: Database) -> None:
    """Set the file up: durable writes, nothing left of what is deleted, the tables of now."""
    _use_log(database)
    database.rows("PRAGMA synchronous=FULL")
    database.rows("PRAGMA secure_delete=ON")
    if database.version() < len(MIGRATIONS):
        _migrate(database)


def _use_log(database: Database) -> None:
    """Switch the log on; SQLite itself does not wait for another process that does so too."""
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
        # Read now that nobody else writes: another process may have done it meanwhile.
        version = database.version()
        if database.path and 0 < version < len(MIGRATIONS):
            _copy_before_migration(database.path, version)
        _bring_forward(database, version, len(MIGRATIONS))


def _bring_forward(database: Database, version: int, wanted: int) -> None:
    for statement in _statements(MIGRATIONS[version:wanted]):
        database.run(statement)
    database.run(f"PRAGMA user_version = {wanted}")


def _statements(scripts: Sequence[str]) -> Iterator[str]:
    for script in scripts:
        yield from filter(str.strip, script.split(";"))


def _copy_before_migration(path: Path, version: int) -> None:
    """Keep the file as it was, whole or not at all."""
    copy = path.with_name(f"wizard.version-{version}.sqlite3")
    part = copy.with_suffix(".part")
    try:
        part.unlink(missing_ok=True)
        _create_private(part)
        with contextlib.closing(_connect(path, read_only=True)) as reader:
            reader.execute("VACUUM INTO ?", (str(part),))
        with contextlib.closing(_connect(part)) as writer:
            writer.execute("PRAGMA secure_delete=ON")
            for statement in _statements([_FORGET]):
                writer.execute(statement)
        flush(part)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
    flush(path.parent)


@contextlib.contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """Turn what SQLite and the system say into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(error, path) from error
    except (OSError, UnicodeEncodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreTrouble(f"{path} cannot be used: {reason}.") from error


def _trouble(error: sqlite3.Error, path: Path | None) -> StoreTrouble:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{path} is damaged.")
    reasons = {
        sqlite3.SQLITE_BUSY: "another program is writing to it and does not let go",
        sqlite3.SQLITE_LOCKED: "another program is writing to it and does not let go",
        sqlite3.SQLITE_READONLY: _READ_ONLY,
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened: look at the folder's rights",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk does not take or give the data",
    }
    return StoreTrouble(f"{path} cannot be used: {reasons.get(code, str(error))}.")

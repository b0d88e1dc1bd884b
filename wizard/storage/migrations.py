"""The versions of the database, each as SQL that upgrades the one before."""

from collections.abc import Iterator, Sequence
from typing import Final

# No program reaches this version: a higher number is damage.
MAX_VERSIONS: Final = 1000

# Removes the keys that earlier versions stored: of widgets, and the ends of API keys.
FORGET_KEYS: Final = """
    UPDATE shelf SET assistant = masked(assistant), body = masked(body);
    UPDATE receipts SET key_end = ''
"""
# The setting with the salt for the hashes of API keys.
KEY_SALT: Final = "key_salt"

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
    {FORGET_KEYS};
    INSERT OR IGNORE INTO settings VALUES ('key_salt', lower(hex(randomblob(16))));
    UPDATE receipts SET target = place(target), hash = meaning(body, hash)
    """,  # noqa: S608 - a constant
    """
    CREATE TABLE updates (
        id TEXT PRIMARY KEY, draft TEXT NOT NULL, target TEXT NOT NULL, assistant TEXT NOT NULL,
        name TEXT NOT NULL, sent TEXT NOT NULL, before TEXT NOT NULL, body TEXT NOT NULL,
        kind TEXT, title TEXT, status INTEGER, message TEXT, seconds REAL,
        after TEXT, not_kept TEXT, settled TEXT
    );
    CREATE INDEX updates_by_assistant ON updates (target, assistant);
    CREATE TABLE origins (
        draft TEXT PRIMARY KEY, target TEXT NOT NULL, assistant TEXT NOT NULL, record TEXT NOT NULL
    );
    ALTER TABLE drafts ADD COLUMN title TEXT NOT NULL DEFAULT ''
    """,
    "ALTER TABLE updates ADD COLUMN new_key TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE calls (draft TEXT PRIMARY KEY, record TEXT NOT NULL)",
)


def statements(scripts: Sequence[str]) -> Iterator[str]:
    """Yield the single statements of scripts."""
    for script in scripts:
        yield from filter(str.strip, script.split(";"))

"""Reads and writes drafts with their history, the sandbox's assistants, and settings."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wizard.contract.steps import Step
from wizard.errors import Damaged, NewerFile, NoSuch, StoreTrouble
from wizard.storage.database import Database, Rescue, rescue

if TYPE_CHECKING:
    from wizard.draft.draft import Draft, Source
    from wizard.draft.history import Edit, History
    from wizard.draft.origin import Origin
    from wizard.formats.paths import Path

# Days for which a deleted draft can be restored.
KEPT_DAYS = 30
# The least characters of an id that are shown for typing it.
_SHORT_ID: Final = 4
# The columns that the checksum of a row covers.
_CHECKSUM_COLUMNS: Final = {
    "drafts": (
        "id", "name", "step", "focus", "answers", "sources", "seen", "checked", "done", "updated",
    ),
    "edits": ("draft", "n", "edit"),
}  # fmt: skip
# The receipts of submissions without an outcome, except the dismissed ones.
UNANSWERED = "kind IS NULL AND settled IS NULL"


def _checksum(table: str, row: Mapping[str, Any] | sqlite3.Row) -> int:
    """Return the checksum stored beside a row; SQLite itself does not notice changed bytes."""
    parts = (row[column] for column in _CHECKSUM_COLUMNS[table])
    return zlib.crc32(
        b"\0".join(
            part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
            for part in parts
        )
    )


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Snapshot(NamedTuple):
    """The state of a draft, to be saved by another thread; it does not change with the draft.

    `start` is the first edit that differs from the saved ones, `origin` the existing assistant that
    the draft changes.
    """

    id: str
    name: str
    step: Step
    focus: Path
    answers: dict[str, Any]
    sources: dict[Path, Source]
    seen: tuple[Step, ...]
    checked: tuple[Step, ...]
    edits: tuple[Edit, ...]
    done: int
    start: int
    origin: Origin | None = None


def snapshot(draft: Draft, start: int) -> Snapshot:
    """Return the state of a draft; answers are never changed in place, so they are not copied."""
    return Snapshot(
        id=draft.id,
        name=name_of(draft),
        step=draft.step,
        focus=draft.focus,
        answers=draft.answers,
        sources=draft.sources,
        seen=tuple(sorted(draft.seen)),
        checked=tuple(sorted(draft.checked)),
        edits=tuple(draft.history.edits),
        done=draft.history.done,
        start=start,
        origin=draft.origin,
    )


def name_of(draft: Draft) -> str:
    """Return the name of a draft in lists: its assistant's name, or `unnamed`."""
    name = draft.answers.get("name")
    if not isinstance(name, str) or not name.strip():
        return "unnamed"
    return one_line(name)


def one_line(text: str) -> str:
    """Return a name on one line, without what no terminal can show: lone surrogates."""
    return " ".join(text.split()).encode("utf-8", "replace").decode()


def draft_of(state: Snapshot) -> Draft:
    """Return the draft of a snapshot."""
    from wizard.draft.draft import Draft  # noqa: PLC0415 - not needed to list drafts
    from wizard.draft.history import History  # noqa: PLC0415

    return Draft(
        answers=state.answers,
        sources=state.sources,
        seen=set(state.seen),
        checked=set(state.checked),
        history=History(list(state.edits), state.done, state.start),
        id=state.id,
        step=state.step,
        focus=state.focus,
        origin=state.origin,
    )


class CreatedLine(NamedTuple):
    """An assistant that was created, in a list. `draft` is the id of its draft, or empty."""

    receipt: str
    draft: str
    name: str
    target: str
    sent: datetime
    assistant_id: str


class DraftLine(NamedTuple):
    """A draft in a list. `name` is the title that it was given, or its assistant's name.

    `deleted` is the time of its deletion, None if it is not deleted. `is_update`: it changes an
    existing assistant.
    """

    id: str
    name: str
    step: Step
    created: datetime
    updated: datetime
    deleted: datetime | None
    title: str = ""
    is_update: bool = False


class Store:
    """The tables of one file; every method may raise StoreTrouble."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self.clock = clock

    def has_unanswered(self) -> bool:
        """Whether a receipt has no outcome; `wizard.api` reads the receipts."""
        tables = ("receipts", "updates")
        parts = [f"SELECT 1 FROM {name} WHERE {UNANSWERED}" for name in tables]  # noqa: S608
        return bool(self.database.rows(f"{' UNION ALL '.join(parts)} LIMIT 1"))

    # --- drafts

    def save(self, state: Snapshot) -> None:
        """Write a draft to the disk."""
        saved_at = time_text(self.clock())
        row: dict[str, Any] = {
            "id": state.id,
            "name": state.name,
            "step": state.step.value,
            "focus": _to_json(state.focus),
            "answers": _to_json(state.answers),
            "sources": _to_json([[path, source] for path, source in state.sources.items()]),
            "seen": _to_json(state.seen),
            "checked": _to_json(state.checked),
            "done": state.done,
            "created": saved_at,
            "updated": saved_at,
        }
        with self.database.transaction():
            self.database.run(_SAVE, *row.values(), _checksum("drafts", row))
            start = state.start
            if self._count_edits(state.id, start) != start:
                start = 0  # the file does not have the edits before it
            self.database.run("DELETE FROM edits WHERE draft = ? AND n >= ?", state.id, start)
            self.database.run_many(_ADD, _edit_rows(state, start))
            if state.origin:
                origin = state.origin
                row_of = (state.id, origin.target, origin.assistant, origin.record.text)
                self.database.run(_SAVE_ORIGIN, *row_of)

    def drafts(self, most: int | None = None, *, deleted: bool = False) -> list[DraftLine]:
        """Return the drafts, the last changed one first, at most `most`."""
        which = "NOT NULL" if deleted else "NULL"
        columns = "id, name, title, step, created, updated, deleted, "
        columns += "EXISTS (SELECT 1 FROM origins WHERE draft = id) AS is_update"
        order = "updated DESC, rowid DESC"
        sql = f"SELECT {columns} FROM drafts WHERE deleted IS {which} ORDER BY {order} LIMIT ?"  # noqa: S608
        # SQLite takes a negative limit as none.
        return [_line(row) for row in self.database.rows(sql, -1 if most is None else most)]

    def drafts_of(self, target: str, assistant: str) -> list[str]:
        """Return the ids of the drafts that change an assistant, the last changed one first."""
        sql = (
            "SELECT id FROM drafts JOIN origins ON draft = id WHERE deleted IS NULL "
            "AND target = ? AND assistant = ? ORDER BY updated DESC, drafts.rowid DESC"
        )
        return [row["id"] for row in self.database.rows(sql, target, assistant)]

    def created(self) -> list[CreatedLine]:
        """Return the assistants that were created, the newest first."""
        sql = (
            "SELECT r.id, coalesce(d.id, '') AS draft, coalesce(nullif(d.title, ''), r.name) AS "
            "name, target, sent, assistant FROM receipts r LEFT JOIN drafts d ON d.id = r.draft "
            "AND d.deleted IS NULL WHERE kind = 'created' ORDER BY sent DESC, r.rowid DESC"
        )
        return [
            CreatedLine(
                receipt=row["id"],
                draft=row["draft"],
                name=row["name"],
                target=row["target"],
                sent=parse_time(row["sent"]),
                assistant_id=row["assistant"] or "",
            )
            for row in self.database.rows(sql)
        ]

    def rename(self, draft_id: str, title: str) -> None:
        """Give a draft a title of its own; an empty one is its assistant's name again."""
        self._row(draft_id)
        with self.database.transaction():
            self.database.run("UPDATE drafts SET title = ? WHERE id = ?", title, draft_id)

    def short_id(self, draft_id: str) -> str:
        """Return the beginning of a draft's id, four characters or more, that no other has."""
        others = {row["id"] for row in self.database.rows("SELECT id FROM drafts")} - {draft_id}
        for end in range(_SHORT_ID, len(draft_id)):
            if not any(other.startswith(draft_id[:end]) for other in others):
                return draft_id[:end]
        return draft_id

    def load(self, draft_id: str) -> Draft:
        """Read a draft with its history; raises NoSuch, and Damaged for a wrong checksum.

        An edit with a wrong checksum is left out, with all edits that are reached through it.
        """
        row = self._row(draft_id)
        if _checksum("drafts", row) != row["checksum"]:
            raise Damaged(
                f"the draft {draft_id} is damaged: its answers are not as they were saved"
            )
        from wizard.draft.draft import Draft, Source  # noqa: PLC0415 - not needed to list drafts

        return Draft(
            answers=_from_json(row["answers"]),
            sources={tuple(path): Source(name) for path, name in _from_json(row["sources"])},
            seen={Step(step) for step in _from_json(row["seen"])},
            checked={Step(step) for step in _from_json(row["checked"])},
            history=self._history(draft_id, row["done"]),
            id=row["id"],
            step=Step(row["step"]),
            focus=tuple(_from_json(row["focus"])),
            origin=self._origin(draft_id),
        )

    def _origin(self, draft_id: str) -> Origin | None:
        sql = "SELECT target, record FROM origins WHERE draft = ?"
        rows = self.database.rows(sql, draft_id)
        if not rows:
            return None
        from wizard.api.records import Record  # noqa: PLC0415 - few drafts need it
        from wizard.draft.origin import Origin  # noqa: PLC0415

        try:
            return Origin(rows[0]["target"], Record.of(rows[0]["record"]))
        except ValueError:
            message = f"the draft {draft_id} is damaged: the assistant that it changes is not"
            raise Damaged(f"{message} as it was saved") from None

    def _history(self, draft_id: str, done: int) -> History:
        from wizard.draft.history import History  # noqa: PLC0415 - see `load`

        sql = "SELECT draft, n, edit, checksum FROM edits WHERE draft = ?"
        rows = self.database.rows(sql, draft_id)
        sound = {row["n"]: row for row in rows if _checksum("edits", row) == row["checksum"]}
        first = last = done
        while first - 1 in sound:
            first -= 1
        while last in sound:
            last += 1
        edits = [_edit(_from_json(sound[n]["edit"])) for n in range(first, last)]
        kept = len(edits) if first == 0 and last == len(rows) else 0
        return History(edits, done - first, kept)

    def _count_edits(self, draft_id: str, end: int) -> int:
        sql = "SELECT count(*) FROM edits WHERE draft = ? AND n < ?"
        return int(self.database.rows(sql, draft_id, end)[0][0])

    def delete(self, draft_id: str) -> None:
        """Delete a draft; it can be restored for 30 days."""
        self._row(draft_id)
        with self.database.transaction():
            sql = "UPDATE drafts SET deleted = ? WHERE id = ?"
            self.database.run(sql, time_text(self.clock()), draft_id)

    def restore(self, draft_id: str) -> None:
        """Restore a deleted draft."""
        self._row(draft_id)
        with self.database.transaction():
            self.database.run("UPDATE drafts SET deleted = NULL WHERE id = ?", draft_id)

    def purge(self) -> None:
        """Remove the drafts that were deleted over 30 days ago."""
        oldest = time_text(self.clock() - timedelta(days=KEPT_DAYS))
        if self.database.rows("SELECT 1 FROM drafts WHERE deleted < ? LIMIT 1", oldest):
            with self.database.transaction():
                self.database.run("DELETE FROM drafts WHERE deleted < ?", oldest)
                for table in ("edits", "origins", "calls"):
                    self.database.run(_DELETE_ORPHANS.format(table))

    # --- rehearsed calls

    def keep_call(self, draft_id: str, record: str) -> None:
        """Store the last rehearsed call of a draft."""
        with self.database.transaction():
            self.database.run("INSERT OR REPLACE INTO calls VALUES (?, ?)", draft_id, record)

    def kept_call(self, draft_id: str) -> str | None:
        """Return the last rehearsed call of a draft, None if there was none."""
        rows = self.database.rows("SELECT record FROM calls WHERE draft = ?", draft_id)
        return str(rows[0]["record"]) if rows else None

    # --- the sandbox's assistants

    def put_sandbox_assistant(self, assistant: dict[str, Any], body: bytes) -> None:
        """Store an assistant that the sandbox created."""
        with self.database.transaction():
            sql = "INSERT INTO shelf (assistant, body) VALUES (?, ?)"
            self.database.run(sql, json.dumps(assistant), body)

    def replace_sandbox_assistant(
        self,
        is_it: Callable[[dict[str, Any]], bool],
        assistant: dict[str, Any],
        body: bytes,
    ) -> bool:
        """Replace the newest of the sandbox's assistants that `is_it` accepts, if there is one."""
        with self.database.transaction():
            rows = self.database.rows("SELECT n, assistant FROM shelf ORDER BY n DESC")
            found = next((row["n"] for row in rows if is_it(json.loads(row["assistant"]))), None)
            sql = "UPDATE shelf SET assistant = ?, body = ? WHERE n = ?"
            self.database.run(sql, json.dumps(assistant), body, found)
        return found is not None

    def sandbox_assistants(self) -> list[dict[str, Any]]:
        """Return the sandbox's assistants, the newest first."""
        rows = self.database.rows("SELECT assistant FROM shelf ORDER BY n DESC")
        return [json.loads(row["assistant"]) for row in rows]

    def clear_sandbox_assistants(self) -> None:
        """Delete the sandbox's assistants."""
        with self.database.transaction():
            self.database.run("DELETE FROM shelf")

    # --- settings

    def setting(self, name: str) -> str | None:
        """Return a setting, None if it was never set."""
        rows = self.database.rows("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Store a setting."""
        with self.database.transaction():
            self.database.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def _row(self, draft_id: str) -> sqlite3.Row:
        rows = self.database.rows("SELECT * FROM drafts WHERE id = ?", draft_id)
        if not rows:
            raise NoSuch(f"there is no draft {draft_id!r}: see `qcall-wizard drafts`")
        return rows[0]


# Saving restores a draft that another process has deleted.
_SAVE = """
    INSERT INTO drafts (id, name, step, focus, answers, sources, seen, checked, done, created,
        updated, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, step = excluded.step,
        focus = excluded.focus, answers = excluded.answers, sources = excluded.sources,
        seen = excluded.seen, checked = excluded.checked, done = excluded.done,
        updated = excluded.updated, checksum = excluded.checksum, deleted = NULL
"""
_ADD = "INSERT INTO edits (draft, n, edit, checksum) VALUES (?, ?, ?, ?)"
_DELETE_ORPHANS = "DELETE FROM {} WHERE draft NOT IN (SELECT id FROM drafts)"
_SAVE_ORIGIN = """
    INSERT INTO origins (draft, target, assistant, record) VALUES (?, ?, ?, ?)
    ON CONFLICT (draft) DO UPDATE SET target = excluded.target, assistant = excluded.assistant,
        record = excluded.record
    WHERE record <> excluded.record
"""


class Opened(NamedTuple):
    """An open store, and the messages about it.

    `trouble` is the reason why nothing can be saved, `rescue` the replacement of a damaged file.
    """

    store: Store
    trouble: str = ""
    rescue: Rescue | None = None


def open_store(home: FilePath) -> Opened:
    """Open the store in a folder, or a store in memory if that fails.

    Raises NewerFile, since the file of a newer program must not be changed.
    """
    try:
        return _opened(home)
    except NewerFile:
        raise
    except StoreTrouble as trouble:
        return Opened(Store(Database.read_into_memory(home)), trouble=str(trouble))


def _opened(home: FilePath) -> Opened:
    try:
        return Opened(Store(Database.open(home)))
    except Damaged:
        rescued = rescue(home)
        return Opened(Store(Database.open(home)), rescue=rescued)


def time_text(when: datetime) -> str:
    """Format a time so that text order is time order."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def parse_time(text: str) -> datetime:
    """Parse a time. An unreadable one, from a damaged disk, becomes the epoch."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _step(text: str) -> Step:
    """Read a step; a damaged one is the first."""
    return Step(text) if text in list(Step) else Step.TYPE


def _line(row: Any) -> DraftLine:
    deleted = row["deleted"]
    return DraftLine(
        id=row["id"],
        name=row["title"] or row["name"],
        step=_step(row["step"]),
        created=parse_time(row["created"]),
        updated=parse_time(row["updated"]),
        deleted=parse_time(deleted) if deleted else None,
        title=row["title"],
        is_update=bool(row["is_update"]),
    )


def _to_json(value: Any) -> bytes:
    """Return a value as JSON bytes, which may contain lone surrogates."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _from_json(data: bytes) -> Any:
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _edit_rows(state: Snapshot, start: int) -> Iterator[tuple[str, int, bytes, int]]:
    for n, edit in enumerate(state.edits[start:], start):
        data = _to_json([change.as_json() for change in edit.changes])
        yield (state.id, n, data, _checksum("edits", {"draft": state.id, "n": n, "edit": data}))


def _edit(rows: Sequence[list[Any]]) -> Edit:
    from wizard.draft.history import Change, Edit  # noqa: PLC0415 - see `Store.load`

    return Edit(tuple(Change.from_json(row) for row in rows))

"""What is kept on this machine: drafts with their history, receipts, the sandbox's assistants."""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path as FilePath
from typing import Any

from wizard.ask import Step
from wizard.database import Database, Rescue, rescue
from wizard.draft import Draft, Source
from wizard.errors import Damaged, NewerFile, NoSuch, StoreTrouble
from wizard.history import Change, Edit, History
from wizard.paths import Path

# How long a deleted draft can be restored.
KEPT_DAYS = 30


def now() -> datetime:
    """The time of now, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A draft at one moment, to be saved by another thread; nothing in it is changed later.

    `start` is the first edit that differs from what was saved before.
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


def snapshot(draft: Draft, start: int) -> Snapshot:
    """Take a draft as it is; its answers are never changed in place, so no copy is needed."""
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
    )


def name_of(draft: Draft) -> str:
    """What a draft is called in lists: its assistant's name, if it has one."""
    name = draft.answers.get("name")
    return " ".join(name.split()) if isinstance(name, str) and name.strip() else "unnamed"


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list. `deleted` is when it was deleted, `None` where it was not."""

    id: str
    name: str
    step: Step
    created: datetime
    updated: datetime
    deleted: datetime | None


class Store:
    """Drafts and receipts in one file; every method may raise StoreTrouble."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self.clock = clock

    # --- drafts

    def save(self, taken: Snapshot) -> None:
        """Write a draft; when this returns it is on the disk."""
        answers = json.dumps(taken.answers)
        sources = json.dumps([[list(path), source] for path, source in taken.sources.items()])
        moment = self._stamp()
        row = (
            taken.id, taken.name, taken.step, json.dumps(taken.focus), answers, sources,
            json.dumps(taken.seen), json.dumps(taken.checked), taken.done, moment, moment,
            zlib.crc32(answers.encode()),
        )  # fmt: skip
        with self.database.transaction():
            self.database.run(_SAVE, *row)
            self.database.run("DELETE FROM edits WHERE draft = ? AND n >= ?", taken.id, taken.start)
            self.database.run_many(
                "INSERT INTO edits VALUES (?, ?, ?)",
                (
                    (taken.id, n, json.dumps(_edit_json(edit)))
                    for n, edit in enumerate(taken.edits[taken.start :], taken.start)
                ),
            )

    def drafts(self, *, deleted: bool = False) -> list[DraftLine]:
        """List the drafts, the one that was changed last first."""
        which = "NOT NULL" if deleted else "NULL"
        columns = "id, name, step, created, updated, deleted"
        sql = f"SELECT {columns} FROM drafts WHERE deleted IS {which} ORDER BY updated DESC"  # noqa: S608
        return [_line(row) for row in self.database.rows(sql)]

    def load(self, draft_id: str) -> Draft:
        """Read a draft with its whole history; NoSuch where there is none of that id."""
        row = self._one("drafts", "draft", draft_id)
        if zlib.crc32(row["answers"].encode()) != row["checksum"]:
            raise Damaged(
                f"the draft {draft_id} is damaged: its answers are not as they were saved"
            )
        edits = self.database.rows("SELECT edit FROM edits WHERE draft = ? ORDER BY n", draft_id)
        history = History([_edit(json.loads(edit["edit"])) for edit in edits])
        history.done, history.kept = min(row["done"], len(history.edits)), len(history.edits)
        return Draft(
            answers=json.loads(row["answers"]),
            sources={tuple(path): Source(name) for path, name in json.loads(row["sources"])},
            seen={Step(step) for step in json.loads(row["seen"])},
            checked={Step(step) for step in json.loads(row["checked"])},
            history=history,
            id=row["id"],
            step=Step(row["step"]),
            focus=tuple(json.loads(row["focus"])),
        )

    def delete(self, draft_id: str) -> None:
        """Delete a draft; it can be restored for 30 days."""
        self._one("drafts", "draft", draft_id)
        with self.database.transaction():
            sql = "UPDATE drafts SET deleted = ? WHERE id = ?"
            self.database.run(sql, self._stamp(), draft_id)

    def restore(self, draft_id: str) -> None:
        """Bring a deleted draft back."""
        self._one("drafts", "draft", draft_id)
        with self.database.transaction():
            self.database.run("UPDATE drafts SET deleted = NULL WHERE id = ?", draft_id)

    def purge(self) -> None:
        """Forget the drafts that were deleted over 30 days ago."""
        oldest = (self.clock() - timedelta(days=KEPT_DAYS)).isoformat()
        gone = self.database.rows("SELECT id FROM drafts WHERE deleted < ?", oldest)
        if gone:
            with self.database.transaction():
                for row in gone:
                    self.database.run("DELETE FROM edits WHERE draft = ?", row["id"])
                    self.database.run("DELETE FROM drafts WHERE id = ?", row["id"])

    # --- the sandbox's assistants

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant that the sandbox created."""
        with self.database.transaction():
            sql = "INSERT INTO shelf (assistant, body) VALUES (?, ?)"
            self.database.run(sql, json.dumps(assistant), body)

    def all(self) -> list[dict[str, Any]]:
        """The sandbox's assistants, the newest first."""
        rows = self.database.rows("SELECT assistant FROM shelf ORDER BY n DESC")
        return [json.loads(row["assistant"]) for row in rows]

    def clear(self) -> None:
        """Forget the sandbox's assistants."""
        with self.database.transaction():
            self.database.run("DELETE FROM shelf")

    # --- settings

    def setting(self, name: str) -> str | None:
        """What was remembered under a name."""
        rows = self.database.rows("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Remember a setting."""
        with self.database.transaction():
            self.database.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def _stamp(self) -> str:
        return self.clock().isoformat()

    def _one(self, table: str, what: str, wanted: str) -> Any:
        rows = self.database.rows(f"SELECT * FROM {table} WHERE id = ?", wanted)  # noqa: S608
        if not rows:
            raise NoSuch(f"there is no {what} {wanted!r}: see `qcall-wizard {table}`")
        return rows[0]


_SAVE = """
    INSERT INTO drafts (id, name, step, focus, answers, sources, seen, checked, done, created,
        updated, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, step = excluded.step,
        focus = excluded.focus, answers = excluded.answers, sources = excluded.sources,
        seen = excluded.seen, checked = excluded.checked, done = excluded.done,
        updated = excluded.updated, checksum = excluded.checksum
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A store that can be used, and what has to be told about it.

    `trouble` is why nothing is kept on disk, `rescue` what became of a damaged file.
    """

    store: Store
    trouble: str = ""
    rescue: Rescue | None = None


def open_store(home: FilePath) -> Opened:
    """Open the store in a folder; one in memory stands in where that fails.

    Raises NewerFile: what a newer program wrote is left alone.
    """
    try:
        return Opened(Store(Database.open(home)))
    except NewerFile:
        raise
    except Damaged:
        saved = rescue(home)
        return Opened(Store(Database.open(home)), rescue=saved)
    except StoreTrouble as trouble:
        return Opened(Store(Database.in_memory()), trouble=str(trouble))


def _line(row: Any) -> DraftLine:
    deleted = row["deleted"]
    return DraftLine(
        id=row["id"],
        name=row["name"],
        step=Step(row["step"]),
        created=datetime.fromisoformat(row["created"]),
        updated=datetime.fromisoformat(row["updated"]),
        deleted=datetime.fromisoformat(deleted) if deleted else None,
    )


def _edit_json(edit: Edit) -> list[Any]:
    return [change.as_json() for change in edit.changes]


def _edit(rows: Sequence[list[Any]]) -> Edit:
    return Edit(tuple(Change.from_json(row) for row in rows))

"""What is kept on this machine: drafts with their history, receipts, the sandbox's assistants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NamedTuple

from wizard.contract.steps import Step
from wizard.errors import Damaged, NewerFile, NoSuch, StoreTrouble
from wizard.storage.database import Database, Rescue, checksum, rescue

if TYPE_CHECKING:
    from wizard.draft.draft import Draft, Source
    from wizard.draft.history import Edit, History
    from wizard.formats.paths import Path

# How long a deleted draft can be restored.
KEPT_DAYS = 30
# The receipts of attempts of which no outcome was written, and nobody has passed over.
UNANSWERED = "kind IS NULL AND settled IS NULL"


def now() -> datetime:
    """The time of now, with its zone."""
    return datetime.now(UTC)


class Snapshot(NamedTuple):
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
    if not isinstance(name, str) or not name.strip():
        return "unnamed"
    # Half of a surrogate pair is kept as an answer, and can be shown nowhere.
    return " ".join(name.split()).encode("utf-8", "replace").decode()


def draft_of(taken: Snapshot) -> Draft:
    """The draft that a snapshot was taken of."""
    from wizard.draft.draft import Draft  # noqa: PLC0415 - a list of drafts does without
    from wizard.draft.history import History  # noqa: PLC0415

    return Draft(
        answers=taken.answers,
        sources=taken.sources,
        seen=set(taken.seen),
        checked=set(taken.checked),
        history=History(list(taken.edits), taken.done, taken.start),
        id=taken.id,
        step=taken.step,
        focus=taken.focus,
    )


class DraftLine(NamedTuple):
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

    def has_unanswered(self) -> bool:
        """Whether a receipt has no outcome: what it holds is read by `wizard.api.receipt_store`."""
        return bool(self.database.rows(f"SELECT 1 FROM receipts WHERE {UNANSWERED} LIMIT 1"))  # noqa: S608

    # --- drafts

    def save(self, taken: Snapshot) -> None:
        """Write a draft; when this returns it is on the disk."""
        moment = self._stamp()
        row: dict[str, Any] = {
            "id": taken.id,
            "name": taken.name,
            "step": taken.step.value,
            "focus": _packed(taken.focus),
            "answers": _packed(taken.answers),
            "sources": _packed([[path, source] for path, source in taken.sources.items()]),
            "seen": _packed(taken.seen),
            "checked": _packed(taken.checked),
            "done": taken.done,
            "created": moment,
            "updated": moment,
        }
        with self.database.transaction():
            self.database.run(_SAVE, *row.values(), checksum("drafts", row))
            start = taken.start
            if self._count_edits(taken.id, start) != start:
                start = 0  # what should have been written before is not in this file
            self.database.run("DELETE FROM edits WHERE draft = ? AND n >= ?", taken.id, start)
            self.database.run_many(_ADD, _edit_rows(taken, start))

    def drafts(self, most: int | None = None, *, deleted: bool = False) -> list[DraftLine]:
        """List the drafts, the one that was changed last first; `most` is how many at most."""
        which = "NOT NULL" if deleted else "NULL"
        columns = "id, name, step, created, updated, deleted"
        order = "updated DESC, rowid DESC"
        sql = f"SELECT {columns} FROM drafts WHERE deleted IS {which} ORDER BY {order} LIMIT ?"  # noqa: S608
        # To SQLite a limit below 0 is none.
        return [_line(row) for row in self.database.rows(sql, -1 if most is None else most)]

    def load(self, draft_id: str) -> Draft:
        """Read a draft with its whole history; NoSuch where there is none of that id.

        Damaged where it is not as it was saved. Edits that are not are left out, with all that
        cannot be undone or redone without them.
        """
        row = self._one("drafts", "draft", draft_id)
        if checksum("drafts", row) != row["checksum"]:
            raise Damaged(
                f"the draft {draft_id} is damaged: its answers are not as they were saved"
            )
        from wizard.draft.draft import Draft, Source  # noqa: PLC0415 - a list of drafts does without

        return Draft(
            answers=_unpacked(row["answers"]),
            sources={tuple(path): Source(name) for path, name in _unpacked(row["sources"])},
            seen={Step(step) for step in _unpacked(row["seen"])},
            checked={Step(step) for step in _unpacked(row["checked"])},
            history=self._history(draft_id, row["done"]),
            id=row["id"],
            step=Step(row["step"]),
            focus=tuple(_unpacked(row["focus"])),
        )

    def _history(self, draft_id: str, done: int) -> History:
        from wizard.draft.history import History  # noqa: PLC0415 - see `load`

        sql = "SELECT draft, n, edit, checksum FROM edits WHERE draft = ?"
        rows = self.database.rows(sql, draft_id)
        whole = {row["n"]: row for row in rows if checksum("edits", row) == row["checksum"]}
        first = last = done
        while first - 1 in whole:
            first -= 1
        while last in whole:
            last += 1
        edits = [_edit(_unpacked(whole[n]["edit"])) for n in range(first, last)]
        kept = len(edits) if first == 0 and last == len(rows) else 0
        return History(edits, done - first, kept)

    def _count_edits(self, draft_id: str, end: int) -> int:
        sql = "SELECT count(*) FROM edits WHERE draft = ? AND n < ?"
        return int(self.database.rows(sql, draft_id, end)[0][0])

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
        oldest = _written(self.clock() - timedelta(days=KEPT_DAYS))
        if self.database.rows("SELECT 1 FROM drafts WHERE deleted < ? LIMIT 1", oldest):
            with self.database.transaction():
                self.database.run("DELETE FROM drafts WHERE deleted < ?", oldest)
                self.database.run(_FORGET_EDITS)

    def reopen(self, home: FilePath) -> Rescue | None:
        """Open the file anew, a damaged one after it was rescued; StoreTrouble where that fails."""
        return self.database.reopen(home, _mend)

    # --- the sandbox's assistants

    def put(self, assistant: dict[str, Any], body: bytes) -> None:
        """Keep an assistant that the sandbox created."""
        import json  # noqa: PLC0415 - see `load`

        with self.database.transaction():
            sql = "INSERT INTO shelf (assistant, body) VALUES (?, ?)"
            self.database.run(sql, json.dumps(assistant), body)

    def all(self) -> list[dict[str, Any]]:
        """The sandbox's assistants, the newest first."""
        rows = self.database.rows("SELECT assistant FROM shelf ORDER BY n DESC")
        return [_unpacked(row["assistant"].encode()) for row in rows]

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
        return _written(self.clock())

    def _one(self, table: str, what: str, wanted: str) -> Any:
        rows = self.database.rows(f"SELECT * FROM {table} WHERE id = ?", wanted)  # noqa: S608
        if not rows:
            raise NoSuch(f"there is no {what} {wanted!r}: see `qcall-wizard {table}`")
        return rows[0]


# A draft that is worked on is not a deleted one, whatever another process did to it.
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
_FORGET_EDITS = "DELETE FROM edits WHERE draft NOT IN (SELECT id FROM drafts)"


class Opened(NamedTuple):
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
        return _opened(home)
    except NewerFile:
        raise
    except StoreTrouble as trouble:
        return Opened(Store(Database.stand_in(home)), trouble=str(trouble))


def _opened(home: FilePath) -> Opened:
    try:
        return Opened(Store(Database.open(home)))
    except Damaged:
        saved = rescue(home, _mend)
        return Opened(Store(Database.open(home)), rescue=saved)


def _mend(database: Database) -> None:
    """Put in order what was read from a damaged file: no edit without its draft or out of place."""
    with database.transaction():
        database.run(_FORGET_EDITS)
    for row in database.rows("SELECT id, updated, deleted FROM drafts"):
        store = Store(database, partial(_moment, row["updated"]))
        draft = store.load(row["id"])
        if _forget_what_does_not_fit(draft) or not draft.history.kept:
            store.save(snapshot(draft, 0))
            with database.transaction():
                sql = "UPDATE drafts SET deleted = ? WHERE id = ?"
                database.run(sql, row["deleted"], draft.id)


def _forget_what_does_not_fit(draft: Draft) -> bool:
    """Leave out edits that are not of these answers: the two may have been read at two states."""
    history = draft.history
    first = _walk(draft.answers, reversed(history.edits[: history.done]), forth=False)
    last = _walk(draft.answers, history.edits[history.done :], forth=True)
    fitting = history.edits[history.done - first : history.done + last]
    if len(fitting) == len(history.edits):
        return False
    history.edits, history.done = fitting, first
    return True


def _walk(answers: Any, edits: Iterable[Edit], *, forth: bool) -> int:
    """Make edits, or take them back, as long as they fit; how many did."""
    from wizard.draft.draft import TEMPLATE_PLACE  # noqa: PLC0415
    from wizard.formats import paths  # noqa: PLC0415 - a list of drafts does without

    count = 0
    for edit in edits:
        for made in edit.changes if forth else reversed(edit.changes):
            if made.path == TEMPLATE_PLACE:
                continue  # it stands beside the answers
            value = paths.get(answers, made.path)
            if not _fits(made.before if forth else made.after, value, made.at):
                return count
            other = made.redone(value) if forth else made.undone(value)
            gone = not forth and other is paths.MISSING
            answers = paths.put(answers, made.path[: made.depth] if gone else made.path, other)
        count += 1
    return count


def _fits(expected: Any, value: Any, at: int | None) -> bool:
    if at is None:
        return bool(value == expected)
    return isinstance(value, str) and value[at : at + len(expected)] == expected


def _written(moment: datetime) -> str:
    """A moment such that those of a later one sort behind it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    """Read a moment; one that a damaged disk made unreadable is a very old one."""
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
        name=row["name"],
        step=_step(row["step"]),
        created=_moment(row["created"]),
        updated=_moment(row["updated"]),
        deleted=_moment(deleted) if deleted else None,
    )


def _packed(value: Any) -> bytes:
    """JSON that gives back every text as it was; halves of surrogate pairs stay halves."""
    import json  # noqa: PLC0415 - a list of drafts does without

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _unpacked(packed: bytes) -> Any:
    import json  # noqa: PLC0415 - see above

    return json.loads(packed.decode("utf-8", "surrogatepass"))


def _edit_rows(taken: Snapshot, start: int) -> Iterator[tuple[str, int, bytes, int]]:
    for n, edit in enumerate(taken.edits[start:], start):
        packed = _packed([change.as_json() for change in edit.changes])
        yield (taken.id, n, packed, checksum("edits", {"draft": taken.id, "n": n, "edit": packed}))


def _edit(rows: Sequence[list[Any]]) -> Edit:
    from wizard.draft.history import Change, Edit  # noqa: PLC0415 - see `Store.load`

    return Edit(tuple(Change.from_json(row) for row in rows))
